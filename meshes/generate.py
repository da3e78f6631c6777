"""Triangulate the cell with gmsh; runs on one rank.

Every boundary node is placed here, gmsh fills the four regions between them, and the columns of
the gap are triangles of our own: facing surfaces share their radii, and the number of elements
across the gap is guaranteed however narrow it is.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from tusk.meshes.cell import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    GAP,
    OXIDE,
    CellMesh,
    ElectrodeNodes,
    ElectrodeSurface,
    Stack,
    column_gap,
)
from tusk.meshes.curve import (
    Points,
    Values,
    arc_length,
    envelope_end,
    graded,
    spread,
)
from tusk.meshes.fill import fill
from tusk.meshes.outline import check_curve, check_faces
from tusk.meshes.sizes import Sizes

STEEP_COLUMN, STEEPEST_COLUMN = np.deg2rad(60.0), np.deg2rad(80.0)
"""Columns end where the surface is steeper than the second slope, or than the first where the
current density has fallen by orders of magnitude: columns between steep walls are slivers."""

CONDUCTING_DEPTH = 0.6
"""Gap in excess of the tip's (nm) over which the current density falls by e^-7.7."""

WALL_CLEARANCE = 0.04
"""Distance of the electrode's wall from the widest part of the filament, in ``Sizes.finest``.

Small: the wall cools the filament's shoulder, and 0.06 nm of distance cost 40 K.
"""

REMEMBERED = 2.0
"""Mesh size at the edge of a recess that keeps, in units of ``Sizes.finest``."""

STEEP_SHARE = 2e-3
"""Part of the radius within which the flank counts as vertical."""

LOWEST_WALL = 0.3
"""Height of the lowest wall of the recess that is meshed, in units of the local mesh size."""

LARGEST_LAYER = 0.25
"""Thickest layer of the gap columns at the reference preset, nm."""


@dataclass
class _Nodes:
    """Collects boundary nodes and hands out their numbers."""

    points: list[tuple[float, float]]

    def add(self, positions: Points) -> np.ndarray:
        start = len(self.points)
        self.points.extend((float(r), float(z)) for r, z in positions)
        return np.arange(start, len(self.points))


LEAST_COLUMNS = 2
"""Gap columns are more than this many, or none."""


def column_count(curve: Points, gap: Values, sizes: Sizes) -> int:
    """Return how many nodes of the curve, counted from the tip, carry a gap column."""
    step = np.diff(curve, axis=0)
    slope = np.arctan2(-step[:, 1], step[:, 0])
    limit = np.where(gap[1:] < gap[0] + CONDUCTING_DEPTH, STEEPEST_COLUMN, STEEP_COLUMN)
    gentle = (step[:, 0] > 0) & (slope <= limit)
    near = gap[1:] < sizes.column_gap_limit
    allowed = gentle & near
    count = int(np.argmin(allowed)) if not allowed.all() else len(allowed)
    return count + 1 if count >= LEAST_COLUMNS and gap[0] < sizes.column_gap_limit else 0


def layer_count(gap: float, sizes: Sizes) -> int:
    """Return the number of layers across a gap of the given width (nm)."""
    thickest = LARGEST_LAYER * sizes.far / 1.8
    least = sizes.elements_across_gap
    return min(max(int(np.ceil(gap / thickest)), least), 4 * least)


def generate(
    curve: Points,
    stack: Stack,
    electrode: ElectrodeSurface,
    sizes: Sizes,
    timed: Callable[[str], AbstractContextManager[object]] = nullcontext,
    spared: int = 0,
) -> CellMesh:
    """Return a conforming mesh of the cell around the given filament curve.

    Parameters
    ----------
    curve
        Filament curve (n, 2), nm, whose nodes become mesh nodes.
    stack, electrode, sizes
        Layers, electrode surface and mesh sizes.
    timed
        Takes the time of what gmsh does, under that name.
    spared
        Gap columns to leave out at the rim, where a wall stands beside them.

    Raises
    ------
    RuntimeError
        If surfaces cross themselves or each other, or if gmsh cannot mesh a region.
    """
    check_curve(curve, stack)
    nodes = _Nodes([])
    filament = nodes.add(curve)
    gap = column_gap(curve, stack, electrode)
    count = column_count(curve, gap, sizes)
    count = count - spared if count - spared > LEAST_COLUMNS else 0
    layers = layer_count(float(gap[0]), sizes) if count else 0
    electrode_nodes, flat = _electrode(nodes, curve, stack, electrode, sizes, gap, count)
    check_faces(curve, np.array(nodes.points)[np.append(electrode_nodes.face, flat)], stack)
    columns = _columns(nodes, filament, electrode_nodes, curve, gap, count, layers)
    loops = _loops(nodes, filament, electrode_nodes, flat, columns, stack, sizes)
    with timed("gmsh"):
        points, cells, regions = fill(np.array(nodes.points), loops)
    if count:
        split = _split(columns)
        cells = np.vstack((cells, split))
        regions = np.concatenate((regions, np.full(len(split), GAP)))
    return CellMesh(points, cells, regions, filament, electrode_nodes, columns)


