"""Simmons, linear and full: hand values, supply integral, limits, monotonicity, UFL."""

import itertools
import math
from functools import partial

import numpy as np
import pytest
from scipy.integrate import quad

from tusk.solver.errors import InputError
from tusk.solver.physics.tunnelling import (
    NoTunnelling,
    SimmonsFull,
    SimmonsLinear,
    decay_constant,
    image_barrier,
)

E, H, ME = 1.602176634e-19, 6.62607015e-34, 9.1093837e-31
LINEAR = SimmonsLinear(0.42, 3.7 * E, 0.5)
FULL = SimmonsFull(0.42, 3.7 * E)
LOW = SimmonsFull(0.42, 1.0 * E)  # Fowler-Nordheim within 3 V
GAPS = np.geomspace(1e-12, 20e-9, 60)
VOLTAGES = np.linspace(-3.0, 3.0, 121)


def current_density(law, gap, voltage, temperature):
    """What the gap makes of a law: J = G V, A/m^2."""
    return law.conductance_per_area(gap, voltage, temperature) * voltage


def wkb_exponent(mass, barrier, gap, voltage, energy):
    """(4 pi/h) sqrt(2m) times the integral of the root of the barrier, numerically."""

    def root(x):
        return math.sqrt(max(barrier + energy - E * voltage * x, 0.0) / E)

    turn = min(1.0, (barrier + energy) / (E * voltage)) if voltage > 0.0 else 1.0
    mean = quad(root, 0.0, turn, epsabs=0.0, epsrel=1e-9)[0] * math.sqrt(E)
    return 4.0 * math.pi / H * gap * math.sqrt(2.0 * mass) * mean


def supply_integral(law, gap, voltage):
    """Current density by adaptive quadrature over energy, exponents in closed form."""
    mass, barrier = law.effective_mass * ME, law.barrier
    rate = 4.0 * math.pi / H * gap * math.sqrt(2.0 * mass * E)
    v, w = voltage, barrier / E

    def exponent(energy):
        top = w + energy
        part = -math.expm1(1.5 * math.log1p(-v / top)) if v < top else 1.0
        return rate * 2.0 / (3.0 * v) * top**1.5 * part

    first = exponent(0.0)

    def integrand(energy):
        return min(energy, v) * math.exp(first - exponent(energy))

    decay = rate / (2.0 * math.sqrt(w + v))
    ends = {0.0, v, *(x / decay for x in (1.0, 4.0, 12.0, 40.0, 120.0, 1000.0))}
    if rate < 1.0:
        ends |= {x**2 / rate**2 for x in (1.0, 4.0, 12.0, 40.0)}
    pieces = itertools.pairwise(sorted(ends))
    total = sum(quad(integrand, a, b, epsabs=0.0, epsrel=1e-7, limit=200)[0] for a, b in pieces)
    return 4.0 * math.pi * mass * E / H**3 * E**2 * total * math.exp(-first)


def test_decay_length_of_the_default_oxide():
    assert 1.0 / decay_constant(0.42, 3.7 * E) == pytest.approx(0.0783e-9, rel=1e-3)
    # 1.0246 per Angstrom and root eV for the free electron
    assert decay_constant(1.0, E) == pytest.approx(1.02463e10, rel=1e-5)


def test_linear_hand_value():
    # root(2 m W) = 6.7340e-25 kg m/s; (e/h)^2 = 5.8467e28; 0.5/0.5e-9 m x exp(-6.3865)
    momentum = math.sqrt(2 * 0.42 * 9.1093837e-31 * 3.7 * E)
    assert momentum == pytest.approx(6.735e-25, rel=1e-3)
    hand = 0.5 * momentum / 0.5e-9 * (E / H) ** 2 * math.exp(-0.5e-9 * 1.277287e10)
    assert LINEAR.conductance_per_area(0.5e-9, 1.0, 300.0) == pytest.approx(hand, rel=1e-4)
    assert current_density(LINEAR, 0.5e-9, -2.0, 300.0) == pytest.approx(-2.0 * hand, rel=1e-4)


