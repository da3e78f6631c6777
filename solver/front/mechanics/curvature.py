"""Curvature of a revolved curve from circles through three nodes: exact on spheres and cylinders.

Positive where metal is convex: 2/R in sum on a sphere, 1/R on a cylinder.
"""

from __future__ import annotations

import numpy as np

from tusk.meshes.curve import Points, Values
from tusk.solver.front.mechanics.curves import Curve, End


def principal_curvatures(curve: Curve) -> tuple[Values, Values]:
    """Return both principal curvatures at the nodes (n,): in the half-plane, and around the axis.

    On the axis they are equal, with the mirror image as third node; at a contact line the first
    is extrapolated along the arc and the second has the tangent of the last circle.
    """
    points, (before, after) = curve.points, curve.ends
    extended = np.vstack((_ghost(points[0], points[1], before), points,
                          _ghost(points[-1], points[-2], after)))  # fmt: skip
    bend, tangent = _circles(extended)
    length = np.hypot(*np.diff(points, axis=0).T)
    for node, one, two, end in ((0, 1, 2, before), (-1, -2, -3, after)):
        if end is not End.AXIS:
            ratio = length[node] / length[min(one, two) if node else one]
            bend[node] = bend[one] + (bend[one] - bend[two]) * ratio
            chord = points[node] - points[one]
            chord /= np.hypot(*chord)
            tangent[node] = 2.0 * (tangent[one] @ chord) * chord - tangent[one]
    around = np.empty(len(points))
    off_axis = points[:, 0] > 0.0
    around[off_axis] = -tangent[off_axis, 1] / points[off_axis, 0]
    around[~off_axis] = bend[~off_axis]
    return bend, around


def curvature(curve: Curve) -> Values:
    """Return κ, the sum of the principal curvatures, at the nodes (n,)."""
    bend, around = principal_curvatures(curve)
    return bend + around


def local_size(curve: Curve) -> Values:
    """Return the smaller radius of curvature at the nodes (n,); that of a neck is its radius.

    It is at least the distance to a neighbour: what is not resolved sets no scale.
    """
    bend, around = principal_curvatures(curve)
    length = np.hypot(*np.diff(curve.points, axis=0).T)
    nearest = np.minimum(np.append(length, np.inf), np.insert(length, 0, np.inf))
    sharpest = np.maximum(np.abs(bend), np.abs(around))
    return np.asarray(np.maximum(1.0 / np.maximum(sharpest, 1e-300), nearest))


def _ghost(end: Values, neighbour: Values, kind: End) -> Values:
    """Return a node beyond an end: the neighbour's mirror image about the axis, or straight on."""
    return neighbour * (-1.0, 1.0) if kind is End.AXIS else 2.0 * end - neighbour


def _circles(points: Points) -> tuple[Values, Points]:
    """Return curvature (n - 2,) and unit tangent (n - 2, 2) of circles through three nodes."""
    back, ahead = points[1:-1] - points[:-2], points[2:] - points[1:-1]
    near, far, chord = (np.hypot(*part.T) for part in (back, ahead, back + ahead))
    cross = back[:, 0] * ahead[:, 1] - back[:, 1] * ahead[:, 0]
    tangent = back * (far / near)[:, None] + ahead * (near / far)[:, None]
    tangent /= np.hypot(*tangent.T)[:, None]
    return -2.0 * cross / (near * far * np.maximum(chord, 1e-300)), tangent
