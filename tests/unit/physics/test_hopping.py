"""Mott-Gurney: hand values, sinh limits, smoothness at E = 0, overflow."""

import math

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.hopping import MottGurney, OhmicHopping, sinhc_of_square

E, K = 1.602176634e-19, 1.380649e-23


@pytest.fixture
def law():
    return MottGurney(2, 0.25e-9, 1e13, 0.35 * E, 1e26)


def printed(field, temperature):
    """[B 4] with magnitudes, written as printed."""
    x = 0.25e-9 * 2 * E * field / (2 * K * temperature)
    scale = 2 * 2 * E * 1e26 * 1e13 * 0.25e-9 * math.exp(-0.35 * E / (K * temperature))
    return scale * math.sinh(x) / field


def test_low_field_value_of_the_default_set(law):
    # (2e)^2 1e26 1e13 (2.5e-10)^2/(k 300 K) exp(-13.5386) = 1549.6 S/m x 1.319e-6
    assert law.low_field_conductivity(300.0) == pytest.approx(2.044e-3, rel=1e-3)
    assert law.conductivity(0.0, 300.0) == law.low_field_conductivity(300.0)


@pytest.mark.parametrize("field", [1e5, 1e7, 1.7e8, 5e8, 2e9])
@pytest.mark.parametrize("temperature", [200.0, 300.0, 850.0, 2000.0])
def test_equals_the_printed_form(law, field, temperature):
    expected = printed(field, temperature)
    assert law.conductivity(field**2, temperature) == pytest.approx(expected, rel=1e-11)


def test_high_field_limit(law):
    # sigma |E| -> z e c f a exp(-(W - z e a E/2)/kT)
    field = 3e9
    current = field * law.conductivity(field**2, 300.0)
    barrier = 0.35 * E - 0.5 * 2 * E * 0.25e-9 * field
    assert current == pytest.approx(
        2 * E * 1e26 * 1e13 * 0.25e-9 * math.exp(-barrier / (K * 300.0)), rel=1e-9
    )


@pytest.mark.parametrize("x", [1e-8, 1e-3, 0.1, 0.4999, 0.5, 0.5001, 1.0, 10.0, 199.0])
def test_sinhc(x):
    assert sinhc_of_square(x * x) == pytest.approx(math.sinh(x) / x, rel=1e-12)


def test_sinhc_at_zero_and_far_out(symbolic):
    assert sinhc_of_square(0.0) == 1.0
    assert symbolic.derivative(sinhc_of_square, 0.0) == pytest.approx(1.0 / 6.0, rel=1e-14)
    far = sinhc_of_square(np.array([199.0, 201.0, 1e3, 1e6]) ** 2)
    assert np.isfinite(far).all()
    assert (np.diff(far) > 0.0).all()


def test_sinhc_has_no_kink_where_the_series_ends(symbolic):
    below = symbolic.derivative(sinhc_of_square, 0.25 - 1e-12)
    above = symbolic.derivative(sinhc_of_square, 0.25 + 1e-12)
    exact = (math.cosh(0.5) / 0.5 - math.sinh(0.5) / 0.25) / (2 * 0.5)
    assert below == pytest.approx(exact, rel=1e-10)
    assert above == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize("temperature", [200.0, 300.0, 1000.0, 2000.0])
def test_increasing_in_the_field(law, temperature):
    squares = np.concatenate([[0.0], np.geomspace(1e8, 1e25, 200)])  # to 3 V over 0.001 nm
    sigma = law.conductivity(squares, temperature)
    assert np.isfinite(sigma).all()
    assert (np.diff(sigma) >= 0.0).all()
    assert sigma[-1] > 10.0 * sigma[0]


@pytest.mark.parametrize("field", [0.0, 1e8, 5e8])
def test_increasing_in_temperature(law, field):
    sigma = law.conductivity(field**2, np.linspace(200.0, 2000.0, 91))
    assert (np.diff(sigma) > 0.0).all()


@pytest.mark.parametrize("temperature", [-100.0, 0.0, 1.0, 1e5])
@pytest.mark.parametrize("square", [0.0, 1e16, 1e24])
def test_wild_iterates_stay_finite(law, square, temperature):
    sigma = law.conductivity(square, temperature)
    assert np.isfinite(sigma)
    assert sigma >= 0.0


@pytest.mark.parametrize("square", [0.0, 1e10, 2.89e16, 1e20])
@pytest.mark.parametrize("temperature", [200.0, 640.0, 2000.0])
def test_ufl_agrees_with_numpy(law, symbolic, square, temperature):
    expected = law.conductivity(square, temperature)
    value = symbolic.value(law.conductivity, square, temperature)
    assert value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("square", [0.0, 1e14, 4e16])
def test_ufl_derivatives(law, symbolic, square, by):
    point = np.array([square, 420.0])
    step = np.zeros(2)
    step[by] = (1e10, 1e-2)[by]
    if by == 0 and square > 0.0:
        step[0] = 1e-4 * square
    difference = law.conductivity(*(point + step)) - law.conductivity(*(point - step))
    slope = symbolic.derivative(law.conductivity, *point, by=by)
    assert np.isfinite(slope)
    if not (by == 0 and square == 0.0):
        assert slope == pytest.approx(difference / (2 * step[by]), rel=1e-6)
    else:
        scale = (0.25e-9 * 2 * E / (2 * K * 420.0)) ** 2 / 6.0
        assert slope == pytest.approx(scale * law.low_field_conductivity(420.0), rel=1e-12)


def test_field_vector_in_ufl_has_a_finite_jacobian_at_zero(law, symbolic):
    ufl = symbolic.ufl
    potential = ufl.Coefficient(symbolic.space)
    gradient = ufl.grad(potential)
    energy = law.conductivity(ufl.inner(gradient, gradient), 300.0)
    form = ufl.derivative(energy * ufl.dx, potential)
    assert len(form.arguments()) == 1


def test_ohmic_limit(law):
    ohmic = OhmicHopping(law)
    squares = np.array([0.0, 1e12, 1e18])
    expected = np.full(3, law.low_field_conductivity(350.0))
    assert ohmic.conductivity(squares, 350.0) == pytest.approx(expected, rel=1e-15)
    assert law.conductivity(1e10, 350.0) == pytest.approx(expected[0], rel=1e-6)
    assert "no field" in str(ohmic)


@pytest.mark.parametrize(
    ("position", "value"), [(0, 0), (1, 0.0), (2, -1.0), (3, -E), (4, math.nan)]
)
def test_bad_parameters(position, value):
    arguments = [2, 0.25e-9, 1e13, 0.35 * E, 1e26]
    arguments[position] = value
    with pytest.raises(InputError):
        MottGurney(*arguments)


def test_formula_text(law):
    for part in ("0.25 nm", "0.002044 S/m", "0.35 eV"):
        assert part in str(law)
