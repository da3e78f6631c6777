"""Structures of atoms: necks, pyramids and wires between two faces of an fcc crystal.

All atoms lie on one lattice, the electrodes included; z is the axis, layers are numbered from the
middle, and the layers of the electrodes are those next to the first and the last one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.contact import Electrode
from tusk.solver.models.atomistic.leads import LAYERS, Face, SurfaceGreen
from tusk.solver.models.atomistic.potential import Array

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Lattice:
    """An fcc crystal with a face across z.

    Attributes
    ----------
    face
        Orientation.
    spacing
        Distance of neighbours, angstrom.
    centre
        Where the axis goes through layer 0, in numbers of the lattice vectors: (0, 0) through an
        atom, (1/2, 1/2) of the (001) face through a hollow.
    """

    face: Face
    spacing: float
    centre: tuple[float, float] = (0.0, 0.0)

    @property
    def height(self) -> float:
        """Distance of layers, angstrom."""
        return LAYERS[self.face].height * self.spacing

    def offset(self, number: int) -> Array:
        """Return the place of an atom of a layer (3,), angstrom, the axis being x = y = 0."""
        layers = LAYERS[self.face]
        vectors = np.asarray(layers.vectors)
        plane = self.spacing * (
            number * np.asarray(layers.shift) - np.asarray(self.centre) @ vectors
        )
        # The layers repeat after two (001) or three (111): keep the numbers small.
        numbers = np.round(plane @ np.linalg.inv(self.spacing * vectors))
        plane = plane - self.spacing * numbers @ vectors
        return np.array([plane[0], plane[1], number * self.height])

    def layer(
        self, number: int, inside: Callable[[Array], NDArray[np.bool_]], width: float
    ) -> Array:
        """Return the atoms of a layer (m, 3) that lie inside a shape.

        Parameters
        ----------
        number
            Of the layer, 0 at z = 0.
        inside
            From places (m, 2) in angstrom to truth (m,).
        width
            Distance from the axis (angstrom) up to which atoms are tried.
        """
        vectors = self.spacing * np.asarray(LAYERS[self.face].vectors)
        reach = math.ceil(width / (self.spacing * 0.8)) + 2
        steps = np.arange(-reach, reach + 1)
        numbers = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
        places = self.offset(number)[:2] + numbers @ vectors
        chosen = places[inside(places)]
        return np.column_stack([chosen, np.full(len(chosen), number * self.height)])

    def disc(self, number: int, radius: float) -> Array:
        """Return the atoms of a layer within a radius (angstrom) of the axis, (m, 3)."""
        limit = (radius + _TOLERANCE) ** 2
        return self.layer(number, lambda p: np.asarray(np.sum(p**2, axis=1) <= limit), radius)

    def square(self, number: int, count: int) -> Array:
        """Return count x count atoms of a (001) layer, as near to the axis as they lie."""
        offset = self.offset(number)[:2] / self.spacing
        # Rows lie at half-odd or whole distances from the axis: of these, the middle ones.
        first = [math.ceil(-0.5 * (count - 1) - o - 1e-6) for o in offset]
        rows = [
            self.spacing * (o + f + np.arange(count)) for o, f in zip(offset, first, strict=True)
        ]
        x, y = np.meshgrid(*rows, indexing="ij")
        return np.column_stack([x.ravel(), y.ravel(), np.full(count**2, number * self.height)])

    def electrode(self, number: int, hopping: float, grid: int) -> Electrode:
        """Return the surface of the crystal that begins with a layer."""
        return Electrode(SurfaceGreen(self.face, hopping, grid), self.offset(number), self.spacing)


def numbers(layers: int) -> range:
    """Return the numbers of layers symmetric about the middle, or with one more on the right.

    Raises
    ------
    InputError
        Without a layer.
    """
    if layers < 1:
        raise InputError(f"layers: must be >= 1, got {layers}")
    first = -((layers - 1) // 2)
    return range(first, first + layers)


def neck(lattice: Lattice, layers: int, radius: float, flare: float) -> Array:
    """Return a neck of layers of radius sqrt(r^2 + (flare l)^2), l counted from the middle.

    Parameters
    ----------
    lattice
        The crystal.
    layers
        Their number.
    radius, flare
        In distances of neighbours; flare per layer.
    """
    discs = [
        lattice.disc(n, lattice.spacing * math.hypot(radius, flare * n)) for n in numbers(layers)
    ]
    return np.concatenate(discs)


def squares(lattice: Lattice, counts: Sequence[int]) -> Array:
    """Return stacked (001) squares of n x n atoms, such as 4-3-2-1-2-3-4: two pyramids."""
    ordered = zip(numbers(len(counts)), counts, strict=True)
    return np.concatenate([lattice.square(n, count) for n, count in ordered])


def wire(lattice: Lattice, layers: int, radius: float) -> Array:
    """Return a straight wire, radius in distances of neighbours."""
    return neck(lattice, layers, radius, 0.0)
