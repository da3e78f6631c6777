"""Atoms put onto the tips of a gap one by one: growth that is driven, not brought by a field."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from tusk.solver.errors import SolveError
from tusk.solver.models.atomistic.potential import Array

_CLOSE, _FAR = 0.9, 1.15
"""Distances to the nearest atom, over that of neighbours, between which an atom is put."""
_TRIES = 100_000


@dataclass(frozen=True, slots=True)
class Deposition:
    """When and where atoms are put.

    Attributes
    ----------
    every
        Time between two atoms, ps.
    radius
        Largest distance from the axis, angstrom.
    spacing
        Distance of neighbours, angstrom.
    """

    every: float
    radius: float
    spacing: float

    def place(self, atoms: Array, random: np.random.Generator) -> Array:
        """Return a place (3,) that touches atoms (n, 3) and overlaps with none.

        Any such place next to the axis is as likely as any other.

        Raises
        ------
        SolveError
            If there is none.
        """
        tree = cKDTree(atoms)
        near = atoms[np.hypot(atoms[:, 0], atoms[:, 1]) <= self.radius + self.spacing]
        if not len(near):
            raise SolveError("deposition: no atom is near the axis")
        low, high = near[:, 2].min(), near[:, 2].max()
        angle = random.uniform(0.0, 2.0 * np.pi, _TRIES)
        radius = self.radius * np.sqrt(random.random(_TRIES))
        height = random.uniform(low, high, _TRIES)
        tried = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), height])
        distance = tree.query(tried)[0] / self.spacing
        good = np.flatnonzero((distance >= _CLOSE) & (distance <= _FAR))
        if not len(good):
            raise SolveError("deposition: no place is left next to the axis")
        return np.asarray(tried[good[0]])
