"""Carry nodal fields from one mesh to the next, material by material.

A node that was oxide and is metal now takes its value from metal: interpolation across an
interface would mix potentials that differ by the overpotential.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tusk.meshes.curve import Points, Values

CANDIDATES = (3, 12, 120)
"""Nearest triangles searched for the one that contains a point; more for those not found."""

TOUCHING = 1e-9
"""A point counts as found if it lies outside by no more than this (barycentric)."""


class Interpolation:
    """P1 values of a triangulation at given points; outside of it those of the nearest triangle.

    Parameters
    ----------
    points, cells
        Nodes (n, 2) and triangles (m, 3) of the material the values live in.
    targets
        Points (t, 2).
    """

    def __init__(self, points: Points, cells: np.ndarray, targets: Points) -> None:
        tree = cKDTree(points[cells].mean(axis=1), compact_nodes=False, balanced_tree=False)
        found, weight = np.zeros(len(targets), dtype=int), np.full((len(targets), 3), -np.inf)
        missed = np.arange(len(targets))
        for count in CANDIDATES:
            found[missed], weight[missed] = _containing(points, cells, tree, targets[missed], count)
            missed = missed[weight[missed].min(axis=1) < -TOUCHING]
            if not len(missed):
                break
        weight = np.clip(weight, 0.0, 1.0)
        self._weights = weight / weight.sum(axis=1, keepdims=True)
        self._nodes = cells[found]

    def __call__(self, values: Values) -> Values:
        """Return the values (t, k) at the targets from nodal values (n, k)."""
        return np.asarray(np.einsum("tk,tkc->tc", self._weights, values[self._nodes]))


def _containing(
    points: Points, cells: np.ndarray, tree: cKDTree, targets: Points, candidates: int
) -> tuple[np.ndarray, Values]:
    """Return the triangle (t,) each target is deepest in and its weights there (t, 3)."""
    count = min(candidates, len(cells))
    _, near = tree.query(targets, k=count)
    near = near.reshape(len(targets), count)
    corners = points[cells[near]]
    a, b, c = (corners[:, :, k] for k in range(3))
    weights = _barycentric(a, b, c, targets[:, None, :])
    rows = np.arange(len(targets))
    best = np.argmax(weights.min(axis=2), axis=1)
    return near[rows, best], weights[rows, best]


def _barycentric(a: Points, b: Points, c: Points, x: Points) -> Values:
    def cross(u: Points, v: Points) -> Values:
        return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

    total = cross(b - a, c - a)
    first = cross(b - x, c - x) / total
    second = cross(c - x, a - x) / total
    return np.stack((first, second, 1.0 - first - second), axis=-1)


def interpolate(points: Points, cells: np.ndarray, values: Values, targets: Points) -> Values:
    """Return :class:`Interpolation` of nodal values (n, k) at targets (t, 2), used once."""
    return Interpolation(points, cells, targets)(values)
