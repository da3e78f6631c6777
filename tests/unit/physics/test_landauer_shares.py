"""The heat split of the full Simmons law against its definition, integrated without its nodes."""

import numpy as np
import pytest
from scipy import constants
from scipy.integrate import quad

from tusk.solver.physics.barrier_heating import Landauer, Langevin

E = constants.e
MASS, BARRIER = 0.42, 3.7


def by_definition(voltage, gap):
    """Return gamma of the emitter: total depths u in (0, min(eps, eV)) are filled evenly."""
    decay = 4 * np.pi * gap / constants.h * np.sqrt(2 * MASS * constants.m_e * E)

    def transmission(eps):
        top, end = BARRIER + eps, BARRIER + eps - voltage
        area = (top**1.5 - max(end, 0.0) ** 1.5) / (1.5 * voltage)
        return np.exp(-decay * area)

    def integral(power):
        inner = quad(lambda e: e**power * transmission(e), 0, voltage, epsrel=1e-10)[0]
        return inner + voltage**power * quad(transmission, voltage, 60.0, epsrel=1e-10)[0]

    return 0.5 * integral(2) / (voltage * integral(1))


@pytest.mark.parametrize(("voltage", "gap"), [(0.05, 3e-10), (0.6, 2e-10), (2.0, 8e-10)])
def test_shares_are_those_of_the_definition(voltage, gap):
    electrode, filament = Landauer(MASS, BARRIER * E).shares(voltage, gap)
    expected = by_definition(voltage, gap)
    assert filament == pytest.approx(expected, rel=1e-3)
    assert electrode == pytest.approx(1 - expected, rel=1e-3)
    swapped = Landauer(MASS, BARRIER * E).shares(-voltage, gap)
    assert swapped == (pytest.approx(filament), pytest.approx(electrode))


def test_langevin_is_close_where_the_barrier_is_high_against_the_bias():
    full, langevin = Landauer(MASS, BARRIER * E), Langevin(MASS, BARRIER * E)
    for voltage in (0.0, 0.1, 0.5):
        assert full.shares(voltage, 3e-10) == pytest.approx(
            langevin.shares(voltage, 3e-10), abs=6e-3
        )
