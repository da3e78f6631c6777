"""Assemble and solve the coupled system on a fixed geometry by damped Newton.

Every field is damped and judged on its own scale, never on one mixed norm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from dolfinx import fem
from mpi4py import MPI
from numpy.typing import NDArray
from petsc4py import PETSc

from tusk.meshes.cell import Stack
from tusk.solver.errors import NewtonDiverged
from tusk.solver.fields.field import (
    ELECTRON,
    FIELDS,
    HEAT,
    ION,
    TEMPERATURE,
    Field,
    unknown_at,
)
from tusk.solver.models.filament.discrete import DiscreteEquations
from tusk.solver.models.filament.linear_solver import LinearSolver
from tusk.solver.physics.protocols import Source
from tusk.solver.timing import Timer

Array = NDArray[np.float64]

LARGEST_HEAT_SCALE = 20.0
"""Bounds the factor between the heat put on the surfaces and the dissipation in the gap."""

CHARGE_BALANCE, POWER_BALANCE, JUDGED_CURRENT = 1e-6, 0.05, 1e-10
"""Relative errors of charge and, above a current (A), of power, of what is no solution."""

HOLD_TEMPERATURE = 1e-2
"""The temperature waits while a potential still changes by more than this (V)."""

LONGEST_HOLD = 8
"""Iterations after which it waits no more: the updates of the potentials count on its own."""

REST = 0.01
"""Error left behind, in tolerances, by a kept Jacobian: ledgers see more than the solution."""

SLOW = 0.2
"""A kept Jacobian is replaced when an update is not smaller than this share of the one before."""


_LARGEST_UPDATE, _NEAR = (
    np.array([getattr(field, name) for field in FIELDS]) for name in ("largest_update", "near")
)


@dataclass(frozen=True, slots=True)
class NewtonOptions:
    """Tolerances of the update per field (V, K), the iteration limit and the linear solver."""

    tolerance_potential: float = 1e-8
    tolerance_temperature: float = 1e-4
    max_iterations: int = 40
    linear: str = "direct"

    def tolerance(self, field: Field) -> float:
        """Return the tolerance of a field, in its unit."""
        return self.tolerance_temperature if field is TEMPERATURE else self.tolerance_potential


@dataclass(frozen=True, slots=True)
class Terminals:
    """Currents and heat at the outer boundaries of a converged state (A, V, W)."""

    cell_voltage: float
    current_top: float
    current_bottom: float
    heat_outflow: float


def electrical_balance(drive: float, terminals: Terminals, integral: dict[str, float]) -> float:
    """Return the relative gap between delivered and dissipated electrical power of the cell."""
    if drive == 0.0:  # nothing is delivered: round-off over round-off
        return 0.0
    delivered = terminals.cell_voltage * terminals.current_top
    spent = (
        integral["joule_power"]
        + integral["gap_dissipation"]
        + integral["ionic_dissipation"]
        + integral["overpotential_dissipation"]
        + integral["electromotive_power"]
    )
    return abs(spent - delivered) / abs(delivered) if abs(delivered) > 1e-300 else 0.0


class CoupledProblem:
    """The coupled solve on one mesh topology.

    Parameters
    ----------
    discrete
        Forms bound to the mesh.
    stack
        Layer thicknesses, nm.
    source
        The current source.
    ambient_temperature
        T0 at top and bottom, K.
    options
        Newton's options.
    timer
        Collects seconds per phase.
    side_ambient
        Hold the outer radius at T0 as well.
    """

    def __init__(
        self,
        discrete: DiscreteEquations,
        stack: Stack,
        source: Source,
        ambient_temperature: float,
        options: NewtonOptions,
        timer: Timer,
        side_ambient: bool = False,
    ) -> None:
        self.discrete = discrete
        self.source = source
        self.options = options
        self.timer = timer
        self.iterations = 0
        self.factorisations = 0
        self._keeps_jacobian = False
        self._ambient = ambient_temperature
        self._classify(stack, side_ambient)
        free = np.flatnonzero(~self._imposed[: discrete.owned].ravel())
        self._solver = LinearSolver(free, options.linear)

    def _classify(self, stack: Stack, side_ambient: bool) -> None:
        """Find which nodes carry which unknown and which values are imposed."""
        d = self.discrete
        points, cells, regions = d.cell.points, d.cell.cells, d.regions
        top = stack.oxide_thickness + stack.active_electrode_thickness
        self._at_top = np.abs(points[:, 1] - top) < 1e-6
        self._at_bottom = np.abs(points[:, 1] + stack.counter_electrode_thickness) < 1e-6
        held = self._at_top | self._at_bottom
        if side_ambient:
            held = held | (np.abs(points[:, 0] - stack.domain_radius) < 1e-6)
        active = unknown_at(cells, regions, len(points))
        imposed = ~active
        imposed[self._at_bottom, ELECTRON] = True
        imposed[held, HEAT] = True
        if self.source.is_ideal:
            imposed[self._at_top, ELECTRON] = True
        self.active = active
        self._held = held
        local = imposed[d.dof_nodes]
        self._imposed = local
        self._conditions = [
            fem.dirichletbc(
                PETSc.ScalarType(0.0),
                (3 * np.flatnonzero(local[:, k]) + k).astype(np.int32),
                d.space.sub(k),
            )
            for k in range(3)
        ]
        self._bottom_rows = self._at_bottom[d.dof_nodes][: d.owned]
        self._top_rows = self._at_top[d.dof_nodes][: d.owned]
        self._heat_rows = held[d.dof_nodes][: d.owned]
        self._top_weights = self._contact_weights(points)

    def _contact_weights(self, points: Array) -> Array:
        """Return weights that average a nodal field over the top contact (n,)."""
        nodes = np.flatnonzero(self._at_top)
        nodes = nodes[np.argsort(points[nodes, 0])]
        r = points[nodes, 0]
        step = np.diff(r)
        weight = np.zeros(len(r))
        weight[:-1] += step * (2 * r[:-1] + r[1:]) / 6
        weight[1:] += step * (r[:-1] + 2 * r[1:]) / 6
        out = np.zeros(len(points))
        out[nodes] = weight / weight.sum()
        self.discrete.constants["top_area"].value = 2 * np.pi * weight.sum()
        return out

    # --- one Newton solve -----------------------------------------------------------------------

    def solve(self, guess: Array, drive: float) -> Array:
        """Solve at the present geometry.

        Parameters
        ----------
        guess
            Nodal start values (n, 3): V, V, K.
        drive
            Source value: applied voltage in V, or current in A.

        Returns the nodal solution (n, 3) on every rank.

        Raises
        ------
        NewtonDiverged
            If a field does not reach its tolerance; the caller decides what to try instead.
        """
        d = self.discrete
        x = d.solution.x
        x.array[:] = self._impose(guess, drive)[d.dof_nodes].ravel()
        tolerance = np.array([self.options.tolerance(field) for field in FIELDS])
        lagged, self._keeps_jacobian = self._keeps_jacobian, False
        self.iterations, former = 0, np.inf
        change = np.full(3, np.inf)
        while self.iterations < self.options.max_iterations:
            self.iterations += 1
            self._linearise_source(drive)
            self._scale_heat()
            self._assemble_residual(impose=True)
            if not lagged:
                self._factorise()
            change = self._apply(self._update())
            size = float((change / tolerance).max())
            if not np.isfinite(size):
                break
            rate = size / former  # what is left of the error is at most size rate / (1 - rate)
            if size < (REST if lagged else 1.0) or 0.0 < rate * size < REST * (1.0 - rate):
                return d.nodal(x.array)
            lagged = rate < SLOW and bool(np.all(change < _NEAR))
            former = size
        raise NewtonDiverged(self._complaint(change, tolerance))

    def _complaint(self, change: Array, tolerance: Array) -> str:
        if not np.all(np.isfinite(change)):
            advice = "; solver.linear: direct may" if self.options.linear == "iterative" else ""
            return f"iteration {self.iterations} of Newton's method has no finite update{advice}"
        worst = int(np.argmax(change / tolerance))
        field = FIELDS[worst]
        return (
            f"Newton's method did not converge in {self.iterations} iterations: the "
            f"{field.name} still changes by {change[worst]:.3g} {field.unit} "
            f"(tolerance {tolerance[worst]:.1g})"
        )

    def keep_jacobian(self) -> None:
        """Begin the next solve with the Jacobian of the last, for a state that is close to it."""
        self._keeps_jacobian = self.factorisations > 0

    def _impose(self, guess: Array, drive: float) -> Array:
        """Return the guess with every imposed value put in."""
        out = np.where(self.active, guess, 0.0)
        out[self._at_bottom, ELECTRON] = 0.0
        out[self._held, HEAT] = self._ambient
        if self.source.is_ideal:
            out[self._at_top, ELECTRON] = drive
        return out

    def cell_voltage(self) -> float:
        """Return the mean electronic potential of the top contact (V)."""
        d = self.discrete
        values = d.solution.x.array.reshape(-1, 3)[: d.owned, ELECTRON]
        local = float(values @ self._top_weights[d.dof_nodes[: d.owned]])
        return float(d.comm.allreduce(local, op=MPI.SUM))

    def top_voltage(self, nodal: Array) -> float:
        """Return the cell voltage (V) of nodal fields (n, 3)."""
        return float(self._top_weights @ nodal[:, ELECTRON])

    def _linearise_source(self, drive: float) -> None:
        """Linearise the source about the present cell voltage: Newton's method for a scalar law."""
        constants = self.discrete.constants
        voltage = self.cell_voltage()
        current, conductance = (0.0, 0.0)
        if not self.source.is_ideal:
            current, conductance = self.source.evaluate(drive, voltage)
        constants["source_current"].value = current
        constants["source_conductance"].value = conductance
        constants["source_voltage"].value = voltage

    def _scale_heat(self) -> None:
        """Make the areal tunnel heat integrate to the dissipation in the gap."""
        scale = self.discrete.constants["heat_scale"]
        scale.value = 1.0
        areal, dissipated = self.integral("tunnel_heat"), self.integral("gap_dissipation")
        ratio = dissipated / areal if areal > 1e-30 else 1.0
        scale.value = min(max(ratio, 1.0 / LARGEST_HEAT_SCALE), LARGEST_HEAT_SCALE)

    def _assemble_residual(self, impose: bool) -> None:
        with self.timer("assembly"):
            b = self.discrete.assemble_residual()
            if impose:
                owned = b.array_w.reshape(-1, 3)
                owned[self._imposed[: self.discrete.owned]] = 0.0

    def _factorise(self) -> None:
        """Assemble the Jacobian at the present iterate and factorise it."""
        d = self.discrete
        with self.timer("assembly"):
            matrix = d.assemble_jacobian(self._conditions)
        self.factorisations += 1
        self._solver.factorise(matrix, self.timer)

    def _update(self) -> Array:
        """Return the Newton update on owned and ghost dofs (dofs, 3)."""
        d = self.discrete
        solution = d.vector.duplicate()
        self._solver.solve(d.vector, solution, self.timer)
        step = fem.Function(d.space) if d.comm.size > 1 else None
        if step is None:
            out = -solution.array.copy()
        else:
            step.x.array[: 3 * d.owned] = -solution.array
            step.x.scatter_forward()
            out = step.x.array.copy()
        solution.destroy()
        return np.asarray(out).reshape(-1, 3)

    def _apply(self, update: Array) -> Array:
        """Add the damped update; return the largest change per field."""
        d = self.discrete
        local = np.abs(update[: d.owned]).max(axis=0, initial=0.0)
        if not np.all(np.isfinite(update)):
            local = np.full(3, np.inf)
        change = np.empty(3)
        d.comm.Allreduce(np.ascontiguousarray(local), change, op=MPI.MAX)
        if not np.all(np.isfinite(change)):
            return change
        factor = np.minimum(1.0, _LARGEST_UPDATE / np.maximum(change, 1e-300))
        factor[:HEAT] = factor[:HEAT].min()
        if self.iterations > LONGEST_HOLD:
            factor[:] = factor.min()
        elif max(change[ELECTRON], change[ION]) > HOLD_TEMPERATURE:
            factor[HEAT] = 0.0
        x = d.solution.x.array.reshape(-1, 3)
        x += update * factor
        return change

    # --- fluxes of a converged state ------------------------------------------------------------

    def integral(self, name: str) -> float:
        """Return one of the reported integrals of the present solution (A or W)."""
        with self.timer("assembly"):
            return self.discrete.integral(name)

    def integrals(self) -> dict[str, float]:
        """Return all reported integrals of the present solution (A and W)."""
        with self.timer("assembly"):
            return self.discrete.integrals()

    def terminals(self, drive: float) -> Terminals:
        """Return the consistent boundary fluxes of the present solution."""
        self._assemble_residual(impose=False)
        d = self.discrete
        rows = d.vector.array_r.reshape(-1, 3)
        local = np.array(
            [
                rows[self._bottom_rows, ELECTRON].sum(),
                rows[self._top_rows, ELECTRON].sum(),
                rows[self._heat_rows, HEAT].sum(),
            ]
        )
        total = np.empty(3)
        d.comm.Allreduce(local, total, op=MPI.SUM)
        voltage = self.cell_voltage()
        top = total[1] if self.source.is_ideal else self.source.evaluate(drive, voltage)[0]
        return Terminals(voltage, float(top), float(-total[0]), float(-total[2]))

    def check_balance(self, drive: float, current: float) -> None:
        """Refuse a solution (of a current in A) that balances neither charge nor power.

        Newton's method that comes from afar may end where exponentials outgrow the digits.

        Raises
        ------
        NewtonDiverged
            If it is none.
        """
        terminals = self.terminals(drive)
        lost = abs(terminals.current_top - terminals.current_bottom)
        power = electrical_balance(drive, terminals, self.integrals())
        judged = abs(current) > JUDGED_CURRENT
        if lost > CHARGE_BALANCE * (abs(current) + 1e-7) or (judged and power > POWER_BALANCE):
            raise NewtonDiverged(f"the solution at {drive:.4g} balances neither charge nor power")

    def destroy(self) -> None:
        """Free the PETSc objects of this mesh."""
        self._solver.destroy()
        self.discrete.destroy()
