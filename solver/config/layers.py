"""Layers of a config, one over the other: material library, parameter set, file, ``--set``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import deepcopy

from ..errors import InputError
from ..parameters import SURFACES
from .base import describe, printable
from .common import RunConfig
from .families import without_strangers
from .filament_section import Filament
from .materials import unknown_material


def layered(
    kind: type[RunConfig],
    defaults: Mapping[str, object],
    raw: Mapping[str, object],
    assigned: Collection[str],
) -> dict[str, object]:
    """Return the file over the defaults.

    Where a layer chooses a law, the layers below it are there for those keys only that the law
    has: a parameter set serves several laws, and ``--set`` can change the law of a file.
    """
    raw = dict(raw)
    for name, section in kind.law_sections():
        given, below = raw.get(name, {}), defaults.get(name, {})
        if not isinstance(given, Mapping) or not isinstance(below, Mapping):
            continue
        if any(f"{name}.{choice.key}" in assigned for choice in section.choices()):
            keep = [key for key in given if f"{name}.{key}" in assigned]
            raw[name] = given = without_strangers(section, given, {**below, **given}, keep)
        below = without_strangers(section, below, {**below, **given})
        defaults = {**defaults, name: below}
    return merged_with(defaults, raw)


def merged_with(base: Mapping[str, object], over: Mapping[str, object]) -> dict[str, object]:
    """Return `base` with the values of `over`; where `over` names another kind, it stands alone."""
    merged = deepcopy(dict(base))
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict) and _same_kind(below, value):
            merged[key] = merged_with(below, value)
        else:
            merged[key] = deepcopy(value)
    return merged


def _same_kind(below: Mapping[str, object], over: Mapping[str, object]) -> bool:
    kind = below.get("kind")
    return bool(over.get("kind", kind) == kind)


def take_mean_free_path(merged: dict[str, object]) -> None:
    """Fill `filament.mean_free_path` from the material of the active electrode if it is needed.

    Raises
    ------
    InputError
        If the law of the filament needs it, and neither has it.
    """
    filament, stack, materials = (merged.get(k) for k in ("filament", "stack", "materials"))
    if not (isinstance(filament, dict) and isinstance(stack, dict) and isinstance(materials, dict)):
        return
    name = stack.get("active_electrode")
    metal = materials.get(name) if isinstance(name, str) else None
    law, key = filament.get("conductivity"), "mean_free_path"
    choice = next(each for each in Filament.choices() if each.key == "conductivity")
    if isinstance(name, str) and metal is None:
        unknown = unknown_material("metal", name, materials)
        raise InputError(printable(f"stack.active_electrode: {unknown}"))
    if not isinstance(metal, dict) or key in choice.strange_keys(law):
        return
    length = metal.get(key)
    if length is not None:
        filament.setdefault(key, length)
    elif key in choice.own_keys(law) and key not in filament:
        others = " or ".join(choice.without(key))
        allowed = f"a length, here or as filament.{key}; filament.conductivity: {others} needs none"
        what = f"missing, filament.conductivity: {law} needs it"
        raise InputError(printable(f"materials.{name}.{key}: {describe(what, allowed)}"))


def take_surface(merged: dict[str, object]) -> None:
    """Fill what `capillarity` leaves out with what is cited for the metal of the active electrode.

    Raises
    ------
    InputError
        If nothing is.
    """
    section, stack = merged.get("capillarity"), merged.get("stack")
    if not (isinstance(section, dict) and isinstance(stack, dict)):
        return
    if section.get("model") != "surface_tension":
        return
    name = str(stack.get("active_electrode"))
    for key in ("surface_energy", "diffusion_prefactor", "activation_energy"):
        if section.get(key) is not None:
            continue
        if name not in SURFACES:
            allowed = f"a value; cited ones are there for {', '.join(SURFACES)}"
            what = describe(f"missing, not known of {name}", allowed)
            raise InputError(printable(f"capillarity.{key}: {what}"))
        section[key] = SURFACES[name][key].raw
