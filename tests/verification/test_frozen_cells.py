"""A solved cell of fixed shape: balances, the load line, signs, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import frozen_cells
import numpy as np
import pytest
from numpy.typing import NDArray

from tusk.meshes.cell import FILAMENT, GAP, OXIDE
from tusk.meshes.curve import nodal_areas
from tusk.meshes.transfer import Search
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.front.nucleus import Held
from tusk.solver.models.filament.fields import cell_fields, gradient, point_fields
from tusk.solver.models.filament.observables import Row, observe
from tusk.solver.models.filament.simulation import Simulation

Array = NDArray[np.float64]

REFERENCE = ("mesh.preset=reference", "mesh.size_factor=1")
APPLIED = 1.75  # V


@pytest.fixture(scope="module")
def solved() -> Simulation:
    """A gap of 0.12 nm under forward voltage, Newton's method tightened."""
    return frozen_cells.frozen(
        frozen_cells.configure(*frozen_cells.TIGHT), frozen_cells.narrow(), APPLIED
    )


@pytest.fixture(scope="module")
def limited() -> Simulation:
    """The same gap with a compliance current so low that the limiter rules."""
    config = frozen_cells.configure(*frozen_cells.TIGHT, "source.compliance_current=10 uA")
    return frozen_cells.frozen(config, frozen_cells.narrow(), APPLIED)


def row_of(simulation: Simulation) -> Row:
    return observe(simulation, 0)[0]


# --- the source -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("cell", "compliance"), [("solved", 1e-3), ("limited", 1e-5)])
def test_current_and_voltage_lie_on_the_load_line(
    cell: str, compliance: float, request: pytest.FixtureRequest
) -> None:
    row = row_of(request.getfixturevalue(cell))
    expected = -compliance * np.expm1(-(APPLIED - row.cell_voltage_V) / 0.05)
    assert row.current_A == pytest.approx(expected, rel=1e-9)
    assert row.applied_voltage_V == APPLIED
    assert (row.current_A > 0.9 * compliance) is (cell == "limited")


@pytest.mark.parametrize(
    ("source", "drop_per_ampere"),
    [
        ("{kind: none}", 0.0),
        ("{kind: none, series_resistance: 2 kohm}", 2e3),
        ("{kind: resistor, resistance: 5 kohm}", 5e3),
    ],
    ids=["ideal", "series", "resistor"],
)
def test_other_sources_follow_ohms_law(source: str, drop_per_ampere: float) -> None:
    config = frozen_cells.configure(*frozen_cells.TIGHT, f"source={source}")
    row = row_of(frozen_cells.frozen(config, frozen_cells.narrow(), 0.9))
    assert row.cell_voltage_V == pytest.approx(0.9 - drop_per_ampere * row.current_A, rel=1e-9)
    assert row.charge_error < 1e-6


def test_a_current_source_imposes_its_current() -> None:
    config = frozen_cells.configure(
        "source={kind: current, series_resistance: 1 kohm}",
        "drive=[{ramp: {to: 1 mA, rate: 1 A/s}}]",
    )
    simulation = frozen_cells.frozen(config, frozen_cells.narrow(), 0.0)
    problem = simulation.domain.problem
    solution = problem.solve(simulation.state.solution, 1e-6)
    current = simulation.domain.discrete.integral("tunnel_current")
    assert current == pytest.approx(1e-6, rel=1e-6)
    voltage = problem.cell_voltage()
    source = simulation.tools.physics.source
    assert source.applied_voltage(1e-6, voltage, current) == pytest.approx(voltage + 1e-3)
    assert problem.terminals(1e-6).current_bottom == pytest.approx(1e-6, rel=1e-6)
    twice = problem.solve(solution, 2e-6)
    assert twice[:, ELECTRON].max() == pytest.approx(2 * solution[:, ELECTRON].max(), rel=0.01)


# --- balances -------------------------------------------------------------------------------------

BALANCED = {
    "column": (),
    "nearest": ("tunnel.gap=nearest",),
    "langevin": ("tunnel.heating=langevin",),
    "no barrier heating": ("tunnel.heating=none",),
    "bulk, warm side": ("filament.conductivity=bulk", "thermal.side=ambient"),
}


