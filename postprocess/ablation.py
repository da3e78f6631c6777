"""What single effects do to a run: a table of headline quantities and a tornado of them."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.run import Run
from tusk.postprocess.style import BLACK, BLUE, GREY, VERMILION, figure_style, new_figure

QUANTITIES = {
    "lrs_ohm": "R_LRS (Ω)",
    "gamma_V": "V(Γ) (V)",
    "temperature_max_K": "T_max (K)",
}
"""Columns of the table that are drawn, and their axes."""

LOG_RANGE = 5.0
"""Factor from the value with all effects beyond which the axis is logarithmic."""


def headline(run: Run) -> dict[str, float | str]:
    """Return R_LRS, V(Γ), T_max and how the run ended; NaN where not reached."""
    gamma = run.marks.get("gamma_s")
    voltage = np.nan if gamma is None else float(run.value_at("applied_voltage_V", gamma))
    values = {"gamma_V": voltage}
    for name in ("lrs_ohm", "temperature_max_K"):
        mark = run.marks.get(name)
        values[name] = np.nan if mark is None else mark
    largest = float(np.abs(run.column("current_A")).max())
    return {**values, "largest_current_A": largest, "end": run.reason}


def ablation_table(runs: Mapping[str, Run]) -> pd.DataFrame:
    """Return the headline quantities: one row per effect switched off, the first with all on."""
    return pd.DataFrame.from_dict({name: headline(run) for name, run in runs.items()}, "index")


def tornado(table: pd.DataFrame) -> Figure:
    """Draw for each quantity how far each effect, switched off, takes it; the largest on top.

    Parameters
    ----------
    table
        As `ablation_table` returns it.
    """
    effects = table.iloc[1:]
    with figure_style():
        figure = new_figure(height=22.0 + 3 * (9.0 + 4.2 * len(effects)))
        panels = figure.subplots(len(QUANTITIES), 1, squeeze=False)[:, 0]
        for axes, (column, name) in zip(panels, QUANTITIES.items(), strict=True):
            _bars(axes, table[column], effects)
            axes.set_xlabel(name)
    return figure


def _bars(axes: Axes, column: pd.Series, effects: pd.DataFrame) -> None:
    """Draw one quantity: bars from the value with all effects to that without one."""
    base = float(column.iloc[0])
    values = column.iloc[1:].astype(float)
    is_log = bool((values.dropna() > 0).all() and base > 0) and (
        values.max() > LOG_RANGE * base or values.min() < base / LOG_RANGE
    )
    ratio = np.log(values / base) if is_log else values - base
    order = pd.Series(np.abs(ratio), index=values.index).fillna(-1.0).sort_values().index
    if is_log:
        axes.set_xscale("log")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    for place, effect in enumerate(order):
        value = float(values[effect])
        if np.isnan(value):
            scale = axes.get_yaxis_transform()
            axes.text(
                0.5,
                place,
                "not reached",
                transform=scale,
                va="center",
                ha="center",
                color=GREY,
                fontsize=6.0,
            )
            continue
        colour = VERMILION if value > base else BLUE
        axes.barh(place, value - base, left=base, color=colour, height=0.65)
    axes.axvline(base, color=BLACK, linewidth=0.8)
    labels = [_label(effect, str(effects.loc[effect, "end"])) for effect in order]
    axes.set_yticks(range(len(order)), labels)
    axes.set_ylim(-0.6, len(order) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.margins(x=0.08)
    axes.set_title(f"all effects: {base:.4g}", fontsize=6.5, pad=2.0)


def _label(effect: str, end: str) -> str:
    """Name an effect that is off, and how the run ended if not with its drive."""
    early = "" if end in {"drive_done", ""} else f" ({end.replace('_', ' ')})"
    return f"no {effect}{early}"
