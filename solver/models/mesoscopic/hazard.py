"""The rate of events of a cell whose state stands still, integrated over the drive."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.device import Number

Array = NDArray[np.float64]

LOCATED = 1e-7
"""Error of the drive at which an event happens, relative to the reach of the table."""

_FEWEST, _MOST = 64, 16384


@dataclass(frozen=True, slots=True)
class Hazard:
    """H(x) = int_0^x h dx', with h in events/s and x the size of the drive in V or A.

    Between the points, x_k = reach (k/n)^2, H is a cubic in sqrt(x) with the exact slopes.

    Attributes
    ----------
    reach
        Largest x.
    integral, slope
        H at the points, and dH/dk.
    """

    reach: float
    integral: list[float]
    slope: list[float]

    def place(self, size: float) -> float:
        """Return k at an x, not rounded."""
        last = len(self.integral) - 1
        return last * math.sqrt(min(size / self.reach, 1.0))

    def size(self, place: float) -> float:
        """Return x at a k."""
        return float(self.reach * (place / (len(self.integral) - 1)) ** 2)

    def at(self, place: float) -> float:
        """Return H at a k."""
        cell = min(int(place), len(self.integral) - 2)
        return self._cubic(cell, place - cell)[0]

    def where(self, wanted: float) -> float:
        """Return the k at which H has a value."""
        cell = min(max(bisect_right(self.integral, wanted) - 1, 0), len(self.integral) - 2)
        low, high = self.integral[cell], self.integral[cell + 1]
        if not low < wanted < high:
            return cell + (wanted >= high)
        left, right, part = 0.0, 1.0, (wanted - low) / (high - low)
        for _ in range(60):
            value, slope = self._cubic(cell, part)
            left, right = (left, part) if value > wanted else (part, right)
            step = (wanted - value) / slope if slope > 0.0 else 2.0
            before, part = part, part + step
            if not left <= part <= right:
                part = 0.5 * (left + right)
            if abs(part - before) < 1e-12:
                break
        return cell + part

    def _cubic(self, cell: int, part: float) -> tuple[float, float]:
        low, first = self.integral[cell], self.slope[cell]
        rise, last = self.integral[cell + 1] - low, self.slope[cell + 1]
        square, cube = 3.0 * rise - 2.0 * first - last, first + last - 2.0 * rise
        return (
            low + part * (first + part * (square + part * cube)),
            first + part * (2.0 * square + 3.0 * part * cube),
        )


def event_rates(
    cell: Cell, conducting: int, channels: float, drive: Number
) -> tuple[Number, Number]:
    """Return the rates (1/s) at which a site of a state is set and reset at a drive (V or A)."""
    sites = cell.device.sites
    voltage = cell.voltage(drive, conducting / sites, channels)
    up, down = cell.rates.mean(voltage, voltage)
    return (sites - conducting) * up, conducting * down


def tabulate(
    cell: Cell, conducting: int, channels: float, sign: float, reach: float, points: int = _FEWEST
) -> Hazard:
    """Return the hazard of a state, the points doubled until an event is located to `LOCATED`.

    Parameters
    ----------
    cell
        The cell.
    conducting, channels
        The state.
    sign
        That of the drive.
    reach
        Largest size of the drive, V or A.
    points
        To begin with.
    """
    while True:
        table, error = _tabulate(cell, conducting, channels, sign, reach, points)
        if error <= LOCATED or points >= _MOST:
            return table
        points *= 2


def _tabulate(
    cell: Cell, conducting: int, channels: float, sign: float, reach: float, points: int
) -> tuple[Hazard, float]:
    """Return the table, and how far off an event would be located, in `reach`."""
    part = np.linspace(0.0, 1.0, 2 * points + 1)
    setting, resetting = event_rates(cell, conducting, channels, sign * reach * part**2)
    slope = np.asarray((setting + resetting) * 2.0 * part * reach / points)  # dH/dk, k = n part
    rise = _simpson(slope)
    # What two cells in one would say is 16 times as wrong; inside a cell the cubic is worse.
    off = np.abs(2.0 * _simpson(slope[::2]) - rise[::2] - rise[1::2]) / 3.0
    middle = slope[2::4]
    with np.errstate(invalid="ignore", divide="ignore"):
        error = np.nan_to_num(off / middle) * 2.0 * part[2::4] / points
    integral = np.concatenate(([0.0], np.cumsum(rise)))
    table = Hazard(reach, integral.tolist(), slope[::2].tolist())
    return table, float(np.max(error, initial=0.0))


def _simpson(slope: Array) -> Array:
    """Return the integrals over cells of length 1 with a value at both ends and in the middle."""
    return np.asarray((slope[:-2:2] + 4.0 * slope[1::2] + slope[2::2]) / 6.0)
