"""Atoms put onto the tips of a gap one by one: growth that is driven, not brought by a field."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from tusk.solver.errors import SolveError
from tusk.solver.models.atomistic.potential import Array

_CLOSE, _FAR = 0.9, 1.15
"""Distances to the nearest atom, over that of neighbours, between which an atom is put."""
_TRIES = 20_000


@dataclass(frozen=True, slots=True)
class Deposition:
    """When and where atoms are put.

    Attributes
    ----------
    every
        Time between two atoms, ps; infinite for none.
    radius
        Distance from the axis up to which they are put while there is room, angstrom.
    spacing
        Distance of neighbours, angstrom.
    most
        Atoms after which no more are put.
    """

    every: float
    radius: float
    spacing: float
    most: float = math.inf

    def place(self, atoms: Array, random: np.random.Generator) -> Array:
        """Return a place (3,) that touches atoms (n, 3) and overlaps with none.

        Any such place next to the axis is as likely as any other. Where metal fills the room up to
        the radius, places further out are taken.

        Raises
        ------
        SolveError
            If there is none at four times the radius.
        """
        for factor in (1.0, 1.5, 2.25, 4.0):
            places = self._places(atoms, factor * self.radius, random)
            if len(places):
                return np.asarray(places[0])
        raise SolveError("deposition: no place is left next to the axis")

    def _places(self, atoms: Array, width: float, random: np.random.Generator) -> Array:
        """Return some places (m, 3) within a distance of the axis, maybe none."""
        tree = cKDTree(atoms)
        near = atoms[np.hypot(atoms[:, 0], atoms[:, 1]) <= width + self.spacing]
        if not len(near):
            raise SolveError("deposition: no atom is near the axis")
        low, high = near[:, 2].min(), near[:, 2].max()
        angle = random.uniform(0.0, 2.0 * np.pi, _TRIES)
        radius = width * np.sqrt(random.random(_TRIES))
        height = random.uniform(low, high, _TRIES)
        tried = np.column_stack([radius * np.cos(angle), radius * np.sin(angle), height])
        distance = tree.query(tried)[0] / self.spacing
        return np.asarray(tried[(distance >= _CLOSE) & (distance <= _FAR)])


NOTHING = Deposition(every=math.inf, radius=0.0, spacing=1.0)
"""No atoms are put."""
