"""Frozen cells solved again by another finite element library, see `independent_solver`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import frozen_cells
import numpy as np
import pytest
from independent_solver import FrozenCell, IndependentSolver
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.meshes.cell import FILAMENT, GAP
from tusk.solver.config import FilamentConfig
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.models.filament.setup import build_simulation
from tusk.solver.models.filament.simulation import Simulation

Array = NDArray[np.float64]

AGREEMENT = 1e-6
"""Largest difference of potentials, temperatures and currents, relative; 1e-12 is usual."""


@dataclass(frozen=True)
class Export:
    """A frozen cell, its tight solution (n, 3), and what the runs report of it."""

    cell: FrozenCell
    solution: Array
    active: NDArray[np.bool_]
    currents: dict[str, float]
    cell_voltage: float


def export(simulation: Simulation, config: FilamentConfig) -> Export:
    """Solve a simulation again where it stands, to tight tolerances, and export it."""
    state, domain = simulation.state, simulation.domain
    problem, integral = domain.problem, domain.discrete.integral
    loose = problem.options
    problem.options = replace(loose, tolerance_potential=1e-12, tolerance_temperature=1e-7)
    solution = problem.solve(state.solution, state.drive)
    problem.options = loose
    assert GAP in domain.regions
    assert not state.memories["nucleus"].nodes.any()
    size = np.where(domain.regions == FILAMENT, domain.size_effect_values, 1.0)
    terminals = problem.terminals(state.drive)
    currents = {
        "tunnel": integral("tunnel_current"),
        "electrode ions": integral("electrode_ion_current"),
        "filament ions": integral("filament_ion_current"),
        "top": terminals.current_top,
        "bottom": terminals.current_bottom,
    }
    cell = FrozenCell(domain.points, domain.cell.cells, domain.regions, size, config, state.drive)
    return Export(cell, solution, problem.active, currents, terminals.cell_voltage)


def compare(ours: Export) -> str:
    """Hold the differences from the other solver's solution to `AGREEMENT`; return the largest."""
    other = IndependentSolver(ours.cell)
    noise = np.random.default_rng(4).uniform(-1.0, 1.0, ours.solution.shape)
    theirs = other.solve(ours.solution + noise * (1e-3, 1e-3, 2.0))
    assert np.abs(theirs - ours.solution - noise * (1e-3, 1e-3, 2.0)).max() > 0.1

    scales = {ELECTRON: ours.cell_voltage, ION: ours.cell_voltage, HEAT: 300.0}
    difference = {
        k: np.abs(ours.solution - theirs)[ours.active[:, k], k].max() / scale
        for k, scale in scales.items()
    }
    assert max(difference.values()) < AGREEMENT, f"differences by field: {difference}"
    rise = ours.solution[:, HEAT].max() - 300.0
    assert theirs[:, HEAT].max() - 300.0 == pytest.approx(rise, rel=AGREEMENT)
    values = other.currents | {"bottom": other.currents["top"]}
    for name, value in ours.currents.items():
        assert values[name] == pytest.approx(value, rel=AGREEMENT), name
    assert other.cell_voltage == pytest.approx(ours.cell_voltage, rel=AGREEMENT)
    return f"{max(difference.values()):.0e}"


@pytest.mark.parametrize("applied", [1.2, 1.75])
def test_a_narrow_gap_is_solved_alike(
    applied: float, record_property: Callable[[str, object], None]
) -> None:
    config = frozen_cells.configure()
    ours = export(frozen_cells.frozen(config, frozen_cells.narrow(), applied), config)
    record_property("largest difference of a field", compare(ours))


@pytest.fixture(scope="module")
def run_exports() -> dict[str, Export]:
    """Two states of the 1 mA run on the reference mesh: side growth at 100 uA, and the hottest."""
    config = frozen_cells.configure("mesh.preset=reference", "mesh.size_factor=1")
    simulation = build_simulation(config, MPI.COMM_SELF)
    exports: dict[str, Export] = {}
    hottest = 0.0
    while simulation.state.time < 2.0:
        state = simulation.advance()
        if state.current >= 1e-4 and "side growth" not in exports:
            exports["side growth"] = export(simulation, config)
        if state.solution[:, HEAT].max() > max(hottest, 500.0):
            exports["hottest"] = export(simulation, config)
        hottest = max(hottest, float(state.solution[:, HEAT].max()))
        if state.solution[:, HEAT].max() < hottest - 20.0:
            break
    return exports


@pytest.mark.slow
@pytest.mark.parametrize("name", ["side growth", "hottest"])
def test_shapes_of_the_1_mA_run_are_solved_alike(
    name: str,
    run_exports: dict[str, Export],
    record_property: Callable[[str, object], None],
) -> None:
    ours = run_exports[name]
    assert (ours.currents["top"] > 5e-4) is (name == "hottest")
    record_property("largest difference of a field", compare(ours))
