"""Stored heat on moving nodes: what is uniform stays uniform, a sine decays as it must."""

from __future__ import annotations

from collections.abc import Callable

import frozen_cells
import numpy as np
import planar_cells
import pytest
from numpy.typing import NDArray
from planar_cells import PlanarCell

from tusk.meshes.cell import OXIDE, Stack
from tusk.solver.fields.field import HEAT
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.problem import CoupledProblem

Array = NDArray[np.float64]

STACK = Stack(10.0, 10.0, 10.0, 4.0)
HEIGHT = 30e-9  # m
DENSITY, HEAT_CAPACITY, KAPPA = 5000.0, 400.0, 2.0
DIFFUSIVITY = KAPPA / (DENSITY * HEAT_CAPACITY)
DECAY = DIFFUSIVITY * (np.pi / HEIGHT) ** 2  # 1/s
AMPLITUDE = 50.0  # K
THERMAL = (
    f"{{density: {DENSITY} kg/m^3, heat_capacity: {HEAT_CAPACITY} J/kg/K, "
    f"thermal_conductivity: {KAPPA} W/m/K, thermal_linear: 0 1/K, thermal_quadratic: 0 1/K^2}}"
)
CONFIG = (
    "thermal.model=transient",
    "source={kind: none}",
    f"materials={{Cu: {THERMAL}, Pt: {THERMAL}, SiO2: {THERMAL}}}",
)


def _problem(intervals: tuple[int, int]) -> CoupledProblem:
    cell = PlanarCell(STACK, 2.0, OXIDE, intervals)
    return planar_cells.problem(cell, frozen_cells.configure(*CONFIG))


class Mover:
    """Moves the inner nodes of a planar mesh: a steady drift upwards, and a jitter on top of it.

    Interfaces stay.  The largest drift is a quarter of ``drift`` times the thickness of a layer,
    reached after ``count`` calls; ``jitter`` adds a random part of it to every node and step.
    """

    def __init__(
        self, problem: CoupledProblem, drift: float = 0.0, jitter: float = 0.0, count: int = 1
    ) -> None:
        self._home = problem.discrete.cell.points
        levels = np.array([-10.0, 0.0, 2.0, 10.0, 20.0])
        layer = np.clip(np.searchsorted(levels, self._home[:, 1], side="right") - 1, 0, 3)
        thickness = np.diff(levels)[layer]
        share = (self._home[:, 1] - levels[layer]) / thickness
        self._bump = thickness * share * (1.0 - share)
        self._drift, self._jitter, self._count = drift, jitter, count
        self._rng = np.random.default_rng(11)
        self._calls = 0

    def __call__(self) -> Array:
        shift = self._jitter * self._rng.uniform(-0.5, 0.5, len(self._home))
        shift += self._drift * self._calls / self._count
        self._calls += 1
        return np.asarray(self._home + np.column_stack((0.0 * shift, shift * self._bump)))


def _march(
    problem: CoupledProblem, initial: Array, times: Array, mover: Callable[[], Array]
) -> Array:
    """Return the temperature (n,) at the last of ``times`` (s), BDF2 with moving nodes."""
    d = problem.discrete
    points, solution = mover(), np.tile((0.0, 0.0, 300.0), (len(initial), 1))
    solution[:, HEAT] = initial
    history = HeatHistory(initial, points, 0.0)
    d.set_nodal(d.solution, solution)
    for step in np.diff(times):
        new, present, former = history.weights(step)
        moved = mover()
        d.move(moved)
        d.constants["storage_rate"].value = new
        d.set_nodal(d.stored_heat, present * solution[:, HEAT] + former * history.temperature)
        velocity = new * moved + present * points + former * history.positions
        d.set_nodal(d.mesh_velocity, velocity)
        history = HeatHistory(solution[:, HEAT], points, step)
        solution, points = problem.solve(solution, 0.0), moved
    return np.asarray(solution[:, HEAT])


def _sine(points: Array) -> Array:
    return np.asarray(300.0 + AMPLITUDE * np.sin(np.pi * (points[:, 1] + 10.0) / 30.0))


def test_uniform_temperature_survives_any_motion_of_the_nodes() -> None:
    problem = _problem((3, 4))
    count = len(problem.discrete.cell.points)
    times = np.cumsum([0.0, 1.0, 0.7, 2.0, 1.5, 0.3]) * 0.05 / DECAY
    final = _march(problem, np.full(count, 300.0), times, Mover(problem, jitter=0.3))
    assert final == pytest.approx(np.full(count, 300.0), abs=1e-8)


def test_uniform_temperature_survives_a_translation() -> None:
    problem = _problem((3, 4))
    home, calls = problem.discrete.cell.points, iter(range(9))
    final = _march(
        problem,
        np.full(len(home), 300.0),
        np.cumsum([0.0, 1.0, 0.7, 2.0]) * 0.05 / DECAY,
        lambda: home + np.array((0.0, 1.7 * next(calls))),
    )
    assert final == pytest.approx(np.full(len(home), 300.0), abs=1e-8)


def test_a_sine_decays_exponentially_with_second_order_in_time() -> None:
    """Nodes at rest; the discrete decay rate of the mesh itself is taken out by a fine march."""
    problem = _problem((1, 12))
    still = Mover(problem)
    initial = _sine(problem.discrete.cell.points)
    end = 1.0 / DECAY
    finest = _march(problem, initial, np.linspace(0.0, end, 321), still)
    errors = [
        np.abs(_march(problem, initial, np.linspace(0.0, end, count + 1), still) - finest).max()
        for count in (10, 20, 40)
    ]
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2.0, abs=0.2)
    exact = 300.0 + (initial - 300.0) * np.exp(-1.0)
    assert np.abs(finest - exact).max() < 5e-3 * AMPLITUDE


@pytest.mark.parametrize("jitter", [0.0, 0.1])
def test_a_sine_decays_alike_on_nodes_that_move(jitter: float) -> None:
    """Every node ends on the decayed sine of the place it has moved to.

    Without the mesh velocity in the storage term the nodes would carry their heat along and be
    more than 1 K away.
    """
    problem = _problem((6, 12))
    steps = 20
    mover = Mover(problem, 0.5, jitter, steps)
    times = np.linspace(0.0, 0.5 / DECAY, steps + 1)
    final = _march(problem, _sine(problem.discrete.cell.points), times, mover)
    places = np.empty_like(problem.discrete.cell.points)
    places[problem.discrete.geometry_nodes] = problem.discrete.mesh.geometry.x[:, :2]
    exact = 300.0 + (_sine(places) - 300.0) * np.exp(-0.5)
    carried = np.abs(_sine(places) - _sine(problem.discrete.cell.points)).max()
    error = np.abs(final - exact).max()
    assert carried > 3.0
    assert error < 0.3


def test_stored_heat_closes_the_balance() -> None:
    """What the body loses leaves through top and bottom, to the accuracy of Newton's method."""
    problem = _problem((2, 6))
    initial = _sine(problem.discrete.cell.points)
    _march(problem, initial, np.linspace(0.0, 0.2 / DECAY, 5), Mover(problem, jitter=0.2))
    stored = problem.discrete.integral("stored_power")
    outflow = problem.terminals(0.0).heat_outflow
    assert outflow > 0.0
    assert stored == pytest.approx(-outflow, rel=1e-9)
