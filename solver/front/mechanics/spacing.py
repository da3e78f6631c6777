"""Where nodes sit on a curve: fine where it bends, redistributed on a spline, volume kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import CubicSpline

from tusk.meshes.curve import (
    Values,
    arc_length,
    graded,
    revolved_volume,
    segment_lengths,
    spread,
    volume_gradient,
)
from tusk.solver.front.mechanics.curvature import local_size
from tusk.solver.front.mechanics.curves import LEAST_NODES, Curve, End

WIDEST, NARROWEST = 1.6, 0.4
"""Spacing, in units of the wanted one, outside of which nodes are redistributed."""

MIRRORED = 4
"""Nodes that are mirrored about the axis so that a spline is even there."""


@dataclass(frozen=True, slots=True)
class Spacing:
    """The wanted distance of nodes.

    Attributes
    ----------
    share
        Of the smaller radius of curvature.
    finest, coarsest
        Bounds.
    growth
        Change of the distance per distance along the curve.
    """

    share: float
    finest: float
    coarsest: float
    growth: float = 0.2

    def wanted(self, curve: Curve) -> Values:
        """Return the wanted distance at each node (n,)."""
        size = np.clip(self.share * local_size(curve), self.finest, self.coarsest)
        return graded(arc_length(curve.points), size, self.growth)

    def worn(self, curve: Curve) -> bool:
        """Return whether nodes are too far apart or too close somewhere."""
        wanted, spacing = self.wanted(curve), segment_lengths(curve.points)
        local = np.minimum(wanted[1:], wanted[:-1])
        return bool(np.any(spacing > WIDEST * local) or np.any(spacing < NARROWEST * local))


def redistributed(curve: Curve, spacing: Spacing) -> tuple[Curve, Values]:
    """Return the curve with nodes where ``spacing`` wants them, and where those were on it.

    Returns
    -------
    tuple of Curve and Values
        The new curve (m nodes) of the same volume, and for each new node its position among the
        old ones as a real index (m,): what `numpy.interp` over ``range(n)`` takes.
    """
    s = arc_length(curve.points)
    wanted = spacing.wanted(curve)
    new = spread(0.0, float(s[-1]), lambda x: np.interp(x, s, wanted))
    if len(new) < LEAST_NODES:
        new = np.linspace(0.0, float(s[-1]), LEAST_NODES)
    points = np.asarray(smooth(curve)(new))
    points[0], points[-1] = curve.points[0], curve.points[-1]
    points[1:-1, 0] = np.maximum(points[1:-1, 0], 1e-6 * spacing.finest)
    moved = restored(replace(curve, points=points), curve.volume)
    return moved, np.interp(new, s, np.arange(len(s), dtype=float))


def smooth(curve: Curve) -> CubicSpline:
    """Return the cubic spline through the nodes over arc length, even about the axis."""
    s, points = arc_length(curve.points), curve.points
    knots, nodes = [s], [points]
    count = min(MIRRORED, len(points) - 1)
    if curve.first is End.AXIS:
        knots.insert(0, -s[count:0:-1])
        nodes.insert(0, points[count:0:-1] * (-1.0, 1.0))
    if curve.last is End.AXIS:
        knots.append(2.0 * s[-1] - s[-2 : -count - 2 : -1])
        nodes.append(points[-2 : -count - 2 : -1] * (-1.0, 1.0))
    return CubicSpline(np.concatenate(knots), np.vstack(nodes))


def restored(curve: Curve, volume: float) -> Curve:
    """Return the curve shifted along its normals by the same small distance to ``volume``."""
    points = curve.points
    for _ in range(4):
        gradient = volume_gradient(points)
        held = [0 if end is End.AXIS else 1 for end in curve.ends]
        gradient[0, held[0]] = gradient[-1, held[1]] = 0.0
        size = np.hypot(*gradient.T)
        shift = (volume - revolved_volume(points)) / size.sum()
        points = points + shift * gradient / size[:, None]
    return replace(curve, points=points)
