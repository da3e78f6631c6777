"""The iterative solver takes the same steps as the direct one."""

import numpy as np
import pytest
from mpi4py import MPI

from tusk.solver.config import build_config
from tusk.solver.models.filament.setup import build_simulation


def state_after(linear: str, steps: int):
    config = build_config({"mesh": {"preset": "draft"}, "solver": {"linear": linear}})
    simulation = build_simulation(config, MPI.COMM_SELF)
    for _ in range(steps):
        simulation.advance()
    return simulation.state


def test_iterative_equals_direct():
    direct, iterative = state_after("direct", 6), state_after("iterative", 6)
    assert iterative.time == pytest.approx(direct.time, rel=1e-9)
    assert np.allclose(iterative.solution, direct.solution, rtol=1e-8, atol=1e-9)
