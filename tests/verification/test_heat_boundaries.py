"""Boundaries that resist heat and electrons, and Wiedemann-Franz heat, as computed by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import planar_cells
import pytest
from bound_equations import BoundEquations, Forms, within
from frozen_cells import configure
from numpy.typing import NDArray
from planar_cells import PlanarCell
from scipy import constants
from scipy.optimize import fsolve

from tusk.meshes.cell import FILAMENT, GAP, OXIDE, Stack
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.equations import Equations
from tusk.solver.models.filament.problem import CoupledProblem

Array = NDArray[np.float64]

NM = 1e-9
LORENZ = np.pi**2 / 3 * (constants.k / constants.e) ** 2
STACK = Stack(10.0, 10.0, 10.0, 2.0)
SIGMA_CU, SIGMA_PT = 2e6, 9.4e6
KAPPA_CU, KAPPA_PT, KAPPA_SIO2 = 400.0, 71.0, 1.4
AMBIENT, VOLTAGE, COLLECTOR_SHARE, LATTICE = 300.0, 0.2, 0.82, 0.0
BASE, BELOW, ABOVE = 5e7, 1e9, 2e9
SHARVIN = 7.748091729e-5 * 13.6e9**2 / (4 * np.pi)
ROD = (
    "source={kind: none}",
    "filament.conductivity=bulk",
    "filament.thermal=wiedemann_franz",
    f"materials={{Cu: {{electrical_conductivity: {SIGMA_CU} S/m, electrical_linear: 0 1/K}}, "
    "Pt: {electrical_linear: 0 1/K}}",
    f"thermal.filament_counter_conductance={BASE} W/m^2/K",
    f"thermal.filament_oxide_conductance={BELOW} W/m^2/K",
    f"thermal.electrode_oxide_conductance={ABOVE} W/m^2/K",
)


@dataclass(frozen=True)
class Rod:
    """Current density (A/m²), power of the gap (W/m²) and T² = u0 + b z - c z²/2 of the rod."""

    density: float
    power: float
    u0: float
    b: float

    @property
    def c(self) -> float:
        return 2 * self.density**2 / (SIGMA_CU**2 * LORENZ)

    def temperature(self, z: Array) -> Array:
        """Return T (K) at heights (m): L0 sigma (T²)''/2 = -J²/sigma."""
        return np.sqrt(self.u0 + self.b * z - self.c * z**2 / 2)


def rod(cell: PlanarCell, sharvin: bool = False) -> Rod:
    """Return the rod between a jump at its base and the gap with a jump on either face."""
    length, gap = cell.filament * NM, cell.gap * NM
    root = np.sqrt(2 * 0.42 * constants.m_e * 3.7 * constants.e)
    through = 0.5 * root / gap * (constants.e / constants.h) ** 2
    through *= np.exp(-4 * np.pi * gap / constants.h * root)
    resistance = 10 * NM / SIGMA_PT + (length + 10 * NM) / SIGMA_CU + sharvin / SHARVIN
    density = VOLTAGE / (resistance + 1 / through)
    power = density**2 / through
    across = 1 / BELOW + gap / KAPPA_SIO2 + 1 / ABOVE

    def misfit(unknown: Array) -> Array:
        made = Rod(density, power, AMBIENT**2 * unknown[0], AMBIENT**2 / length * unknown[1])
        bottom, top = made.temperature(np.array([0.0, length]))
        down = LORENZ * SIGMA_CU * made.b / 2
        below = AMBIENT + down * 10 * NM / KAPPA_PT
        below += density**2 / SIGMA_PT * (10 * NM) ** 2 / 2 / KAPPA_PT
        up = LORENZ * SIGMA_CU * (made.c * length - made.b) / 2 + (1 - COLLECTOR_SHARE) * power
        above = AMBIENT + (up + COLLECTOR_SHARE * power) * 10 * NM / KAPPA_CU
        above += density**2 / SIGMA_CU * (10 * NM) ** 2 / 2 / KAPPA_CU
        return np.array([down / BASE - (bottom - below), up * across - (top - above)]) / AMBIENT

    found, _, success, _ = fsolve(misfit, np.array([2.0, 0.5]), full_output=True, xtol=1e-12)
    assert success == 1
    return Rod(density, power, AMBIENT**2 * found[0], AMBIENT**2 / length * found[1])


def solved(intervals: int, *setting: str) -> tuple[CoupledProblem, Array, PlanarCell]:
    cell = PlanarCell(STACK, 9.8, GAP, (2, intervals))
    problem = planar_cells.problem(cell, configure(*ROD, *setting))
    return problem, planar_cells.solve(problem, cell, VOLTAGE), cell


def deviation(intervals: int) -> float:
    """Return the largest error of the rod's temperature over its largest rise."""
    problem, solution, cell = solved(intervals)
    z = problem.discrete.cell.points[:, 1]
    inside = (z > -1e-9) & (z < cell.filament + 1e-9)
    # At a node of the base stands the temperature of the metal below, beside the jump.
    inside &= z > 1e-9
    exact = rod(cell).temperature(z[inside] * NM)
    error = np.abs(solution[inside, HEAT] - exact).max()
    return float(error / (exact.max() - AMBIENT))


