"""Move a cell mesh with the filament surface between remeshes.

Surface nodes, their images on the electrode and the gap columns are placed exactly; the other
nodes follow by a harmonic extension of the displacement in which small triangles are stiff.  The
extension is factorised once per mesh and costs a back-substitution per motion.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_matrix
from scipy.sparse.linalg import SuperLU, splu

from tusk.meshes.cell import CellMesh, ElectrodeSurface, Stack
from tusk.meshes.curve import Points

PLANE = 1e-7
"""Distance (nm) within which a node counts as lying on a plane."""


class MeshMotion:
    """Node positions of a mesh as a function of the filament curve.

    Parameters
    ----------
    cell
        The mesh at the moment it was made.
    stack
        Layer thicknesses, nm.
    """

    def __init__(self, cell: CellMesh, stack: Stack) -> None:
        self.cell = cell
        self.stack = stack
        self._placed = np.zeros(len(cell.points), dtype=bool)
        self._placed[cell.filament_nodes] = True
        self._placed[cell.electrode.nodes] = True
        self._placed[cell.columns.ravel()] = True
        r, z = cell.points.T
        top = stack.oxide_thickness + stack.active_electrode_thickness
        still = np.zeros(len(cell.points), dtype=bool)
        still[cell.electrode.static] = True
        outer = (
            still
            | (np.abs(r - stack.domain_radius) < PLANE)
            | (np.abs(z - top) < PLANE)
            | (np.abs(z + stack.counter_electrode_thickness) < PLANE)
        )
        plane = (np.abs(z) < PLANE) | (np.abs(z - stack.oxide_thickness) < PLANE)
        stiffness = _stiffness(cell)
        self._radial = _Extension(stiffness, self._placed | outer | (r < PLANE))
        self._vertical = _Extension(stiffness, self._placed | outer | plane)

    def positions(self, curve: Points, electrode: ElectrodeSurface) -> Points:
        """Return all node positions (n, 2), nm, for a new filament curve (same node count)."""
        cell = self.cell
        target = cell.points.copy()
        target[cell.filament_nodes] = curve
        target[cell.electrode.nodes] = cell.electrode.positions(curve, self.stack, electrode)
        if cell.columns.size:
            bottom, top = target[cell.columns[:, 0]], target[cell.columns[:, -1]]
            share = np.linspace(0.0, 1.0, cell.layers + 1)[None, 1:-1, None]
            target[cell.columns[:, 1:-1]] = bottom[:, None] + share * (top - bottom)[:, None]
        displacement = target - cell.points
        displacement[:, 0] = self._radial(displacement[:, 0])
        displacement[:, 1] = self._vertical(displacement[:, 1])
        return np.asarray(cell.points + displacement)


class _Extension:
    """Harmonic extension of one displacement component from fixed to free nodes."""

    def __init__(self, stiffness: csc_matrix, fixed: np.ndarray) -> None:
        self._free = np.flatnonzero(~fixed)
        self._fixed = np.flatnonzero(fixed)
        rows = stiffness[self._free]
        self._coupling = rows[:, self._fixed]
        self._factor: SuperLU = splu(rows[:, self._free].tocsc())

    def __call__(self, displacement: np.ndarray) -> np.ndarray:
        out = displacement.copy()
        out[self._free] = self._factor.solve(-(self._coupling @ displacement[self._fixed]))
        return out


def _stiffness(cell: CellMesh) -> csc_matrix:
    """Return the Laplace matrix with every triangle weighted by one over its area."""
    p = cell.points[cell.cells]
    edge = np.stack((p[:, 2] - p[:, 1], p[:, 0] - p[:, 2], p[:, 1] - p[:, 0]), axis=1)
    area = cell.signed_areas(cell.points)
    local = np.einsum("mik,mjk->mij", edge, edge) / (4 * area**2)[:, None, None]
    rows = np.repeat(cell.cells, 3, axis=1).ravel()
    columns = np.tile(cell.cells, (1, 3)).ravel()
    count = len(cell.points)
    return csc_matrix((local.ravel(), (rows, columns)), shape=(count, count)).tocsr().tocsc()
