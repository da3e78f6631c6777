"""Figure: resistances and voltages of switching over the cycles of a run."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tusk.postprocess.run import Run
from tusk.postprocess.style import BLACK, BLUE, VERMILION, figure_style, new_figure, panel_letters
from tusk.postprocess.tables import read_table
from tusk.solver.errors import InputError

CYCLES_NAME = "cycles.csv"


def has_cycles(run: Run) -> bool:
    """Return whether the drive of a run went in cycles."""
    return (run.path / CYCLES_NAME).is_file()


def cycles(run: Run) -> Figure:
    """Draw both resistances, and the voltages of SET and RESET, against the number of the cycle.

    Raises
    ------
    InputError
        If no cycle is done, or the table is damaged.
    """
    names = ("cycle", "lrs_ohm", "hrs_ohm", "set_voltage_V", "reset_voltage_V", "current_max_A")
    table = read_table(run.path / CYCLES_NAME, names)
    if table.empty:
        raise InputError(f"{run.path / CYCLES_NAME}: at least one cycle is wanted, got none")
    with figure_style():
        figure = new_figure(height=100.0)
        axes = figure.subplots(2, 1, sharex=True)
        _resistances(axes[0], table)
        _voltages(axes[1], table)
        axes[1].set_xlabel("cycle")
        panel_letters(axes)
    return figure


def _resistances(axes: Axes, table: pd.DataFrame) -> None:
    """Draw what was read, or without reads the largest current of SET polarity."""
    read = table[["lrs_ohm", "hrs_ohm"]].notna().any(axis=None)
    if read:
        _points(axes, table, "hrs_ohm", "HRS", VERMILION)
        _points(axes, table, "lrs_ohm", "LRS", BLUE)
        axes.set_ylabel("read resistance (Ω)")
    else:
        _points(axes, table, "current_max_A", "largest current", BLACK)
        axes.set_ylabel("current (A)")
    axes.set_yscale("log")
    axes.legend()


def _voltages(axes: Axes, table: pd.DataFrame) -> None:
    _points(axes, table, "set_voltage_V", "SET", BLUE)
    _points(axes, table, "reset_voltage_V", "RESET", VERMILION)
    axes.axhline(0.0, color=BLACK, linewidth=0.5)
    axes.set_ylabel("voltage (V)")
    if axes.lines[:-1]:
        axes.legend()


def _points(axes: Axes, table: pd.DataFrame, name: str, label: str, colour: str) -> None:
    values = table[name].to_numpy(dtype=float)
    there = np.isfinite(values)
    if there.any():
        number = table["cycle"].to_numpy(dtype=float)[there]
        axes.plot(number, values[there], ".", color=colour, label=label, markersize=3)