def test_a_wiedemann_franz_rod_between_boundary_resistances() -> None:
    """The profile within 1 %, of first order: kappa(T) is read across the row of the jump."""
    coarse, fine = deviation(8), deviation(32)
    assert fine < 0.01
    assert 0.8 < np.log(coarse / fine) / np.log(4) < 1.3
    exact = rod(PlanarCell(STACK, 9.8, GAP))
    assert exact.temperature(np.array([9.8 * NM])) > AMBIENT + 80.0


def test_the_ledger_of_heat_closes_across_the_boundaries() -> None:
    problem, _, _ = solved(8, "filament.constriction=sharvin")
    made = problem.discrete.integral("joule_power") + problem.discrete.integral("tunnel_heat")
    assert problem.terminals(VOLTAGE).heat_outflow == pytest.approx(made, rel=1e-9)


def test_channels_resist_where_the_filament_begins() -> None:
    """Sharvin's resistance stands in series, its heat is Joule heat."""
    problem, solution, cell = solved(8, "filament.constriction=sharvin")
    exact, area = rod(cell, sharvin=True), cell.area * NM**2
    current = problem.terminals(VOLTAGE).current_bottom
    assert current == pytest.approx(exact.density * area, rel=1e-8)
    assert exact.density < 0.995 * rod(cell).density
    z = problem.discrete.cell.points[:, 1]
    drop = [solution[np.abs(z - level) < 1e-9, ELECTRON].mean() for level in (0.0, cell.filament)]
    wire = exact.density * (cell.filament * NM / SIGMA_CU + 1 / SHARVIN)
    assert drop[1] - drop[0] == pytest.approx(wire, rel=1e-8)
    power = VOLTAGE * exact.density * area - exact.power * area
    assert problem.discrete.integral("joule_power") == pytest.approx(power, rel=1e-7)


# --- around a wire --------------------------------------------------------------------------------

INNER, OUTER, HEIGHT, AROUND = 1.5, 6.0, 1.0, 1e9


def coaxial(count: int) -> float:
    """Return the error of the temperature in a wire in oxide over its rise there."""
    r = np.concatenate((np.linspace(0, INNER, count + 1), np.linspace(INNER, OUTER, 3 * count + 1)))
    r = np.unique(r)
    z = np.linspace(0.0, HEIGHT, 3)
    points = np.stack(np.meshgrid(r, z), axis=-1).reshape(-1, 2)
    number = np.arange(len(points)).reshape(len(z), len(r))
    a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()
    c, d = number[1:, 1:].ravel(), number[1:, :-1].ravel()
    cells = np.concatenate((np.stack((a, b, c), -1), np.stack((a, c, d), -1)))
    regions = np.where(points[cells, 0].mean(axis=1) < INNER, FILAMENT, OXIDE)
    settings = (
        "filament.thermal=constant", "filament.filament_thermal_conductivity=3 W/m/K",
        "kinetics.rate_constant=1e-30 m/s", f"thermal.filament_oxide_conductance={AROUND} W/m^2/K",
        "filament.conductivity=bulk", "materials={Cu: {electrical_linear: 0 1/K}}",
    )  # fmt: skip
    forms = Forms(Equations(build_physics(configure(*settings))))
    study = BoundEquations(forms, points, cells, regions)
    study.set_vertices("filament_side", (np.abs(points[:, 0] - INNER) < 1e-9).astype(float))
    position, field = study.positions, 1.3e-3 / (HEIGHT * NM)
    metal = study.nodes_of(FILAMENT)
    start = np.zeros((len(position), 3))
    start[:, ELECTRON] = np.where(metal, field * position[:, 1] * NM, 0.0)
    start[:, HEAT] = AMBIENT
    free = np.zeros(start.shape, dtype=bool)
    free[:, HEAT] = ~within(position[:, 0], OUTER)
    solution = study.solve(start, free)[:, HEAT]
    heat = 5.96e7 * field**2
    linear = heat * (INNER * NM) ** 2 / 2  # W/m over 2 pi
    surface = AMBIENT + linear * (np.log(OUTER / INNER) / KAPPA_SIO2 + 1 / (INNER * NM * AROUND))
    inside = metal & ~within(position[:, 0], INNER)
    exact = surface + heat * ((INNER * NM) ** 2 - (position[inside, 0] * NM) ** 2) / 4 / 3.0
    error = np.abs(solution[inside] - exact).max()
    return float(error / (surface - AMBIENT))


def test_a_jump_around_a_wire_converges_with_the_mesh() -> None:
    """First order: the jump takes place in the row of elements beside the boundary."""
    coarse, fine = coaxial(8), coaxial(32)
    assert fine < 0.01
    assert 0.8 < np.log(coarse / fine) / np.log(4) < 1.3
