"""The numbers of the closures as symbols that get their values when a form is bound to a mesh.

A new value then compiles nothing: the machine code of a form knows which law it is, not its
numbers.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import ufl

type Values = dict[Any, float]
"""Value of each constant."""


def symbolic[T](law: T, domain: ufl.Mesh, values: Values, foreign: bool = True) -> T:
    """Return a copy of a closure whose numbers are constants of a UFL domain.

    Closures inside of it and in its tuples are copied alike; texts, choices and functions stay.

    Parameters
    ----------
    law
        A dataclass.
    domain
        On which the constants live.
    values
        Gets the value of every constant.
    foreign
        Whether closures from outside of Tusk take part; their formulas may want plain numbers.
    """
    if not is_dataclass(law) or isinstance(law, type):
        return law
    if not (foreign or type(law).__module__.startswith("tusk.")):
        return law
    copy = object.__new__(type(law))  # checks of numbers are for numbers
    for field in fields(law):
        value = _symbol(getattr(law, field.name), domain, values, foreign)
        object.__setattr__(copy, field.name, value)
    return copy


def _symbol(value: Any, domain: ufl.Mesh, values: Values, foreign: bool) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        constant = ufl.Constant(domain)
        values[constant] = float(value)
        return constant
    if isinstance(value, tuple):
        return tuple(_symbol(item, domain, values, foreign) for item in value)
    return symbolic(value, domain, values, foreign)
