"""The forms of the solver bound to any triangulation, with unknowns of any degree.

This is the verification's own way from the forms to a solution: its facets, its imposed values, its
Newton iteration and its linear solver share nothing with those of the runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from dolfinx.fem import petsc as fem_petsc
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import splu

from tusk.meshes.cell import ACTIVE_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.fields.symbols import (
    ELECTRODE_GAP,
    ELECTRODE_OXIDE,
    FILAMENT_GAP,
    FILAMENT_OXIDE,
    TOP,
)
from tusk.solver.models.filament.equations import Equations

Array = NDArray[np.float64]
Field = Callable[[int, Array, Array], Array]
"""Values of a field in a region at (r, z) in nm."""

INTERFACES = {
    (OXIDE, FILAMENT): FILAMENT_OXIDE,
    (OXIDE, ACTIVE_ELECTRODE): ELECTRODE_OXIDE,
    (GAP, FILAMENT): FILAMENT_GAP,
    (GAP, ACTIVE_ELECTRODE): ELECTRODE_GAP,
}
CONVERGED = np.array([1e-12, 1e-12, 1e-9])
"""Last Newton update: V, V, K."""

MOST_ITERATIONS = 25


class Forms:
    """A residual with its derivative and any scalar forms, compiled once."""

    def __init__(self, equations: Equations, scalars: Mapping[str, Any] | None = None) -> None:
        self.symbols = equations.symbols
        self.residual = fem.compile_form(MPI.COMM_SELF, equations.residual())
        self.jacobian = fem.compile_form(MPI.COMM_SELF, equations.jacobian())
        self.scalars = {
            name: fem.compile_form(MPI.COMM_SELF, form) for name, form in (scalars or {}).items()
        }


class BoundEquations:
    """Forms on one mesh.

    Parameters
    ----------
    forms
        The compiled forms.
    points, cells, regions
        Nodes (n, 2) in nm, triangles (m, 3) and the region of each.
    """

    def __init__(self, forms: Forms, points: Array, cells: Array, regions: Array) -> None:
        element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
        self.mesh = dmesh.create_mesh(MPI.COMM_SELF, cells, element, points)
        self.input_cells = np.asarray(self.mesh.topology.original_cell_index)
        self.input_nodes = np.asarray(self.mesh.geometry.input_global_indices)
        self.regions = np.asarray(regions)[self.input_cells]
        self.corners = np.asarray(self.mesh.geometry.dofmaps[0])
        self.functions: dict[str, Any] = {}
        self.constants: dict[str, Any] = {}
        bound: tuple[dict[Any, Any], dict[Any, Any]] = ({}, {})
        for name, symbol in vars(forms.symbols).items():
            if isinstance(symbol, ufl.Coefficient):
                space = fem.functionspace(self.mesh, symbol.ufl_element())
                bound[0][symbol] = self.functions[name] = fem.Function(space)
            elif isinstance(symbol, ufl.Constant):
                bound[1][symbol] = self.constants[name] = fem.Constant(self.mesh, 0.0)
        self.solution = self.functions["solution"]
        self.space = self.solution.function_space
        self.dofs = np.asarray(self.space.dofmap.list)
        self.positions = self.space.tabulate_dof_coordinates()[:, :2]
        for name in ("span", "size_effect", "gap", "dissolvable"):
            self.functions[name].x.array[:] = 1.0
        for name in ("top_area", "heat_scale"):
            self.constants[name].value = 1.0
        domains = self._subdomains()

        def bind(form: Any, count: int) -> Any:
            spaces = [self.space] * count
            return fem.create_form(form, spaces, self.mesh, domains, *bound)

        self._residual, self._jacobian = bind(forms.residual, 1), bind(forms.jacobian, 2)
        self._scalars = {name: bind(form, 0) for name, form in forms.scalars.items()}

    def _subdomains(self) -> dict[Any, list[tuple[int, Array]]]:
        cells = [(k, np.flatnonzero(self.regions == k).astype(np.int32)) for k in range(1, 6)]
        facets: dict[int, list[int]] = {tag: [] for tag in (*INTERFACES.values(), TOP)}
        sides: dict[tuple[int, ...], list[tuple[int, int]]] = {}
        for cell, nodes in enumerate(self.corners):
            for k in range(3):
                key = tuple(sorted(np.delete(nodes, k)))
                sides.setdefault(key, []).append((cell, k))
        highest = self.mesh.geometry.x[:, 1].max() - 1e-9
        for nodes, pair in sides.items():
            for (cell, k), other in zip(pair, reversed(pair), strict=True):
                tag = INTERFACES.get((self.regions[cell], self.regions[other[0]]))
                if len(pair) == 1 and np.all(self.mesh.geometry.x[list(nodes), 1] > highest):
                    tag = TOP
                if tag is not None:
                    facets[tag] += [cell, k]
        surface = [(tag, np.array(facets[tag], dtype=np.int32)) for tag in sorted(facets)]
        return {fem.IntegralType.cell: cells, fem.IntegralType.exterior_facet: surface}

    def nodes_of(self, *regions: int) -> NDArray[np.bool_]:
        """Return which nodes of the unknowns belong to the regions (n,)."""
        out = np.zeros(len(self.positions), dtype=bool)
        out[self.dofs[np.isin(self.regions, regions)].ravel()] = True
        return out

    def nodal(self, *fields: Field) -> Array:
        """Return the values of fields at the nodes of the unknowns (n, fields)."""
        out = np.zeros((len(self.positions), len(fields)))
        for region in np.unique(self.regions):
            nodes = np.unique(self.dofs[self.regions == region])
            r, z = self.positions[nodes].T
            for k, field in enumerate(fields):
                out[nodes, k] = field(int(region), r, z)
        return out

    def set_vertices(self, name: str, values: Array) -> None:
        """Set a linear function from values at the input nodes (n,) or (n, components)."""
        function = self.functions[name]
        nodes = np.zeros(len(self.input_nodes), dtype=int)
        nodes[np.asarray(function.function_space.dofmap.list).ravel()] = self.input_nodes[
            self.corners
        ].ravel()
        function.x.array[:] = values[nodes].ravel()

    def move(self, points: Array) -> None:
        """Move the mesh to other positions of its input nodes (n, 2), nm."""
        self.mesh.geometry.x[:, :2] = points[self.input_nodes]
        self.positions = self.space.tabulate_dof_coordinates()[:, :2]

    def scalar(self, name: str) -> float:
        """Return one of the scalar forms."""
        return float(fem.assemble_scalar(self._scalars[name]))

    def residual(self, values: Array) -> Array:
        """Return the residual (n, 3) at nodal values (n, 3): A, A, W."""
        self.solution.x.array[:] = values.ravel()
        vector = fem_petsc.assemble_vector(self._residual)
        out = vector.array.reshape(-1, 3).copy()
        vector.destroy()
        return np.asarray(out)

    def jacobian(self) -> csr_matrix:
        """Return the derivative of the residual at the values last used."""
        matrix = fem_petsc.assemble_matrix(self._jacobian)
        matrix.assemble()
        start, columns, values = matrix.getValuesCSR()
        out = csr_matrix((values, columns, start), shape=matrix.size)
        matrix.destroy()
        return out

    def solve(self, start: Array, free: NDArray[np.bool_], load: Array | None = None) -> Array:
        """Solve residual = load for the free unknowns.

        Parameters
        ----------
        start
            Nodal values (n, 3); those that are not free stay.
        free
            Which unknowns are solved for (n, 3).
        load
            Right side (n, 3), zero if not given.
        """
        values, chosen = start.copy(), np.flatnonzero(free.ravel())
        right = 0.0 if load is None else load
        for _ in range(MOST_ITERATIONS):
            residual = (self.residual(values) - right).ravel()[chosen]
            matrix = self.jacobian()[chosen][:, chosen]
            scale = 1.0 / np.abs(matrix).max(axis=1).toarray().ravel()
            update = np.zeros(values.size)
            update[chosen] = splu(matrix.multiply(scale[:, None]).tocsc()).solve(scale * residual)
            change = update.reshape(-1, 3)
            values = values - np.clip(change, (-0.1, -0.1, -100.0), (0.1, 0.1, 100.0))
            if np.all(np.abs(change).max(axis=0) < CONVERGED):
                self.solution.x.array[:] = values.ravel()
                return values
        raise AssertionError(f"not converged: {np.abs(change).max(axis=0)} (V, V, K)")


def within(position: Array, value: float) -> NDArray[np.bool_]:
    """Return where a coordinate has a value (nm)."""
    return np.asarray(np.abs(position - value) < 1e-9)
