"""The assembled Jacobian is the derivative of the assembled residual, block by block."""

from __future__ import annotations

import frozen_cells
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tusk.meshes.cell import GAP
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.models.filament.discrete import DiscreteEquations
from tusk.solver.models.filament.domain import Domain

Array = NDArray[np.float64]

FIELDS = {"phi_e": ELECTRON, "phi_i": ION, "T": HEAT}
STEP = {ELECTRON: 1e-5, ION: 1e-5, HEAT: 1e-2}
"""Half-width of the central differences: V, V, K."""

TRUNCATION = 5e-6
"""Allowed error relative to the terms of a row: third derivatives of the exponentials."""

ROUNDING = 50 * np.finfo(float).eps

LAWS = {
    "column, constant": (),
    "column, langevin": ("tunnel.heating=langevin",),
    "nearest, constant": ("tunnel.gap=nearest",),
    "nearest, langevin": ("tunnel.gap=nearest", "tunnel.heating=langevin"),
    "full Simmons, growth barriers": (
        "tunnel.model=simmons_full",
        "kinetics.barriers=growth",
        "void.electrode_barriers=true",
        "kinetics.equilibrium_offset=50 mV",
    ),
}


@pytest.fixture(scope="module", params=LAWS.values(), ids=LAWS.keys())
def laws(request: pytest.FixtureRequest) -> tuple[str, ...]:
    laws: tuple[str, ...] = request.param
    return (*laws, "thermal.model=transient")


@pytest.fixture(scope="module", params=["early", "narrow"])
def domain(request: pytest.FixtureRequest, laws: tuple[str, ...]) -> Domain:
    shape = getattr(frozen_cells, request.param)()
    domain = frozen_cells.domain(frozen_cells.configure(*laws), shape)
    columns = domain.tools.physics.gap_measure == "column"
    assert (GAP in domain.regions) is (columns and request.param == "narrow")
    return domain


def _rough_state(domain: Domain, rng: np.random.Generator) -> Array:
    """Return a state (n, 3) far from any solution: currents everywhere, no symmetric accident."""
    z = domain.points[:, 1]
    share = np.clip(z / domain.tools.stack.oxide_thickness, 0.0, 1.0)
    state = np.column_stack((1.3 * share, 0.4 + 0.5 * share, 350.0 + 40.0 * share))
    return np.asarray(state + rng.uniform(-1.0, 1.0, state.shape) * (0.02, 0.02, 20.0))


def _randomise_data(domain: Domain, rng: np.random.Generator) -> None:
    """Give every coefficient that a step sets a value that is not its default."""
    d, count = domain.discrete, len(domain.points)
    d.set_nodal(d.dissolvable, rng.uniform(0.0, 1.0, count))
    d.set_nodal(d.stored_heat, rng.uniform(-1.0, 1.0, count) * 1e12)
    d.set_nodal(d.mesh_velocity, rng.uniform(-1.0, 1.0, (count, 2)) * 1e9)
    for name, value in (
        ("source_current", 1e-4),
        ("source_conductance", 1e-2),
        ("source_voltage", 1.2),
        ("heat_scale", 1.07),
        ("storage_rate", 1e9),
    ):
        d.constants[name].value = value


def _residual(d: DiscreteEquations, state: Array) -> Array:
    d.solution.x.array[:] = state.ravel()
    return np.array(d.assemble_residual().array.reshape(-1, 3))


def _jacobian(d: DiscreteEquations, state: Array) -> csr_matrix:
    d.solution.x.array[:] = state.ravel()
    matrix = d.assemble_jacobian([])
    start, columns, values = matrix.getValuesCSR()
    return csr_matrix((values, columns, start), shape=matrix.size)


