"""The equations of the cell: which terms, made of which closures.

Everything here is symbolic: the forms are compiled once per kind of law and bound to each new mesh
afterwards, the numbers of the laws with it.  Unknowns are the electronic potential phi_e (V), the
ionic potential phi_i (V) and the temperature T (K); currents come out in A and powers in W.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING

import ufl

from tusk.meshes.cell import FILAMENT
from tusk.solver.fields.field import INSULATORS, METALS
from tusk.solver.fields.gap import BarrierHeat, Tunnelling
from tusk.solver.fields.heat import Filament, HeatConduction, HeatStorage
from tusk.solver.fields.ions import ButlerVolmer, MottGurney
from tusk.solver.fields.ohm import Ohm
from tusk.solver.fields.source import SourceCurrent
from tusk.solver.fields.surface_kinetics import Surface
from tusk.solver.fields.symbols import Symbols
from tusk.solver.fields.term import Form, Term
from tusk.solver.physics.barrier_heating import OverLength

if TYPE_CHECKING:
    from tusk.solver.models.filament.closures import FilamentPhysics


def terms_of(physics: FilamentPhysics) -> list[Term]:
    """Return the terms of the filament model: the list to which a mechanism is added."""
    kinetics, conductor = physics.surface_kinetics, physics.gap_conductor
    tunnelling = Tunnelling(conductor, physics.has_contact)
    terms: list[Term] = [
        Ohm(
            region,
            partial(physics.metal_conductivity, region),
            thin=region == FILAMENT,
            boundaries=physics.boundaries.of_electrons(region),
        )
        for region in METALS
    ]
    terms += [tunnelling, MottGurney(physics.hopping), SourceCurrent()]
    for surface in Surface:
        terms.append(ButlerVolmer(surface, kinetics, physics.weighs_deposit, physics.has_tension))
        terms.append(BarrierHeat(surface, tunnelling, physics.barrier_heating))
    for region in (*METALS, *INSULATORS):
        material = physics.material(region)
        kappa, sigma = material.thermal_conductivity, partial(physics.metal_conductivity, region)
        thin = Filament(physics.filament_heat, kappa, sigma) if region == FILAMENT else None
        terms.append(HeatConduction(region, kappa, thin, physics.boundaries.of_heat(region)))
        if physics.transient:
            terms.append(HeatStorage(region, material.heat_capacity))
    return terms


@dataclass(frozen=True)
class Equations:
    """The residual of the coupled system and the integrals reported of its solution.

    Parameters
    ----------
    physics
        The closures; their numbers may be constants of the symbols' domain.
    symbols
        The placeholders.
    """

    physics: FilamentPhysics
    symbols: Symbols = field(default_factory=Symbols)

    @cached_property
    def terms(self) -> list[Term]:
        """What the residual is the sum of."""
        return terms_of(self.physics)

    def residual(self) -> Form:
        """Return the residual of the coupled system, in A, A and W."""
        spread = isinstance(self.physics.boundaries.deposition, OverLength)
        first, *others = (
            term for term in self.terms if not (spread and isinstance(term, BarrierHeat))
        )
        return sum((term.form(self.symbols) for term in others), start=first.form(self.symbols))

    def face_heat(self) -> Form:
        """Return the heat at the faces of the gap, which enters the residual with its sign."""
        first, *others = (term for term in self.terms if isinstance(term, BarrierHeat))
        return sum((term.form(self.symbols) for term in others), start=first.form(self.symbols))

    def filament_ions(self) -> Form:
        """Return the ions that leave the filament, which enter the residual of electrons."""
        (term,) = (
            term
            for term in self.terms
            if isinstance(term, ButlerVolmer) and term.surface is Surface.FILAMENT
        )
        return term.form(self.symbols)

    def jacobian(self) -> Form:
        """Return the exact derivative of the residual."""
        return ufl.derivative(self.residual(), self.symbols.solution, self.symbols.trial)

    def integrals(self) -> dict[str, Form]:
        """Return the scalar forms of the ledgers: currents in A, powers in W."""
        found: dict[str, list[Form]] = defaultdict(list)
        for term in self.terms:
            for name, form in term.reports(self.symbols).items():
                found[name].append(form)
        return {name: sum(forms[1:], start=forms[0]) for name, forms in found.items()}
