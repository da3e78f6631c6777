"""Electrons across the gap, and the heat that they leave at its two ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ufl

from tusk.meshes.cell import GAP
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.fields.surface_kinetics import Surface
from tusk.solver.fields.symbols import ELECTRODE_GAP, FILAMENT_GAP, Symbol, Symbols
from tusk.solver.fields.term import Form
from tusk.solver.physics import protocols
from tusk.solver.physics.constants import NM
from tusk.solver.physics.functions import Value

ENDS = {Surface.FILAMENT: FILAMENT_GAP, Surface.ELECTRODE: ELECTRODE_GAP}
"""Interfaces at the two ends of gap columns."""


@dataclass(frozen=True, slots=True)
class GapConductor:
    """J/V of the gap, stated once: for the solve, its ledgers, tables and files.

    The law where the gap is open, conducting sites over their share of the area; symbols and
    numbers alike, SI.

    Attributes
    ----------
    law
        The law of the open gap (Buttberg 2025, eq. 5).
    """

    law: protocols.Tunnelling

    @property
    def conducts(self) -> bool:
        """Whether electrons cross the gap at all."""
        return not getattr(self.law, "insulates", False)

    def open(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        """Return J/V in S/m² where no contact can be: gap in m, V, K."""
        return self.law.conductance_per_area(gap, voltage, temperature)

    def conductance(
        self,
        gap: Value,
        voltage: Value,
        temperature: Value,
        site_share: Value = 0.0,
        site_conductance: Value = 0.0,
    ) -> Value:
        """Return J/V in S/m².

        Parameters
        ----------
        gap
            What is left of the gap by the metal in it, m.
        voltage, temperature
            V (positive where the active electrode is) and K.
        site_share, site_conductance
            Area share of conducting sites and their S/m².
        """
        open_part = (1.0 - site_share) * self.open(gap, voltage, temperature)
        return open_part + site_share * site_conductance


@dataclass(frozen=True, slots=True)
class Tunnelling:
    """J = G V between the ends of a gap column (Buttberg 2025, eq. 5, and contacts).

    A current density J = G V[phi_e] tested with V[v] acts between the two surfaces; integrated
    over the gap it is V[u] V[v] per gap width.  In a column the voltage is exactly the difference
    between its ends, and columns do not conduct sideways.

    Attributes
    ----------
    conductor
        J/V.
    has_contact
        Whether the gap may be closed or hold conducting sites.
    """

    conductor: GapConductor
    has_contact: bool

    def across(self, at: Symbols, u: Symbol) -> Symbol:
        """Return the difference of ``u`` between the electrode's and the filament's surface."""
        return at.span * ufl.grad(u)[1]

    def voltage(self, at: Symbols) -> Symbol:
        """Return V_Tu, positive when the active electrode is positive (V)."""
        return self.across(at, at.electronic_potential)

    def conductance(self, at: Symbols) -> Symbol:
        """Return J/V in S/m²."""
        voltage, temperature = self.voltage(at), at.temperature
        if not self.has_contact:
            return self.conductor.open(at.gap * NM, voltage, temperature)
        left = (at.gap - at.closed) * NM
        return self.conductor.conductance(
            left, voltage, temperature, at.site_share, at.site_conductance
        )

    def _through(self, at: Symbols, tested: Symbol) -> Form:
        """Return the current through the gap, tested."""
        # A triangle is as high as its vertical edge: over that width both edges of a strip count
        # linearly across it, over the gap the longer one counts more, 1 % where a gap closes.
        width = (at.span if self.has_contact else at.gap) * NM
        product = self.voltage(at) * self.across(at, tested) / width
        return (self.conductance(at) * product) * at.space.volume(GAP)

    def form(self, at: Symbols) -> Form:
        """Return the tunnel current between the surfaces."""
        return self._through(at, at.tested(ELECTRON))

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return current and dissipation of the gap."""
        return {
            "tunnel_current": self._through(at, at.cut),
            "gap_dissipation": self._through(at, at.electronic_potential),
        }


@dataclass(frozen=True, slots=True)
class BarrierHeat:
    """q_Tu, the share of the dissipation in the gap that heats one of its ends (eq. 10).

    Attributes
    ----------
    surface
        Which end.
    tunnelling
        The current.
    heating
        How the dissipation is shared.
    """

    surface: Surface
    tunnelling: Tunnelling
    heating: protocols.BarrierHeating

    def _power(self, at: Symbols) -> Symbol:
        """Return q_Tu, W/m²."""
        normal = ufl.FacetNormal(at.domain)
        voltage = self.tunnelling.voltage(at)
        electrode, filament = self.heating.shares(voltage, at.gap * NM)
        share = filament if self.surface is Surface.FILAMENT else electrode
        power = self.tunnelling.conductance(at) * voltage**2 * abs(normal[1])
        return at.heat_scale * share * power

    def form(self, at: Symbols) -> Form:
        """Return the heat that enters."""
        return -(self._power(at) * at.tested(HEAT)) * at.space.surface(ENDS[self.surface])

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return the heat."""
        return {"tunnel_heat": self._power(at) * at.space.surface(ENDS[self.surface])}
