"""Elementary functions that accept numbers, NumPy arrays and UFL expressions.

A closure is written once with these functions and then works on nodal arrays as well as inside a
variational form. UFL is never imported here: an argument can only be a UFL expression if its maker
has imported UFL already, so that closures on plain numbers load in milliseconds.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

__all__ = [
    "EXPONENT_LIMIT",
    "absolute",
    "cosh",
    "exp",
    "is_symbolic",
    "less",
    "log",
    "maximum",
    "minimum",
    "safe_exp",
    "sinh",
    "sqrt",
    "tanh",
    "where",
]

type Value = Any
"""A float, a NumPy array of floats, or a scalar UFL expression."""

EXPONENT_LIMIT = 200.0
"""Exponent above which `safe_exp` continues along its tangent (dimensionless)."""


def is_symbolic(*values: Value) -> bool:
    """Tell whether any of ``values`` is a UFL expression.

    Parameters
    ----------
    *values
        Floats, arrays or UFL expressions.

    Returns
    -------
    bool
        True if at least one is a UFL expression.
    """
    ufl: Any = sys.modules.get("ufl")
    return ufl is not None and any(isinstance(value, ufl.core.expr.Expr) for value in values)


def _call(name: str, value: Value) -> Value:
    """Apply the unary function called ``name`` in both libraries."""
    if is_symbolic(value):
        return getattr(sys.modules["ufl"], name)(value)
    return getattr(np, name)(value)


def exp(value: Value) -> Value:
    """Return the exponential of ``value`` without any guard against overflow."""
    return _call("exp", value)


def sqrt(value: Value) -> Value:
    """Return the square root of ``value``."""
    return _call("sqrt", value)


def sinh(value: Value) -> Value:
    """Return the hyperbolic sine of ``value``."""
    return _call("sinh", value)


def cosh(value: Value) -> Value:
    """Return the hyperbolic cosine of ``value``."""
    return _call("cosh", value)


def tanh(value: Value) -> Value:
    """Return the hyperbolic tangent of ``value``."""
    return _call("tanh", value)


def log(value: Value) -> Value:
    """Return the natural logarithm of ``value``."""
    if is_symbolic(value):
        ufl: Any = sys.modules["ufl"]
        return ufl.ln(value)
    return np.log(value)


def absolute(value: Value) -> Value:
    """Return the absolute value; its UFL derivative at zero is zero."""
    return abs(value)


def minimum(first: Value, second: Value) -> Value:
    """Return the smaller of the two values, element by element."""
    if is_symbolic(first, second):
        ufl: Any = sys.modules["ufl"]
        return ufl.min_value(first, second)
    return np.minimum(first, second)


def maximum(first: Value, second: Value) -> Value:
    """Return the larger of the two values, element by element."""
    if is_symbolic(first, second):
        ufl: Any = sys.modules["ufl"]
        return ufl.max_value(first, second)
    return np.maximum(first, second)


def less(first: Value, second: Value) -> Value:
    """Return the condition ``first < second`` for use in `where`."""
    if is_symbolic(first, second):
        ufl: Any = sys.modules["ufl"]
        return ufl.lt(first, second)
    return np.less(first, second)


def where(condition: Value, then: Value, otherwise: Value) -> Value:
    """Select ``then`` where ``condition`` holds and ``otherwise`` elsewhere.

    Both branches are evaluated, so both must be finite everywhere.

    Parameters
    ----------
    condition
        Result of `less`.
    then, otherwise
        Values of the same shape.

    Returns
    -------
    Value
        Array or UFL conditional.
    """
    if is_symbolic(condition, then, otherwise):
        ufl: Any = sys.modules["ufl"]
        return ufl.conditional(condition, then, otherwise)
    return np.where(condition, then, otherwise)


def safe_exp(exponent: Value, limit: float = EXPONENT_LIMIT) -> Value:
    """Return exp(x) up to x = limit and its tangent beyond.

    Newton iterates may ask for exp(1000). The tangent keeps the value finite, increasing and
    differentiable, so that the iteration still sees which way is down; no solution lives there.

    Parameters
    ----------
    exponent
        x, dimensionless, any shape.
    limit
        Where the tangent takes over, dimensionless.

    Returns
    -------
    Value
        exp(min(x, limit)) (1 + max(x - limit, 0)), dimensionless.
    """
    return exp(minimum(exponent, limit)) * (1.0 + maximum(exponent - limit, 0.0))
