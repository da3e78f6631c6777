"""One member from the start of the drive to its end, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.device import current
from tusk.solver.models.mesoscopic.memory import Memory, State
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM
from tusk.solver.physics.waveform import Drive, Position

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

_TRIALS = 40


class Block(NamedTuple):
    """Rows before their dependent columns are computed: time (s), drive (V or A), state; (n,)."""

    time: Array
    drive: Array
    transparency: Array
    channels: Array


@dataclass(frozen=True, slots=True)
class Point:
    """Where a member is: time (s), drive (V or A), state."""

    time: float
    drive: float
    state: State

    def block(self) -> Block:
        """Return this as one row."""
        numbers = (self.time, self.drive, self.state.transparency, self.state.channels)
        return Block(*(np.array([x]) for x in numbers))


@dataclass(frozen=True, slots=True)
class Plan:
    """When rows are written in a step of the drive, and what ends it early.

    Attributes
    ----------
    until
        The condition (``quantity`` and ``above`` or ``below``), or None.
    points
        Rows on each linear piece of the drive.
    interval
        Time between rows in s; None leaves it to `points`.
    """

    until: Any
    points: int
    interval: float | None

    def times(self, corners: Array) -> Array:
        """Return the times of the rows after the first corner, the other corners among them."""
        if self.interval is None:
            part = np.arange(1, self.points + 1) / self.points
            inner = corners[:-1, None] + np.diff(corners)[:, None] * part
            inner[:, -1] = corners[1:]
            return inner.ravel()
        first = np.floor(corners[0] / self.interval) + 1.0
        even = self.interval * np.arange(first, np.ceil(corners[-1] / self.interval))
        # A row beside a corner would be the same row.
        behind = np.clip(np.searchsorted(corners, even), 1, len(corners) - 1)
        near = np.minimum(np.abs(even - corners[behind]), np.abs(even - corners[behind - 1]))
        return np.sort(np.concatenate((even[near > 1e-6 * self.interval], corners[1:])))


class Simulation:
    """Steps one member through the drive.

    Parameters
    ----------
    cell
        Device, source and rates.
    memory
        How its state moves.
    drive
        The waveform.
    plans
        One for each step of the drive.
    transparency
        rho at the start.
    """

    def __init__(
        self,
        cell: Cell,
        memory: Memory,
        drive: Drive,
        plans: tuple[Plan, ...],
        transparency: float,
    ) -> None:
        self.cell = cell
        self.memory = memory
        self.drive = drive
        self.point = Point(0.0, 0.0, memory.start(transparency))
        self._plans = plans

    def blocks(self) -> Iterator[Block]:
        """Yield the rows of the drive in blocks, the first of which holds the start alone."""
        yield self.point.block()
        position: Position | None = self.drive.start()
        while position is not None:
            yield from self._step(position)
            position = self.drive.advance(position, self.point.time)

    def _step(self, position: Position) -> Iterator[Block]:
        """Yield the blocks of one step of the drive, until it ends or its condition holds."""
        plan = self._plans[position.step_index]
        times, values = (np.array(x) for x in self.drive.corners(position))
        # A table may begin with another value than the one before it ended with.
        self.point = replace(self.point, drive=float(values[0]))
        for first in range(0, len(times) - 1, MOST_ROWS):
            rows = plan.times(times[first : first + MOST_ROWS + 1])
            for begin in range(0, len(rows), MOST_ROWS):
                before, wanted = self.point, rows[begin : begin + MOST_ROWS]
                block = self._go(wanted, times, values)
                met = _first(self.cell, block, plan.until)
                if met is None:
                    yield block
                    continue
                self.point = before
                if met > 0:
                    yield self._go(wanted[:met], times, values)
                self._land(float(wanted[met]), times, values, plan.until)
                yield self.point.block()
                return

    def _go(self, wanted: Array, times: Array, values: Array) -> Block:
        """Advance to the times that are wanted; return their rows.

        Corners, and where the drive changes its sign, are met on the way.
        """
        low, high = np.searchsorted(times, (self.point.time, wanted[-1]), side="right")
        nodes = np.union1d(wanted, times[low:high][times[low:high] <= wanted[-1]])
        nodes = np.concatenate(([self.point.time], nodes[nodes > self.point.time]))
        drives = np.interp(nodes, times, values)
        drives[0] = self.point.drive
        crossed = np.flatnonzero(drives[:-1] * drives[1:] < 0.0)
        part = drives[crossed] / (drives[crossed] - drives[crossed + 1])
        between = nodes[crossed] + part * (nodes[crossed + 1] - nodes[crossed])
        nodes = np.insert(nodes, crossed + 1, between)
        drives = np.insert(drives, crossed + 1, 0.0)
        state, track = self.memory.advance(self.point.state, nodes, drives)
        asked = np.searchsorted(nodes, wanted)
        self.point = Point(float(nodes[-1]), float(drives[-1]), state)
        return Block(wanted, drives[asked], *(column[asked - 1] for column in track))

    def _land(self, end: float, times: Array, values: Array, until: Any) -> None:
        """Bisect up to a time at which the condition holds for that at which it begins to."""
        low, high, begin = self.point.time, end, self.point
        self._go(np.array([end]), times, values)
        found = self.point
        for _ in range(_TRIALS):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            self.point = begin
            block = self._go(np.array([middle]), times, values)
            if _first(self.cell, block, until) is None:
                low = middle
            else:
                high, found = middle, self.point
        self.point = found


def _first(cell: Cell, block: Block, until: Any) -> int | None:
    """Return the first row at which a condition holds, None if there is none."""
    if until is None:
        return None
    values = observe(cell, block)[COLUMNS.index(until.quantity)]
    holds = values > until.above if until.above is not None else values < until.below
    return int(np.argmax(holds)) if holds.any() else None


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