def _wall_index(curve: Points) -> int:
    """Return the first node that is as wide as the filament but for STEEP_SHARE.

    Below it the flank is steep: its image on the electrode is one vertical wall, not a chain of
    nodes whose radii would trade places as the flank moves.
    """
    wide = curve[:, 0] >= (1.0 - STEEP_SHARE) * curve[:, 0].max()
    return min(int(np.argmax(wide)), envelope_end(curve))


def _electrode(
    nodes: _Nodes,
    curve: Points,
    stack: Stack,
    electrode: ElectrodeSurface,
    sizes: Sizes,
    gap: Values,
    count: int,
) -> tuple[ElectrodeNodes, np.ndarray]:
    """Place the nodes of the electrode face: facing the columns, the flank, the wall, the flat."""
    end = max(_wall_index(curve), count - 1)
    radius, height = np.maximum.accumulate(curve[: end + 1, 0]), curve[: end + 1, 1]
    image = np.column_stack((radius, electrode.recess(height, radius)))
    s = arc_length(image)
    size = _face_sizes(s, gap[: end + 1], electrode, sizes)
    first = max(count - 1, 0)
    positions = spread(s[first], s[end], lambda x: np.interp(x, s, size)) if end > first else s[-1:]
    index = np.concatenate((np.arange(first), np.interp(positions, s, np.arange(end + 1.0))))
    segment = np.minimum(index.astype(int), len(curve) - 2)
    fraction, share = index - segment, np.ones(len(index))
    beyond = _beyond(electrode, float(radius[-1]), float(size[-1]))
    walled = _wall(float(image[end, 1]) if not len(beyond) else 0.0, float(size[-1]))
    if not len(beyond) and not len(walled) and end > first:
        share[-1] = 0.0
    outward = np.zeros(len(index))
    if len(walled):
        clearance = WALL_CLEARANCE * sizes.finest + float(curve[:, 0].max() - radius[-1])
        if end == count - 1:  # the last image faces a column and has to stay above it
            walled = np.concatenate(([1.0], walled))
        else:
            outward[-1] = clearance
        outward = np.append(outward, np.full(len(walled), clearance))
    segment, fraction, outward = (
        np.append(values, np.full(len(index) + len(walled) - len(values), values[-1]))
        for values in (segment, fraction, outward)
    )
    moving = ElectrodeNodes(
        np.empty(0, int), segment, fraction, np.append(share, walled), outward=outward
    )
    placed = moving.positions(curve, stack, electrode)
    numbers = nodes.add(placed)
    static = nodes.add(_remembered(placed[-1], beyond, stack, float(size[-1]), sizes))
    edge = float(nodes.points[-1][0])
    flat = _flat(edge, float(size[-1]), stack, sizes)
    return replace(moving, nodes=numbers, static=static), nodes.add(flat)


def _face_sizes(s: Values, gap: Values, electrode: ElectrodeSurface, sizes: Sizes) -> Values:
    """Return the sizes at the images of the curve nodes, at positions ``s`` along the face."""
    local = np.maximum(sizes.gap_ratio * gap, sizes.finest)
    if len(electrode.memory_radius):
        local[-1] = min(local[-1], REMEMBERED * sizes.finest)
    return graded(s, np.minimum(local, sizes.far), sizes.growth)


