"""On one frozen geometry every number of ranks finds the same fields as one."""

from __future__ import annotations

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.models.filament.observables import observe
from tusk.solver.models.filament.simulation import Simulation

pytestmark = pytest.mark.mpi

Array = NDArray[np.float64]

CASES = {
    "early": (1.4,),
    "narrow": (1.75,),
    "narrow, nearest, langevin": (1.75, "tunnel.gap=nearest", "tunnel.heating=langevin"),
    "narrow, ideal source": (0.9, "source={kind: none}"),
}
"""Shapes, the voltages (V) they are solved at and what differs from the default laws."""


@pytest.fixture(scope="module", params=CASES)
def pair(request: pytest.FixtureRequest) -> tuple[Simulation, Simulation]:
    """The same cell solved by all ranks together and by each rank alone."""
    applied, *laws = CASES[request.param]
    config = frozen_cells.configure(*frozen_cells.TIGHT, *laws)
    shape = getattr(frozen_cells, request.param.split(",")[0])
    together = frozen_cells.frozen(config, shape(), applied, MPI.COMM_WORLD)
    alone = frozen_cells.frozen(config, shape(), applied, MPI.COMM_SELF)
    return together, alone


def test_ranks_share_the_work(pair: tuple[Simulation, Simulation]) -> None:
    discrete = pair[0].domain.discrete
    cells = MPI.COMM_WORLD.allgather(discrete.local_cells)
    assert min(cells) > 0
    assert sum(cells) == len(discrete.cell.cells)
    assert MPI.COMM_WORLD.allreduce(discrete.owned) == len(discrete.cell.points)


def test_some_ranks_hold_nothing_of_some_material(pair: tuple[Simulation, Simulation]) -> None:
    discrete = pair[0].domain.discrete
    held = MPI.COMM_WORLD.allgather(set(discrete.regions[discrete.input_cells]))
    assert MPI.COMM_WORLD.size == 1 or set.intersection(*held) < set.union(*held)


def test_fields_equal_those_of_one_rank(pair: tuple[Simulation, Simulation]) -> None:
    together, alone = (simulation.state.solution for simulation in pair)
    for field in (ELECTRON, ION, HEAT):
        scale = np.abs(alone[:, field]).max()
        assert np.abs(together[:, field] - alone[:, field]).max() < 1e-8 * scale
    rise = alone[:, HEAT].max() - 300.0
    assert together[:, HEAT].max() - 300.0 == pytest.approx(rise, rel=1e-8, abs=1e-8)


def test_velocities_equal_those_of_one_rank(pair: tuple[Simulation, Simulation]) -> None:
    together, alone = (simulation.state.normal_velocity for simulation in pair)
    assert together == pytest.approx(alone, rel=1e-8)


def test_currents_and_powers_equal_those_of_one_rank(pair: tuple[Simulation, Simulation]) -> None:
    rows = [observe(simulation, 0)[0] for simulation in pair]
    for name in ("current_A", "ion_current_A", "cell_voltage_V", "temperature_max_K",
                 "tunnel_power_W"):  # fmt: skip
        together, alone = (getattr(row, name) for row in rows)
        assert together == pytest.approx(alone, rel=1e-8), name
    together, alone = (simulation.domain.discrete.integrals() for simulation in pair)
    small = 1e-12 * max(abs(value) for value in alone.values())
    assert together == pytest.approx(alone, rel=1e-7, abs=small)
    assert rows[0].charge_error < 1e-6


def test_every_rank_holds_the_same_state(pair: tuple[Simulation, Simulation]) -> None:
    state = pair[0].state
    mine = (state.solution.tobytes(), state.normal_velocity.tobytes(), state.current)
    assert all(other == mine for other in MPI.COMM_WORLD.allgather(mine))
