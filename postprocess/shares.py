"""Figure: what makes the current rise, as shares of d ln I that the run computed at every step."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from tusk.postprocess.regimes import Stretch, regime_stretches, rising_rows
from tusk.postprocess.run import Run
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    GREEN,
    MARKS,
    ORANGE,
    REGIME_COLOURS,
    RESOLVED_CURRENT,
    VERMILION,
    figure_style,
    largest_prefix,
    new_figure,
)
from tusk.solver.errors import InputError
from tusk.solver.units import format_si

Array = NDArray[np.float64]

SHARES = {"gap": BLUE, "area": ORANGE, "temperature": VERMILION, "voltage": GREEN}
WINDOW = 0.3
"""Span in ln I over which steps are summed, that of the regimes themselves."""


def regime_shares(run: Run) -> Figure:
    """Draw the shares of gap, area, temperature and voltage in the rise of ln I.

    Parameters
    ----------
    run
        A run whose time series has the columns ``share_gap`` and so on.

    Returns
    -------
    matplotlib.figure.Figure
        Against current and against time; what lowers the current lies below zero. Above each
        panel the regimes and the marks Γ, Y, Λ as far as they lie inside.

    Raises
    ------
    InputError
        If the columns are missing or the current does not rise.
    """
    current = np.abs(run.column("current_A"))
    rows = np.arange(rising_rows(current).stop)
    # The first row above the floor has no share yet.
    rows = rows[current[rows] > 10.0 * RESOLVED_CURRENT][1:]
    parts = np.stack([run.column(f"share_{name}")[rows] for name in SHARES])
    if len(rows) < 3 or np.log(current[rows[-1]] / current[rows[0]]) < WINDOW:
        raise InputError(f"{run.path}: a rise of the current is wanted, got none")
    smooth = _windowed(parts, np.log(current[rows]))
    clock, second = largest_prefix(run.column("time_s"), "s")
    time = clock * run.column("time_s")
    with figure_style():
        figure = new_figure(height=92.0)
        upper, lower = figure.subplots(2, 1)
        upper.set_xscale("log")
        upper.set_xlabel("|current| (A)")
        lower.set_xlabel(f"time ({second})")
        for panel, letter, place in ((upper, "(a)", current), (lower, "(b)", time)):
            panel.set_xlim(place[rows[0]], place[rows[-1]])
            _panel(panel, run, place, rows, smooth)
            panel.text(-0.17, 1.04, letter, transform=panel.transAxes, fontweight="bold")
        lower.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
        _announce_lambda(lower, run)
        handles, labels = upper.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure


def _announce_lambda(axes: Axes, run: Run) -> None:
    """Say when Λ comes: after the rise, out of the picture."""
    lamda = run.marks.get("lambda_s")
    if lamda is not None:
        corner = (axes.get_xlim()[1], axes.get_ylim()[0])
        text = f"Λ follows at {format_si(lamda, 's', 3)}"
        place = (-2.0, 6.0)
        axes.annotate(text, corner, place, textcoords="offset points", ha="right", fontsize=6.0)


def _windowed(parts: Array, level: Array) -> Array:
    """Sum parts (4, steps) over WINDOW of ln I up to each step, over the sum of magnitudes."""
    total = np.concatenate([np.zeros((len(parts), 1)), np.cumsum(parts, axis=1)], axis=1)
    first = np.searchsorted(np.maximum.accumulate(level), level - WINDOW)
    ends = np.arange(len(level))
    summed = total[:, ends + 1] - total[:, np.minimum(first + 1, ends)]
    return np.asarray(summed / np.maximum(np.abs(summed).sum(axis=0), 1e-300))


def _panel(axes: Axes, run: Run, place: Array, rows: NDArray[np.int_], shares: Array) -> None:
    """Stack the shares over the places of the rows, what raises I upwards, what lowers it down."""
    for sign in (1.0, -1.0):
        signed = sign * np.maximum(sign * shares, 0.0)
        axes.stackplot(
            place[rows],
            signed,
            colors=list(SHARES.values()),
            labels=list(SHARES) if sign > 0 else (),
            linewidth=0,
        )
    axes.axhline(0.0, color=BLACK, linewidth=0.5)
    low = float(np.minimum(shares, 0.0).sum(axis=0).min())
    axes.set_ylim(min(1.05 * low, -0.05), 1.0)
    axes.set_ylabel("share of d ln I")
    _name_regimes(axes, place, regime_stretches(run, slice(int(rows[0]), int(rows[-1]) + 1)))
    for name, letter in MARKS.items():
        when = run.marks.get(name)
        if when is None:
            continue
        x = float(np.interp(when, run.column("time_s"), place))
        if place[rows[0]] <= x <= place[rows[-1]]:
            axes.axvline(x, color=BLACK, linewidth=0.8, linestyle=(0, (3, 2)))
            axes.text(x, 1.15, letter, transform=axes.get_xaxis_transform(), ha="center")


def _name_regimes(axes: Axes, place: Array, stretches: list[Stretch]) -> None:
    """Draw a strip of the regimes above the panel."""
    scale = axes.get_xaxis_transform()
    for stretch in stretches:
        left, right = place[stretch.first], place[stretch.last]
        axes.fill_between(
            [left, right],
            1.0,
            1.12,
            color=REGIME_COLOURS[stretch.regime],
            transform=scale,
            clip_on=False,
            linewidth=0,
        )
        ends = axes.transData.transform([(left, 0.0), (right, 0.0)])[:, 0]
        if abs(ends[1] - ends[0]) > 0.05 * axes.bbox.width:
            middle = axes.transData.inverted().transform((0.5 * ends.sum(), 0.0))[0]
            axes.text(
                middle, 1.055, stretch.regime, transform=scale, ha="center", va="center_baseline"
            )
