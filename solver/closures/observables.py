"""Observables: classes from files that report numbers of accepted steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tusk.solver.closures.build import given_to, of_the_cell, refuse_unused
from tusk.solver.closures.classes import Method, check_methods, made, parameters_of
from tusk.solver.config import FilamentConfig
from tusk.solver.config.base import describe
from tusk.solver.config.extensions import load_class
from tusk.solver.errors import InputError
from tusk.solver.units import QuantityError, check_unit

OBSERVE = Method("observe", {"state": 0.0}, (), "", None)
"""What is asked of an observable."""


@dataclass(frozen=True, slots=True)
class Observable:
    """A class from a file that reports numbers of accepted steps.

    Attributes
    ----------
    key
        Where the config names it.
    law
        The object.
    names
        Unit of each number it reports, by name.
    """

    key: str
    law: Any
    names: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns with their units, such as ``neck_radius_m``."""
        return tuple(column(name, unit) for name, unit in self.names.items())


def column(name: str, unit: str) -> str:
    """Return a column of a table: ``field_V_per_m``."""
    spelled = unit.replace("^", "").replace(" ", "_").replace("*", "_").replace("/", "_per_")
    return f"{name}_{spelled.removeprefix('1_')}" if unit else name


def build_observables(config: FilamentConfig) -> list[Observable]:
    """Return the observables of a config.

    Raises
    ------
    InputError
        If a class is not there, has no ``columns`` or no ``observe``, or lacks a parameter.
    """
    found, taken = [], {"time_s"}
    for number, section in enumerate(config.output.observables):
        key = f"output.observables[{number}]"
        maker = load_class(section.law.name, key)
        check_methods(maker, (OBSERVE,), key)
        given = given_to(maker, section, key, {}, of_the_cell(config))
        values = {name: each.value for name, each in given.items()}
        law = made(maker, values, {name: each.key for name, each in given.items()}, key)
        names = dict.fromkeys(parameters_of(maker, key), maker)
        refuse_unused(section.own, names, key, {})
        observable = Observable(key, law, _columns(law, key))
        for name in observable.columns:
            if name in taken:
                raise InputError(f"{key}: {describe('two columns of one name', got=name)}")
            taken.add(name)
        found.append(observable)
    return found


def _columns(law: object, key: str) -> dict[str, str]:
    """Return the columns that an observable declares."""
    declared = getattr(law, "columns", None)
    allowed = "columns = {'name': 'unit', ...} with at least one, '' for a number"
    if not isinstance(declared, Mapping) or not declared:
        raise InputError(f"{key}: {describe('class without its columns', allowed, declared)}")
    for name, unit in declared.items():
        if not (isinstance(name, str) and name.isidentifier() and isinstance(unit, str)):
            raise InputError(f"{key}: {describe('not a column', allowed, {name: unit})}")
        try:
            check_unit(unit or "m")
        except QuantityError as error:
            raise InputError(f"{key}: column {name}: {error}") from None
    return dict(declared)
