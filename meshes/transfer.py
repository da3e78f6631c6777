"""Carry nodal fields from one mesh to the next, material by material.

A node that was oxide and is metal now takes its value from metal: interpolation across an
interface would mix potentials that differ by the overpotential.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from tusk.meshes.curve import Points, Values

CANDIDATES = 12
"""Nearest triangles searched for the one that contains a point."""

WIDER, TOUCHING = 10, 1e-9
"""The search is this much wider for points found outside by more than this (barycentric)."""


def interpolate(points: Points, cells: np.ndarray, values: Values, targets: Points) -> Values:
    """Return P1 values at ``targets`` from a triangulation; outside it from the nearest triangle.

    Parameters
    ----------
    points, cells
        Nodes (n, 2) and triangles (m, 3) of the material the values live in.
    values
        Nodal values (n, k).
    targets
        Points (t, 2).
    """
    tree = cKDTree(points[cells].mean(axis=1))
    found, weight = _containing(points, cells, tree, targets, CANDIDATES)
    missed = np.flatnonzero(weight.min(axis=1) < -TOUCHING)
    if len(missed):
        found[missed], weight[missed] = _containing(
            points, cells, tree, targets[missed], WIDER * CANDIDATES
        )
    weight = np.clip(weight, 0.0, 1.0)
    weight /= weight.sum(axis=1, keepdims=True)
    return np.asarray(np.einsum("tk,tkc->tc", weight, values[cells[found]]))


def _containing(
    points: Points, cells: np.ndarray, tree: cKDTree, targets: Points, candidates: int
) -> tuple[np.ndarray, Values]:
    """Return the triangle (t,) each target is deepest in and its weights there (t, 3)."""
    count = min(candidates, len(cells))
    _, near = tree.query(targets, k=count)
    near = near.reshape(len(targets), count)
    a, b, c = (points[cells[near][..., k]] for k in range(3))
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
