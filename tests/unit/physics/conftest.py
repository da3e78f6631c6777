"""Evaluate closures on UFL coefficients, so that they can be compared with NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


class Symbolic:
    """Turn numbers into UFL coefficients, apply a function, evaluate the expression."""

    def __init__(self, ufl: Any, element: Any) -> None:
        self.ufl = ufl
        mesh = ufl.Mesh(element("Lagrange", "triangle", 1, shape=(2,)))
        self.space = ufl.FunctionSpace(mesh, element("Lagrange", "triangle", 1))

    def coefficients(self, numbers: tuple[float, ...]) -> tuple[Any, dict[Any, float]]:
        made = [self.ufl.Coefficient(self.space) for _ in numbers]
        variables = [self.ufl.variable(coefficient) for coefficient in made]
        return variables, dict(zip(made, map(float, numbers), strict=True))

    def value(self, function: Callable[..., Any], *numbers: float) -> float:
        variables, values = self.coefficients(numbers)
        return float(function(*variables)((0.0, 0.0), values))

    def derivative(self, function: Callable[..., Any], *numbers: float, by: int = 0) -> float:
        variables, values = self.coefficients(numbers)
        expression = self.ufl.diff(function(*variables), variables[by])
        return float(expression((0.0, 0.0), values))


@pytest.fixture(scope="session")
def symbolic() -> Symbolic:
    ufl = pytest.importorskip("ufl")
    basix = pytest.importorskip("basix.ufl")
    return Symbolic(ufl, basix.element)
