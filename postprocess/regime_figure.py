"""Figure: the regimes of a measured curve, laid over a simulation if there is one."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tusk.postprocess.regimes import rising_rows
from tusk.postprocess.run import Run
from tusk.postprocess.segments import LEAST_RISE, Array, Regime
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    REGIME_COLOURS,
    RESOLVED_CURRENT,
    VERMILION,
    figure_style,
    new_figure,
)
from tusk.solver.errors import OutputError

EDGE = 0.12  # share of the rise's voltage span that is shown on both sides


def regime_figure(
    voltage: Array, current: Array, regimes: Sequence[Regime], simulation: Run | None = None
) -> Figure:
    """Draw |I| against |V| around the rise with bands for the regimes.

    Parameters
    ----------
    voltage, current
        The branch that was labelled, V and A, shape (points,).
    regimes
        As found in it.
    simulation
        A run whose curve is laid over the measured one.
    """
    ends = np.abs([regimes[0].start_V, regimes[-1].end_V])
    low, high = _window(ends, simulation)
    with figure_style():
        figure = new_figure(height=62.0)
        axes = figure.subplots()
        axes.set_yscale("log")
        _draw_bands(axes, regimes, high - low)
        if simulation is not None:
            _draw_simulation(axes, simulation, low, high)
        seen = (np.abs(voltage) >= low) & (np.abs(voltage) <= high) & (current != 0.0)
        axes.plot(
            np.abs(voltage[seen]),
            np.abs(current[seen]),
            "o",
            color=BLUE,
            markersize=2.2,
            markeredgewidth=0.0,
            label="measured",
        )
        axes.set_xlim(low, high)
        axes.margins(y=0.12)
        sign = "" if regimes[0].end_V >= 0.0 else "|"
        axes.set_xlabel(f"{sign}voltage{sign} (V)")
        axes.set_ylabel("|current| (A)")
        axes.legend(loc="lower right", frameon=True, facecolor="white", edgecolor="none")
    return figure


def _draw_bands(axes: Axes, regimes: Sequence[Regime], width: float) -> None:
    """Draw and name a band per regime; the axes show ``width`` volts."""
    for regime in regimes:
        left, right = abs(regime.start_V), abs(regime.end_V)
        axes.axvspan(left, right, color=REGIME_COLOURS[regime.name], linewidth=0, zorder=0)
        if right - left > 0.03 * width:
            axes.text(
                0.5 * (left + right),
                0.97,
                regime.name,
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="top",
                fontweight="bold",
            )


def _draw_simulation(axes: Axes, run: Run, low: float, high: float) -> None:
    """Draw the rise of a run between two voltages, and where its regimes change."""
    applied, current = _rise_of(run)
    inside = (applied >= low) & (applied <= high) & (current > RESOLVED_CURRENT)
    axes.plot(
        applied[inside],
        current[inside],
        "--",
        color=BLACK,
        linewidth=0.9,
        label="simulated",
        zorder=3,
    )
    _draw_breaks(axes, run)


def _window(ends: Array, simulation: Run | None) -> tuple[float, float]:
    """Return the voltages to show."""
    low, high = float(ends.min()), float(ends.max())
    if simulation is not None:
        applied, current = _rise_of(simulation)
        inside = applied[current >= max(1e-12, 1e-9 * current.max())]
        if len(inside):
            low, high = min(low, float(inside[0])), max(high, float(inside[-1]))
    width = EDGE * (high - low)
    return max(0.0, low - width), high + width


def _rise_of(run: Run) -> tuple[Array, Array]:
    """Return |V| and |I| of a run up to its largest current."""
    current = run.column("current_A")
    rows = rising_rows(current)
    return np.abs(run.column("applied_voltage_V")[rows]), np.abs(current[rows])


def _draw_breaks(axes: Axes, run: Run) -> None:
    """Draw where the run itself says that its regimes change: Γ, and the start of C."""
    for letter, when in (("Γ", run.marks.get("gamma_s")), ("C", regime_c_start(run))):
        if when is None:
            continue
        place = abs(float(run.value_at("applied_voltage_V", when)))
        axes.axvline(place, color=VERMILION, linewidth=0.8, linestyle=(0, (3, 2)))
        axes.text(
            place,
            1.01,
            letter,
            transform=axes.get_xaxis_transform(),
            color=VERMILION,
            ha="center",
            va="bottom",
        )


def regime_c_start(run: Run) -> float | None:
    """Return the time, s, at which the run's own attribution lets C begin; None if it does not."""
    for interval in run.summary.get("regimes") or []:
        ends = [float(interval[key]) for key in ("start_s", "end_s")]
        level = np.log(np.maximum(np.abs(run.value_at("current_A", np.array(ends))), 1e-300))
        if interval["regime"] == "C" and level[1] - level[0] >= LEAST_RISE:
            return ends[0]
    return None


def write_regimes(path: Path, regimes: Sequence[Regime]) -> Path:
    """Write the regimes as CSV: name, and voltage and current at both ends.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    lines = ["regime,start_V,end_V,start_A,end_A"]
    lines += [f"{r.name},{r.start_V!r},{r.end_V!r},{r.start_A!r},{r.end_A!r}" for r in regimes]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    return path
