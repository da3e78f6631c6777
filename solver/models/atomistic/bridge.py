"""From a filament of the continuum to atoms: carve, relax, and ask what they conduct."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tusk.solver.models.atomistic.carve import Shape, Window, carve
from tusk.solver.models.atomistic.contact import contact
from tusk.solver.models.atomistic.energy import EmbeddedAtoms
from tusk.solver.models.atomistic.hopping import HALF_FILLING, Hopping
from tusk.solver.models.atomistic.junction import Junction, narrowest
from tusk.solver.models.atomistic.leads import Face
from tusk.solver.models.atomistic.molecular import KELVIN
from tusk.solver.models.atomistic.potential import Array, Metal
from tusk.solver.models.atomistic.properties import compliance
from tusk.solver.models.atomistic.structures import Lattice

OPEN = 0.5
"""Transmission from which on a channel counts as open."""


@dataclass(frozen=True, slots=True)
class Cut:
    """How atoms are cut out of the continuum and what electrons do in them.

    Attributes
    ----------
    metal
        The potential.
    face
        Of the electrodes.
    margin, depth
        The electrode is kept so far beyond the filament's radius, the filament so far below its
        tip, angstrom.
    hopping
        t between neighbours, eV.
    relax
        Whether the atoms settle under their forces; nothing but vacuum holds them apart then.
    force
        Largest force left by relaxing, eV/angstrom.
    temperature
        K. Above 0 each member is one moment of atoms that vibrate about their places: normal
        displacements with the variance of the crystal, each atom for itself.
    """

    metal: Metal
    face: Face = "001"
    margin: float = 4.0
    depth: float = 8.0
    hopping: float = -1.8
    relax: bool = False
    force: float = 0.01
    temperature: float = 0.0

    def lattice(self, random: np.random.Generator) -> Lattice:
        """Return the crystal with the axis anywhere in its cell."""
        first, second = random.random(2).tolist()
        return Lattice(self.face, self.spacing, (first, second))

    @property
    def spacing(self) -> float:
        """Distance of neighbours, angstrom."""
        return self.metal.lattice_constant / math.sqrt(2.0)

    def vibration(self) -> float:
        """Return the standard deviation of the displacement along an axis, angstrom."""
        if self.temperature == 0.0:
            return 0.0
        return math.sqrt(KELVIN * self.temperature * compliance(self.metal))

    @property
    def law(self) -> Hopping:
        """Hopping with the paper's decay 1/d, ended before the second neighbours."""
        d = self.spacing
        return Hopping(self.hopping, d, 1.0 / d, 1.174 * d, 1.35 * d)

    @property
    def fermi_level(self) -> float:
        """Of the half-filled crystal, eV."""
        return HALF_FILLING * abs(self.hopping)


@dataclass(frozen=True, slots=True)
class Member:
    """One way to place atoms in the shapes of the continuum.

    Attributes
    ----------
    window, positions
        Atoms as carved, and where they are now (n, 3), angstrom: those of the window.
    channels
        Transmissions at the Fermi level, largest first, down to 1e-3.
    narrowest
        Least number of atoms that cut the leads apart, counted in layers of the hopping.
    moved
        Largest displacement by relaxing and vibration, angstrom.
    """

    window: Window
    positions: Array
    channels: Array
    narrowest: int
    moved: float

    @property
    def transmission(self) -> float:
        """Sum over the channels, the conductance in G0."""
        return float(self.channels.sum())

    @property
    def open_channels(self) -> int:
        """Channels that transmit more than a half."""
        return int(np.count_nonzero(self.channels > OPEN))


def place(shape: Shape, cut: Cut, seed: int, member: int) -> Member:
    """Return one member: the axis at a random place of the crystal, drawn by (seed, member).

    Parameters
    ----------
    shape
        The continuum at one time.
    cut
        How it is cut.
    seed, member
        Numbers that choose the place.

    Raises
    ------
    SolveError
        If the atoms do not come to rest.
    """
    random = np.random.default_rng([seed, member])
    lattice = cut.lattice(random)
    radius = float(shape.filament[:, 0].max()) + cut.margin
    window = carve(shape, lattice, radius, cut.depth, cut.metal.cutoff)
    positions = window.positions
    if cut.relax:
        settled = EmbeddedAtoms(cut.metal).relax(window.all, window.mobile, cut.force)
        positions = settled[window.mobile]
    if cut.temperature > 0.0:
        positions = positions + random.normal(0.0, cut.vibration(), positions.shape)
    junction = electrons(window, positions, cut)
    channels = junction.channels(cut.fermi_level)
    return Member(
        window=window,
        positions=positions,
        channels=channels[channels > 1e-3],
        narrowest=narrowest(junction),
        moved=float(np.linalg.norm(positions - window.positions, axis=1).max()),
    )


def site_transmissions(found: Sequence[Member], sites: int) -> Array:
    """Return T of each conducting site of each member: as many channels as sites, some shut.

    Electrons that cross beside the sites make more channels than these; the largest are taken.
    """
    table = np.zeros((len(found), sites))
    for row, member in zip(table, found, strict=True):
        channels = member.channels[:sites]
        row[: len(channels)] = np.clip(channels, 0.0, 1.0)
    return table.ravel()


def electrons(window: Window, positions: Array, cut: Cut) -> Junction:
    """Return the electrons of a window whose atoms stand at some positions."""
    width = float(np.ptp(positions[:, :2], axis=0).max()) + 4.0 * cut.spacing
    # A period of the leads that the contact fits into four times over.
    grid = max(64, 2 * math.ceil(2.0 * width / cut.spacing))
    leads = window.electrodes(cut.hopping, grid)
    return contact(positions, cut.law, *leads).junction
