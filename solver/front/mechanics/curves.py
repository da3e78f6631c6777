"""A front: the surfaces of all pieces of metal, each a curve in the (r, z) half-plane.

A curve runs from its upper to its lower end with the metal on its right, so that turning its
tangent to the left gives the outward normal: down a filament from the tip on the axis to the
contact line on the counter-electrode, down an island from pole to pole.  Lengths may have any unit
as long as it is the same everywhere (nm in the solver).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tusk.meshes.curve import Points, Values, revolved_volume, segment_lengths
from tusk.solver.errors import SolveError

LEAST_NODES = 4
"""Nodes that a curve needs at least: with fewer it has no shape."""


class FrontError(SolveError):
    """A front cannot be what it is asked to be, or cannot be advanced; the old one is kept."""


class End(StrEnum):
    """Where a curve ends: at a pole on the axis, or at a contact line on an electrode."""

    AXIS = "axis"
    COUNTER = "counter-electrode"
    ACTIVE = "active electrode"


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The surface of one piece of metal that meets the axis or stands between two contact lines.

    Parameters
    ----------
    points
        Nodes (n, 2) of r and z; an end on the axis has r = 0 exactly.
    first, last
        What the upper and the lower end rest on.

    Raises
    ------
    FrontError
        If a coordinate is not finite, a node inside lies on or beyond the axis, there are fewer
        than four nodes, or the curve begins on the counter-electrode or ends on the active one.
    """

    points: Points
    first: End = End.AXIS
    last: End = End.COUNTER

    def __post_init__(self) -> None:
        if self.points.shape != (len(self.points), 2) or len(self.points) < LEAST_NODES:
            raise FrontError(
                f"front: a curve needs {LEAST_NODES} nodes of r and z, got {self.points.shape}"
            )
        if self.first is End.COUNTER or self.last is End.ACTIVE:
            raise FrontError(f"front: a curve cannot run from {self.first} to {self.last}")
        if not np.isfinite(self.points).all():
            raise FrontError("front: a coordinate is not finite")
        if not (self.points[1:-1, 0] > 0.0).all():
            inside = self.points[1:-1]
            z = inside[inside[:, 0].argmin(), 1]
            raise FrontError(f"front: the surface crosses the axis at z = {z:.6g}")
        for end, node in zip(self.ends, (0, -1), strict=True):
            radius = self.points[node, 0]
            if (radius == 0.0) != (end is End.AXIS) or radius < 0.0:
                raise FrontError(f"front: the end on the {end} has r = {radius:.6g}")

    @property
    def ends(self) -> tuple[End, End]:
        """What the upper and the lower end rest on."""
        return self.first, self.last

    @property
    def floats(self) -> bool:
        """True for an island: it touches no electrode."""
        return self.ends == (End.AXIS, End.AXIS)

    @property
    def bridges(self) -> bool:
        """True for metal that connects both electrodes."""
        return self.ends == (End.ACTIVE, End.COUNTER)

    @property
    def volume(self) -> float:
        """Volume between the revolved curve and the axis."""
        return revolved_volume(self.points)

    @property
    def area(self) -> float:
        """Area of the revolved curve, without the faces on electrodes."""
        radius = self.points[:, 0]
        return float(np.pi * np.sum((radius[1:] + radius[:-1]) * segment_lengths(self.points)))

    def kind(self) -> str:
        """Return what the curve is called in messages."""
        if self.bridges:
            return "the bridge between the electrodes"
        if self.floats:
            return "an island"
        return f"the metal on the {self.last if self.first is End.AXIS else self.first}"


@dataclass(frozen=True, slots=True, eq=False)
class Front:
    """All pieces of metal, from the top to the bottom; none touches another."""

    curves: tuple[Curve, ...]

    @property
    def volume(self) -> float:
        """Volume of all pieces."""
        return sum(curve.volume for curve in self.curves)

    @property
    def area(self) -> float:
        """Area of all pieces."""
        return sum(curve.area for curve in self.curves)

    @property
    def islands(self) -> tuple[Curve, ...]:
        """The pieces that touch no electrode."""
        return tuple(curve for curve in self.curves if curve.floats)


def node_areas(points: Points) -> Values:
    """Return the part of the surface that is nearer to each node than to its neighbours (n,).

    Half of each conical element belongs to either end, so that a pole has the disc around it and
    curvature, area and volume agree there to second order; hat functions would give it a third
    more.
    """
    radius, length = points[:, 0], segment_lengths(points)
    areas = np.zeros(len(points))
    areas[:-1] += length * (3.0 * radius[:-1] + radius[1:])
    areas[1:] += length * (3.0 * radius[1:] + radius[:-1])
    return np.pi / 4.0 * areas
