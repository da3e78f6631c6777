"""The stepper on systems of one number: growth, refusal, events, failures, stalls."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from tusk.solver.core.stepper import STALL_STEPS, Attempt, Counters, Limit, Stepper
from tusk.solver.errors import NewtonDiverged, SolveError, Stalled, StepTooSmall


@dataclass(frozen=True)
class Point:
    time: float
    value: float


@dataclass
class Decay:
    """y' = -y by Euler's method, judged by half of the step squared over the tolerance."""

    tolerance: float = 1e-3
    longest: float = np.inf
    end: float = 10.0
    fails: list[float] = field(default_factory=list)
    event: float = np.inf
    restored: list[Point] = field(default_factory=list)

    def limit(self, state: Point, step: float) -> Limit:
        return min(Limit(step, "error"), Limit(self.longest, "a cap"), key=lambda x: x.step)

    def horizon(self, state: Point) -> float:
        return self.end - state.time

    def signature(self, state: Point) -> np.ndarray:
        return np.array([state.value])

    def attempt(self, state: Point, step: float) -> Attempt[Point]:
        if self.fails and step > self.fails[0]:
            raise NewtonDiverged("scripted")
        late = 1.0
        if state.time < self.event < state.time + step * (1 - 1e-9):
            late = (self.event - state.time) / step
        new = Point(state.time + step, state.value * (1 - step))
        return Attempt(new, 0.5 * step**2 * abs(state.value) / self.tolerance, late)

    def restore(self, state: Point) -> None:
        self.restored.append(state)

    def order(self, state: Point) -> int:
        return 1

    def trend(self, state: Point, step: float) -> float:
        return 1.0

    def renewed(self, state: Point, failure: SolveError | None) -> Point | None:
        return None


def stepper(system: Decay, step: float = 1e-2, minimum: float = 1e-9) -> Stepper[Point]:
    return Stepper(system, minimum, step, Counters())


def test_steps_settle_where_the_error_is_what_is_allowed() -> None:
    system, state = Decay(), Point(0.0, 1.0)
    steps = stepper(system)
    for _ in range(20):
        state, new = steps.advance(state, np.inf)
        taken, state = new.time - state.time, new
    # error = step^2 y/2 tolerance is driven to the square of the safety factor.
    expected = 0.9 * np.sqrt(2 * system.tolerance / state.value)
    assert taken == pytest.approx(expected, rel=0.1)
    assert steps.counters.accepted == 20


def test_a_step_is_no_longer_than_asked_and_never_grows_more_than_twofold() -> None:
    steps = stepper(Decay(tolerance=1.0))
    _, state = steps.advance(Point(0.0, 1.0), 1e-4)
    assert state.time == 1e-4
    assert steps.step == pytest.approx(2e-4)


def test_failures_halve_and_the_system_is_put_back() -> None:
    system, start = Decay(fails=[3e-3]), Point(0.0, 1.0)
    steps = stepper(system)
    former, state = steps.advance(start, np.inf)
    assert former is start
    assert state.time == 2.5e-3
    assert system.restored == [start, start]
    assert steps.counters.rejected == 2


def test_no_step_at_all_is_named_with_the_reason() -> None:
    with pytest.raises(StepTooSmall, match="below 1e-09 s at t = 0 s: scripted"):
        stepper(Decay(fails=[0.0])).advance(Point(0.0, 1.0), np.inf)


def test_an_event_ends_the_step_that_would_have_passed_it() -> None:
    system = Decay(event=4e-3)
    _, state = stepper(system).advance(Point(0.0, 1.0), np.inf)
    assert state.time == pytest.approx(4e-3, rel=1e-12)


def test_a_crawl_is_found_and_says_what_holds_it() -> None:
    system = Decay(longest=1e-13, end=1.0)
    steps, state = stepper(system, minimum=1e-15), Point(0.0, 1.0)
    for _ in range(STALL_STEPS):
        _, state = steps.advance(state, np.inf)
    with pytest.raises(Stalled, match=r"500 steps of 1e-13 s changed nothing, .* by a cap"):
        steps.advance(state, np.inf)
    assert steps.counters.accepted == STALL_STEPS


@pytest.mark.parametrize(
    "system",
    [
        Decay(longest=1e-13, end=1e-9),  # short steps to a corner that is near
        Decay(longest=1e-5, end=1e9),  # short steps that do change something
    ],
    ids=["near", "changing"],
)
def test_short_steps_that_lead_somewhere_are_no_crawl(system: Decay) -> None:
    steps, state = stepper(system, minimum=1e-15), Point(0.0, 1.0)
    for _ in range(2 * STALL_STEPS):
        _, state = steps.advance(state, np.inf)
    assert steps.counters.accepted == 2 * STALL_STEPS


@dataclass
class AlwaysAnew(Decay):
    """A system that would rather be meshed anew for ever than take a shorter step."""

    renewals: int = 0

    def renewed(self, state: Point, failure: SolveError | None) -> Point | None:
        self.renewals += failure is not None
        return state if failure else None


def test_what_fails_when_it_is_new_is_tried_with_a_shorter_step() -> None:
    system = AlwaysAnew(fails=[3e-3])
    _, new = stepper(system).advance(Point(0.0, 1.0), np.inf)
    assert new.time == pytest.approx(2.5e-3)
    assert system.renewals == 2
