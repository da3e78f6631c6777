"""Interatomic forces of Zhou, Johnson and Wadley: Phys. Rev. B 69, 144113 (2004).

Embedded atoms, E = 1/2 sum_ij phi(r_ij) + sum_i F(rho_i), rho_i = sum_j f(r_ij). The numbers are
those of the paper, the tables are computed from them: no file of anybody else is needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import InputError

Array = NDArray[np.float64]

CUTOFF = 1.66
"""Reach in lattice constants: between the fifth shell (1.58) and the sixth (1.73), for a cut on a
shell spoils the elastic constants."""

_POWER = 20
_LOW, _HIGH = 0.85, 1.15  # rho_n and rho_o over rho_e, eqs. 6 and 7 of the paper


@dataclass(frozen=True, slots=True)
class Pair:
    """One branch, C exp(-s (r/r_e - 1)) / (1 + (r/r_e - m)^20), of f and of phi.

    Attributes
    ----------
    amplitude
        C, eV for phi, the unit of the density for f.
    steepness, offset
        s and m.
    spacing
        r_e, angstrom.
    """

    amplitude: float
    steepness: float
    offset: float
    spacing: float

    def __call__(self, distance: Array) -> tuple[Array, Array]:
        """Return values and slopes (per angstrom) at distances in angstrom, any shape."""
        x = distance / self.spacing
        power = (x - self.offset) ** (_POWER - 1)
        screen = 1.0 + power * (x - self.offset)
        value = self.amplitude * np.exp(-self.steepness * (x - 1.0)) / screen
        slope = -value * (self.steepness + _POWER * power / screen) / self.spacing
        return value, slope


class Metal(Protocol):
    """Embedded atoms of one metal: E = 1/2 sum_ij phi(r_ij) + sum_i F(sum_j f(r_ij))."""

    @property
    def symbol(self) -> str:
        """Name of the element."""
        ...

    @property
    def atomic_number(self) -> int:
        """Z."""
        ...

    @property
    def mass(self) -> float:
        """Atomic mass units."""
        ...

    @property
    def lattice_constant(self) -> float:
        """Of the fcc crystal, angstrom."""
        ...

    @property
    def cutoff(self) -> float:
        """Distance beyond which atoms do not feel each other, angstrom."""
        ...

    @property
    def largest_density(self) -> float:
        """Electron density up to which tables are written."""
        ...

    def electron_density(self, distance: Array) -> tuple[Array, Array]:
        """Return f and its slope at distances in angstrom."""
        ...

    def pair_energy(self, distance: Array) -> tuple[Array, Array]:
        """Return phi (eV) and its slope (eV/angstrom) at distances in angstrom."""
        ...

    def embedding_energy(self, density: Array) -> tuple[Array, Array]:
        """Return F (eV) and its slope at electron densities of any shape, not negative."""
        ...


@dataclass(frozen=True, slots=True)
class Zhou2004:
    """The functions of one metal.

    Attributes
    ----------
    symbol, atomic_number, mass
        Name, Z, and mass in atomic mass units.
    lattice_constant
        a of the fcc crystal, angstrom; sets the reach.
    spacing, density, equilibrium_density, saturation_density
        r_e in angstrom, f_e, rho_e, rho_s.
    steepness
        alpha and beta.
    amplitudes
        A and B, eV.
    offsets
        kappa and lambda.
    low, middle
        F_n0 ... F_n3 and F_0 ... F_3, eV.
    exponent, embedding
        eta, and F_e in eV.
    """

    symbol: str
    atomic_number: int
    mass: float
    lattice_constant: float
    spacing: float
    density: float
    equilibrium_density: float
    saturation_density: float
    steepness: tuple[float, float]
    amplitudes: tuple[float, float]
    offsets: tuple[float, float]
    low: tuple[float, float, float, float]
    middle: tuple[float, float, float, float]
    exponent: float
    embedding: float

    @property
    def cutoff(self) -> float:
        """Distance beyond which atoms do not feel each other, angstrom."""
        return CUTOFF * self.lattice_constant

    @property
    def largest_density(self) -> float:
        """Electron density up to which tables are written: four times that of the crystal."""
        return 4.0 * self.equilibrium_density

    def electron_density(self, distance: Array) -> tuple[Array, Array]:
        """Return f and its slope at distances in angstrom."""
        beta, offset = self.steepness[1], self.offsets[1]
        return Pair(self.density, beta, offset, self.spacing)(distance)

    def pair_energy(self, distance: Array) -> tuple[Array, Array]:
        """Return phi (eV) and its slope (eV/angstrom) at distances in angstrom."""
        branches = zip(self.amplitudes, self.steepness, self.offsets, strict=True)
        (repulsion, push), (attraction, pull) = (
            Pair(*branch, self.spacing)(distance) for branch in branches
        )
        return repulsion - attraction, push - pull

    def embedding_energy(self, density: Array) -> tuple[Array, Array]:
        """Return F (eV) and its slope at electron densities of any shape, not negative."""
        low, high = _LOW * self.equilibrium_density, _HIGH * self.equilibrium_density
        below = _cubic(self.low, density, low)
        between = _cubic(self.middle, density, self.equilibrium_density)
        above = self._saturated(np.maximum(density, high))
        where = [density < low, density < high]
        value, slope = (
            np.select(where, [b, m], default=a)
            for b, m, a in zip(below, between, above, strict=True)
        )
        return value, slope

    def _saturated(self, density: Array) -> tuple[Array, Array]:
        """Return F_e (1 - ln x^eta) x^eta and its slope, x = rho/rho_s."""
        power = (density / self.saturation_density) ** self.exponent
        logarithm = np.log(power)
        slope = -self.embedding * self.exponent * power * logarithm / density
        return self.embedding * (1.0 - logarithm) * power, slope


def _cubic(coefficients: tuple[float, ...], density: Array, centre: float) -> tuple[Array, Array]:
    x = density / centre - 1.0
    c0, c1, c2, c3 = coefficients
    return c0 + x * (c1 + x * (c2 + x * c3)), (c1 + x * (2.0 * c2 + x * 3.0 * c3)) / centre


COPPER = Zhou2004(
    symbol="Cu",
    atomic_number=29,
    mass=63.546,
    lattice_constant=3.615,
    spacing=2.556162,
    density=1.554485,
    equilibrium_density=21.175871,
    saturation_density=21.175395,
    steepness=(8.127620, 4.334731),
    amplitudes=(0.396620, 0.548085),
    offsets=(0.308782, 0.756515),
    low=(-2.170269, -0.263788, 1.088878, -0.817603),
    middle=(-2.19, 0.0, 0.561830, -2.100595),
    exponent=0.310490,
    embedding=-2.186568,
)

SILVER = Zhou2004(
    symbol="Ag",
    atomic_number=47,
    mass=107.8682,
    lattice_constant=4.090,
    spacing=2.891814,
    density=1.106232,
    equilibrium_density=14.604100,
    saturation_density=14.604144,
    steepness=(9.132010, 4.870405),
    amplitudes=(0.277758, 0.419611),
    offsets=(0.339710, 0.750758),
    low=(-1.729364, -0.255882, 0.912050, -0.561432),
    middle=(-1.75, 0.0, 0.744561, -1.150650),
    exponent=0.783924,
    embedding=-1.748423,
)

METALS: Mapping[str, Zhou2004] = MappingProxyType({m.symbol: m for m in (COPPER, SILVER)})
"""Metals by their symbol."""


def metal(symbol: str) -> Zhou2004:
    """Return the functions of a metal.

    Raises
    ------
    InputError
        If there is none.
    """
    if symbol not in METALS:
        raise InputError(f"element: allowed {', '.join(METALS)}, got {symbol}")
    return METALS[symbol]


@dataclass(frozen=True)
class Tables:
    """f, phi and F on grids that begin at 0, as programs of molecular dynamics read them.

    Attributes
    ----------
    metal
        The functions.
    points
        Length of each table.
    """

    metal: Metal
    points: int = 10_000

    @cached_property
    def distances(self) -> Array:
        """Distances from 0 to the cut-off, angstrom."""
        return np.linspace(0.0, self.metal.cutoff, self.points)

    @cached_property
    def densities(self) -> Array:
        """Electron densities from 0 to the largest."""
        return np.linspace(0.0, self.metal.largest_density, self.points)

    def write(self, path: Path) -> None:
        """Write the text form ``eam/alloy`` (setfl) that LAMMPS and ASE read."""
        chosen, r = self.metal, self.distances
        density = chosen.electron_density(r)[0]
        # Atoms never meet: what stands at 0 does not count, but must be finite.
        pair = r * chosen.pair_energy(np.maximum(r, 1e-6))[0]
        embedding = chosen.embedding_energy(self.densities)[0]
        steps = (self.densities[1], r[1])
        with path.open("w", encoding="ascii") as file:
            file.write(f"Embedded atoms of {chosen.symbol}\nwritten by Tusk\n\n1 {chosen.symbol}\n")
            sizes = f"{self.points} {steps[0]:.17g} {self.points} {steps[1]:.17g}"
            file.write(f"{sizes} {chosen.cutoff:.17g}\n")
            file.write(f"{chosen.atomic_number} {chosen.mass} {chosen.lattice_constant} fcc\n")
            for table in (embedding, density, pair):
                file.writelines(f"{value:.16e}\n" for value in table.tolist())
