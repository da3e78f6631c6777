"""Which regions meet at the facets of a triangulation."""

from __future__ import annotations

import numpy as np


def neighbour_regions(cells: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return the region across the facet opposite each vertex (m, 3), 0 at the boundary."""
    edges = np.sort(np.stack([np.delete(cells, k, axis=1) for k in range(3)], axis=1), axis=2)
    key = edges[..., 0].astype(np.int64) * (int(cells.max()) + 1) + edges[..., 1]
    flat = key.ravel()
    order = np.argsort(flat, kind="stable")
    pair = flat[order][1:] == flat[order][:-1]
    first, second = order[:-1][pair], order[1:][pair]
    out = np.zeros(flat.size, dtype=np.int64)
    out[first], out[second] = regions[second // 3], regions[first // 3]
    return out.reshape(-1, 3)


def facet_lookup(reference: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """Return, per local vertex, its position among the vertices of the input triangle."""
    return np.asarray(np.argmax(nodes[:, :, None] == reference[:, None, :], axis=2))