def _beyond(electrode: ElectrodeSurface, radius: float, size: float) -> Points:
    """Return the remembered profile clear of the moving face; none where finer than the mesh."""
    profile = electrode.profile_beyond(radius + size)
    deep = len(profile) > 0 and profile[:, 1].max() > LOWEST_WALL * size
    return profile if deep else profile[:0]


def _wall(depth: float, size: float) -> Values:
    """Return the shares of the recess at the nodes of a vertical wall, top excluded.

    A wall much lower than the mesh size would breed needles: it becomes a slope instead.
    """
    if depth <= LOWEST_WALL * size:
        return np.empty(0)
    steps = max(1, int(np.ceil(depth / size)))
    return np.asarray(1.0 - np.arange(1, steps + 1) / steps)


def _remembered(start: Values, beyond: Points, stack: Stack, size: float, sizes: Sizes) -> Points:
    """Return nodes along a recess that did not heal, from the last image to the flat electrode."""
    if not len(beyond):
        return np.empty((0, 2))
    level, outer = stack.oxide_thickness, float(beyond[-1, 0])
    walled = beyond[-1, 1] > LOWEST_WALL * size
    profile = (beyond if walled else beyond[:-1]) + np.array([0.0, level])
    line = np.vstack((start, profile, (outer, level)))
    s = arc_length(line)

    def wanted(x: Values) -> Values:
        return np.asarray(np.minimum(size + sizes.growth * x, sizes.far))

    corners = (0.0, float(s[-2]), float(s[-1])) if walled else (0.0, float(s[-1]))
    positions = np.concatenate([spread(*ends, wanted)[1:] for ends in pairwise(corners)])
    return np.column_stack([np.interp(positions, s, line[:, k]) for k in range(2)])


def _flat(edge: float, size: float, stack: Stack, sizes: Sizes) -> Points:
    """Return the nodes of the electrode's flat part, growing outwards from ``edge``."""

    def wanted(x: Values) -> Values:
        return np.asarray(np.minimum(size + sizes.growth * (x - edge), sizes.far))

    radius = spread(edge, stack.domain_radius, wanted)[1:]
    return np.column_stack((radius, np.full(len(radius), stack.oxide_thickness)))


def _columns(
    nodes: _Nodes,
    filament: np.ndarray,
    electrode: ElectrodeNodes,
    curve: Points,
    gap: Values,
    count: int,
    layers: int,
) -> np.ndarray:
    """Place the inner nodes of the gap columns; return the node grid (count, layers + 1)."""
    if not count:
        return np.empty((0, 0), dtype=int)
    grid = np.empty((count, layers + 1), dtype=int)
    grid[:, 0], grid[:, -1] = filament[:count], electrode.nodes[:count]
    for k in range(1, layers):
        offset = np.column_stack((np.zeros(count), gap[:count] * k / layers))
        grid[:, k] = nodes.add(curve[:count] + offset)
    return grid


def _split(columns: np.ndarray) -> np.ndarray:
    """Return the triangles of the columns, diagonals alternating like a chequerboard."""
    a, b = columns[:-1, :-1], columns[1:, :-1]
    c, d = columns[1:, 1:], columns[:-1, 1:]
    even = (np.add.outer(np.arange(a.shape[0]), np.arange(a.shape[1])) % 2 == 0)[..., None]
    first = np.where(even, np.stack((a, b, c), -1), np.stack((a, b, d), -1))
    second = np.where(even, np.stack((a, c, d), -1), np.stack((b, c, d), -1))
    return np.asarray(np.concatenate((first.reshape(-1, 3), second.reshape(-1, 3))))


def _line(
    start: float, end: float, first: float, last: float, sizes: Sizes, largest: float
) -> Values:
    """Return the inner positions of a straight edge graded from both ends."""

    def size(x: Values) -> Values:
        near = np.minimum(first + sizes.growth * (x - start), last + sizes.growth * (end - x))
        return np.asarray(np.minimum(near, largest))

    return spread(start, end, size)[1:-1]


