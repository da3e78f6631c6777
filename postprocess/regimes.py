"""Stretches of a run that one regime names, and the part of a run in which the current rises."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tusk.postprocess.run import Run

REGIMES = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Rows ``first`` to ``last`` (both included) of the time series, in one regime."""

    regime: str
    first: int
    last: int


def regime_stretches(run: Run, rows: slice) -> list[Stretch]:
    """Group the rows of a slice by regime.

    Parameters
    ----------
    run
        The run.
    rows
        Rows of the time series to look at.

    Returns
    -------
    list of Stretch
        In the order of time; each reaches to the first row of the next, so that they touch.
    """
    if "regime" not in run.timeseries.columns:
        return []
    start, stop, _ = rows.indices(len(run.timeseries))
    names = run.timeseries["regime"].astype(str).to_numpy()[start:stop]
    if not len(names):
        return []
    changes = np.flatnonzero(names[1:] != names[:-1]) + 1
    bounds = [0, *changes.tolist(), len(names) - 1]
    stretches = [
        Stretch(regime=str(names[first]), first=start + first, last=start + last)
        for first, last in pairwise(bounds)
    ]
    return [stretch for stretch in stretches if stretch.regime in REGIMES]


def rising_rows(current: np.ndarray) -> slice:
    """Return the rows from the start to the first time the current is at its largest.

    Parameters
    ----------
    current
        Current, A, shape (rows,).

    Returns
    -------
    slice
        Up to the first row at or above 97 % of the largest magnitude.
    """
    magnitude = np.abs(current)
    reached = np.flatnonzero(magnitude >= 0.97 * magnitude.max())
    return slice(0, int(reached[0]) + 1)


def set_window(run: Run) -> tuple[float, float]:
    """Return the time window around the SET, s: Γ to Y, else where the current rises."""
    time = run.column("time_s")
    current = np.abs(run.column("current_A"))
    gamma, upsilon = run.marks.get("gamma_s"), run.marks.get("upsilon_s")
    if gamma is None or upsilon is None or upsilon <= gamma:
        gamma = float(time[int(np.flatnonzero(current >= 0.01 * current.max())[0])])
        upsilon = float(time[rising_rows(current).stop - 1])
    width = upsilon - gamma or 0.05 * float(time[-1] - time[0]) or 1.0
    return max(gamma - 0.4 * width, float(time[0])), upsilon + 0.4 * width