@pytest.mark.parametrize("column", FIELDS)
def test_jacobian_equals_central_differences(domain: Domain, column: str) -> None:
    """Every block d(residual of a field)/d(a field), every row, in a random direction."""
    rng = np.random.default_rng(7)
    d, field = domain.discrete, FIELDS[column]
    _randomise_data(domain, rng)
    state = _rough_state(domain, rng)[d.dof_nodes]
    direction = np.zeros_like(state)
    direction[:, field] = rng.uniform(-1.0, 1.0, len(state))
    step = STEP[field]

    matrix = _jacobian(d, state)
    exact = (matrix @ direction.ravel()).reshape(-1, 3)
    above, below = (_residual(d, state + sign * step * direction) for sign in (1, -1))
    difference = (above - below) / (2 * step)

    terms = (abs(matrix) @ abs(direction.ravel())).reshape(-1, 3)
    noise = (abs(matrix) @ abs(state.ravel())).reshape(-1, 3) / step
    allowed = TRUNCATION * terms + ROUNDING * noise
    error = abs(difference - exact)
    assert np.all(error <= allowed), f"worst row: {(error / np.maximum(allowed, 1e-300)).max():.3g}"
    coupled = {name: terms[:, row].max() > 0 for name, row in FIELDS.items()}
    expected = {"phi_e": "phi_e phi_i T", "phi_i": "phi_e phi_i", "T": "phi_e phi_i T"}[column]
    assert {name for name, there in coupled.items() if there} == set(expected.split())
    # The test has teeth: where a block matters, differences resolve it.
    for row in FIELDS.values():
        if terms[:, row].max() > 0:
            assert (ROUNDING * noise[:, row] < 1e-2 * terms[:, row]).any()


LINEAR = {"stored_heat", "source_current", "source_voltage"}
"""Data whose factor is no unknown: they enter the residual only."""


def test_residual_and_jacobian_feel_all_their_data() -> None:
    """One per cent in any coefficient or constant shows; `cut` serves the reports alone."""
    rng = np.random.default_rng(9)
    config = frozen_cells.configure("thermal.model=transient", "contact.model=handover")
    domain = frozen_cells.domain(config, frozen_cells.narrow())
    d = domain.discrete
    _randomise_data(domain, rng)
    contact = ("depositable", "closed", "site_share")
    for name, largest in zip(contact, (0.9, 0.02, 0.4), strict=True):
        values = getattr(d, name).x.array
        values[:] = rng.uniform(0.1 * largest, largest, len(values))
    d.constants["site_conductance"].value = 1e14
    state = _rough_state(domain, rng)[d.dof_nodes]
    names = ("gap", "span", "dissolvable", "stored_heat", "size_effect", "mesh_velocity")
    names = (*names, *contact)
    residual, jacobian = _residual(d, state), _jacobian(d, state)
    for name in (*names, *d.constants):
        place = d.constants[name].value if name in d.constants else getattr(d, name).x.array
        before = np.array(place)
        place[...] = 1.01 * before
        assert not np.array_equal(_residual(d, state), residual), name
        change = float(abs(_jacobian(d, state) - jacobian).max())
        assert (change > 0.0) is (name not in LINEAR), name
        place[...] = before


@pytest.mark.parametrize("laws", [LAWS["column, constant"], LAWS["nearest, langevin"]], ids=str)
def test_newton_converges_quadratically(laws: tuple[str, ...]) -> None:
    """Updates shrink like a square but for the lagged scale of the tunnel heat, close to 1."""
    config = frozen_cells.configure(*laws)
    simulation = frozen_cells.frozen(config, frozen_cells.narrow(), 1.5)
    problem, solution = simulation.domain.problem, simulation.state.solution
    changes = []
    apply = problem._apply

    def spy(update: Array) -> Array:
        changes.append(apply(update))
        return changes[-1]

    problem._apply = spy  # type: ignore[method-assign]
    problem.solve(solution, 1.503)
    steps = np.array(changes)[:, ION]
    late = steps[steps < 1e-2]
    assert len(steps) <= 8
    assert np.all(late[1:] < 100 * late[:-1] ** 2 + 2e-3 * late[:-1])
