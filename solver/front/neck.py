"""The neck of metal under the sites that conduct: what they hold, the front cannot undercut.

Its top is the front that sites hold, its side a close-packed face.  Nodes that would enter it stay
on its surface.  Further down, where electrons no longer tunnel, it holds less and less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tusk.meshes.curve import Points, Values, envelope_end

SIDE_SLOPE = float(np.arctan(np.sqrt(2.0)))
"""Slope of the side: a {111} face below a {100} top, 54.7 deg; gap columns end at 60 deg."""

SIDE_DEPTH = 1.0
"""Depth (nm) of the side: there the gap is so wide that electrons see e^-13 of the top."""

LOWEST = 3.0
"""Depth (nm) at which nothing holds any more: what happens to the body is not the contact's."""

ROOM = 0.8, 1.0
"""Distances (nm) outwards of the edge up to which the wall further down is held, and not at all."""

STEEPEST_WALL = float(np.deg2rad(75.0))
"""Steepest wall around the top: gap columns end at 80 deg."""

SKIN, DRIFT = 0.05, 1e-3
"""Nodes so far (nm) inside and outside of the surface rest on it."""


@dataclass(frozen=True, slots=True)
class Neck:
    """The region below the edge (r, z), nm, of the front that sites hold."""

    edge: Points

    def depth(self, curve: Points) -> tuple[Values, Points]:
        """Return how deep nodes (n, 2) lie below the side (n,), nm, and the unit vector out of it.

        The depth is negative outside and says nothing of the nodes of the top.
        """
        outward = np.array([np.sin(SIDE_SLOPE), np.cos(SIDE_SLOPE)])
        below = self.edge - curve
        ends = below[:, 1] > SIDE_DEPTH
        return np.where(ends, -np.inf, below @ outward), outward

    def carries(self, curve: Points) -> Values:
        """Return the share (n,) of the front at nodes (n, 2) that is held on the side and below."""
        depth, _ = self.depth(curve)
        out, down = (curve - self.edge).T * ((1.0,), (-1.0,))
        inner, outer = ROOM
        share = np.clip((LOWEST - down) / (LOWEST - SIDE_DEPTH), 0.0, 1.0)
        share *= np.clip((outer - out) / (outer - inner), 0.0, 1.0) * (down > SIDE_DEPTH)
        return np.where((depth >= -DRIFT) & (depth <= SKIN), 1.0, share)

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
        curve = self._without_overhang(new + inside[:, None] * outward, first)
        return _without_crevices(curve, first)

    def _without_overhang(self, curve: Points, first: int) -> Points:
        """Return the curve with no wall around the top steeper than `STEEPEST_WALL`."""
        out, down = (curve - self.edge).T * ((1.0,), (-1.0,))
        around = (out < ROOM[0]) & (down < SIDE_DEPTH) & (np.arange(len(curve)) >= first - 1)
        reach = curve[:, 0] + curve[:, 1] / np.tan(STEEPEST_WALL)
        least = np.maximum.accumulate(np.where(around, reach, -np.inf))
        filled = curve.copy()
        filled[around, 0] += (least - reach)[around]
        return filled


def _without_crevices(curve: Points, first: int) -> Points:
    """Return the curve with no wall from node ``first`` on that rises more steeply than the side.

    The node where the free front meets the side that is held moves faster than both.
    """
    around = slice(first, envelope_end(curve) + 1)
    level = curve[around, 1] - np.tan(SIDE_SLOPE) * np.maximum.accumulate(curve[around, 0])
    filled = curve.copy()
    filled[around, 1] += np.maximum.accumulate(level[::-1])[::-1] - level
    return filled
