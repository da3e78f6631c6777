"""Green's functions of a tight-binding system between two semi-infinite leads, at T = 0 ([K 5-11]).

Energies in eV, lengths in angstrom, one orbital per atom, two spins. Leads are stacks of equal
layers with a scalar hopping from layer to layer, so that their surface is known in closed form,
without an artificial broadening: chains, and bundles of chains with any coupling in the layer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from tusk.solver.errors import InputError
from tusk.solver.models.atomic_chain.energy import (
    RELATIVE_ERROR,
    Array,
    Complex,
    Level,
    integral_of_array,
    pieces,
)
from tusk.solver.models.atomic_chain.levels import find_levels

Side = Literal["left", "right"]


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

    def self_energy(self, offset: complex, reference: float = 0.0) -> Complex:
        """Return Sigma(E) on the `sites` it touches, eV.

        Parameters
        ----------
        offset, reference
            E is their sum, eV: a distance from a band edge keeps all digits as an offset from it.
            Complex energies are on the sheet reached from above through the open bands.
        """
        _, coupling = self.modes
        touching = coupling[self.sites]
        energy, root = self._root(offset, reference)
        return np.asarray((touching * ((energy - root) / (2.0 * self.hopping**2))) @ touching.T)

    def self_energy_slope(self, offset: complex, reference: float = 0.0) -> Complex:
        """Return dSigma/dE on the `sites` it touches; arguments as for `self_energy`."""
        _, coupling = self.modes
        touching = coupling[self.sites]
        energy, root = self._root(offset, reference)
        return np.asarray(
            (touching * ((1.0 - energy / root) / (2.0 * self.hopping**2))) @ touching.T
        )

    def _root(self, offset: complex, reference: float) -> tuple[Complex, Complex]:
        """Return energy from the middle of each mode, and sqrt(E^2 - 4 t^2), decaying or causal."""
        energies, _ = self.modes
        energy = (reference - energies) + offset
        bottom, top = (energies + s * 2.0 * abs(self.hopping) for s in (-1, 1))
        room = np.asarray(((top - reference) - offset) * ((reference - bottom) + offset), complex)
        # Adding 0j makes a negative zero positive: the root is then that of the right side.
        causal, decaying = 1j * np.sqrt(room + 0j), np.sqrt(-room + 0j)
        sign = np.sign(energy.real)
        root = np.where(room.real >= 0.0, causal, sign * decaying)
        return energy.astype(complex), root.astype(complex)

    def broadening(self, offset: float, reference: float = 0.0) -> Complex:
        """Return i (Sigma - Sigma^dagger) on the `sites` it touches, eV."""
        sigma = self.self_energy(offset, reference)
        return np.asarray(1j * (sigma - sigma.conj().T))

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

    def _inverse(self, offset: complex, reference: float) -> Complex:
        """Return E - H - Sigma_L - Sigma_R, (n, n)."""
        size = len(self.hamiltonian)
        matrix = (offset + 0j) * np.eye(size) - (self.hamiltonian - reference * np.eye(size))
        for lead in (self.left, self.right):
            matrix[np.ix_(lead.sites, lead.sites)] -= lead.self_energy(offset, reference)
        return np.asarray(matrix, dtype=np.complex128)

    def _inverse_slope(self, offset: complex, reference: float) -> Complex:
        """Return d/dE of `_inverse`, (n, n)."""
        matrix = np.eye(len(self.hamiltonian), dtype=complex)
        for lead in (self.left, self.right):
            matrix[np.ix_(lead.sites, lead.sites)] -= lead.self_energy_slope(offset, reference)
        return matrix

    def _from(self, side: Side, offset: float, reference: float) -> tuple[Complex, Complex]:
        """Return G from the sites of a lead to all, (n, m), and the broadening there, (m, m)."""
        lead = self.left if side == "left" else self.right
        columns = np.zeros((len(self.hamiltonian), len(lead.sites)), dtype=complex)
        columns[lead.sites, np.arange(len(lead.sites))] = 1.0
        return np.linalg.solve(self._inverse(offset, reference), columns), lead.broadening(
            offset, reference
        )

    @cached_property
    def levels(self) -> list[Level]:
        """Poles of the Green's function near the real axis, inside the bands."""
        return find_levels(self._inverse, self._inverse_slope, self.band_edges())

    def transmission(self, offset: float, reference: float = 0.0) -> float:
        """Return the transmission of all channels of one spin, Caroli's formula [K 7].

        Parameters
        ----------
        offset, reference
            The energy is their sum, eV.
        """
        green, right = self._from("right", offset, reference)
        through, left = green[self.left.sites], self.left.broadening(offset, reference)
        return float(np.trace(through.conj().T @ left @ through @ right).real)

    def spectral(self, offset: float, side: Side, reference: float = 0.0) -> Complex:
        """Return G Gamma_S G^dagger / 2 pi, density of the states from one lead, (n, n) in 1/eV.

        Parameters
        ----------
        offset, reference
            The energy is their sum, eV.
        side
            The lead.
        """
        green, gamma = self._from(side, offset, reference)
        return np.asarray(green @ gamma @ green.conj().T) / (2.0 * np.pi)

    def density(
        self, left_potential: float, right_potential: float, tolerance: float = RELATIVE_ERROR
    ) -> Complex:
        """Return <c_j^dagger c_k> of one spin as the element (k, j) [K 9].

        Bound states outside the bands are left out, as in [K 10].

        Parameters
        ----------
        left_potential, right_potential
            Chemical potentials of the leads, eV.
        tolerance
            Of every element, relative to the largest.

        Raises
        ------
        SolveError
            If the integrals do not converge.
        """
        return self.filled("left", left_potential, tolerance) + self.filled(
            "right", right_potential, tolerance
        )

    def filled(self, side: Side, potential: float, tolerance: float = RELATIVE_ERROR) -> Complex:
        """Return the part of `density` that one lead fills up to its chemical potential (eV)."""
        lead = self.left if side == "left" else self.right
        bottom, top = min(lead.edges()), max(lead.edges())
        over = pieces(bottom, min(potential, top), self.band_edges(), self.levels)
        if not over:
            return np.zeros(self.hamiltonian.shape, dtype=complex)
        return integral_of_array(
            lambda offset, reference: self.spectral(offset, side, reference), over, tolerance
        )

    def band_edges(self) -> list[float]:
        """Return the band edges of both leads in order, eV."""
        return sorted({*self.left.edges(), *self.right.edges()})

    def mean_transmission(self, low: float, high: float) -> float:
        """Return the mean transmission of a window of energies (eV): G/G0 of [K 11].

        Raises
        ------
        SolveError
            If the integral does not converge.
        """
        if low == high:
            return self.transmission(low)
        over = pieces(low, high, self.band_edges(), self.levels)
        if not over:
            return 0.0
        window = integral_of_array(
            lambda offset, reference: np.array([self.transmission(offset, reference)]), over
        )
        return float(window[0].real) / (high - low)


def recoil_forces(hamiltonian: Array, positions: Array, density: Complex, decay: float) -> Array:
    """Return the forces of the electrons on the atoms ([K 4]), in eV/angstrom.

    F_i = -zeta sum_j n_ij t_ij (n_j + c_ij + c_ji), over the neighbours j of i and both spins, n_ij
    the unit vector from i to j. Atoms whose neighbours are not all in the system lack their piece.

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
