"""Cut the atoms around a contact out of the shapes of a continuum: a filament below an electrode.

One fcc crystal fills both, its layers along the axis placed such that the electrode's surface lies
half a layer below its first plane. A gap narrower than a layer and a half is thus one missing
layer; the atoms that bridge it stand there, next to the axis.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.contact import Electrode
from tusk.solver.models.atomistic.potential import Array
from tusk.solver.models.atomistic.structures import Lattice

BUFFER = 2
"""Whole layers of the electrode that belong to the window, above the first plane."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A contact of the continuum; lengths in angstrom.

    Attributes
    ----------
    filament
        Surface (r, z), (n, 2), from the counter electrode (z = 0) to the axis.
    electrode
        Lower surface of the active electrode (r, z), (m, 2), from the axis outwards.
    bridged_area
        Area of the gap that metal bridges, angstrom^2: 0 before the contact.
    """

    filament: Array
    electrode: Array
    bridged_area: float

    @property
    def tip(self) -> float:
        """Height of the filament on the axis."""
        return float(self.filament[np.argmin(self.filament[:, 0]), 1])

    @property
    def roof(self) -> float:
        """Height of the electrode above the axis."""
        return float(self.electrode[np.argmin(self.electrode[:, 0]), 1])

    def electrode_above(self, radius: Array) -> Array:
        """Return the height of the electrode's surface at radii of any shape."""
        return np.asarray(np.interp(radius, self.electrode[:, 0], self.electrode[:, 1]))


@dataclass(frozen=True)
class Window:
    """Atoms around a contact, z = 0 in the first plane of the electrode above the axis.

    Attributes
    ----------
    positions
        Of the atoms that move and carry current (n, 3), angstrom.
    shell
        Of frozen atoms around them (s, 3), those of the leads included.
    lattice
        The crystal.
    first, last
        Numbers of the first and the last layer of `positions`; the leads follow.
    gap_layers
        Layers missing between filament and electrode on the axis.
    bridges
        Atoms standing in those layers.
    """

    positions: Array
    shell: Array
    lattice: Lattice
    first: int
    last: int
    gap_layers: int
    bridges: int

    @property
    def all(self) -> Array:
        """Positions of the window, then of its shell (n + s, 3)."""
        return np.concatenate([self.positions, self.shell])

    @property
    def mobile(self) -> NDArray[np.bool_]:
        """Which of `all` may move."""
        return np.arange(len(self.positions) + len(self.shell)) < len(self.positions)

    def electrodes(self, hopping: float, grid: int) -> tuple[Electrode, Electrode]:
        """Return the leads below and above."""
        return (
            self.lattice.electrode(self.first - 1, hopping, grid),
            self.lattice.electrode(self.last + 1, hopping, grid),
        )


def carve(shape: Shape, lattice: Lattice, radius: float, depth: float, reach: float) -> Window:
    """Return the atoms of a contact.

    Parameters
    ----------
    shape
        The continuum.
    lattice
        The crystal; its centre chooses where the axis goes through it.
    radius, depth
        Of the window: atoms are kept so far from the axis, those of the filament so far below its
        tip, angstrom.
    reach
        Of the interatomic forces: thickness of the frozen shell, angstrom.

    Raises
    ------
    InputError
        If the shapes overlap or the filament is too low for the window.
    """
    height, missing = lattice.height, _missing_layers(shape, lattice)
    first = -missing - max(2, math.ceil(depth / height))
    last = BUFFER - 1
    if shape.roof + (first - 0.5) * height < 0.0:
        raise InputError(
            f"depth: at most {(shape.tip - height) / 10.0:.3g} nm, the height of the filament, "
            f"got {depth / 10.0:.3g} nm"
        )
    shells = math.ceil(reach / height)
    planes = [
        _plane(shape, lattice, n, radius + reach) for n in range(first - shells, last + shells + 1)
    ]
    bridging = _bridges(shape, lattice, missing)
    atoms = np.concatenate([*planes, bridging])
    inside = (
        (atoms[:, 2] > (first - 0.5) * height)
        & (atoms[:, 2] < (last + 0.5) * height)
        & (np.hypot(atoms[:, 0], atoms[:, 1]) <= radius)
    )
    positions = atoms[inside]
    shell = atoms[~inside]
    close = shell[_near(shell, positions, reach)]
    return Window(positions, close, lattice, first, last, missing, len(bridging))


def _missing_layers(shape: Shape, lattice: Lattice) -> int:
    gap = shape.roof - shape.tip
    if not gap > 0.0:
        raise InputError(f"gap on the axis: must be > 0, got {gap / 10.0:.4g} nm")
    return math.ceil(gap / lattice.height + 0.5) - 1


def _plane(shape: Shape, lattice: Lattice, number: int, width: float) -> Array:
    """Return the atoms of a layer that lie in the filament or in the electrode."""
    z = shape.roof + (number + 0.5) * lattice.height

    def metal(places: Array) -> NDArray[np.bool_]:
        radius = np.hypot(places[:, 0], places[:, 1])
        above = (z >= shape.electrode_above(radius)) & (radius <= width)
        return np.asarray(above | _inside(shape.filament, radius, z))

    return lattice.layer(number, metal, max(width, float(shape.filament[:, 0].max())))


def _bridges(shape: Shape, lattice: Lattice, missing: int) -> Array:
    """Return the atoms that stand in the gap, those next to the axis in each missing layer."""
    area = lattice.spacing**2 * (1.0 if lattice.face == "001" else math.sqrt(3.0) / 2.0)
    count = round(shape.bridged_area / area)
    if not (count and missing):
        return np.zeros((0, 3))
    width = math.sqrt(shape.bridged_area / math.pi) + 2.0 * lattice.spacing
    layers = []
    for number in range(-missing, 0):
        atoms = lattice.disc(number, width)
        order = np.lexsort((atoms[:, 0], atoms[:, 1], np.hypot(atoms[:, 0], atoms[:, 1]).round(6)))
        layers.append(atoms[order[:count]])
    return np.concatenate(layers)


def _inside(outline: Array, radius: Array, z: float) -> NDArray[np.bool_]:
    """Tell which radii at a height lie inside an outline that begins at z = 0 and ends at r = 0."""
    if z < 0.0:
        # What is below the counter electrode's surface continues the filament's foot.
        return np.asarray(radius <= float(np.interp(0.0, outline[:2, 1], outline[:2, 0])))
    crossings = np.zeros(len(radius), dtype=np.int64)
    for (r0, z0), (r1, z1) in itertools.pairwise(outline.tolist()):
        if (z0 > z) != (z1 > z):
            crossings += radius < r0 + (z - z0) / (z1 - z0) * (r1 - r0)
    return np.asarray(crossings % 2 == 1)


def _near(shell: Array, positions: Array, reach: float) -> NDArray[np.bool_]:
    from scipy.spatial import cKDTree

    if not len(shell):
        return np.zeros(0, dtype=bool)
    return np.asarray(cKDTree(positions).query(shell)[0] <= reach)
