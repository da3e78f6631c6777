"""The numbers of the closures as symbols that get their values when a form is bound to a mesh.

A new value then compiles nothing: the machine code of a form knows which law it is, not its
numbers.  Laws from outside of Tusk may be written for plain numbers (``math.sqrt(self.mass)``,
``if self.mass > 1.0``): they are tried first, and keep theirs where symbols would not do.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, NoReturn

import numpy as np
import ufl

from tusk.solver.axisymmetry import reference_domain
from tusk.solver.physics import protocols

type Values = dict[Any, float]
"""Value of each constant."""

PROBES: tuple[tuple[type, str, tuple[float, ...]], ...] = (
    (protocols.Tunnelling, "conductance_per_area", (0.3e-9, 0.4, 350.0)),
    (protocols.BarrierHeating, "shares", (0.4, 0.3e-9)),
    (protocols.ChargeTransfer, "overpotential", (0.4, 0.1)),
    (protocols.ChargeTransfer, "branches", (0.03, 350.0, 1e-21)),
    (protocols.IonConduction, "conductivity", (1e16, 350.0)),
    (protocols.EnergyBarrier, "energy_barrier", (0.7e-9,)),
    (protocols.MaterialLaw, "__call__", (350.0,)),
    (protocols.FilamentHeat, "heat_conductivity", (350.0, 400.0, 3e6)),
)
"""Families of laws that enter forms, what is asked of them, and one place to ask (SI)."""

FIRST_COUNT = 1_000_000
"""Numbers are counted from here in each copy: UFL sorts by the digits of its counts, and a form
would have another name, and be compiled anew, where those of the process grow by one."""

ROUND_OFF = 1e-9
"""Relative difference of a formula of symbols from the same one of numbers."""


class Number(ufl.Constant):  # type: ignore[misc]  # UFL ships without types
    """A number without its value: formulas can take it, decisions cannot.

    UFL would look for the value of a constant without end, and hold none equal to a number.
    """

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError("a number of a law has no value inside a form")

    __float__ = __complex__ = __int__ = __bool__ = ufl_evaluate = _refuse

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | float | np.number):
            self._refuse()
        return bool(super().__eq__(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = ufl.Constant.__hash__


def symbolic[T](law: T, domain: ufl.Mesh, values: Values) -> T:
    """Return a copy of a closure whose numbers are constants of a UFL domain.

    Closures inside of it and in its tuples are copied alike; texts, choices and functions stay, and
    so does a law from outside that does not take symbols.

    Parameters
    ----------
    law
        A closure, or what holds some.
    domain
        On which the constants live.
    values
        Gets the value of every constant.
    """
    if _is_ours(law):
        return _copied(law, domain, values) if is_dataclass(law) else law
    return _copied(law, domain, values) if _takes_symbols(law) else law


def _is_ours(law: object) -> bool:
    """Return whether the formulas of a law are known to take symbols."""
    module = type(law).__module__
    return isinstance(law, type | Enum) or module == "builtins" or module.startswith("tusk.")


def _copied[T](law: T, domain: ufl.Mesh, values: Values) -> T:
    """Return a copy with constants for numbers; checks of numbers do not run."""
    names = [field.name for field in fields(law)] if is_dataclass(law) else list(vars(law))
    copy = object.__new__(type(law))
    for name in names:
        object.__setattr__(copy, name, _symbol(getattr(law, name), domain, values))
    return copy


def _symbol(value: object, domain: ufl.Mesh, values: Values) -> object:
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        constant = Number(domain, count=FIRST_COUNT + len(values))
        values[constant] = float(value)
        return constant
    if isinstance(value, tuple):
        return tuple(_symbol(item, domain, values) for item in value)
    return symbolic(value, domain, values)


def _takes_symbols(law: object) -> bool:
    """Return whether a law from outside says with symbols what it says with numbers."""
    asked = [(method, at) for family, method, at in PROBES if isinstance(law, family)]
    try:
        return bool(asked) and all(_agrees(law, method, at) for method, at in asked)
    except Exception:  # noqa: BLE001  (whatever it raises, it is asked for numbers instead)
        return False


def _agrees(law: object, method: str, at: Sequence[float]) -> bool:
    values: Values = {}
    domain = reference_domain()
    copy = _copied(law, domain, values)
    found = getattr(copy, method)(*(_symbol(x, domain, values) for x in at))
    wanted = getattr(law, method)(*at)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parts = found if isinstance(found, tuple) else (found,)
        given = [float(ufl.as_ufl(part)((0.0, 0.0), values)) for part in parts]
    return bool(np.allclose(given, np.ravel(wanted), rtol=ROUND_OFF, atol=0.0))
