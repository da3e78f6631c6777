"""Sweeps of a measured curve, and the branch on which the current rises."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.style import RESOLVED_CURRENT
from tusk.solver.errors import InputError

Array = NDArray[np.float64]

DIRECTIONS = ("auto", "up", "down")

TURN = 0.02
"""Share of the voltage range by which a sweep must go back before it counts as turned."""

ZERO = 1e-9
"""Share of the largest voltage below which one counts as zero."""


def rising_branch(
    voltage: Array, current: Array, direction: str = "auto", floor: float = RESOLVED_CURRENT
) -> tuple[Array, Array]:
    """Return the part of a sweep that leads away from 0 V and on which |I| rises most.

    Parameters
    ----------
    voltage, current
        A whole measurement, V and A, shape (points,): one sweep or several, either polarity.
    direction
        ``up`` and ``down`` look at sweeps to higher and to lower voltage only, ``auto`` at all.
    floor
        Current, A, under which differences mean nothing.

    Raises
    ------
    InputError
        If no sweep leads that way.
    """
    if direction not in DIRECTIONS:
        raise InputError(f"--direction: allowed {', '.join(DIRECTIONS)}, got {direction}")
    best, most = None, -np.inf
    for first, stop in sweeps(voltage):
        start, end = voltage[first], voltage[stop - 1]
        if abs(end) <= abs(start) or (direction != "auto" and (end > start) != (direction == "up")):
            continue
        level = np.log(np.maximum(np.abs(current[first:stop]), floor))
        rise = float(level[len(level) // 2 :].max() - level[: len(level) // 2 + 1].min())
        if rise > most:
            best, most = slice(first, stop), rise
    if best is None:
        raise InputError(f"--direction: no sweep leads {direction} and away from 0 V")
    return voltage[best], current[best]


def sweeps(voltage: Array) -> list[tuple[int, int]]:
    """Cut a measurement where the voltage turns or changes its sign: (first, stop) row numbers."""
    slack = TURN * float(np.ptp(voltage))
    cuts, start, extreme, heading = [0], 0, 0, 0.0
    for k in range(1, len(voltage)):
        ahead = heading * (voltage[k] - voltage[extreme])
        if heading == 0.0:
            if abs(voltage[k] - voltage[start]) > slack:
                heading, extreme = float(np.sign(voltage[k] - voltage[start])), k
        elif ahead >= 0.0:
            extreme = k
        elif -ahead > slack:
            cuts.append(extreme)
            heading, extreme = -heading, k
    side, smallest = 0.0, ZERO * np.abs(voltage).max()
    for k, value in enumerate(np.where(np.abs(voltage) <= smallest, 0.0, voltage)):
        if value * side < 0.0:
            cuts.append(k)
        side = value if value != 0.0 else side
    edges = sorted({*cuts, len(voltage)})
    return [(a, b) for a, b in pairwise(edges) if b - a >= 3]
