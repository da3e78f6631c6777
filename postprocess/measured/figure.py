"""The figure of a measurement: curves, and where cycles switch."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from tusk.postprocess.measured.reader import Measured
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    COLUMN_WIDTH,
    RESOLVED_CURRENT,
    VERMILION,
    figure_style,
    new_figure,
)

MARKS = {
    "v_set_V": ("SET", VERMILION),
    "v_reset_V": ("RESET", BLUE),
    "v_hold_V": ("hold", BLACK),
}
"""Columns of switching voltages with their names and colours."""

MOST_CURVES = 200
"""Cycles drawn; of more, some evenly chosen ones."""


def measured_figure(measured: Measured, table: pd.DataFrame) -> Figure:
    """Return |I| over V of all cycles beside the distributions of switching voltages.

    Parameters
    ----------
    measured
        What was read.
    table
        Its cycles, see `cycle_table`.
    """
    with figure_style():
        figure = new_figure(height=62.0, width=2.0 * COLUMN_WIDTH)
        curves, switching = figure.subplots(1, 2, width_ratios=(2, 1))
        for v, i in _each(measured):
            seen = np.abs(i) > RESOLVED_CURRENT
            level = np.where(seen, np.abs(i), np.nan)
            curves.semilogy(v, level, linewidth=0.6, alpha=0.5, color=BLUE)
        curves.set_xlabel("voltage (V)")
        curves.set_ylabel("|current| (A)")
        for column, (label, colour) in MARKS.items():
            found = np.sort(table[column].dropna().to_numpy(dtype=float))
            share = (np.arange(len(found)) + 0.5) / max(len(found), 1)
            if len(found):
                text = f"{label} ({len(found)})"
                switching.plot(found, share, ".", label=text, color=colour, markersize=3.0)
        if switching.has_data():
            switching.legend(loc="best")
        switching.set_xlabel("switching voltage (V)")
        switching.set_ylabel("share of loops")
        switching.set_ylim(0.0, 1.0)
    return figure


def _each(measured: Measured) -> list[tuple[np.ndarray, np.ndarray]]:
    counted = measured.cycle
    if counted is None:
        return [(measured.voltage, measured.current)]
    groups = np.unique(counted[np.isfinite(counted)])
    groups = groups[:: max(1, -(-len(groups) // MOST_CURVES))]
    return [(measured.voltage[counted == g], measured.current[counted == g]) for g in groups]
