"""Range checks of closure parameters, with one-line messages.

A closure knows its class and its arguments, not where their values come from: the configuration
maps what is raised here to the key that gave the value.
"""

from __future__ import annotations

import math

from tusk.solver.errors import InputError
from tusk.solver.physics.functions import is_symbolic

__all__ = ["ParameterError", "finite", "inside", "not_negative", "positive"]


class ParameterError(InputError):
    """An argument of a closure has no meaning.

    Parameters
    ----------
    name
        Class and argument, such as ``MottGurney.distance``.
    what
        What is wrong, what is allowed and what was given.

    Attributes
    ----------
    argument
        Name of the argument.
    what
        As given.
    """

    def __init__(self, name: str, what: str = "") -> None:
        super().__init__(f"{name}: {what}" if what else name)
        self.name = name
        self.argument = name.rpartition(".")[2]
        self.what = what

    def __reduce__(self) -> tuple[type[ParameterError], tuple[str, str]]:
        """Travel between ranks as what it was made of."""
        return type(self), (self.name, self.what)


def finite(name: str, value: float, unit: str = "") -> None:
    """Raise `ParameterError` unless ``value`` is a finite number."""
    if not (is_symbolic(value) or math.isfinite(value)):
        raise ParameterError(name, f"must be finite, got {value:g} {unit}".rstrip())


def positive(name: str, value: float, unit: str = "") -> None:
    """Raise `ParameterError` unless ``value`` is finite and above zero."""
    if not (is_symbolic(value) or (math.isfinite(value) and value > 0.0)):
        raise ParameterError(name, f"must be finite and above 0, got {value:g} {unit}".rstrip())


def not_negative(name: str, value: float, unit: str = "") -> None:
    """Raise `ParameterError` unless ``value`` is finite and at least zero."""
    if not (is_symbolic(value) or (math.isfinite(value) and value >= 0.0)):
        raise ParameterError(name, f"must be finite and at least 0, got {value:g} {unit}".rstrip())


def inside(name: str, value: float, low: float, high: float) -> None:
    """Raise `ParameterError` unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise ParameterError(name, f"must lie between {low:g} and {high:g}, got {value:g}")
