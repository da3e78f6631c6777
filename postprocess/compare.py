"""Two runs side by side: what their configs and their marks differ in, and their curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.regimes import set_window
from tusk.postprocess.resolved import resolved_curve
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
    panel_letters,
)


@dataclass(frozen=True, slots=True)
class Panel:
    """A quantity against time: its columns, one for each model that has it, label and unit."""

    columns: tuple[str, ...]
    label: str
    scale: float = 1.0

    def column_of(self, run: Run) -> str | None:
        """Return the column of a run that holds the quantity; None if it has none."""
        return next((name for name in self.columns if name in run.timeseries.columns), None)

    def tells(self, runs: tuple[Run, Run]) -> bool:
        """Whether both runs have the quantity, and it moves in one of them."""
        columns = [self.column_of(run) for run in runs]
        tables = zip(runs, columns, strict=True)
        return None not in columns and any(
            np.ptp(run.column(str(name))) > 0 for run, name in tables
        )


PANELS = (
    Panel(("gap_min_m", "gap_m"), "smallest gap (nm)", 1e9),
    Panel(("temperature_max_K", "temperature_K"), "max. temperature (K)"),
    Panel(("conductance_G0",), "conductance (G$_0$)"),
    Panel(("central_force_eV_per_A",), "force on the atom (eV/Å)"),
    Panel(("total_force_eV_per_A",), "total force (eV/Å)"),
)
"""What is compared beside the currents, where both runs have it."""


def flat(config: Mapping[str, object], prefix: str = "") -> dict[str, str]:
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
    """Return the config keys in which runs differ: one row per key, one column per run.

    What only one of several models has is no difference: their key ``model`` says enough.
    """
    texts = {label: flat(run.config) for label, run in runs.items()}
    keys = sorted(set().union(*texts.values()))
    owners = {key: {t["model"] for t in texts.values() if key in t} for key in keys}
    different = {}
    for key in keys:
        row = [text.get(key, "–") for text in texts.values()]
        peers = [v for v, t in zip(row, texts.values(), strict=True) if t["model"] in owners[key]]
        if len(set(peers)) > 1:
            different[key] = row
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
    """Draw the currents of two runs over each other, and what else both have.

    Parameters
    ----------
    labels
        Names of the runs.
    runs
        The runs, of any models.
    measured
        Voltage (V) and current (A) of a measurement, drawn with the currents.
    """
    common = [panel for panel in PANELS if panel.tells(runs)]
    with figure_style():
        figure = new_figure(height=50.0 + 45.0 * len(common))
        currents, *others = np.atleast_1d(figure.subplots(1 + len(common), 1)).tolist()
        currents.set_yscale("log")
        if measured is not None:
            voltage, current = measured
            currents.plot(voltage, np.abs(current), ".", color=BLACK, ms=2.5, label="measured")
        for label, run, line in zip(labels, runs, LINES, strict=True):
            curve = resolved_curve(run.column("applied_voltage_V"), run.column("current_A"))
            currents.plot(curve[0], np.abs(curve[1]), label=label, **line)
        currents.set_xlabel("applied voltage (V)")
        currents.set_ylabel("|current| (A)")
        currents.legend(loc="best")
        for axes, panel in zip(others, common, strict=True):
            _draw(axes, panel, runs)
        panel_letters((currents, *others))
    return figure


LINES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "linestyle": "-"},
    {"color": VERMILION, "linestyle": "--"},
)


def _draw(axes: Axes, panel: Panel, runs: tuple[Run, Run]) -> None:
    """Draw a quantity of both runs: filaments around the SET, a chain, without time, against V."""
    models = {str(run.summary.get("model", "filament_fem")) for run in runs}
    still = "atomic_chain" in models
    clock, unit = largest_prefix(runs[0].column("time_s"), "s")
    for run, line in zip(runs, LINES, strict=True):
        across = run.column("applied_voltage_V") if still else clock * run.column("time_s")
        axes.plot(across, panel.scale * run.column(str(panel.column_of(run))), **line)
    if models == {"filament_fem"}:
        starts, stops = zip(*(set_window(run) for run in runs), strict=True)
        axes.set_xlim(clock * min(starts), clock * max(stops))
        if "gap_min_m" in panel.columns:
            axes.set_yscale("log")
            axes.yaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.set_xlabel("applied voltage (V)" if still else f"time ({unit})")
    axes.set_ylabel(panel.label)


def labels_of(paths: list[Path]) -> list[str]:
    """Return short names of run directories that tell them apart."""
    names = [path.resolve().name for path in paths]
    if len(set(names)) == len(names):
        return names
    return [f"{path.resolve().parent.name}/{name}" for path, name in zip(paths, names, strict=True)]
