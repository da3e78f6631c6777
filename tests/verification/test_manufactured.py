"""Convergence to a manufactured solution of the whole coupled system, on a domain with its axis.

Sources are the strong form of the equations, written here by hand in cylindrical coordinates: a
missing weight, a wrong sign or a lost unit in the weak form would keep the error from shrinking.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import frozen_cells
import numpy as np
import planar_cells
import pytest
import ufl
from mpi4py import MPI
from numpy.typing import NDArray
from planar_cells import PlanarCell

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, Stack
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.discrete import CompiledEquations
from tusk.solver.models.filament.equations import (
    ELECTRODE_GAP,
    ELECTRON,
    FILAMENT_GAP,
    HEAT,
    ION,
    METALS,
    Equations,
)

Array = NDArray[np.float64]

NM = 1e-9
LOW, FILAMENT_TOP, OXIDE_TOP, HIGH, RADIUS = -3.0, 2.0, 2.4, 6.0, 2.5
STACK = Stack(OXIDE_TOP, HIGH - OXIDE_TOP, -LOW, RADIUS)
DRIVE = 0.15  # V
CONFIG = (
    "source={kind: none}",
    "kinetics.rate_constant=2e8 m/s",  # interfaces and oxide share the ionic voltage
    "hopping.barrier=0.5 eV",
    "materials={Cu: {thermal_linear: 2e-4 1/K}}",
)


@dataclass(frozen=True)
class Exact:
    """The manufactured fields as functions of (r, z) in nm, for UFL or NumPy."""

    r: Any
    z: Any
    cosine: Any

    @property
    def _wave(self) -> Any:
        return self.cosine(np.pi * self.r / RADIUS)

    def phi_e(self, region: int) -> Any:
        """Continuous; zero at the bottom, DRIVE at the top, no flux through z = 0."""
        z, wave = self.z, self._wave
        if region == ACTIVE_ELECTRODE:
            return DRIVE * (1 + 0.04 * wave * (HIGH - z) / (HIGH - OXIDE_TOP))
        if region == GAP:
            low = 0.005 * (1 + 0.3 * wave) * (1 - (FILAMENT_TOP / LOW) ** 2)
            high = DRIVE * (1 + 0.04 * wave)
            return low + (high - low) * (z - FILAMENT_TOP) / (OXIDE_TOP - FILAMENT_TOP)
        return 0.005 * (1 + 0.3 * wave) * (1 - (z / LOW) ** 2)

    def phi_i(self) -> Any:
        share = (self.z - FILAMENT_TOP) / (OXIDE_TOP - FILAMENT_TOP)
        return 0.03 + 0.12 * share + 0.01 * self._wave * self.cosine(np.pi * share)

    def temperature(self) -> Any:
        """300 K at bottom and top, no flux through z = 0."""
        shape = (1 - (self.z / LOW) ** 2) * (1 - (self.z / HIGH) ** 2)
        return 300.0 + 40.0 * shape * (1 + 0.3 * self._wave)


class Manufactured(Equations):
    """The equations with sources that make :class:`Exact` their solution."""

    def residual(self) -> Any:
        return super().residual() - self._sources()

    def _sources(self) -> Any:
        r, z = self.space.coordinates
        exact, laws = Exact(r, z, ufl.cos), self.physics
        T, phi_i = exact.temperature(), exact.phi_i()
        v_e, v_i, v_t = (self.symbols.test[k] for k in (ELECTRON, ION, HEAT))
        dV, dA = self.space.volume, self.space.surface

        def outflow(coefficient: Any, u: Any) -> Any:
            """Return -div(coefficient grad u) in cylindrical coordinates, per nm²."""
            flux = coefficient * ufl.grad(u)
            return -(ufl.div(flux) + flux[0] / r)

        form = 0
        for region in (COUNTER_ELECTRODE, FILAMENT, GAP, ACTIVE_ELECTRODE):
            kappa = laws.material(region).thermal_conductivity(T)
            form += (NM * outflow(kappa, T) * v_t) * dV(region)
        for region in METALS:
            phi_e = exact.phi_e(region)
            sigma = laws.material(region).electrical_conductivity(T)
            form += (NM * outflow(sigma, phi_e) * v_e) * dV(region)
            form -= (NM * sigma * ufl.inner(ufl.grad(phi_e), ufl.grad(phi_e)) * v_t) * dV(region)
        field = ufl.inner(ufl.grad(phi_i), ufl.grad(phi_i)) / NM**2
        ionic = laws.hopping.conductivity(field, T)
        form += (NM * outflow(ionic, phi_i) * v_i) * dV(GAP)

        width = OXIDE_TOP - FILAMENT_TOP
        slope = exact.phi_e(GAP).dx(1)  # linear in z, so that the voltage across is exact
        conductance = laws.tunnelling.conductance_per_area(width * NM, slope * width, T)
        tunnel = conductance * slope * width
        heat = self.symbols.heat_scale * tunnel * slope * width
        for interface, metal, up, share in (
            (FILAMENT_GAP, FILAMENT, 1, 0.18),
            (ELECTRODE_GAP, ACTIVE_ELECTRODE, -1, 0.82),
        ):
            phi_e = exact.phi_e(metal)
            barrier = laws.filament_barrier(r * NM, z * NM) if up > 0 else 0.0
            eta = phi_e - phi_i
            butler_volmer = laws.charge_transfer.current_density(eta, T, barrier) * NM**2
            kinds = [laws.material(k) for k in (metal, GAP)]
            into = kinds[0].electrical_conductivity(T) * NM * phi_e.dx(1)
            form += ((up * (into - tunnel * NM**2) + butler_volmer) * v_e) * dA(interface)
            form -= ((up * ionic * NM * phi_i.dx(1) + butler_volmer) * v_i) * dA(interface)
            jump = kinds[0].thermal_conductivity(T) - kinds[1].thermal_conductivity(T)
            form += ((up * jump * NM * T.dx(1) - share * heat * NM**2) * v_t) * dA(interface)
        return form


def _errors(count: int, compiled: CompiledEquations) -> Array:
    """Return the root mean square errors of phi_e (metals), phi_i and T: V, V, K."""
    config = frozen_cells.configure(*CONFIG)
    cell = PlanarCell(STACK, FILAMENT_TOP, GAP, (count, count))
    problem = planar_cells.problem(cell, config, compiled)
    mesh = problem.discrete.cell
    exact = Exact(*mesh.points.T, np.cos)
    fields = np.column_stack(
        (
            exact.phi_e(FILAMENT),
            exact.phi_i(),
            np.broadcast_to(exact.temperature(), len(mesh.points)),
        )
    )
    for region in (GAP, ACTIVE_ELECTRODE):
        nodes = np.unique(mesh.cells[mesh.regions == region])
        fields[nodes, ELECTRON] = exact.phi_e(region)[nodes]
    solution = problem.solve(fields, DRIVE)
    error = np.where(problem.active, solution - fields, 0.0)
    weight = mesh.points[:, 0] + 1e-3
    return np.asarray(np.sqrt((error**2 * weight[:, None]).sum(axis=0) / weight.sum()))


def test_the_coupled_solution_converges_with_the_square_of_the_size() -> None:
    physics = build_physics(frozen_cells.configure(*CONFIG))
    compiled = CompiledEquations(MPI.COMM_SELF, Manufactured(physics))
    errors = np.array([_errors(count, compiled) for count in (4, 8, 16)])
    rates = np.log2(errors[:-1] / errors[1:])
    assert rates[-1] == pytest.approx([2.0, 2.0, 2.0], abs=0.2)
    assert np.all(errors[-1] < (1e-5, 1e-4, 0.08)), f"absolute errors {errors[-1]} (V, V, K)"
