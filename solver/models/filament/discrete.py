"""The equations bound to one mesh: spaces, coefficients, forms and the nodal numbering.

The mesh of the whole cell is known on every rank (it is small); DOLFINx distributes the cells.
Nodal data travel between ranks and meshes in the numbering of that input mesh.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from dolfinx import fem
from dolfinx import mesh as dmesh
from dolfinx.fem import petsc as fem_petsc
from mpi4py import MPI
from numpy.typing import NDArray
from petsc4py import PETSc
from scipy.sparse import csr_array

from tusk.meshes.cell import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    GAP,
    OXIDE,
    CellMesh,
    Stack,
)
from tusk.solver.fields.field import ELECTRON, HEAT, METALS
from tusk.solver.fields.symbols import (
    COEFFICIENTS,
    CONSTANTS,
    ELECTRODE_GAP,
    ELECTRODE_OXIDE,
    FILAMENT_GAP,
    FILAMENT_OXIDE,
    TOP,
    lagrange,
)
from tusk.solver.models.filament.compiled import CompiledEquations, CompiledForm, Subdomains
from tusk.solver.models.filament.deposition import Deposition
from tusk.solver.models.filament.facets import facet_lookup, neighbour_regions
from tusk.solver.models.filament.nearest_gap import NearestGap, NearestGapEquations

Array = NDArray[np.float64]

_INTERFACES = {
    (OXIDE, FILAMENT): FILAMENT_OXIDE,
    (OXIDE, ACTIVE_ELECTRODE): ELECTRODE_OXIDE,
    (GAP, FILAMENT): FILAMENT_GAP,
    (GAP, ACTIVE_ELECTRODE): ELECTRODE_GAP,
}
_REGIONS = (*METALS, OXIDE, GAP)


class DiscreteEquations:
    """Residual, Jacobian and integrals on one mesh.

    Parameters
    ----------
    compiled
        The compiled forms.
    cell
        Mesh of the whole cell, the same on every rank.
    regions
        Region of every triangle (m,); oxide triangles that conduct electrons are ``GAP``.
    stack
        Layer thicknesses, nm.
    """

    def __init__(
        self, compiled: CompiledEquations, cell: CellMesh, regions: np.ndarray, stack: Stack
    ) -> None:
        self.comm = comm = compiled.comm
        self.cell = cell
        self.regions = regions
        mine = slice(None) if comm.rank == 0 else slice(0, 0)
        self.mesh = dmesh.create_mesh(comm, cell.cells[mine], lagrange(1, (2,)), cell.points[mine])
        self._number_nodes()
        self._create_functions()
        self.deposition = Deposition(compiled.deposition, cell) if compiled.deposition else None
        self._bind(compiled, self._subdomains(stack))

    def _number_nodes(self) -> None:
        """Relate local nodes, cells and degrees of freedom to the input mesh."""
        geometry = self.mesh.geometry
        self.space = fem.functionspace(self.mesh, lagrange(1, (3,)))
        dofs = self.space.dofmap
        count = self.mesh.topology.index_map(2).size_local
        self.local_cells = count
        self.input_cells = np.asarray(self.mesh.topology.original_cell_index)[:count]
        nodes = np.asarray(geometry.input_global_indices)
        self.geometry_nodes = nodes
        local = np.asarray(geometry.dofmaps[0])
        size = dofs.index_map.size_local + dofs.index_map.num_ghosts
        self.dof_nodes = np.zeros(size, dtype=np.int64)
        self.dof_nodes[np.asarray(dofs.list).ravel()] = nodes[local.ravel()]
        self.owned = dofs.index_map.size_local
        self.cell_nodes = nodes[local[:count]]

    def _create_functions(self) -> None:
        scalar = fem.functionspace(self.mesh, lagrange(1))
        vector = fem.functionspace(self.mesh, lagrange(1, (2,)))
        same = np.array_equal(scalar.dofmap.list, self.space.dofmap.list)
        if not (same and np.array_equal(vector.dofmap.list, self.space.dofmap.list)):
            raise RuntimeError("P1 spaces of one mesh are expected to share their numbering")
        self.solution = fem.Function(self.space)
        self.gap = fem.Function(scalar)
        self.cut = fem.Function(scalar)
        self.dissolvable = fem.Function(scalar)
        self.dissolvable.x.array[:] = 1.0
        self.depositable = fem.Function(scalar)
        self.depositable.x.array[:] = 1.0
        self.tension = fem.Function(scalar)
        self.closed = fem.Function(scalar)
        self.site_share = fem.Function(scalar)
        self.stored_heat = fem.Function(scalar)
        self.filament_side = self._side(scalar, FILAMENT, OXIDE, GAP)
        self.electrode_side = self._side(scalar, ACTIVE_ELECTRODE, OXIDE, GAP)
        self.filament_base = self._side(scalar, FILAMENT, COUNTER_ELECTRODE)
        self.mesh_velocity = fem.Function(vector)
        self.size_effect = fem.Function(fem.functionspace(self.mesh, ("DG", 0)))
        self.size_effect.x.array[:] = 1.0
        self.span = fem.Function(self.size_effect.function_space)
        self.constants = {name: fem.Constant(self.mesh, 1.0) for name in CONSTANTS}

    def _side(self, space: fem.FunctionSpace, one: int, *others: int) -> fem.Function:
        """Return the function that is 1 at the nodes a region shares with others, 0 elsewhere."""
        cells, regions = self.cell.cells, self.cell.regions
        values = np.zeros(len(self.cell.points))
        values[np.intersect1d(cells[regions == one], cells[np.isin(regions, others)])] = 1.0
        side = fem.Function(space)
        self.set_nodal(side, values)
        return side

    def _subdomains(self, stack: Stack) -> Subdomains:
        """Return integration entities: cells by region, (oxide cell, facet) by interface."""
        region = self.regions[self.input_cells]
        cells = [(k, np.flatnonzero(region == k).astype(np.int32)) for k in sorted(_REGIONS)]
        neighbours = neighbour_regions(self.cell.cells, self.regions)
        rank_of = facet_lookup(self.cell.cells[self.input_cells], self.cell_nodes)
        beside = np.take_along_axis(neighbours[self.input_cells], rank_of, axis=1)
        facets = []
        for (inside, outside), tag in _INTERFACES.items():
            cell, facet = np.nonzero((region[:, None] == inside) & (beside == outside))
            facets.append((tag, np.column_stack((cell, facet)).astype(np.int32).ravel()))
        height = self.cell.points[self.cell_nodes, 1]
        top = stack.oxide_thickness + stack.active_electrode_thickness
        at_top = np.abs(height - top) < 1e-6
        opposite = at_top.sum(axis=1, keepdims=True) == 2
        cell, facet = np.nonzero(opposite & ~at_top)
        facets.append((TOP, np.column_stack((cell, facet)).astype(np.int32).ravel()))
        return {fem.IntegralType.cell: cells, fem.IntegralType.exterior_facet: sorted(
            facets, key=lambda pair: pair[0])}  # fmt: skip

    def _bind(self, compiled: CompiledEquations, subdomains: Subdomains) -> None:
        symbols = compiled.equations.symbols
        coefficients = {getattr(symbols, name): getattr(self, name) for name in COEFFICIENTS}
        constants = {getattr(symbols, name): value for name, value in self.constants.items()}
        constants |= compiled.numbers

        def bind(form: CompiledForm, spaces: list[fem.FunctionSpace]) -> fem.Form:
            return form.bind(spaces, self.mesh, subdomains, coefficients, constants)

        self.residual_form = bind(compiled.residual, [self.space])
        self.jacobian_form = bind(compiled.jacobian, [self.space, self.space])
        self._integrals = {name: bind(form, []) for name, form in compiled.integrals.items()}
        self.vector = fem_petsc.create_vector(self.space)
        self.nearest_gap = self._bind_nearest_gap(compiled.nearest_gap)
        self.matrix = self._empty_matrix()
        if compiled.face_heat is not None:
            self._face_heat = bind(compiled.face_heat, [self.space])
        if compiled.filament_ions is not None:
            self._filament_ions = bind(compiled.filament_ions, [self.space])

    def _bind_nearest_gap(self, equations: NearestGapEquations | None) -> NearestGap | None:
        """Return the exchange across the nearest gap; every rank holds all of it."""
        if equations is None:
            return None
        blocks = self.space.dofmap.index_map
        self._global_blocks = np.zeros(len(self.cell.points), dtype=np.int64)
        mine = np.arange(*blocks.local_range, dtype=np.int64)
        self._global_blocks[self.dof_nodes[: self.owned]] = mine
        self.comm.Allreduce(MPI.IN_PLACE, self._global_blocks, op=MPI.SUM)
        face = self.cell.electrode_face()
        return NearestGap(equations, self.cell.filament_nodes, face, self.cell.points)

    def _empty_matrix(self) -> PETSc.Mat:
        """Return a matrix for the Jacobian.

        A nearest gap joins each filament node to the face of its foot. Feet slide from one node of
        the face to the next, so that its pattern is known only by what is assembled.
        """
        if self.nearest_gap is None:
            return fem_petsc.create_matrix(self.jacobian_form)
        blocks = self.space.dofmap.index_map
        matrix = PETSc.Mat().create(self.comm)
        matrix.setSizes([[3 * blocks.size_local, 3 * blocks.size_global]] * 2, 3)
        matrix.setType(PETSc.Mat.Type.AIJ)
        local = blocks.local_to_global(np.arange(len(self.dof_nodes), dtype=np.int32))
        numbering = PETSc.LGMap().create(local.astype(PETSc.IntType), 3, self.comm)
        matrix.setLGMap(numbering, numbering)
        matrix.setUp()
        return matrix

    # --- assembly at the present solution -------------------------------------------------------

    def assemble_residual(self) -> PETSc.Vec:
        """Assemble and return the residual on owned dofs, in A, A and W."""
        b = self.vector
        with b.localForm() as local:
            local.set(0.0)
        fem_petsc.assemble_vector(b, self.residual_form)
        b.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        if self.nearest_gap is not None:
            across = self.nearest_gap.residual(self.nodal(self.solution.x.array))
            if self.deposition is not None:
                across[:, HEAT] = 0.0
            b.array_w[:] += across[self.dof_nodes[: self.owned]].ravel()
        if self.deposition is not None:
            heat = self.deposition.spread(self._heat_of_the_faces())
            b.array_w.reshape(-1, 3)[:, HEAT] += heat[self.dof_nodes[: self.owned]]
        return b

    def _heat_of_the_faces(self) -> Array:
        """Return what the residual of the heat has at the faces of the gap, per node (n,), W."""
        heat = self._assembled(self._face_heat)
        if self.nearest_gap is not None:
            heat += self.nearest_gap.residual(self.nodal(self.solution.x.array))
        return np.asarray(heat[:, HEAT])

    def _assembled(self, form: fem.Form) -> Array:
        """Return a form at the present solution, per node (n, 3)."""
        vector = fem_petsc.assemble_vector(form)
        vector.ghostUpdate(addv=PETSc.InsertMode.ADD, mode=PETSc.ScatterMode.REVERSE)
        nodal = self.nodal(vector.array_r)
        vector.destroy()
        return nodal

    def filament_ions(self, solution: Array) -> Array:
        """Return the ionic current that leaves the filament at a solution (n, 3), per node (n,), A.

        It is there for surfaces with tension only.
        """
        self.set_nodal(self.solution, solution)
        return np.asarray(self._assembled(self._filament_ions)[:, ELECTRON])

    def assemble_jacobian(self, conditions: list[fem.DirichletBC]) -> PETSc.Mat:
        """Assemble and return the Jacobian; rows and columns of imposed dofs are the identity's."""
        if self.nearest_gap is None:
            self.matrix.zeroEntries()
        else:
            # Its pattern, and with it the factors' round-off, must not depend on where feet were.
            self.matrix.destroy()
            self.matrix = self._empty_matrix()
        fem_petsc.assemble_matrix(self.matrix, self.jacobian_form, bcs=conditions)
        if self.nearest_gap is not None:
            nodal = self.nodal(self.solution.x.array)
            # Imposed rows were inserted, not added; PETSc wants to hear of the change.
            self.matrix.assemble(PETSc.Mat.AssemblyType.FLUSH)
            entries = self.nearest_gap.jacobian(nodal)
            if self.deposition is not None:  # its heat follows the potentials, one iteration later
                entries = csr_array(entries * (np.arange(entries.shape[0]) % 3 != HEAT)[:, None])
            self._add(self.matrix, entries)
        self.matrix.assemble()
        return self.matrix

    def _add(self, matrix: PETSc.Mat, entries: csr_array) -> None:
        """Add entries in nodal numbering to the rows that this rank owns."""
        mine = self.dof_nodes[: self.owned, None]
        rows = entries[(3 * mine + np.arange(3)).ravel()]
        columns = 3 * self._global_blocks[rows.indices // 3] + rows.indices % 3
        matrix.setValuesCSR(
            rows.indptr.astype(PETSc.IntType),
            columns.astype(PETSc.IntType),
            rows.data,
            addv=PETSc.InsertMode.ADD,
        )

    # --- data in the numbering of the input mesh ------------------------------------------------

    def move(self, points: Array) -> None:
        """Move the mesh to the given node coordinates (n, 2), nm."""
        self.mesh.geometry.x[:, :2] = points[self.geometry_nodes]
        if self.nearest_gap is not None:
            self.nearest_gap.place(points)

    def set_nodal(self, function: fem.Function, values: Array) -> None:
        """Set a P1 function from nodal values (n,) or (n, components)."""
        function.x.array[:] = np.asarray(values)[self.dof_nodes].ravel()

    def set_cellwise(self, function: fem.Function, values: Array) -> None:
        """Set a cellwise function from values per triangle (m,)."""
        local = self.mesh.topology.original_cell_index
        function.x.array[:] = values[np.asarray(local)]

    def nodal(self, local: Array) -> Array:
        """Return nodal values (n, 3) on every rank from a local block array."""
        out = np.zeros((len(self.cell.points), 3))
        out[self.dof_nodes[: self.owned]] = local.reshape(-1, 3)[: self.owned]
        if self.comm.size > 1:
            self.comm.Allreduce(MPI.IN_PLACE, out, op=MPI.SUM)
        return out

    def state(self) -> dict[str, float]:
        """Return the constants: some of them start the next solve where the last one ended."""
        return {name: float(constant.value) for name, constant in self.constants.items()}

    def restore(self, saved: Mapping[str, float]) -> None:
        """Take up what `state` returned."""
        for name, value in saved.items():
            self.constants[name].value = value

    def integral(self, name: str) -> float:
        """Return one of the reported integrals, summed over ranks (A or W)."""
        local = fem.assemble_scalar(self._integrals[name])
        return float(self.comm.allreduce(local, op=MPI.SUM)) + self._across().get(name, 0.0)

    def integrals(self) -> dict[str, float]:
        """Return all reported integrals, summed over ranks (A and W)."""
        local = np.array([fem.assemble_scalar(form) for form in self._integrals.values()])
        total = np.empty_like(local)
        self.comm.Allreduce(local, total, op=MPI.SUM)
        across = self._across()
        return {
            name: float(value) + across.get(name, 0.0)
            for name, value in zip(self._integrals, total, strict=True)
        }

    def _across(self) -> dict[str, float]:
        """Return what the nearest gap adds to the integrals."""
        if self.nearest_gap is None:
            return {}
        return self.nearest_gap.exchange(self.nodal(self.solution.x.array)).totals()

    def destroy(self) -> None:
        """Free the PETSc objects."""
        self.vector.destroy()
        self.matrix.destroy()
