"""Stress and void barriers: values, limits, finite guards, UFL."""

import math

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.barriers import ExponentialStress, ExponentialVoid, NoStress, NoVoid

E = 1.602176634e-19
STRESS = ExponentialStress(0.075 * E, 1.6e-9)
VOID = ExponentialVoid(0.01 * E, 0.106e-9)


def test_stress_hand_values():
    assert STRESS.energy_barrier(0.0) == 0.0
    assert STRESS.energy_barrier(1.6e-9) / E == pytest.approx(0.075 * 1.718281828, rel=1e-9)
    assert STRESS.energy_barrier(3.2e-9) / E == pytest.approx(0.479179, rel=1e-5)


def test_void_hand_values():
    assert VOID.energy_barrier(0.0) / E == pytest.approx(0.01, rel=1e-14)
    assert VOID.energy_barrier(0.212e-9) / E == pytest.approx(0.0738906, rel=1e-6)
    assert VOID.energy_barrier(-10e-9) / E == pytest.approx(0.01 * math.exp(-94.33962), rel=1e-6)


@pytest.mark.parametrize("law", [STRESS, VOID])
def test_strictly_increasing_and_finite_far_out(law):
    position = np.concatenate([np.linspace(-2e-9, 100e-9, 500), [1e-6, 1e-3]])
    barrier = law.energy_barrier(position)
    assert np.isfinite(barrier).all()
    assert (np.diff(barrier) > 0.0).all()
    assert barrier[-1] > 1e3 * E


def test_far_above_the_interface_the_void_stops_growth_without_overflow():
    from tusk.solver.physics.charge_transfer import ButlerVolmer

    law = ButlerVolmer(2, 0.1, 1e26, 2052.0, 0.763 * E)
    barrier = VOID.energy_barrier(np.array([50e-9, 1e-6]))
    assert (law.branches(-1.0, 300.0, barrier)[1] == 0.0).all()


@pytest.mark.parametrize("law", [STRESS, VOID])
@pytest.mark.parametrize("position", [-1e-9, 0.0, 0.3e-9, 5e-9, 500e-9])
def test_ufl_agrees_with_numpy(law, position, symbolic):
    expected = law.energy_barrier(position)
    assert symbolic.value(law.energy_barrier, position) == pytest.approx(expected, rel=1e-13)
    assert np.isfinite(symbolic.derivative(law.energy_barrier, position))


def test_ufl_derivatives(symbolic):
    assert symbolic.derivative(STRESS.energy_barrier, 0.0) == pytest.approx(0.075 * E / 1.6e-9)
    assert symbolic.derivative(VOID.energy_barrier, 0.0) == pytest.approx(0.01 * E / 0.106e-9)


@pytest.mark.parametrize("null", [NoStress(), NoVoid()])
def test_null_members(null):
    assert (null.energy_barrier(np.ones(3)) == np.zeros(3)).all()
    assert "= 0" in str(null)


@pytest.mark.parametrize("kind", [ExponentialStress, ExponentialVoid])
@pytest.mark.parametrize("arguments", [(-E, 1e-9), (E, 0.0), (math.nan, 1e-9), (E, math.inf)])
def test_bad_parameters(kind, arguments):
    with pytest.raises(InputError):
        kind(*arguments)


def test_zero_energy_is_allowed():
    assert ExponentialStress(0.0, 1e-9).energy_barrier(3e-9) == 0.0


def test_formula_text():
    assert "0.075 eV (exp(r/1.6 nm) - 1)" in str(STRESS)
    assert "0.01 eV exp((z - L)/0.106 nm)" in str(VOID)
