"""The drive: a list of steps, each piecewise linear in time.

The unit of the values is V, or A with a current source; nothing here depends on it. Conditions
that end a step early (``until``) belong to the time integrator, which calls `Drive.advance` at the
time it has located.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tusk.solver.errors import InputError
from tusk.solver.physics.checks import finite, positive

__all__ = ["Drive", "Hold", "Position", "Pulse", "Ramp", "Sine", "Table", "Triangle"]


@dataclass(frozen=True, slots=True)
class Polyline:
    """Times since the start of a step (s, increasing, from 0) and the values there."""

    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Triangle:
    """From the present value to ``amplitude`` and on to zero, both at ``rate`` (per s, > 0)."""

    amplitude: float
    rate: float

    def __post_init__(self) -> None:
        finite("drive.triangle.amplitude", self.amplitude)
        positive("drive.triangle.rate", self.rate)

    def polyline(self, start: float) -> Polyline:
        """Return the corners for a step that starts at the value ``start``."""
        up = abs(self.amplitude - start) / self.rate
        down = abs(self.amplitude) / self.rate
        return _polyline([0.0, up, up + down], [start, self.amplitude, 0.0])


@dataclass(frozen=True, slots=True)
class Ramp:
    """From the present value ``to`` another at ``rate`` (per s, > 0)."""

    to: float
    rate: float

    def __post_init__(self) -> None:
        finite("drive.ramp.to", self.to)
        positive("drive.ramp.rate", self.rate)

    def polyline(self, start: float) -> Polyline:
        """Return the corners for a step that starts at the value ``start``."""
        return _polyline([0.0, abs(self.to - start) / self.rate], [start, self.to])


@dataclass(frozen=True, slots=True)
class Hold:
    """The present value for ``duration`` (s, > 0)."""

    duration: float

    def __post_init__(self) -> None:
        positive("drive.hold.for", self.duration, "s")

    def polyline(self, start: float) -> Polyline:
        """Return the corners for a step that starts at the value ``start``."""
        return _polyline([0.0, self.duration], [start, start])


@dataclass(frozen=True, slots=True)
class Pulse:
    """``count`` trapezoids from the present value to ``amplitude`` and back.

    ``width`` is the flat top; edges take ``rise`` and ``fall``; all times in s. Every pulse,
    the last one too, lasts one ``period``.
    """

    amplitude: float
    width: float
    rise: float
    fall: float
    count: int
    period: float

    def __post_init__(self) -> None:
        finite("drive.pulse.amplitude", self.amplitude)
        for name in ("width", "rise", "fall", "count", "period"):
            positive(f"drive.pulse.{name}", getattr(self, name))
        busy = self.rise + self.width + self.fall
        if self.period < busy * (1.0 - 1e-12):
            raise InputError(
                f"drive.pulse.period: must be at least rise + width + fall = {busy:g} s, "
                f"got {self.period:g} s"
            )

    def polyline(self, start: float) -> Polyline:
        """Return the corners for a step that starts at the value ``start``."""
        top = self.rise + self.width
        edges = np.array([self.rise, top, top + self.fall, self.period])
        times = (np.arange(self.count)[:, None] * self.period + edges).ravel()
        values = np.tile([self.amplitude, self.amplitude, start, start], self.count)
        return _polyline([0.0, *times.tolist()], [start, *values.tolist()])


@dataclass(frozen=True, slots=True)
class Sine:
    """``cycles`` of a sine of ``frequency`` (Hz) about the present value.

    Each cycle is made of ``points`` straight pieces.
    """

    amplitude: float
    frequency: float
    cycles: int
    points: int

    def __post_init__(self) -> None:
        finite("drive.sine.amplitude", self.amplitude)
        for name in ("frequency", "cycles", "points"):
            positive(f"drive.sine.{name}", getattr(self, name))

    def polyline(self, start: float) -> Polyline:
        """Return the corners for a step that starts at the value ``start``."""
        number = np.arange(self.cycles * self.points + 1)
        times = number / (self.points * self.frequency)
        # Whole cycles end where they began, to the last digit.
        phase = 2.0 * np.pi * (number % self.points) / self.points
        sine = np.where(2 * (number % self.points) == self.points, 0.0, np.sin(phase))
        return _polyline(times.tolist(), (start + self.amplitude * sine).tolist())


@dataclass(frozen=True, slots=True)
class Table:
    """Points of a file, joined by straight lines; times in s since the start of the step.

    If the first time is above zero, a straight line leads there from the present value; if it is
    zero, the value of the table rules from the start.
    """

    times: tuple[float, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "times", tuple(map(float, self.times)))
        object.__setattr__(self, "values", tuple(map(float, self.values)))
        times = self.times
        if len(times) != len(self.values) or not times or times[-1] <= 0.0:
            raise InputError("drive.table: needs as many times as values, ending after 0 s")
        if not all(map(math.isfinite, times + self.values)):
            raise InputError("drive.table: every time and value must be finite")
        if times[0] < 0.0 or any(b <= a for a, b in itertools.pairwise(times)):
            raise InputError("drive.table: times must start at 0 s or later and increase")

    def polyline(self, start: float) -> Polyline:
        """Return the corners for a step that starts at the value ``start``."""
        if self.times[0] > 0.0:
            return _polyline([0.0, *self.times], [start, *self.values])
        return _polyline(list(self.times), list(self.values))


type Step = Triangle | Ramp | Hold | Pulse | Sine | Table

_KINDS: tuple[tuple[Callable[..., Step], tuple[str, ...]], ...] = (
    (Pulse, ("amplitude", "width", "rise", "fall", "count", "period")),
    (Sine, ("amplitude", "frequency", "cycles", "points")),
    (Table, ("times", "values")),
    (Triangle, ("amplitude", "rate")),
    (Ramp, ("to", "rate")),
    (Hold, ("duration",)),
)


def _as_step(model: Any) -> Step:
    """Copy any object with the attributes of a step, such as a config model, into that step."""
    for kind, names in _KINDS:
        if all(hasattr(model, name) for name in names):
            return kind(*(getattr(model, name) for name in names))
    raise InputError(
        f"drive: {type(model).__name__} is no triangle, ramp, hold, pulse, sine or table"
    )


def _polyline(times: list[float], values: list[float]) -> Polyline:
    """Join corners that coincide to rounding; the later value wins."""
    shortest = 1e-12 * times[-1]
    kept_times, kept_values = [times[0]], [values[0]]
    for time, value in zip(times[1:], values[1:], strict=True):
        if time - kept_times[-1] > shortest:
            kept_times.append(time)
            kept_values.append(value)
        else:
            kept_values[-1] = value
    return Polyline(tuple(kept_times), tuple(kept_values))


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the drive the run is: the step, when it began (s) and at which value."""

    step_index: int
    start_time: float
    start_value: float


