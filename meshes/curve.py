"""The filament surface as a curve in the (r, z) half-plane.

A curve is an array of shape (n, 2) in nm that runs from the tip on the axis, ``(0, h)``, to the
contact line on the counter-electrode, ``(r_c, 0)``.  Revolved about the axis it is the surface of
the filament.  Nothing here knows about meshes, materials or potentials.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

Points = NDArray[np.float64]
Values = NDArray[np.float64]


LEAST_CONTACT_SLOPE = 0.2
"""Least n_r of a surface that overruns its contact line: bounds the line's speed."""


def hemisphere(radius: float, count: int) -> Points:
    """Return the nucleus: a quarter circle of ``count`` points from the axis to z = 0 (nm)."""
    angle = np.linspace(0.0, np.pi / 2, count)
    points = radius * np.column_stack((np.sin(angle), np.cos(angle)))
    points[0, 0] = points[-1, 1] = 0.0
    return points


def segment_lengths(points: Points) -> Values:
    """Return the lengths of the n - 1 segments (nm)."""
    return np.asarray(np.hypot(*np.diff(points, axis=0).T))


def revolved_volume(points: Points) -> float:
    """Return the volume between the revolved curve, the axis and z = 0 (nm³), cone by cone."""
    (r0, z0), (r1, z1) = points[:-1].T, points[1:].T
    return float(np.pi / 3 * np.sum((z0 - z1) * (r0**2 + r0 * r1 + r1**2)))


def volume_gradient(points: Points) -> Points:
    """Return dV/dX, shape (n, 2) in nm²: the exact derivative of :func:`revolved_volume`."""
    (r0, z0), (r1, z1) = points[:-1].T, points[1:].T
    gradient = np.zeros_like(points)
    square = r0**2 + r0 * r1 + r1**2
    gradient[:-1, 0] += (z0 - z1) * (2 * r0 + r1)
    gradient[1:, 0] += (z0 - z1) * (r0 + 2 * r1)
    gradient[:-1, 1] += square
    gradient[1:, 1] -= square
    return gradient * np.pi / 3


def nodal_areas(points: Points) -> Values:
    """Return the integral of each node's hat function over the revolved surface (n,), in nm²."""
    radius, length = points[:, 0], segment_lengths(points)
    areas = np.zeros(len(points))
    areas[:-1] += length * (radius[:-1] / 3 + radius[1:] / 6)
    areas[1:] += length * (radius[1:] / 3 + radius[:-1] / 6)
    return 2 * np.pi * areas


def nodal_velocity(points: Points, normal_velocity: Values) -> Points:
    r"""Return node velocities that change the volume by exactly the deposited amount.

    A node moves along the volume gradient :math:`N_j = \partial V/\partial X_j` with
    :math:`w_j = v_j A_j N_j/|N_j|^2`, so that :math:`dV/dt = \sum_j v_j A_j`, the integral of the
    piecewise linear normal velocity over the surface: Faraday's law holds for the discrete curve,
    not only in the limit.  The tip moves along z and the contact line along r, with its own normal
    velocity; where the advancing surface leans over the contact line (or the retreating one behind
    it) the line is the intersection of the moving surface with z = 0, which is faster.

    Parameters
    ----------
    points
        The curve, (n, 2), nm.
    normal_velocity
        Outward normal velocity of each node, (n,), nm/s.
    """
    direction = volume_gradient(points)
    direction[0, 0] = 0.0
    direction[-1] = (1.0, 0.0)
    square = np.einsum("ij,ij->i", direction, direction)
    factor = nodal_areas(points) / square
    factor[-1] = _contact_line_factor(points[-2], points[-1], float(normal_velocity[-1]))
    return np.asarray(direction * (factor * normal_velocity)[:, None])


def _contact_line_factor(above: Values, contact: Values, velocity: float) -> float:
    """Return the speed of the contact line over its normal velocity: 1, or 1/n_r if overrun."""
    step = contact - above
    length = float(np.hypot(*step))
    normal_r, normal_z = -step[1] / length, step[0] / length
    return 1.0 if normal_z * velocity >= 0 else 1.0 / max(float(normal_r), LEAST_CONTACT_SLOPE)


def arc_length(points: Points) -> Values:
    """Return the arc length of every node from the tip (n,), nm."""
    return np.concatenate(([0.0], np.cumsum(segment_lengths(points))))


def along_curve(points: Points, values: Values, onto: Points) -> Values:
    """Return nodal values (n, k) of a curve at the nodes of the same curve redistributed."""
    s, new = arc_length(points), arc_length(onto)
    columns = [np.interp(new / new[-1], s / s[-1], v) for v in values.T]
    return np.asarray(np.column_stack(columns))


