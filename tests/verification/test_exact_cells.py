"""The coupled problem on plane layers, where currents and temperatures follow by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import planar_cells
import pytest
from frozen_cells import configure
from numpy.typing import NDArray
from planar_cells import PlanarCell
from scipy import constants
from scipy.optimize import brentq

from tusk.meshes.cell import GAP, OXIDE, Stack
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.models.filament.problem import CoupledProblem

Array = NDArray[np.float64]

STACK = Stack(10.0, 10.0, 10.0, 2.0)
SIGMA_CU, SIGMA_PT = 5.96e7, 9.4e6
KAPPA_CU, KAPPA_PT, KAPPA_SIO2 = 400.0, 71.0, 1.4
NO_TCR = ("materials={Cu: {electrical_linear: 0 1/K}, Pt: {electrical_linear: 0 1/K}}",)
AMBIENT, COLLECTOR_SHARE = 300.0, 0.82


def at_height(problem: CoupledProblem, solution: Array, height: float, field: int) -> Array:
    """Return the values of a field at all nodes of one height (nm)."""
    return solution[np.abs(problem.discrete.cell.points[:, 1] - height) < 1e-9, field]


# --- tunnelling, Joule heat and heat conduction ---------------------------------------------------


def simmons_conductance(gap: float) -> float:
    """Return J/V in S/m² of [B 5] for a gap in m, with the numbers of the parameter set."""
    root = np.sqrt(2 * 0.42 * constants.m_e * 3.7 * constants.e)
    prefactor = 0.5 * root / gap * (constants.e / constants.h) ** 2
    return float(prefactor * np.exp(-4 * np.pi * gap / constants.h * root))


@dataclass(frozen=True)
class Layers:
    """Thickness (m), heat conductivity (W/m/K) and heat source (W/m³) of each layer."""

    thickness: Array
    conductivity: Array
    source: Array

    def interface_temperatures(self, interface_heat: Array) -> Array:
        """Return T (K) at the inner interfaces for an areal heat (W/m²) on each of them."""
        link = self.conductivity / self.thickness
        matrix = np.diag(link[:-1] + link[1:]) - np.diag(link[1:-1], 1) - np.diag(link[1:-1], -1)
        half = 0.5 * self.source * self.thickness
        right = interface_heat + half[:-1] + half[1:]
        right[0] += link[0] * AMBIENT
        right[-1] += link[-1] * AMBIENT
        return np.asarray(np.linalg.solve(matrix, right))


@pytest.fixture(scope="module", params=[1.0, -1.0], ids=["forward", "reverse"])
def tunnel_cell(request: pytest.FixtureRequest) -> tuple[CoupledProblem, Array, float, PlanarCell]:
    """A planar tunnel junction of 0.2 nm at +-0.3 V and some 1e-4 A."""
    cell, voltage = PlanarCell(STACK, 9.8, GAP), 0.3 * request.param
    problem = planar_cells.problem(cell, configure("source={kind: none}", *NO_TCR))
    return problem, planar_cells.solve(problem, cell, voltage), voltage, cell


def _circuit(cell: PlanarCell, voltage: float) -> tuple[float, float, float]:
    """Return current density (A/m²), tunnel voltage (V) and conductance (S/m²) of the layers."""
    conductance = simmons_conductance(cell.gap * 1e-9)
    metal = 1e-9 * (10.0 / SIGMA_PT + (cell.filament + 10.0) / SIGMA_CU)
    density = voltage / (metal + 1.0 / conductance)
    return density, density / conductance, conductance


def test_the_tunnel_current_is_that_of_resistors_in_series(
    tunnel_cell: tuple[CoupledProblem, Array, float, PlanarCell],
) -> None:
    problem, solution, voltage, cell = tunnel_cell
    density, drop, _ = _circuit(cell, voltage)
    current = density * cell.area * 1e-18
    ions = problem.discrete.integral("electrode_ion_current")
    assert abs(ions) < 1e-9 * abs(current)
    assert problem.discrete.integral("tunnel_current") == pytest.approx(current, rel=1e-9)
    terminals = problem.terminals(voltage)
    assert terminals.current_bottom == pytest.approx(current, rel=1e-8)
    assert terminals.current_top == pytest.approx(current, rel=1e-8)
    faces = [at_height(problem, solution, z, ELECTRON) for z in cell.levels[2:4]]
    assert np.ptp(faces[0]) < 1e-12
    assert faces[1] - faces[0] == pytest.approx(np.full(len(faces[0]), drop), rel=1e-10)
    below = density * 1e-9 * 10.0 / SIGMA_PT
    assert at_height(problem, solution, 0.0, ELECTRON) == pytest.approx(below, rel=1e-8)


def test_powers_are_those_of_the_resistors(
    tunnel_cell: tuple[CoupledProblem, Array, float, PlanarCell],
) -> None:
    problem, _, voltage, cell = tunnel_cell
    density, drop, _ = _circuit(cell, voltage)
    area = cell.area * 1e-18
    assert problem.discrete.integral("gap_dissipation") == pytest.approx(
        density * drop * area, rel=1e-9
    )
    assert problem.discrete.integral("tunnel_heat") == pytest.approx(
        density * drop * area, rel=1e-9
    )
    metal = density * (voltage - drop) * area
    assert problem.discrete.integral("joule_power") == pytest.approx(metal, rel=1e-7)


def test_heat_spreads_as_in_plane_layers(
    tunnel_cell: tuple[CoupledProblem, Array, float, PlanarCell],
) -> None:
    """Both shares of the tunnel heat, on the right sides; the collector is the positive side."""
    problem, solution, voltage, cell = tunnel_cell
    density, drop, _ = _circuit(cell, voltage)
    share = COLLECTOR_SHARE if voltage > 0 else 1 - COLLECTOR_SHARE
    layers = Layers(
        1e-9 * np.diff(cell.levels),
        np.array([KAPPA_PT, KAPPA_CU, KAPPA_SIO2, KAPPA_CU]),
        density**2 / np.array([SIGMA_PT, SIGMA_CU, np.inf, SIGMA_CU]),
    )
    heat = density * drop * np.array([0.0, 1 - share, share])
    exact = layers.interface_temperatures(heat) - AMBIENT
    for height, rise in zip(cell.levels[1:4], exact, strict=True):
        values = at_height(problem, solution, height, HEAT) - AMBIENT
        assert values == pytest.approx(np.full(len(values), rise), rel=1e-5)
    assert exact.max() > 1.0
    outflow = problem.terminals(voltage).heat_outflow
    made = problem.discrete.integral("joule_power") + problem.discrete.integral("tunnel_heat")
    assert outflow == pytest.approx(made, rel=1e-9)


# --- charge transfer and ionic conduction ---------------------------------------------------------


def butler_volmer(overpotential: float) -> float:
    """Return J_BV in A/m² at 300 K without extra barriers (eqs. [B 2, 3])."""
    thermal = constants.k * 300.0 / constants.e
    exchange = 2 * constants.e * 1e26 * 2.052e3 * np.exp(-0.763 / thermal)
    x = 2 * overpotential / thermal
    return float(exchange * (np.exp(0.9 * x) - np.exp(-0.1 * x)))


def overpotential(density: float) -> float:
    """Return eta (V) at which J_BV is ``density`` (A/m²)."""
    reach = 10.0 * np.sign(density)
    ends = sorted((0.0, reach))
    root = brentq(lambda eta: np.arcsinh(1e20 * butler_volmer(eta)) - np.arcsinh(1e20 * density),
                  *ends, xtol=1e-15)  # fmt: skip
    return float(root)


def hopping_field(density: float, barrier: float) -> float:
    """Return E (V/m) at which ions drift with ``density`` (A/m²) at 300 K (eq. [B 4])."""
    thermal = constants.k * 300.0 / constants.e
    rate = 2 * 2 * constants.e * 1e26 * 1e13 * 0.25e-9 * np.exp(-barrier / thermal)
    return float(np.arcsinh(density / rate) * thermal / 0.25e-9)


def ion_density(voltage: float, barrier: float, thickness: float) -> float:
    """Return the ionic current density (A/m²) through two interfaces and the oxide (m)."""
    sign = np.sign(voltage)

    def excess(log_density: float) -> float:
        density = sign * np.exp(log_density)
        drop = overpotential(density) - overpotential(-density)
        return float(sign * (drop + hopping_field(density, barrier) * thickness) - abs(voltage))

    return float(sign * np.exp(brentq(excess, -60.0, 20.0, xtol=1e-14)))


@pytest.mark.parametrize("voltage", [1.2, 0.05, -0.8])
@pytest.mark.parametrize("barrier", [0.35, 1.05], ids=["interfaces limit", "bulk limits"])
def test_the_ionic_current_passes_two_interfaces_and_the_oxide(
    voltage: float, barrier: float
) -> None:
    cell = PlanarCell(STACK, 2.0, OXIDE)
    laws = ("source={kind: none}", "stress.model=none", "void.model=none",
            f"hopping.barrier={barrier} eV")  # fmt: skip
    problem = planar_cells.problem(cell, configure(*laws))
    solution = planar_cells.solve(problem, cell, voltage)

    density = ion_density(voltage, barrier, 8e-9)
    current = density * cell.area * 1e-18
    assert problem.discrete.integral("electrode_ion_current") == pytest.approx(current, rel=1e-8)
    assert problem.discrete.integral("filament_ion_current") == pytest.approx(-current, rel=1e-8)
    assert problem.discrete.integral("tunnel_current") == 0.0
    lower, upper = (at_height(problem, solution, z, ION) for z in (2.0, 10.0))
    field = hopping_field(density, barrier)
    assert upper - lower == pytest.approx(np.full(len(lower), field * 8e-9), rel=1e-7)
    drift = density * field * 8e-9 * cell.area * 1e-18
    assert problem.discrete.integral("ionic_dissipation") == pytest.approx(drift, rel=1e-7)
    delivered = current * voltage
    spent = drift + problem.discrete.integral("overpotential_dissipation")
    assert spent == pytest.approx(delivered, rel=1e-7)


@pytest.mark.parametrize("voltage", [0.6, -0.6])
def test_the_ionic_current_enters_and_leaves_through_the_contacts(voltage: float) -> None:
    """Electrons close the circuit of the ions; kinetics so fast that double precision sees it."""
    cell = PlanarCell(STACK, 2.0, OXIDE)
    laws = ("source={kind: none}", "stress.model=none", "void.model=none",
            "hopping.barrier=0.1 eV", "kinetics.activation_energy=0 eV")  # fmt: skip
    problem = planar_cells.problem(cell, configure(*laws))
    planar_cells.solve(problem, cell, voltage)
    current = problem.discrete.integral("electrode_ion_current")
    assert abs(current) > 1e-9
    terminals = problem.terminals(voltage)
    assert terminals.current_top == pytest.approx(current, rel=1e-4)
    assert terminals.current_bottom == pytest.approx(current, rel=1e-4)


def test_an_emf_shifts_the_voltage_at_which_nothing_flows() -> None:
    """phi_eq of both interfaces cancels: with it on both sides the cell is at rest at 0 V."""
    cell = PlanarCell(STACK, 2.0, OXIDE)
    laws = ("source={kind: none}", "kinetics.equilibrium_offset=80 mV")
    problem = planar_cells.problem(cell, configure(*laws))
    solution = planar_cells.solve(problem, cell, 0.0)
    oxide = problem.active[:, ION]
    assert solution[oxide, ION] == pytest.approx(-0.08, abs=1e-12)
    assert problem.discrete.integral("electrode_ion_current") == pytest.approx(0.0, abs=1e-25)
