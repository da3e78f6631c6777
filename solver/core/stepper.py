"""One adaptive stepper for every model: each step is a transaction.

A model says how to attempt a step and how to take one back; when steps grow, shrink, are refused or
end at an event is decided here, once.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import MeshTangled, NewtonDiverged, SolveError, Stalled, StepTooSmall

SAFETY = 0.9
"""Share of the step that the error allows which is taken next."""

FASTEST_GROWTH, FASTEST_CUT = 2.0, 0.25
"""Largest change of the step from one to the next, unless told otherwise, and of a refused one."""

LAST_CHANCE = 4.0
"""Steps shorter than this many smallest steps are taken whatever their error."""


STALL_STEPS, STALL_CHANGE, STALL_TIME = 500, 1e-3, 1e-6
"""A run stalls if so many steps change what matters by less than this, relative, and come less than
this share nearer to where the drive changes next."""


class Limit(NamedTuple):
    """A step in s, and what keeps it from being longer."""

    step: float
    reason: str


@dataclass(frozen=True, slots=True)
class Attempt[S]:
    """What became of a step.

    Attributes
    ----------
    state
        The state at its end.
    error
        Its error in units of what is allowed.
    late
        Share of the step at which an event should have ended it, 1 if none was passed.
    """

    state: S
    error: float
    late: float = 1.0


class Timed(Protocol):
    """A state at a time."""

    @property
    def time(self) -> float:
        """Time in s."""
        ...


class Steppable[S: Timed](Protocol):
    """A system that can be stepped: a solved cell, a circuit, a box of atoms."""

    def limit(self, state: S, step: float) -> Limit:
        """Return the wanted ``step`` (s) cut to what may be tried from ``state``."""
        ...

    def horizon(self, state: S) -> float:
        """Return how long (s) from ``state`` it is to where the drive changes next."""
        ...

    def signature(self, state: S) -> NDArray[np.float64]:
        """Return what matters of a state (k,), on scales on which a change of 1 is large."""
        ...

    def attempt(self, state: S, step: float) -> Attempt[S]:
        """Return what a step (s) leads to; ``state`` itself is never changed.

        Raises
        ------
        NewtonDiverged, MeshTangled
            If there is no state at its end; `restore` then puts the system back.
        """
        ...

    def restore(self, state: S) -> None:
        """Put the system back to an accepted state, bit for bit."""
        ...

    def order(self, state: S) -> int:
        """Return the order of what a step from ``state`` is judged by."""
        ...

    def trend(self, state: S, step: float) -> float:
        """Return the factor by which steps have been shrinking, at most 1."""
        ...

    def renewed(self, state: S, failure: SolveError | None) -> S | None:
        """Return ``state`` on a fresh discretisation, None if the present one is to be kept.

        Asked before every step, and with the ``failure`` after a step that failed.
        """
        ...


@dataclass(slots=True)
class Counters:
    """How the stepper got along."""

    accepted: int = 0
    rejected: int = 0
    failed_solves: int = 0
    solves: int = 0
    newton_iterations: int = 0
    meshes: int = 0


@dataclass(slots=True)
class Stepper[S: Timed]:
    """Takes accepted steps of a system.

    Attributes
    ----------
    system
        What is stepped.
    minimum
        Shortest step that is tried, s.
    step
        Step that is wanted next, s.
    counters
        Accepted and refused steps are counted here.
    growth
        Largest factor from one step to the next.
    """

    system: Steppable[S]
    minimum: float
    step: float
    counters: Counters
    growth: float = FASTEST_GROWTH
    _clock: float = 0.0
    _past: deque[tuple[float, NDArray[np.float64]]] = field(
        default_factory=lambda: deque(maxlen=STALL_STEPS)
    )

    def advance(self, state: S, longest: float) -> tuple[S, S]:
        """Take one accepted step of at most ``longest`` seconds.

        Returns
        -------
        tuple
            The state the step set out from (renewed, if the discretisation was), and its end.

        Raises
        ------
        StepTooSmall
            If no step above the floor succeeds; the system stands at the state it set out from.
        Stalled
            If steps succeed but lead nowhere.
        """
        system = self.system
        state = system.renewed(state, None) or state
        limit = system.limit(state, self.step)
        self._watch(state, limit)
        step = min(limit.step, longest)
        reason, fresh = "error above the tolerance", False
        while step >= self.minimum:
            try:
                attempt = system.attempt(state, step)
            except (NewtonDiverged, MeshTangled) as failure:
                reason = str(failure)
                system.restore(state)
                self.counters.rejected += 1
                renewed = None if fresh else system.renewed(state, failure)
                fresh = renewed is not None
                state, step = (state, 0.5 * step) if renewed is None else (renewed, step)
                continue
            factor = SAFETY * max(attempt.error, 1e-4) ** (-1 / (1 + system.order(state)))
            cut = self._cut(attempt, step, factor)
            if cut is not None:
                system.restore(state)
                step *= cut
                continue
            self.counters.accepted += 1
            self._clock += step
            self.step = step * min(self.growth, factor * system.trend(state, step))
            return state, attempt.state
        raise StepTooSmall(
            f"time step below {self.minimum:.3g} s at t = {state.time:.9g} s: {reason}"
        )

    def _cut(self, attempt: Attempt[S], step: float, factor: float) -> float | None:
        """Return by what a step is cut that overran an event or is too coarse, None if it stands.

        ``factor`` is the one by which the error would have the step change.
        """
        if step <= LAST_CHANCE * self.minimum:
            return None
        if attempt.late < 1.0:
            return attempt.late
        if attempt.error > 1.0:
            self.counters.rejected += 1
            return max(FASTEST_CUT, factor)
        return None

    def _watch(self, state: S, limit: Limit) -> None:
        """Refuse to crawl on where many steps have changed nothing."""
        past, now = self._past, self.system.signature(state)
        if len(past) == past.maxlen:
            began, then = past[0]
            passed = self._clock - began
            still = float(np.abs(now - then).max()) < STALL_CHANGE
            if still and 0.0 < passed < STALL_TIME * self.system.horizon(state):
                raise Stalled(
                    f"stalled at t = {state.time:.9g} s: {len(past)} steps of "
                    f"{passed / len(past):.2g} s changed nothing, held short by {limit.reason}"
                )
        past.append((self._clock, now))
