"""How filament and electrode meet: not at all, as a gap that closes, or as a patch of sites.

The mesh never closes.  Where the front comes to the contact it is frozen, smoothly over the last
tenth of the way; what the ions still bring there is kept per node of the filament curve: as metal
beyond the frozen front (`.closing_gap.ClosingGap`), or as sites that conduct or not
(`.site_patch.SitePatch`).
"""

# ruff: noqa: ARG002  (the null member has no use for its arguments)

from __future__ import annotations

import numpy as np

from tusk.meshes.cell import Stack
from tusk.meshes.curve import Points, arc_length
from tusk.solver.front.process import Nothing, Process
from tusk.solver.front.surface import Array, Shape

RAMP = 0.1
"""Share of the contact gap over which the front comes to rest."""


class Contact[S](Process[S]):
    """No contact: the law of the gap is all there is.  Base of the members that hold a state."""

    name = "contact"
    memory: type[object] = Nothing

    ends_run = True
    """Whether the run ends where the gap becomes narrower than the mesh may be."""

    columns: tuple[str, ...] = ()
    """What `report` returns, by name: columns of ``contact.csv``."""

    def report(self, memory: S, current: float) -> tuple[float, ...]:
        """Return a row of ``contact.csv`` for a current in A."""
        return ()

    def physical_gap(self, memory: S, gap: Array) -> Array:
        """Return the gap that electrons see (n,) for that of the mesh, nm."""
        return gap

    def is_closed(self, memory: S) -> bool:
        """Return whether metal touches metal."""
        return False


class OpenGap(Contact[Nothing]):
    """No contact."""


class HeldFront[S](Contact[S]):
    """What both kinds of contact share: a front that comes to rest.

    Parameters
    ----------
    gap
        Mesh gap at which the front rests, nm.
    stack
        Layer thicknesses.
    dissolution_ratio
        v*, by which the electrode recedes from a growing filament.
    """

    ends_run = False

    def __init__(self, gap: float, stack: Stack, dissolution_ratio: float) -> None:
        self.gap = gap
        self.stack = stack
        self.approach = 1.0 - dissolution_ratio

    def refrozen(self, frozen: Array, holding: Array, shape: Shape, columns: int) -> Array:
        """Return the frozen share under ``shape``: what is held lets go of nothing."""
        gap = shape.gap(self.stack)
        near = np.clip(((1.0 + RAMP) * self.gap - gap) / (RAMP * self.gap), 0.0, 1.0)
        near[columns:] = 0.0
        return np.maximum(np.minimum(frozen, holding), near)


def moved(old: Points, new: Points, *nodal: Array) -> list[Array]:
    """Return nodal values (n,) at the redistributed nodes of a curve, place by place."""
    s, t = arc_length(old), arc_length(new)
    position = t * (s[-1] / t[-1])
    return [np.asarray(np.interp(position, s, values)) for values in nodal]


def flat_areas(curve: Points) -> Array:
    """Return the integral of each node's hat function over the horizontal plane (n,), nm²."""
    radius = np.maximum.accumulate(curve[:, 0])
    width = np.diff(radius)
    areas = np.zeros(len(curve))
    areas[:-1] += width * (radius[:-1] / 3 + radius[1:] / 6)
    areas[1:] += width * (radius[1:] / 3 + radius[:-1] / 6)
    return 2 * np.pi * areas
