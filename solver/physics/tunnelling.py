"""Tunnelling across the gap between filament and active electrode ([B 5], Simmons 1963)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import (
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    EV,
    PLANCK,
    VACUUM_PERMITTIVITY,
)
from tusk.solver.physics.functions import Value, absolute, exp, maximum, minimum, sqrt

__all__ = [
    "NoTunnelling",
    "SimmonsFull",
    "SimmonsLinear",
    "decay_constant",
    "emitter_share",
    "image_barrier",
]

IMAGE_ENERGY = math.log(2.0) * ELEMENTARY_CHARGE**2 / (8.0 * math.pi * VACUUM_PERMITTIVITY)
"""e^2 ln 2/(8 pi eps0) = 0.499 eV nm, in J m: of the image charges in both faces of a gap."""

LOWEST_BARRIER = 0.01
"""Share of the barrier that the image force leaves at least."""


def image_barrier(barrier: Value, permittivity: float | None, gap: Value) -> Value:
    """Return the mean barrier with the image charges of both faces, J (Simmons 1963).

    W - e^2 ln 2/(8 pi eps_r eps0 g), at least a hundredth of W: where less would be left nothing
    stands between the metals.

    Parameters
    ----------
    barrier
        W without image charges in J.
    permittivity
        eps_r at the frequency of a crossing electron, dimensionless; None: no image force.
    gap
        g in m.
    """
    if permittivity is None:
        return barrier
    return maximum(barrier - IMAGE_ENERGY / (permittivity * gap), LOWEST_BARRIER * barrier)


def decay_constant(effective_mass: Value, barrier: Value) -> Value:
    """Return (4 pi/h) sqrt(2 m* W), the decay rate of the current with the gap, in 1/m.

    Parameters
    ----------
    effective_mass
        m*/m_e, dimensionless.
    barrier
        Barrier height in J.
    """
    return 4.0 * math.pi / PLANCK * sqrt(2.0 * effective_mass * ELECTRON_MASS * barrier)


def _image(permittivity: float | None) -> str:
    return "" if permittivity is None else f", image force with eps_r = {permittivity:g}"


@dataclass(frozen=True, slots=True)
class SimmonsLinear:
    """J = c sqrt(2 m* W)/g (e/h)^2 exp(-(4 pi g/h) sqrt(2 m* W)) V, the low-bias limit.

    It diverges as 1/g; below a few hundredths of a nanometre a contact model has to take over.

    Parameters
    ----------
    effective_mass
        m*/m_e, dimensionless.
    barrier
        W in J.
    prefactor
        c, dimensionless: 1/2 as printed in [B 5], 1 in Simmons 1963, 3/2 in other papers.
    image_permittivity
        eps_r of the image force, which lowers W in the exponent, not before it: there the mean
        barrier would let less through the smaller the gap. None: no image force.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    effective_mass: float
    barrier: float
    prefactor: float = 0.5
    image_permittivity: float | None = None

    def __post_init__(self) -> None:
        positive("SimmonsLinear.effective_mass", self.effective_mass)
        positive("SimmonsLinear.barrier", self.barrier, "J")
        positive("SimmonsLinear.prefactor", self.prefactor)
        if self.image_permittivity is not None:
            positive("SimmonsLinear.image_permittivity", self.image_permittivity)

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:  # noqa: ARG002
        """Return J/V of the gap.

        Parameters
        ----------
        gap
            g > 0 in m, any shape.
        voltage, temperature
            V and K; not used by this law.

        Returns
        -------
        Value
            Conductance per area in S/m^2.
        """
        lowered = image_barrier(self.barrier, self.image_permittivity, gap)
        decay = decay_constant(self.effective_mass, lowered)
        momentum = sqrt(2.0 * self.effective_mass * ELECTRON_MASS * self.barrier)
        scale = self.prefactor * momentum * (ELEMENTARY_CHARGE / PLANCK) ** 2
        return scale / gap * exp(-decay * gap)

    def __str__(self) -> str:
        plain = SimmonsLinear(self.effective_mass, self.barrier, self.prefactor)
        decay = decay_constant(self.effective_mass, self.barrier)
        scale = plain.conductance_per_area(1e-9, 0.0, 300.0) * math.exp(decay * 1e-9)
        return (
            f"J = {scale:.4g} S/m^2 V (1 nm/g) exp(-g/{1e9 / decay:.4g} nm) "
            f"(linear Simmons, m* = {self.effective_mass:g} m_e, W = {self.barrier / EV:g} eV, "
            f"c = {self.prefactor:g}{_image(self.image_permittivity)})"
        )


_CUTOFF = 14.0
_NODES, _WEIGHTS = (tuple(map(float, a)) for a in np.polynomial.legendre.leggauss(10))
_TAIL_NODES, _TAIL_WEIGHTS = (tuple(map(float, a)) for a in np.polynomial.laguerre.laggauss(3))


