"""Advance a curve by any time under surface diffusion and charge transfer, in steps of its own.

A step has two implicit stages of γΔt, γ = 1 - 1/√2 (L-stable, second order): the first is prolonged
by 1 + √2 to where the second begins.  What the straight prolongation changed in volume beyond what
the first stage brought is returned node by node in the second, so that volume is kept to rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.meshes.curve import Points, Values
from tusk.solver.front.mechanics.curvature import local_size
from tusk.solver.front.mechanics.curves import Curve, FrontError, node_areas
from tusk.solver.front.mechanics.elements import swept_volume
from tusk.solver.front.mechanics.necks import is_thin
from tusk.solver.front.mechanics.scheme import (
    explicit_velocity,
    implicit_step,
    reference_curvature,
    scheme_curvature,
)
from tusk.solver.front.mechanics.spacing import Spacing, redistributed
from tusk.solver.front.mechanics.surface import Surface, deposit_rates

STAGE = 1.0 - float(np.sqrt(0.5))
"""γ, length of a stage over the step."""

PROLONGED = 1.0 + float(np.sqrt(2.0))
"""(1 - γ)/γ, by which the first stage is prolonged."""

GROWTH, SAFETY, SHRINKAGE = 2.5, 0.9, 0.25
"""Largest growth of the step, margin to the tolerance, and what follows a step without solution."""


class FrontStalled(FrontError):  # noqa: N818  (named after the event)
    """Steps became too small or too many; the message names the place."""


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How finely time is resolved, per node as shares of the smaller radius of curvature.

    Attributes
    ----------
    error
        Difference from the embedded first-order result, allowed in a step.
    motion
        Motion allowed in a step.
    most_steps
        Steps, also those tried in vain, after which the surface counts as stalled.
    """

    error: float = 2e-3
    motion: float = 0.1
    most_steps: int = 5000


@dataclass(frozen=True, slots=True, eq=False)
class Advanced:
    """Where a curve has come to.

    Attributes
    ----------
    curve
        The curve.
    curvature
        κ at its nodes (n,) as the scheme sees it.
    elapsed
        Time that passed, s: shorter than asked for only if ``thin``.
    steps, rejected
        Own steps, and how many were tried in vain.
    next_step
        A step that the accuracy allows next, s.
    origin
        Position of each node among those of the curve at the start, a real index (n,).
    thin
        Metal is thinner than allowed: it has to be severed.
    """

    curve: Curve
    curvature: Values
    elapsed: float
    steps: int
    rejected: int
    next_step: float
    origin: Values
    thin: bool


def advance(
    curve: Curve,
    time: float,
    surface: Surface,
    accuracy: Accuracy | None = None,
    spacing: Spacing | None = None,
    smallest_radius: float = 0.0,
    first_step: float = np.inf,
) -> Advanced:
    """Return the curve ``time`` seconds later, or earlier when its metal became too thin.

    Parameters
    ----------
    curve
        Where the surface is.
    time
        s; one big step is welcome, it is divided here.
    surface
        What moves it.  Charge transfer brings to each node the same volume per time throughout.
    accuracy
        How finely time is resolved.
    spacing
        Where nodes are wanted; None keeps every node and its share of the length.
    smallest_radius
        Necks and whiskers thinner than this end the advance.
    first_step
        Own step to begin with, `Advanced.next_step` of the last time.

    Raises
    ------
    FrontStalled
        If steps become too small or too many.
    """
    march = _March(curve, surface, accuracy or Accuracy(), spacing)
    march.run(time, min(first_step, march.first_step()), smallest_radius)
    return march.result()


