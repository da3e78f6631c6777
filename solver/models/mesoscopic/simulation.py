"""One member from the start of the drive to its end, piece by piece."""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.device import current
from tusk.solver.models.mesoscopic.memory import Memory, State
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM
from tusk.solver.physics.waveform import Drive, Position, Sine, Table

Array = NDArray[np.float64]

COLUMNS = (
    "time_s",
    "applied_voltage_V",
    "cell_voltage_V",
    "current_A",
    "conductance_G0",
    "gap_m",
    "transparency",
    "sites_conducting",
    "temperature_K",
    "power_left_W",
    "power_right_W",
    "temperature_left_K",
    "temperature_right_K",
)

MOST_ROWS = 2000
"""Rows of one block, so that a long step of the drive can be stopped and watched."""

WATCHED = 400
"""Nodes on each piece of the drive at which a condition is looked at."""

ZOOM = 16
"""Nodes on a part that is looked at more closely."""

DEEPEST_BEND = 4
"""Times over which a bend towards a limit is looked at more closely."""

FINEST = 1e-13
"""Share of the time in the frame within which the beginning of a condition is located."""


class Block(NamedTuple):
    """Rows before their dependent columns are computed: time (s), drive (V or A), state; (n,)."""

    time: Array
    drive: Array
    transparency: Array
    channels: Array


@dataclass(frozen=True, slots=True)
class Point:
    """Where a member is: time (s) in all and in the frame of the drive, drive (V or A), state."""

    time: float
    offset: float
    drive: float
    state: State

    def block(self) -> Block:
        """Return this as one row."""
        numbers = (self.time, self.drive, self.state.transparency, self.state.channels)
        return Block(*(np.array([x]) for x in numbers))


@dataclass(frozen=True, slots=True)
class Rows:
    """When rows are written.

    Attributes
    ----------
    points
        Rows on each linear piece of the drive.
    interval
        Time between rows in s; None leaves it to `points`.
    """

    points: int
    interval: float | None

    def times(self, corners: Array, origin: float, points: int) -> Array:
        """Return the times of the rows after the first corner, the other corners among them.

        Parameters
        ----------
        corners
            Corners of the drive, s, counted from ``origin``.
        origin
            Time (s) since the start of the run.
        points
            Rows on each piece, without an interval.
        """
        if self.interval is None:
            part = np.arange(1, points + 1) / points
            inner = corners[:-1, None] + np.diff(corners)[:, None] * part
            inner[:, -1] = corners[1:]
            return inner.ravel()
        first = np.floor((origin + corners[0]) / self.interval) + 1.0
        last = np.ceil((origin + corners[-1]) / self.interval)
        even = self.interval * np.arange(first, last) - origin
        even = even[(even > corners[0]) & (even < corners[-1])]
        # A row beside a corner would be the same row.
        behind = np.clip(np.searchsorted(corners, even), 1, len(corners) - 1)
        near = np.minimum(np.abs(even - corners[behind]), np.abs(even - corners[behind - 1]))
        return np.sort(np.concatenate((even[near > 1e-6 * self.interval], corners[1:])))


