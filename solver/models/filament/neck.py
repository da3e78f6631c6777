"""The neck of metal under the sites that conduct: what they hold, the front cannot undercut.

Its top is the front that sites hold, its side a close-packed face; further down, where electrons
no longer tunnel, the side is steeper.  Nodes that would enter it stay on its surface.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tusk.meshes.curve import Points, Values, envelope_end

SIDE_SLOPE = float(np.arctan(np.sqrt(2.0)))
"""Slope of the side: a {111} face below a {100} top, 54.7 deg; gap columns end at 60 deg."""

SIDE_DEPTH = 1.0
"""Depth (nm) of the side: there the gap is so wide that electrons see e^-13 of the top."""

WALL_SLOPE = float(np.deg2rad(80.0))
"""Slope further down."""

LOWEST = 3.0
"""Depth (nm) at which the neck ends: what happens to the body is not the contact's."""

SKIN, DRIFT = 0.05, 1e-3
"""Nodes so far (nm) inside and outside of the surface rest on it."""


@dataclass(frozen=True, slots=True)
class Neck:
    """The region below the edge (r, z), nm, of the front that sites hold."""

    edge: Points

    def depth(self, curve: Points) -> tuple[Values, Points]:
        """Return how deep nodes (n, 2) lie below the side (n,), nm, and the unit vectors out of it.

        The depth is negative outside and says nothing of the nodes of the top.
        """
        foot = self.edge + SIDE_DEPTH * np.array([1.0 / np.tan(SIDE_SLOPE), -1.0])
        slopes = np.array([SIDE_SLOPE, WALL_SLOPE])
        outward = np.column_stack((np.sin(slopes), np.cos(slopes)))
        below = np.stack(((self.edge - curve) @ outward[0], (foot - curve) @ outward[1]))
        ends = self.edge[1] - curve[:, 1] > LOWEST
        return np.where(ends, -np.inf, below.min(axis=0)), outward[below.argmin(axis=0)]

    def carries(self, curve: Points) -> np.ndarray:
        """Return which nodes (n, 2) rest on the surface (n,), bool."""
        depth, _ = self.depth(curve)
        return np.asarray((depth >= -DRIFT) & (depth <= SKIN))

    def withheld(self, old: Points, new: Points, first: int) -> Points:
        """Return the moved curve (n, 2) with nodes that would enter put back on the surface.

        Parameters
        ----------
        old, new
            The curve before and after; what lay deep inside is no business of the neck.
        first
            First node beyond the top.
        """
        before, _ = self.depth(old)
        depth, outward = self.depth(new)
        inside = np.where(before <= SKIN, np.maximum(depth, 0.0), 0.0)
        inside[:first] = 0.0
        return _without_crevices(new + inside[:, None] * outward, first)


def _without_crevices(curve: Points, first: int) -> Points:
    """Return the curve with no wall from node ``first`` on that rises more steeply than the side.

    The node where the free front meets the side that is held moves faster than both.
    """
    around = slice(first, envelope_end(curve) + 1)
    level = curve[around, 1] - np.tan(SIDE_SLOPE) * np.maximum.accumulate(curve[around, 0])
    filled = curve.copy()
    filled[around, 1] += np.maximum.accumulate(level[::-1])[::-1] - level
    return filled
