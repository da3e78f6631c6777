"""Where metal is thinner than an atom: necks between two bodies, and whiskers on the axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tusk.meshes.curve import Points, Values
from tusk.solver.front.mechanics.curves import Curve, End

PROMINENCE = 1.2
"""A neck is a minimum of the radius with this much more metal above as well as below."""

SLENDER = 4.0
"""A whisker is longer than this many times its greatest radius."""


@dataclass(frozen=True, slots=True)
class Neck:
    """The narrowest place between two bodies: index of its node, place and radius."""

    node: int
    radius: float
    height: float


def narrowest_neck(curve: Curve) -> Neck | None:
    """Return the narrowest true neck of a curve, None if there is none.

    It is a local minimum of the radius where the surface runs down, solid to the axis, between two
    maxima that exceed it by `PROMINENCE`: neither roughness nor the lip of a hollow tip is one.
    """
    r, z = curve.points.T
    above, below = np.maximum.accumulate(r), np.maximum.accumulate(r[::-1])[::-1]
    inner = np.arange(1, len(r) - 1)
    least = (r[inner] <= r[inner - 1]) & (r[inner] <= r[inner + 1]) & (z[inner - 1] > z[inner + 1])
    least &= np.minimum(above, below)[inner] >= PROMINENCE * r[inner]
    for node in sorted(inner[least], key=lambda i: (r[i], i)):
        if _solid(curve.points, int(node)):
            return Neck(int(node), float(r[node]), float(z[node]))
    return None


def _solid(points: Points, node: int) -> bool:
    """Return whether no other part of the surface lies between a node and the axis."""
    height = points[node, 1]
    above = points[:, 1] > height
    crossed = np.flatnonzero(above[1:] != above[:-1])
    start, end = points[crossed], points[crossed + 1]
    share = (height - start[:, 1]) / (end[:, 1] - start[:, 1])
    radius = start[:, 0] + share * (end[:, 0] - start[:, 0])
    return not bool(np.any(radius < points[node, 0] * (1.0 - 1e-9)))


def whisker(curve: Curve, radius: float) -> tuple[int, int] | None:
    """Return the nodes (first, last) of a needle on the axis thinner than ``radius``, if any.

    It begins at a pole, one of the two nodes, and is `SLENDER` above the other or above where it is
    as wide as ``radius``.
    """
    r, z = curve.points.T
    wide = np.flatnonzero(r >= radius)
    if not len(wide):
        return None
    if curve.first is End.AXIS:
        foot = _foot(r, z, int(wide[0]), radius)
        if foot is not None:
            return 0, foot
    if curve.last is End.AXIS:
        end = len(r) - 1
        foot = _foot(r[::-1], -z[::-1], end - int(wide[-1]), radius)
        if foot is not None:
            return end - foot, end
    return None


def _foot(r: Values, z: Values, wide: int, radius: float) -> int | None:
    """Return the last node of a needle that begins at node 0, its pole; None if there is none.

    ``wide`` is the first node that is as wide as ``radius``, ``z`` falls from the pole.
    """
    if wide == 0:
        return None
    if z[0] - _crossing(r, z, wide, radius) > SLENDER * radius:
        return wide
    slender = np.flatnonzero(z[0] - z[1:wide] > SLENDER * r[1:wide]) + 1
    return int(slender[-1]) if len(slender) else None


def _crossing(r: Values, z: Values, wide: int, radius: float) -> float:
    """Return the height at which the radius passes ``radius`` before the first wide node."""
    thin = wide - 1
    share = (radius - r[thin]) / (r[wide] - r[thin])
    return float(z[thin] + share * (z[wide] - z[thin]))


def is_thin(curve: Curve, radius: float) -> bool:
    """Return whether a neck or a whisker is thinner than ``radius``; none is thinner than 0."""
    if radius <= 0.0:
        return False
    neck = narrowest_neck(curve)
    return (neck is not None and neck.radius < radius) or whisker(curve, radius) is not None
