"""Source elements: the implicit limiter against brentq, polarity, conductance, terminal voltage."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq

from tusk.solver.errors import InputError, TuskError
from tusk.solver.physics.source import (
    ChargedSource,
    CurrentLimiter,
    CurrentSource,
    IdealVoltage,
    Resistor,
    Transistor,
)

EXCESS = [1e-12, 1e-9, 1e-4, 0.01, 0.05, 0.3, 1.0, 2.0, 30.0, 1e4]


def test_limiter_hand_values():
    limiter = CurrentLimiter(1e-3, 0.05)
    current, conductance = limiter.evaluate(1.05, 1.0)
    assert current == pytest.approx(1e-3 * (1.0 - math.exp(-1.0)), rel=1e-12)
    assert conductance == pytest.approx(0.02 * math.exp(-1.0), rel=1e-12)
    assert limiter.evaluate(2.0, 0.5)[0] == pytest.approx(1e-3, rel=1e-12)
    assert limiter.evaluate(1.0, 1.0) == (0.0, 0.02)


def test_compliance_is_never_exceeded():
    for excess in EXCESS:
        assert CurrentLimiter(1e-6, 0.05).evaluate(excess, 0.0)[0] <= 1e-6


@pytest.mark.parametrize("excess", EXCESS)
@pytest.mark.parametrize("compliance", [1e-9, 1e-5, 1e-3])
@pytest.mark.parametrize("resistance", [1e-3, 1.0, 50.0, 1e4, 1e8])
def test_series_resistor_against_brentq(excess, compliance, resistance):
    def residual(drop):
        return drop - resistance * compliance * math.expm1(-drop / 0.05) - excess

    drop = brentq(residual, 0.0, excess, xtol=1e-300, rtol=1e-15, maxiter=500)
    expected = -compliance * math.expm1(-drop / 0.05)
    limiter = CurrentLimiter(compliance, 0.05, series_resistance=resistance)
    current, conductance = limiter.evaluate(excess + 0.0, 0.0)
    assert current == pytest.approx(expected, rel=1e-10)
    slope = compliance / 0.05 * math.exp(-drop / 0.05)
    assert conductance == pytest.approx(slope / (1.0 + resistance * slope), rel=1e-7, abs=1e-300)


@pytest.mark.parametrize("resistance", [0.0, 1.0, 1e4, 1e7])
def test_current_is_continuous_smooth_and_increasing_through_zero(resistance):
    limiter = CurrentLimiter(1e-4, 0.05, series_resistance=resistance)
    excess = np.linspace(-0.2, 0.2, 4001)
    currents = np.array([limiter.evaluate(float(x), 0.0)[0] for x in excess])
    assert (np.diff(currents) > 0.0).all()
    left, right = limiter.evaluate(-1e-9, 0.0)[1], limiter.evaluate(1e-9, 0.0)[1]
    assert left == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize("resistance", [0.0, 300.0, 1e6])
@pytest.mark.parametrize("cell", [-1.0, 0.2, 0.9, 1.0001, 1.5])
def test_conductance_is_minus_the_derivative(resistance, cell):
    limiter = CurrentLimiter(1e-3, 0.05, series_resistance=resistance)
    step = 1e-7
    above, below = (limiter.evaluate(1.0, cell + s * step)[0] for s in (1, -1))
    expected = -(above - below) / (2 * step)
    assert limiter.evaluate(1.0, cell)[1] == pytest.approx(expected, rel=1e-5, abs=1e-9)


def test_reverse_polarity_is_ohmic():
    limiter = CurrentLimiter(1e-3, 0.05)
    current, conductance = limiter.evaluate(-1.0, -0.5)
    assert conductance == pytest.approx(0.02)
    assert current == pytest.approx(-0.01)
    own = CurrentLimiter(1e-3, 0.05, reverse_resistance=1e3, series_resistance=250.0)
    assert own.evaluate(0.0, 1.0) == pytest.approx((-8e-4, 8e-4))


@pytest.mark.parametrize("excess", [-1e6, -1.0, 1e3, 1e6])
def test_wild_cell_voltages_stay_finite(excess):
    for resistance in (0.0, 1e9):
        pair = CurrentLimiter(1e-3, 0.05, series_resistance=resistance).evaluate(excess, 0.0)
        assert all(map(math.isfinite, pair))


def test_resistor():
    source = Resistor(900.0, series_resistance=100.0)
    assert source.evaluate(2.0, 0.5) == pytest.approx((1.5e-3, 1e-3))
    assert source.evaluate(-2.0, 0.5) == pytest.approx((-2.5e-3, 1e-3))
    assert source.applied_voltage(2.0, 0.5, 1.5e-3) == 2.0
    assert not source.is_ideal


def test_ideal_voltage():
    ideal = IdealVoltage()
    assert ideal.is_ideal
    with pytest.raises(TuskError, match="ideal"):
        ideal.evaluate(1.0, 1.0)
    with_series = IdealVoltage(series_resistance=50.0)
    assert not with_series.is_ideal
    assert with_series.evaluate(1.0, 0.5) == pytest.approx((0.01, 0.02))
    assert with_series.applied_voltage(1.0, 0.5, 0.01) == 1.0


def test_current_source():
    source = CurrentSource(series_resistance=1e3)
    assert source.evaluate(2e-6, 0.7) == (2e-6, 0.0)
    assert source.applied_voltage(2e-6, 0.7, 2e-6) == pytest.approx(0.702)
    assert not source.is_ideal


def test_limiter_terminal_voltage_is_the_drive():
    limiter = CurrentLimiter(1e-3, 0.05)
    assert limiter.applied_voltage(1.7, 0.3, 1e-3) == 1.7
    assert not limiter.is_ideal


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: CurrentLimiter(0.0, 0.05), "compliance_current"),
        (lambda: CurrentLimiter(1e-3, -0.05), "limiter_voltage"),
        (lambda: CurrentLimiter(1e-3, 0.05, 0.0), "reverse_resistance"),
        (lambda: CurrentLimiter(1e-3, 0.05, None, -1.0), "series_resistance"),
        (lambda: Resistor(0.0), "resistance"),
        (lambda: Resistor(math.nan), "resistance"),
        (lambda: IdealVoltage(-1.0), "series_resistance"),
        (lambda: CurrentSource(math.inf), "series_resistance"),
    ],
)
def test_bad_parameters(make, key):
    with pytest.raises(InputError, match=key):
        make()


def test_formula_text():
    assert "0.001 A (1 - exp(" in str(CurrentLimiter(1e-3, 0.05))
    assert "ohm" in str(Resistor(1e3))
    assert "ideal" in str(IdealVoltage())
    assert "ohm" in str(IdealVoltage(5.0))
    assert "drive" in str(CurrentSource())


# --- transistor -----------------------------------------------------------------------------------


def test_transistor_hand_values():
    """I_sat (2 x - x^2): 3/4 of I_sat at half of the overdrive, I_sat beyond it."""
    transistor = Transistor(1e-4, 0.4)
    assert transistor.evaluate(1.0, 0.8)[0] == pytest.approx(0.75e-4, rel=1e-12)
    assert transistor.evaluate(1.0, 1.0) == (0.0, pytest.approx(2e-4 / 0.4))
    assert transistor.evaluate(1.0, 0.6) == (pytest.approx(1e-4, rel=1e-12), pytest.approx(0.0))
    assert transistor.evaluate(5.0, 0.0) == (1e-4, 0.0)


def test_a_transistor_limits_in_one_direction_alone():
    transistor = Transistor(1e-4, 0.4)
    assert transistor.evaluate(-1.0, 0.0)[0] == pytest.approx(-1e-4 * (2 * 2.5 + 2.5**2))


@pytest.mark.parametrize("excess", [-3.0, -0.2, 1e-9, 0.1, 0.3, 0.41, 2.0])
@pytest.mark.parametrize("resistance", [0.0, 1.0, 3e3, 1e6])
def test_transistor_behind_a_resistor_against_brentq(excess, resistance):
    def law(drop):
        x = min(drop / 0.4, 1.0)
        return 1e-4 * (2 * x - x**2)

    low, high = min(excess, 0.0) - 1e-9, max(excess, 0.0) + 1e-9
    drop = brentq(lambda u: u + resistance * law(u) - excess, low, high, xtol=1e-18, rtol=1e-15)
    found, conductance = Transistor(1e-4, 0.4, resistance).evaluate(excess, 0.0)
    assert found == pytest.approx(law(drop), rel=1e-7)
    step = 1e-6
    above, below = (
        Transistor(1e-4, 0.4, resistance).evaluate(excess, s * step)[0] for s in (1, -1)
    )
    assert conductance == pytest.approx((below - above) / (2 * step), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("saturation_current", (0.0, 0.4)), ("overdrive", (1e-4, -1.0)),
     ("series_resistance", (1e-4, 0.4, -1.0))],
)  # fmt: skip
def test_transistor_refuses_by_name(name, arguments):
    with pytest.raises(InputError, match=rf"Transistor\.{name}"):
        Transistor(*arguments)


# --- capacitance ----------------------------------------------------------------------------------


def test_what_enters_the_cell_is_what_the_capacitance_leaves():
    """1 V behind 1 kohm, the cell at 0.4 V, 0.3 V a microsecond before on 1 nF: 600 - 100 uA."""
    source = ChargedSource(Resistor(1e3), 1e-9, 1e6, 0.3e6)
    current, conductance = source.evaluate(1.0, 0.4)
    assert current == pytest.approx(500e-6, rel=1e-12)
    assert conductance == pytest.approx(1e-3 + 1e-3, rel=1e-12)
    assert not source.is_ideal


def test_the_terminal_of_a_current_source_sees_all_of_its_current():
    source = ChargedSource(CurrentSource(100.0), 1e-9, 1e6, 0.3e6)
    assert source.applied_voltage(1e-3, 0.4, 0.0) == pytest.approx(0.5)
