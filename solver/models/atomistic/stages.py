"""Which stage of rewiring a contact has reached (Milano 2024, Fig. 1i)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from tusk.solver.models.atomistic.potential import Array

ISLAND = 3
"""Atoms of the gap in touch from which on they are an island."""

STAGES = ("open", "adatoms", "islands", "bridge", "enlarged")
"""Names of the stages; their numbers are their places."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What stands in a gap.

    Attributes
    ----------
    gap_atoms
        Atoms where none was at the start.
    island
        Most of them in touch with one another.
    narrowest
        Least number of atoms that cut the leads apart.
    """

    gap_atoms: int
    island: int
    narrowest: int

    @property
    def stage(self) -> int:
        """0 nothing in the gap, 1 single adatoms, 2 islands, 3 one atom bridges, 4 more do."""
        if self.narrowest:
            return 3 if self.narrowest == 1 else 4
        if self.island >= ISLAND:
            return 2
        return 1 if self.gap_atoms else 0


def growth(atoms: Array, half_gap: float, reach: float, narrowest: int) -> Growth:
    """Return what stands in a gap.

    Parameters
    ----------
    atoms
        Moving atoms (n, 3), angstrom.
    half_gap
        The gap at the start is |z| < half_gap, angstrom; 0 for none.
    reach
        Distance up to which atoms touch, angstrom.
    narrowest
        Least number of atoms that cut the leads apart.
    """
    inside = atoms[np.abs(atoms[:, 2]) < half_gap]
    if not len(inside):
        return Growth(0, 0, narrowest)
    first, second = cKDTree(inside).query_pairs(reach, output_type="ndarray").T
    shape = (len(inside),) * 2
    bonds = coo_array((np.ones(len(first)), (first, second)), shape=shape)
    _, label = connected_components(bonds, directed=False)
    return Growth(len(inside), int(np.bincount(label).max()), narrowest)
