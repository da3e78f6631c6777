"""Times of the SET against the voltage: table and figure of ``tusk kinetics``."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tusk.postprocess.run import Run
from tusk.postprocess.style import BLACK, BLUE, GREY, VERMILION, figure_style, new_figure
from tusk.postprocess.tables import read_table

OVERPOTENTIALS_NAME = "overpotentials.csv"
LABELS = {"charge_transfer": BLUE, "mixed": GREY, "hopping": VERMILION, "": BLACK}


def kinetics_table(runs: Mapping[float, Run], current: float, rise: float) -> pd.DataFrame:
    """Return a row for each voltage, ascending.

    Parameters
    ----------
    runs
        Runs at constant voltages, by the voltage in V.
    current
        At which a cell is set, A.
    rise
        Time in which the voltage was put on, s.

    Returns
    -------
    pandas.DataFrame
        ``voltage_V``, ``set_time_s`` (NaN if not set), ``slope_mV_per_decade`` (between the
        neighbours that are set), ``limited_by`` (what did so for the longest time), ``end``.
    """
    rows = []
    for voltage, run in sorted(runs.items()):
        done = run.column("current_A")[-1] >= current
        time = float(run.column("time_s")[-1]) - rise if done else float("nan")
        rows.append((voltage, time, _limit(run), "set" if done else f"{run.status} ({run.reason})"))
    table = pd.DataFrame(rows, columns=["voltage_V", "set_time_s", "limited_by", "end"])
    table.insert(2, "slope_mV_per_decade", _slopes(table))
    return table


def _slopes(table: pd.DataFrame) -> np.ndarray:
    """Return -dV/d log10 t at each voltage, mV; NaN where too few are set."""
    slopes = np.full(len(table), np.nan)
    there = np.flatnonzero(table["set_time_s"].to_numpy(dtype=float) > 0.0)
    if len(there) > 1:
        voltage = table["voltage_V"].to_numpy(dtype=float)[there]
        decades = np.log10(table["set_time_s"].to_numpy(dtype=float)[there])
        slopes[there] = -1e3 / np.gradient(decades, voltage)
    return slopes


def _limit(run: Run) -> str:
    """Return what limited a run for the longest time."""
    table = read_table(run.path / OVERPOTENTIALS_NAME, ("time_s", "limited_by"))
    spent = np.diff(table["time_s"].to_numpy(dtype=float))
    labels = table["limited_by"].to_numpy()[1:]
    named = {label: float(spent[labels == label].sum()) for label in set(labels) if label}
    return max(named, key=lambda label: named[label]) if named else ""


def kinetics_figure(table: pd.DataFrame) -> Figure:
    """Draw the time of the SET against the voltage, coloured by what limits it."""
    with figure_style():
        figure = new_figure(height=80.0)
        axes = figure.subplots()
        axes.plot(table["voltage_V"], table["set_time_s"], color=GREY, linewidth=0.8)
        for label, colour in LABELS.items():
            part = table[(table["limited_by"] == label) & table["set_time_s"].notna()]
            if len(part):
                name = label.replace("_", " ") or "unknown"
                where = part["voltage_V"], part["set_time_s"]
                axes.plot(*where, "o", color=colour, label=name, markersize=4)
        axes.set_yscale("log")
        axes.set_xlabel("voltage (V)")
        axes.set_ylabel("time of the SET (s)")
        if axes.get_legend_handles_labels()[0]:
            axes.legend()
    return figure
