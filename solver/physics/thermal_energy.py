"""The thermal energy kT, guarded against unphysical temperatures of Newton iterates."""

from __future__ import annotations

from tusk.solver.physics.constants import BOLTZMANN
from tusk.solver.physics.functions import Value, maximum

__all__ = ["LOWEST_TEMPERATURE", "thermal_energy"]

LOWEST_TEMPERATURE = 10.0
"""Temperatures below this value (K) are read as this value."""


def thermal_energy(temperature: Value) -> Value:
    """Return k T in J.

    Parameters
    ----------
    temperature
        T in K, any shape. Values below 10 K, which only a failing iteration can produce, are read
        as 10 K so that no exponent changes its sign.

    Returns
    -------
    Value
        k max(T, 10 K) in J.
    """
    return BOLTZMANN * maximum(temperature, LOWEST_TEMPERATURE)
