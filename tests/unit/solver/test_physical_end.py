"""Ends that physics brings about."""

from __future__ import annotations

from dataclasses import replace

import frozen_cells
import numpy as np
import pytest

from tusk.solver.core.saved_run import End
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.physical_end import physical_end
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


@pytest.mark.parametrize(("radius", "end"), [(0.12, None), (0.11, End("finished", "severed"))])
def test_an_island_ends_the_run(simulation: Simulation, radius: float, end: End | None) -> None:
    """Half an atom of copper is 0.1139 nm wide."""
    z = np.linspace(3.0, 0.0, 31)
    r = 0.6 * np.sqrt(1.0 - ((z - 2.0) / 1.0).clip(0.0, 1.0) ** 2)
    r *= 1.0 - (1.0 - radius / 0.6) * np.exp(-(((z - 1.0) / 0.2) ** 2))
    assert end_of(simulation, np.column_stack((r, z))) == end


def test_a_tip_whose_rim_no_column_reaches_ends_the_run() -> None:
    """Columns that stand in a pit while metal around it is nearer to the electrode."""
    curve = frozen_cells.narrow().curve.copy()
    simulation = frozen_cells.moving(frozen_cells.configure(), frozen_cells.narrow(), 0.01)
    assert physical_end(simulation, FAR) is None
    count = len(simulation.domain.cell.columns)
    assert 4 < count < len(curve)
    hollow = curve.copy()
    hollow[:count, 1] -= 0.2
    assert end_of(simulation, hollow) == End("finished", "pitted")


def test_a_crack_that_closes_behind_its_tip_ends_the_run(simulation: Simulation) -> None:
    curve = simulation.state.shape.curve.copy()
    curve[-2] = curve[-1] + (0.1, 2e-4)
    assert end_of(simulation, curve) is None
    curve[-2, 1] = 5e-5
    assert end_of(simulation, curve) == End("finished", "undercut")
