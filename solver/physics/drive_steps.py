"""The steps of a drive, each piecewise linear in time and cut into frames.

A frame is a stretch in which a floating-point number of seconds, counted from the beginning of the
frame, resolves every piece to a part in a thousand million: a pulse of nanoseconds after days of
rest is as sharp as the first one. A train of pulses is one period repeated, however many there are.

The unit of the values is V, or A with a current source; nothing here depends on it.
"""

from __future__ import annotations

import itertools
import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from tusk.solver.physics.checks import ParameterError, finite, positive

RESOLVED = 4e6
"""Longest frame over its shortest piece: then a part in 1e9 of that piece is resolved."""

MOST_PIECES = 100_000
"""Pieces of one frame at most."""

ROUNDING = 8.0 * np.finfo(float).eps
"""Corners that lie closer than this, relative to their time in the frame, are one by rounding."""


@dataclass(frozen=True, slots=True)
class Polyline:
    """Times since the start of a frame (s, increasing, from 0) and the values there."""

    times: tuple[float, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A stretch of a step: when it begins, s since the step began, and its corners."""

    begin: float
    line: Polyline


class Step(ABC):
    """A step of the drive, which starts at the present value."""

    __slots__ = ()

    @abstractmethod
    def durations(self, start: float) -> Sequence[float]:
        """Return the lengths (s) of the pieces of one period that starts at ``start``."""

    @abstractmethod
    def values(self, start: float) -> Sequence[float]:
        """Return the values at the corners of one period, one more than there are pieces."""

    @property
    def periods(self) -> int:
        """How often the pieces are repeated."""
        return 1

    def corners(self, start: float, first: int, last: int) -> list[float]:
        """Return the times (s) of corners ``first`` to ``last`` since the first of them."""
        return [0.0, *itertools.accumulate(self.durations(start)[first:last])]

    def layout(self, start: float) -> Layout:
        """Return how the step is cut into frames."""
        return Layout(self, start)

    def end_value(self, start: float) -> float:
        """Return the value (V or A) at the end of the step."""
        return self.values(start)[-1]


class Layout:
    """A step that starts at a value, cut into frames.

    Parameters
    ----------
    step, start
        The step and the value (V or A) at which it starts.
    """

    def __init__(self, step: Step, start: float) -> None:
        self._step, self._start = step, start
        lengths = step.durations(start)
        self._groups = _groups(lengths)
        self.period = math.fsum(lengths)
        self._together = 1
        if len(self._groups) == 1 and step.periods > 1:
            pieces = [length for length in lengths if length > 0.0]
            resolved = RESOLVED * min(pieces) / self.period
            together = min(resolved, MOST_PIECES / len(pieces), step.periods)
            self._together = max(1, int(together))

    @property
    def duration(self) -> float:
        """Length of the step, s."""
        return self.period * self._step.periods

    @property
    def count(self) -> int:
        """Number of frames; 0 if the step takes no time."""
        if self.period <= 0.0:
            return 0
        return len(self._groups) * -(-self._step.periods // self._together)

    def frame(self, number: int) -> Frame:
        """Return a frame by its number."""
        step, start = self._step, self._start
        turn, group = divmod(number, len(self._groups))
        period = turn * self._together
        begin = period * self.period
        first, last = self._groups[group]
        if len(self._groups) > 1:
            begin += math.fsum(step.durations(start)[:first])
            times = step.corners(start, first, last)
            return Frame(begin, _polyline(times, list(step.values(start)[first : last + 1])))
        repeats = min(self._together, step.periods - period)
        if repeats == 1 and step.periods == 1:
            return Frame(begin, _polyline(step.corners(start, first, last), [*step.values(start)]))
        return Frame(begin, _repeated(step, start, repeats))


def _repeated(step: Step, start: float, repeats: int) -> Polyline:
    """Return some periods one after the other."""
    times, values = [0.0], [step.values(start)[0]]
    for number in range(repeats):
        times += period_times(step, start, number)
        values += step.values(start)[1:]
    return _polyline(times, values)


def period_times(step: Step, start: float, number: int) -> list[float]:
    """Return the times of the corners of one period, its start left out, from that of period 0."""
    if isinstance(step, Sine):
        first = number * step.points
        scale = step.points * step.frequency
        return [(first + k) / scale for k in range(1, step.points + 1)]
    begin = number * step.period if isinstance(step, Pulse) else 0.0
    return [begin + time for time in step.corners(start, 0, len(step.durations(start)))[1:]]


def _groups(lengths: Sequence[float]) -> list[tuple[int, int]]:
    """Return first and last corner of stretches of pieces that one frame resolves."""
    out, first, total, shortest = [], 0, 0.0, math.inf
    for k, length in enumerate(lengths):
        if length <= 0.0:
            continue
        total, shortest = total + length, min(shortest, length)
        if k > first and (total > RESOLVED * shortest or k - first >= MOST_PIECES):
            out.append((first, k))
            first, total, shortest = k, length, length
    return [*out, (first, len(lengths))]


def _polyline(times: list[float], values: list[float]) -> Polyline:
    """Join corners that coincide to rounding; the later value wins."""
    kept_times, kept_values = [times[0]], [values[0]]
    for time, value in zip(times[1:], values[1:], strict=True):
        if time - kept_times[-1] > ROUNDING * time:
            kept_times.append(time)
            kept_values.append(value)
        else:
            kept_values[-1] = value
    return Polyline(tuple(kept_times), tuple(kept_values))


@dataclass(frozen=True, slots=True)
class Triangle(Step):
    """From the present value to ``amplitude`` and on to zero, both at ``rate`` (per s, > 0)."""

    amplitude: float
    rate: float

    def __post_init__(self) -> None:
        finite("Triangle.amplitude", self.amplitude)
        positive("Triangle.rate", self.rate)

    def durations(self, start: float) -> Sequence[float]:
        """Return how long both sides take, s."""
        return abs(self.amplitude - start) / self.rate, abs(self.amplitude) / self.rate

    def values(self, start: float) -> Sequence[float]:
        """Return present value, amplitude, zero."""
        return start, self.amplitude, 0.0


@dataclass(frozen=True, slots=True)
class Ramp(Step):
    """From the present value ``to`` another at ``rate`` (per s, > 0)."""

    to: float
    rate: float

    def __post_init__(self) -> None:
        finite("Ramp.to", self.to)
        positive("Ramp.rate", self.rate)

    def durations(self, start: float) -> Sequence[float]:
        """Return how long it takes, s."""
        return (abs(self.to - start) / self.rate,)

    def values(self, start: float) -> Sequence[float]:
        """Return present and final value."""
        return start, self.to


@dataclass(frozen=True, slots=True)
class Hold(Step):
    """The present value for ``duration`` (s, > 0)."""

    duration: float

    def __post_init__(self) -> None:
        positive("Hold.duration", self.duration, "s")

    def durations(self, start: float) -> Sequence[float]:  # noqa: ARG002
        """Return how long it takes, s."""
        return (self.duration,)

    def values(self, start: float) -> Sequence[float]:
        """Return the present value twice."""
        return start, start


@dataclass(frozen=True, slots=True)
class Pulse(Step):
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
        finite("Pulse.amplitude", self.amplitude)
        for name in ("width", "rise", "fall", "count", "period"):
            positive(f"Pulse.{name}", getattr(self, name))
        busy = self.rise + self.width + self.fall
        if self.period < busy * (1.0 - 1e-12):
            what = f"must be at least rise + width + fall = {busy:g} s, got {self.period:g} s"
            raise ParameterError("Pulse.period", what)

    @property
    def periods(self) -> int:
        """Number of pulses."""
        return self.count

    def durations(self, start: float) -> Sequence[float]:  # noqa: ARG002
        """Return rise, top, fall and rest, s; what rounding leaves of a rest is none."""
        busy = self.rise + self.width + self.fall
        rest = self.period - busy
        return self.rise, self.width, self.fall, rest if rest > ROUNDING * busy else 0.0

    def values(self, start: float) -> Sequence[float]:
        """Return the values around one pulse."""
        return start, self.amplitude, self.amplitude, start, start

    def corners(self, start: float, first: int, last: int) -> list[float]:
        """Return the times (s) of corners since the first of them."""
        if (first, last) != (0, 4):
            return Step.corners(self, start, first, last)
        top = self.rise + self.width
        return [0.0, self.rise, top, top + self.fall, self.period]


@dataclass(frozen=True, slots=True)
class Sine(Step):
    """``cycles`` of a sine of ``frequency`` (Hz) about the present value.

    Each cycle is made of ``points`` straight pieces.
    """

    amplitude: float
    frequency: float
    cycles: int
    points: int

    def __post_init__(self) -> None:
        finite("Sine.amplitude", self.amplitude)
        for name in ("frequency", "cycles", "points"):
            positive(f"Sine.{name}", getattr(self, name))

    @property
    def periods(self) -> int:
        """Number of cycles."""
        return self.cycles

    def durations(self, start: float) -> Sequence[float]:  # noqa: ARG002
        """Return the lengths of the pieces, s."""
        return (1.0 / (self.points * self.frequency),) * self.points

    def values(self, start: float) -> Sequence[float]:
        """Return the sine at the corners; whole cycles end where they began, to the last digit."""
        number = np.arange(self.points + 1) % self.points
        phase = 2.0 * np.pi * number / self.points
        sine = np.where(2 * number == self.points, 0.0, np.sin(phase))
        return (start + self.amplitude * sine).tolist()  # type: ignore[no-any-return]

    def corners(self, start: float, first: int, last: int) -> list[float]:  # noqa: ARG002
        """Return the times (s) of corners since the first of them."""
        scale = self.points * self.frequency
        return [k / scale for k in range(last - first + 1)]


@dataclass(frozen=True, slots=True)
class Table(Step):
    """Points of a file, joined by straight lines; times in s since the start of the step.

    If the first time is above zero, a straight line leads there from the present value; if it is
    zero, the value of the table rules from the start. Times count as the shortest decimal numbers
    that mean them, so that what is short is not lost in the rounding of what is late.
    """

    times: tuple[float, ...]
    levels: tuple[float, ...]

    def __init__(self, times: Sequence[float], values: Sequence[float]) -> None:
        object.__setattr__(self, "times", tuple(map(float, times)))
        object.__setattr__(self, "levels", tuple(map(float, values)))
        self.__post_init__()

    def __post_init__(self) -> None:
        times = self.times
        if len(times) != len(self.levels) or not times or times[-1] <= 0.0:
            raise ParameterError("Table.times", "must be as many as the values and end after 0 s")
        if not all(map(math.isfinite, times + self.levels)):
            raise ParameterError("Table", "every time and value must be finite")
        if times[0] < 0.0 or any(b <= a for a, b in itertools.pairwise(times)):
            raise ParameterError("Table.times", "must start at 0 s or later and increase")

    def _moments(self) -> list[Decimal]:
        moments = [Decimal(repr(time)) for time in self.times]
        return moments if self.times[0] == 0.0 else [Decimal(0), *moments]

    def durations(self, start: float) -> Sequence[float]:  # noqa: ARG002
        """Return the lengths of the pieces, s."""
        return [float(b - a) for a, b in itertools.pairwise(self._moments())]

    def values(self, start: float) -> Sequence[float]:
        """Return the values at the corners."""
        return self.levels if self.times[0] == 0.0 else (start, *self.levels)

    def corners(self, start: float, first: int, last: int) -> list[float]:  # noqa: ARG002
        """Return the times (s) of corners since the first of them."""
        moments = self._moments()
        return [float(moment - moments[first]) for moment in moments[first : last + 1]]
