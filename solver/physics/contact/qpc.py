"""The quantum point contact: one channel and the barrier of its own confinement ([M 1-10, 20-22]).

A constriction of radius R holds its first subband at the height phi = hbar^2 z0^2/(2 m R^2); along
the axis the barrier is an inverted parabola, whose transmission is a Fermi function of energy,
D = 1/(1 + exp(-alpha (eps - phi))), alpha = pi m g R/(hbar^2 z0).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from tusk.solver.errors import ValidityWarning
from tusk.solver.physics.barrier_heating import langevin_function
from tusk.solver.physics.checks import ParameterError, not_negative, positive
from tusk.solver.physics.constants import (
    BOLTZMANN,
    CONDUCTANCE_QUANTUM,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    EV,
    PLANCK,
    REDUCED_PLANCK,
)
from tusk.solver.physics.functions import Value, exp, is_symbolic
from tusk.solver.physics.hopping import sinhc_of_square
from tusk.solver.physics.tunnelling import decay_constant

__all__ = ["BESSEL_ZERO", "Constriction", "QuantumPointContact", "matching_radius"]

BESSEL_ZERO = 2.405
"""z0, the first zero of J_0 as [M] rounds it (dimensionless)."""

Array = NDArray[np.float64]

_THERMAL_RANGE = 42.0
"""Half width (kT) of the thermal window; beyond it -df/dE is below 1e-18 of its peak."""


@dataclass(frozen=True, slots=True)
class QuantumPointContact:
    """I = 4e/(alpha h) exp(-alpha phi) sinh(alpha e V/2), one channel at one gap ([M 6, 8]).

    This closed form is the Landauer integral [M 1] at T = 0 with the exponential tail of D, valid
    while eV/2 < phi; as alpha -> 0 it tends to G0 [M 10], the full integral to G0/2, for D = 1/2
    on top of the barrier. `current` follows [M 10]; `exact_current` and `landauer_current` keep D.

    Parameters
    ----------
    alpha_per_energy
        alpha in 1/J, >= 0: how sharply the barrier opens with energy. A float, or an array or UFL
        expression for `current`, `conductance` and `powers`.
    barrier_height
        phi in J.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    alpha_per_energy: Value
    barrier_height: float

    def __post_init__(self) -> None:
        positive("QuantumPointContact.barrier_height", self.barrier_height, "J")
        alpha = self.alpha_per_energy
        if not is_symbolic(alpha) and np.ndim(alpha) == 0:
            not_negative("QuantumPointContact.alpha_per_energy", float(alpha), "1/J")

    @property
    def zero_bias_conductance(self) -> Value:
        """G0 exp(-alpha phi) in S ([M 10])."""
        return CONDUCTANCE_QUANTUM * exp(-self.alpha_per_energy * self.barrier_height)

    @property
    def characteristic_voltage(self) -> Value:
        """V0 = 2/(alpha e) in V ([M 9]); alpha must not be zero."""
        return 2.0 / (self.alpha_per_energy * ELEMENTARY_CHARGE)

    @property
    def characteristic_current(self) -> Value:
        """I0 = G0 V0 in A ([M 9]), with the gap in V0: [M 8] holds one I0 for all gaps."""
        return CONDUCTANCE_QUANTUM * self.characteristic_voltage

    def conductance(self, voltage: Value) -> Value:
        """Return I/V in S, an even function of V in V, finite at V = 0 and alpha = 0."""
        bias = 0.5 * ELEMENTARY_CHARGE * self.alpha_per_energy * voltage
        return self.zero_bias_conductance * sinhc_of_square(bias * bias)

    def current(self, voltage: Value) -> Value:
        """Return I in A for a voltage in V."""
        return self.conductance(voltage) * voltage

    def voltage(self, current: float) -> float:
        """Return the V (V) at which I flows (A): the inverse of `current`, for floats."""
        scale = float(self.zero_bias_conductance)
        half = 0.5 * ELEMENTARY_CHARGE * float(self.alpha_per_energy)
        reduced = half * current / scale
        # asinh(x)/x -> 1: a contact without a gap is ohmic.
        return current / scale if reduced == 0.0 else math.asinh(reduced) / half

    def powers(self, voltage: Value) -> tuple[Value, Value]:
        """Return the heat left and right of the contact, P_L and P_R in W ([M 20-22]).

        The prefactor is 2/(h alpha^2) in SI; written with the Langevin function L,
        P_R,L = I V (1 +- L(alpha e V/2))/2, their sum is I V to round-off. Electrons run from left
        to right for V > 0, and the right side, the drain, gets the larger part.
        """
        power = self.current(voltage) * voltage
        split = langevin_function(0.5 * ELEMENTARY_CHARGE * self.alpha_per_energy * voltage)
        return 0.5 * power * (1.0 - split), 0.5 * power * (1.0 + split)

    def exact_current(self, voltage: ArrayLike) -> Array:
        """Return I in A at T = 0 with the full D, at any voltage (V): the integral [M 1] closed."""
        return self.landauer_current(voltage, 0.0)

    def landauer_current(self, voltage: ArrayLike, temperature: float) -> Array:
        """Return the Landauer integral [M 1] with the full D.

        By parts it is the T = 0 result averaged over -df/dE. The trapezoidal rule converges
        exponentially for this analytic integrand; the step resolves kT and 1/alpha (1e-10).

        Parameters
        ----------
        voltage
            V in V, any shape.
        temperature
            T in K, >= 0.

        Returns
        -------
        Array
            I in A, in the shape of the voltage, odd in V.
        """
        not_negative("QuantumPointContact.landauer_current.temperature", temperature, "K")
        voltage = np.asarray(voltage, dtype=float)
        alpha = float(self.alpha_per_energy)
        height = alpha * self.barrier_height
        half = 0.5 * alpha * ELEMENTARY_CHARGE * np.abs(voltage)
        if alpha == 0.0:
            return 0.5 * CONDUCTANCE_QUANTUM * voltage
        thermal = alpha * BOLTZMANN * temperature
        if thermal == 0.0:
            window = _window(-height, half)
        else:
            step = 0.7 * min(1.0, 1.0 / thermal)
            count = math.ceil(_THERMAL_RANGE / step)
            x: Array = step * np.arange(-count, count + 1, dtype=float)
            weight = step * expit(x) * expit(-x)
            window = _window(np.asarray(thermal * x - height), half[..., None]) @ weight
        scale = 2.0 * ELEMENTARY_CHARGE / (PLANCK * alpha)
        return np.asarray(np.sign(voltage) * scale * window)

    def validity_voltage(self) -> float:
        """Return 2 phi/e in V, the voltage up to which the closed form holds."""
        return 2.0 * self.barrier_height / ELEMENTARY_CHARGE

    def warn_outside(self, voltage: float) -> bool:
        """Warn (`ValidityWarning`) and return True if eV/2 >= phi for a voltage in V."""
        limit = self.validity_voltage()
        if abs(voltage) < limit:
            return False
        warnings.warn(
            f"point contact: eV/2 >= phi at {abs(voltage):.4g} V, the closed form holds below "
            f"{limit:.4g} V (phi = {self.barrier_height / EV:.4g} eV)",
            ValidityWarning,
            stacklevel=2,
        )
        return True


