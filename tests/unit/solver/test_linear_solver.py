"""Which linear solver is taken, and that the iterative one takes the steps of the direct one."""

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI

from tusk.solver.config import build_config
from tusk.solver.errors import NewtonDiverged
from tusk.solver.models.filament import linear_solver
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


@pytest.mark.parametrize(
    ("linear", "method", "preconditioner"),
    [("auto", "preonly", "lu"), ("direct", "preonly", "lu"), ("iterative", "gmres", "fieldsplit")],
)
def test_the_method_is_the_one_asked_for(linear: str, method: str, preconditioner: str):
    config = frozen_cells.configure(f"solver.linear={linear}")
    domain = frozen_cells.domain(config, frozen_cells.early())
    domain.problem.solve(domain.start_values(0.1), 0.1)
    system = domain.problem._solver._system
    assert system.ksp.getType() == method
    assert system.ksp.getPC().getType() == preconditioner


def test_a_linear_solver_that_gives_up_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(linear_solver.ITERATIVE, "ksp_max_it", 1)
    config = frozen_cells.configure("solver.linear=iterative")
    domain = frozen_cells.domain(config, frozen_cells.early())
    with pytest.raises(NewtonDiverged, match=r"no finite update; solver\.linear: direct may"):
        domain.problem.solve(domain.start_values(0.1), 0.1)
