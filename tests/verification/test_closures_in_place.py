"""Closures see the place they are meant for: heights, diameters and the right side of a surface."""

from __future__ import annotations

import frozen_cells
import numpy as np
import pytest
from scipy import constants

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.fields.surface_kinetics import Surface
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.domain import Domain, Passage

NM, EV = 1e-9, constants.e
MEAN_FREE_PATH = 39.9  # nm
VOID_ENERGY, VOID_LENGTH = 0.01, 0.106  # eV, nm
STRESS_ENERGY, STRESS_RADIUS = 0.075, 1.6  # eV, nm


@pytest.mark.parametrize(("radius", "height"), [(0.0, 10.0), (0.0, 10.106), (1.6, 9.894)])
def test_barriers_count_from_the_axis_and_the_original_interface(
    radius: float, height: float
) -> None:
    kinetics = build_physics(frozen_cells.configure()).surface_kinetics
    barrier = kinetics.barrier(Surface.FILAMENT, radius * NM, height * NM)
    void = VOID_ENERGY * np.exp((height - 10.0) / VOID_LENGTH)
    stress = STRESS_ENERGY * np.expm1(radius / STRESS_RADIUS)
    assert barrier / EV == pytest.approx(void + stress, rel=1e-12)


def test_the_size_effect_is_that_of_the_local_diameter() -> None:
    """Along a straight cone the thin-wire law, d/lambda at p = 0, is linear in the height."""
    domain = frozen_cells.domain(frozen_cells.configure(), frozen_cells.narrow())
    curve, cell = domain.shape.curve, domain.cell
    height = domain.points[cell.cells, 1].mean(axis=1)
    flank = (domain.regions == FILAMENT) & (height > 1.0) & (height < 9.0)
    radius = np.interp(height[flank], curve[::-1, 1], curve[::-1, 0])
    assert flank.sum() > 50
    assert domain.size_effect_values[flank] == pytest.approx(2 * radius / MEAN_FREE_PATH, rel=2e-3)
    assert np.all(domain.size_effect_values[domain.regions != FILAMENT] == 1.0)


@pytest.fixture(scope="module")
def grown() -> tuple[Domain, Domain]:
    """A mesh, and one around a filament that has grown by 0.1 nm on all sides."""
    config, before = frozen_cells.configure(), frozen_cells.narrow()
    after = Shape(frozen_cells.spike(10.5, 0.8, 1.4), before.electrode)
    return frozen_cells.domain(config, before), frozen_cells.domain(config, after)


def test_each_material_receives_its_own_potentials(grown: tuple[Domain, Domain]) -> None:
    """What was oxide and is metal takes the potential of metal, and no value comes in between."""
    old, new = grown
    values = np.zeros((len(old.points), 3))
    values[np.unique(old.cell.cells[np.isin(old.regions, (OXIDE, GAP))]), ION] = 0.7
    values[np.unique(old.cell.cells[old.regions == ACTIVE_ELECTRODE]), ELECTRON] = 1.2
    values[:, HEAT] = 300.0
    received = Passage(old, new).fields(values)

    def at(field: int, *regions: int) -> np.ndarray:
        nodes = np.unique(new.cell.cells[np.isin(new.regions, regions)])
        return np.asarray(received[nodes, field])

    assert np.all(at(ELECTRON, COUNTER_ELECTRODE, FILAMENT) == 0.0)
    assert at(ELECTRON, ACTIVE_ELECTRODE) == pytest.approx(1.2, abs=1e-12)
    assert at(ION, OXIDE, GAP) == pytest.approx(0.7, abs=1e-12)
    assert received[:, HEAT] == pytest.approx(300.0, abs=1e-9)