def _window(position: float | Array, half_width: Array) -> Array:
    """Return the integral of the logistic function from position - half to position + half."""
    low, high = position - half_width, position + half_width
    near = np.log1p(np.expm1(2.0 * np.minimum(half_width, 300.0)) * expit(low))
    far = np.logaddexp(0.0, high) - np.logaddexp(0.0, low)
    return np.asarray(np.where(half_width < 300.0, near, far))


@dataclass(frozen=True, slots=True)
class Constriction:
    """Geometry of the point contact: radius and mass give phi, alpha, V0 and g0 ([M 4, 5, 9]).

    The printed middle form of [M 4] lacks a factor pi; the outer ones are used.

    Parameters
    ----------
    radius
        R in m.
    effective_mass
        m/m_e in the constriction, a key of its own.

    Raises
    ------
    InputError
        If a number is not positive.
    """

    radius: float
    effective_mass: float = 1.0

    def __post_init__(self) -> None:
        positive("Constriction.radius", self.radius, "m")
        positive("Constriction.effective_mass", self.effective_mass)

    @classmethod
    def of_decay_length(cls, decay_length: float, effective_mass: float = 1.0) -> Constriction:
        """Return the constriction with the decay length g0 (m): R = pi z0 g0/2."""
        return cls(0.5 * math.pi * BESSEL_ZERO * decay_length, effective_mass)

    @classmethod
    def of_fit(cls, alpha_per_energy: float, barrier_height: float, gap: float) -> Constriction:
        """Return the constriction that has a given alpha (1/J) and phi (J) at a gap (m).

        R = pi z0 g/(2 alpha phi) by [M 7], m from [M 5].
        """
        positive("Constriction.of_fit.alpha_per_energy", alpha_per_energy, "1/J")
        positive("Constriction.of_fit.barrier_height", barrier_height, "J")
        positive("Constriction.of_fit.gap", gap, "m")
        radius = 0.5 * math.pi * BESSEL_ZERO * gap / (alpha_per_energy * barrier_height)
        momentum = REDUCED_PLANCK * BESSEL_ZERO / radius
        return cls(radius, momentum**2 / (2.0 * barrier_height * ELECTRON_MASS))

    @property
    def barrier_height(self) -> float:
        """Height phi of the barrier in J ([M 5])."""
        momentum = REDUCED_PLANCK * BESSEL_ZERO / self.radius
        return momentum**2 / (2.0 * self.effective_mass * ELECTRON_MASS)

    @property
    def decay_length(self) -> float:
        """Decay length g0 = 2R/(pi z0) in m ([M 9]); it does not depend on the mass."""
        return 2.0 * self.radius / (math.pi * BESSEL_ZERO)

    @property
    def alpha_per_length(self) -> float:
        """Ratio alpha/g = pi m R/(hbar^2 z0) in 1/(J m) ([M 4])."""
        mass = self.effective_mass * ELECTRON_MASS
        return math.pi * mass * self.radius / (REDUCED_PLANCK**2 * BESSEL_ZERO)

    def at(self, gap: Value) -> QuantumPointContact:
        """Return the point contact with a gap g >= 0 in m.

        Raises
        ------
        InputError
            If the gap is a number below zero.
        """
        if not is_symbolic(gap) and np.any(np.asarray(gap) < 0.0):
            raise ParameterError(
                "Constriction.at.gap", f"must be at least 0, got {np.min(gap):g} m"
            )
        return QuantumPointContact(self.alpha_per_length * gap, self.barrier_height)

    def __str__(self) -> str:
        return (
            "I = G0 V0 exp(-g/g0) sinh(V/V0), "
            f"g0 = {1e9 * self.decay_length:.4g} nm, V0 = "
            f"{2e9 / (self.alpha_per_length * ELEMENTARY_CHARGE):.4g} V nm/g, "
            f"phi = {self.barrier_height / EV:.4g} eV (quantum point contact, "
            f"R = {1e9 * self.radius:.4g} nm, m = {self.effective_mass:g} m_e)"
        )


def matching_radius(effective_mass: float, barrier: float) -> float:
    """Return the radius R (m) whose point contact decays as the tunnel current does.

    R = (pi z0/2) g0 with g0 = hbar/(2 sqrt(2 m* W)), the decay length of the tunnel law.

    Parameters
    ----------
    effective_mass
        m*/m_e of the tunnel law.
    barrier
        W in J.
    """
    return float(math.pi * BESSEL_ZERO / 2.0 / decay_constant(effective_mass, barrier))