@dataclass(frozen=True, slots=True)
class Drive:
    """A sequence of steps, each starting at the value where the one before was left.

    Parameters
    ----------
    steps
        The dataclasses of this module, or objects with the same attributes.

    Raises
    ------
    InputError
        If the list is empty or an element is no step.
    """

    steps: tuple[Step, ...]
    _cache: dict[Position, Polyline] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __init__(self, steps: Sequence[Any]) -> None:
        if len(steps) == 0:
            raise InputError("drive: needs at least one step, got none")
        object.__setattr__(self, "steps", tuple(_as_step(step) for step in steps))
        object.__setattr__(self, "_cache", {})

    def start(self, time: float = 0.0, value: float = 0.0) -> Position:
        """Return the position at the first step of non-zero length.

        Parameters
        ----------
        time
            Start time in s.
        value
            Present value of the drive, V or A.

        Raises
        ------
        InputError
            If no step takes any time.
        """
        position = self._first_lasting(Position(0, time, value))
        if position is None:
            raise InputError("drive: no step takes any time")
        return position

    def value(self, position: Position, time: float) -> float:
        """Return the drive (V or A) at ``time`` (s), held constant before and after the step."""
        line = self._line(position)
        offset = time - position.start_time
        if time >= self.end_time(position):
            return line.values[-1]
        i = self._segment(line, position, time)
        if time == position.start_time + line.times[i]:
            return line.values[i]
        part = (offset - line.times[i]) / (line.times[i + 1] - line.times[i])
        return line.values[i] + min(max(part, 0.0), 1.0) * (line.values[i + 1] - line.values[i])

    def corners(self, position: Position) -> tuple[list[float], list[float]]:
        """Return times (s) and values (V or A) of the corners of the present step, ends included.

        The times are those that `next_corner` hands out.
        """
        line = self._line(position)
        return [position.start_time + time for time in line.times], list(line.values)

    def slope(self, position: Position, time: float) -> float:
        """Return d(drive)/dt (V/s or A/s) just after ``time`` (s); zero at the step's end."""
        if time >= self.end_time(position):
            return 0.0
        line = self._line(position)
        i = self._segment(line, position, time)
        return (line.values[i + 1] - line.values[i]) / (line.times[i + 1] - line.times[i])

    def next_corner(self, position: Position, time: float) -> float:
        """Return the first change of slope after ``time`` (s), the end of the step included.

        Returns
        -------
        float
            A time > ``time`` in s; infinity at or after the end of the step.
        """
        if time >= self.end_time(position):
            return math.inf
        line = self._line(position)
        return position.start_time + line.times[self._segment(line, position, time) + 1]

    def end_time(self, position: Position) -> float:
        """Return when the present step ends by itself, in s."""
        return position.start_time + self._line(position).times[-1]

    def total_time(self, position: Position) -> float:
        """Return when the drive ends if no later step is cut short, in s."""
        following: Position | None = position
        while following is not None:
            end = self.end_time(following)
            following = self.advance(following, end)
        return end

    def advance(self, position: Position, time: float) -> Position | None:
        """Leave the present step at ``time`` (s) and return the start of the next.

        Steps of no length (a ramp to the present value) are skipped.

        Returns
        -------
        Position or None
            None when the drive is done.
        """
        value = self.value(position, time)
        return self._first_lasting(Position(position.step_index + 1, time, value))

    def _first_lasting(self, position: Position) -> Position | None:
        """Return ``position`` or the first one after it whose step advances the clock."""
        index, time, value = position.step_index, position.start_time, position.start_value
        while index < len(self.steps):
            candidate = Position(index, time, value)
            if self.end_time(candidate) > time:
                return candidate
            value = self._line(candidate).values[-1]
            index += 1
        return None

    def _line(self, position: Position) -> Polyline:
        """Return the corners of the step at ``position``."""
        if position not in self._cache:
            self._cache.clear()
            step = self.steps[position.step_index]
            self._cache[position] = step.polyline(position.start_value)
        return self._cache[position]

    @staticmethod
    def _segment(line: Polyline, position: Position, time: float) -> int:
        """Return i with corner i <= time < corner i + 1, compared as absolute times.

        Absolute, because ``start + offset`` is what `next_corner` hands out and what comes back.
        """
        last = len(line.times) - 2
        i = min(max(bisect_right(line.times, time - position.start_time) - 1, 0), last)
        while i < last and position.start_time + line.times[i + 1] <= time:
            i += 1
        while i > 0 and position.start_time + line.times[i] > time:
            i -= 1
        return i
