"""Green's functions of a tight-binding system between two semi-infinite leads, at T = 0 ([K 5-11]).

Energies in eV, lengths in angstrom, one orbital per atom, two spins. Leads are stacks of equal
layers with a scalar hopping from layer to layer, so that their surface is known in closed form,
without an artificial broadening: chains, and bundles of chains with any coupling in the layer.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad_vec
from scipy.spatial.distance import cdist

from tusk.solver.errors import InputError

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Side = Literal["left", "right"]

_TOLERANCE = 1e-10

# A state that all but leaves the band hides in a sliver at its edge, too narrow to be noticed by
# an adaptive rule: the pieces shrink towards both ends, to 1e-5 of the whole. Closer to the edge
# the energy has no digits left.
_SHRINKING = np.pi * 4.0 ** -np.arange(1.0, 9.0)
GRADED = tuple(sorted({*_SHRINKING.tolist(), *(np.pi - _SHRINKING).tolist()}))
"""Angles between 0 and pi at which integrals over a band are split."""


def surface(energy: Array, hopping: float) -> Complex:
    """Return the surface Green's function of a semi-infinite chain, (E - i sqrt(4t^2 - E^2))/2t^2.

    Parameters
    ----------
    energy
        E minus the on-site energy, eV, any shape; outside the band the decaying branch is real.
    hopping
        t, eV.
    """
    energy = np.asarray(energy, dtype=float)
    edge = 2.0 * abs(hopping)
    # The product of differences keeps every digit of the root near the edges of the band.
    room = (edge - energy) * (edge + energy)
    root = np.where(
        room >= 0.0,
        1j * np.sqrt(np.maximum(room, 0.0)),
        np.sign(energy) * np.sqrt(np.maximum(-room, 0.0)),
    )
    return np.asarray((energy - root) / (2.0 * hopping * hopping))


@dataclass(frozen=True)
class Lead:
    """A semi-infinite stack of equal layers.

    Attributes
    ----------
    layer
        Hamiltonian of one layer (m, m), eV, symmetric.
    hopping
        From each atom to the same one of the next layer, eV.
    coupling
        From the atoms of the system to those of the first layer (n, m), eV.
    """

    layer: Array
    hopping: float
    coupling: Array

    @classmethod
    def chain(cls, size: int, site: int, hopping: float, coupling: float) -> Lead:
        """Return a chain of on-site energy 0 at one site of a system of ``size`` atoms."""
        column = np.zeros((size, 1))
        column[site, 0] = coupling
        return cls(np.zeros((1, 1)), hopping, column)

    @cached_property
    def modes(self) -> tuple[Array, Array]:
        """Energies (m,) of the transverse modes, and their coupling to the system (n, m)."""
        energies, vectors = np.linalg.eigh(self.layer)
        return energies, self.coupling @ vectors

    @cached_property
    def sites(self) -> NDArray[np.int64]:
        """Atoms of the system that the lead touches."""
        return np.flatnonzero(np.any(self.coupling != 0.0, axis=1))

    def self_energy(self, energy: float) -> Complex:
        """Return Sigma(E) on the `sites` it touches, eV."""
        energies, coupling = self.modes
        touching = coupling[self.sites]
        return np.asarray((touching * surface(energy - energies, self.hopping)) @ touching.T)

    def edges(self) -> list[float]:
        """Return the band edges of all modes, eV."""
        return [float(e + s * 2.0 * abs(self.hopping)) for e in self.modes[0] for s in (-1, 1)]


@dataclass(frozen=True)
class System:
    """Atoms between two leads.

    Attributes
    ----------
    hamiltonian
        (n, n), eV, real and symmetric.
    left, right
        The leads.

    Raises
    ------
    InputError
        If the shapes do not fit or the Hamiltonian is not symmetric.
    """

    hamiltonian: Array
    left: Lead
    right: Lead

    def __post_init__(self) -> None:
        size = len(self.hamiltonian)
        if self.hamiltonian.shape != (size, size) or size == 0:
            raise InputError(f"hamiltonian: must be square, got {self.hamiltonian.shape}")
        if not np.array_equal(self.hamiltonian, self.hamiltonian.T):
            raise InputError("hamiltonian: must be symmetric, got one that is not")
        for name, lead in (("left", self.left), ("right", self.right)):
            if lead.coupling.shape != (size, len(lead.layer)):
                allowed = f"({size}, {len(lead.layer)})"
                raise InputError(f"{name}.coupling: allowed {allowed}, got {lead.coupling.shape}")

    def _inverse(self, energy: float) -> tuple[Complex, dict[Side, Complex]]:
        """Return E - H - Sigma_L - Sigma_R (n, n), and the broadenings of both leads."""
        matrix = energy * np.eye(len(self.hamiltonian)) - self.hamiltonian.astype(complex)
        broadening: dict[Side, Complex] = {}
        sides: tuple[tuple[Side, Lead], ...] = (("left", self.left), ("right", self.right))
        for side, lead in sides:
            sigma = lead.self_energy(energy)
            matrix[np.ix_(lead.sites, lead.sites)] -= sigma
            broadening[side] = 1j * (sigma - sigma.conj().T)
        return matrix, broadening

    def transmission(self, energy: float) -> float:
        """Return the transmission of all channels of one spin, Caroli's formula [K 7]."""
        matrix, gamma = self._inverse(energy)
        columns = np.zeros((len(matrix), len(self.right.sites)), dtype=complex)
        columns[self.right.sites, np.arange(len(self.right.sites))] = 1.0
        green = np.linalg.solve(matrix, columns)[self.left.sites]
        return float(np.trace(green.conj().T @ gamma["left"] @ green @ gamma["right"]).real)

    def spectral(self, energy: float, side: Side) -> Complex:
        """Return G Gamma_S G^dagger / 2 pi, density of the states from one lead, (n, n) in 1/eV."""
        matrix, gamma = self._inverse(energy)
        sites = (self.left if side == "left" else self.right).sites
        columns = np.zeros((len(matrix), len(sites)), dtype=complex)
        columns[sites, np.arange(len(sites))] = 1.0
        green = np.linalg.solve(matrix, columns)
        return np.asarray(green @ gamma[side] @ green.conj().T) / (2.0 * np.pi)

    def density(
        self, left_potential: float, right_potential: float, tolerance: float = _TOLERANCE
    ) -> Complex:
        """Return <c_j^dagger c_k> of one spin as the element (k, j), by adaptive integration [K 9].

        Bound states outside the bands are left out, as in [K 10].

        Parameters
        ----------
        left_potential, right_potential
            Chemical potentials of the leads, eV.
        tolerance
            Absolute, of every element.
        """
        return self.filled("left", left_potential, tolerance) + self.filled(
            "right", right_potential, tolerance
        )

    def filled(self, side: Side, potential: float, tolerance: float = _TOLERANCE) -> Complex:
        """Return the part of `density` that one lead fills up to its chemical potential (eV)."""
        edges = self.band_edges()
        lead = self.left if side == "left" else self.right
        bottom = min(lead.edges())
        inside = [e for e in edges if bottom < e < potential]
        size = len(self.hamiltonian)
        if potential <= bottom:
            return np.zeros((size, size), dtype=complex)
        total = between_edges(
            lambda energy: self.spectral(energy, side),
            [bottom, *inside, min(potential, max(lead.edges()))],
            tolerance,
        )
        return np.asarray(total, dtype=complex)

    def band_edges(self) -> list[float]:
        """Return the band edges of both leads in order, eV."""
        return sorted({*self.left.edges(), *self.right.edges()})

    def mean_transmission(self, low: float, high: float) -> float:
        """Return the mean transmission of a window of energies (eV): G/G0 of [K 11]."""
        if low == high:
            return self.transmission(low)
        inside = [e for e in self.band_edges() if low < e < high]
        window = between_edges(self.transmission, [low, *inside, high], _TOLERANCE)
        return float(window) / (high - low)


