"""The point contact against Miranda 2024 and independent quadrature (M1-M7, M12-M15)."""

import itertools
import math

import numpy as np
import pytest
from scipy.constants import elementary_charge as e
from scipy.constants import h, hbar, m_e
from scipy.constants import k as boltzmann
from scipy.integrate import quad
from scipy.special import expit

from tusk.solver.errors import InputError, ValidityWarning
from tusk.solver.physics.contact.qpc import Constriction, QuantumPointContact, matching_radius

G0 = 2.0 * e * e / h
PAPER = Constriction(0.45e-9)


def test_m2_to_m6_hand_values():
    contact = PAPER.at(0.5e-9)
    assert PAPER.barrier_height / e == pytest.approx(1.088, abs=5e-4)
    assert contact.alpha_per_energy * e == pytest.approx(3.857, abs=5e-4)
    assert contact.alpha_per_energy * PAPER.barrier_height == pytest.approx(4.1975, abs=5e-4)
    assert contact.characteristic_voltage == pytest.approx(0.518, abs=1e-3)
    assert contact.characteristic_current == pytest.approx(40.2e-6, abs=5e-8)
    assert Constriction.of_decay_length(0.12e-9).radius == pytest.approx(0.453e-9, abs=5e-13)
    assert matching_radius(0.42, 3.7 * e) == pytest.approx(0.296e-9, abs=1e-12)


def test_m2_to_m5_by_their_formulas():
    gap, radius, z0 = 0.5e-9, 0.45e-9, 2.405
    contact = PAPER.at(gap)
    phi = (hbar * z0 / radius) ** 2 / (2.0 * m_e)
    alpha = math.pi * m_e * gap * radius / (hbar**2 * z0)
    scale = 2.0 * hbar**2 * z0 / (e * math.pi * m_e * radius * gap)
    assert PAPER.barrier_height == pytest.approx(phi, rel=1e-12)
    assert contact.alpha_per_energy == pytest.approx(alpha, rel=1e-12)
    assert contact.characteristic_voltage == pytest.approx(scale, rel=1e-12)
    assert contact.characteristic_current == pytest.approx(G0 * scale, rel=1e-12)
    assert PAPER.decay_length == pytest.approx(2.0 * radius / (math.pi * z0), rel=1e-12)


def test_m4_outer_forms_and_the_product_without_the_mass():
    """alpha = (g/2 hbar) sqrt(2m/phi) pi/... : 2 pi/(hbar omega) with omega from phi(g/2) = 0."""
    for mass in (0.2, 1.0, 3.0):
        constriction = Constriction(0.45e-9, mass)
        phi, gap = constriction.barrier_height, 0.5e-9
        omega = math.sqrt(8.0 * phi / (mass * m_e)) / gap
        contact = constriction.at(gap)
        assert contact.alpha_per_energy == pytest.approx(2.0 * math.pi / (hbar * omega), rel=1e-12)
        product = contact.alpha_per_energy * phi
        assert product == pytest.approx(0.5 * math.pi * 2.405 * gap / 0.45e-9, rel=1e-12)  # [M 7]
        again = Constriction.of_fit(contact.alpha_per_energy, phi, gap)
        assert again.radius == pytest.approx(0.45e-9, rel=1e-12)
        assert again.effective_mass == pytest.approx(mass, rel=1e-12)


@pytest.mark.parametrize("voltage", [-0.9, 0.1, 0.7, 2.0])
def test_m1_closed_form_is_the_landauer_integral_of_the_tail(voltage):
    contact = PAPER.at(0.5e-9)
    alpha, phi = contact.alpha_per_energy * e, PAPER.barrier_height / e
    window, _ = quad(
        lambda energy: math.exp(alpha * (energy - phi)), -voltage / 2, voltage / 2, epsabs=0
    )
    expected = 2.0 * e * e / h * window
    assert contact.current(voltage) == pytest.approx(expected, rel=1e-8)


def test_m1_boltzmann_limit_of_the_full_integral():
    """The two differ by exp(-alpha(phi - eV/2)), which vanishes with a wide gap."""
    for gap in (1e-9, 2e-9, 4e-9):
        contact = PAPER.at(gap)
        tail = math.exp(-contact.alpha_per_energy * (PAPER.barrier_height - 0.25 * e))
        ratio = contact.current(0.5) / float(contact.exact_current(0.5))
        assert 0.0 < ratio - 1.0 < tail
    assert ratio == pytest.approx(1.0, abs=1e-8)


@pytest.mark.parametrize(
    ("gap", "voltage", "temperature"),
    [(0.5e-9, 0.3, 300.0), (0.05e-9, 1.5, 300.0), (3e-9, 2.5, 600.0), (0.5e-9, -1e-3, 30.0)],
)
def test_landauer_integral_against_independent_quadrature(gap, voltage, temperature):
    contact = PAPER.at(gap)
    alpha, phi = contact.alpha_per_energy * e, PAPER.barrier_height / e
    kT = boltzmann * temperature / e

    def integrand(energy):
        # f_L - f_R without the difference of nearly equal numbers
        left, right = (energy - voltage / 2) / kT, (energy + voltage / 2) / kT
        window = expit(-left) * expit(right) * -math.expm1(-voltage / kT)
        return window * expit(alpha * (energy - phi))

    reach = abs(voltage) / 2 + 45 * kT
    edges = np.linspace(-reach, reach, 33)
    pieces = [quad(integrand, *pair, epsabs=0.0)[0] for pair in itertools.pairwise(edges)]
    expected = 2 * e * e / h * math.fsum(pieces)
    assert contact.landauer_current(voltage, temperature) == pytest.approx(expected, rel=1e-8)


