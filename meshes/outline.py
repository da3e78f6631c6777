"""Refuse outlines that no mesh can fill: gmsh may never return from one that crosses itself."""

from __future__ import annotations

import numpy as np

from tusk.meshes.cell import Stack
from tusk.meshes.curve import Points


def check_curve(curve: Points, stack: Stack) -> None:
    """Check that the filament curve (n, 2), nm, stands on the floor inside the domain.

    Raises
    ------
    RuntimeError
        If a coordinate is not finite or lies outside the cell.
    """
    if not np.isfinite(curve).all():
        raise RuntimeError("outline: a coordinate of the filament is not finite")
    if not ((curve[1:, 0] > 0).all() and (curve[:-1, 1] > 0).all()):
        raise RuntimeError("outline: the filament crosses the axis or the counter-electrode")
    if not curve[:, 0].max() < stack.domain_radius:
        raise RuntimeError("outline: the filament is wider than the domain")


def check_faces(curve: Points, face: Points, stack: Stack) -> None:
    """Check that filament and electrode face bound simple regions.

    Parameters
    ----------
    curve
        Filament curve (n, 2), nm, tip to contact line.
    face
        Electrode face (k, 2), nm, from the axis to the domain radius.
    stack
        Layers.

    Raises
    ------
    RuntimeError
        If the recess pierces the electrode, or surfaces cross themselves or each other.
    """
    if not face[:, 1].max() < stack.oxide_thickness + stack.active_electrode_thickness:
        raise RuntimeError("outline: the recess pierces the active electrode")
    if not curve[0, 1] < face[0, 1]:
        raise RuntimeError("outline: the filament touches the active electrode")
    loop = np.vstack((curve[::-1], face, (stack.domain_radius, 0.0)))
    crossing = first_crossing(loop)
    if crossing is not None:
        r, z = loop[crossing]
        raise RuntimeError(f"outline: surfaces cross near r = {r:.4g} nm, z = {z:.4g} nm")


def first_crossing(loop: Points) -> int | None:
    """Return a segment of the closed polygon (n, 2) that meets another one, or None.

    Segments that touch count as crossing, except neighbours at their common node.
    """
    start, end = loop, np.roll(loop, -1, axis=0)
    close = np.ones((len(loop), len(loop)), dtype=bool)
    for low, high in zip(np.minimum(start, end).T, np.maximum(start, end).T, strict=True):
        close &= (low[:, None] <= high[None]) & (low[None] <= high[:, None])
    close[0, -1] = False
    one, other = np.nonzero(np.triu(close, 2))  # few: segments are short

    def apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        sides = (_side(start[a], end[a], points[b]) for points in (start, end))
        return np.asarray(np.prod(list(sides), axis=0) > 0)

    hit = one[~apart(one, other) & ~apart(other, one)]
    return int(hit[0]) if len(hit) else None


def _side(start: Points, end: Points, points: Points) -> np.ndarray:
    """Return twice the signed area of segments (n, 2) with a point (n, 2) each."""
    step, offset = end - start, points - start
    return np.asarray(step[:, 0] * offset[:, 1] - step[:, 1] * offset[:, 0])
