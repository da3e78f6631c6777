"""The section of surface tension: numbers of the metal, and nothing where there is no tension."""

from __future__ import annotations

from typing import Any

import pytest

from tusk.solver.config import build_config
from tusk.solver.errors import InputError
from tusk.solver.parameters import SURFACES
from tusk.solver.units import parse_quantity

ON = {"model": "surface_tension"}


def test_what_is_left_out_is_cited_for_the_metal_of_the_filament() -> None:
    for metal in ("Cu", "Ag"):
        config = build_config({"stack": {"active_electrode": metal}, "capillarity": ON})
        for key, cited in SURFACES[metal].items():
            dimension = {
                "surface_energy": "surface energy",
                "diffusion_prefactor": "surface diffusivity",
                "activation_energy": "energy",
            }[key]
            assert getattr(config.capillarity, key) == parse_quantity(str(cited.raw), dimension)
            assert cited.tag in "LE"
        assert build_config(config.resolved()) == config


def test_what_is_given_counts() -> None:
    config = build_config({"capillarity": {**ON, "surface_energy": "1 J/m^2"}})
    assert config.capillarity.surface_energy == 1.0
    assert config.capillarity.diffusion_prefactor == 1e-7


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            {"stack": {"active_electrode": "W"}, "capillarity": ON},
            "capillarity.surface_energy: missing, not known of W, allowed a value; cited ones are "
            "there for Cu, Ag",
        ),
        (
            {"capillarity": {"surface_energy": "1 J/m^2"}},
            "capillarity.surface_energy: belongs to model: surface_tension, not none",
        ),
        (
            {"capillarity": {"contact_angle": 60.0}},
            "capillarity.contact_angle: belongs to model: surface_tension, not none",
        ),
        (
            {"capillarity": {**ON, "contact_angle": 180.0}},
            "capillarity.contact_angle: out of range, allowed number, > 0 and < 180, got 180.0",
        ),
        (
            {"capillarity": {**ON, "surface_energy": "1 J"}},
            "capillarity.surface_energy: wrong dimension",
        ),
    ],
)
def test_what_is_wrong_is_named(raw: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        build_config(raw)
    assert str(caught.value).startswith(message)


def test_without_tension_a_config_keeps_its_hash() -> None:
    none = build_config({})
    assert "capillarity" not in none._hashed()
    assert build_config({"capillarity": ON}).physics_hash() != none.physics_hash()