def between_edges(
    function: Callable[[float], Any], edges: Sequence[float], tolerance: float
) -> Any:
    """Integrate a number or an array over energy, piece by piece between band edges (eV)."""
    pieces = [pair for pair in itertools.pairwise(edges) if pair[0] < pair[1]]
    parts = [_piece(function, low, high, tolerance) for low, high in pieces]
    return sum(parts[1:], parts[0]) if parts else 0.0 * function(edges[0])


def _piece(function: Callable[[float], Any], low: float, high: float, tolerance: float) -> Any:
    """Integrate from one edge to the next.

    E = middle - half cos(theta) takes away the roots, also inverse ones, that the bands of the
    leads have there.
    """
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    # Never quite at the edge, where the system may be singular.
    first, last = float(np.nextafter(low, high)), float(np.nextafter(high, low))

    def integrand(theta: float) -> Any:
        energy = min(max(middle - half * math.cos(theta), first), last)
        # half sin(theta), of the energy as it was rounded: the noise of both cancels.
        return function(energy) * math.sqrt((energy - low) * (high - energy))

    return quad_vec(
        integrand,
        0.0,
        math.pi,
        epsabs=tolerance,
        epsrel=tolerance,
        norm="max",
        limit=200,
        points=GRADED,
    )[0]


def recoil_forces(hamiltonian: Array, positions: Array, density: Complex, decay: float) -> Array:
    """Return the forces of the electrons on the atoms ([K 4]), in eV/angstrom.

    F_i = -zeta sum_j n_ij t_ij (n_j + c_ij + c_ji), over the neighbours j of i and both spins, n_ij
    the unit vector from i to j. Atoms whose neighbours are not all in the system lack their part.

    Parameters
    ----------
    hamiltonian
        t_ij (n, n), eV; atoms are neighbours where it is not zero.
    positions
        (n, 3), angstrom.
    density
        Of one spin, (n, n).
    decay
        zeta, 1/angstrom.

    Returns
    -------
    Array
        (n, 3).
    """
    distance = cdist(positions, positions)
    np.fill_diagonal(distance, 1.0)
    unit = (positions[None, :, :] - positions[:, None, :]) / distance[:, :, None]
    bonds = hamiltonian * (density.diagonal().real[None, :] + 2.0 * density.real)
    np.fill_diagonal(bonds, 0.0)
    return np.asarray(-2.0 * decay * np.einsum("ij,ijk->ik", bonds, unit))


def tight_binding(
    positions: Array, hopping: float, spacing: float, decay: float, reach: float
) -> Array:
    """Return the Hamiltonian of atoms at given places, t_ij = t exp(-zeta (d_ij - a)), eV.

    Parameters
    ----------
    positions
        (n, 3), angstrom.
    hopping
        t at the distance a, eV.
    spacing
        a, angstrom.
    decay
        zeta, 1/angstrom.
    reach
        Atoms further apart than this (angstrom) do not couple.
    """
    distance = cdist(positions, positions)
    matrix = np.where(distance <= reach, hopping * np.exp(-decay * (distance - spacing)), 0.0)
    np.fill_diagonal(matrix, 0.0)
    return np.asarray(matrix)
