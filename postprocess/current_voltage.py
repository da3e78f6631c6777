"""Figure: current against voltage, on logarithmic and linear axes, and the SET in time."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.regimes import Stretch, regime_stretches, rising_rows, set_window
from tusk.postprocess.resolved import resolved_curve
from tusk.postprocess.run import Run
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    GREY,
    MARKS,
    REGIME_COLOURS,
    RESOLVED_CURRENT,
    VERMILION,
    figure_style,
    label_point,
    largest_prefix,
    new_figure,
    panel_letters,
)

MOST_POINTS = 60  # accepted steps that can be told apart across a panel

# Where the labels stand beside their points, in printer's points, per panel.
_OFFSETS = {"gamma_s": (-5.0, 4.0), "upsilon_s": (5.0, -6.0), "lambda_s": (-2.0, 7.0)}


def current_voltage(run: Run) -> Figure:
    """Draw I against V on both kinds of axes, and I against time where it rises.

    Parameters
    ----------
    run
        The run; marks and regimes are drawn where it has them.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels: log |I|, linear I, and the steep part of the SET enlarged.

    Raises
    ------
    InputError
        If the time series is empty or lacks a column.
    """
    current = run.column("current_A")
    rows = rising_rows(current)
    with figure_style():
        figure = new_figure(height=150.0)
        axes = figure.subplots(3, 1, gridspec_kw={"height_ratios": [1.25, 1.0, 1.0]})
        _log_panel(axes[0], run, regime_stretches(run, rows))
        _linear_panel(axes[1], run, regime_stretches(run, rows))
        _time_panel(axes[2], run)
        panel_letters(axes)
    return figure


def _log_panel(axes: Axes, run: Run, stretches: list[Stretch]) -> None:
    """Draw log |I| against the applied and the cell voltage; regimes as bands of current."""
    current = run.column("current_A")
    magnitude = np.abs(current)
    axes.set_yscale("log")
    for stretch in stretches:
        ends = np.sort(magnitude[[stretch.first, stretch.last]])
        low = max(float(ends[0]), RESOLVED_CURRENT)
        if ends[1] > low:
            axes.axhspan(low, float(ends[1]), color=REGIME_COLOURS[stretch.regime], zorder=0)
            _band_letter(axes, stretch.regime, low, float(ends[1]))
    for column, colour, label, width in (
        ("cell_voltage_V", GREY, "cell voltage", 0.8),
        ("applied_voltage_V", BLUE, "applied voltage", 1.2),
    ):
        _plot_signed(axes, run.column(column), current, colour, label, width)
    top = max(float(magnitude.max()) * 40.0, 100.0 * RESOLVED_CURRENT)
    axes.set_ylim(0.1 * RESOLVED_CURRENT, top)
    axes.axhline(RESOLVED_CURRENT, color=BLACK, linewidth=0.5, linestyle=(0, (1, 2)))
    axes.text(
        0.03,
        0.9 * RESOLVED_CURRENT,
        "below numerical resolution",
        transform=axes.get_yaxis_transform(),
        ha="left",
        va="top",
        fontsize=5.5,
        color=GREY,
    )
    axes.set_xlabel("voltage (V)")
    axes.set_ylabel("|current| (A)")
    _draw_marks(axes, run, magnitude)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best")


def _band_letter(axes: Axes, regime: str, low: float, high: float) -> None:
    """Write the letter of a regime into its band of currents, if it is high enough."""
    if high / low > 3.0:
        axes.text(
            0.97,
            np.sqrt(low * high),
            regime,
            transform=axes.get_yaxis_transform(),
            ha="right",
            va="center",
            fontweight="bold",
        )


def _plot_signed(
    axes: Axes, voltage: np.ndarray, current: np.ndarray, colour: str, label: str, width: float
) -> None:
    """Draw resolved |I|: a full line where I > 0, a dashed one where I < 0, points if few."""
    marker = "o" if len(current) <= 3 else ""
    voltage, current = resolved_curve(voltage, current)
    for sign, style, name in ((1.0, "-", label), (-1.0, "--", f"{label}, I < 0")):
        part = np.where(sign * current > 0.0, np.abs(current), np.nan)
        if np.isfinite(part).any():
            axes.plot(
                voltage,
                part,
                style,
                color=colour,
                label=name,
                linewidth=width,
                marker=marker,
                markersize=3.0,
            )


def _linear_panel(axes: Axes, run: Run, stretches: list[Stretch]) -> None:
    """Draw I against the applied voltage; regimes as spans of voltage."""
    voltage, current = run.column("applied_voltage_V"), run.column("current_A")
    factor, unit = largest_prefix(current, "A")
    for stretch in stretches:
        ends = np.sort(voltage[[stretch.first, stretch.last]])
        axes.axvspan(
            float(ends[0]),
            float(ends[1]),
            color=REGIME_COLOURS[stretch.regime],
            linewidth=0,
            zorder=0,
        )
    axes.plot(
        voltage,
        factor * current,
        color=BLUE,
        marker="o" if len(current) <= 3 else "",
        markersize=3.0,
    )
    axes.margins(y=0.18)
    axes.set_xlabel("applied voltage (V)")
    axes.set_ylabel(f"current ({unit})")
    _draw_marks(axes, run, factor * current)


def _draw_marks(axes: Axes, run: Run, height: np.ndarray) -> None:
    """Put the marks on a curve drawn against the applied voltage."""
    time, voltage = run.column("time_s"), run.column("applied_voltage_V")
    for name, letter in MARKS.items():
        when = run.marks.get(name)
        if when is not None:
            point = (float(np.interp(when, time, voltage)), float(np.interp(when, time, height)))
            axes.plot(*point, "o", color=VERMILION, markersize=3.2, zorder=5)
            label_point(axes, letter, point, _OFFSETS[name])


def _time_panel(axes: Axes, run: Run) -> None:
    """Draw I against time around the SET; regimes as spans of time."""
    time, current = run.column("time_s"), run.column("current_A")
    factor, unit = largest_prefix(current, "A")
    start, stop = set_window(run)
    clock, second = largest_prefix(time, "s")
    for stretch in regime_stretches(run, slice(0, None)):
        left, right = max(time[stretch.first], start), min(time[stretch.last], stop)
        if right > left:
            axes.axvspan(
                clock * left,
                clock * right,
                color=REGIME_COLOURS[stretch.regime],
                linewidth=0,
                zorder=0,
            )
            if right - left > 0.06 * (stop - start):
                axes.text(
                    0.5 * clock * (left + right),
                    0.93,
                    stretch.regime,
                    transform=axes.get_xaxis_transform(),
                    ha="center",
                    va="top",
                    fontweight="bold",
                )
    steps = int(((time >= start) & (time <= stop)).sum())
    points = "." if steps <= MOST_POINTS else ""
    axes.plot(clock * time, factor * current, color=BLUE, marker=points, markersize=3.0)
    axes.set_xlim(clock * start, clock * stop)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.margins(y=0.2)
    axes.set_xlabel(f"time ({second})")
    axes.set_ylabel(f"current ({unit})")
    for name, letter in MARKS.items():
        when = run.marks.get(name)
        if when is not None and start <= when <= stop:
            point = (clock * when, factor * float(run.value_at("current_A", when)))
            axes.plot(*point, "o", color=VERMILION, markersize=3.2, zorder=5)
            label_point(axes, letter, point, _OFFSETS[name])
