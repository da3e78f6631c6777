"""Residual and Jacobian of one conical element of a surface, all elements at once.

Unknowns of an element are r, z, κ of its first and then of its last node: six rows, six columns.
Everything is over 2π.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tusk.meshes.curve import Points, Values

Blocks = NDArray[np.float64]


def shares(points: Points) -> tuple[Points, Points]:
    """Return area times normal of each element's halves, (m, 2) of its first and its last node."""
    step, radius = np.diff(points, axis=0), points[:, 0]
    turned = np.column_stack((-step[:, 1], step[:, 0])) / 8.0
    first = turned * (3.0 * radius[:-1] + radius[1:])[:, None]
    last = turned * (3.0 * radius[1:] + radius[:-1])[:, None]
    return first, last


def balanced_lengths(points: Points) -> Values:
    """Return the lengths (m,) of elements at which the nodes (n, 2) pull each other nowhere aside.

    Taken as wanted they make a surface at rest rest in its nodes as well.  They are the present
    lengths to second order; without the difference nodes would wander a little in every step,
    however short.  The tangential part of `tension` is a recurrence for l/l_wanted from element to
    element, whose one free constant is chosen for the least departure from 1.
    """
    step, (first, last) = np.diff(points, axis=0), shares(points)
    length, mean = np.hypot(*step.T), 0.5 * (points[1:, 0] + points[:-1, 0])
    normal = last[:-1] + first[1:]
    tangent = np.column_stack((normal[:, 1], -normal[:, 0]))
    pull = (mean / length)[:, None] * step
    behind = np.einsum("ij,ij->i", pull[:-1], tangent)
    ahead = np.einsum("ij,ij->i", pull[1:], tangent)
    across = 0.5 * (length[1:] + length[:-1]) * tangent[:, 0]
    free = np.concatenate(([1.0], np.cumprod(behind / ahead)))
    ratio = free * (1.0 + np.concatenate(([0.0], np.cumsum(across / (ahead * free[1:])))))
    ratio -= free * (length @ (free * (ratio - 1.0))) / (length @ free**2)
    return np.asarray(length / np.clip(ratio, 0.5, 2.0))


def tension(unknown: Points, wanted: Values) -> tuple[Blocks, Blocks]:
    """Return dE/dX - κ n: residual (4, m) and Jacobian (4, 6, m) of the rows r, z of both nodes.

    E = Σ r̄ (l²/l_wanted + l_wanted)/2 is the area where elements have their wanted length, and more
    elsewhere: what spreads the nodes.

    Parameters
    ----------
    unknown
        r, z, κ of the nodes (n, 3).
    wanted
        Length of each element (m,).
    """
    (r0, z0, k0), (r1, z1, k1) = unknown[:-1].T, unknown[1:].T
    dr, dz = r1 - r0, z1 - z0
    zero, mean = np.zeros_like(r0), 0.5 * (r0 + r1)
    across = 0.25 * ((dr**2 + dz**2) / wanted + wanted)
    stiff, bend_r, bend_z = mean / wanted, dr / wanted, 0.5 * dz / wanted
    w0, w1 = (3.0 * r0 + r1) / 8.0, (3.0 * r1 + r0) / 8.0
    residual = np.array([
        across - stiff * dr + k0 * dz * w0, -stiff * dz - k0 * dr * w0,
        across + stiff * dr + k1 * dz * w1, stiff * dz - k1 * dr * w1,
    ])  # fmt: skip
    c, s = dr / 8.0, dz / 8.0
    jacobian = np.array([
        [stiff - bend_r + 3.0 * k0 * s, -bend_z - k0 * w0, dz * w0,
         -stiff + k0 * s, bend_z + k0 * w0, zero],
        [-bend_z + k0 * (w0 - 3.0 * c), stiff, -dr * w0, -bend_z - k0 * (w0 + c), -stiff, zero],
        [-stiff + k1 * s, -bend_z - k1 * w1, zero,
         stiff + bend_r + 3.0 * k1 * s, bend_z + k1 * w1, dz * w1],
        [bend_z + k1 * (w1 - c), -stiff, zero, bend_z - k1 * (w1 + 3.0 * c), stiff, -dr * w1],
    ])  # fmt: skip
    return residual, jacobian


def outflow(unknown: Points, mobility: Values) -> tuple[Values, Blocks]:
    """Return r̄ B (κ₀ - κ₁)/l, what the first node loses (m,), and its derivatives (6, m)."""
    (r0, z0, k0), (r1, z1, k1) = unknown[:-1].T, unknown[1:].T
    dr, dz = r1 - r0, z1 - z0
    length, mean, drop = np.hypot(dr, dz), 0.5 * (r0 + r1), k0 - k1
    conductance = mobility * mean / length
    half, turn = 0.5 * mobility * drop / length, conductance * drop / length**2
    derivatives = np.array(
        [half + turn * dr, turn * dz, conductance, half - turn * dr, -turn * dz, -conductance]
    )
    return conductance * drop, derivatives


def swept_volume(new: Points, old: Points) -> tuple[Blocks, Blocks]:
    """Return the volume that each half element sweeps (2, m) and its derivatives (2, 6, m).

    The sum is exact for cones that move along straight lines.  Its halves are those of the nodes'
    own motion, normals midway, and share what is missing.
    """
    total, total_slope = _swept(new, old)
    middle, moved = 0.5 * (new + old), new - old
    (dr, dz), radius = np.diff(middle, axis=0).T, middle[:, 0]
    w0, w1 = (3.0 * radius[:-1] + radius[1:]) / 8.0, (3.0 * radius[1:] + radius[:-1]) / 8.0
    (a_r, a_z), (b_r, b_z) = 0.5 * moved[:-1].T, 0.5 * moved[1:].T
    first, last = 2.0 * (dr * a_z - dz * a_r), 2.0 * (dr * b_z - dz * b_r)
    zero = np.zeros_like(dr)
    slope = np.array([
        3.0 * first / 16.0 - w0 * (dz + a_z) - last / 16.0 + w1 * b_z,
        w0 * (dr + a_r) - w1 * b_r,
        zero,
        first / 16.0 + w0 * a_z - 3.0 * last / 16.0 + w1 * (dz - b_z),
        -w0 * a_r - w1 * (dr - b_r),
        zero,
    ])  # fmt: skip
    apart = w0 * first - w1 * last
    halves = 0.5 * np.array([total + apart, total - apart])
    return halves, 0.5 * np.array([total_slope + slope, total_slope - slope])


def _swept(new: Points, old: Points) -> tuple[Values, Blocks]:
    """Return the volume between old and new cones (m,), and its derivatives (6, m)."""
    moved, moved_slope = _cone(old, new)
    ahead, ahead_slope = _cone(new[:-1], new[1:])
    behind, _ = _cone(old[:-1], old[1:])
    slope = np.zeros((6, len(behind)))
    slope[:2] = ahead_slope[:2] + moved_slope[2:, :-1]
    slope[3:5] = ahead_slope[2:] - moved_slope[2:, 1:]
    return ahead - behind + moved[:-1] - moved[1:], slope


def _cone(start: Points, end: Points) -> tuple[Values, Blocks]:
    """Return the volume between straight lines and the axis, and its derivatives (4, k)."""
    (r0, z0), (r1, z1) = start.T, end.T
    drop, square = (z0 - z1) / 6.0, (r0**2 + r0 * r1 + r1**2) / 6.0
    slope = np.array([drop * (2.0 * r0 + r1), square, drop * (r0 + 2.0 * r1), -square])
    return 6.0 * drop * square, slope
