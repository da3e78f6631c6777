"""A step is a transaction: failures halve it, undo it bit for bit, and end at a floor."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI

from tusk.solver.checkpoint import pack
from tusk.solver.errors import MeshTangled, NewtonDiverged, StepTooSmall
from tusk.solver.models.filament import solved_cell
from tusk.solver.models.filament.domain import Domain
from tusk.solver.models.filament.front_step import FrontStep
from tusk.solver.models.filament.problem import CoupledProblem
from tusk.solver.models.filament.setup import build_control, build_setting, build_simulation
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.models.filament.state import State
from tusk.solver.physics.waveform import Drive, Table

FIRST_STEP = 1e-3


def start(*overrides: str) -> Simulation:
    return build_simulation(frozen_cells.configure(*overrides), MPI.COMM_SELF)


def wanted_step(simulation: Simulation) -> float:
    stepper = simulation.stepper
    return stepper.system.limit(simulation.state, stepper.step).step


def over(simulation: Simulation) -> bool:
    return simulation.drive.is_over(simulation.state.position, simulation.state.offset)


def remesh(simulation: Simulation) -> None:
    simulation.state = simulation.cell.remeshed(simulation.state)


@pytest.fixture
def simulation() -> Simulation:
    """Three accepted steps into a run."""
    simulation = start()
    for _ in range(3):
        simulation.advance()
    return simulation


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[int]]:
    """Make the next ``count`` Newton solves fail; the returned list counts those that did."""
    solve = CoupledProblem.solve

    def install(count: int) -> list[int]:
        failed: list[int] = []

        def scripted(problem: CoupledProblem, guess: Any, drive: float) -> Any:
            if len(failed) < count:
                failed.append(1)
                problem.discrete.solution.x.array[:] = np.nan  # whatever a bad iterate leaves
                raise NewtonDiverged("scripted")
            return solve(problem, guess, drive)

        monkeypatch.setattr(CoupledProblem, "solve", scripted)
        return failed

    return install


def contents(state: State) -> dict[str, bytes | float]:
    """Return everything in a state as bytes and numbers, to be compared exactly."""
    out: dict[str, bytes | float] = {}
    for field in fields(state):
        value = getattr(state, field.name)
        if field.name == "shape":
            out["curve"] = value.curve.tobytes()
            out["recess"] = value.electrode.memory_depth.tobytes()
        elif field.name == "heat":
            out["heat"] = value.temperature.tobytes() + value.positions.tobytes()
            out["heat_step"] = value.step
        elif field.name == "former":
            out["former"] = value.solution.tobytes() + value.velocity.tobytes()
            out["former_step"] = value.step
        elif field.name == "memories":
            out["memories"] = str(pack(value))
        elif isinstance(value, np.ndarray):
            out[field.name] = value.tobytes()
        else:
            out[field.name] = value
    return out


def placement(domain: Domain) -> list[bytes]:
    """Return where the mesh stands and the data that follow the geometry, as bytes."""
    d = domain.discrete
    coefficients = (d.gap, d.cut, d.span, d.size_effect, d.dissolvable)
    return [
        domain.points.tobytes(),
        d.mesh.geometry.x.tobytes(),
        *(function.x.array.tobytes() for function in coefficients),
    ]


# --- Newton failures ------------------------------------------------------------------------------


def test_one_failure_is_met_by_other_start_values(
    simulation: Simulation, failing: Callable[[int], list[int]]
) -> None:
    wanted = wanted_step(simulation)
    before = simulation.state.time
    failed = failing(1)
    simulation.advance()
    assert len(failed) == 1
    assert simulation.state.time - before == pytest.approx(wanted, rel=1e-12)
    assert simulation.counters.failed_solves == 1
    assert simulation.counters.rejected == 0


@pytest.mark.parametrize("halvings", [1, 2, 5])
def test_failures_halve_the_step(
    simulation: Simulation, failing: Callable[[int], list[int]], halvings: int
) -> None:
    wanted = wanted_step(simulation)
    before = simulation.state.time
    failing(2 * halvings)  # each attempt tries two sets of start values
    simulation.advance()
    assert simulation.state.time - before == pytest.approx(wanted / 2**halvings, rel=1e-9)
    assert simulation.counters.rejected == halvings
    assert simulation.counters.accepted == 4


def test_a_failure_in_the_second_stage_undoes_the_first(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first stage has moved the mesh already when the second fails."""
    solve, calls = CoupledProblem.solve, []

    def scripted(problem: CoupledProblem, guess: Any, drive: float) -> Any:
        calls.append(1)
        if len(calls) in (2, 3):
            raise NewtonDiverged("scripted")
        return solve(problem, guess, drive)

    old, moved = placement(simulation.domain), []
    restore = FrontStep.restore

    def watched(self: FrontStep, state: State) -> None:
        moved.append(placement(self.cell.domain) != old)
        restore(self, state)
        assert placement(self.cell.domain) == old

    monkeypatch.setattr(CoupledProblem, "solve", scripted)
    monkeypatch.setattr(FrontStep, "restore", watched)
    simulation.advance()
    assert moved == [True]


