"""Faraday's law: the number of the default set, closure of charge and volume."""

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.growth import FaradayGrowth, NoGrowth

E, U = 1.602176634e-19, 1.66053907e-27


@pytest.mark.parametrize("charge_number", [1, 2])
def test_copper(charge_number):
    law = FaradayGrowth(charge_number, 63.546 * U, 8960.0)
    # molar mass over Faraday's constant: 63.546e-3/(96485.33 x 8960) = 7.3507e-11 m3/C
    assert law.volume_per_charge == pytest.approx(
        63.546e-3 / (96485.33212 * 8960.0) / charge_number, rel=1e-6
    )
    assert law.volume_per_charge * charge_number == pytest.approx(7.35e-11, rel=1e-3)
    assert law.atomic_volume == pytest.approx(0.2275e-9**3, rel=2e-3)


def test_reduction_grows_the_filament():
    law = FaradayGrowth(2, 63.546 * U, 8960.0)
    velocity = law.normal_velocity(np.array([-1e6, 0.0, 1e6]))
    assert velocity == pytest.approx([3.6753e-5, 0.0, -3.6753e-5], rel=1e-4)


def test_charge_of_one_atom():
    law = FaradayGrowth(2, 63.546 * U, 8960.0)
    assert law.volume_per_charge * 2 * E == pytest.approx(law.atomic_volume, rel=1e-14)


def test_null_member():
    assert NoGrowth().normal_velocity(1e6) == 0.0
    assert NoGrowth().volume_per_charge == 0.0


@pytest.mark.parametrize("arguments", [(0, U, 1.0), (1, 0.0, 1.0), (1, U, -1.0)])
def test_bad_parameters(arguments):
    with pytest.raises(InputError):
        FaradayGrowth(*arguments)


def test_formula_text():
    assert "3.675e-11 m^3/C" in str(FaradayGrowth(2, 63.546 * U, 8960.0))
    assert "frozen" in str(NoGrowth())