class _Edges:
    """Places the straight edges of the regions, graded from both ends."""

    def __init__(self, nodes: _Nodes, stack: Stack, sizes: Sizes) -> None:
        self._nodes = nodes
        self.stack = stack
        self.sizes = sizes

    def vertical(
        self,
        r: float,
        ends: tuple[float, float],
        near: tuple[float, float],
        largest: float | None = None,
    ) -> np.ndarray:
        """Place the inner nodes of a vertical edge, upwards; ``near`` are the end sizes."""
        z = _line(*ends, *near, self.sizes, largest or self.sizes.far)
        return self._nodes.add(np.column_stack((np.full(len(z), r), z)))

    def horizontal(
        self, z: float, ends: tuple[float, float], near: tuple[float, float]
    ) -> np.ndarray:
        """Place the inner nodes of a horizontal edge, outwards."""
        r = _line(*ends, *near, self.sizes, self.sizes.far)
        return self._nodes.add(np.column_stack((r, np.full(len(r), z))))

    def corner(self, r: float, z: float) -> np.ndarray:
        """Place one node."""
        return self._nodes.add(np.array([[r, z]]))


def _loops(
    nodes: _Nodes,
    filament: np.ndarray,
    electrode: ElectrodeNodes,
    flat: np.ndarray,
    columns: np.ndarray,
    stack: Stack,
    sizes: Sizes,
) -> dict[int, np.ndarray]:
    """Return the closed node loop of each region that gmsh fills."""
    edges = _Edges(nodes, stack, sizes)
    xy = np.array(nodes.points)
    base, height = float(xy[filament[-1], 0]), float(xy[filament[0], 1])
    tip_size = float(np.hypot(*(xy[filament[1]] - xy[filament[0]])))
    base_size = float(np.hypot(*(xy[filament[-2]] - xy[filament[-1]])))
    inner, far = max(base / 4, base_size), sizes.far
    radius, oxide = stack.domain_radius, stack.oxide_thickness
    face = np.concatenate((electrode.face, flat))
    apex = float(xy[face[0], 1])
    face_size = float(np.hypot(*(xy[face[1]] - xy[face[0]])))

    origin = edges.corner(0.0, 0.0)
    foot = np.append(origin, edges.horizontal(0.0, (0.0, base), (inner, base_size)))
    floor = edges.horizontal(0.0, (base, radius), (base_size, far))
    rim = edges.corner(radius, 0.0)
    floor = np.append(floor, rim)
    thin = min(far, float(xy[filament, 0].max()) / 2)
    axis = edges.vertical(0.0, (0.0, height), (inner, tip_size), thin)
    side = edges.vertical(radius, (0.0, oxide), (far, far))
    if columns.size:
        count = len(columns)
        left = columns[-1, -2:0:-1]  # inner nodes of the last column, electrode to filament
        open_face, open_curve = face[count - 1 :], filament[count - 1 :]
    else:
        largest = min(sizes.gap_ratio * (apex - height), far)
        left = edges.vertical(0.0, (height, apex), (tip_size, min(face_size, largest)), largest)
        left, open_face, open_curve = left[::-1], face, filament
    lower = _block(edges, -stack.counter_electrode_thickness, 0.0, inner)
    upper = _block(edges, oxide + stack.active_electrode_thickness, oxide, face_size, apex)
    return {
        COUNTER_ELECTRODE: np.concatenate((foot, filament[-1:], floor, lower)),
        FILAMENT: np.concatenate((foot, filament[::-1], axis[::-1])),
        OXIDE: np.concatenate((floor, side, open_face[::-1], left, open_curve)),
        ACTIVE_ELECTRODE: np.concatenate((face, upper)),
    }


def _block(
    edges: _Edges, outer: float, inner: float, size: float, apex: float | None = None
) -> np.ndarray:
    """Return the loop around an electrode from its rim at ``inner`` over ``outer`` to the axis.

    ``size`` is the mesh size where the axis meets the electrode's face, at ``apex`` or ``inner``.
    """
    stack, far = edges.stack, edges.sizes.far
    start = inner if apex is None else apex

    def ordered(r: float, first: float, last: float, sizes: tuple[float, float]) -> np.ndarray:
        if first < last:
            return edges.vertical(r, (first, last), sizes)
        return edges.vertical(r, (last, first), sizes[::-1])[::-1]

    side = ordered(stack.domain_radius, inner, outer, (far, far))
    corners = edges.corner(stack.domain_radius, outer), edges.corner(0.0, outer)
    plane = edges.horizontal(outer, (0.0, stack.domain_radius), (far, far))[::-1]
    axis = ordered(0.0, outer, start, (far, size))
    return np.concatenate((side, corners[0], plane, corners[1], axis))