@pytest.mark.parametrize("laws", BALANCED.values(), ids=BALANCED.keys())
@pytest.mark.parametrize("applied", [1.6, -0.8])
def test_charge_and_energy_are_conserved(laws: tuple[str, ...], applied: float) -> None:
    config = frozen_cells.configure(*frozen_cells.TIGHT, *laws)
    simulation = frozen_cells.frozen(config, frozen_cells.narrow(), applied)
    row = row_of(simulation)
    assert row.energy_error < 1e-6
    assert row.heat_error < 1e-6
    assert row.charge_error < 1e-6
    terminals = simulation.domain.problem.terminals(applied)
    for current in (terminals.current_top, terminals.current_bottom, row.current_A):
        assert current == pytest.approx(row.current_A, rel=1e-6)
    assert np.sign(row.current_A) == np.sign(applied)
    integral = simulation.domain.discrete.integral
    if "tunnel.heating=none" not in laws:
        assert integral("tunnel_heat") == pytest.approx(integral("gap_dissipation"), rel=1e-6)


def test_ions_that_leave_the_electrode_arrive_at_the_filament(solved: Simulation) -> None:
    integral = solved.domain.discrete.integral
    out, arrived = integral("electrode_ion_current"), integral("filament_ion_current")
    assert out > 0.0
    assert arrived == pytest.approx(-out, rel=1e-6)


def test_growth_is_the_ionic_current(solved: Simulation) -> None:
    """Faraday's law at an instant: the volume grows by Omega/(z e) per charge that arrives."""
    state = solved.state
    curve = solved.domain.shape.curve
    grown = nodal_areas(curve) @ state.normal_velocity  # nm³/s
    charge = solved.domain.discrete.integral("filament_ion_current")
    volume_per_charge = solved.tools.physics.growth.volume_per_charge * 1e27
    assert grown == pytest.approx(-charge * volume_per_charge, rel=0.02)


@pytest.mark.parametrize("model", ["simmons_linear", "simmons_full"])
def test_tunnel_current_is_the_integral_over_the_surface(model: str) -> None:
    config = frozen_cells.configure(*REFERENCE, f"tunnel.model={model}")
    row = row_of(frozen_cells.frozen(config, frozen_cells.narrow(), 1.2))
    assert row.current_A > 1e-6
    assert row.tunnel_error < 5e-3


def test_without_tunnelling_ions_alone_carry_the_current() -> None:
    """The narrowest gap conducts no electrons, and nothing is singular."""
    config = frozen_cells.configure("tunnel.model=none")
    simulation = frozen_cells.frozen(config, frozen_cells.narrow(), 1.2)
    row = row_of(simulation)
    assert row.current_A == row.ion_current_A > 0.0
    assert row.temperature_max_K == pytest.approx(300.0, abs=1e-6)
    assert np.all(simulation.state.normal_velocity > 0.0)
    assert cell_fields(simulation)["current_density_A_per_m2"].shape == (
        len(simulation.domain.cell.cells), 3,
    )  # fmt: skip


