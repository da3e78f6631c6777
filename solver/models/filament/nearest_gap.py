"""Tunnelling along the shortest way from the filament's surface to the active electrode's.

The two ends of such a way share no element: the current that leaves a node of the filament enters
the electrode at the node's foot point.  With V[u] = u(foot) - u(node) the exchange is the integral
of J_Tu(g, V[phi_e], T) V[v] over the filament's surface (Buttberg 2025, eq. 5), so that charge is
conserved whatever the geometry.  The surface integrals are assembled on a mesh of the filament
curve alone, on rank 0; their rows and columns then go to where the two surfaces' unknowns live.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tusk.meshes.curve import Points
from tusk.meshes.distance import nearest_on_polyline
from tusk.solver.axisymmetry import revolved_curve
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.fields.parameters import Values, symbolic
from tusk.solver.physics.constants import NM

if TYPE_CHECKING:
    from tusk.solver.models.filament.closures import FilamentPhysics

type Array = NDArray[np.float64]

QUADRATURE_DEGREE = 8
"""The current density may fall by a factor of ten from one node of the curve to the next."""

CURRENT, FILAMENT_HEAT, ELECTRODE_HEAT = 0, 1, 2
"""Components of the integrals; the first two of the coefficient are V_Tu (V) and T (K)."""


class NearestGapEquations:
    """The surface integrals, compiled once.

    Parameters
    ----------
    comm
        Communicator of the just-in-time compiler.
    physics
        The closures.
    """

    def __init__(self, comm: MPI.Comm, physics: FilamentPhysics) -> None:
        interval = basix.ufl.element("Lagrange", "interval", 1, shape=(2,))
        domain = ufl.Mesh(interval)
        triple = ufl.FunctionSpace(domain, basix.ufl.element("Lagrange", "interval", 1, shape=(3,)))
        scalar = ufl.FunctionSpace(domain, basix.ufl.element("Lagrange", "interval", 1))
        self.state, self.gap = ufl.Coefficient(triple), ufl.Coefficient(scalar)
        voltage, temperature, _ = ufl.split(self.state)
        current, on_filament, on_electrode = ufl.split(ufl.TestFunction(triple))
        values: Values = {}
        physics = symbolic(physics, domain, values)
        self.numbers = {c: fem.Constant(domain, value) for c, value in values.items()}
        width = self.gap * NM
        density = physics.gap_conductor.open(width, voltage, temperature) * voltage * NM**2
        electrode, filament = physics.barrier_heating.shares(voltage, width)
        heat = density * voltage * (filament * on_filament + electrode * on_electrode)
        integrals = (density * current + heat) * revolved_curve(domain, QUADRATURE_DEGREE)
        derivative = ufl.derivative(integrals, self.state, ufl.TrialFunction(triple))
        self.integrals = fem.compile_form(comm, integrals)
        self.derivative = fem.compile_form(comm, derivative)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Current (A) and heat on either side (W) per node of the filament curve, (n,) each."""

    current: Array
    filament_heat: Array
    electrode_heat: Array
    voltage: Array

    def totals(self) -> dict[str, float]:
        """Return the ledger's integrals: A and W."""
        return {
            "tunnel_current": float(self.current.sum()),
            "gap_dissipation": float(self.current @ self.voltage),
            "tunnel_heat": float(self.filament_heat.sum() + self.electrode_heat.sum()),
        }


