"""Ends that physics brings about: necks, cracks, pits."""

from __future__ import annotations

from dataclasses import replace

import frozen_cells
import numpy as np
import pytest

from tusk.solver.core.saved_run import End
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.physical_end import neck, physical_end
from tusk.solver.models.filament.simulation import Simulation

FAR = 5.0
"""A gap (nm) that ends nothing."""


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return frozen_cells.moving(frozen_cells.configure(), frozen_cells.early(), 0.01)


def end_of(simulation: Simulation, curve: np.ndarray) -> End | None:
    before = simulation.state
    simulation.state = replace(before, shape=Shape(curve, before.shape.electrode))
    try:
        return physical_end(simulation, FAR)
    finally:
        simulation.state = before


def test_a_sound_filament_goes_on(simulation: Simulation) -> None:
    assert end_of(simulation, simulation.state.shape.curve) is None


def test_a_crack_that_closes_behind_its_tip_ends_the_run(simulation: Simulation) -> None:
    curve = simulation.state.shape.curve.copy()
    curve[-2] = curve[-1] + (0.1, 2e-4)
    assert end_of(simulation, curve) is None
    curve[-2, 1] = 5e-5
    assert end_of(simulation, curve) == End("finished", "undercut")


@pytest.mark.parametrize(("depth", "end"), [(0.2, None), (0.25, End("finished", "pitted"))])
def test_a_pit_deeper_than_an_atom_ends_the_run(
    simulation: Simulation, depth: float, end: End | None
) -> None:
    """An atom of copper is 0.2277 nm wide."""
    curve = np.array([(0.0, 2.0), (0.1, 2.0), (0.5, 1.9), (0.7, 1.0), (0.9, 0.0)])
    curve[0, 1] -= depth
    assert end_of(simulation, curve) == end


# --- the neck -------------------------------------------------------------------------------------


def test_a_cone_has_no_neck() -> None:
    assert neck(np.array([[0.0, 9.0], [0.5, 8.0], [1.0, 4.0], [1.5, 0.0]])) == float("inf")
    assert neck(np.array([[0.0, 9.0], [1.0, 8.0], [1.0, 0.0]])) == float("inf")


def test_a_waist_is_a_neck() -> None:
    curve = np.array([[0.0, 9.0], [1.0, 8.0], [0.3, 4.0], [0.8, 0.0]])
    assert neck(curve) == 0.3


def test_an_undercut_base_is_a_neck() -> None:
    assert neck(np.array([[0.0, 9.0], [1.0, 8.0], [0.9, 4.0], [0.1, 0.0]])) == pytest.approx(0.1)
