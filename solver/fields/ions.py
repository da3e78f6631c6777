"""Ions: hopping through the oxide, and charge transfer where they leave a metal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ufl

from tusk.solver.fields.field import ELECTRON, INSULATORS, ION
from tusk.solver.fields.surface_kinetics import Surface, SurfaceKinetics
from tusk.solver.fields.symbols import (
    ELECTRODE_GAP,
    ELECTRODE_OXIDE,
    FILAMENT_GAP,
    FILAMENT_OXIDE,
    Symbol,
    Symbols,
)
from tusk.solver.fields.term import Form
from tusk.solver.physics import protocols

SIDES = {
    Surface.FILAMENT: (FILAMENT_OXIDE, FILAMENT_GAP),
    Surface.ELECTRODE: (ELECTRODE_OXIDE, ELECTRODE_GAP),
}
"""Interfaces of each metal with what conducts ions."""


@dataclass(frozen=True, slots=True)
class MottGurney:
    """div(sigma_ion(|grad phi_i|, T) grad phi_i) = 0 (Buttberg 2025, eq. 4)."""

    hopping: protocols.IonConduction

    def conductivity(self, at: Symbols) -> Symbol:
        """Return sigma_ion, S/m."""
        slope = at.space.gradient(at.ionic_potential)
        return self.hopping.conductivity(ufl.inner(slope, slope), at.temperature)

    def form(self, at: Symbols) -> Form:
        """Return the ionic current against the gradient."""
        grad = at.space.gradient
        slope, tested = grad(at.ionic_potential), grad(at.tested(ION))
        return (self.conductivity(at) * ufl.inner(slope, tested)) * at.space.volume(*INSULATORS)

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return the power that hopping ions lose."""
        slope = at.space.gradient(at.ionic_potential)
        power = self.conductivity(at) * ufl.inner(slope, slope)
        return {"ionic_dissipation": power * at.space.volume(*INSULATORS)}


@dataclass(frozen=True, slots=True)
class ButlerVolmer:
    """J_BV from metal to oxide: electrons stay behind, ions enter (Buttberg 2025, eqs. 2, 3).

    Attributes
    ----------
    surface
        Of the filament or the active electrode.
    kinetics
        Charge transfer with the barriers of a place.
    weighs_deposit
        Whether what is deposited is weighed: by a contact, or where the nucleus is reached.
    has_tension
        Whether the filament's surface has a tension that adds to the overpotential.
    """

    surface: Surface
    kinetics: SurfaceKinetics
    weighs_deposit: bool
    has_tension: bool = False

    def current_density(self, at: Symbols) -> Symbol:
        """Return J_BV in A/m², positive = oxidation."""
        potentials = at.electronic_potential, at.ionic_potential
        curved = self.has_tension and self.surface is Surface.FILAMENT
        anodic, cathodic = self.kinetics.branches(
            self.surface,
            at.space.coordinates,
            potentials,
            at.temperature,
            tension=at.tension if curved else None,
        )
        if self.surface is Surface.ELECTRODE:
            return anodic - cathodic
        if self.weighs_deposit:
            cathodic = at.depositable * cathodic
        return at.dissolvable * anodic - cathodic

    def form(self, at: Symbols) -> Form:
        """Return what leaves the metal and enters the oxide."""
        crossing = at.tested(ELECTRON) - at.tested(ION)
        return (self.current_density(at) * crossing) * at.space.surface(*SIDES[self.surface])

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return the ionic current, and the powers of overpotential and electromotive force."""
        law, dA = self.kinetics.charge_transfer, at.space.surface(*SIDES[self.surface])
        density = self.current_density(at)
        over = law.overpotential(at.electronic_potential, at.ionic_potential)
        offset = at.electronic_potential - at.ionic_potential - over
        return {
            f"{self.surface.value}_ion_current": density * dA,
            "overpotential_dissipation": (over * density) * dA,
            "electromotive_power": (offset * density) * dA,
        }
