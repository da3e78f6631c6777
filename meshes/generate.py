"""Triangulate the cell with gmsh; runs on one rank.

Every boundary node is placed here, gmsh fills the four regions between them, and the columns of
the gap are triangles of our own: facing surfaces share their radii, and the number of elements
across the gap is guaranteed however narrow it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import gmsh
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
from tusk.meshes.curve import Points, Values, envelope_end, graded, spread
from tusk.meshes.sizes import Sizes

STEEPEST_COLUMN = np.deg2rad(65.0)
"""Columns end where the filament surface is steeper than this: the current density there has
fallen by orders of magnitude, and columns between steep walls would be slivers."""

STEEP_SHARE = 2e-3
"""Part of the radius within which the flank counts as vertical."""

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


def column_count(curve: Points, gap: Values, sizes: Sizes) -> int:
    """Return how many nodes of the curve, counted from the tip, carry a gap column."""
    step = np.diff(curve, axis=0)
    gentle = (step[:, 0] > 0) & (np.arctan2(-step[:, 1], step[:, 0]) <= STEEPEST_COLUMN)
    near = gap[1:] < sizes.column_gap_limit
    allowed = gentle & near
    count = int(np.argmin(allowed)) if not allowed.all() else len(allowed)
    return count + 1 if count >= 2 and gap[0] < sizes.column_gap_limit else 0


def layer_count(gap: float, sizes: Sizes) -> int:
    """Return the number of layers across a gap of the given width (nm)."""
    return int(np.clip(np.ceil(gap / (LARGEST_LAYER * sizes.far / 2.5)),
                       sizes.elements_across_gap, 4 * sizes.elements_across_gap))  # fmt: skip


def generate(
    curve: Points, stack: Stack, electrode: ElectrodeSurface, sizes: Sizes
) -> CellMesh:
    """Return a conforming mesh of the cell around the given filament curve.

    Parameters
    ----------
    curve
        Filament curve (n, 2), nm, whose nodes become mesh nodes.
    stack, electrode, sizes
        Layers, electrode surface and mesh sizes.

    Raises
    ------
    RuntimeError
        If gmsh cannot mesh a region (for example a self-intersecting curve).
    """
    nodes = _Nodes([])
    filament = nodes.add(curve)
    gap = column_gap(curve, stack, electrode)
    count = column_count(curve, gap, sizes)
    layers = layer_count(float(gap[0]), sizes) if count else 0
    electrode_nodes, flat = _electrode(nodes, curve, stack, electrode, sizes, gap, count)
    columns = _columns(nodes, filament, electrode_nodes, curve, gap, count, layers)
    loops = _loops(nodes, filament, electrode_nodes, flat, columns, stack, sizes)
    points, cells, regions = _fill(np.array(nodes.points), loops)
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
    return int(min(np.argmax(wide), envelope_end(curve)))


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
    end = _wall_index(curve)
    height = curve[: end + 1, 1]
    image = np.column_stack((curve[: end + 1, 0], electrode.recess(height, curve[: end + 1, 0])))
    s = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(image, axis=0).T))))
    local = np.maximum(sizes.gap_ratio * gap[: end + 1], sizes.finest)
    size = graded(s, np.minimum(local, sizes.far), sizes.growth)
    first = max(count - 1, 0)
    positions = spread(s[first], s[end], lambda x: np.interp(x, s, size)) if end > first else s[:1]
    index = np.interp(positions, s, np.arange(end + 1.0))
    index = np.concatenate((np.arange(first), index))
    segment = np.minimum(index.astype(int), len(curve) - 2)
    fraction = index - segment
    share = np.ones(len(index))
    depth = float(image[end, 1])
    if depth > 1e-9:  # an overhang: the recess ends in a vertical wall
        steps = max(1, int(np.ceil(depth / size[-1])))
        segment = np.concatenate((segment, np.full(steps, segment[-1])))
        fraction = np.concatenate((fraction, np.full(steps, fraction[-1])))
        share = np.concatenate((share, 1.0 - np.arange(1, steps + 1) / steps))
    moving = ElectrodeNodes(np.empty(0, int), segment, fraction, share)
    placed = moving.positions(curve, stack, electrode)
    numbers = nodes.add(placed)
    edge = float(placed[-1, 0])
    flat = spread(
        edge,
        stack.domain_radius,
        lambda x: np.minimum(size[-1] + sizes.growth * (x - edge), sizes.far),
    )[1:]
    flat_nodes = nodes.add(np.column_stack((flat, np.full(len(flat), stack.oxide_thickness))))
    return ElectrodeNodes(numbers, segment, fraction, share), flat_nodes


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
    xy = np.array(nodes.points)
    tip, contact = filament[0], filament[-1]
    height, base = float(xy[tip, 1]), float(xy[contact, 0])
    step_tip = float(np.hypot(*(xy[filament[1]] - xy[tip])))
    step_base = float(np.hypot(*(xy[filament[-2]] - xy[contact])))
    far, radius, oxide = sizes.far, stack.domain_radius, stack.oxide_thickness
    inner = max(base / 4, step_base)

    def vertical(r: float, z: Values) -> np.ndarray:
        return nodes.add(np.column_stack((np.full(len(z), r), z)))

    def horizontal(z: float, r: Values) -> np.ndarray:
        return nodes.add(np.column_stack((r, np.full(len(r), z))))

    bottom = horizontal(0.0, _line(0.0, base, inner, step_base, sizes, far))
    origin = nodes.add(np.zeros((1, 2)))
    foot = np.concatenate((origin, bottom))
    floor = horizontal(0.0, _line(base, radius, step_base, far, sizes, far))
    corner = nodes.add(np.array([[radius, 0.0]]))
    axis_filament = vertical(0.0, _line(0.0, height, inner, step_tip, sizes, far))
    side_oxide = vertical(radius, _line(0.0, oxide, far, far, sizes, far))
    low = -stack.counter_electrode_thickness
    axis_low = vertical(0.0, _line(low, 0.0, far, inner, sizes, far))
    ce_corners = nodes.add(np.array([[0.0, low], [radius, low]]))
    ce_bottom = horizontal(low, _line(0.0, radius, far, far, sizes, far))
    ce_side = vertical(radius, _line(low, 0.0, far, far, sizes, far))
    top = oxide + stack.active_electrode_thickness
    apex = float(xy[electrode.nodes[0], 1])
    step_apex = float(np.hypot(*(xy[electrode.nodes[1]] - xy[electrode.nodes[0]])))
    axis_top = vertical(0.0, _line(apex, top, step_apex, far, sizes, far))
    ae_corners = nodes.add(np.array([[0.0, top], [radius, top]]))
    ae_top = horizontal(top, _line(0.0, radius, far, far, sizes, far))
    ae_side = vertical(radius, _line(oxide, top, far, far, sizes, far))

    face = np.concatenate((electrode.nodes, flat))
    if columns.size:
        count = len(columns)
        left = columns[-1, ::-1]  # electrode down to filament
        open_face, open_curve = face[count - 1 :], filament[count - 1 :]
        left = left[1:-1]
    else:
        clearance = apex - height
        gap_size = min(sizes.gap_ratio * clearance, far)
        left = vertical(0.0, _line(height, apex, step_tip, min(step_apex, gap_size), sizes, gap_size))
        left = left[::-1]
        open_face, open_curve = face, filament
    join = np.concatenate
    return {
        COUNTER_ELECTRODE: join(
            (foot, [contact], floor, corner, ce_side[::-1], ce_corners[::-1][:1],
             ce_bottom[::-1], ce_corners[:1], axis_low)
        ),
        FILAMENT: join((foot, filament[::-1], axis_filament[::-1])),
        OXIDE: join((floor, corner, side_oxide, open_face[::-1], left, open_curve)),
        ACTIVE_ELECTRODE: join(
            (face, ae_side, ae_corners[::-1][:1], ae_top[::-1], ae_corners[:1], axis_top[::-1])
        ),
    }  # fmt: skip


def _fill(
    points: Points, loops: dict[int, np.ndarray]
) -> tuple[Points, np.ndarray, np.ndarray]:
    """Mesh every loop with gmsh; boundary nodes keep their numbers and positions."""
    _session()
    gmsh.clear()
    geo = gmsh.model.geo
    for number, (r, z) in enumerate(points):
        geo.addPoint(r, z, 0.0, 0.0, number + 1)
    lines: dict[tuple[int, int], int] = {}
    surfaces: dict[int, int] = {}
    for region, loop in loops.items():
        signed = []
        for a, b in zip(loop, np.roll(loop, -1), strict=True):
            if (b, a) in lines:
                signed.append(-lines[b, a])
            else:
                if (a, b) not in lines:
                    lines[a, b] = geo.addLine(int(a) + 1, int(b) + 1)
                signed.append(lines[a, b])
        surfaces[region] = geo.addPlaneSurface([geo.addCurveLoop(signed)])
    geo.synchronize()
    for tag in lines.values():
        gmsh.model.mesh.setTransfiniteCurve(tag, 2)
    try:
        gmsh.model.mesh.generate(2)
    except Exception as error:  # gmsh raises bare Exception
        raise RuntimeError(f"gmsh: {error}") from error
    return _collect(points, surfaces)


def _collect(
    points: Points, surfaces: dict[int, int]
) -> tuple[Points, np.ndarray, np.ndarray]:
    """Read nodes and triangles back and renumber them, boundary nodes first."""
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    xy = coordinates.reshape(-1, 3)[:, :2]
    number = np.full(int(tags.max()) + 1, -1)
    ours = tags <= len(points)
    number[tags[ours].astype(int)] = tags[ours].astype(int) - 1
    inner = np.flatnonzero(~ours)
    number[tags[inner].astype(int)] = len(points) + np.arange(len(inner))
    all_points = np.vstack((points, xy[inner]))
    cells, regions = [], []
    for region, tag in surfaces.items():
        _, _, connectivity = gmsh.model.mesh.getElements(2, tag)
        triangles = number[connectivity[0].astype(int)].reshape(-1, 3)
        cells.append(triangles)
        regions.append(np.full(len(triangles), region))
    return all_points, _oriented(all_points, np.vstack(cells)), np.concatenate(regions)


def _oriented(points: Points, cells: np.ndarray) -> np.ndarray:
    a, b, c = (points[cells[:, k]] for k in range(3))
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    flipped = cells.copy()
    flipped[cross < 0] = cells[cross < 0][:, ::-1]
    return flipped


def _session() -> None:
    """Start gmsh once per process, silent and deterministic."""
    if gmsh.isInitialized():
        return
    gmsh.initialize(interruptible=False)
    for name, value in (
        ("General.Terminal", 0),
        ("General.Verbosity", 0),
        ("Mesh.Algorithm", 5),
        ("Mesh.MeshSizeExtendFromBoundary", 1),
        ("Mesh.MeshSizeFromPoints", 0),
        ("Mesh.RandomSeed", 1),
    ):
        gmsh.option.setNumber(name, value)
