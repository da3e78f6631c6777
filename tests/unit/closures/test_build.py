"""Laws are built from a config by the names of their arguments; a user's class as ours are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tusk.solver.closures.build import build_law, check_laws
from tusk.solver.closures.families import FAMILIES, FILAMENT_HEAT, GROWTH, TUNNELLING
from tusk.solver.closures.observables import build_observables, column
from tusk.solver.config import FilamentConfig, build_config
from tusk.solver.errors import InputError
from tusk.solver.physics.growth import FaradayGrowth
from tusk.solver.physics.hopping import MottGurney
from tusk.solver.physics.tunnelling import SimmonsLinear

EV = 1.602176634e-19
NEEDED = {"constant": {"filament_thermal_conductivity": "30 W/m/K"}}
"""Numbers that only the user can know, of the members of `FILAMENT_HEAT`."""

METHOD = "conductance_per_area(gap, voltage, temperature)"
HEAD = """
from __future__ import annotations
from dataclasses import dataclass
from typing import Annotated, Any
from tusk.solver.physics.functions import exp
from tusk.solver.physics.checks import ParameterError

"""
LAW = (
    HEAD
    + """
@dataclass(frozen=True)
class Decay:
    effective_mass: float
    depth: Annotated[float, "eV"]
    count: int = 1

    def __post_init__(self):
        if self.count > 5:
            raise ParameterError("Decay.count", "must be at most 5")
        if self.depth > 1e-18:
            raise ValueError("deeper than any trap")

    def conductance_per_area(self, gap, voltage, temperature):
        return self.count * exp(-gap * self.depth)

class Needless:
    def conductance_per_area(self, gap, voltage, temperature):
        return 1e9 + 0.0 * gap

class Negative(Needless):
    def conductance_per_area(self, gap, voltage, temperature):
        return -1e9 + 0.0 * gap

class Two(Needless):
    def conductance_per_area(self, gap, voltage, temperature):
        return gap, gap

class Short(Needless):
    def conductance_per_area(self, gap):
        return gap

@dataclass(frozen=True)
class Wrong(Needless):
    barrier: Annotated[float, "nm"]

@dataclass(frozen=True)
class Unit(Needless):
    depth: Annotated[float, "furlong"]

@dataclass(frozen=True)
class Kind(Needless):
    depth: list

@dataclass(frozen=True)
class Unknown(Needless):
    depth: Nothing

class Nothing_of_a_law:
    pass
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "law.py").write_text(LAW)
    return tmp_path


def configured(folder: Path, **sections: Any) -> FilamentConfig:
    config = build_config(sections, folder, allow_code=True)
    assert isinstance(config, FilamentConfig)
    return config


def refusal(folder: Path, **tunnel: Any) -> str:
    with pytest.raises(InputError) as caught:
        check_laws(configured(folder, tunnel=tunnel))
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_every_member_of_every_family_is_built() -> None:
    for family in FAMILIES:
        for name in family.members:
            section = {family.key: name, **NEEDED.get(name if family is FILAMENT_HEAT else "", {})}
            config = configured(Path(), **{family.section: section})
            law = build_law(config, family, "Cu" if family.key == "conductivity" else "")
            assert str(law)
            assert all(hasattr(law, method.name) for method in family.methods)


def test_families_and_config_have_the_same_members() -> None:
    for family in FAMILIES:
        section = dict(FilamentConfig.law_sections())[family.section]
        choice = next(choice for choice in section.choices() if choice.key == family.key)
        assert list(choice.members) == list(family.members)


def test_values_reach_the_arguments_of_their_names() -> None:
    config = build_config({})
    assert build_law(config, TUNNELLING) == SimmonsLinear(0.42, 3.7 * EV, 0.5)
    by_key = {family.place: build_law(config, family, "Cu") for family in FAMILIES}
    assert by_key["hopping.model"] == MottGurney(2, 0.25e-9, 1e13, 0.35 * EV, 1e26)
    mass = 63.546 * 1.66053906892e-27
    assert by_key["growth.model"] == FaradayGrowth(2, mass, 8960.0)


def test_a_class_gets_its_own_parameters_in_si_units(folder: Path) -> None:
    law = build_law(
        configured(folder, tunnel={"model": "law.py:Decay", "depth": "250 meV", "count": 3}),
        TUNNELLING,
    )
    assert law.depth == pytest.approx(0.25 * EV, rel=1e-15)
    assert (law.count, law.effective_mass) == (3, 0.42)


