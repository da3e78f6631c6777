"""Electrons in metals: Ohm's law and the heat that it leaves (Buttberg 2025, eqs. 6 and 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ufl

from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.fields.symbols import Symbol, Symbols
from tusk.solver.fields.term import Form


@dataclass(frozen=True, slots=True)
class Ohm:
    """div(sigma grad phi_e) = 0 in a metal, and sigma |grad phi_e|² as its heat.

    Attributes
    ----------
    region
        Of the mesh.
    bulk_conductivity
        sigma(T) of the bulk, S/m.
    thin
        Whether the size effect of the filament acts.
    """

    region: int
    bulk_conductivity: Callable[[Symbol], Symbol]
    thin: bool = False

    def conductivity(self, at: Symbols) -> Symbol:
        """Return sigma, S/m."""
        bulk = self.bulk_conductivity(at.temperature)
        return at.size_effect * bulk if self.thin else bulk

    def _joule(self, at: Symbols) -> Symbol:
        """Return sigma |grad phi_e|², W/m³."""
        slope = at.space.gradient(at.electronic_potential)
        return self.conductivity(at) * ufl.inner(slope, slope)

    def form(self, at: Symbols) -> Form:
        """Return the current against the gradient, less the heat."""
        dV, grad = at.space.volume(self.region), at.space.gradient
        slope, tested = grad(at.electronic_potential), grad(at.tested(ELECTRON))
        current = (self.conductivity(at) * ufl.inner(slope, tested)) * dV
        return current - (self._joule(at) * at.tested(HEAT)) * dV

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return the Joule power."""
        return {"joule_power": self._joule(at) * at.space.volume(self.region)}
