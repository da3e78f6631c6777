"""The drive: a sequence of steps, and where in it a run stands.

Conditions that end a step early (``until``) belong to the time integrator, which asks
`Drive.conditions` and calls `Drive.leave` at the time it has located.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tusk.solver.errors import InputError
from tusk.solver.physics.checks import positive
from tusk.solver.physics.drive_steps import (
    Frame,
    Hold,
    Layout,
    Pulse,
    Ramp,
    Sine,
    Step,
    Table,
    Triangle,
)

__all__ = ["Drive", "Hold", "Position", "Pulse", "Ramp", "Repeat", "Sine", "Table", "Triangle"]

type Conditions = list[tuple[object, int]]
"""Conditions of steps and loops, or None, each with the step that follows them."""

SAME_TURN = 1e-6
"""Share of a period by which its end may be missed by rounding."""

_KINDS: tuple[tuple[Callable[..., Step], tuple[str, ...]], ...] = (
    (Pulse, ("amplitude", "width", "rise", "fall", "count", "period")),
    (Sine, ("amplitude", "frequency", "cycles", "points")),
    (Table, ("times", "values")),
    (Triangle, ("amplitude", "rate")),
    (Ramp, ("to", "rate")),
    (Hold, ("duration",)),
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Some steps, ``count`` times over; they may be repeats themselves."""

    count: int
    steps: tuple[object, ...]

    def __post_init__(self) -> None:
        positive("Repeat.count", self.count)


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A step that takes time, and the condition that ends it early."""

    step: Step
    until: object
    size: int = 1


@dataclass(frozen=True, slots=True)
class _Loop:
    """Parts that are gone through ``count`` times; ``until`` ends them all."""

    parts: tuple[_Leaf | _Loop, ...]
    count: int
    until: object

    @property
    def turn(self) -> int:
        """Steps of one turn."""
        return sum(part.size for part in self.parts)

    @property
    def size(self) -> int:
        """Steps of all turns."""
        return self.count * self.turn


def _part(model: object) -> _Leaf | _Loop:
    """Copy any object with the attributes of a step, such as a config model, into that step.

    Raises
    ------
    InputError
        If it is none.
    """
    until = getattr(model, "until", None)
    if isinstance(model, Step):
        return _Leaf(model, None)
    if hasattr(model, "steps") and hasattr(model, "count"):
        return _Loop(tuple(_part(step) for step in model.steps), model.count, until)
    for kind, names in _KINDS:
        if all(hasattr(model, name) for name in names):
            return _Leaf(kind(*(getattr(model, name) for name in names)), until)
    raise InputError(
        f"drive: {type(model).__name__} is no triangle, ramp, hold, pulse, sine, table or repeat"
    )


@dataclass(frozen=True, slots=True)
class Position:
    """Where in the drive the run is.

    Attributes
    ----------
    step_index
        Number of the step, those of repeats counted as often as they come.
    start_time, start_value
        When the step began (s), and at which value (V or A).
    frame
        Number of the frame of the step; times within it are counted from its beginning.
    """

    step_index: int
    start_time: float
    start_value: float
    frame: int = 0


@dataclass(frozen=True, slots=True)
class Drive:
    """A sequence of steps, each starting at the value where the one before was left.

    Parameters
    ----------
    steps
        Steps of `tusk.solver.physics.drive_steps`, repeats, or objects with their attributes.

    Raises
    ------
    InputError
        If the list is empty or an element is no step.
    """

    _root: _Loop
    _cache: dict[tuple[int, float], tuple[Layout, dict[int, Frame]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __init__(self, steps: Sequence[object]) -> None:
        if len(steps) == 0:
            raise InputError("drive: needs at least one step, got none")
        object.__setattr__(self, "_root", _Loop(tuple(_part(step) for step in steps), 1, None))
        object.__setattr__(self, "_cache", {})

    # --- steps ----------------------------------------------------------------------------------

    def start(self, time: float = 0.0, value: float = 0.0) -> Position:
        """Return the position at the first step that takes time.

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

    def step(self, position: Position) -> Step:
        """Return the step at a position."""
        return self._leaf(position.step_index).step

    def conditions(self, position: Position) -> list[tuple[Any, int]]:
        """Return what ends the step early, the innermost condition first, and the step after it."""
        around = self._around(position.step_index)
        out = []
        for (until, after), (_, beyond) in zip(around, [*around[1:], around[-1]], strict=True):
            if until is not None:
                leaves = getattr(until, "leaves", "step")
                out.append((until, beyond if leaves == "repeat" else after))
        return out

    def leave(self, position: Position, offset: float, after: int | None = None) -> Position | None:
        """Leave the step ``offset`` seconds into its frame, for step number ``after`` or the next.

        Steps of no length (a ramp to the present value) are skipped.

        Returns
        -------
        Position or None
            None when the drive is done.
        """
        number = position.step_index + 1 if after is None else after
        time, value = self.time(position, offset), self.value(position, offset)
        return self._first_lasting(Position(number, time, value))

    def total_time(self, position: Position) -> float:
        """Return when the drive ends if no later step is cut short, in s."""
        number, time, value = position.step_index, position.start_time, position.start_value
        while number < self._root.size:
            turn = self._turns(number)
            if turn is None:
                duration, value = self._spent(number, number + 1, value)
                time, number = time + duration, number + 1
                continue
            loop, turns = turn
            # The first turn may start elsewhere; from then on each is like the other.
            duration, value = self._spent(number, number + loop.turn, value)
            again, value = self._spent(number, number + loop.turn, value)
            time += duration + (turns - 1) * again
            number += turns * loop.turn
        return time

    @property
    def has_cycles(self) -> bool:
        """Whether there is more than one step, or one that has turns."""
        first = self._root.parts[0]
        return len(self._root.parts) > 1 or isinstance(first, _Loop) or first.step.periods > 1

    def turn(self, position: Position, offset: float) -> tuple[int, int]:
        """Return which outermost repeat or train a position is in, and its turn there.

        Steps that come once have no turn: they are all (-1, 0). The end of a turn is the beginning
        of the next.
        """
        ends = list(itertools.accumulate(part.size for part in self._root.parts))
        number = bisect_right(ends, position.step_index)
        part = self._root.parts[number]
        begin = ends[number] - part.size
        if isinstance(part, _Loop):
            return number, (position.step_index - begin) // part.turn
        if part.step.periods == 1:
            return -1, 0
        passed = self._frame(position).begin + offset
        return number, int(passed / self._layout(position).period + SAME_TURN)

    # --- within a step --------------------------------------------------------------------------

    def time(self, position: Position, offset: float) -> float:
        """Return the time (s) since the start of the drive, as exactly as one number can say it."""
        return position.start_time + (self._frame(position).begin + offset)

    def value(self, position: Position, offset: float) -> float:
        """Return the drive (V or A) ``offset`` seconds into the frame, constant outside of it."""
        line = self._frame(position).line
        if offset >= line.times[-1]:
            return line.values[-1]
        i = self._segment(line.times, offset)
        if offset == line.times[i]:
            return line.values[i]
        part = (offset - line.times[i]) / (line.times[i + 1] - line.times[i])
        return line.values[i] + min(max(part, 0.0), 1.0) * (line.values[i + 1] - line.values[i])

    def slope(self, position: Position, offset: float) -> float:
        """Return d(drive)/dt (V/s or A/s) just after ``offset``; zero at the frame's end."""
        line = self._frame(position).line
        if offset >= line.times[-1]:
            return 0.0
        i = self._segment(line.times, offset)
        return (line.values[i + 1] - line.values[i]) / (line.times[i + 1] - line.times[i])

    def next_corner(self, position: Position, offset: float) -> float:
        """Return the first change of slope after ``offset`` in the frame, its end included, s.

        Returns
        -------
        float
            Infinity at or after the end of the frame.
        """
        times = self._frame(position).line.times
        return math.inf if offset >= times[-1] else times[self._segment(times, offset) + 1]

    def corners(self, position: Position) -> tuple[list[float], list[float]]:
        """Return times (s) in the frame and values (V or A) of its corners, ends included."""
        line = self._frame(position).line
        return list(line.times), list(line.values)

    def settled(self, position: Position, offset: float) -> tuple[Position, float]:
        """Return the same instant in the next frame of the step, at the end of one that has one."""
        layout = self._layout(position)
        if offset < self._frame(position).line.times[-1] or position.frame + 1 >= layout.count:
            return position, offset
        number, start = position.step_index, position.start_time
        return Position(number, start, position.start_value, position.frame + 1), 0.0

    def is_over(self, position: Position, offset: float) -> bool:
        """Return whether the step has come to its end."""
        last = position.frame + 1 >= self._layout(position).count
        return last and offset >= self._frame(position).line.times[-1]

    # --- parts ----------------------------------------------------------------------------------

    def _leaf(self, number: int) -> _Leaf:
        """Return a step by its number."""
        return self._path(number)[0]

    def _around(self, number: int) -> Conditions:
        """Return the conditions (or None) of a step and the loops around it, each with its end."""
        return self._path(number)[1]

    def _path(self, number: int) -> tuple[_Leaf, Conditions]:
        """Return a step by its number, and what `_around` says of it, the innermost first."""
        part: _Leaf | _Loop = self._root
        begin = 0
        outer: Conditions = []
        while isinstance(part, _Loop):
            outer.insert(0, (part.until, begin + part.size))
            begin += (number - begin) // part.turn * part.turn
            for inner in part.parts:
                if number < begin + inner.size:
                    part = inner
                    break
                begin += inner.size
        return part, [(part.until, number + 1), *outer]

    def _turns(self, number: int) -> tuple[_Loop, int] | None:
        """Return the outermost loop of which a turn begins at a step, and the turns left of it."""
        part: _Leaf | _Loop = self._root
        begin = 0
        while isinstance(part, _Loop):
            if (number - begin) % part.turn == 0 and part.count > 1:
                turns = part.count - (number - begin) // part.turn
                if turns > 1:
                    return part, turns
            begin += (number - begin) // part.turn * part.turn
            for inner in part.parts:
                if number < begin + inner.size:
                    part = inner
                    break
                begin += inner.size
        return None

    def _spent(self, first: int, last: int, value: float) -> tuple[float, float]:
        """Return how long steps take (s) from a value on, and the value at their end."""
        duration, number = 0.0, first
        while number < last:
            turn = self._turns(number)
            if turn is not None and number + turn[1] * turn[0].turn <= last and number != first:
                loop, turns = turn
                once, value = self._spent(number, number + loop.turn, value)
                again, value = self._spent(number, number + loop.turn, value)
                duration += once + (turns - 1) * again
                number += turns * loop.turn
                continue
            step = self._leaf(number).step
            duration += step.layout(value).duration
            value = step.end_value(value)
            number += 1
        return duration, value

    def _first_lasting(self, position: Position) -> Position | None:
        """Return ``position`` or the first one after it whose step takes time."""
        number, time, value = position.step_index, position.start_time, position.start_value
        while number < self._root.size:
            step = self._leaf(number).step
            if step.layout(value).count > 0:
                return Position(number, time, value)
            value = step.end_value(value)
            number += 1
        return None

    def _layout(self, position: Position) -> Layout:
        return self._cached(position)[0]

    def _frame(self, position: Position) -> Frame:
        layout, frames = self._cached(position)
        if position.frame not in frames:
            frames.clear()
            frames[position.frame] = layout.frame(position.frame)
        return frames[position.frame]

    def _cached(self, position: Position) -> tuple[Layout, dict[int, Frame]]:
        key = (position.step_index, position.start_value)
        if key not in self._cache:
            self._cache.clear()
            self._cache[key] = (self.step(position).layout(position.start_value), {})
        return self._cache[key]

    @staticmethod
    def _segment(times: tuple[float, ...], offset: float) -> int:
        """Return i with corner i <= offset < corner i + 1."""
        return min(max(bisect_right(times, offset) - 1, 0), len(times) - 2)
