"""Laws given as objects: the heat of the filament, of the oxide, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tusk.solver.axisymmetry import reference_domain
from tusk.solver.config import FilamentConfig, build_config
from tusk.solver.errors import InputError
from tusk.solver.fields.parameters import Values, symbolic
from tusk.solver.models.filament.closures import FilamentPhysics, build_physics
from tusk.solver.models.filament.given_laws import with_laws
from tusk.solver.physics.conductivity import Constant
from tusk.solver.physics.functions import Value


@dataclass(frozen=True)
class Tenth:
    """A law that a user might write: a tenth of the bulk's kappa."""

    share: float = 0.1

    def heat_conductivity(self, temperature: Value, bulk: Value, electrical: Value) -> Value:
        return self.share * bulk


@pytest.fixture
def physics() -> FilamentPhysics:
    config = build_config({})
    assert isinstance(config, FilamentConfig)
    return build_physics(config)


def test_heat_laws_take_the_places_of_those_of_the_config(physics: FilamentPhysics) -> None:
    made = with_laws(
        physics, {"filament_heat": Tenth(), "thermal_conductivity": {"SiO2": Constant(0.2)}}
    )
    assert made.filament_heat.heat_conductivity(300.0, 400.0, 1e6) == pytest.approx(40.0)
    assert made.oxide.thermal_conductivity(300.0) == pytest.approx(0.2)
    assert made.active_electrode is physics.active_electrode
    assert with_laws(physics, {}) == physics


@pytest.mark.parametrize("given", [{"Al2O3": Constant(1.0)}, Constant(1.0)])
def test_a_material_that_the_cell_has_not_is_refused(
    physics: FilamentPhysics, given: object
) -> None:
    with pytest.raises(InputError, match="thermal_conductivity: allowed a mapping with Pt, SiO2"):
        with_laws(physics, {"thermal_conductivity": given})


@dataclass(frozen=True)
class OfTheMaterial:
    """A law of the thermal conductivity that holds the number of its material by that name."""

    thermal_conductivity: float

    def __call__(self, temperature: Value) -> Value:
        return 0.5 * self.thermal_conductivity + 0.0 * temperature


@pytest.mark.parametrize("law", [OfTheMaterial(1.4), Tenth()])
def test_numbers_of_heat_laws_from_outside_are_bound_at_run_time(law: object) -> None:
    values: Values = {}
    copy = symbolic(law, reference_domain(), values)
    assert len(values) == 1, "another value compiles nothing"
    assert type(copy) is type(law)


def test_every_copy_counts_its_numbers_alike(physics: FilamentPhysics) -> None:
    """Counts that grew with the process would reorder a form, and compile it anew."""
    first: Values = {}
    second: Values = {}
    for values in (first, second):
        symbolic(physics, reference_domain(), values)
    counts = [constant.count() for constant in first]
    assert counts == [constant.count() for constant in second]
    assert len(set(counts)) == len(counts) > 30
    assert len({len(str(count)) for count in counts}) == 1, "sorted as words as they are as numbers"
