"""One member from the start of the drive to its end, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.mesoscopic.device import Device, current
from tusk.solver.models.mesoscopic.memory import Cell, Memory, State
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


@dataclass(frozen=True, slots=True)
class Point:
    """A row before its dependent columns are computed: time (s), drive (V or A), state."""

    time: float
    drive: float
    state: State


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

    def times(self, start: float, end: float) -> Array:
        """Return the times of the rows after ``start``, up to and with ``end``."""
        if self.interval is None:
            return np.linspace(start, end, self.points + 1)[1:]
        first = np.floor(start / self.interval) + 1.0
        inner = self.interval * np.arange(first, np.ceil(end / self.interval))
        margin = 1e-6 * self.interval
        return np.append(inner[(inner > start + margin) & (inner < end - margin)], end)


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

    def blocks(self) -> Iterator[list[Point]]:
        """Yield the points of the drive in blocks, the first of which holds the start alone."""
        yield [self.point]
        position: Position | None = self.drive.start()
        while position is not None:
            yield from self._step(position)
            position = self.drive.advance(position, self.point.time)

    def _step(self, position: Position) -> Iterator[list[Point]]:
        """Yield the blocks of one step of the drive, until it ends or its condition holds."""
        plan = self._plans[position.step_index]
        start, end = position.start_time, self.drive.end_time(position)
        # A table may begin with another value than the one before it ended with.
        self._settle(self.drive.value(position, start))
        block: list[Point] = []
        while start < end:
            corner = self.drive.next_corner(position, start)
            for time in plan.times(start, corner).tolist():
                before = self.point
                self._go(position, time)
                if plan.until is not None and self._holds(plan.until):
                    self._land(position, before, plan.until)
                    yield [*block, self.point]
                    return
                block.append(self.point)
                if len(block) == MOST_ROWS:
                    yield block
                    block = []
            start = corner
        if block:
            yield block

    def _settle(self, drive: float) -> None:
        state = self.point.state
        state = state._replace(voltage=self.cell.voltage(drive, state))
        self.point = Point(self.point.time, drive, state)

    def _go(self, position: Position, time: float) -> None:
        """Advance to a time within a linear piece, stopping where the drive changes its sign."""
        begin, first = self.point.time, self.point.drive
        last, state = self.drive.value(position, time), self.point.state
        duration = time - begin
        if first * last < 0.0:
            part = first / (first - last)
            state = self.memory.advance(state, part * duration, first, 0.0)
            state = self.memory.advance(state, (1.0 - part) * duration, 0.0, last)
        else:
            state = self.memory.advance(state, duration, first, last)
        self.point = Point(time, last, state)

    def _holds(self, until: Any) -> bool:
        row = observe(self.cell, [self.point])
        value = float(row[COLUMNS.index(until.quantity)][0])
        return bool(value > until.above if until.above is not None else value < until.below)

    def _land(self, position: Position, before: Point, until: Any) -> None:
        """Bisect the last interval for the time at which the condition begins to hold."""
        low, high, found = before.time, self.point.time, self.point
        for _ in range(_TRIALS):
            middle = 0.5 * (low + high)
            if not low < middle < high:
                break
            self.point = before
            self._go(position, middle)
            if self._holds(until):
                high, found = middle, self.point
            else:
                low = middle
        self.point = found


def observe(cell: Cell, points: list[Point]) -> list[Array]:
    """Return the `COLUMNS` of the time series for some points, each (points,)."""
    device = cell.device
    time, drive = (np.array([getattr(p, name) for p in points]) for name in ("time", "drive"))
    transparency = np.array([p.state.transparency for p in points])
    channels = np.array([p.state.channels for p in points])
    voltage = np.array([p.state.voltage for p in points])
    flowing = np.array([_current(device, p.state) for p in points])
    applied = np.array(
        [
            cell.source.applied_voltage(float(u), float(v), float(i))
            for u, v, i in zip(drive, voltage, flowing, strict=True)
        ]
    )
    slope = np.array([_zero_bias(device, p.state) for p in points])
    with np.errstate(divide="ignore", invalid="ignore"):
        conductance = np.where(voltage == 0.0, slope, flowing / voltage) / CONDUCTANCE_QUANTUM
    gap = np.array([device.gap(rho) for rho in transparency])
    left, right = device.heat(voltage, transparency, channels)
    cold, warm = cell.thermal.temperatures(left, right)
    sites = transparency * device.sites
    columns = [time, applied, voltage, flowing, conductance, gap, transparency, sites]
    return [*columns, 0.5 * (cold + warm), left, right, cold, warm]


def _current(device: Device, state: State) -> float:
    return current(device.parts(state.transparency, state.channels), state.voltage)[0]


def _zero_bias(device: Device, state: State) -> float:
    ohmic, gap, _ = device.parts(state.transparency, state.channels)
    return ohmic + gap
