"""From the tunnel gap to the closed contact, per area: point contact and hand-over.

A closed contact carries one quantum of conductance per surface atom, n_s G0 with n_s = 1/a0 and
a0 = Omega^(2/3).  A gap g in front of it lets exp(-g/g0) of that through ([M 10]).
"""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM
from tusk.solver.physics.contact.qpc import BESSEL_ZERO, Constriction, matching_radius
from tusk.solver.physics.functions import Value, maximum
from tusk.solver.physics.protocols import Tunnelling

__all__ = ["BESSEL_ZERO", "HandOver", "PointContactLayer", "matching_radius"]

SHARPNESS = 4
"""Exponent p of the hand-over: how sharply one law takes over from the other."""

CLOSED = 1e-16
"""Gap (m) at which the tunnel law, which may diverge at zero, is read for smaller ones."""


@dataclass(frozen=True, slots=True)
class PointContactLayer:
    """J = n_s G0 V0 exp(-g/g0) sinh(V/V0): one point contact per surface atom ([M 8, 9]).

    g0 = 2R/(pi z0) and V0 = 2 hbar^2 z0/(e pi m R g).  The law holds while eV/2 stays below the
    height of the barrier, hbar^2 z0^2/(2 m R^2); beyond it J can rise with the gap.

    Parameters
    ----------
    radius
        R of the constriction in m.
    channel_area
        a0, area of one surface atom in m^2.
    effective_mass
        m/m_e of the constriction, which need not be that of the tunnel law.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    radius: float
    channel_area: float
    effective_mass: float = 1.0

    def __post_init__(self) -> None:
        positive("PointContactLayer.radius", self.radius, "m")
        positive("PointContactLayer.channel_area", self.channel_area, "m^2")
        positive("PointContactLayer.effective_mass", self.effective_mass)

    @property
    def constriction(self) -> Constriction:
        """The point contact of one channel."""
        return Constriction(self.radius, self.effective_mass)

    @property
    def decay_length(self) -> float:
        """Decay length g0 = 2R/(pi z0) in m."""
        return self.constriction.decay_length

    @property
    def barrier_height(self) -> float:
        """Height of the barrier of the constriction, hbar^2 z0^2/(2 m R^2), in J."""
        return self.constriction.barrier_height

    @property
    def closed_conductance(self) -> float:
        """Conductance per area of the closed contact, n_s G0, in S/m^2."""
        return CONDUCTANCE_QUANTUM / self.channel_area

    def zero_bias_conductance(self, gap: Value) -> Value:
        """Return n_s G0 exp(-g/g0) in S/m^2 for a gap in m."""
        return self.constriction.at(gap).zero_bias_conductance / self.channel_area

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:  # noqa: ARG002
        """Return J/V in S/m^2 for a gap >= 0 in m and a voltage in V; T is not used."""
        return self.constriction.at(gap).conductance(voltage) / self.channel_area

    def __str__(self) -> str:
        return (
            f"J = n_s G0 V0 exp(-g/g0) sinh(V/V0), n_s G0 = {self.closed_conductance:.4g} S/m^2, "
            f"g0 = {1e9 * self.decay_length:.4g} nm, R = {1e9 * self.radius:.4g} nm, "
            f"m = {self.effective_mass:g} m_e (quantum point contacts)"
        )


@dataclass(frozen=True, slots=True)
class HandOver:
    """J/V = (G_S^-p + G_Q^-p)^(-1/p), p = 4, G_Q = n_s G0 exp(-g/g0).

    The tunnel law G_S where the gap is open; the closed contact where G_S, which diverges, exceeds
    what one channel per atom can carry.  Smooth and falling with the gap as both parts are.

    Parameters
    ----------
    tunnelling
        G_S.
    contact
        The channels; their bias dependence is left out here, where it would not hold.
    """

    tunnelling: Tunnelling
    contact: PointContactLayer

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        """Return J/V in S/m^2 for a gap >= 0 in m, a voltage in V and T in K."""
        closed = self.contact.zero_bias_conductance(gap)
        law = self.tunnelling.conductance_per_area(maximum(gap, CLOSED), voltage, temperature)
        return closed * (1.0 + (closed / law) ** SHARPNESS) ** (-1.0 / SHARPNESS)

    def __str__(self) -> str:
        return (
            f"J = (G_S^-{SHARPNESS} + G_Q^-{SHARPNESS})^(-1/{SHARPNESS}) V, "
            f"G_Q = {self.contact.closed_conductance:.4g} S/m^2 "
            f"exp(-g/{1e9 * self.contact.decay_length:.4g} nm), G_S: {self.tunnelling}"
        )