def test_landauer_tends_to_the_exact_result_of_zero_temperature():
    contact = PAPER.at(0.5e-9)
    alpha, phi = contact.alpha_per_energy * e, PAPER.barrier_height / e
    window, _ = quad(
        lambda energy: 1.0 / (1.0 + math.exp(-alpha * (energy - phi))), -1.5, 1.5, epsabs=0
    )
    assert float(contact.exact_current(3.0)) == pytest.approx(G0 * window, rel=1e-10)
    cold = contact.landauer_current(np.array([3.0, -3.0]), 1.0)
    assert cold == pytest.approx([G0 * window, -G0 * window], rel=1e-5)


def test_m7_small_gaps_are_ohmic():
    assert PAPER.at(0.0).current(0.7) == pytest.approx(G0 * 0.7, rel=1e-14)
    assert float(PAPER.at(0.0).exact_current(0.7)) == pytest.approx(0.5 * G0 * 0.7, rel=1e-14)
    gap = 1e-12
    contact = PAPER.at(gap)
    assert contact.zero_bias_conductance == pytest.approx(
        G0 * math.exp(-gap / PAPER.decay_length), rel=1e-12
    )
    assert contact.conductance(1.0) == pytest.approx(contact.conductance(0.1), rel=1e-4)


@pytest.mark.parametrize("gap", [0.0, 1e-13, 0.3e-9, 2e-9])
@pytest.mark.parametrize("current", [-3e-5, 0.0, 1e-12, 1e-4])
def test_voltage_inverts_current(gap, current):
    contact = PAPER.at(gap)
    assert contact.current(contact.voltage(current)) == pytest.approx(current, rel=1e-12)


@pytest.mark.parametrize("voltage", [-1.1, 0.05, 0.5, 1.0])
def test_m12_powers_are_their_integrals_and_sum_to_iv(voltage):
    contact = PAPER.at(0.5e-9)
    alpha, phi = contact.alpha_per_energy * e, PAPER.barrier_height / e
    left, right = contact.powers(voltage)
    assert left + right == pytest.approx(contact.current(voltage) * voltage, rel=2e-16)
    for power, sign in ((left, -1.0), (right, 1.0)):
        window, _ = quad(
            lambda energy, sign=sign: (
                (voltage / 2 + sign * energy) * math.exp(alpha * (energy - phi))
            ),
            -voltage / 2,
            voltage / 2,
            epsabs=0,
        )
        assert power == pytest.approx(2 * e**2 / h * window, rel=1e-8)


def test_m13_the_drain_gets_more():
    contact = QuantumPointContact(6.0 / e, e)
    for voltage, expected in ((0.5, 2.56), (1.0, 5.09)):
        left, right = contact.powers(voltage)
        assert right / left == pytest.approx(expected, abs=5e-3)
        assert contact.powers(-voltage) == pytest.approx((right, left), rel=1e-14)


def test_m15_warns_where_the_bias_reaches_the_barrier():
    contact = PAPER.at(0.5e-9)
    limit = contact.validity_voltage()
    assert limit == pytest.approx(2.176, abs=1e-3)
    assert not contact.warn_outside(0.999 * limit)
    with pytest.warns(ValidityWarning, match="eV/2 >= phi"):
        assert contact.warn_outside(-limit)


def test_the_closed_form_rises_with_the_gap_where_it_does_not_hold():
    """Why the full D is there: at 3 V the closed form turns around, the exact current does not."""
    wide = Constriction(0.453e-9)
    gaps = np.array([0.3e-9, 0.5e-9, 0.7e-9])
    closed = wide.at(gaps).current(3.0)
    exact = [float(wide.at(gap).exact_current(3.0)) for gap in gaps]
    assert np.all(np.diff(closed) > 0.0)
    assert np.all(np.diff(exact) < 0.0)


def test_works_in_forms(symbolic):
    for function in (
        lambda gap, voltage: PAPER.at(gap).current(voltage),
        lambda gap, voltage: PAPER.at(gap).powers(voltage)[0],
    ):
        for gap in (0.0, 0.4e-9):
            assert symbolic.value(function, gap, 0.6) == pytest.approx(
                function(gap, 0.6), rel=1e-12
            )


@pytest.mark.parametrize(
    "make",
    [
        lambda: Constriction(-1e-9),
        lambda: Constriction(1e-9, 0.0),
        lambda: Constriction(float("nan")),
        lambda: PAPER.at(-1e-12),
        lambda: QuantumPointContact(-1.0, e),
        lambda: QuantumPointContact(1.0, 0.0),
        lambda: PAPER.at(1e-9).landauer_current(1.0, -1.0),
        lambda: Constriction.of_fit(0.0, e, 1e-9),
    ],
)
def test_bad_numbers_are_refused(make):
    with pytest.raises(InputError, match=r"^(Constriction|QuantumPointContact)\."):
        make()
