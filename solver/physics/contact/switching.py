"""Rates at which the voltage opens and closes the contact ([M 15, 16])."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.physics.checks import not_negative, positive

__all__ = ["VoltageDrivenRates"]

type Number = float | NDArray[np.float64]

_STEEPEST = 600.0
"""Largest V/V0 that sinh is asked for; beyond it every site has switched at once anyway."""


@dataclass(frozen=True, slots=True)
class VoltageDrivenRates:
    """omega_S = omega_0S sinh(V/V_0S) for V > 0, omega_R = omega_0R sinh(-V/V_0R) for V < 0.

    Both vanish at V = 0, so the state is kept. The spontaneous rates are ours: they do not depend
    on the voltage, and make the contact fluctuate about a mean.

    Parameters
    ----------
    set_rate, reset_rate
        omega_0S, omega_0R in 1/s.
    set_voltage, reset_voltage
        V_0S, V_0R in V.
    spontaneous_set_rate, spontaneous_reset_rate
        Added at every voltage, in 1/s.

    Raises
    ------
    InputError
        If a rate is negative or a voltage not positive.
    """

    set_rate: float
    set_voltage: float
    reset_rate: float
    reset_voltage: float
    spontaneous_set_rate: float = 0.0
    spontaneous_reset_rate: float = 0.0

    def __post_init__(self) -> None:
        for name in ("set_rate", "reset_rate", "spontaneous_set_rate", "spontaneous_reset_rate"):
            not_negative(f"VoltageDrivenRates.{name}", getattr(self, name), "1/s")
        positive("VoltageDrivenRates.set_voltage", self.set_voltage, "V")
        positive("VoltageDrivenRates.reset_voltage", self.reset_voltage, "V")

    @property
    def is_voltage_driven(self) -> bool:
        """Whether no rate is left at zero voltage."""
        return self.spontaneous_set_rate == 0.0 and self.spontaneous_reset_rate == 0.0

    def at(self, voltage: float) -> tuple[float, float]:
        """Return omega_S and omega_R in 1/s at a voltage in V."""
        setting, resetting = self.mean(voltage, voltage)
        return float(setting), float(resetting)

    def mean(self, first: Number, last: Number) -> tuple[Number, Number]:
        """Return the means of both rates (1/s) while the voltage goes from one value to another.

        Exact for a voltage (V) that is linear in time, also through zero; any shape.
        """
        set_mean = self.set_rate * _mean_sinh(first / self.set_voltage, last / self.set_voltage)
        reset_mean = self.reset_rate * _mean_sinh(
            -first / self.reset_voltage, -last / self.reset_voltage
        )
        return set_mean + self.spontaneous_set_rate, reset_mean + self.spontaneous_reset_rate

    def __str__(self) -> str:
        return (
            f"omega_S = {self.set_rate:.4g}/s sinh(V/{self.set_voltage:g} V) for V > 0, "
            f"omega_R = {self.reset_rate:.4g}/s sinh(-V/{self.reset_voltage:g} V) for V < 0"
        )


def _mean_sinh(first: Number, last: Number) -> Number:
    """Return the mean of max(sinh x, 0) for x from `first` to `last`, uniformly.

    (cosh b - cosh a)/(b - a) = sinh((a + b)/2) sinhc((b - a)/2), without cancellation.
    """
    low, high = np.clip(first, 0.0, _STEEPEST), np.clip(last, 0.0, _STEEPEST)
    half = 0.5 * (high - low)
    flat = np.abs(half) < 1e-3
    shape = np.where(flat, 1.0 + half * half / 6.0, np.sinh(half) / np.where(flat, 1.0, half))
    length = np.abs(np.subtract(last, first))
    whole = (np.minimum(first, last) >= 0.0) | (length == 0.0)
    share = np.where(whole, 1.0, 2.0 * np.abs(half) / np.where(whole, 1.0, length))
    return np.asarray(share * np.sinh(0.5 * (low + high)) * shape)
