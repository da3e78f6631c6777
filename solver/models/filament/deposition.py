"""Heat of the tunnel barrier given over a length instead of at the two faces of the gap.

Electrons that have crossed the gap keep their energy among themselves and hand it to the lattice
while they spread.  With kappa_e of the electrons and their coupling G to the lattice, the power u
that arrives per volume obeys -div(l^2 grad u) + u = 0, l^2 = kappa_e/G, with the areal heat as its
flux at the faces (two temperatures, the electrons' steady).  In the thin filament kappa_e is
smaller by what the size effect leaves, and l by its root.  No energy leaves through the outer
surfaces, so that what is given is what was taken, to round-off.

Every rank holds all of it, as of the nearest gap: the metals are a part of a small mesh.
"""

from __future__ import annotations

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

from tusk.meshes.cell import CellMesh
from tusk.solver.axisymmetry import Axisymmetric, reference_domain
from tusk.solver.fields.field import METALS
from tusk.solver.fields.symbols import lagrange
from tusk.solver.physics.barrier_heating import AtFaces, OverLength
from tusk.solver.physics.constants import NM

type Array = NDArray[np.float64]


class DepositionEquations:
    """The spreading of the heat, compiled once.

    Parameters
    ----------
    comm
        Communicator of the just-in-time compiler.
    length
        l in bulk metal, m.
    """

    def __init__(self, comm: MPI.Comm, length: float) -> None:
        domain = reference_domain()
        space = ufl.FunctionSpace(domain, lagrange(1))
        self.share = ufl.Coefficient(
            ufl.FunctionSpace(domain, basix.ufl.element("DG", "triangle", 0))
        )
        self.length = ufl.Constant(domain)
        self.value = length / NM
        u, v, dV = ufl.TrialFunction(space), ufl.TestFunction(space), Axisymmetric(domain).volume(0)
        given = (u * v) * dV
        spread = (self.share * self.length**2 * ufl.inner(ufl.grad(u), ufl.grad(v))) * dV
        self.given = fem.compile_form(comm, given)
        self.balance = fem.compile_form(comm, spread + given)


def deposition_equations(comm: MPI.Comm, law: AtFaces | OverLength) -> DepositionEquations | None:
    """Return the spreading that a law asks for, None where the heat stays at the faces."""
    return DepositionEquations(comm, law.deposition_length) if isinstance(law, OverLength) else None


class Deposition:
    """The spreading on one mesh, in the nodal numbering of the whole cell.

    Parameters
    ----------
    equations
        The compiled forms.
    cell
        Mesh of the whole cell.
    """

    def __init__(self, equations: DepositionEquations, cell: CellMesh) -> None:
        self._metal = np.flatnonzero(np.isin(cell.regions, METALS))
        self._nodes, corners = np.unique(cell.cells[self._metal], return_inverse=True)
        cells = corners.reshape(-1, 3).astype(np.int64)
        self._mesh = dmesh.create_mesh(
            MPI.COMM_SELF, cells, lagrange(1, (2,)), cell.points[self._nodes]
        )
        geometry = self._mesh.geometry
        self._order = np.asarray(geometry.input_global_indices)
        self._cells = np.asarray(self._mesh.topology.original_cell_index)
        space = fem.functionspace(self._mesh, ("Lagrange", 1))
        self._dofs = np.empty(len(self._nodes), dtype=np.int64)
        local = np.asarray(geometry.dofmaps[0]).ravel()
        self._dofs[np.asarray(space.dofmap.list).ravel()] = self._nodes[self._order[local]]
        self._share = fem.Function(fem.functionspace(self._mesh, ("DG", 0)))
        self._share.x.array[:] = 1.0
        length = fem.Constant(self._mesh, equations.value)
        everywhere = np.arange(len(cells), dtype=np.int32)
        domains = {fem.IntegralType.cell: [(0, everywhere)]}
        data, numbers = {equations.share: self._share}, {equations.length: length}
        self._given, self._balance = (
            fem.create_form(form, [space, space], self._mesh, domains, data, numbers)
            for form in (equations.given, equations.balance)
        )
        self._factorise()

    def place(self, points: Array, size_effect: Array) -> None:
        """Move all nodes to ``points`` (n, 2), nm; ``size_effect`` is sigma over bulk (m,)."""
        self._mesh.geometry.x[:, :2] = points[self._nodes][self._order]
        self._share.x.array[:] = size_effect[self._metal][self._cells]
        self._factorise()

    def _factorise(self) -> None:
        self._mass = csr_array(fem.assemble_matrix(self._given).to_scipy())
        self._factors = splu(fem.assemble_matrix(self._balance).to_scipy().tocsc())

    def spread(self, heat: Array) -> Array:
        """Return what of the nodal heat (n,), W, arrives at which node (n,), W; the sum is kept."""
        out = np.zeros_like(heat)
        out[self._dofs] = self._mass @ self._factors.solve(heat[self._dofs])
        return out
