"""The life of a front on its own: surfaces move, necks sever, bodies meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from tusk.solver.front.mechanics.curves import Curve, Front, FrontError
from tusk.solver.front.mechanics.events import Event, Limits
from tusk.solver.front.mechanics.spacing import Spacing
from tusk.solver.front.mechanics.surface import Surface
from tusk.solver.front.mechanics.surface_diffusion import Accuracy, Advanced, advance
from tusk.solver.front.mechanics.topology import reconnected

type Law = Callable[[Curve], Surface]
"""What moves each curve, asked for again after each stretch of time."""

MOST_STRETCHES = 100_000
"""Stretches of time after which an evolution counts as stalled."""


@dataclass(frozen=True, slots=True, eq=False)
class Evolved:
    """A front at a later time, and the times (s) and events on the way."""

    front: Front
    events: tuple[tuple[float, Event], ...]


@dataclass(frozen=True, slots=True)
class Evolution:
    """How a front evolves.

    Attributes
    ----------
    law
        What moves a curve.
    limits
        When topology changes.
    spacing
        Where nodes are wanted.
    accuracy
        How finely time is resolved.
    stretch
        Time (s) after which, at the latest, surfaces are looked at for having met each other.
    """

    law: Law
    limits: Limits
    spacing: Spacing
    accuracy: Accuracy = field(default_factory=Accuracy)
    stretch: float = np.inf

    def run(self, front: Front, time: float) -> Evolved:
        """Return the front ``time`` seconds later.

        Raises
        ------
        FrontError
            If the front stalls or breaks.
        """
        front, found = reconnected(front, self.limits)
        events, passed = [(0.0, event) for event in found], 0.0
        for _ in range(MOST_STRETCHES):
            if passed >= time or not front.curves:
                return Evolved(front, tuple(events))
            ahead = min(self.stretch, time - passed)
            results = self._together(front, ahead)
            elapsed = min(result.elapsed for result in results)
            passed = time if elapsed == time - passed else passed + elapsed
            front, found = reconnected(Front(tuple(r.curve for r in results)), self.limits)
            events += [(passed, event) for event in found]
            if elapsed < ahead and not found:
                raise FrontError(f"front: metal too thin at {passed:.6g} s, but nothing to cut")
        raise FrontError(
            f"front: stalled, {MOST_STRETCHES} stretches reach {passed:.4g} of {time:.4g} s"
        )

    def _together(self, front: Front, ahead: float) -> list[Advanced]:
        """Return all curves at the time the first becomes too thin, at most ``ahead`` seconds."""
        results = [self._moved(curve, ahead) for curve in front.curves]
        first = min(result.elapsed for result in results)
        return [
            result if result.elapsed == first else self._moved(curve, first)
            for curve, result in zip(front.curves, results, strict=True)
        ]

    def _moved(self, curve: Curve, duration: float) -> Advanced:
        radius = self.limits.smallest_radius
        return advance(curve, duration, self.law(curve), self.accuracy, self.spacing, radius)
