"""The Fuchs-Sondheimer family against printed check values and against direct quadrature."""

import math

import numpy as np
import pytest
from scipy.integrate import dblquad, quad

from tusk.solver.errors import InputError
from tusk.solver.physics.filament_conductivity import (
    Bulk,
    ExactFilm,
    ExactWire,
    MayadasShatzkes,
    Nordheim,
    ThinWire,
)

PATH = 39.9e-9
FAMILY = [ThinWire, Nordheim, ExactWire, ExactFilm]
CHECKS = {
    0.01: (0.00979, 0.02802, 0.03776, 0.08460),
    0.1: (0.08726, 0.20656, 0.20913, 0.37479),
    1.0: (0.49286, 0.70235, 0.68386, 0.82911),
    10.0: (0.92538, 0.96261, 0.96250, 0.98125),
}


@pytest.mark.parametrize("scaled", CHECKS)
def test_check_table(scaled):
    members = (
        ExactWire(0.0, PATH),
        ExactWire(0.5, PATH),
        ExactFilm(0.0, PATH),
        ExactFilm(0.5, PATH),
    )
    values = [float(member.ratio(np.array([scaled * PATH]))[0]) for member in members]
    assert values == pytest.approx(CHECKS[scaled], abs=6e-6)


@pytest.mark.parametrize("scaled", [0.013, 0.17, 0.777, 5.3, 41.0])
@pytest.mark.parametrize("p", [0.0, 0.3, 0.9])
def test_film_against_quadrature_of_the_printed_integral(scaled, p):
    def integrand(s):
        lost = math.exp(-scaled / s)
        return (s - s**3) * (1.0 - lost) / (1.0 - p * lost)

    points = [scaled] if scaled < 1.0 else None
    integral = quad(integrand, 0.0, 1.0, epsabs=1e-13, epsrel=1e-12, limit=500, points=points)[0]
    expected = 1.0 - 1.5 / scaled * (1.0 - p) * integral
    assert ExactFilm(p, 1.0).ratio(np.array([scaled]))[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("scaled", [0.17, 1.3, 9.0])
@pytest.mark.parametrize("p", [0.0, 0.6])
def test_wire_against_quadrature_of_the_printed_integral(scaled, p):
    def integrand(theta, phi):
        # t = 1/sin(theta), u = sin(phi)
        lost = math.exp(-scaled * math.sin(phi) / math.sin(theta)) if theta > 0.0 else 0.0
        weight = (math.cos(phi) * math.cos(theta)) ** 2 * math.sin(theta)
        return weight * lost / (1.0 - p * lost) ** 2

    half = 0.5 * math.pi
    integral = dblquad(integrand, 0.0, half, 0.0, half, epsabs=1e-9, epsrel=1e-9)[0]
    expected = 1.0 - 12.0 / math.pi * (1.0 - p) ** 2 * integral
    assert ExactWire(p, 1.0).ratio(np.array([scaled]))[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("scaled", [0.01, 0.5, 3.0])
@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
def test_wire_equals_dingles_series(scaled, p):
    j = np.arange(1, 400)
    diffuse = ExactWire(0.0, 1.0).ratio(j * scaled)
    series = (1.0 - p) ** 2 * np.sum(j * p ** (j - 1.0) * diffuse)
    assert ExactWire(p, 1.0).ratio(np.array([scaled]))[0] == pytest.approx(series, rel=1e-6)


@pytest.mark.parametrize(("p", "tolerance"), [(0.0, 0.05), (0.5, 0.13)])
def test_nordheim_is_close_to_exact(p, tolerance):
    diameter = np.geomspace(1e-2, 1e2, 200) * PATH
    quotient = Nordheim(p, PATH).ratio(diameter) / ExactWire(p, PATH).ratio(diameter)
    worst = np.abs(quotient - 1.0).max()
    assert worst < tolerance
    assert worst > 0.8 * tolerance  # the bound is sharp, so the two laws do differ


def test_hand_values_of_the_default_law():
    law = ThinWire(0.0, PATH)
    assert law.ratio(np.array([0.0, 3.99e-9, 39.9e-9, 1e-6])) == pytest.approx([0, 0.1, 1, 1])
    assert ThinWire(0.5, PATH).ratio(np.array([3.99e-9]))[0] == pytest.approx(0.3)
    assert Nordheim(0.5, PATH).ratio(np.array([39.9e-9]))[0] == pytest.approx(0.75)
    assert Nordheim(0.0, PATH).ratio(np.array([0.0]))[0] == 0.0


@pytest.mark.parametrize("p", [0.0, 0.5, 0.9])
def test_thin_wire_is_the_thin_limit_of_the_exact_wire(p):
    diameter = np.array([1e-5, 1e-4]) * PATH
    exact = ExactWire(p, PATH).ratio(diameter)
    assert exact == pytest.approx(ThinWire(p, PATH).ratio(diameter), rel=0.03)


@pytest.mark.parametrize("p", [0.0, 0.5])
def test_thick_limit(p):
    # 1 - (3/4)(1 - p)/k for a wire, 1 - (3/8)(1 - p)/k for a film
    for kind, factor in ((ExactWire, 0.75), (ExactFilm, 0.375)):
        for scaled in (1e3, 9.9e3, 1.1e4, 1e6):
            loss = 1.0 - kind(p, 1.0).ratio(np.array([scaled]))[0]
            assert loss == pytest.approx(factor * (1.0 - p) / scaled, rel=3e-3)


@pytest.mark.parametrize("kind", FAMILY)
@pytest.mark.parametrize("p", [0.0, 0.5, 0.95])
def test_increasing_and_bounded(kind, p):
    ratio = kind(p, PATH).ratio(np.geomspace(1e-6, 1e6, 500) * 1e-9)
    assert (ratio > 0.0).all()
    assert (ratio <= 1.0).all()
    assert (np.diff(ratio) >= 0.0).all()


@pytest.mark.parametrize("kind", FAMILY)
def test_specularity_helps(kind):
    diameter = np.array([0.5e-9, 6e-9, 30e-9])
    ratios = [kind(p, PATH).ratio(diameter) for p in (0.0, 0.3, 0.6, 0.9)]
    assert (np.diff(ratios, axis=0) >= 0.0).all()


@pytest.mark.parametrize("kind", FAMILY)
def test_mirror_walls_give_bulk(kind):
    diameter = np.array([0.0, 1e-9, 1e-6]) if kind in (ThinWire, Nordheim) else np.array([1e-9])
    assert kind(1.0, PATH).ratio(diameter) == pytest.approx(np.ones(diameter.size), rel=1e-9)


@pytest.mark.parametrize("kind", FAMILY)
def test_shape_and_zero_diameter(kind):
    ratio = kind(0.2, PATH).ratio(np.zeros((2, 3)))
    assert ratio.shape == (2, 3)
    assert (ratio == 0.0).all()


@pytest.mark.parametrize("p", [0.0, 0.5])
@pytest.mark.parametrize("kind", [ExactWire, ExactFilm])
def test_table_reproduces_the_integral_between_its_nodes(kind, p):
    from tusk.solver.physics import filament_conductivity as module

    integral = module._wire_integral if kind is ExactWire else module._film_integral
    scaled = np.geomspace(3.3e-4, 7e2, 23)
    direct = [integral(k, p) for k in scaled]
    assert kind(p, 1.0).ratio(scaled) == pytest.approx(direct, rel=1e-6)


def test_bulk():
    assert (Bulk().ratio(np.array([0.0, 1e-9])) == 1.0).all()
    assert "no size effect" in str(Bulk())


@pytest.mark.parametrize("kind", FAMILY)
@pytest.mark.parametrize("arguments", [(-0.1, PATH), (1.1, PATH), (0.5, 0.0), (math.nan, PATH)])
def test_bad_parameters(kind, arguments):
    with pytest.raises(InputError):
        kind(*arguments)


@pytest.mark.parametrize("kind", FAMILY)
def test_formula_text(kind):
    text = str(kind(0.25, PATH))
    assert "p = 0.25" in text
    assert "lambda = 39.9 nm" in text


# --- grain boundaries -----------------------------------------------------------------------------


@pytest.mark.parametrize("a", [1e-3, 0.2, 1.0, 9.9, 10.1, 300.0])
def test_grains_against_the_integral_of_mayadas_and_shatzkes(a):
    """rho0/rho = 3 int_0^1 u^2/(1 + a/u) du, their relaxation time 1/(1 + a/cos) averaged."""
    expected = 3.0 * quad(lambda u: u**3 / (u + a), 0.0, 1.0, epsabs=0, epsrel=1e-13)[0]
    grains = PATH * 0.25 / 0.75 / a
    law = MayadasShatzkes(0.3, PATH, 0.25, grains)
    wide = ExactWire(0.3, PATH).ratio(np.array([1.0]))[0]
    found = 1.0 / (1.0 / law.ratio(np.array([1.0]))[0] - 1.0 / wide + 1.0)
    assert found == pytest.approx(expected, rel=1e-9)


def test_without_reflection_grains_leave_the_wire():
    diameter = np.geomspace(1e-9, 1e-6, 9)
    wire = ExactWire(0.2, PATH).ratio(diameter)
    assert MayadasShatzkes(0.2, PATH, 0.0, 5e-9).ratio(diameter) == pytest.approx(wire, rel=1e-14)


def test_grains_as_wide_as_the_wire_count_more_in_thin_wires():
    law, other = MayadasShatzkes(0.0, PATH, 0.3, "diameter"), MayadasShatzkes(0.0, PATH, 0.3, PATH)
    assert law.ratio(np.array([PATH])) == pytest.approx(other.ratio(np.array([PATH])), rel=1e-15)
    assert law.ratio(np.array([PATH / 5])) < other.ratio(np.array([PATH / 5]))


@pytest.mark.parametrize(
    ("reflection", "size", "name"),
    [(1.0, 1e-8, "reflection"), (-0.1, 1e-8, "reflection"), (0.2, 0.0, "grain_size")],
)
def test_grains_out_of_range_are_refused(reflection, size, name):
    with pytest.raises(InputError, match=f"MayadasShatzkes.{name}"):
        MayadasShatzkes(0.0, PATH, reflection, size)
