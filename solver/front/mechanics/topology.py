"""Let a front change its topology where metal or oxide became thinner than an atom."""

from __future__ import annotations

from tusk.solver.front.mechanics.contacts import landed, merged, unfolded
from tusk.solver.front.mechanics.curves import Front, FrontError
from tusk.solver.front.mechanics.cuts import severed, trimmed, vanished
from tusk.solver.front.mechanics.events import Event, Limits

MOST_EVENTS = 1000
"""Events at one time after which the front counts as broken."""


def reconnected(front: Front, limits: Limits) -> tuple[Front, tuple[Event, ...]]:
    """Return the front after all changes of topology that are due, and what happened in order.

    Folds are taken out, whiskers and necks cut, specks removed, bodies that meet joined.  The same
    front gives the same result; a front to which nothing happens is returned itself.

    Raises
    ------
    FrontError
        If events go on without end, or metal is behind an electrode's face afterwards: a pit
        through to the counter-electrode would leave a ring, which no curve of a front is.
    """
    events: list[Event] = []
    while (changed := _next(front, limits)) is not None:
        front, event = changed
        events.append(event)
        if len(events) > MOST_EVENTS:
            raise FrontError(f"front: {MOST_EVENTS} changes of topology at one time, last: {event}")
    _check(front, limits)
    return front, tuple(events)


def _next(front: Front, limits: Limits) -> tuple[Front, Event] | None:
    """Return the front after its next event, None if nothing is due."""
    for surgery in (vanished, unfolded, trimmed, severed, landed):
        for index, curve in enumerate(front.curves):
            change = surgery(curve, limits)
            if change is not None:
                pieces, event = change
                return Front((*front.curves[:index], *pieces, *front.curves[index + 1 :])), event
    return merged(front, limits)


def _check(front: Front, limits: Limits) -> None:
    """Raise `FrontError` if metal lies behind an electrode's face."""
    for curve in front.curves:
        low, high = float(curve.points[:, 1].min()), float(curve.points[:, 1].max())
        margin = 1e-9 * limits.reach
        if low < limits.floor - margin or high > limits.ceiling + margin:
            raise FrontError(
                f"front: {curve.kind()} reaches from z = {low:.6g} to {high:.6g}, beyond the "
                f"electrodes at {limits.floor:.6g} and {limits.ceiling:.6g}"
            )
