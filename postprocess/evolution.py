"""Figure: gap, radius, height and temperature against time, in full and around the SET."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from tusk.postprocess.regimes import set_window
from tusk.postprocess.run import NANOMETRE, Run
from tusk.postprocess.style import (
    BLUE,
    GREEN,
    GREY,
    MARKS,
    ORANGE,
    VERMILION,
    figure_style,
    largest_prefix,
    new_figure,
    panel_letters,
)

LOG_RANGE = 3.0  # gaps that vary less than by this factor are drawn on a linear axis


def evolution(run: Run) -> Figure:
    """Draw gap, filament size and greatest temperature against time.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    matplotlib.figure.Figure
        Three rows; the left column shows the whole run, the right one Γ to Y (or the rise of the
        current where these marks are missing).

    Raises
    ------
    InputError
        If the time series is empty or lacks a column.
    """
    clock, second = largest_prefix(run.column("time_s"), "s")
    with figure_style():
        figure = new_figure(height=112.0)
        axes = figure.subplots(3, 2, sharey="row", sharex="col", width_ratios=[1.15, 1.0])
        for column in range(2):
            _gap_panel(axes[0, column], run, clock)
            _size_panel(axes[1, column], run, clock)
            temperature = run.column("temperature_max_K")
            _plot(axes[2, column], run, clock, temperature, VERMILION, "temperature")
            axes[2, column].set_xlabel(f"time ({second})")
        _limit_time(axes, run, clock)
        _draw_marks(axes, run, clock)
        axes[0, 0].set_ylabel("gap (nm)")
        axes[1, 0].set_ylabel("filament size (nm)")
        axes[2, 0].set_ylabel("max. temperature (K)")
        for panel, place in ((axes[0, 1], "upper right"), (axes[1, 1], "center right")):
            panel.legend(loc=place, frameon=True, facecolor="white", edgecolor="none")
        panel_letters(axes[:, 0])
    return figure


def _plot(axes: Axes, run: Run, clock: float, value: np.ndarray, colour: str, label: str) -> None:
    """Draw one quantity, with points if the run has few rows; ``clock`` scales seconds."""
    time = clock * run.column("time_s")
    marker = "o" if len(time) <= 3 else ""
    axes.plot(time, value, color=colour, label=label, marker=marker, markersize=3.0)


def _gap_panel(axes: Axes, run: Run, clock: float) -> None:
    """Draw the smallest gap and the gap on the axis, on a log scale once they change."""
    smallest, axis = (
        np.where(gap > 0.0, NANOMETRE * gap, np.nan)
        for gap in (run.column("gap_min_m"), run.column("gap_axis_m"))
    )
    seen = np.concatenate([smallest, axis])
    seen = seen[np.isfinite(seen)]
    if seen.size and seen.max() > LOG_RANGE * seen.min():
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    _plot(axes, run, clock, axis, ORANGE, "on the axis")
    axes.lines[-1].set_linestyle("--")
    axes.lines[-1].set_zorder(3)
    _plot(axes, run, clock, smallest, BLUE, "smallest")
    axes.yaxis.set_major_formatter("{x:g}")


def _size_panel(axes: Axes, run: Run, clock: float) -> None:
    """Draw tip height and greatest radius."""
    height, radius = (NANOMETRE * run.column(name) for name in ("tip_height_m", "radius_max_m"))
    _plot(axes, run, clock, height, GREEN, "height")
    _plot(axes, run, clock, radius, BLUE, "radius")
    axes.set_ylim(0.0, 1.15 * float(max(height.max(), radius.max())))


def _limit_time(axes: np.ndarray, run: Run, clock: float) -> None:
    """Set the two time windows."""
    time = clock * run.column("time_s")
    start, stop = (clock * bound for bound in set_window(run))
    axes[2, 0].set_xlim(float(time[0]), float(time[-1]) if time[-1] > time[0] else None)
    axes[2, 1].set_xlim(start, stop)
    for panel in axes.ravel():
        panel.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10]))
    if time[-1] > time[0]:
        for panel in axes[:, 0]:
            panel.axvspan(start, stop, color="#EEEEEE", zorder=0, linewidth=0)


def _draw_marks(axes: np.ndarray, run: Run, clock: float) -> None:
    """Draw a line at each mark, with its letter above the top row."""
    for column in range(2):
        left, right = axes[2, column].get_xlim()
        for name, letter in MARKS.items():
            seconds = run.marks.get(name)
            if seconds is None or not left <= clock * seconds <= right:
                continue
            when = clock * seconds
            for panel in axes[:, column]:
                panel.axvline(when, color=GREY, linewidth=0.6, linestyle=(0, (3, 2)))
            # Γ and Y lie too close for letters in the panel of the whole run.
            if column == 1 or name == "lambda_s":
                top = axes[0, column]
                transform = top.get_xaxis_transform()
                top.text(when, 1.02, letter, transform=transform, ha="center", va="bottom")