class CellSimulation:
    """Steps one member through the drive.

    Parameters
    ----------
    cell
        Device, source and rates.
    memory
        How its state moves.
    drive
        The waveform.
    rows
        When rows are written.
    transparency
        rho at the start.
    """

    def __init__(
        self, cell: Cell, memory: Memory, drive: Drive, rows: Rows, transparency: float
    ) -> None:
        self.cell = cell
        self.memory = memory
        self.drive = drive
        self.point = Point(0.0, 0.0, 0.0, memory.start(transparency))
        self._rows = rows
        self._position = drive.start()

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of the drive in blocks, the first of which holds the start alone."""
        yield self.point.block()
        going = True
        while going:
            after = yield from self._frame()
            going = self._follow(after)

    def _follow(self, after: int | None) -> bool:
        """Go on to the next frame, or to the step that follows a condition; False at the end."""
        drive, here, offset = self.drive, self._position, self.point.offset
        following: Position | None = here
        if after is None and not drive.is_over(here, offset):
            following, _ = drive.settled(here, offset)
        else:
            following = drive.leave(here, offset, after)
        if following is None:
            return False
        self._position = following
        self.point = replace(self.point, offset=0.0)
        return True

    def _frame(self) -> Generator[Block, None, int | None]:
        """Yield the blocks of one frame of the drive, until it ends or a condition holds.

        Returns the step of the drive that follows the condition, None at the end of the frame.
        """
        drive, here = self.drive, self._position
        times, values = (np.array(x) for x in drive.corners(here))
        points = 1 if isinstance(drive.step(here), Sine | Table) else self._rows.points
        # A table may begin with another value than the one before it ended with.
        self.point = replace(self.point, drive=float(values[0]))
        watched = drive.conditions(here)
        for first in range(0, len(times) - 1, MOST_ROWS):
            corners = times[first : first + MOST_ROWS + 1]
            rows = self._rows.times(corners, drive.time(here, 0.0), points)
            for begin in range(0, len(rows), MOST_ROWS):
                wanted = rows[begin : begin + MOST_ROWS]
                met = self._met(wanted[-1], times, values, watched) if watched else None
                if met is None:
                    yield self._go(wanted, times, values)
                    continue
                time, after = met
                earlier = wanted[wanted < time]
                if earlier.size:
                    yield self._go(earlier, times, values)
                self._go(np.array([time]), times, values)
                yield self.point.block()
                return after
        return None

    def _go(self, wanted: Array, times: Array, values: Array) -> Block:
        """Advance to the times in the frame that are wanted; return their rows.

        Corners, and where the drive changes its sign, are met on the way.
        """
        low, high = np.searchsorted(times, (self.point.offset, wanted[-1]), side="right")
        nodes = np.union1d(wanted, times[low:high][times[low:high] <= wanted[-1]])
        nodes = np.concatenate(([self.point.offset], nodes[nodes > self.point.offset]))
        drives = np.interp(nodes, times, values)
        drives[0] = self.point.drive
        crossed = np.flatnonzero(drives[:-1] * drives[1:] < 0.0)
        part = drives[crossed] / (drives[crossed] - drives[crossed + 1])
        between = nodes[crossed] + part * (nodes[crossed + 1] - nodes[crossed])
        nodes = np.insert(nodes, crossed + 1, between)
        drives = np.insert(drives, crossed + 1, 0.0)
        state, track = self.memory.advance(self.point.state, nodes, drives)
        asked = np.searchsorted(nodes, wanted)
        origin = self.drive.time(self._position, 0.0)
        now = float(nodes[-1])
        self.point = Point(self.drive.time(self._position, now), now, float(drives[-1]), state)
        return Block(origin + wanted, drives[asked], *(column[asked - 1] for column in track))

    # --- conditions -----------------------------------------------------------------------------

    def _met(
        self, end: float, times: Array, values: Array, watched: list[tuple[object, int]]
    ) -> tuple[float, int] | None:
        """Return when up to ``end`` a condition begins to hold, and the step that follows it.

        It is looked for on nodes of its own, never on the rows that happen to be written, and
        between them wherever the quantity bends towards its limit.
        """
        begin = self.point
        corners = times[(times > begin.offset) & (times < end)]
        search = _Search(times, values, watched, FINEST * float(end))
        found = None
        for low, high in itertools.pairwise((begin.offset, *corners, end)):
            found = self._first(_between(low, high, WATCHED), search)
            if found is not None:
                break
        self.point = begin
        return found

    def _first(self, nodes: Array, search: _Search, depth: int = 0) -> tuple[float, int] | None:
        """Return the first moment up to the last node at which a condition holds, and what follows.

        The nodes go on from the present point, which is left at the last of them.
        """
        start = self.point
        grid = np.concatenate(([start.offset], nodes))
        rows = zip(start.block(), self._go(nodes, search.times, search.values), strict=True)
        last = self.point
        columns = observe(self.cell, Block(*(np.concatenate(pair) for pair in rows)))
        beyond = [(_beyond(columns, until), after) for until, after in search.watched]
        for k in range(1, len(grid)):
            after = next((after for values, after in beyond if values[k] > 0.0), None)
            if after is None and not (
                depth < DEEPEST_BEND and any(_may_pass(values, k) for values, _ in beyond)
            ):
                continue
            if after is not None and grid[k] - grid[k - 1] <= search.close:
                return float(grid[k]), after
            self.point = start
            if k > 1:
                self._go(grid[1:k], search.times, search.values)
            high = grid[k if after is not None else k + 1]
            found = self._first(_between(grid[k - 1], high, ZOOM), search, depth + 1)
            if found is not None:
                return found
        self.point = last
        return None


class _Search(NamedTuple):
    """What is looked for: corners of the drive (s, V or A), conditions, and how closely (s)."""

    times: Array
    values: Array
    watched: list[tuple[object, int]]
    close: float


def _between(low: float, high: float, count: int) -> Array:
    """Return evenly spaced times after ``low`` up to ``high`` (count,), s."""
    nodes = low + (high - low) * np.arange(1, count + 1) / count
    nodes[-1] = high
    return np.asarray(nodes)


def _beyond(columns: list[Array], until: Any) -> Array:
    """Return how far a quantity is past its limit (rows,): above zero the condition holds."""
    if until.quantity == "cell_resistance_ohm":
        conductance = CONDUCTANCE_QUANTUM * columns[COLUMNS.index("conductance_G0")]
        flows = conductance != 0.0
        value = np.where(flows, 1.0 / np.abs(np.where(flows, conductance, 1.0)), np.nan)
    else:
        value = columns[COLUMNS.index(until.quantity)]
    return np.asarray(value - until.above if until.above is not None else until.below - value)


def _may_pass(values: Array, k: int) -> bool:
    """Return whether a parabola through three nodes passes zero though none of them does."""
    if not 0 < k < len(values) - 1:
        return False
    a, b, c = values[k - 1 : k + 2]
    if max(a, b, c) > 0.0 or not b >= max(a, c):
        return False
    bend = a - 2.0 * b + c
    peak = b - (c - a) ** 2 / (8.0 * bend) if bend < 0.0 else b
    return bool(peak + 0.5 * (peak - min(a, c)) > 0.0)


def observe(cell: Cell, block: Block) -> list[Array]:
    """Return the `COLUMNS` of the time series for some rows, each (rows,)."""
    time, drive, transparency, channels = block
    device = cell.device
    voltage = cell.voltage(drive, transparency, channels)
    parts = device.parts(transparency, channels)
    flowing, _ = current(parts, voltage)
    applied = cell.source.applied_voltage(drive, voltage, flowing)  # type: ignore[arg-type]
    still = voltage == 0.0
    through = np.where(still, parts[0] + parts[1], flowing / np.where(still, 1.0, voltage))
    left, right = device.heat(voltage, transparency, channels)
    cold, warm = cell.thermal.temperatures(left, right)
    columns = [time, np.asarray(applied), voltage, flowing, through / CONDUCTANCE_QUANTUM]
    columns += [np.asarray(device.gap(transparency)), transparency, transparency * device.sites]
    return [*columns, 0.5 * (cold + warm), left, right, cold, warm]
