"""Heat split of the tunnel barrier: signs, sum, Landauer integrals, series."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from tusk.solver.errors import InputError
from tusk.solver.physics.barrier_heating import (
    ConstantShare,
    Langevin,
    NoBarrierHeating,
    langevin_function,
)

E, HBAR, ME = 1.602176634e-19, 1.054571817e-34, 9.1093837e-31
CONSTANT = ConstantShare(0.82)
LANGEVIN = Langevin(0.42, 3.7 * E)
VOLTAGES = np.linspace(-3.0, 3.0, 121)
GAPS = np.geomspace(1e-12, 20e-9, 40)


def test_active_electrode_collects_during_set():
    assert CONSTANT.shares(1.0, 1e-9) == pytest.approx((0.82, 0.18))
    assert CONSTANT.shares(-1.0, 1e-9) == pytest.approx((0.18, 0.82))


def test_langevin_hand_value():
    # x = e V g sqrt(2m/W)/(2 hbar) = 0.8630 x 1.5 x 0.3 = 0.38835; coth x - 1/x = 0.12816
    electrode, filament = LANGEVIN.shares(1.5, 0.3e-9)
    x = E * 1.5 * 0.3e-9 * math.sqrt(2 * 0.42 * ME / (3.7 * E)) / (2 * HBAR)
    assert x == pytest.approx(0.38835, rel=1e-3)
    assert electrode == pytest.approx(0.5 * (1.0 + 1.0 / math.tanh(x) - 1.0 / x), rel=1e-8)
    assert electrode == pytest.approx(0.5641, rel=1e-3)
    assert filament == pytest.approx(1.0 - electrode, rel=1e-15)


@pytest.mark.parametrize("law", [CONSTANT, LANGEVIN])
def test_shares_sum_to_one_and_swap_with_the_polarity(law):
    voltage = VOLTAGES[VOLTAGES != 0.0]
    electrode, filament = law.shares(voltage[:, None], GAPS[None, :])
    assert (electrode + filament) == pytest.approx(np.ones_like(electrode + filament), rel=1e-15)
    assert electrode == pytest.approx(filament[::-1], abs=1e-14)
    assert ((electrode >= 0.0) & (electrode <= 1.0)).all()


def test_langevin_is_the_landauer_split():
    """P_R : P_L of a window of width eV with transmission exp(E/E0), E0 = eV/(2x)."""
    voltage, gap = 2.0, 0.6e-9
    x = LANGEVIN.slope * voltage * gap
    # e in [0, 1] over the bias window: lost at the collector e, at the emitter 1 - e
    collector = quad(lambda e: e * math.exp(2.0 * x * e), 0.0, 1.0)[0]
    emitter = quad(lambda e: (1.0 - e) * math.exp(2.0 * x * e), 0.0, 1.0)[0]
    electrode, filament = LANGEVIN.shares(voltage, gap)
    assert electrode / filament == pytest.approx(collector / emitter, rel=1e-10)


@pytest.mark.parametrize(("voltage", "quotient"), [(0.5, 2.56), (1.0, 5.09)])
def test_split_at_six_per_electronvolt(voltage, quotient):
    # alpha = 6/eV: x = alpha V/2
    law = langevin_function(0.5 * 6.0 * voltage)
    assert (1.0 + law) / (1.0 - law) == pytest.approx(quotient, abs=0.006)


def test_langevin_range_in_the_default_cell():
    shares = LANGEVIN.shares(np.array([1.2, 1.2]), np.array([0.07e-9, 0.4e-9]))[0]
    assert (shares > 0.51).all()
    assert (shares < 0.575).all()


@pytest.mark.parametrize("gap", [1e-12, 0.1e-9, 2e-9, 20e-9])
def test_langevin_increases_with_the_voltage(gap):
    electrode = LANGEVIN.shares(VOLTAGES, gap)[0]
    assert (np.diff(electrode) > 0.0).all()


@pytest.mark.parametrize("x", [0.01, 0.1, 0.29999, 0.30001, 1.0, 20.0, 1e3, 1e8])
def test_langevin_function(x):
    series = x / 3 - x**3 / 45 + 2 * x**5 / 945 - x**7 / 4725
    expected = series if x < 0.05 else 1.0 / math.tanh(x) - 1.0 / x
    assert langevin_function(x) == pytest.approx(expected, rel=1e-8)
    assert langevin_function(-x) == -langevin_function(x)


def test_langevin_function_at_zero(symbolic):
    assert langevin_function(0.0) == 0.0
    assert symbolic.derivative(langevin_function, 0.0) == pytest.approx(1.0 / 3.0, rel=1e-14)
    for x in (0.3 - 1e-9, 0.3 + 1e-9):
        exact = 1.0 / 0.3**2 - 1.0 / math.sinh(0.3) ** 2
        assert symbolic.derivative(langevin_function, x) == pytest.approx(exact, rel=1e-6)


@pytest.mark.parametrize("law", [CONSTANT, LANGEVIN])
@pytest.mark.parametrize("voltage", [-2.0, 0.0, 0.7, 3.0])
@pytest.mark.parametrize("gap", [1e-12, 0.3e-9, 20e-9])
@pytest.mark.parametrize("side", [0, 1])
def test_ufl_agrees_with_numpy(law, symbolic, voltage, gap, side):
    expected = float(law.shares(voltage, gap)[side])
    value = symbolic.value(lambda v, g: law.shares(v, g)[side], voltage, gap)
    assert value == pytest.approx(expected, rel=1e-13)
    assert np.isfinite(symbolic.derivative(lambda v, g: law.shares(v, g)[side], voltage, gap))


def test_null_member():
    null = NoBarrierHeating()
    electrode, filament = null.shares(VOLTAGES, 1e-9)
    assert (electrode == 0.0).all()
    assert (filament == 0.0).all()
    assert electrode.shape == VOLTAGES.shape
    assert "no barrier heating" in str(null)


@pytest.mark.parametrize("share", [-0.01, 1.01, math.nan])
def test_bad_share(share):
    with pytest.raises(InputError, match="collector_share"):
        ConstantShare(share)


@pytest.mark.parametrize("arguments", [(0.0, E), (0.4, 0.0)])
def test_bad_langevin(arguments):
    with pytest.raises(InputError):
        Langevin(*arguments)


def test_formula_text():
    assert "0.82" in str(CONSTANT)
    assert "0.863" in str(LANGEVIN)
