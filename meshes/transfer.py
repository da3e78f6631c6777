"""Carry nodal fields from one mesh to the next, material by material.

A node that was oxide and is metal now takes its value from metal: interpolation across an
interface would mix potentials that differ by the overpotential.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from tusk.meshes.curve import Points, Values

CANDIDATES = (3, 12, 120)
"""Nearest triangles searched for the one that contains a point; more for those not found."""

TOUCHING = 1e-9
"""A point counts as found if it lies outside by no more than this (barycentric)."""

INSIDE = 1e-6
"""A point this far inside a triangle (barycentric) lies in no other."""


def containing(points: Points, cells: np.ndarray, targets: Points) -> np.ndarray:
    """Return the triangle (of (m, 3) on nodes (n, 2)) around or nearest to each target (t,)."""
    return _locate(points, cells, targets)[0]


@dataclass(frozen=True, slots=True)
class Interpolation:
    """P1 values at given points: the nodes (t, 3) around each and their weights (t, 3)."""

    nodes: np.ndarray
    weights: Values

    def __call__(self, values: Values) -> Values:
        """Return the values (t, k) at the targets from nodal values (n, k)."""
        return np.asarray(np.einsum("tk,tkc->tc", self.weights, values[self.nodes]))


class Search:
    """Looks up the triangle around every point; outside of all it is the nearest one.

    Parameters
    ----------
    points, cells
        Nodes (n, 2) and triangles (m, 3).
    targets
        Points (t, 2).

    Attributes
    ----------
    interpolation
        From all triangles to all targets.
    """

    def __init__(self, points: Points, cells: np.ndarray, targets: Points) -> None:
        self._points, self._cells, self._targets = points, cells, targets
        self._found, weight = _locate(points, cells, targets)
        self._is_inside = weight.min(axis=1) > INSIDE
        self.interpolation = Interpolation(cells[self._found], _shares(weight))

    def within(self, kept: np.ndarray, chosen: np.ndarray) -> Interpolation:
        """Return the interpolation from some of the triangles to some of the targets.

        Parameters
        ----------
        kept
            Which triangles (m,), bool: those of one material.
        chosen
            Numbers of the targets (s,).  Those well inside a triangle that is kept are not looked
            up again.
        """
        nodes = self.interpolation.nodes[chosen]
        weights = self.interpolation.weights[chosen]
        lost = ~(self._is_inside[chosen] & kept[self._found[chosen]])
        if lost.any():
            cells = self._cells[kept]
            found, weight = _locate(self._points, cells, self._targets[chosen[lost]])
            nodes[lost], weights[lost] = cells[found], _shares(weight)
        return Interpolation(nodes, weights)


def _shares(weight: Values) -> Values:
    """Return the weights (t, 3) of the corners for points that may lie a little outside."""
    weight = np.clip(weight, 0.0, 1.0)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _locate(points: Points, cells: np.ndarray, targets: Points) -> tuple[np.ndarray, Values]:
    """Return the triangle (t,) that holds each target, or the nearest, and its weights (t, 3)."""
    centres = (points[cells[:, 0]] + points[cells[:, 1]] + points[cells[:, 2]]) / 3.0
    tree = cKDTree(centres, compact_nodes=False, balanced_tree=False)
    found, weight = np.zeros(len(targets), dtype=int), np.full((len(targets), 3), -np.inf)
    missed = np.arange(len(targets))
    for count in CANDIDATES:
        found[missed], weight[missed] = _containing(points, cells, tree, targets[missed], count)
        missed = missed[weight[missed].min(axis=1) < -TOUCHING]
        if not len(missed):
            break
    return found, weight


def _containing(
    points: Points, cells: np.ndarray, tree: cKDTree, targets: Points, candidates: int
) -> tuple[np.ndarray, Values]:
    """Return the triangle (t,) each target is deepest in and its weights there (t, 3)."""
    count = min(candidates, len(cells))
    _, near = tree.query(targets, k=count)
    near = near.reshape(len(targets), count)
    a, b, c = (points[cells[near, k]] for k in range(3))
    weights = _barycentric(a, b, c, targets[:, None, :])
    best = np.argmax(np.minimum(np.minimum(weights[0], weights[1]), weights[2]), axis=1)
    rows = np.arange(len(targets))
    return near[rows, best], np.column_stack([weight[rows, best] for weight in weights])


def _barycentric(a: Points, b: Points, c: Points, x: Points) -> tuple[Values, Values, Values]:
    """Return the weights of three corners, one array each: reductions of length 3 are slow."""

    def cross(u: Points, v: Points) -> Values:
        return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])

    total = cross(b - a, c - a)
    first = cross(b - x, c - x) / total
    second = cross(c - x, a - x) / total
    return first, second, 1.0 - first - second