def test_linear_law_ignores_bias_and_temperature_and_scales_with_the_prefactor():
    reference = LINEAR.conductance_per_area(1e-9, 0.0, 300.0)
    assert LINEAR.conductance_per_area(1e-9, 3.0, 2000.0) == reference
    other = SimmonsLinear(0.42, 3.7 * E, 1.5)
    assert other.conductance_per_area(1e-9, 0.0, 300.0) == pytest.approx(3.0 * reference)


@pytest.mark.parametrize("law", [LINEAR, FULL, LOW])
@pytest.mark.parametrize("voltage", [-3.0, -0.1, 0.0, 1.0, 3.0])
def test_positive_and_falling_with_the_gap(law, voltage):
    conductance = law.conductance_per_area(GAPS, voltage, 300.0)
    assert np.isfinite(conductance).all()
    assert (conductance > 0.0).all()
    assert (np.diff(conductance) < 0.0).all()


@pytest.mark.parametrize("law", [LINEAR, FULL, LOW])
@pytest.mark.parametrize("gap", [1e-12, 1e-11, 0.07e-9, 0.5e-9, 3e-9, 20e-9])
def test_current_increases_with_the_voltage(law, gap):
    current = current_density(law, gap, VOLTAGES, 300.0)
    assert (np.diff(current) > 0.0).all()
    assert current == pytest.approx(-current[::-1], rel=1e-13)


