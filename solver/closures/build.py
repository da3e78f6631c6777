"""Laws built from a config: each parameter is looked up by its name."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tusk.solver.closures.classes import (
    Given,
    Parameter,
    check_methods,
    made,
    parameters_of,
    tried,
)
from tusk.solver.closures.families import FAMILIES, HEAT, Family
from tusk.solver.config import FilamentConfig
from tusk.solver.config.base import Section, closest, describe
from tusk.solver.config.extensions import is_spec, load_class
from tusk.solver.config.families import LawSection, known_units
from tusk.solver.config.load import parameter_set
from tusk.solver.config.quantities import unit_of
from tusk.solver.errors import InputError
from tusk.solver.units import QuantityError, same_dimension

MATERIAL_VALUES = {
    "thermal_conductivity": "W/m/K",
    "thermal_linear": "1/K",
    "thermal_quadratic": "1/K^2",
    "density": "kg/m^3",
    "heat_capacity": "J/kg/K",
}
"""What the law of the thermal conductivity is given of each material."""


def of_the_cell(config: FilamentConfig) -> dict[str, Given]:
    """Return what every law may ask for, SI: numbers of the ions, of the metal, of the cell."""
    values = {
        "charge_number": ("kinetics", "charge_number", ""),
        "ion_concentration": ("kinetics", "ion_concentration", "1/m^3"),
        "equilibrium_offset": ("kinetics", "equilibrium_offset", "V"),
        "oxide_thickness": ("stack", "oxide_thickness", "m"),
        "ambient_temperature": ("thermal", "ambient_temperature", "K"),
    }
    given = {
        name: Given(getattr(getattr(config, section), key), f"{section}.{key}", unit)
        for name, (section, key, unit) in values.items()
    }
    metal = config.stack.active_electrode
    return given | {
        name: Given(getattr(config.active_electrode, name), f"materials.{metal}.{name}", unit)
        for name, unit in (("atomic_mass", "kg"), ("density", "kg/m^3"))
    }


def _of_material(config: FilamentConfig, name: str) -> dict[str, Given]:
    material, place = config.materials[name], f"materials.{name}"
    return {
        key: Given(getattr(material, key), f"{place}.{key}", unit)
        for key, unit in MATERIAL_VALUES.items()
    }


def _of_section(section: LawSection, name: str) -> dict[str, Given]:
    """Return the values of a section that are known without its files."""
    own: list[tuple[Section, str]] = [(section, key) for key in section.plain_keys()]
    own += [(law, key) for _, law in section.laws() for key in law.own_keys()]
    return {
        key: Given(getattr(holder, key), f"{name}.{key}", unit_of(type(holder).model_fields[key]))
        for holder, key in own
    }


def build_law(config: FilamentConfig, family: Family, material: str = "") -> Any:
    """Return the law of a family; that of a material where each has its own.

    Raises
    ------
    InputError
        If a class from a file is not there, lacks a method or a parameter, or refuses a value.
    """
    section: LawSection = getattr(config, family.section)
    name = dict(section.laws())[family.key].name
    common = of_the_cell(config) | (_of_material(config, material) if material else {})
    here = _of_section(section, family.section)
    if not is_spec(name):
        maker, given = family.members[name], common | here
        names = [each for each in inspect.signature(maker).parameters if each in given]
    else:
        maker = load_class(name, family.place)
        check_methods(maker, family.methods, family.place)
        given = given_to(maker, section, family.section, here, common)
        names = list(given)
    values = {each: given[each].value for each in names}
    keys = {each: given[each].key for each in names}
    return made(maker, values, keys, family.place)


def given_to(
    law: type,
    section: LawSection,
    place: str,
    here: Mapping[str, Given],
    common: Mapping[str, Given],
) -> dict[str, Given]:
    """Return the parameters of a class from a file.

    Parameters
    ----------
    law
        The class.
    section, place
        The section it was chosen in, and the key of that.
    here, common
        What the section and what the cell give, by name; the section comes first.

    Raises
    ------
    InputError
        If one is missing, or of another dimension.
    """
    units = {key: unit for choice in section.choices() for key, unit in known_units(choice).items()}
    found: dict[str, Given] = {}
    for name, parameter in parameters_of(law, place).items():
        key = f"{place}.{name}"
        given = here.get(name) or (None if name in section.own else common.get(name))
        if given is not None:
            _check_dimension(parameter, given, f"{law.__name__}.{name}")
            found[name] = given
        elif name in section.own:
            found[name] = _read(parameter, section.own[name], units.get(name), key, law)
        elif parameter.needed:
            what = f"missing, {law.__name__} needs it"
            raise InputError(f"{key}: {describe(what, parameter.wanted)}")
    return found


def _read(parameter: Parameter, raw: object, unit: str | None, key: str, law: type) -> Given:
    try:
        return Given(parameter.read(raw, unit), key, parameter.unit or unit)
    except QuantityError as error:
        wanted = replace(parameter, unit=parameter.unit or unit).wanted
        hint = f" (as {law.__name__} declares it)" if unit is None else ""
        raise InputError(f"{key}: {describe(str(error), wanted + hint, raw)}") from None


def _check_dimension(parameter: Parameter, given: Given, name: str) -> None:
    if parameter.unit is not None and not same_dimension(parameter.unit, given.unit or ""):
        allowed = f"in {given.unit}" if given.unit else "a bare number"
        what = f"{name} has another dimension, {describe(given.key, allowed, parameter.unit)}"
        raise InputError(f"{given.key}: {what}")


def check_laws(config: FilamentConfig) -> None:
    """Build every law and try those from files; refuse parameters that no class has.

    Raises
    ------
    InputError
        The first thing that is wrong.
    """
    used: dict[str, dict[str, type]] = {}
    for family in FAMILIES:
        section: LawSection = getattr(config, family.section)
        name = dict(section.laws())[family.key].name
        for material in config.materials if family is HEAT else ("",):
            law = build_law(config, family, material)
            if is_spec(name):
                tried(law, family.methods, family.symbolic, family.place)
        if is_spec(name):
            names = dict.fromkeys(parameters_of(type(law), family.place), type(law))
            used.setdefault(family.section, {}).update(names)
    defaults = parameter_set({"parameters": config.parameters}).as_mapping()
    for place, names in used.items():
        refuse_unused(getattr(config, place).own, names, place, defaults.get(place, {}))


def refuse_unused(
    own: Mapping[str, object],
    names: Mapping[str, type],
    place: str,
    defaults: Mapping[str, object],
) -> None:
    """Refuse parameters that are none of a class, unless the parameter set gave them."""
    for key, raw in own.items():
        if key not in names and defaults.get(key) != raw:
            laws = " or ".join(sorted({law.__name__ for law in names.values()})) or "the class"
            what = f"not a parameter of {laws}{closest(key, names)}"
            raise InputError(f"{place}.{key}: {describe(what, ', '.join(names) or 'none')}")