class _March:
    """An advance in progress."""

    def __init__(
        self, curve: Curve, surface: Surface, accuracy: Accuracy, spacing: Spacing | None
    ) -> None:
        self.curve, self.accuracy, self.spacing = curve, accuracy, spacing
        self.steps = self.rejected = 0
        self.elapsed, self.next_step, self.thin = 0.0, np.inf, False
        self.allowed = np.inf
        self.surface = surface
        self.rates = deposit_rates(curve.points, surface.velocity)
        self.reference = reference_curvature(curve, surface)
        self.origin = np.arange(len(curve.points), dtype=float)
        self._respace()

    def first_step(self) -> float:
        """Return a step that moves no node by more than allowed, by the velocity of now, s."""
        speed = np.abs(explicit_velocity(self.curve, self.surface, self.rates))
        return float(self.accuracy.motion / max(1e-300, (speed / local_size(self.curve)).max()))

    def run(self, time: float, step: float, smallest_radius: float) -> None:
        """Go on for ``time`` seconds, beginning with ``step``, or until metal is too thin."""
        while self.elapsed < time:
            self.thin = is_thin(self.curve, smallest_radius)
            if self.thin:
                break
            left = time - self.elapsed
            trial = left if step >= left else min(step, 0.5 * left)
            spent = self.steps + self.rejected >= self.accuracy.most_steps
            if spent or self.elapsed + trial == self.elapsed:
                raise FrontStalled(self._complaint(time, trial))
            accepted, factor = self.attempt(trial)
            if accepted:
                self.elapsed = self.elapsed + trial if trial < left else time
            free = not accepted or trial == step
            step = factor * trial if free else max(step, factor * trial)
        self.next_step = step

    def attempt(self, step: float) -> tuple[bool, float]:
        """Try a step; return whether it was taken, and the next one over it."""
        try:
            new, error, motion = self._stages(step)
        except FrontError:
            self.rejected += 1
            return False, SHRINKAGE
        size = local_size(self.curve)
        wrong = float((error / size).max()) / self.accuracy.error
        far = float((motion / size).max()) / self.accuracy.motion
        excess = max(np.sqrt(wrong), far)
        factor = SAFETY / max(excess, 1e-300)
        if excess > 1.0:
            self.rejected += 1
            return False, max(SHRINKAGE, factor)
        shrinking, self.allowed = step * factor / self.allowed, step * factor
        factor = min(GROWTH, factor * min(1.0, shrinking)) if shrinking else factor
        self.steps += 1
        self.curve = new
        self._respace()
        return True, factor

    def _stages(self, step: float) -> tuple[Curve, Values, Values]:
        """Return the curve after a step, and error and motion of nodes along the normal (n,)."""
        start, part = self.curve, STAGE * step
        brought, area = part * self.rates, node_areas(start.points)
        points = implicit_step(start, part, self.surface, brought, self.reference)
        first = _swept(points, start.points)
        aside = start.points + PROLONGED * (points - start.points)
        between = replace(start, points=aside)
        owed = PROLONGED * first - _swept(aside, start.points)
        points = implicit_step(between, part, self.surface, brought + owed, self.reference)
        second = _swept(points, aside) - owed
        new = replace(start, points=points)
        error = PROLONGED * np.abs(second - first) / area
        return new, error, np.abs(PROLONGED * first + second) / area

    def _respace(self) -> None:
        """Redistribute the nodes if they are worn, and carry along what they know."""
        if self.spacing is None or not self.spacing.worn(self.curve):
            return
        old = self.curve
        self.curve, position = redistributed(old, self.spacing)
        index = np.arange(len(old.points), dtype=float)

        def carried(values: Values) -> Values:
            return np.asarray(np.interp(position, index, values))

        density = carried(self.rates / node_areas(old.points)) * node_areas(self.curve.points)
        scale = float(density.sum())
        self.rates = density * (float(self.rates.sum()) / scale if scale else 1.0)
        self.reference, self.origin = carried(self.reference), carried(self.origin)
        self.surface = self.surface.carried(carried)

    def result(self) -> Advanced:
        """Return where the march has come to."""
        return Advanced(
            self.curve,
            scheme_curvature(self.curve, self.surface),
            self.elapsed,
            self.steps,
            self.rejected,
            self.next_step,
            self.origin,
            self.thin,
        )

    def _complaint(self, time: float, step: float) -> str:
        """Return one line on where the surface stalls."""
        speed = np.abs(explicit_velocity(self.curve, self.surface, self.rates))
        size = local_size(self.curve)
        worst = int((speed / size).argmax())
        r, z = self.curve.points[worst]
        return (
            f"front: stalled after {self.steps} steps ({self.rejected} in vain), "
            f"{self.elapsed:.4g} of {time:.4g} s at a step of {step:.3g} s: "
            f"{self.curve.kind()} moves fastest near r = {r:.4g}, z = {z:.4g}, "
            f"where its radius of curvature is {size[worst]:.4g}"
        )


def _swept(new: Points, old: Points) -> Values:
    """Return the volume that each node swept (n,)."""
    (first, last), _ = swept_volume(new, old)
    nodal = np.zeros(len(old))
    nodal[:-1] += first
    nodal[1:] += last
    return 2.0 * np.pi * nodal
