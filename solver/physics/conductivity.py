"""Temperature dependence of electrical and thermal conductivities ([B 8])."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.checks import finite, positive
from tusk.solver.physics.functions import Value, maximum

__all__ = ["Constant", "TemperatureDependent"]

_LOWEST_DENOMINATOR = 0.05


@dataclass(frozen=True, slots=True)
class TemperatureDependent:
    """xi(T) = xi_0/(1 + a dT + b dT^2), dT = T - T_ref.

    The denominator is held above 0.05 (below about 56 K for copper), where the law has lost its
    meaning and only a failing iteration can go.

    Parameters
    ----------
    reference
        xi_0 at the reference temperature, S/m or W/(m K).
    linear
        a in 1/K.
    quadratic
        b in 1/K^2.
    reference_temperature
        T_ref in K.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    reference: float
    linear: float = 0.0
    quadratic: float = 0.0
    reference_temperature: float = 300.0

    def __post_init__(self) -> None:
        positive("TemperatureDependent.reference", self.reference)
        finite("TemperatureDependent.linear", self.linear, "1/K")
        finite("TemperatureDependent.quadratic", self.quadratic, "1/K^2")
        positive("TemperatureDependent.reference_temperature", self.reference_temperature, "K")

    def __call__(self, temperature: Value) -> Value:
        """Return the conductivity at T in K, in the unit of ``reference``."""
        rise = temperature - self.reference_temperature
        denominator = 1.0 + rise * (self.linear + self.quadratic * rise)
        return self.reference / maximum(denominator, _LOWEST_DENOMINATOR)

    def __str__(self) -> str:
        return (
            f"{self.reference:.4g}/(1 + {self.linear:g}/K dT + {self.quadratic:g}/K^2 dT^2), "
            f"dT = T - {self.reference_temperature:g} K"
        )


@dataclass(frozen=True, slots=True)
class Constant:
    """xi(T) = xi_0: no temperature dependence.

    Parameters
    ----------
    reference
        xi_0, S/m or W/(m K).

    Raises
    ------
    InputError
        If the value is not positive.
    """

    reference: float

    def __post_init__(self) -> None:
        positive("Constant.reference", self.reference)

    def __call__(self, temperature: Value) -> Value:
        """Return the constant in the shape of ``temperature``."""
        return self.reference + 0.0 * temperature

    def __str__(self) -> str:
        return f"{self.reference:.4g} (constant)"