@pytest.mark.parametrize("law", [FULL, LOW])
@pytest.mark.parametrize("gap", [1e-12, 0.07e-9, 0.5e-9, 3e-9, 20e-9])
def test_full_conductance_is_even_and_increases_with_the_bias(law, gap):
    conductance = law.conductance_per_area(gap, VOLTAGES, 300.0)
    assert conductance == pytest.approx(conductance[::-1], rel=1e-14)
    right = conductance[VOLTAGES.size // 2 :]
    assert (np.diff(right) > -1e-6 * right[1:]).all()


@pytest.mark.parametrize("gap", [1e-12, 0.02e-9, 0.2e-9, 0.5e-9, 1e-9, 3e-9, 20e-9])
@pytest.mark.parametrize("voltage", [1e-3, 0.1, 0.7, 1.5, 3.0])
def test_full_against_the_supply_integral(gap, voltage):
    expected = supply_integral(FULL, gap, voltage)
    assert current_density(FULL, gap, voltage, 300.0) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("gap", [0.02e-9, 0.2e-9, 0.7e-9, 3e-9, 5.6e-9, 20e-9])
@pytest.mark.parametrize("voltage", [0.9, 1.05, 1.1, 1.5, 2.0, 3.0])
def test_full_against_the_supply_integral_beyond_the_barrier(gap, voltage):
    expected = supply_integral(LOW, gap, voltage)
    bound = 3e-3 if gap < 1e-9 else 7e-3
    assert current_density(LOW, gap, voltage, 300.0) == pytest.approx(expected, rel=bound)


@pytest.mark.parametrize(("voltage", "energy"), [(0.3, 0.0), (1.7, 0.4), (3.0, 2.0), (6.0, 0.5)])
def test_exponent_against_the_path_integral(voltage, energy):
    from tusk.solver.physics.tunnelling import _attenuation

    expected = wkb_exponent(0.42 * ME, 3.7 * E, 0.6e-9, voltage, energy * E)
    thickness = decay_constant(0.42, 3.7 * E) * 0.6e-9
    value = _attenuation(thickness, voltage / 3.7, 1.0 + energy / 3.7)
    assert value == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("gap", [1e-12, 0.05e-9, 0.3e-9, 1e-9, 10e-9])
def test_full_zero_bias_limit(gap):
    # the linear law with c = 1 times 1 + 1/(decay gap)
    simmons = SimmonsLinear(0.42, 3.7 * E, 1.0).conductance_per_area(gap, 0.0, 300.0)
    expected = simmons * (1.0 + 1.0 / (decay_constant(0.42, 3.7 * E) * gap))
    assert FULL.conductance_per_area(gap, 0.0, 300.0) == pytest.approx(expected, rel=1e-12)
    assert FULL.conductance_per_area(gap, 1e-4, 300.0) == pytest.approx(expected, rel=1e-4)


def closed_form(gap, voltage, completed):
    """Simmons' intermediate-voltage current, with or without the terms he drops."""
    a = decay_constant(0.42, E) * gap  # per root eV

    def part(height):
        s = math.sqrt(height)
        more = 3.0 * s / a + 3.0 / a**2 if completed else 0.0
        return (height + more) * math.exp(-a * s)

    scale = E**2 / (2.0 * math.pi * H * gap**2)
    return scale * (part(3.7 - voltage / 2) - part(3.7 + voltage / 2))


@pytest.mark.parametrize("gap", [0.1e-9, 0.5e-9, 1e-9])
@pytest.mark.parametrize("voltage", [0.2, 1.0])
def test_completed_closed_form_of_the_mean_barrier(gap, voltage):
    # tilting instead of lowering the barrier raises the exponent's correction to (eV/W)^2/96
    expected = closed_form(gap, voltage, completed=True)
    assert current_density(FULL, gap, voltage, 300.0) == pytest.approx(expected, rel=0.02)


def test_textbook_closed_form_is_the_thick_limit_and_fails_in_thin_gaps():
    deviation = [
        current_density(FULL, gap, 0.2, 300.0) / closed_form(gap, 0.2, completed=False) - 1.0
        for gap in (0.5e-9, 1e-9, 2e-9, 5e-9)
    ]
    assert deviation == sorted(deviation, reverse=True)
    assert 0.4 < deviation[0] < 0.8
    assert deviation[-1] < 0.06
    assert closed_form(0.15e-9, 0.2, completed=False) < 0.0
    assert current_density(FULL, 0.15e-9, 0.2, 300.0) > 0.0


@pytest.mark.parametrize("voltage", [2.0, 3.0, 4.0])
def test_fowler_nordheim_limit(voltage):
    # J = e^3 F^2/(8 pi h W) exp(-8 pi sqrt(2m) W^1.5/(3 h e F)) in the limit d << W, with
    # d = h e F/(4 pi sqrt(2 m W)); the next order of the exponent in energy takes off 1.5 d/W
    gap, barrier, mass = 10e-9, 1.0 * E, 0.42 * ME
    field = voltage / gap
    width = H * E * field / (4.0 * math.pi * math.sqrt(2.0 * mass * barrier))
    exponent = 8.0 * math.pi * math.sqrt(2.0 * mass) * barrier**1.5 / (3.0 * H * E * field)
    expected = E**3 * field**2 / (8.0 * math.pi * H * barrier) * math.exp(-exponent)
    expected *= 1.0 - 1.5 * width / barrier
    assert current_density(LOW, gap, voltage, 300.0) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize("law", [FULL, LOW])
@pytest.mark.parametrize("voltage", [0.0, 1e-9, 50.0, -1e3])
def test_wild_voltages_stay_finite(law, voltage, symbolic):
    for gap in (1e-12, 1e-9, 20e-9):
        assert np.isfinite(law.conductance_per_area(gap, voltage, 300.0))
        slope = symbolic.derivative(
            law.conductance_per_area, gap * 1.0, float(voltage), 300.0, by=1
        )
        assert np.isfinite(slope)


@pytest.mark.parametrize("law", [LINEAR, FULL, LOW])
@pytest.mark.parametrize("gap", [1e-12, 0.07e-9, 0.8e-9, 20e-9])
@pytest.mark.parametrize("voltage", [-2.0, 0.0, 1e-3, 3.0])
def test_ufl_agrees_with_numpy(law, symbolic, gap, voltage):
    expected = current_density(law, gap, voltage, 500.0)
    value = symbolic.value(partial(current_density, law), gap, voltage, 500.0)
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("law", [LINEAR, FULL])
@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("voltage", [-1.2, 0.4, 2.5])
def test_ufl_derivatives(law, symbolic, by, voltage):
    point = np.array([0.35e-9, voltage, 300.0])
    step = np.zeros(3)
    step[by] = 1e-5 * abs(point[by])
    difference = current_density(law, *(point + step)) - current_density(law, *(point - step))
    slope = symbolic.derivative(partial(current_density, law), *point, by=by)
    assert slope == pytest.approx(difference / (2.0 * step[by]), rel=1e-6)


@pytest.mark.parametrize("law", [LINEAR, FULL, LOW])
def test_derivative_at_zero_bias_is_the_conductance(law, symbolic):
    slope = symbolic.derivative(partial(current_density, law), 0.4e-9, 0.0, 300.0, by=1)
    assert slope == pytest.approx(law.conductance_per_area(0.4e-9, 0.0, 300.0), rel=1e-12)


def test_shapes_broadcast():
    grid = FULL.conductance_per_area(GAPS[:, None], VOLTAGES[None, :], 300.0)
    assert grid.shape == (GAPS.size, VOLTAGES.size)
    assert grid[3, 5] == FULL.conductance_per_area(GAPS[3], VOLTAGES[5], 300.0)


def test_null_member(symbolic):
    null = NoTunnelling()
    assert (current_density(null, GAPS, 1.0, 300.0) == np.zeros(GAPS.size)).all()
    assert symbolic.value(null.conductance_per_area, 1e-9, 1.0, 300.0) == 0.0
    assert "no tunnelling" in str(null)


@pytest.mark.parametrize("arguments", [(0.0, E), (0.4, -E), (math.nan, E), (0.4, math.inf)])
@pytest.mark.parametrize("kind", [SimmonsLinear, SimmonsFull])
def test_bad_parameters(kind, arguments):
    with pytest.raises(InputError):
        kind(*arguments)


def test_bad_prefactor():
    with pytest.raises(InputError, match="prefactor"):
        SimmonsLinear(0.4, E, 0.0)


def test_formula_text():
    for part in ("0.07829 nm", "m* = 0.42 m_e", "W = 3.7 eV", "c = 0.5"):
        assert part in str(LINEAR)
    assert "m* = 0.42 m_e, W = 3.7 eV" in str(FULL)


# --- image force ----------------------------------------------------------------------------------


def test_image_charges_take_half_an_electronvolt_nanometre_over_the_gap():
    """e^2 ln 2/(8 pi eps0) = 0.499 eV nm (Simmons 1963): 0.79 eV of 3.7 at 0.3 nm in SiO2."""
    lowered = image_barrier(3.7 * E, 2.1, 0.3e-9) / E
    assert 3.7 - lowered == pytest.approx(0.499 / 2.1 / 0.3, rel=2e-3)
    assert image_barrier(3.7 * E, None, 0.3e-9) == 3.7 * E
    assert image_barrier(3.7 * E, 2.1, 1e-12) == pytest.approx(0.037 * E)


@pytest.mark.parametrize("kind", [SimmonsLinear, SimmonsFull])
def test_the_image_force_lets_more_through_and_keeps_the_order_of_gaps(kind):
    plain, image = kind(0.42, 3.7 * E), kind(0.42, 3.7 * E, image_permittivity=2.1)
    for voltage in (0.0, 0.3, 1.5):
        through = image.conductance_per_area(GAPS, voltage, 300.0)
        assert np.all(np.isfinite(through) & (through > 0.0))
        assert np.all(np.diff(through) < 0.0)
        wide = GAPS > 1e-10
        assert np.all(through[wide] > plain.conductance_per_area(GAPS[wide], voltage, 300.0))
    far = image.conductance_per_area(1e-6, 0.1, 300.0)
    assert far == pytest.approx(plain.conductance_per_area(1e-6, 0.1, 300.0), abs=1e-300)
    with pytest.raises(InputError, match=f"{kind.__name__}.image_permittivity"):
        kind(0.42, E, image_permittivity=0.0)


def test_without_image_force_nothing_changes():
    law = SimmonsFull(0.42, 3.7 * E, image_permittivity=1e9)
    assert law.conductance_per_area(GAPS[20:], 0.4, 300.0) == pytest.approx(
        FULL.conductance_per_area(GAPS[20:], 0.4, 300.0), rel=1e-6
    )
