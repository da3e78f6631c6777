"""Numbers of the sites of a contact: how large they are, what holds them, what drives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from tusk.solver.front.surface import Array
from tusk.solver.physics.constants import BOLTZMANN, ELEMENTARY_CHARGE, NM
from tusk.solver.physics.contact.master_equation import transmissions
from tusk.solver.physics.contact.switching import VoltageDrivenRates

QUANTILES = ndtri(0.5 + (np.arange(32) + 0.5) / 64)
"""Of |x|, x normal: 32 sites stand for all."""

RECOIL_CAP = 10.0
"""Largest exponent of the recoil factor."""


@dataclass(frozen=True, slots=True)
class SiteLaw:
    """Numbers of the sites, SI.

    Attributes
    ----------
    atomic_volume
        Omega in m³; a0 = Omega^(2/3), d = Omega^(1/3).
    bond_energy
        E_bond in J, by which a conducting site is held.
    disorder
        Width of 1 - T_i, where T_i were not measured.
    fermi_wavenumber
        k_F in 1/m, of the recoil; 0 without.
    phenomenological
        omega_S, omega_R from the voltage across the patch, or None: from the mesh.
    mode
        ``mean_field``, ``distribution`` or ``stochastic``.
    seed, member
        Of the random numbers.
    measured
        T_i of sites in atoms, each as likely as any other; empty: 1 - |x|, x normal of the width
        `disorder`.
    channels
        Quanta of conductance per site of T = 1.
    one_energy
        Whether both rates see the same energy of a site, and nothing else tells them apart.
    """

    atomic_volume: float
    bond_energy: float
    disorder: float
    fermi_wavenumber: float
    phenomenological: VoltageDrivenRates | None
    mode: str
    seed: int
    member: int
    measured: tuple[float, ...] = ()
    channels: float = 1.0
    one_energy: bool = False

    @property
    def transmissions(self) -> Array:
        """T_i that stand for all sites (n,), each for as many."""
        if self.measured:
            return np.asarray(self.measured)
        return np.asarray(np.clip(1.0 - self.disorder * QUANTILES, 0.0, 1.0))

    def drawn(self, stream: np.random.Generator) -> Array:
        """Return T of a site that is set (1,)."""
        if self.measured:
            return stream.choice(np.asarray(self.measured), 1)
        return transmissions(stream, 1, self.disorder)

    @property
    def site_area(self) -> float:
        """Area a0 of a site, nm²."""
        return float(self.atomic_volume ** (2 / 3)) / NM**2

    @property
    def site_volume(self) -> float:
        """Volume Omega of an atom, nm³."""
        return self.atomic_volume / NM**3

    def recoil_force(self, voltage: float, transmission: Array) -> Array:
        """Return F = (2/pi) e |V| k_F (1 - T) on sites (n,), N ([K 12, 13], magnitude)."""
        scale = 2.0 / np.pi * ELEMENTARY_CHARGE * abs(voltage) * self.fermi_wavenumber
        return np.asarray(scale * (1.0 - transmission))

    def recoil_factor(self, voltage: float, temperature: float, transmission: Array) -> Array:
        """Return exp(F d/2kT) of sites (n,), bounded: what the force does to their rates."""
        work = self.recoil_force(voltage, transmission) * self.atomic_volume ** (1 / 3) / 2.0
        return np.asarray(np.exp(np.minimum(work / (BOLTZMANN * temperature), RECOIL_CAP)))
