"""A law carries its own keys: those of another member are refused, defaults of it left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tusk.solver.config import FilamentConfig, build_config, load_config
from tusk.solver.config.families import LawSection
from tusk.solver.errors import InputError
from tusk.solver.parameters import PARAMETER_SETS

ALL_KEYS = {
    "kinetics": {
        "model": "butler_volmer", "barriers": "growth", "charge_number": 2,
        "transfer_coefficient": 0.3, "ion_concentration": "1e26 m^-3", "rate_constant": "1 m/s",
        "activation_energy": "0.7 eV", "equilibrium_offset": "0.1 V",
    },
    "hopping": {"distance": "0.3 nm", "attempt_frequency": "1 THz", "barrier": "0.3 eV"},
    "tunnel": {
        "model": "simmons_linear", "effective_mass": 0.42, "barrier": "3.7 eV", "prefactor": 1.0,
        "gap": "nearest", "heating": "constant", "collector_share": 0.5,
    },
    "filament": {"conductivity": "nordheim", "specularity": 0.2, "mean_free_path": "30 nm"},
    "stress": {"model": "exponential", "energy": "0.05 eV", "radius": "2 nm"},
    "void": {
        "model": "exponential", "dissolution_ratio": 0.1, "energy": "0.02 eV", "length": "0.1 nm",
        "max_depth": "1 nm", "healing": "keep", "electrode_barriers": True,
    },
    "thermal": {"model": "transient", "ambient_temperature": "350 K", "side": "ambient"},
}  # fmt: skip
"""The flat keys that files of release 0.1 could hold."""


def test_the_flat_keys_of_before_are_read_and_written_flat() -> None:
    config = build_config(ALL_KEYS)
    resolved = config.resolved()
    for section, body in ALL_KEYS.items():
        for key in body:
            assert getattr(getattr(config, section), key) is not None
            assert key in resolved[section], (section, key)
    assert build_config(resolved) == config


def test_a_law_has_the_keys_of_its_member_alone() -> None:
    config = build_config({"tunnel": {"model": "simmons_full", "heating": "none"}})
    keys = {"model", "effective_mass", "barrier", "gap", "heating"}
    keys |= {"deposition_length", "image_permittivity"}
    assert set(config.resolved()["tunnel"]) == keys
    with pytest.raises(AttributeError, match="prefactor"):
        _ = config.tunnel.prefactor


@pytest.mark.parametrize(
    ("section", "body", "key", "owner"),
    [
        ("tunnel", {"model": "simmons_full", "prefactor": 1.0}, "prefactor", "simmons_linear"),
        ("tunnel", {"heating": "none", "collector_share": 0.5}, "collector_share", "constant"),
        ("filament", {"conductivity": "bulk", "specularity": 0.1}, "specularity", "thin_wire"),
        ("stress", {"model": "none", "energy": "1 eV"}, "energy", "exponential"),
        ("void", {"model": "none", "length": "1 nm"}, "length", "exponential"),
    ],
)
def test_a_key_of_another_member_is_refused(
    section: str, body: dict[str, Any], key: str, owner: str
) -> None:
    with pytest.raises(InputError) as caught:
        build_config({section: body})
    text = str(caught.value)
    assert text.startswith(f"{section}.{key}: belongs to ")
    assert owner in text
    chosen = next(value for name, value in body.items() if name != key)
    assert f"not {chosen}, allowed " in text
    assert key not in text.partition("allowed")[2]


def test_another_layer_can_choose_another_member() -> None:
    """Below ``--set`` stands a file for another law: what only that one has is left out."""
    raw = {"tunnel": {"model": "simmons_linear", "prefactor": 1.0, "effective_mass": 0.5}}
    tunnel = build_config(raw, overrides=["tunnel.model=simmons_full"]).tunnel
    assert (tunnel.model, tunnel.effective_mass) == ("simmons_full", 0.5)
    with pytest.raises(InputError, match=r"^tunnel\.prefactor: belongs to"):
        build_config(raw, overrides=["tunnel.model=none", "tunnel.prefactor=1.0"])
    resolved = build_config({}).resolved()
    assert build_config(resolved, overrides=["stress.model=none"]).stress.model == "none"


def test_a_suggestion_is_a_key_that_is_allowed() -> None:
    with pytest.raises(InputError, match=r"prefactr: unknown key, did you mean 'prefactor'"):
        build_config({"tunnel": {"prefactr": 1.0}})
    with pytest.raises(InputError) as caught:
        build_config({"tunnel": {"model": "none", "prefactr": 1.0}})
    assert "did you mean" not in str(caught.value)


def test_a_key_of_another_step_is_said_to_be_one() -> None:
    step = {"triangle": {"amplitude": "1 V", "rate": "1 V/s", "count": 3}}
    with pytest.raises(InputError) as caught:
        build_config({"drive": [step]})
    assert str(caught.value).startswith("drive[0].triangle.count: belongs to pulse or repeat")


NICKEL = {
    "kind": "metal", "thermal_conductivity": "90 W/m/K", "thermal_linear": "0 1/K",
    "thermal_quadratic": "0 1/K^2", "density": "8900 kg/m^3", "heat_capacity": "444 J/kg/K",
    "electrical_conductivity": "1.4e7 S/m", "electrical_linear": "0 1/K",
    "electrical_quadratic": "0 1/K^2", "atomic_mass": "58.7 u",
}  # fmt: skip


def test_a_missing_mean_free_path_is_the_materials() -> None:
    with pytest.raises(InputError, match=r"^stack\.active_electrode: not a known.*materials\.Ni"):
        build_config({"stack": {"active_electrode": "Ni"}})
    cell: dict[str, Any] = {"stack": {"active_electrode": "Ni"}, "materials": {"Ni": NICKEL}}
    with pytest.raises(InputError, match=r"^materials\.Ni\.mean_free_path: missing.*thin_wire"):
        build_config(cell)
    build_config({**cell, "filament": {"mean_free_path": "6 nm"}})
    assert build_config({**cell, "filament": {"conductivity": "bulk"}}).filament.model_dump()


def test_every_key_of_the_parameter_sets_belongs_to_a_law_or_a_section() -> None:
    sections = dict(FilamentConfig.law_sections())
    for key in PARAMETER_SETS["buttberg2025"].values:
        section, _, name = key.partition(".")
        if section in sections:
            assert name in sections[section].flat_keys(), key


def test_families_do_not_share_keys_within_a_section() -> None:
    for _, section in FilamentConfig.law_sections():
        keys = section.flat_keys()
        assert len(keys) == len(set(keys)), section


# --- the hash -------------------------------------------------------------------------------------


def test_shipped_certificates_hold(repository: Path) -> None:
    paths = sorted((repository / "configs/certificates").glob("*.json"))
    assert paths
    for path in paths:
        config = load_config(repository / f"configs/{path.stem}.yaml")
        assert config.physics_hash() == json.loads(path.read_text())["physics_hash"]


def test_a_key_with_its_null_value_does_not_enter_the_hash() -> None:
    hashed = build_config({})._hashed()
    assert "growth" not in hashed
    assert "model" not in hashed["kinetics"]
    assert "conductivity" not in hashed["thermal"]
    assert hashed["tunnel"]["model"] == "simmons_linear"
    other = build_config({"hopping": {"model": "ohmic"}})
    assert other._hashed()["hopping"]["model"] == "ohmic"
    assert other.physics_hash() != build_config({}).physics_hash()


def test_laws_stand_flat_in_what_is_hashed() -> None:
    for body in build_config({})._hashed().values():
        assert "@" not in json.dumps(body)


def test_sections_say_what_they_are() -> None:
    for _, section in FilamentConfig.law_sections():
        assert issubclass(section, LawSection)
        for choice in section.choices():
            for name in choice.members:
                assert not set(choice.own_keys(name)) & choice.strange_keys(name)
