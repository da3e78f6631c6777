"""Charge transfer as the processes of the filament's surface see it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tusk.solver.errors import MeshTangled
from tusk.solver.fields.surface_kinetics import Surface, SurfaceKinetics
from tusk.solver.front.mechanics import surface as mechanics
from tusk.solver.front.mechanics.curves import Curve, FrontError
from tusk.solver.front.mechanics.scheme import reference_curvature
from tusk.solver.front.surface import Array, Branches
from tusk.solver.physics.capillarity import Capillarity, NoCapillarity
from tusk.solver.physics.constants import NM


def curvature(curve: Array) -> Array:
    """Return the sum of the principal curvatures at nodes (n, 2), nm: (n,), 1/nm.

    Raises
    ------
    MeshTangled
        If the nodes are no surface.
    """
    try:
        return reference_curvature(Curve(curve), mechanics.Surface.diffusing(len(curve), 0.0))
    except FrontError as error:
        raise MeshTangled(str(error)) from error


def potential(law: Capillarity | NoCapillarity, curve: Array) -> Array:
    """Return what the curvature at nodes (n, 2), nm, adds to the overpotential (n,), V."""
    return np.asarray(law.potential(curvature(curve) / NM))


@dataclass(frozen=True, slots=True)
class FilamentKinetics:
    """Butler-Volmer branches at the nodes of the filament curve.

    Attributes
    ----------
    kinetics
        Charge transfer at a metal surface.
    capillarity
        What curvature adds to the overpotential.
    offset
        What is added besides, V: to see how charge transfer answers.
    """

    kinetics: SurfaceKinetics
    capillarity: Capillarity | NoCapillarity = field(default_factory=NoCapillarity)
    offset: float = 0.0

    def shifted(self, offset: float) -> FilamentKinetics:
        """Return the same with the overpotential changed by ``offset`` (V)."""
        return replace(self, offset=self.offset + offset)

    def branches(self, curve: Array, fields: Array, void: bool = True) -> Branches:
        """Return the branches at nodes (n, 2), nm, with phi_e, phi_i, T there (n, 3)."""
        r, z = curve.T * NM
        electron, ion, temperature = fields.T
        tension = None
        if isinstance(self.capillarity, Capillarity):
            tension = potential(self.capillarity, curve) + self.offset
        anodic, cathodic = self.kinetics.branches(
            Surface.FILAMENT, (r, z), (electron, ion), temperature, void, tension
        )
        return Branches(np.asarray(anodic), np.asarray(cathodic))