def test_a_class_needs_its_methods_and_no_others(folder: Path) -> None:
    check_laws(configured(folder, tunnel={"model": "law.py:Needless"}))


DECAY = {"model": "law.py:Decay", "depth": "1 eV"}


@pytest.mark.parametrize(
    ("keys", "start", "part"),
    [
        ({"model": "law.py:Decay"}, "tunnel.depth: missing, Decay needs it", "a quantity in eV"),
        ({**DECAY, "depth": "1 nm"}, "tunnel.depth: wrong dimension", "eV"),
        ({**DECAY, "depth": 1.0}, "tunnel.depth: unit missing", "got 1.0"),
        ({**DECAY, "count": 1.5}, "tunnel.count: wrong kind", "whole"),
        (
            {**DECAY, "dept": "1 eV"},
            "tunnel.dept: not a parameter of Decay",
            "did you mean 'depth'",
        ),
        ({**DECAY, "prefactor": 0.7}, "tunnel.prefactor: not a parameter of Decay", "allowed"),
        ({**DECAY, "count": 6}, "tunnel.count: must be at most 5", ""),
        ({**DECAY, "depth": "9 eV"}, "tunnel.model: Decay fails with ValueError", "deeper than"),
        ({"model": "law.py:Decai"}, "tunnel.model: no class of this name", "did you mean 'Decay'"),
        ({"model": "law.py:Nothing_of_a_law"}, "tunnel.model: class without a method", METHOD),
        ({"model": "law.py:Negative"}, "tunnel.model: ", "must be above 0, got -1e+09"),
        ({"model": "law.py:Two"}, "tunnel.model: ", "must return 1, got 2"),
        ({"model": "law.py:Short"}, "tunnel.model: Short.conductance_per_area fails with Type", ""),
        ({"model": "law.py:Wrong"}, "tunnel.barrier: Wrong.barrier has another dimension", "in J"),
        ({"model": "law.py:Unit"}, "tunnel", "unknown unit 'furlong'"),
        ({"model": "law.py:Kind"}, "tunnel", "cannot be given by a config"),
        ({"model": "law.py:Unknown"}, "tunnel", "'Nothing' is not defined"),
        ({"heating": "law.py:Needless"}, "tunnel.heating: class without a method", "shares(volt"),
    ],
)
def test_what_is_wrong_is_one_line(
    folder: Path, keys: dict[str, Any], start: str, part: str
) -> None:
    text = refusal(folder, **keys)
    assert text.startswith(start)
    assert part in text


def test_what_a_law_of_ours_refuses_is_blamed_on_the_key() -> None:
    """Values that a config would not let through, as from Python."""
    config = build_config({})
    tunnel = config.tunnel.model_copy(update={"barrier": -1.0})
    with pytest.raises(InputError, match=r"^tunnel\.barrier: must be finite and above 0"):
        build_law(config.model_copy(update={"tunnel": tunnel}), TUNNELLING)
    copper = config.active_electrode.model_copy(update={"density": 0.0})
    materials = {**config.materials, "Cu": copper}
    with pytest.raises(InputError, match=r"^materials\.Cu\.density: must be finite and above 0"):
        build_law(config.model_copy(update={"materials": materials}), GROWTH)


OBSERVABLES = """
class Fine:
    columns = {"speed": "m/s", "count": ""}

    def observe(self, state):
        return {}

class Bare:
    def observe(self, state):
        return {}

class Odd:
    columns = {"speed": "furlong"}

    def observe(self, state):
        return {}
"""


def test_observables_declare_columns_with_units(tmp_path: Path) -> None:
    (tmp_path / "seen.py").write_text(OBSERVABLES)

    def built(*names: str) -> list[str]:
        output = {"observables": [f"seen.py:{name}" for name in names]}
        found = build_observables(configured(tmp_path, output=output))
        return [name for each in found for name in each.columns]

    assert built("Fine") == ["speed_m_per_s", "count"]
    for names, what in (
        (("Bare",), r"observables\[0\]: class without its columns"),
        (("Fine", "Odd"), r"observables\[1\]: column speed: unknown unit 'furlong'"),
        (("Fine", "Fine"), r"observables\[1\]: two columns of one name"),
    ):
        with pytest.raises(InputError, match=what):
            built(*names)


@pytest.mark.parametrize(
    ("unit", "name"), [("m", "x_m"), ("", "x"), ("V/m", "x_V_per_m"), ("1/m^3", "x_per_m3")]
)
def test_columns_spell_units_as_the_other_tables(unit: str, name: str) -> None:
    assert column("x", unit) == name
