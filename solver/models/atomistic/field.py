"""A voltage between two tips: charges on their atoms, and the forces of these charges.

Charge equilibration with the electrodes' potentials, the steady state of EChemDID (Onofrio, Guzman
and Strachan, Nature Materials 14, 440 (2015)): every atom takes the charge of least energy

    E = sum_i phi_i q_i + 1/2 sum_ij q_i J_ij q_j,   sum_i q_i = 0.

phi_i diffuses over atoms in contact; when it has come to rest it is that of the electrode wherever
one electrode is reached, harmonic on the graph of the bonds where both are, and 0 on atoms that
touch neither. J_ij is the Coulomb energy of two Gaussian clouds, whose width the hardness J_ii
fixes: a positive form for any places of the atoms. In one metal the electronegativity adds the same
to every atom and drops out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import angstrom, elementary_charge, epsilon_0
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import coo_array, csc_array, csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import spsolve
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.special import erf

from tusk.solver.models.atomistic.hopping import Hopping
from tusk.solver.models.atomistic.potential import Array

COULOMB: float = elementary_charge / (4.0 * math.pi * epsilon_0 * angstrom)
"""Energy of two elementary charges one angstrom apart, eV."""


@dataclass(frozen=True, slots=True)
class FieldLaw:
    """How charges follow a voltage.

    Attributes
    ----------
    voltage
        V; with V > 0 the left tip, that of z < 0, is positive: metal leaves it.
    hardness
        J_ii, eV per squared elementary charge.
    every
        Time between equilibrations, ps.
    walls
        Half the width of the room, angstrom: atoms bounce off its sides.
    """

    voltage: float
    hardness: float
    every: float
    walls: float

    @property
    def is_on(self) -> bool:
        """Whether there are charges at all."""
        return self.voltage != 0.0

    @property
    def width(self) -> float:
        """Standard deviation of the clouds, angstrom: J_ii = k/(sqrt(pi) width)."""
        return COULOMB / (math.sqrt(math.pi) * self.hardness)

    def interaction(self, distance: Array) -> Array:
        """Return J at distances > 0 of any shape, eV."""
        return np.asarray(COULOMB * erf(0.5 * distance / self.width) / distance)

    def slope(self, distance: Array) -> Array:
        """Return dJ/dr at distances > 0, eV/angstrom."""
        x = 0.5 * distance / self.width
        cloud = np.exp(-(x**2)) / (math.sqrt(math.pi) * self.width)
        return np.asarray(COULOMB * (cloud - erf(x) / distance) / distance)


NEUTRAL = FieldLaw(voltage=0.0, hardness=1.0, every=math.inf, walls=math.inf)
"""No voltage: atoms are neutral and no walls hold them."""


@dataclass(frozen=True)
class Charges:
    """Charges of the atoms at one time.

    Attributes
    ----------
    values
        q of all atoms, moving ones first, in elementary charges.
    forces
        On the moving ones (n, 3), eV/angstrom.
    """

    values: Array
    forces: Array


@dataclass(frozen=True)
class ChargedTips:
    """Two tips under a voltage, with their frozen electrodes.

    Attributes
    ----------
    law
        How charges follow.
    hopping
        Says which atoms touch.
    shell
        Frozen atoms (s, 3), angstrom: z < 0 belongs to the left electrode.
    """

    law: FieldLaw
    hopping: Hopping
    shell: Array
    _frozen: list[tuple[Array, bool]] = field(default_factory=list, repr=False, compare=False)

    @cached_property
    def electrode(self) -> Array:
        """Potential on the frozen atoms (s,), V: an electron's energy is low where U is high."""
        return np.where(self.shell[:, 2] < 0.0, -0.5, 0.5) * self.law.voltage

    def equilibrated(self, atoms: Array) -> Charges:
        """Return charges and forces of moving atoms (n, 3) at rest with both electrodes."""
        count = len(atoms)
        inner = self._within(atoms)
        distance = cdist(atoms, self.shell)
        outer = self.law.interaction(distance)
        phi = np.concatenate([self.potential(atoms), self.electrode])
        values = self._charges(inner, outer, phi)
        return Charges(values, self._forces(atoms, distance, values[:count], values[count:]))

    def potential(self, atoms: Array) -> Array:
        """Return phi of the moving atoms (n,), V."""
        count = len(atoms)
        everything = np.concatenate([atoms, self.shell])
        first, second = cKDTree(everything).query_pairs(self.hopping.reach, output_type="ndarray").T
        counted = first < count  # pairs of frozen atoms decide nothing
        first, second = first[counted], second[counted]
        length = np.linalg.norm(everything[second] - everything[first], axis=1)
        weight = self.hopping.ending(length)[0] / length**2
        size = count + len(self.shell)
        half = coo_array((weight, (first, second)), shape=(size, size))
        bonds = csr_array(half + half.T)
        held = np.flatnonzero(self._reached(bonds, count))
        phi = np.zeros(count)
        if len(held):
            rows = bonds[held]
            laplace = diags_array(rows.sum(axis=1)) - rows[:, held]
            right = rows[:, count:] @ self.electrode
            phi[held] = np.atleast_1d(spsolve(csc_array(laplace), right))
        return phi

    def _reached(self, bonds: csr_array, count: int) -> NDArray[np.bool_]:
        """Tell which moving atoms a path of bonds joins to a frozen one (n,)."""
        _, label = connected_components(bonds, directed=False)
        return np.isin(label[:count], label[count:])

    def _within(self, atoms: Array) -> Array:
        """Return J between moving atoms (n, n), eV."""
        distance = cdist(atoms, atoms)
        np.fill_diagonal(distance, 1.0)
        inner = self.law.interaction(distance)
        np.fill_diagonal(inner, self.law.hardness)
        return inner

    def _charges(self, inner: Array, outer: Array, phi: Array) -> Array:
        """Solve J q = mu - phi for neutral atoms; the frozen block is factored once."""
        count = len(inner)
        if not self._frozen:
            self._frozen.append(cho_factor(self._within(self.shell)))
        frozen = self._frozen[0]
        right = np.stack([-phi, np.ones(len(phi))], axis=1)
        carried = cho_solve(frozen, np.concatenate([outer.T, right[count:]], axis=1))
        coupling, alone = carried[:, :count], carried[:, count:]
        schur = inner - outer @ coupling
        moving = cho_solve(cho_factor(schur), right[:count] - outer @ alone)
        both = np.concatenate([moving, alone - coupling @ moving])
        total = both.sum(axis=0)
        # mu makes the sum zero.
        return np.asarray(both[:, 0] - total[0] / total[1] * both[:, 1])

    def _forces(self, atoms: Array, distance: Array, moving: Array, frozen: Array) -> Array:
        """Return -dE/dx of the moving atoms at their charges: E is stationary in these."""
        own = cdist(atoms, atoms)
        np.fill_diagonal(own, 1.0)
        within = self.law.slope(own) / own * moving[:, None] * moving[None, :]
        np.fill_diagonal(within, 0.0)
        across = self.law.slope(distance) / distance * moving[:, None] * frozen[None, :]
        pull = (within.sum(axis=1) + across.sum(axis=1))[:, None] * atoms
        return np.asarray(within @ atoms + across @ self.shell - pull)