def test_a_step_below_the_floor_fails_and_leaves_everything_as_it_was(
    simulation: Simulation, failing: Callable[[int], list[int]]
) -> None:
    state, domain = simulation.state, simulation.domain
    before, place = copy.deepcopy(contents(state)), placement(simulation.domain)
    failed = failing(10_000)
    with pytest.raises(StepTooSmall, match=r"time step below 1e-15 s at t = .* s: scripted"):
        simulation.advance()
    assert simulation.state is state
    assert simulation.domain is domain
    assert contents(simulation.state) == before
    assert placement(simulation.domain) == place
    assert simulation.counters.accepted == 3
    assert len(failed) < 200


def test_a_run_goes_on_after_failures_as_if_they_had_not_been(
    failing: Callable[[int], list[int]],
) -> None:
    """Up to the size of the step nothing remembers a failed attempt."""
    plain, troubled = start(), start()
    for simulation in (plain, troubled):
        simulation.advance()
    plain.advance(longest=2e-4)
    failing(2)
    troubled.advance(longest=4e-4)
    assert troubled.counters.rejected == 1
    assert troubled.state.time == pytest.approx(plain.state.time, rel=1e-12)
    for name in ("solution", "normal_velocity"):
        one, other = getattr(troubled.state, name), getattr(plain.state, name)
        assert one == pytest.approx(other, rel=1e-9, abs=1e-12)
    assert troubled.state.shape.curve == pytest.approx(plain.state.shape.curve, rel=1e-12)


def test_the_floor_is_that_of_the_configuration(failing: Callable[[int], list[int]]) -> None:
    simulation = start("stepping.minimum_step=2e-4 s")
    failed = failing(10_000)
    with pytest.raises(StepTooSmall, match=r"0\.0002 s"):
        simulation.advance()
    assert len(failed) == 6  # 1, 0.5 and 0.25 ms, two start values each


# --- tangled meshes -------------------------------------------------------------------------------


