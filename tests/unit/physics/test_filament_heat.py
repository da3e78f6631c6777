"""Heat conduction of the filament and what boundaries let through, against numbers by hand."""

import math

import numpy as np
import pytest
from scipy import constants

from tusk.solver.errors import InputError
from tusk.solver.physics.boundaries import BoundaryConductance, SharvinConstriction
from tusk.solver.physics.filament_heat import (
    LORENZ_NUMBER,
    BulkHeat,
    ConstantHeat,
    WiedemannFranz,
)


def test_the_lorenz_number_is_sommerfelds():
    """2.44e-8 W ohm/K^2 (Ashcroft and Mermin); copper by it has 427 W/(m K), measured 401."""
    assert pytest.approx(2.443e-8, rel=1e-3) == LORENZ_NUMBER
    copper = WiedemannFranz().heat_conductivity(300.0, 1.0, 5.8e7)
    assert copper == pytest.approx(425.0, rel=2e-3)


def test_the_electrons_heat_goes_with_their_conductivity_and_the_lattice_adds():
    law = WiedemannFranz(8.0)
    T = np.array([200.0, 300.0, 900.0])
    sigma = np.array([3e6, 2e6, 1e6])
    assert law.heat_conductivity(T, 400.0, sigma) == pytest.approx(
        8.0 + LORENZ_NUMBER * T * sigma, rel=1e-14
    )
    assert law.heat_conductivity(-50.0, 400.0, 1e6) > 0.0, "safe at a wild iterate"


def test_the_other_members():
    assert BulkHeat().heat_conductivity(300.0, 401.0, 1e6) == 401.0
    T = np.array([300.0, 500.0])
    assert ConstantHeat(30.0).heat_conductivity(T, 401.0, 1e6) == pytest.approx([30.0, 30.0])


def test_sharvins_conductance_is_one_quantum_per_mode():
    """An opening of radius r has (k_F r/2)^2 modes; 1.14e15 S/m^2 in copper."""
    law, radius = SharvinConstriction(13.6e9), 1.25e-9
    quantum = 2 * constants.e**2 / constants.h
    modes = (13.6e9 * radius / 2) ** 2
    assert law.conductance * math.pi * radius**2 == pytest.approx(quantum * modes, rel=1e-12)
    assert law.conductance == pytest.approx(1.14e15, rel=2e-3)


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (BoundaryConductance, 0.0),
        (SharvinConstriction, -1.0),
        (ConstantHeat, 0.0),
        (WiedemannFranz, -1.0),
    ],
)
def test_numbers_without_a_meaning_are_refused(make, value):
    with pytest.raises(InputError, match=make.__name__):
        make(value)
