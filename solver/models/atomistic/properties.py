"""What an interatomic potential says about the crystal: numbers to check it by.

An fcc crystal is a Bravais lattice, so that energy, lattice constant and elastic constants are sums
over lattice vectors and nothing has to be relaxed; surfaces and vacancies are, in periodic boxes.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Literal

import numpy as np
from scipy.constants import angstrom, elementary_charge
from scipy.optimize import minimize_scalar

from tusk.solver.models.atomistic.energy import EmbeddedAtoms
from tusk.solver.models.atomistic.potential import Array, Metal

Face = Literal["111", "100", "110"]

EV_PER_CUBIC_ANGSTROM: float = elementary_charge / angstrom**3
"""In Pa."""
EV_PER_SQUARE_ANGSTROM: float = elementary_charge / angstrom**2
"""In J/m2."""

_FCC = 0.5 * np.array([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
_CELLS: dict[Face, tuple[tuple[float, float, float], list[tuple[float, float, float]]]] = {
    "100": ((0.5**0.5, 0.5**0.5, 1.0), [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5)]),
    "110": (
        (1.0, 0.5**0.5, 0.5**0.5),
        [(0.0, 0.0, 0.0), (0.5, 0.5, 0.5)],
    ),
    "111": (
        (0.5**0.5, 1.5**0.5, 3.0**0.5),
        [
            (0.0, 0.0, 0.0),
            (0.5, 0.5, 0.0),
            (0.0, 1.0 / 3.0, 1.0 / 3.0),
            (0.5, 5.0 / 6.0, 1.0 / 3.0),
            (0.0, 2.0 / 3.0, 2.0 / 3.0),
            (0.5, 1.0 / 6.0, 2.0 / 3.0),
        ],
    ),
}


def crystal_energy(metal: Metal, lattice_constant: float, strain: Array | None = None) -> float:
    """Return the energy per atom (eV) of the crystal under a homogeneous strain (3, 3)."""
    reach = range(-5, 6)
    numbers = np.array([n for n in itertools.product(reach, reach, reach) if any(n)])
    vectors = lattice_constant * numbers @ _FCC
    if strain is not None:
        vectors = vectors @ (np.eye(3) + strain).T
    distance = np.linalg.norm(vectors, axis=1)
    distance = distance[distance < metal.cutoff]
    pair = float(metal.pair_energy(distance)[0].sum())
    density = np.array([metal.electron_density(distance)[0].sum()])
    return 0.5 * pair + float(metal.embedding_energy(density)[0][0])


def lattice_constant(metal: Metal) -> float:
    """Return the lattice constant of least energy, angstrom."""
    a = metal.lattice_constant
    found = minimize_scalar(
        lambda x: crystal_energy(metal, x), bounds=(0.98 * a, 1.02 * a), method="bounded",
        options={"xatol": 1e-8},
    )  # fmt: skip
    return float(found.x)


def elastic_constants(metal: Metal) -> tuple[float, float, float]:
    """Return C11, C12 and C44 of the crystal, GPa."""
    a = lattice_constant(metal)
    volume = a**3 / 4.0

    def curvature(strain: Callable[[float], Array]) -> float:
        step = 1e-3
        energies = [crystal_energy(metal, a, strain(s * step)) for s in (-1.0, 0.0, 1.0)]
        second = (energies[0] - 2.0 * energies[1] + energies[2]) / step**2
        return second / volume * EV_PER_CUBIC_ANGSTROM / 1e9

    c11 = curvature(lambda s: np.diag([s, 0.0, 0.0]))
    bulk = curvature(lambda s: np.diag([s, s, s])) / 9.0
    c44 = curvature(lambda s: 0.5 * s * np.array([[0.0, 1, 0], [1, 0, 0], [0, 0, 0]]))
    return c11, (3.0 * bulk - c11) / 2.0, c44


def compliance(metal: Metal, points: int = 10) -> float:
    """Return the mean of 1/k over the vibrations of the crystal, angstrom^2/eV.

    Times kT it is the mean square displacement of an atom along an axis, classically. Force
    constants are differences of forces when one atom moves; `points` wave vectors along each axis,
    none at 0.
    """
    a, step = lattice_constant(metal), 1e-3
    reach = range(-7, 8)
    numbers = np.array(list(itertools.product(reach, reach, reach)))
    numbers = numbers[np.linalg.norm(a * numbers @ _FCC, axis=1) < 2.1 * metal.cutoff]
    places = a * numbers @ _FCC
    moving = int(np.argmin(np.linalg.norm(places, axis=1)))
    atoms = EmbeddedAtoms(metal)
    constants = np.empty((len(places), 3, 3))
    for axis in range(3):
        ends = []
        for sign in (1.0, -1.0):
            moved = places.copy()
            moved[moving, axis] += sign * step
            ends.append(atoms.energy_and_forces(moved)[1])
        constants[:, axis] = -(ends[0] - ends[1]) / (2.0 * step)
    # Rigid motion costs nothing: the atom's own constant is minus the sum of the others'.
    constants[moving] -= constants.sum(axis=0)
    wave = 2.0 * np.pi * (np.arange(points) + 0.5) / points
    grid = np.array(list(itertools.product(wave, wave, wave)))
    stiffness = np.tensordot(np.cos(grid @ numbers.T), constants, axes=1)
    return float(np.mean(1.0 / np.linalg.eigvalsh(stiffness)))


def slab(metal: Metal, face: Face, layers: int) -> tuple[Array, tuple[float, float, float]]:
    """Return a slab with a face across z and at least so many cells of thickness, and its box."""
    cell, basis = _CELLS[face]
    a = lattice_constant(metal)
    size = a * np.asarray(cell)
    counts = [
        int(np.ceil(2.05 * metal.cutoff / size[0])),
        int(np.ceil(2.05 * metal.cutoff / size[1])),
        layers,
    ]
    numbers = np.array(list(itertools.product(*(range(n) for n in counts))), dtype=float)
    positions = (numbers[:, None, :] + np.asarray(basis)[None, :, :]).reshape(-1, 3) * size
    return positions, (counts[0] * size[0], counts[1] * size[1], 0.0)


def surface_energy(metal: Metal, face: Face) -> float:
    """Return the energy of a relaxed surface, J/m2."""
    positions, box = slab(metal, face, {"100": 6, "110": 8, "111": 3}[face])
    atoms = EmbeddedAtoms(metal, box)
    relaxed = atoms.relax(positions, np.ones(len(positions), dtype=bool))
    energy = atoms.energy_and_forces(relaxed)[0]
    bulk = crystal_energy(metal, lattice_constant(metal)) * len(positions)
    return (energy - bulk) / (2.0 * box[0] * box[1]) * EV_PER_SQUARE_ANGSTROM


def vacancy_energy(metal: Metal, cells: int = 4) -> float:
    """Return the energy of a relaxed vacancy, eV, in a box of so many cells each way."""
    a = lattice_constant(metal)
    reach = range(cells)
    numbers = np.array(list(itertools.product(reach, reach, reach)), dtype=float)
    corners = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    positions = a * (numbers[:, None, :] + corners[None, :, :]).reshape(-1, 3)[1:]
    atoms = EmbeddedAtoms(metal, (cells * a, cells * a, cells * a))
    relaxed = atoms.relax(positions, np.ones(len(positions), dtype=bool))
    energy = atoms.energy_and_forces(relaxed)[0]
    return energy - len(positions) * crystal_energy(metal, a)
