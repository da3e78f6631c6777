"""Ionic conductivity of the oxide: Mott-Gurney hopping ([B 4])."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.checks import not_negative, positive
from tusk.solver.physics.constants import BOLTZMANN, ELEMENTARY_CHARGE, EV
from tusk.solver.physics.functions import Value, exp, less, maximum, minimum, safe_exp, sqrt, where
from tusk.solver.physics.thermal_energy import thermal_energy

__all__ = ["MottGurney", "OhmicHopping", "sinhc_of_square"]

_SERIES_BELOW = 0.25
_SERIES = (1.0 / 6.0, 1.0 / 20.0, 1.0 / 42.0, 1.0 / 72.0, 1.0 / 110.0)


def sinhc_of_square(square: Value) -> Value:
    """Return sinh(x)/x as a function of x^2, with a finite derivative at x = 0.

    Below x^2 = 0.25 the Taylor series in x^2 (relative error 4e-14), above it the exponentials;
    beyond x = 200 the tangent of the growing exponential.

    Parameters
    ----------
    square
        x^2 >= 0, dimensionless, any shape.

    Returns
    -------
    Value
        sinh(x)/x >= 1, dimensionless.
    """
    small = minimum(square, _SERIES_BELOW)
    series = 1.0
    for factor in reversed(_SERIES):
        series = 1.0 + factor * small * series
    x = sqrt(maximum(square, _SERIES_BELOW))
    closed = (safe_exp(x) - exp(-x)) / (2.0 * x)
    return where(less(square, _SERIES_BELOW), series, closed)


@dataclass(frozen=True, slots=True)
class MottGurney:
    """sigma_ion = sigma_0 sinh(x)/x, x = a z e |E|/(2kT).

    sigma_0 = z^2 e^2 c f a^2 exp(-Delta G_hop/kT)/kT. The printed form sinh(E)/E takes the sinh
    of a vector with a dimension; magnitudes are meant.

    Parameters
    ----------
    charge_number
        z_c, dimensionless.
    distance
        Hopping distance a in m.
    attempt_frequency
        f in Hz.
    barrier
        Delta G_hop in J.
    ion_concentration
        c_ion in 1/m^3.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    charge_number: int
    distance: float
    attempt_frequency: float
    barrier: float
    ion_concentration: float

    def __post_init__(self) -> None:
        positive("MottGurney.charge_number", self.charge_number)
        positive("MottGurney.distance", self.distance, "m")
        positive("MottGurney.attempt_frequency", self.attempt_frequency, "Hz")
        not_negative("MottGurney.barrier", self.barrier, "J")
        positive("MottGurney.ion_concentration", self.ion_concentration, "1/m^3")

    def low_field_conductivity(self, temperature: Value) -> Value:
        """Return sigma_0 in S/m at T in K."""
        energy = thermal_energy(temperature)
        step = self.charge_number * ELEMENTARY_CHARGE * self.distance
        mobile = self.ion_concentration * self.attempt_frequency
        return mobile * step**2 * exp(-self.barrier / energy) / energy

    def conductivity(self, field_squared: Value, temperature: Value) -> Value:
        """Return the ionic conductivity.

        Parameters
        ----------
        field_squared
            |E|^2 in V^2/m^2, any shape. The square is asked for because it is differentiable at
            E = 0 while |E| is not.
        temperature
            T in K.

        Returns
        -------
        Value
            sigma_ion in S/m.
        """
        energy = thermal_energy(temperature)
        step = self.charge_number * ELEMENTARY_CHARGE * self.distance
        square = field_squared * (0.5 * step / energy) ** 2
        return self.low_field_conductivity(temperature) * sinhc_of_square(square)

    def __str__(self) -> str:
        sigma = self.low_field_conductivity(300.0)
        return (
            f"sigma_ion = sigma_0 sinh(x)/x, x = {self.distance * 1e9:g} nm {self.charge_number} "
            f"e |E|/2kT, sigma_0(300 K) = {sigma:.4g} S/m, activated by {self.barrier / EV:g} eV"
        )


@dataclass(frozen=True, slots=True)
class OhmicHopping:
    """sigma_ion = sigma_0(T): the low-field limit of a hopping law.

    Parameters
    ----------
    law
        The Mott-Gurney law whose limit is taken.
    """

    law: MottGurney

    def conductivity(self, field_squared: Value, temperature: Value) -> Value:
        """Return sigma_0(T) in S/m; the field enters by its shape only."""
        return self.law.low_field_conductivity(temperature) + 0.0 * field_squared

    def __str__(self) -> str:
        sigma = self.law.low_field_conductivity(300.0)
        kelvin = self.law.barrier / BOLTZMANN
        return f"sigma_ion = {sigma:.4g} S/m at 300 K, ~ exp(-{kelvin:.4g} K/T)/T (no field)"
