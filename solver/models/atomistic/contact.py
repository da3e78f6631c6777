"""Atoms in space between two crystals: their hoppings, and the states that electrons scatter into.

Sites are numbered through: the atoms of the junction, then the atoms of the left and of the right
crystal that these touch.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from tusk.solver.models.atomistic.hopping import Hopping
from tusk.solver.models.atomistic.junction import Index, Junction, Side, broadened
from tusk.solver.models.atomistic.leads import (
    LAYERS,
    Complex,
    CrystalTerminal,
    SurfaceGreen,
    Terminal,
)
from tusk.solver.models.atomistic.potential import Array


@dataclass(frozen=True)
class Electrode:
    """The surface of half a crystal, across z.

    Attributes
    ----------
    surface
        Its Green's functions.
    origin
        Place of one atom of the surface (3,), angstrom.
    spacing
        Distance of neighbours, angstrom.
    """

    surface: SurfaceGreen
    origin: Array
    spacing: float

    def atoms(self, positions: Array, reach: float) -> tuple[NDArray[np.int64], Array]:
        """Return numbers (m, 2) and places (m, 3) of the atoms closer than a reach to others."""
        vectors = self.spacing * np.asarray(LAYERS[self.surface.face].vectors)
        near = positions[np.abs(positions[:, 2] - self.origin[2]) < reach]
        if not len(near):
            return np.zeros((0, 2), dtype=np.int64), np.zeros((0, 3))
        inverse = np.linalg.inv(vectors)
        wide = np.round((near[:, :2] - self.origin[:2]) @ inverse).astype(np.int64)
        around = int(np.ceil(reach / (0.8 * self.spacing))) + 1
        steps = np.arange(-around, around + 1)
        offsets = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
        numbers = np.unique((wide[:, None, :] + offsets[None, :, :]).reshape(-1, 2), axis=0)
        places = np.empty((len(numbers), 3))
        places[:, :2] = self.origin[:2] + numbers @ vectors
        places[:, 2] = self.origin[2]
        distance, _ = cKDTree(near).query(places)
        keep = distance < reach
        return numbers[keep], places[keep]


@dataclass(frozen=True)
class Bonds:
    """Pairs of sites with hopping between them, each once.

    Attributes
    ----------
    first, second
        Sites; the first is an atom of the junction.
    hopping, slope
        t in eV and dt/dr in eV/angstrom.
    unit
        Unit vectors from the first to the second (b, 3).
    """

    first: Index
    second: Index
    hopping: Array
    slope: Array
    unit: Array


@dataclass(frozen=True)
class Contact:
    """Atoms between two leads, with their places.

    Attributes
    ----------
    junction
        The electrons.
    positions
        Of the atoms of the junction (n, 3), angstrom.
    bonds
        All pairs of sites with hopping.
    """

    junction: Junction
    positions: Array
    bonds: Bonds

    @property
    def atoms(self) -> int:
        """Atoms of the junction."""
        return len(self.positions)

    @cached_property
    def lead_sites(self) -> tuple[Index, Index]:
        """Sites of the left and of the right lead."""
        left, right = (t.coupling.shape[1] for t in (self.junction.left, self.junction.right))
        start = self.atoms
        return np.arange(start, start + left), np.arange(start + left, start + left + right)

    def states(self, energy: float, side: Side) -> Complex:
        """Return scattering states from one lead on all sites ([K 8]), (sites, k).

        Columns psi with psi psi^+ = G Gamma G^+, 2 pi times the density of these states, 1/eV.
        """
        junction = self.junction
        number = 0 if side == "left" else 1
        terminals = (junction.left, junction.right)
        greens = [terminal.green(energy) for terminal in terminals]
        incoming = broadened(greens[number])
        columns = junction.solved(energy).columns(side)
        within = columns @ (terminals[number].coupling[junction.touched[number]] @ incoming)
        total = np.zeros((self.atoms + sum(map(len, self.lead_sites)), within.shape[1]), complex)
        total[: self.atoms] = within
        for sites, terminal, green in zip(self.lead_sites, terminals, greens, strict=True):
            total[sites] = green @ (terminal.coupling.T @ within)
        total[self.lead_sites[number]] += incoming
        return total


def contact(positions: Array, hopping: Hopping, left: Electrode, right: Electrode) -> Contact:
    """Return the contact that atoms (n, 3) make between two electrodes."""
    count = len(positions)
    first, second = cKDTree(positions).query_pairs(hopping.reach, output_type="ndarray").T
    groups = [(first, second, positions[second] - positions[first])]
    terminals: list[Terminal] = []
    begin = count
    for electrode in (left, right):
        numbers, places = electrode.atoms(positions, hopping.reach)
        near = (
            cKDTree(positions).sparse_distance_matrix(
                cKDTree(places), hopping.reach, output_type="ndarray"
            )
            if len(places)
            else np.zeros(0, dtype=[("i", int), ("j", int), ("v", float)])
        )
        coupling = np.zeros((count, len(places)))
        coupling[near["i"], near["j"]] = hopping(near["v"])[0]
        terminals.append(CrystalTerminal(electrode.surface, numbers, coupling))
        vector = places[near["j"]] - positions[near["i"]] if len(places) else np.zeros((0, 3))
        groups.append((near["i"], near["j"] + begin, vector))
        begin += len(places)
    ends_first, ends_second, vectors = (
        np.concatenate(parts) for parts in zip(*groups, strict=True)
    )
    distance = np.linalg.norm(vectors, axis=1)
    value, slope = hopping(distance)
    bonds = Bonds(ends_first, ends_second, value, slope, vectors / distance[:, None])
    hamiltonian = np.zeros((count, count))
    hamiltonian[first, second] = hamiltonian[second, first] = value[: len(first)]
    return Contact(Junction(hamiltonian, *terminals), positions, bonds)
