"""CODATA 2018/2022 numbers, typed in from the tables."""

import pytest

from tusk.solver.physics import constants


@pytest.mark.parametrize(
    ("name", "value", "tolerance"),
    [
        ("ELEMENTARY_CHARGE", 1.602176634e-19, 0.0),
        ("BOLTZMANN", 1.380649e-23, 0.0),
        ("PLANCK", 6.62607015e-34, 0.0),
        ("REDUCED_PLANCK", 1.054571817e-34, 1e-9),
        ("ELECTRON_MASS", 9.1093837e-31, 1e-8),
        ("ATOMIC_MASS", 1.66053907e-27, 1e-8),
        ("CONDUCTANCE_QUANTUM", 7.748091729e-5, 1e-9),
        ("EV", 1.602176634e-19, 0.0),
    ],
)
def test_value(name, value, tolerance):
    assert getattr(constants, name) == pytest.approx(value, rel=tolerance, abs=0.0)
