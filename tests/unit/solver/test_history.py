"""What a step foresees from the one before, and what a kept Jacobian may save."""

from __future__ import annotations

import frozen_cells
import numpy as np
import pytest

from tusk.meshes.curve import along_curve
from tusk.solver.models.filament.history import FASTEST_SHRINKING, History


def history(step: float, velocity: float = 1.0, solution: float = 300.0) -> History:
    return History(np.full((1, 3), solution), np.full((1, 2), velocity), step)


@pytest.mark.parametrize("step", [0.5, 2.0, 3.0])
def test_a_linear_velocity_is_predicted_exactly(step: float) -> None:
    """v = 3 + 5 t, known at t = 0 and 2 before."""
    before = history(2.0, velocity=3.0 - 5.0 * 2.0)
    moved = before.displacement(np.full((1, 2), 3.0), step)
    assert moved == pytest.approx(3.0 * step + 2.5 * step**2)


def test_without_a_step_before_the_prediction_is_eulers() -> None:
    before = history(0.0)
    assert before.order == 1
    assert before.displacement(np.full((1, 2), 4.0), 0.5) == pytest.approx(2.0)
    assert before.extrapolated(np.full((1, 3), 310.0), 0.5) == pytest.approx(310.0)
    assert (before.error_share(0.5), before.shrinking(0.5)) == (1.0, 1.0)


def test_fields_go_on_along_a_straight_line() -> None:
    before = history(2.0, solution=300.0)
    assert before.extrapolated(np.full((1, 3), 310.0), 3.0) == pytest.approx(325.0)


@pytest.mark.parametrize("step", [0.5, 2.0, 4.0])
def test_the_correction_measures_the_error(step: float) -> None:
    """v = t², known at t = 0 and 2 before: prediction and correction miss t³/3 by known parts."""
    before = history(2.0, velocity=4.0)
    exact = step**3 / 3
    predicted = float(before.displacement(np.zeros((1, 2)), step)[0, 0])
    corrected = 0.5 * step * step**2
    share = (corrected - exact) / (corrected - predicted)
    assert before.error_share(step) == pytest.approx(share)


def test_steps_that_shrink_are_expected_to_shrink() -> None:
    before = history(2.0)
    assert before.shrinking(3.0) == 1.0
    assert before.shrinking(1.5) == pytest.approx(0.75)
    assert before.shrinking(0.1) == FASTEST_SHRINKING


def test_values_follow_the_nodes_of_a_redistributed_curve() -> None:
    old = np.column_stack((np.linspace(0.0, 2.0, 5), np.zeros(5)))
    new = np.column_stack((np.array([0.0, 0.3, 1.7, 2.0]), np.zeros(4)))
    values = np.column_stack((old[:, 0], 3.0 - old[:, 0]))
    assert along_curve(old, values, new) == pytest.approx(
        np.column_stack((new[:, 0], 3.0 - new[:, 0]))
    )


def test_a_kept_jacobian_changes_the_cost_and_not_the_solution() -> None:
    simulation = frozen_cells.frozen(frozen_cells.configure(), frozen_cells.narrow(), 1.2)
    problem, start = simulation.domain.problem, simulation.state.solution
    fresh = problem.solve(start, 1.201)
    problem.solve(start, 1.2)
    count = problem.factorisations
    problem.keep_jacobian()
    kept = problem.solve(start, 1.201)
    assert problem.factorisations == count
    assert problem.iterations > 1
    assert np.abs(kept - fresh).max(axis=0) == pytest.approx([0.0, 0.0, 0.0], abs=1e-7)
    assert np.abs(kept - start).max() > 1e-4
    problem.solve(start, 1.201)
    assert problem.factorisations > count  # it is kept once
