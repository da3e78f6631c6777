"""How electrons fill the states of a contact: at rest, and what a bias changes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from tusk.solver.models.atomistic.contact import Contact
from tusk.solver.models.atomistic.junction import Junction, Side
from tusk.solver.models.atomistic.leads import Complex
from tusk.solver.models.atomistic.potential import Array

_WIDE = 26.0
"""Thermal energies after which a Fermi function is 0 or 1 to machine precision."""


@dataclass(frozen=True, slots=True)
class Occupation:
    """Elements of <c_j^+ c_k> of one spin.

    Attributes
    ----------
    sites
        Diagonal, by site.
    bonds
        Real part, by bond.
    """

    sites: Array
    bonds: Array


@dataclass(frozen=True, slots=True)
class Window:
    """Chemical potentials and how their neighbourhood is integrated.

    Attributes
    ----------
    fermi_level
        E_F, eV.
    left, right
        Chemical potentials mu_L and mu_R, eV.
    thermal_energy
        kT, eV; 0 for sharp edges.
    points
        Gauss points from E_F to each potential, and per 2 kT with a temperature.
    """

    fermi_level: float
    left: float
    right: float
    thermal_energy: float = 0.0
    points: int = 6

    def changes(self, side: Side) -> list[tuple[float, float]]:
        """Return energies and weights of the change of filling that the bias makes in a lead."""
        potential = self.left if side == "left" else self.right
        if potential == self.fermi_level:
            return []
        kT = self.thermal_energy
        if kT == 0.0:
            return gauss(self.fermi_level, potential, self.points)
        low, high = sorted((self.fermi_level, potential))
        grid = _panels(low - _WIDE * kT, high + _WIDE * kT, 2.0 * kT, self.points)
        return [
            (
                energy,
                weight * (fermi(energy - potential, kT) - fermi(energy - self.fermi_level, kT)),
            )
            for energy, weight in grid
        ]


def window(
    voltage: float, fermi_level: float, division: float = 0.5, thermal_energy: float = 0.0,
    points: int = 6,
) -> Window:  # fmt: skip
    """Return the window of a bias: mu_L = E_F - (1 - beta) V, mu_R = E_F + beta V.

    With V > 0 electrons come from the right.
    """
    left, right = fermi_level - (1.0 - division) * voltage, fermi_level + division * voltage
    return Window(fermi_level, left, right, thermal_energy, points)


def fermi(energy: float, thermal_energy: float) -> float:
    """Return the Fermi function, (1 - tanh(E/2kT))/2, which cannot overflow."""
    return float(0.5 * (1.0 - np.tanh(0.5 * energy / thermal_energy)))


def gauss(low: float, high: float, points: int) -> list[tuple[float, float]]:
    """Return energies and weights of Gauss and Legendre from low to high, or back."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    half = 0.5 * (high - low)
    return list(
        zip((0.5 * (low + high) + half * nodes).tolist(), (half * weights).tolist(), strict=True)
    )


def _panels(low: float, high: float, width: float, points: int) -> list[tuple[float, float]]:
    count = max(1, int(np.ceil((high - low) / width)))
    edges = np.linspace(low, high, count + 1).tolist()
    return [pair for a, b in itertools.pairwise(edges) for pair in gauss(a, b, points)]


def conductance(junction: Junction, bias: Window) -> float:
    """Return G in units of G0 ([K 11]): the mean of T that the leads' fillings weigh.

    Without a bias, T at the Fermi level or its thermal mean.
    """
    kT, voltage = bias.thermal_energy, bias.right - bias.left
    if kT == 0.0:
        if voltage == 0.0:
            return junction.transmission(bias.fermi_level)
        nodes = gauss(bias.left, bias.right, 2 * bias.points)
        return sum(w * junction.transmission(e) for e, w in nodes) / voltage
    low, high = sorted((bias.left, bias.right))
    total = 0.0
    for energy, weight in _panels(low - _WIDE * kT, high + _WIDE * kT, 2.0 * kT, bias.points):
        if voltage == 0.0:
            share = fermi(energy - bias.left, kT) * fermi(bias.left - energy, kT) / kT
        else:
            share = (fermi(energy - bias.right, kT) - fermi(energy - bias.left, kT)) / voltage
        if weight * share > 1e-15:
            total += weight * share * junction.transmission(energy)
    return total


def biased(contact: Contact, bias: Window) -> Occupation:
    """Return what the bias changes in the occupation ([K 9], less its value at zero bias)."""
    sites = np.zeros(contact.atoms + sum(map(len, contact.lead_sites)))
    bonds = np.zeros(len(contact.bonds.first))
    sides: tuple[Side, Side] = ("left", "right")
    for side in sides:
        for energy, weight in bias.changes(side):
            states = contact.states(energy, side)
            share = weight / (2.0 * np.pi)
            sites += share * np.sum(np.abs(states) ** 2, axis=1)
            product = states[contact.bonds.first] * states[contact.bonds.second].conj()
            bonds += share * np.sum(product.real, axis=1)
    return Occupation(sites, bonds)


def resting(contact: Contact, fermi_level: float, points: int = 60) -> Occupation:
    """Return the occupation at zero bias and T = 0, with all states below the Fermi level.

    1/2 + (1/pi) int_0^oo Re G(E_F + iy) dy: the integral over the band, led along a line on which
    nothing is sharp.
    """
    atoms, bonds = contact.atoms, contact.bonds
    sites = np.full(atoms + sum(map(len, contact.lead_sites)), 0.5)
    values = np.zeros(len(bonds.first))
    for height, weight in upward(points):
        green = _all_sites(contact, fermi_level + 1j * height)
        sites += weight / np.pi * green.diagonal().real
        values += weight / np.pi * green[bonds.first, bonds.second].real
    return Occupation(sites, values)


def grand_potential(junction: Junction, fermi_level: float, points: int = 60) -> float:
    """Return the energy of both spins at T = 0, eV, but for a constant of the leads and of n.

    -(2/pi) int_0^oo Re [ln det(E - H - Sigma) - n ln E] dy at E = E_F + iy: its gradient is minus
    the force of the bonds.
    """
    total = 0.0
    for height, weight in upward(points):
        energy = fermi_level + 1j * height
        logarithm = np.linalg.slogdet(junction.inverse(energy) / energy)[1]
        total -= 2.0 / np.pi * weight * float(logarithm)
    return total


def upward(points: int, scale: float = 2.0) -> list[tuple[float, float]]:
    """Return nodes and weights on (0, oo), eV, denser near 0."""
    nodes, weights = np.polynomial.legendre.leggauss(points)
    height = scale * (1.0 + nodes) / (1.0 - nodes)
    jacobian = 2.0 * scale / (1.0 - nodes) ** 2
    return list(zip(height.tolist(), (weights * jacobian).tolist(), strict=True))


def _all_sites(contact: Contact, energy: complex) -> Complex:
    """Return the Green's function between all sites, those of the leads included."""
    junction, atoms = contact.junction, contact.atoms
    green = np.linalg.inv(junction.inverse(energy))
    size = atoms + sum(map(len, contact.lead_sites))
    # Rows that carry the junction's function into the leads: G_SF = g_S V_S^T G_F.
    carry = np.zeros((size, atoms), dtype=complex)
    carry[:atoms] = np.eye(atoms)
    total = np.zeros((size, size), dtype=complex)
    for sites, terminal in zip(contact.lead_sites, (junction.left, junction.right), strict=True):
        isolated = terminal.green(energy)
        carry[sites] = isolated @ terminal.coupling.T
        total[np.ix_(sites, sites)] = isolated
    return np.asarray(total + carry @ green @ carry.T)
