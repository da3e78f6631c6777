"""Classes from files of the user's own: their parameters, and whether they do what is asked.

The arguments of the constructor are the parameters: for a dataclass, its fields. A field
``trap_depth: Annotated[float, "eV"]`` is given as a quantity of that dimension and arrives in SI
units; a plain ``float`` is a bare number.
"""

from __future__ import annotations

import inspect
import math
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tusk.solver.config.base import describe
from tusk.solver.errors import InputError, TuskError
from tusk.solver.physics.checks import ParameterError
from tusk.solver.units import QuantityError, check_unit, parse_in

_MISSING = inspect.Parameter.empty
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that a class may ask for by name.

    Attributes
    ----------
    value
        SI.
    key
        The key of the config it comes from.
    unit
        A unit of its dimension, empty for a number; None where it is no number at all.
    """

    value: object
    key: str
    unit: str | None = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a class.

    Attributes
    ----------
    name
        Its name, in the class and in the config.
    kind
        ``float``, ``int``, ``str`` or ``bool``.
    unit
        A unit of its dimension; None if the class declares none.
    needed
        Whether it has no default.
    """

    name: str
    kind: type
    unit: str | None
    needed: bool

    @property
    def wanted(self) -> str:
        """What may be given, in words."""
        if self.kind is not float:
            return {int: "a whole number", bool: "true or false"}.get(self.kind, "a word")
        return f"a quantity in {self.unit}" if self.unit else "a bare number"

    def read(self, raw: object, unit: str | None = None) -> object:
        """Return the value of what stands in a file.

        Parameters
        ----------
        raw
            As in the file.
        unit
            Dimension of a quantity of this name where the class declares none.

        Raises
        ------
        QuantityError
            If it is of another kind or dimension.
        """
        unit = self.unit if self.unit is not None else unit
        if self.kind is not float:
            if type(raw) is not self.kind:
                raise QuantityError("wrong kind of value")
            return raw
        if unit:
            if not isinstance(raw, str):
                raise QuantityError("unit missing")
            return parse_in(raw, unit)
        if not isinstance(raw, int | float) or isinstance(raw, bool):
            raise QuantityError("not a bare number")
        if not math.isfinite(raw):
            raise QuantityError("not a finite number")
        return float(raw)


def parameters_of(made: type, place: str) -> dict[str, Parameter]:
    """Return the parameters of a class by name.

    Raises
    ------
    InputError
        If a type or a unit of them means nothing.
    """
    try:
        arguments = inspect.signature(made).parameters.values()
        init = made.__init__  # type: ignore[misc]  # of the class itself, whoever defines it
        hints = typing.get_type_hints(init, include_extras=True)
    except (NameError, TypeError, ValueError) as error:
        what = f"the types of {made.__name__} cannot be read ({error})"
        raise InputError(f"{place}: {what}") from error
    return {
        argument.name: _parameter(argument, hints.get(argument.name, float), made, place)
        for argument in arguments
        if argument.kind not in _VARIABLE
    }


def _parameter(argument: inspect.Parameter, hint: object, made: type, place: str) -> Parameter:
    unit = next((each for each in getattr(hint, "__metadata__", ()) if isinstance(each, str)), None)
    kind = getattr(hint, "__origin__", hint)
    needed = argument.default is _MISSING
    if unit is not None and unit != "":
        try:
            check_unit(unit)
        except QuantityError as error:
            raise InputError(f"{place}: {made.__name__}.{argument.name}: {error}") from None
    if kind not in (float, int, str, bool):
        if needed:
            what = "cannot be given by a config, allowed float, int, str, bool, or a default"
            raise InputError(f"{place}: {made.__name__}.{argument.name}: {what}, got {hint}")
        kind = float
    return Parameter(argument.name, kind, unit, needed)


@dataclass(frozen=True, slots=True)
class Method:
    """What is asked of a class.

    Attributes
    ----------
    name
        Of the method; of an attribute if ``arguments`` is None.
    arguments
        Names, and values (SI) it is tried with.
    results
        Names of what it returns.
    unit
        Of what it returns, for the documentation.
    positive
        True: above 0; False: not below 0; None: any number.
    """

    name: str
    arguments: Mapping[str, float] | None
    results: tuple[str, ...]
    unit: str
    positive: bool | None

    def __str__(self) -> str:
        return self.name if self.arguments is None else f"{self.name}({', '.join(self.arguments)})"

    def holds(self, value: float) -> bool:
        """Return whether a result is one."""
        low = {True: value > 0.0, False: value >= 0.0, None: value > -np.inf}[self.positive]
        return bool(low) and value < np.inf


def made(
    maker: Callable[..., object], values: Mapping[str, object], keys: Mapping[str, str], place: str
) -> object:
    """Return ``maker(**values)``; what it refuses is blamed on the key that gave it.

    Parameters
    ----------
    maker
        A class, or a function that makes an object.
    values, keys
        Its arguments, and the keys of the config that they come from.
    place
        The key that chose the class.

    Raises
    ------
    InputError
        If it raises anything.
    """
    try:
        return maker(**values)
    except ParameterError as error:
        raise InputError(f"{keys.get(error.argument, place)}: {error.what}") from error
    except TuskError:
        raise
    except Exception as error:  # whatever a class raises is an error of the input
        raise InputError(f"{place}: {_failure(maker.__name__, error)}") from error


def check_methods(law: type, methods: Sequence[Method], place: str) -> None:
    """Refuse a class that lacks a method.

    Raises
    ------
    InputError
        Names the method and its arguments.
    """
    for method in methods:
        if method.arguments is not None and not callable(getattr(law, method.name, None)):
            raise InputError(
                f"{place}: {describe(f'class without a method {method}', got=law.__name__)}"
            )


def tried(law: object, methods: Sequence[Method], symbolic: bool, place: str) -> None:
    """Ask an object for numbers, and for formulas if they are needed, as a run will.

    Raises
    ------
    InputError
        If it raises anything, or if what it returns are no such numbers.
    """
    for method in methods:
        try:
            if symbolic:
                _ask(law, method, _symbols(method))
            numbers = [np.full(1, value) for value in (method.arguments or {}).values()]
            for name, result in zip(method.results, _ask(law, method, numbers), strict=True):
                value = float(np.asarray(result, dtype=float).ravel()[0])
                if not method.holds(value):
                    limit = {True: "above 0", False: "at least 0", None: "finite"}[method.positive]
                    raise ValueError(f"{name} of {method} must be {limit}, got {value:g}")
        except TuskError:
            raise
        except Exception as error:  # whatever a law raises is an error of the input
            what = _failure(f"{type(law).__name__}.{method.name}", error)
            allowed = ", allowed formulas of tusk.solver.physics.functions" if symbolic else ""
            raise InputError(f"{place}: {what}{allowed}") from error


def _ask(law: object, method: Method, arguments: Sequence[object]) -> tuple[object, ...]:
    found = getattr(law, method.name)
    if method.arguments is not None:
        found = found(*arguments)
    results = found if isinstance(found, tuple) else (found,)
    if len(results) != len(method.results):
        raise ValueError(f"{method} must return {len(method.results)}, got {len(results)}")
    return results


def _symbols(method: Method) -> list[object]:
    import ufl

    return [ufl.variable(ufl.as_ufl(value)) for value in (method.arguments or {}).values()]


def _failure(name: str, error: Exception) -> str:
    cause = " ".join(str(error).split())
    return f"{name} fails with {type(error).__name__}: {cause}"
