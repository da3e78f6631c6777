"""Distances from points to polylines in the (r, z) plane."""

from __future__ import annotations

import numpy as np

from tusk.meshes.curve import Points, Values


def polyline_distance(points: Points, line: Points) -> Values:
    """Return the distance from each point (n, 2) to the nearest point of a polyline, nm."""
    return np.sqrt(np.min(_squared(points, line)[0], axis=1))


def nearest_on_polyline(points: Points, line: Points) -> tuple[np.ndarray, Values]:
    """Return segment index (n,) and fraction along it (n,) of the nearest point of a polyline."""
    squared, fraction = _squared(points, line)
    segment = np.argmin(squared, axis=1)
    return segment, fraction[np.arange(len(points)), segment]


def _squared(points: Points, line: Points) -> tuple[Values, Values]:
    start, step = line[:-1], np.diff(line, axis=0)
    length = np.maximum(np.einsum("sk,sk->s", step, step), 1e-300)
    offset = points[:, None, :] - start[None]
    fraction = np.clip(np.einsum("psk,sk->ps", offset, step) / length, 0.0, 1.0)
    gap = offset - fraction[..., None] * step[None]
    return np.einsum("psk,psk->ps", gap, gap), fraction
