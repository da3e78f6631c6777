"""Charge transfer as the processes of the filament's surface see it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tusk.solver.fields.surface_kinetics import Surface, SurfaceKinetics
from tusk.solver.front.surface import Array, Branches
from tusk.solver.physics.constants import NM


@dataclass(frozen=True, slots=True)
class FilamentKinetics:
    """Butler-Volmer branches at the nodes of the filament curve."""

    kinetics: SurfaceKinetics

    def branches(self, curve: Array, fields: Array, void: bool = True) -> Branches:
        """Return the branches at nodes (n, 2), nm, with phi_e, phi_i, T there (n, 3)."""
        r, z = curve.T * NM
        electron, ion, temperature = fields.T
        anodic, cathodic = self.kinetics.branches(
            Surface.FILAMENT, (r, z), (electron, ion), temperature, void
        )
        return Branches(np.asarray(anodic), np.asarray(cathodic))
