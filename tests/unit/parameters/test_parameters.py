"""Parameter sets and library: complete, cited, of the right dimension, equal to the design."""

from typing import get_args

import pytest

from tusk.solver.config import build_config
from tusk.solver.config.summary import provenance
from tusk.solver.parameters import (
    ELECTRONIC_STRUCTURE,
    LIMITS,
    MATERIALS,
    PARAMETER_SETS,
    TAG_MEANING,
    Cited,
    Tag,
)

ALL = {
    **{
        f"{s.name}: {key}": cited
        for s in PARAMETER_SETS.values()
        for key, cited in s.values.items()
    },
    **{
        f"{name}: {key}": cited
        for library in (MATERIALS, ELECTRONIC_STRUCTURE, LIMITS)
        for name, material in library.items()
        for key, cited in material.items()
    },
}


def test_every_value_has_a_source_and_a_tag() -> None:
    for key, cited in ALL.items():
        assert cited.citation.strip(), key
        assert cited.tag in TAG_MEANING, key
    assert tuple(TAG_MEANING) == get_args(Tag)


def test_every_set_names_its_publication() -> None:
    for name, chosen in PARAMETER_SETS.items():
        assert chosen.name == name
        assert "doi" in chosen.citation
        assert chosen.drive_source or not chosen.drive


def test_every_value_of_a_set_is_used() -> None:
    """A key nobody reads would be refused by the config; a key nobody cites would be a default."""
    for name, chosen in PARAMETER_SETS.items():
        config = build_config({"model": chosen.model, "parameters": name})
        keys = {row.key for row in provenance(config)}
        assert chosen.values.keys() <= keys


@pytest.mark.parametrize("metal", ["Cu", "Ag", "Pt", "W"])
@pytest.mark.parametrize("oxide", ["SiO2", "HfO2"])
def test_the_library_is_complete(metal: str, oxide: str) -> None:
    stack = {"active_electrode": metal, "counter_electrode": metal, "oxide": oxide}
    config = build_config({"stack": stack, "filament": {"mean_free_path": "30 nm"}})
    assert config.active_electrode.kind == "metal"
    assert config.oxide.kind == "oxide"


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("Cu", (5.797e7, 3.881e-3, 4.4e-7, 401.0, 1.9e-4, 8960.0, 385.0, 63.546)),
        ("Ag", (6.139e7, 3.689e-3, 6.8e-7, 429.0, 1.7e-4, 10490.0, 235.0, 107.868)),
        ("Pt", (9.26e6, 3.570e-3, -5.1e-7, 71.6, -1.1e-4, 21450.0, 133.0, 195.084)),
        ("W", (1.838e7, 4.282e-3, 1.11e-6, 174.0, 7.8e-4, 19250.0, 132.0, 183.84)),
    ],
)
def test_metals_are_the_design(name: str, row: tuple[float, ...]) -> None:
    keys = (
        "electrical_conductivity",
        "electrical_linear",
        "electrical_quadratic",
        "thermal_conductivity",
        "thermal_linear",
        "density",
        "heat_capacity",
        "atomic_mass",
    )
    assert tuple(MATERIALS[name][key].value for key in keys) == row


def test_oxides_and_electronic_structure_are_the_design() -> None:
    silica = MATERIALS["SiO2"]
    keys = ("thermal_conductivity", "thermal_linear", "thermal_quadratic", "density")
    assert tuple(silica[key].value for key in keys) == (1.38, -8.9e-4, 3.3e-7, 2200.0)
    kappa = MATERIALS["HfO2"]["thermal_conductivity"].value
    assert isinstance(kappa, float)
    assert 0.5 <= kappa <= 0.95
    functions = {n: m["work_function"].value for n, m in ELECTRONIC_STRUCTURE.items() if len(n) < 3}
    assert functions == {"Cu": 4.65, "Ag": 4.26, "Pt": 5.65, "W": 4.55}


@pytest.mark.parametrize(
    ("cited", "raw"),
    [
        (Cited(10.0, "nm", "s", "P"), "10.0 nm"),
        (Cited(1e26, "m^-3", "s", "C"), "1e26 m^-3"),
        (Cited(0.42, "", "s", "C"), 0.42),
        (Cited("column", "", "s", "C"), "column"),
        (Cited(None, "", "s", "E"), None),
    ],
)
def test_raw_spelling(cited: Cited, raw: object) -> None:
    assert cited.raw == raw