@dataclass(frozen=True, slots=True)
class SimmonsFull:
    """J = (4 pi m* e/h^3) integral of min(eps, eV) D(eps, V) d eps, eps from 0 to infinity.

    eps is the energy below the emitter's Fermi level, min(eps, eV) the supply difference of two
    free-electron metals at zero temperature with a deep band bottom, and D the WKB transmission
    of the tilted (trapezoidal, above eV > W triangular) barrier without image force,
    -ln D = (4 pi/h) sqrt(2 m*) integral of sqrt(W + eps - eV x/g) dx.

    Every node of the quadrature adds a positive term, and the integral increases with V and
    decreases with g, where Simmons' closed form turns negative (g < 2/decay).
    As V -> 0 it becomes sqrt(2 m* W)/g (e/h)^2 (1 + 1/(g decay)) exp(-g decay): the linear law
    with c = 1 and the small-gap term that Simmons drops. There is no free prefactor.

    Quadrature: 10 Gauss-Legendre nodes in sqrt(W + eps) over the bias window (cut where D has
    fallen by exp(-14)) and 3 Gauss-Laguerre nodes below it. Relative error up to
    gaps of 20 nm: 5e-5 while eV < W; 7e-3 above, where the barrier becomes a triangle within the
    bias window and the integrand has a weak singularity (3e-3 below 1 nm).

    Parameters
    ----------
    effective_mass
        m*/m_e, dimensionless, in the supply and in the barrier.
    barrier
        W in J.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    effective_mass: float
    barrier: float
    image_permittivity: float | None = None

    def __post_init__(self) -> None:
        positive("SimmonsFull.effective_mass", self.effective_mass)
        positive("SimmonsFull.barrier", self.barrier, "J")
        if self.image_permittivity is not None:
            positive("SimmonsFull.image_permittivity", self.image_permittivity)

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:  # noqa: ARG002
        """Return J/V of the gap, an even function of V, finite at V = 0.

        Parameters
        ----------
        gap
            g > 0 in m, any shape.
        voltage
            V across the gap in V, either sign.
        temperature
            K; not used: the supply is that of zero temperature.

        Returns
        -------
        Value
            Conductance per area in S/m^2.
        """
        barrier = image_barrier(self.barrier, self.image_permittivity, gap)
        thickness = decay_constant(self.effective_mass, barrier) * gap
        bias = absolute(voltage) * (ELEMENTARY_CHARGE / barrier)
        mass = self.effective_mass * ELECTRON_MASS
        scale = 4.0 * math.pi * mass * ELEMENTARY_CHARGE**2 * barrier / PLANCK**3
        return scale * (_window(thickness, bias) + _tail(thickness, bias))

    def __str__(self) -> str:
        return (
            "J = (4 pi m* e/h^3) int min(eps, eV) D_WKB(eps, V) d eps "
            f"(full Simmons, T = 0, m* = {self.effective_mass:g} m_e, W = {self.barrier / EV:g} eV"
            f"{_image(self.image_permittivity)})"
        )


def _attenuation(thickness: Value, bias: Value, top: Value) -> Value:
    """Return -ln D of a trapezoidal or triangular barrier.

    With energies in units of W, p^2 = ``top`` the barrier at the emitter and q^2 = top - bias at
    the collector, the mean of the root is (2/3)(p^3 - q^3)/(p^2 - q^2), written without the
    difference of nearly equal numbers.
    """
    p = sqrt(top)
    # The floor keeps the derivative of the root finite once the barrier is a triangle (q = 0);
    # it changes the exponent by 1e-8 relative.
    q_squared = maximum(top - bias, 1e-8)
    q = sqrt(q_squared)
    part = top / maximum(top, bias)
    return (2.0 / 3.0) * thickness * part * (top + p * q + q_squared) / (p + q)


def _window(thickness: Value, bias: Value) -> Value:
    """Return (1/bias) times the integral of eps D from 0 to bias, energies in units of W."""
    rate = maximum(sqrt(1.0 + bias) + 1.0, thickness * minimum(bias, 2.0) / _CUTOFF)
    span = bias / rate
    total: Value = 0.0
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        t = 0.5 * (1.0 + node)
        root = 1.0 + t * span
        transmission = exp(-_attenuation(thickness, bias, root * root))
        total = total + weight * t * (root + 1.0) * root * transmission
    return total * span / rate


def _second_moment(thickness: Value, bias: Value) -> Value:
    """Return the integral of (eps/bias)^2 D from 0 to bias, by the nodes of `_window`."""
    rate = maximum(sqrt(1.0 + bias) + 1.0, thickness * minimum(bias, 2.0) / _CUTOFF)
    span = bias / rate
    total: Value = 0.0
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        t = 0.5 * (1.0 + node)
        root = 1.0 + t * span
        transmission = exp(-_attenuation(thickness, bias, root * root))
        total = total + weight * (t * (root + 1.0)) ** 2 * root * transmission
    return total * span / rate**2


def emitter_share(thickness: Value, bias: Value) -> Value:
    """Return the part of eV that electrons leave as holes in the emitter, for the full law.

    Electrons of normal energy depth eps fill total depths u from 0 to min(eps, eV) evenly: they
    leave u behind and bring eV - u across.  The mean of u over the current is the integral of
    min(eps, eV)^2 D/2 over that of min(eps, eV) D.

    Parameters
    ----------
    thickness
        g times the decay rate, dimensionless.
    bias
        e|V|/W, dimensionless.
    """
    tail = _tail(thickness, bias)
    return 0.5 * (_second_moment(thickness, bias) + tail) / (_window(thickness, bias) + tail)


def _tail(thickness: Value, bias: Value) -> Value:
    """Return the integral of D from bias to infinity, energies in units of W."""
    total: Value = 0.0
    for node, weight in zip(_TAIL_NODES, _TAIL_WEIGHTS, strict=True):
        root = sqrt(1.0 + 0.5 * bias) + node / thickness
        attenuation = _attenuation(thickness, bias, root * root + 0.5 * bias)
        total = total + weight * root * exp(node - attenuation)
    return 2.0 * total / thickness


@dataclass(frozen=True, slots=True)
class NoTunnelling:
    """An insulating gap."""

    insulates = True
    """No electrons cross it: it needs no conductor."""

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        """Return zero in S/m^2, in the shape of the arguments."""
        return 0.0 * (gap + voltage + temperature)

    def __str__(self) -> str:
        return "J = 0 (no tunnelling)"
