"""Two runs side by side: what their configs and their marks differ in, and their curves."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.regimes import set_window
from tusk.postprocess.run import Run
from tusk.postprocess.segments import Array
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    RESOLVED_CURRENT,
    VERMILION,
    figure_style,
    largest_prefix,
    new_figure,
    panel_letter,
)

NANOMETRE = 1e9  # nm per m


def flat(config: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return a nested configuration as dotted keys and texts."""
    out: dict[str, str] = {}
    for key, value in config.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            out |= flat(value, f"{name}.")
        else:
            out[name] = str(value)
    return out


def config_differences(runs: Mapping[str, Run]) -> pd.DataFrame:
    """Return the config keys in which runs differ: one row per key, one column per run."""
    texts = {label: flat(run.config) for label, run in runs.items()}
    keys = sorted(set().union(*texts.values()))
    rows = {key: [text.get(key, "–") for text in texts.values()] for key in keys}
    different = {key: row for key, row in rows.items() if len(set(row)) > 1}
    return pd.DataFrame.from_dict(different, orient="index", columns=list(texts))


def mark_table(runs: Mapping[str, Run]) -> pd.DataFrame:
    """Return the marks: one row per mark, one column per run, NaN where not reached."""
    columns = {label: pd.Series(run.marks, dtype=float) for label, run in runs.items()}
    return pd.DataFrame(columns)


def mark_differences(first: Run, second: Run) -> pd.DataFrame:
    """Return the marks of two runs and how far the second is from the first, in %."""
    table = mark_table({"A": first, "B": second})
    table["difference_percent"] = 100.0 * (table["B"] / table["A"] - 1.0)
    return table


def curve_distance(first: Run, second: Run) -> float:
    """Return the mean distance of ln |I| of two runs at equal times above the resolved current."""
    times = np.union1d(first.column("time_s"), second.column("time_s"))
    times = times[times <= min(first.column("time_s")[-1], second.column("time_s")[-1])]
    levels = [
        np.log(np.maximum(np.abs(run.value_at("current_A", times)), RESOLVED_CURRENT))
        for run in (first, second)
    ]
    return float(np.trapezoid(np.abs(levels[0] - levels[1]), times) / max(np.ptp(times), 1e-300))


def comparison(
    labels: tuple[str, str], runs: tuple[Run, Run], measured: tuple[Array, Array] | None = None
) -> Figure:
    """Draw current, gap and temperature of two runs over each other.

    Parameters
    ----------
    labels
        Names of the runs.
    runs
        The runs.
    measured
        Voltage (V) and current (A) of a measurement, drawn with the currents.
    """
    with figure_style():
        figure = new_figure(height=140.0)
        currents, gaps, heat = figure.subplots(3, 1)
        currents.set_yscale("log")
        gaps.set_yscale("log")
        if measured is not None:
            voltage, current = measured
            currents.plot(voltage, np.abs(current), ".", color=BLACK, ms=2.5, label="measured")
        clock, second = largest_prefix(runs[0].column("time_s"), "s")
        for label, run, colour, style in zip(
            labels, runs, (BLUE, VERMILION), ("-", "--"), strict=True
        ):
            time = clock * run.column("time_s")
            line = {"color": colour, "linestyle": style}
            currents.plot(run.column("applied_voltage_V"), _resolved(run), label=label, **line)
            gaps.plot(time, NANOMETRE * run.column("gap_min_m"), **line)
            heat.plot(time, run.column("temperature_max_K"), **line)
        starts, stops = zip(*(set_window(run) for run in runs), strict=True)
        for panel in (gaps, heat):
            panel.set_xlim(clock * min(starts), clock * max(stops))
            panel.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
            panel.set_xlabel(f"time ({second})")
        currents.set_xlabel("applied voltage (V)")
        currents.set_ylabel("|current| (A)")
        gaps.set_ylabel("smallest gap (nm)")
        gaps.yaxis.set_major_formatter("{x:g}")
        heat.set_ylabel("max. temperature (K)")
        currents.legend(loc="lower left")
        for panel, letter in zip((currents, gaps, heat), "abc", strict=True):
            panel_letter(panel, letter)
    return figure


def _resolved(run: Run) -> Array:
    """Return |I|, A, NaN below the resolution of double precision."""
    magnitude = np.abs(run.column("current_A"))
    return np.asarray(np.where(magnitude > RESOLVED_CURRENT, magnitude, np.nan))


def labels_of(paths: list[Path]) -> list[str]:
    """Return short names of run directories that tell them apart."""
    names = [path.resolve().name for path in paths]
    if len(set(names)) == len(names):
        return names
    return [f"{path.resolve().parent.name}/{name}" for path, name in zip(paths, names, strict=True)]