class NearestGap:
    """The exchange between two surfaces of one mesh, in the nodal numbering of the whole cell.

    Parameters
    ----------
    equations
        The compiled integrals.
    filament, electrode
        Nodes of the filament curve (n,) and of the electrode's face (k,), from the axis outwards.
    points
        Coordinates of all nodes, nm.

    Attributes
    ----------
    way
        From every node of the filament curve to its foot on the electrode (n, 2), nm.
    """

    def __init__(
        self,
        equations: NearestGapEquations,
        filament: NDArray[np.int64],
        electrode: NDArray[np.int64],
        points: Points,
    ) -> None:
        self.filament, self.electrode = filament, electrode
        self.size = len(points)
        chain = np.arange(len(filament), dtype=np.int64)
        edges = np.column_stack((chain[:-1], chain[1:]))
        element = basix.ufl.element("Lagrange", "interval", 1, shape=(2,))
        self._mesh = dmesh.create_mesh(MPI.COMM_SELF, edges, element, points[filament])
        geometry = self._mesh.geometry
        triple = fem.functionspace(self._mesh, ("Lagrange", 1, (3,)))
        scalar = fem.functionspace(self._mesh, ("Lagrange", 1))
        self._geometry_nodes = np.asarray(geometry.input_global_indices)
        self._dof_nodes = np.empty(len(filament), dtype=np.int64)
        local = np.asarray(geometry.dofmaps[0]).ravel()
        self._dof_nodes[np.asarray(triple.dofmap.list).ravel()] = self._geometry_nodes[local]
        self._state, self._gap = fem.Function(triple), fem.Function(scalar)
        cells = {fem.IntegralType.cell: [(-1, np.arange(len(edges), dtype=np.int32))]}
        data = {equations.state: self._state, equations.gap: self._gap}
        self._integrals = fem.create_form(
            equations.integrals, [triple], self._mesh, cells, data, equations.numbers
        )
        self._derivative = fem.create_form(
            equations.derivative, [triple, triple], self._mesh, cells, data, equations.numbers
        )
        self.place(points)

    def place(self, points: Points) -> None:
        """Measure the gap with all nodes at ``points`` (n, 2), nm."""
        curve, face = points[self.filament], points[self.electrode]
        self._mesh.geometry.x[:, :2] = curve[self._geometry_nodes]
        segment, fraction = nearest_on_polyline(curve, face)
        foot = face[segment] + fraction[:, None] * (face[segment + 1] - face[segment])
        self.way = foot - curve
        self._gap.x.array[:] = np.hypot(*self.way.T)[self._dof_nodes]
        rows = np.arange(len(curve))
        ends = np.column_stack((self.electrode[segment], self.electrode[segment + 1]))
        weights = np.column_stack((1.0 - fraction, fraction))
        shape = (len(curve), 3 * self.size)

        def picked(field: int) -> tuple[csr_array, csr_array]:
            at_foot = (weights.ravel(), (np.repeat(rows, 2), 3 * ends.ravel() + field))
            at_node = (np.ones(len(rows)), (rows, 3 * self.filament + field))
            return csr_array(at_foot, shape=shape), csr_array(at_node, shape=shape)

        opposite, own = picked(ELECTRON)
        self._voltage = opposite - own
        self._electrode_heat, self._filament_heat = picked(HEAT)

    def exchange(self, solution: Array) -> Exchange:
        """Return what crosses the gap at nodal values (n, 3): V, V, K."""
        self._set(solution)
        values = np.empty((len(self.filament), 3))
        values[self._dof_nodes] = fem.assemble_vector(self._integrals).array.reshape(-1, 3)
        voltage = self._voltage @ solution.ravel()
        return Exchange(
            values[:, CURRENT], values[:, FILAMENT_HEAT], values[:, ELECTRODE_HEAT], voltage
        )

    def residual(self, solution: Array) -> Array:
        """Return the residual of the exchange at every node (n, 3): A, A, W."""
        flow = self.exchange(solution)
        out = self._voltage.T @ flow.current
        out -= self._filament_heat.T @ flow.filament_heat
        out -= self._electrode_heat.T @ flow.electrode_heat
        return np.asarray(out).reshape(-1, 3)

    def jacobian(self, solution: Array) -> csr_array:
        """Return the derivative of the residual by the nodal values, (3 n, 3 n)."""
        self._set(solution)
        block = self._blocks(fem.assemble_matrix(self._derivative).to_scipy())
        by_voltage, by_temperature = self._voltage, self._filament_heat

        def chain(row: int) -> csr_array:
            return block(row, 0) @ by_voltage + block(row, 1) @ by_temperature

        return csr_array(
            self._voltage.T @ chain(CURRENT)
            - self._filament_heat.T @ chain(FILAMENT_HEAT)
            - self._electrode_heat.T @ chain(ELECTRODE_HEAT)
        )

    def _set(self, solution: Array) -> None:
        """Give the forms the voltage and the temperature at every node of the curve."""
        values = self._state.x.array.reshape(-1, 3)
        values[:, 0] = (self._voltage @ solution.ravel())[self._dof_nodes]
        values[:, 1] = solution[self.filament, HEAT][self._dof_nodes]

    def _blocks(self, matrix: Any) -> Callable[[int, int], csr_array]:
        """Return a function that cuts one component's block out, in the order of the curve."""
        entries = matrix.tocoo()
        rows, row_field = self._dof_nodes[entries.row // 3], entries.row % 3
        columns, column_field = self._dof_nodes[entries.col // 3], entries.col % 3
        shape = (len(self.filament),) * 2

        def block(row: int, column: int) -> csr_array:
            here = (row_field == row) & (column_field == column)
            return csr_array((entries.data[here], (rows[here], columns[here])), shape=shape)

        return block