def test_a_tangled_mesh_is_replaced_and_the_step_kept(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = wanted_step(simulation)
    before, meshes, tangles = simulation.state.time, simulation.counters.meshes, []
    old, place = simulation.domain, Domain.place

    def scripted(domain: Domain, shape: Any) -> None:
        if domain is old and not np.array_equal(shape.curve, simulation.state.shape.curve):
            tangles.append(1)
            raise MeshTangled("scripted")
        place(domain, shape)

    monkeypatch.setattr(Domain, "place", scripted)
    simulation.advance()
    assert len(tangles) == 1
    assert simulation.domain is not old
    assert simulation.counters.meshes == meshes + 1
    assert simulation.state.time - before == pytest.approx(wanted, rel=1e-9)


def test_a_mesh_that_tangles_when_fresh_halves_the_step(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    remesh(simulation)
    wanted = wanted_step(simulation)
    before, tangles, place = simulation.state.time, [], Domain.place

    def scripted(domain: Domain, shape: Any) -> None:
        fresh = np.array_equal(shape.curve, simulation.state.shape.curve)
        if len(tangles) < 2 and not fresh:
            tangles.append(1)
            raise MeshTangled("scripted")
        place(domain, shape)

    monkeypatch.setattr(Domain, "place", scripted)
    simulation.advance()
    assert simulation.state.time - before == pytest.approx(wanted / 4, rel=1e-9)


def test_a_shape_that_cannot_be_meshed_fails_but_keeps_the_state(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tusk.solver.models.filament import domain as domain_module

    def broken(*arguments: object) -> None:
        raise RuntimeError("gmsh: no way")

    state, domain = simulation.state, simulation.domain
    before = contents(state)
    monkeypatch.setattr(domain_module, "generate", broken)
    with pytest.raises(MeshTangled, match="no way"):
        remesh(simulation)
    assert simulation.state is state
    assert simulation.domain is domain
    assert contents(state) == before
    monkeypatch.undo()
    simulation.advance()


def test_a_worn_mesh_that_cannot_be_replaced_is_used_on(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tusk.solver.models.filament import domain as domain_module

    def broken(*arguments: object) -> None:
        raise RuntimeError("gmsh: no way")

    time = simulation.state.time
    monkeypatch.setattr(Domain, "worn", lambda domain: True)
    monkeypatch.setattr(domain_module, "generate", broken)
    simulation.advance()
    assert simulation.state.time > time
    monkeypatch.setattr(solved_cell, "LAST_QUALITY", 2.0)  # no mesh is that good
    with pytest.raises(MeshTangled, match="no way"):
        simulation.advance()


def test_a_new_mesh_that_does_not_solve_gives_way_to_the_old_one(
    simulation: Simulation, failing: Callable[[int], list[int]]
) -> None:
    state, domain = simulation.state, simulation.domain
    before = contents(state)
    failing(2)
    with pytest.raises(NewtonDiverged):
        remesh(simulation)
    assert simulation.state is state
    assert simulation.domain is domain
    assert contents(state) == before
    simulation.advance()


# --- remeshing ------------------------------------------------------------------------------------


def test_remeshing_keeps_shape_and_currents() -> None:
    simulation = frozen_cells.moving(frozen_cells.configure(), frozen_cells.narrow(), 1.5)
    simulation.advance()
    before = simulation.state
    remesh(simulation)
    after = simulation.state
    assert (after.time, after.drive, after.position) == (before.time, before.drive, before.position)
    assert after.deposited == before.deposited
    assert after.current == pytest.approx(before.current, rel=0.02)
    assert after.shape.curve[0] == pytest.approx(before.shape.curve[0])
    assert after.shape.curve[-1] == pytest.approx(before.shape.curve[-1])


# --- error control --------------------------------------------------------------------------------


def test_a_step_with_too_large_an_error_is_taken_again_shorter(
    simulation: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = iter([4.0, 100.0, 0.5])
    monkeypatch.setattr(FrontStep, "_error", lambda *arguments: next(errors))
    wanted = wanted_step(simulation)
    before, place = simulation.state.time, placement(simulation.domain)
    restored = []
    restore = FrontStep.restore

    def watched(self: FrontStep, state: State) -> None:
        restore(self, state)
        restored.append(placement(simulation.domain) == place)

    monkeypatch.setattr(FrontStep, "restore", watched)
    simulation.advance()
    taken = wanted * 0.9 * 4.0 ** (-1 / 3) * 0.25
    assert simulation.state.time - before == pytest.approx(taken, rel=1e-9)
    assert restored == [True, True]
    shrunk = 0.9 * 0.5 ** (-1 / 3) * 0.5  # a step that had to shrink is expected to shrink again
    assert simulation.stepper.step == pytest.approx(taken * shrunk, rel=1e-9)


def test_a_tighter_tolerance_takes_more_steps() -> None:
    steps = []
    for tolerance in (1e-2, 1e-4):
        config = frozen_cells.configure(f"stepping.tolerance={tolerance}")
        simulation = frozen_cells.moving(config, frozen_cells.early(), 1.3)
        while simulation.state.time < 0.03:
            simulation.advance()
        steps.append(simulation.counters.accepted + simulation.counters.rejected)
    assert steps[1] > 1.5 * steps[0]


def test_steps_converge_with_second_order() -> None:
    """Without error control, at fixed steps, the height converges with the square of the step."""
    config = frozen_cells.configure("stepping.tolerance=0.1", "solver.tolerance_potential=1e-11 V")
    end, heights = 8e-4, []
    for count in (4, 8, 16):
        simulation = frozen_cells.moving(config, frozen_cells.early(), 1.0)
        simulation.stepper.step = end / count
        for _ in range(count):
            simulation.advance(longest=end / count)
        assert simulation.state.time == pytest.approx(end, rel=1e-9)
        assert simulation.counters.meshes == 1
        heights.append(simulation.state.shape.curve[0, 1])
    assert (heights[1] - heights[0]) / (heights[2] - heights[1]) == pytest.approx(4.0, rel=0.25)


def test_motion_in_one_step_is_capped() -> None:
    simulation = frozen_cells.moving(frozen_cells.configure(), frozen_cells.narrow(), 1.7)
    control, stack = simulation.control, simulation.tools.stack
    for _ in range(4):
        simulation.advance()
        before = simulation.previous.shape
        motion = simulation.state.shape.curve - before.curve
        assert np.hypot(*motion.T).max() < 1.5 * control.max_displacement
        closing = np.abs(motion[:, 1]) / (control.gap_fraction * before.gap(stack) + 0.002)
        assert closing.max() < 1.5


# --- the waveform ---------------------------------------------------------------------------------


def test_steps_land_exactly_on_the_corners_of_the_drive() -> None:
    simulation = start("drive=[{pulse: {amplitude: 0.4 V, width: 3 ms, rise: 1 ms, fall: 1 ms, "
                       "count: 2, period: 7 ms}}]")  # fmt: skip
    times, values = [0.0], [0.0]
    while not over(simulation):
        simulation.advance()
        times.append(simulation.state.time)
        values.append(simulation.state.drive)
    corners = np.array([1, 4, 5, 7, 8, 11, 12, 14]) * 1e-3
    for corner, value in zip(corners, [0.4, 0.4, 0, 0] * 2, strict=True):
        k = int(np.argmin(np.abs(np.array(times) - corner)))
        assert times[k] == pytest.approx(corner, abs=1e-15)
        assert values[k] == pytest.approx(value, abs=1e-12)
    assert np.all(np.diff(times) > 0)


@pytest.mark.parametrize(
    "source", ["{kind: limiter, compliance_current: 1 mA, limiter_voltage: 50 mV}", "{kind: none}"]
)
@pytest.mark.parametrize("applied", [1.5, -0.6])
def test_a_drive_may_start_with_a_jump(source: str, applied: float) -> None:
    """A table may rule from time 0 on; the start values at rest are then far off."""
    config = frozen_cells.configure(f"source={source}")
    simulation = frozen_cells.moving(config, frozen_cells.early(), applied)
    assert simulation.state.drive == applied
    assert simulation.domain.problem.cell_voltage() == pytest.approx(applied, abs=1e-6)
    simulation.advance()


def test_each_step_of_the_drive_starts_where_the_last_one_ended() -> None:
    simulation = start("drive=[{ramp: {to: 0.1 V, rate: 100 V/s}}, {hold: {for: 1 ms}}]")
    while not over(simulation):
        simulation.advance()
    assert simulation.state.drive == pytest.approx(0.1)
    assert simulation.leave_drive_step()
    assert simulation.state.position.step_index == 1
    simulation.advance()
    assert simulation.state.drive == pytest.approx(0.1)
    while not over(simulation):
        simulation.advance()
    assert simulation.state.time == pytest.approx(2e-3)
    assert not simulation.leave_drive_step()


def test_rewinding_restores_the_state_before_exactly(simulation: Simulation) -> None:
    before, state, place = (
        contents(simulation.state),
        simulation.state,
        placement(simulation.domain),
    )
    simulation.advance()
    assert simulation.previous is state
    simulation.rewind()
    assert simulation.state is state
    assert contents(simulation.state) == before
    assert placement(simulation.domain) == place
    assert simulation.counters.accepted == 3


# --- physics of a step ----------------------------------------------------------------------------


def test_volume_grows_by_the_charge_that_arrives() -> None:
    simulation = frozen_cells.moving(frozen_cells.configure(), frozen_cells.early(), 1.4)
    for _ in range(6):
        simulation.advance()
    assert simulation.state.deposited > 0.0
    assert simulation.faraday_error() < 5e-3


def test_the_nucleus_does_not_dissolve_and_the_ledger_counts_nothing() -> None:
    simulation = start("drive=[{ramp: {to: -0.5 V, rate: 1 V/s}}]")
    radius = simulation.tools.nucleus_radius
    for _ in range(12):
        state = simulation.advance()
        distance = np.hypot(*state.shape.curve.T)
        assert distance.min() >= radius * (1 - 1e-9)
        assert distance.max() <= radius * (1 + 1e-3)  # held nodes still deposit a little
        assert state.memories["nucleus"].nodes.all()
    assert abs(state.deposited) < 1e-3 * simulation.initial_volume
    assert simulation.faraday_error() < 1e-3


def test_a_filament_dissolves_down_to_the_nucleus() -> None:
    """Points arrive at the nucleus one after the other; what it keeps back is not counted."""
    shape = replace(frozen_cells.early(), curve=frozen_cells.spike(0.5, 0.28, 0.4))
    simulation = frozen_cells.moving(frozen_cells.configure(), shape, -0.45)
    for _ in range(60):
        state = simulation.advance()
        if state.memories["nucleus"].nodes.all():
            break
    assert state.memories["nucleus"].nodes.all()
    nucleus = 2 * np.pi / 3 * simulation.tools.nucleus_radius**3
    left = simulation.initial_volume + state.deposited
    assert left == pytest.approx(nucleus, rel=0.04)  # the polygon cuts corners off the sphere
    assert simulation.faraday_error() < 0.01  # the one remesh of so coarse a curve


@pytest.mark.parametrize("healing", ["follow", "keep"])
def test_a_recess_heals_or_stays(healing: str) -> None:
    config = frozen_cells.configure(f"void.healing={healing}", "kinetics.barriers=growth")
    setting = build_setting(
        frozen_cells.tools(config),
        Drive([Table((0.0, 10.0), (-0.9, -0.9))]),
        frozen_cells.narrow(),
        build_control(config),
        keep_recess=healing == "keep",
    )
    simulation = Simulation(setting)
    first = simulation.advance()
    deepest = simulation.domain.electrode_curve()[0, 1]
    for _ in range(12):
        state = simulation.advance()
    tip = state.shape.curve[0, 1]
    assert tip < first.shape.curve[0, 1] - 0.1
    face = simulation.domain.electrode_curve()[0, 1]
    mirrored = 10.0 + frozen_cells.DISSOLUTION_RATIO * tip
    assert face == pytest.approx(deepest if healing == "keep" else mirrored, abs=1e-3)
    assert len(state.shape.electrode.memory_radius) < 5000


def test_states_are_not_changed_in_place(simulation: Simulation) -> None:
    states = [simulation.state]
    before = [contents(simulation.state)]
    for _ in range(4):
        states.append(simulation.advance())
        before.append(contents(states[-1]))
    assert [contents(state) for state in states] == before
