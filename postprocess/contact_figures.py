"""Figures of a mesoscopic run: curves of the contact, memory, hysteresis and heat."""

import numpy as np
from matplotlib.figure import Figure

from tusk.postprocess.run import Run
from tusk.postprocess.style import (
    BLUE,
    CURRENT_MAP,
    GREY,
    VERMILION,
    colour_map,
    figure_style,
    largest_prefix,
    new_figure,
    one_panel,
    panel_letters,
)
from tusk.postprocess.tables import read_table

FEWEST_VOLTAGES = 20
"""Voltages applied below which there is no sweep to draw against: pulses stand at two or three."""

_CURVE_COLUMNS = ("gap_over_radius", "voltage_V", "current_A", "landauer_current_A")


def contact_curves(run: Run) -> Figure:
    """Draw I(V) of the contact for several g/R: closed form and full Landauer integral."""
    table = read_table(run.path / "contact_curves.csv", _CURVE_COLUMNS)
    with figure_style():
        figure, axes = one_panel(70.0, "voltage (V)", "current (A)")
        families = table.groupby("gap_over_radius")
        shades = colour_map(CURRENT_MAP)(np.linspace(0.0, 1.0, len(families)))
        for (ratio, curve), shade in zip(families, shades, strict=True):
            label = f"g/R = {float(str(ratio)):g}"
            axes.loglog(curve["voltage_V"], curve["current_A"], color=shade, label=label)
            axes.loglog(
                curve["voltage_V"],
                curve["landauer_current_A"],
                linestyle=(0, (3, 2)),
                linewidth=0.7,
                color=shade,
            )
        axes.plot([], [], color=GREY, linestyle=(0, (3, 2)), linewidth=0.7, label="Landauer")
        axes.legend(loc="lower right")
    return figure


def contact_memory(run: Run) -> Figure:
    """Draw the transparency and the cell voltage against time, and the loop of the current."""
    factor, unit = largest_prefix(run.column("current_A"), "A")
    voltage = run.column("cell_voltage_V")
    with figure_style():
        figure = new_figure(height=120.0)
        states, loop = figure.subplots(2, 1)
        clock, second = largest_prefix(run.column("time_s"), "s")
        time = clock * run.column("time_s")
        states.plot(time, run.column("transparency"), color=BLUE)
        states.set_xlabel(f"time ({second})")
        states.set_ylabel("transparency", color=BLUE)
        twin = states.twinx()
        twin.plot(time, voltage, color=GREY, linewidth=0.8)
        twin.set_ylabel("cell voltage (V)", color=GREY)
        across, label = _across(run)
        loop.plot(across, factor * run.column("current_A"), color=BLUE)
        loop.set_xlabel(label)
        loop.set_ylabel(f"current ({unit})", color=BLUE)
        gaps = loop.twinx()
        gaps.plot(across, 1.0 - run.column("transparency"), color=VERMILION, linewidth=0.8)
        gaps.set_ylabel("normalized gap", color=VERMILION)
        panel_letters((states, loop))
    return figure


def contact_heat(run: Run) -> Figure:
    """Draw the difference of the two powers and the temperature of the gap.

    Against the voltage where it is swept, against time where pulses leave a few voltages only.
    """
    across, label = _across(run)
    difference = run.column("power_right_W") - run.column("power_left_W")
    factor, unit = largest_prefix(difference, "W")
    with figure_style():
        figure = new_figure(height=110.0)
        power, temperature = figure.subplots(2, 1)
        power.plot(across, factor * difference, color=BLUE)
        power.set_ylabel(f"right minus left power ({unit})")
        temperature.plot(across, run.column("temperature_K"), color=VERMILION)
        temperature.set_ylabel("temperature of the gap (K)")
        for panel in (power, temperature):
            panel.set_xlabel(label)
        panel_letters((power, temperature))
    return figure


def _across(run: Run) -> tuple[np.ndarray, str]:
    """Return what to draw against, and its label: the cell voltage of a sweep, else time."""
    applied = run.column("applied_voltage_V")
    steps = np.round(applied / (np.ptp(applied) or 1.0), 6)
    if len(np.unique(steps)) >= FEWEST_VOLTAGES:
        return run.column("cell_voltage_V"), "cell voltage (V)"
    clock, second = largest_prefix(run.column("time_s"), "s")
    return clock * run.column("time_s"), f"time ({second})"
