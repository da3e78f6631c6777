"""Laws that are given as objects, in place of those of a configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tusk.solver.errors import InputError
from tusk.solver.models.filament.closures import FilamentPhysics

type Laws = Mapping[str, Any]
"""Closures by their names in `FilamentPhysics`, ``thermal_conductivity`` a mapping by material."""


def with_laws(physics: FilamentPhysics, laws: Laws) -> FilamentPhysics:
    """Return the closures with others in their place.

    Parameters
    ----------
    physics
        Those of a configuration.
    laws
        Objects by their names in `FilamentPhysics`; ``thermal_conductivity`` is a mapping, the law
        of each material by its name.

    Raises
    ------
    InputError
        If a material is none of the cell's.
    """
    given = dict(laws)
    heat = given.pop("thermal_conductivity", {})
    places = ("counter_electrode", "oxide", "active_electrode")
    materials = {place: getattr(physics, place) for place in places}
    names = [material.name for material in materials.values()]
    for name in heat if isinstance(heat, Mapping) else [type(heat).__name__]:
        if name not in names:
            allowed = f"allowed a mapping with {', '.join(names)}"
            raise InputError(f"laws: thermal_conductivity: {allowed}, got {name}")
    for place, material in materials.items():
        if material.name in heat:
            given[place] = replace(material, thermal_conductivity=heat[material.name])
    return replace(physics, **given)
