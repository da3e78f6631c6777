"""One atom between two chains: closed forms ([K 12-15]); leading orders are in `leading_order`.

Energies in eV, lengths in angstrom, T = 0. The axis points from left to right; forces are positive
to the right. mu_L = E_F - (1 - beta) V and mu_R = E_F + beta V: with V > 0 electrons come from the
right. [K 12, 13] as printed point to the lead they come from; only the magnitude is reported.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
from scipy.constants import angstrom, elementary_charge, epsilon_0
from scipy.optimize import brentq

from tusk.solver.errors import InputError
from tusk.solver.models.atomic_chain.energy import Array, integral, pieces
from tusk.solver.models.atomic_chain.negf import Lead, System
from tusk.solver.physics.checks import inside, not_negative, positive

COULOMB = elementary_charge / (4.0 * math.pi * epsilon_0 * angstrom)
"""Constant e^2/(4 pi eps_0) = 14.40 eV angstrom: charges in [K 18, 19] are Gaussian."""

_NEGLIGIBLE = 1e-13
_STEP = 2e-3
_BRACKETS = 24
_PASSED = 4.0  # half widths


@dataclass(frozen=True, slots=True)
class Chain:
    """An atom of on-site energy eps, coupled by v_L and v_R to chains of hopping t.

    Parameters
    ----------
    hopping
        t of the leads, eV, not zero.
    onsite
        eps, eV; the on-site energy of the leads is the zero of energy.
    left_hopping, right_hopping
        v_L, v_R, eV, not zero.
    lattice_constant
        a, angstrom.
    decay
        zeta, 1/angstrom: how fast hopping falls with distance.
    screened_charge
        q_eff of an ion, in elementary charges.
    fermi_energy
        E_F, eV, inside the band.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    hopping: float
    onsite: float
    left_hopping: float
    right_hopping: float
    lattice_constant: float
    decay: float
    screened_charge: float = 0.0
    fermi_energy: float = 0.0

    def __post_init__(self) -> None:
        for name in ("hopping", "left_hopping", "right_hopping"):
            if not (math.isfinite(getattr(self, name)) and getattr(self, name) != 0.0):
                raise InputError(f"Chain.{name}: must be finite and not 0 eV")
        positive("Chain.lattice_constant", self.lattice_constant, "angstrom")
        positive("Chain.decay", self.decay, "1/angstrom")
        not_negative("Chain.screened_charge", self.screened_charge)
        inside("Chain.fermi_energy", self.fermi_energy, -self.band_edge, self.band_edge)

    @property
    def band_edge(self) -> float:
        """Upper edge 2|t| of the band, eV; the lower one is its negative."""
        return 2.0 * abs(self.hopping)

    def with_asymmetry(self, asymmetry: float) -> Chain:
        """Return the chain with v_L,R = (1 +- gamma) t."""
        left, right = (1.0 + s * asymmetry for s in (1.0, -1.0))
        return replace(self, left_hopping=left * self.hopping, right_hopping=right * self.hopping)

    def displaced(self, displacement: float) -> Chain:
        """Return the chain whose atom has moved by Z_0 (angstrom): v_L,R = v exp(-+ zeta Z_0)."""
        factor = math.exp(self.decay * displacement)
        return replace(
            self,
            left_hopping=self.left_hopping / factor,
            right_hopping=self.right_hopping * factor,
        )

    def system(self, reach: int = 1) -> System:
        """Return the atoms -reach ... reach between leads that go on as they do."""
        return _system(self, reach)

    def potentials(self, voltage: float, division: float) -> tuple[float, float]:
        """Return mu_L and mu_R in eV for V (V) and beta."""
        return (
            self.fermi_energy - (1.0 - division) * voltage,
            self.fermi_energy + division * voltage,
        )

    # --- transmission ---------------------------------------------------------------------------

    def transmission(self, offset: Array | float, reference: Array | float = 0.0) -> Array:
        """Return T(E) ([K 14]); zero outside the band.

        Parameters
        ----------
        offset, reference
            Energies are their sums, eV, of any shape.
        """
        t, product = self.hopping, self.left_hopping * self.right_hopping
        chi = (self.left_hopping**2 + self.right_hopping**2) / (2.0 * product)
        energy, room = self._room(offset, reference)
        detuning = ((reference - self.onsite) + offset) * t * t / product - chi * energy
        open_ = room > 0.0
        safe = np.where(open_, room, 1.0)
        return np.asarray(np.where(open_, 1.0 / (detuning**2 / safe + chi**2), 0.0))

    def _room(self, offset: Array | float, reference: Array | float) -> tuple[Array, Array]:
        """Return E and 4 t^2 - E^2, to the last digit also close to an edge."""
        edge = self.band_edge
        room = ((edge - reference) - offset) * ((reference + edge) + offset)
        return np.asarray(reference + offset, dtype=float), np.asarray(room, dtype=float)

    def conductance(self, voltage: float, division: float) -> float:
        """Return G/G0 at a bias ([K 11]): the mean of T between the chemical potentials."""
        if voltage == 0.0:
            return float(self.transmission(self.fermi_energy))
        return self._between(self.transmission, voltage, division) / voltage

    def wave_number(self, energy: Array | float) -> Array:
        """Return k(E) of the leads in 1/angstrom, E = 2 t cos(k a)."""
        cosine = np.clip(np.asarray(energy, dtype=float) / (2.0 * self.hopping), -1.0, 1.0)
        return np.asarray(np.arccos(cosine)) / self.lattice_constant

    # --- forces ---------------------------------------------------------------------------------

    def total_force(self, voltage: float, division: float) -> float:
        """Return the magnitude of the force on the whole constriction ([K 13]), eV/angstrom."""

        def push(offset: Array, reference: Array) -> Array:
            loss = 1.0 - self.transmission(offset, reference)
            return loss * self.wave_number(reference + offset)

        return 2.0 / math.pi * abs(self._between(push, voltage, division))

    def central_force(self, voltage: float, division: float) -> float:
        """Return the force of the electrons on the central atom ([K 15]), eV/angstrom."""
        left, right = self.potentials(voltage, division)
        filled = self._filled("right", right) - self._filled("left", left)
        return -2.0 * self.decay * filled

    # --- stability ------------------------------------------------------------------------------

    def hessian(self, voltage: float, division: float) -> float:
        """Return dF/dZ_0 of the exact force at Z_0 = 0 with the ions' part, eV/angstrom^2.

        By central differences of fourth order; negative is stable.
        """

        def slope(step: float) -> float:
            ends = [self.displaced(s * step).central_force(voltage, division) for s in (1, -1)]
            return (ends[0] - ends[1]) / (2.0 * step)

        step = _STEP / self.decay
        electrons = (4.0 * slope(step) - slope(2.0 * step)) / 3.0
        return self.ion_stiffness + electrons

    def critical_voltage_exact(self, division: float, largest: float) -> float | None:
        """Return the first V (V), with the sign of 1/2 - beta, at which `hessian` is zero.

        Parameters
        ----------
        division
            beta.
        largest
            |V| up to which it is looked for, V.
        """
        sign = math.copysign(1.0, 0.5 - division)
        grid = [sign * largest * k / _BRACKETS for k in range(_BRACKETS + 1)]
        grid += [v for v in self._turns(division) if 0.0 < sign * v < largest]
        grid.sort(key=abs)
        function = partial(self.hessian, division=division)
        values = [function(v) for v in grid]
        for v, after, a, b in zip(grid, grid[1:], values, values[1:], strict=False):
            if a * b < 0.0:
                return float(brentq(function, v, after, xtol=1e-6))
        return None

    def _turns(self, division: float) -> list[float]:
        """Return biases (V) before and after a chemical potential passes a level."""
        shares = [share for share in (division - 1.0, division) if share != 0.0]
        ends = (-_PASSED, _PASSED)
        return [
            (level.reference + s * level.half_width - self.fermi_energy) / share
            for level in self.system(0).levels
            for share in shares
            for s in ends
        ]

    @property
    def ion_stiffness(self) -> float:
        """Piece of the ions in `hessian`, -4 q_eff^2 e^2/(4 pi eps_0 a^3), eV/angstrom^2."""
        return float(-4.0 * self.screened_charge**2 * COULOMB / self.lattice_constant**3)

    # --- integrals ------------------------------------------------------------------------------

    def _between(
        self, function: Callable[[Array, Array], Array], voltage: float, division: float
    ) -> float:
        """Integrate a function of energy from mu_L to mu_R, inside the band."""
        low, high = self.potentials(voltage, division)
        if low > high:
            return -self._over(function, high, low)
        return self._over(function, low, high)

    def _over(
        self,
        function: Callable[[Array, Array], Array],
        low: float,
        high: float,
        negligible: float = 0.0,
    ) -> float:
        edges = (-self.band_edge, self.band_edge)
        return integral(function, pieces(low, high, edges, self.system(0).levels), negligible)

    def _filled(self, side: str, potential: float) -> float:
        """Return the integral of sum_p C_p v_S^p times the surface density up to mu_S."""
        coupling = self.left_hopping if side == "left" else self.right_hopping

        def integrand(offset: Array, reference: Array) -> Array:
            _, room = self._room(offset, reference)
            density = np.sqrt(np.maximum(room, 0.0)) / (2.0 * math.pi * self.hopping**2)
            return self._polynomial(offset, reference, coupling) * density

        # The terms of a perfect chain cancel, each of them about as large as v.
        return self._over(integrand, -self.band_edge, potential, _NEGLIGIBLE * abs(coupling))

    def _polynomial(self, offset: Array, reference: Array, v: float) -> Array:
        """Return the sum of C_p v^p, p = -1 ... 5, of [K 15]."""
        t, left, right = self.hopping, self.left_hopping, self.right_hopping
        energy, room = self._room(offset, reference)
        surface = (energy - 1j * np.sqrt(np.maximum(room, 0.0))) / (2.0 * t * t)
        detuning = (reference - self.onsite) + offset
        green = 1.0 / (detuning - (left**2 + right**2) * surface)
        square = np.abs(green) ** 2 / (t * t)
        product = left * right
        return np.asarray(
            -(product**3) * square / v
            - product**2 * energy * square
            + v
            + 2.0 * green.real * v**2
            + 2.0 * (surface * green).real * v**3
            + energy * square * v**4
            + square * v**5
        )


@lru_cache(maxsize=32)  # a system keeps the levels it has found
def _system(chain: Chain, reach: int) -> System:
    size = 2 * reach + 1
    bonds = np.full(size - 1, chain.hopping)
    if reach > 0:
        bonds[reach - 1], bonds[reach] = chain.left_hopping, chain.right_hopping
    hamiltonian = np.diag(bonds, 1) + np.diag(bonds, -1)
    hamiltonian[reach, reach] = chain.onsite
    left = chain.hopping if reach > 0 else chain.left_hopping
    right = chain.hopping if reach > 0 else chain.right_hopping
    return System(
        hamiltonian,
        Lead.chain(size, 0, chain.hopping, left),
        Lead.chain(size, size - 1, chain.hopping, right),
    )
