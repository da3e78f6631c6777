"""Conductivities against temperature ([B 8])."""

import math

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.conductivity import Constant, TemperatureDependent

COPPER = TemperatureDependent(5.96e7, 3.9e-3)


def test_hand_values():
    assert COPPER(300.0) == 5.96e7
    assert COPPER(800.0) == pytest.approx(5.96e7 / 2.95, rel=1e-14)
    quadratic = TemperatureDependent(2.0, 1e-3, 1e-6, 273.0)
    assert quadratic(373.0) == pytest.approx(2.0 / 1.11, rel=1e-14)
    assert quadratic(173.0) == pytest.approx(2.0 / 0.91, rel=1e-14)


def test_decreasing_in_temperature():
    assert (np.diff(COPPER(np.linspace(200.0, 2000.0, 181))) < 0.0).all()


@pytest.mark.parametrize("law", [COPPER, TemperatureDependent(1.4, -8.9e-4, 3.3e-7)])
def test_positive_and_finite_at_wild_temperatures(law):
    value = law(np.array([-1e4, -300.0, 0.0, 10.0, 43.0, 44.0, 5e3, 1e6]))
    assert np.isfinite(value).all()
    assert (value > 0.0).all()


@pytest.mark.parametrize("temperature", [-50.0, 200.0, 300.0, 999.0, 2000.0])
def test_ufl_agrees_with_numpy(symbolic, temperature):
    assert symbolic.value(COPPER, temperature) == pytest.approx(COPPER(temperature), rel=1e-14)


def test_ufl_derivative(symbolic):
    assert symbolic.derivative(COPPER, 300.0) == pytest.approx(-5.96e7 * 3.9e-3, rel=1e-13)
    assert symbolic.derivative(COPPER, -1000.0) == 0.0


def test_constant(symbolic):
    law = Constant(400.0)
    assert (law(np.array([10.0, 900.0])) == 400.0).all()
    assert symbolic.value(law, 500.0) == 400.0
    assert "constant" in str(law)


@pytest.mark.parametrize(
    "arguments",
    [(0.0,), (-1.0,), (1.0, math.nan), (1.0, 0.0, math.inf), (1.0, 0.0, 0.0, 0.0), (math.nan,)],
)
def test_bad_parameters(arguments):
    with pytest.raises(InputError):
        TemperatureDependent(*arguments)


def test_bad_constant():
    with pytest.raises(InputError):
        Constant(0.0)


def test_formula_text():
    assert "5.96e+07/(1 + 0.0039/K dT" in str(COPPER)
