"""Electrons in metals: Ohm's law and the heat that it leaves (Buttberg 2025, eqs. 6 and 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ufl

from tusk.solver.fields.boundary import through
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.fields.symbols import Symbol, Symbols
from tusk.solver.fields.term import Form
from tusk.solver.physics.boundaries import SharvinConstriction


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
    boundaries
        Pairs of a `Symbols` name, the nodes of a boundary of the region, and what it lets through.
    """

    region: int
    bulk_conductivity: Callable[[Symbol], Symbol]
    thin: bool = False
    boundaries: tuple[tuple[str, SharvinConstriction], ...] = ()

    def conductivity(self, at: Symbols) -> Symbol:
        """Return sigma, S/m."""
        bulk = self.bulk_conductivity(at.temperature)
        return at.size_effect * bulk if self.thin else bulk

    def _joule(self, at: Symbols) -> Symbol:
        """Return sigma |grad phi_e|², W/m³."""
        slope = at.space.gradient(at.electronic_potential)
        if not self.boundaries:
            return self.conductivity(at) * ufl.inner(slope, slope)
        return ufl.inner(self._flux(at), slope)

    def _flux(self, at: Symbols) -> Symbol:
        """Return sigma grad phi_e, less what the boundaries keep back, A/m²."""
        faces = [(getattr(at, name), law.conductance) for name, law in self.boundaries]
        slope = at.space.gradient(at.electronic_potential)
        return through(at, self.conductivity(at), slope, faces)

    def form(self, at: Symbols) -> Form:
        """Return the current against the gradient, less the heat."""
        dV, grad = at.space.volume(self.region), at.space.gradient
        slope, tested = grad(at.electronic_potential), grad(at.tested(ELECTRON))
        if not self.boundaries:
            current = (self.conductivity(at) * ufl.inner(slope, tested)) * dV
        else:
            current = ufl.inner(self._flux(at), tested) * dV
        return current - (self._joule(at) * at.tested(HEAT)) * dV

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return the Joule power."""
        return {"joule_power": self._joule(at) * at.space.volume(self.region)}
