"""Heat: conduction, and storage on a mesh that moves (Buttberg 2025, eq. 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import ufl

from tusk.solver.fields.boundary import through
from tusk.solver.fields.field import HEAT
from tusk.solver.fields.symbols import Symbol, Symbols
from tusk.solver.fields.term import Form
from tusk.solver.physics import protocols
from tusk.solver.physics.boundaries import BoundaryConductance
from tusk.solver.physics.functions import Value


@dataclass(frozen=True, slots=True)
class Filament:
    """kappa of the filament, which its law makes of the bulk's and of its own sigma.

    Attributes
    ----------
    law
        What it makes of them.
    bulk, electrical
        kappa(T) and sigma(T) of its metal in bulk, W/(m K) and S/m.
    """

    law: protocols.FilamentHeat
    bulk: Callable[[Symbol], Symbol]
    electrical: Callable[[Symbol], Symbol]

    def conductivity(self, at: Symbols) -> Symbol:
        """Return kappa, W/(m K)."""
        T = at.temperature
        electrical = at.size_effect * self.electrical(T)
        return self.law.heat_conductivity(T, self.bulk(T), electrical)


@dataclass(frozen=True, slots=True)
class HeatConduction:
    """-div(kappa(T) grad T) in a region, and what the boundaries beside it resist.

    Attributes
    ----------
    region
        Of the mesh.
    conductivity
        kappa(T), W/(m K).
    filament
        What kappa is instead, in the filament.
    boundaries
        Pairs of a `Symbols` name, the nodes of a boundary of the region, and its conductance.
    """

    region: int
    conductivity: Callable[[Symbol], Symbol]
    filament: Filament | None = None
    boundaries: tuple[tuple[str, BoundaryConductance], ...] = ()

    def form(self, at: Symbols) -> Form:
        """Return the heat flux against the gradient."""
        grad = at.space.gradient
        kappa = self.conductivity(at.temperature)
        if self.filament is not None:
            kappa = self.filament.conductivity(at)
        faces = [(getattr(at, name), law.conductance) for name, law in self.boundaries]
        flux = through(at, kappa, grad(at.temperature), faces)
        return ufl.inner(flux, grad(at.tested(HEAT))) * at.space.volume(self.region)

    def reports(self, at: Symbols) -> Mapping[str, Form]:  # noqa: ARG002
        """Report nothing: what leaves the cell is a residual of the boundary."""
        return {}


@dataclass(frozen=True, slots=True)
class HeatStorage:
    """rho c_p dT/dt in a region, seen from nodes that move with the mesh.

    Attributes
    ----------
    region
        Of the mesh.
    capacity
        rho c_p, J/(m³ K).
    """

    region: int
    capacity: Value

    def _rate(self, at: Symbols) -> Symbol:
        """Return rho c_p (dT/dt at fixed nodes - w . grad T), W/m³."""
        rate = at.storage_rate * at.temperature + at.stored_heat
        rate -= ufl.dot(at.mesh_velocity, ufl.grad(at.temperature))
        return self.capacity * rate

    def form(self, at: Symbols) -> Form:
        """Return the heat that is stored."""
        return (self._rate(at) * at.tested(HEAT)) * at.space.volume(self.region)

    def reports(self, at: Symbols) -> Mapping[str, Form]:
        """Return the power that is stored."""
        return {"stored_power": self._rate(at) * at.space.volume(self.region)}