def curvature(points: Points) -> Values:
    """Return the curvature in the (r, z) plane at every node (n,), 1/nm, smoothed by neighbours."""
    tangent = np.diff(points, axis=0)
    angle = np.unwrap(np.arctan2(tangent[:, 1], tangent[:, 0]))
    length = segment_lengths(points)
    kappa = np.zeros(len(points))
    kappa[1:-1] = np.abs(np.diff(angle)) / (0.5 * (length[1:] + length[:-1]))
    kappa[0] = abs(2 * angle[0]) / length[0]
    kappa[-1] = kappa[-2]
    padded = np.concatenate(([kappa[1]], kappa, [kappa[-1]]))
    return np.asarray(np.maximum(kappa, 0.5 * (padded[2:] + padded[:-2])))


def spline(points: Points) -> CubicSpline:
    """Return the cubic spline through the nodes over arc length, even in r about the axis."""
    s = arc_length(points)
    mirrored = min(4, len(points) - 1)
    ghosts = points[1 : mirrored + 1][::-1] * (-1.0, 1.0)
    knots = np.concatenate((-s[1 : mirrored + 1][::-1], s))
    return CubicSpline(knots, np.vstack((ghosts, points)))


def spread(start: float, end: float, size: Callable[[Values], Values]) -> Values:
    """Return monotone positions from ``start`` to ``end`` whose spacing follows ``size``.

    The number of intervals is the integral of 1/size rounded up, so that no spacing is asked to
    exceed the size by more than its own variation.
    """
    fine = np.linspace(start, end, 2001)
    density = 1.0 / size(fine)
    count = np.concatenate(([0.0], np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(fine))))
    intervals = max(1, int(np.ceil(count[-1] - 1e-9)))
    positions = np.interp(np.linspace(0.0, count[-1], intervals + 1), count, fine)
    positions[0], positions[-1] = start, end
    return np.asarray(positions)


def resample(points: Points, size: Values) -> Points:
    """Redistribute the nodes along the spline so that spacing follows ``size`` (n,), nm.

    Where a foot is so flat that the spline would dip below the counter-electrode, nodes stay above
    half the height of the chord.
    """
    s = arc_length(points)
    grown = graded(s, size)
    new = spread(0.0, float(s[-1]), lambda x: np.interp(x, s, grown))
    out = np.asarray(spline(points)(new), dtype=np.float64)
    out[0] = (0.0, points[0, 1])
    out[-1] = points[-1]
    out[1:, 0] = np.maximum(out[1:, 0], 1e-9)
    out[:, 1] = np.maximum(out[:, 1], 0.5 * np.interp(new, s, points[:, 1]))
    return out


def graded(s: Values, size: Values, growth: float = 0.25) -> Values:
    """Limit ``size`` so that it grows by at most ``growth`` nm per nm along ``s``."""
    rise = growth * np.asarray(s)
    out = np.minimum.accumulate(size - rise) + rise
    return np.asarray(np.minimum.accumulate((out + rise)[::-1])[::-1] - rise)


def envelope_end(points: Points) -> int:
    """Return the index of the widest node: nodes up to it form the upper envelope."""
    return int(np.argmax(points[:, 0]))


def envelope_height(points: Points, radius: Values) -> Values:
    """Return the height of the upper envelope at each radius, 0 beside the filament (nm)."""
    end = envelope_end(points)
    radii = np.maximum.accumulate(points[: end + 1, 0])
    height = np.interp(radius, radii, points[: end + 1, 1])
    return np.where(radius > radii[-1], 0.0, height)


def pit_depth(points: Points, width: float) -> Values:
    """Return how far each node (n,) lies below metal on both sides within ``width``, nm.

    A pit on the axis has the same metal on its other side.
    """
    r, z = points.T
    near = np.where(np.abs(r - r[:, None]) <= width, z, -np.inf)
    order = np.arange(len(r))
    outside = np.where(order >= order[:, None], near, -np.inf)
    inside = np.where(order <= order[:, None], near, -np.inf)
    mirrored = np.where(r + r[:, None] <= width, z, -np.inf).max(axis=1)
    rim = np.minimum(outside.max(axis=1), np.maximum(inside.max(axis=1), mirrored))
    return np.asarray(np.maximum(rim - z, 0.0))


def outer_radius(points: Points, height: Values) -> Values:
    """Return the largest radius of the filament at each height (nm), 0 above the tip."""
    radii, heights = points[::-1].T
    if np.all(np.diff(heights) > 0):
        return np.asarray(np.interp(height, heights, radii, left=0.0, right=0.0))
    (r0, z0), (r1, z1) = points[:-1].T, points[1:].T
    z = np.atleast_1d(height)[:, None]
    span = np.where(z1 != z0, z1 - z0, 1.0)
    fraction = (z - z0) / span
    inside = (np.minimum(z0, z1) <= z) & (z <= np.maximum(z0, z1))
    crossing = np.where(inside, r0 + np.clip(fraction, 0.0, 1.0) * (r1 - r0), 0.0)
    return np.asarray(crossing.max(axis=1)).reshape(np.shape(height))
