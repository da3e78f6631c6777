"""A cell waits for its nucleus as long as the rate says, held and under a ramp."""

from __future__ import annotations

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI
from scipy.integrate import quad
from scipy.optimize import brentq

from tusk.solver.models.filament.setup import build_nucleation, build_simulation
from tusk.solver.models.filament.simulation import Simulation

MEAN = "nucleation={mode: mean}"
HELD = "drive=[{ramp: {to: 50 mV, rate: 50 V/s}}, {hold: {for: 4 s}}]"
RAMP = "drive=[{ramp: {to: 0.2 V, rate: 20 mV/s}}]"


def step(simulation: Simulation) -> None:
    """Take a step; go on to what the drive does next where it ends one of its own."""
    simulation.advance()
    state = simulation.state
    if simulation.drive.is_over(state.position, state.offset):
        simulation.leave_drive_step()


def wait_of(simulation: Simulation) -> float:
    """Step until ions cross; return when, s, and check that none did before."""
    for _ in range(300):
        step(simulation)
        if not simulation.state.memories["nucleation"].waiting:  # type: ignore[attr-defined]
            return simulation.state.time
        assert simulation.state.deposited == 0.0
        assert simulation.cell.domain.problem.integral("filament_ion_current") == 0.0
    raise AssertionError("no nucleus")


def rate(config, voltage: float) -> float:
    law = build_nucleation(config, 0)
    assert law is not None
    return law.rate(-voltage, 300.0)


def test_held_at_a_voltage() -> None:
    config = frozen_cells.configure(MEAN, HELD)
    simulation = build_simulation(config, MPI.COMM_SELF)
    # The whole voltage falls at the nucleus, but for the film's share of a current of nothing.
    step(simulation)
    applied = simulation.state.drive
    fields = simulation.state.solution[simulation.domain.cell.filament_nodes[0]]
    assert fields[1] - fields[0] == pytest.approx(applied, rel=1e-3)
    expected = 1.0 / rate(config, float(fields[1] - fields[0]))
    assert wait_of(simulation) == pytest.approx(expected, rel=5e-3)
    before = simulation.state.deposited
    simulation.advance()
    assert simulation.state.deposited > before


def test_under_a_ramp() -> None:
    """The time at which the integral of the rate is one; the rate grows e-fold in 0.2 s."""
    config = frozen_cells.configure(MEAN, RAMP)

    def left(end: float) -> float:
        return quad(lambda t: rate(config, 0.02 * t), 0.0, end, epsabs=1e-10, limit=200)[0] - 1.0

    expected = brentq(left, 0.5, 8.0)
    found = wait_of(build_simulation(config, MPI.COMM_SELF))
    assert found == pytest.approx(expected, rel=5e-3)


def test_a_drawn_wait_is_its_draw_times_the_mean_one() -> None:
    config = frozen_cells.configure("nucleation={mode: stochastic}", "seed=5", HELD)
    law = build_nucleation(config, 0)
    assert law is not None
    found = wait_of(build_simulation(config, MPI.COMM_SELF))
    expected = law.threshold(0) / rate(config, 0.049997286)
    assert found == pytest.approx(expected, rel=1e-2, abs=1.2e-3)


def test_a_restart_repeats_every_bit() -> None:
    config = frozen_cells.configure(MEAN, HELD)
    whole = build_simulation(config, MPI.COMM_SELF)
    for _ in range(6):
        step(whole)
    saved = whole.snapshot()
    part = build_simulation(config, MPI.COMM_SELF, saved=saved)
    for simulation in (whole, part):
        for _ in range(4):
            step(simulation)
    assert part.state.time == whole.state.time
    assert np.array_equal(part.state.solution, whole.state.solution)
    assert part.state.memories["nucleation"] == whole.state.memories["nucleation"]
