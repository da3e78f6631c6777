"""Geometry of the cell: layers, filament curve, active electrode and the columns between them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tusk.meshes.curve import Points, Values, envelope_end

COUNTER_ELECTRODE, FILAMENT, OXIDE, ACTIVE_ELECTRODE, GAP = 1, 2, 3, 4, 5
"""Region tags; ``GAP`` is the part of the oxide that is meshed in vertical columns."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Layer thicknesses and domain radius, all in nm."""

    oxide_thickness: float
    active_electrode_thickness: float
    counter_electrode_thickness: float
    domain_radius: float


@dataclass(frozen=True, slots=True)
class ElectrodeSurface:
    """The active electrode's lower face, which mirrors the filament (physics: AE dissolution).

    ``z_AE = L + recess`` with recess = ``ratio`` times the filament height in the same column,
    capped at ``max_depth``.  With ``memory_*`` (``void.healing: keep``) the recess never heals.

    Attributes
    ----------
    ratio
        Dissolution ratio v*, dimensionless (Buttberg 2025, section 2.3).
    max_depth
        Cap of the recess in nm, or infinity.
    memory_radius, memory_depth
        Deepest recess so far as a function of radius (nm); empty when the void heals.
    """

    ratio: float
    max_depth: float = np.inf
    memory_radius: Values = field(default_factory=lambda: np.empty(0))
    memory_depth: Values = field(default_factory=lambda: np.empty(0))

    def recess(self, height: Values, radius: Values) -> Values:
        """Return the recess (nm) above filament heights ``height`` at ``radius``."""
        depth = np.minimum(self.ratio * np.maximum(height, 0.0), self.max_depth)
        if len(self.memory_radius):
            kept = np.interp(radius, self.memory_radius, self.memory_depth, right=0.0)
            depth = np.maximum(depth, kept)
        return np.asarray(depth)

    def profile_beyond(self, radius: float) -> Points:
        """Return the remembered recess from ``radius`` outwards: (k, 2) of radius and depth, nm."""
        outside = self.memory_radius > radius
        if not outside.any():
            return np.empty((0, 2))
        return np.column_stack((self.memory_radius[outside], self.memory_depth[outside]))

    def remember(self, curve: Points) -> ElectrodeSurface:
        """Return the surface whose memory includes the recess above ``curve``."""
        end = envelope_end(curve)
        radius, height = np.maximum.accumulate(curve[: end + 1, 0]), curve[: end + 1, 1]
        grid = np.union1d(self.memory_radius, radius)
        now = np.minimum(self.ratio * np.interp(grid, radius, height, right=0.0), self.max_depth)
        before = (
            np.interp(grid, self.memory_radius, self.memory_depth, right=0.0)
            if len(self.memory_radius)
            else np.zeros_like(grid)
        )
        return ElectrodeSurface(self.ratio, self.max_depth, grid, np.maximum(now, before))


def column_gap(curve: Points, stack: Stack, electrode: ElectrodeSurface) -> Values:
    """Return the vertical gap z_AE - z_CF at every node of the curve (n,), nm."""
    height = curve[:, 1]
    return np.asarray(stack.oxide_thickness + electrode.recess(height, curve[:, 0]) - height)


@dataclass(frozen=True, slots=True)
class ElectrodeNodes:
    """Electrode nodes as images of points of the filament curve, so that they follow it.

    Node k faces the point a fraction ``fraction[k]`` along segment ``segment[k]`` of the curve;
    ``share[k]`` < 1 puts it on the vertical wall below that image.  ``static`` nodes line a recess
    that does not heal, beyond the filament; they stay where they are.  ``outward`` keeps a wall
    clear of the gap columns (nm).
    """

    nodes: np.ndarray
    segment: np.ndarray
    fraction: Values
    share: Values
    static: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=int))
    outward: Values | float = 0.0

    @property
    def face(self) -> np.ndarray:
        """The nodes from the axis to where the flat electrode begins."""
        return np.concatenate((self.nodes, self.static))

    def positions(self, curve: Points, stack: Stack, electrode: ElectrodeSurface) -> Points:
        """Return the node positions (k, 2) in nm for the present curve.

        Where the filament has a waist the face is a vertical wall above the wider part over it.
        """
        start, end = curve[self.segment], curve[self.segment + 1]
        facing = start + self.fraction[:, None] * (end - start)
        widest = np.maximum.accumulate(curve[:, 0])[self.segment]
        radius = np.maximum(np.maximum.accumulate(facing[:, 0]), widest)
        depth = electrode.recess(facing[:, 1], radius)
        height = stack.oxide_thickness + self.share * depth
        return np.column_stack((radius + self.outward, height))


@dataclass(frozen=True, slots=True)
class CellMesh:
    """A triangulation of the whole cell with what is needed to move it.

    Attributes
    ----------
    points, cells, regions
        Node coordinates (n, 2) in nm, triangles (m, 3), region tag of each triangle (m,).
    filament_nodes
        Nodes of the filament curve, tip to contact line.
    electrode
        The electrode nodes that follow the curve.
    columns
        Nodes of the gap columns, (columns, layers + 1), from filament to electrode; may be empty.
    """

    points: Points
    cells: np.ndarray
    regions: np.ndarray
    filament_nodes: np.ndarray
    electrode: ElectrodeNodes
    columns: np.ndarray

    def electrode_face(self) -> np.ndarray:
        """Return the nodes of the electrode's lower face, axis to outer radius (k,)."""
        metal = np.unique(self.cells[self.regions == ACTIVE_ELECTRODE])
        oxide = np.unique(self.cells[np.isin(self.regions, (OXIDE, GAP))])
        face = self.electrode.face
        flat = np.setdiff1d(np.intersect1d(metal, oxide), face)
        return np.concatenate((face, flat[np.argsort(self.points[flat, 0])]))

    @property
    def layers(self) -> int:
        """Number of elements across the gap (0 without columns)."""
        return max(0, self.columns.shape[1] - 1) if self.columns.size else 0

    def upright_edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the triangles of the gap columns and a node of each one's vertical edge."""
        column = np.full(len(self.points), -1)
        column[self.columns.ravel()] = np.repeat(np.arange(len(self.columns)), self.layers + 1)
        cells = np.flatnonzero(self.regions == GAP)
        a, b, c = column[self.cells[cells]].T
        first = (a == b) | (a == c)
        return cells, np.where(first, self.cells[cells, 0], self.cells[cells, 1])

    def signed_areas(self, points: Points) -> Values:
        """Return the signed area of every triangle (m,), nm², at the given coordinates."""
        (ra, rb, rc), (za, zb, zc) = self._corners(points)
        return np.asarray(0.5 * ((rb - ra) * (zc - za)) - 0.5 * ((rc - ra) * (zb - za)))

    def quality(self, points: Points) -> Values:
        """Return 4 sqrt(3) area / sum of squared edges (m,): 1 equilateral, <= 0 tangled."""
        r, z = self._corners(points)
        edges = sum((r[p] - r[q]) ** 2 + (z[p] - z[q]) ** 2 for p, q in ((0, 1), (1, 2), (2, 0)))
        return np.asarray(4 * np.sqrt(3) * self.signed_areas(points) / edges)

    def _corners(self, points: Points) -> tuple[Values, Values]:
        """Return r and z of the corners, (3, m) each."""
        corners = self.cells.T
        return points[:, 0][corners], points[:, 1][corners]
