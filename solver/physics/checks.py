"""Range checks of closure parameters, with one-line messages for users."""

from __future__ import annotations

import math

from tusk.solver.errors import InputError
from tusk.solver.physics.functions import is_symbolic

__all__ = ["finite", "inside", "not_negative", "positive"]


def finite(name: str, value: float, unit: str = "") -> None:
    """Raise `InputError` unless ``value`` is a finite number."""
    if not (is_symbolic(value) or math.isfinite(value)):
        raise InputError(f"{name}: must be finite, got {value:g} {unit}".rstrip())


def positive(name: str, value: float, unit: str = "") -> None:
    """Raise `InputError` unless ``value`` is finite and above zero."""
    if not (is_symbolic(value) or (math.isfinite(value) and value > 0.0)):
        raise InputError(f"{name}: must be finite and above 0, got {value:g} {unit}".rstrip())


def not_negative(name: str, value: float, unit: str = "") -> None:
    """Raise `InputError` unless ``value`` is finite and at least zero."""
    if not (is_symbolic(value) or (math.isfinite(value) and value >= 0.0)):
        raise InputError(f"{name}: must be finite and at least 0, got {value:g} {unit}".rstrip())


def inside(name: str, value: float, low: float, high: float) -> None:
    """Raise `InputError` unless ``low <= value <= high``."""
    if not low <= value <= high:
        raise InputError(f"{name}: must lie between {low:g} and {high:g}, got {value:g}")