def test_the_iterative_solver_finds_the_same_solution(solved: Simulation) -> None:
    config = frozen_cells.configure(*frozen_cells.TIGHT, "solver.linear=iterative")
    other = frozen_cells.frozen(config, frozen_cells.narrow(), APPLIED).state.solution
    assert other == pytest.approx(solved.state.solution, rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("applied", [0.8, 1.6])
def test_nearest_gap_carries_the_integral_over_the_surface(applied: float) -> None:
    config = frozen_cells.configure(*REFERENCE, "tunnel.gap=nearest")
    row = row_of(frozen_cells.frozen(config, frozen_cells.narrow(), applied))
    assert row.tunnel_error < 0.02


# --- rest and signs -------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["early", "narrow"])
def test_without_voltage_everything_rests(shape: str) -> None:
    simulation = frozen_cells.frozen(frozen_cells.configure(), getattr(frozen_cells, shape)(), 0.0)
    solution = simulation.state.solution
    assert np.abs(solution[:, ELECTRON]).max() < 1e-12
    assert np.abs(solution[:, ION]).max() < 1e-12
    assert solution[:, HEAT] == pytest.approx(300.0, abs=1e-9)
    row = row_of(simulation)
    assert abs(row.current_A) < 1e-20
    driven = frozen_cells.frozen(frozen_cells.configure(), getattr(frozen_cells, shape)(), 0.01)
    assert (
        np.abs(simulation.state.normal_velocity).max()
        < 1e-9 * np.abs(driven.state.normal_velocity).max()
    )


@pytest.mark.parametrize("shape", ["early", "narrow"])
def test_positive_voltage_grows_and_negative_dissolves(shape: str) -> None:
    simulation = frozen_cells.frozen(frozen_cells.configure(), getattr(frozen_cells, shape)(), 0.8)
    assert np.all(simulation.state.normal_velocity > 0.0)
    row = row_of(simulation)
    assert row.current_A > 0.0
    assert row.ion_current_A > 0.0
    frozen_cells.set_voltage(simulation, -0.8)
    assert np.all(simulation.state.normal_velocity < 0.0)
    row = row_of(simulation)
    assert row.current_A < 0.0
    assert row.ion_current_A < 0.0


def test_nodes_held_at_the_nucleus_do_not_dissolve() -> None:
    simulation = frozen_cells.frozen(frozen_cells.configure(), frozen_cells.early(), -0.5)
    ions = simulation.domain.discrete.integral("filament_ion_current")
    held = Held(np.ones(len(simulation.domain.shape.curve), dtype=bool))
    simulation.state = replace(
        simulation.state, memories={**simulation.state.memories, "nucleus": held}
    )
    simulation.cell.weigh(simulation.state.memories)
    solution = simulation.domain.problem.solve(simulation.state.solution, -0.5)
    assert abs(simulation.domain.discrete.integral("filament_ion_current")) < 1e-3 * abs(ions)
    assert np.all(frozen_cells.velocity(simulation, solution) >= 0.0)


def test_the_hottest_place_is_the_tunnel_barrier(solved: Simulation) -> None:
    state = solved.state
    hottest = solved.domain.points[np.argmax(state.solution[:, HEAT])]
    assert state.solution[:, HEAT].min() >= 300.0 - 1e-9
    assert hottest[0] < 0.7
    assert 9.0 < hottest[1] < 11.0


# --- what must not matter -------------------------------------------------------------------------


def _inner_nodes(simulation: Simulation) -> np.ndarray:
    """Return nodes that lie on no surface, no plane and in no gap column."""
    cell = simulation.domain.cell
    key = np.sort(np.concatenate([cell.cells[:, [a, b]] for a, b in ((0, 1), (1, 2), (2, 0))]))
    regions = np.tile(cell.regions, 3)
    order = np.lexsort(key.T)
    key, regions = key[order], regions[order]
    same = np.all(key[1:] == key[:-1], axis=1) & (regions[1:] == regions[:-1])
    paired = np.zeros(len(key), dtype=bool)
    paired[1:] |= same
    paired[:-1] |= same
    surface = np.unique(key[~paired])
    return np.setdiff1d(np.arange(len(cell.points)), np.union1d(surface, cell.columns.ravel()))


def test_moving_interior_nodes_hardly_changes_the_currents() -> None:
    config = frozen_cells.configure("mesh.size_factor=1")
    simulation = frozen_cells.frozen(config, frozen_cells.narrow(), APPLIED)
    before = row_of(simulation)
    domain = simulation.domain
    inner = _inner_nodes(simulation)
    nearest = np.full(len(domain.points), np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        ends = domain.cell.cells[:, [a, b]]
        length = np.hypot(*(domain.points[ends[:, 0]] - domain.points[ends[:, 1]]).T)
        for column in (0, 1):
            np.minimum.at(nearest, ends[:, column], length)
    rng = np.random.default_rng(3)
    points = domain.points.copy()
    shift = rng.uniform(-0.2, 0.2, (len(inner), 2)) * nearest[inner, None]
    points[inner] += shift
    assert domain.cell.quality(points).min() > 0.0
    assert len(inner) > 0.4 * len(points)
    domain.discrete.move(points)
    solution = domain.problem.solve(simulation.state.solution, APPLIED)
    integral = domain.discrete.integral
    assert integral("tunnel_current") == pytest.approx(before.current_A, rel=5e-3)
    assert integral("electrode_ion_current") == pytest.approx(before.ion_current_A, rel=0.05)
    assert solution[:, HEAT].max() - 300.0 == pytest.approx(
        before.temperature_max_K - 300.0, rel=0.02
    )


def test_start_values_do_not_change_the_solution(solved: Simulation) -> None:
    domain, exact = solved.domain, solved.state.solution
    rng = np.random.default_rng(5)
    guess = exact + rng.uniform(-1.0, 1.0, exact.shape) * (5e-3, 5e-3, 5.0)
    again = domain.problem.solve(guess, APPLIED)
    assert again[:, :HEAT] == pytest.approx(exact[:, :HEAT], abs=1e-11)
    assert again[:, HEAT] == pytest.approx(exact[:, HEAT], abs=1e-7)


def test_mesh_refinement_converges() -> None:
    """Currents and temperature of one shape approach a limit as every size is halved."""
    rows = [
        row_of(
            frozen_cells.frozen(
                frozen_cells.configure("mesh.preset=reference", f"mesh.size_factor={factor}"),
                frozen_cells.narrow(),
                APPLIED,
            )
        )
        for factor in (2.0, 1.0, 0.5)
    ]
    current = np.array([row.current_A for row in rows])
    rise = np.array([row.temperature_max_K for row in rows]) - 300.0
    for values, last in ((current, 0.01), (rise, 0.02)):
        assert abs(values[2] - values[1]) < 0.5 * abs(values[1] - values[0])
        assert abs(values[2] / values[1] - 1.0) < last


# --- linear fields are exact ----------------------------------------------------------------------


def test_gradients_of_linear_fields_are_exact(solved: Simulation) -> None:
    points, cells = solved.domain.points, solved.domain.cell.cells
    values = 0.3 + 0.7 * points[:, 0] - 0.2 * points[:, 1]
    slopes = gradient(points, cells, values)
    assert slopes == pytest.approx(np.tile((0.7, -0.2), (len(cells), 1)), abs=1e-9)


def test_transfer_of_linear_fields_is_exact(solved: Simulation) -> None:
    domain = solved.domain
    other = frozen_cells.domain(frozen_cells.configure("mesh.size_factor=1"), frozen_cells.narrow())
    for region in (FILAMENT, OXIDE, GAP):
        cells = domain.cell.cells[domain.regions == region]
        targets = other.points[np.unique(other.cell.cells[other.regions == region])]
        values = np.column_stack((domain.points @ (0.7, -0.2), domain.points[:, 1]))
        moved = Search(domain.points, cells, targets).interpolation(values)
        exact = np.column_stack((targets @ (0.7, -0.2), targets[:, 1]))
        inside = np.abs(moved - exact).max(axis=1) < 1e-9
        assert inside.mean() > (
            0.5 if region == GAP else 0.9
        )  # the rest sticks out of the old mesh
        assert np.abs(moved - exact).max() < 0.2


def test_nodal_values_survive_the_way_to_dolfinx_and_back(solved: Simulation) -> None:
    discrete = frozen_cells.domain(frozen_cells.configure(), frozen_cells.narrow()).discrete
    values = np.random.default_rng(1).normal(size=(len(discrete.cell.points), 3))
    discrete.set_nodal(discrete.solution, values)
    assert np.array_equal(discrete.nodal(discrete.solution.x.array), values)
    coordinates = discrete.mesh.geometry.x[:, :2]
    assert np.array_equal(coordinates, discrete.cell.points[discrete.geometry_nodes])


def test_integrals_of_linear_potentials_are_exact(solved: Simulation) -> None:
    """With phi_i = -E z all oxide drifts alike: its power is sigma E² times its volume."""
    domain = frozen_cells.domain(frozen_cells.configure(), frozen_cells.narrow())
    discrete, field = domain.discrete, 0.05  # V/nm
    z = domain.points[:, 1]
    state = np.column_stack((np.zeros(len(z)), -field * z, np.full(len(z), 300.0)))
    discrete.set_nodal(discrete.solution, state)
    sigma = domain.tools.physics.hopping.conductivity((field * 1e9) ** 2, 300.0)
    oxide = np.isin(domain.regions, (OXIDE, GAP))
    corners = domain.points[domain.cell.cells[oxide]]
    areas = domain.cell.signed_areas(domain.points)[oxide]
    volume = 2 * np.pi * (areas * corners[:, :, 0].mean(axis=1)).sum()  # Pappus, nm³
    exact = sigma * 1e-9 * field**2 * volume
    assert discrete.integral("ionic_dissipation") == pytest.approx(exact, rel=1e-10)


# --- fields for ParaView --------------------------------------------------------------------------


def test_written_fields_carry_the_currents(solved: Simulation) -> None:
    """The vertical current through a horizontal cut of the written field is the current."""
    fields = cell_fields(solved)
    points, cells = solved.domain.points, solved.domain.cell.cells
    density = fields["current_density_A_per_m2"][:, 1]
    current = row_of(solved).current_A
    for height in (-5.0, 3.0, 15.0):
        z, r = points[cells, 1], points[cells, 0]
        crossing = (z.min(axis=1) < height) & (z.max(axis=1) > height)
        total = 0.0
        for k in np.flatnonzero(crossing):
            cut = []
            for a, b in ((0, 1), (1, 2), (2, 0)):
                if (z[k, a] - height) * (z[k, b] - height) < 0:
                    share = (height - z[k, a]) / (z[k, b] - z[k, a])
                    cut.append(r[k, a] + share * (r[k, b] - r[k, a]))
            total += density[k] * np.pi * abs(cut[0] ** 2 - cut[1] ** 2) * 1e-18
        assert total == pytest.approx(-current, rel=0.05)
    assert set(np.unique(fields["material"])) == {1, 2, 3, 4}
    assert fields["conductivity_S_per_m"].min() > 0.0
    assert point_fields(solved)["temperature_K"].max() > 300.0
