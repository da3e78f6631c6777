"""Semi-infinite leads: Green's functions of the surface of half an fcc crystal in closed form.

For each wave vector in the plane the layers form a chain of one orbital, whose surface is known;
a Fourier sum over the wave vectors gives the function between atoms. No broadening is needed and
no iteration can fail.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import InputError
from tusk.solver.models.atomic_chain.negf import Lead
from tusk.solver.models.atomistic.potential import Array

Complex = NDArray[np.complex128]
Face = Literal["001", "111"]

_TRIANGLE = math.sqrt(3.0) / 2.0


@dataclass(frozen=True, slots=True)
class Layers:
    """How an fcc crystal is stacked along the normal of a face; lengths in neighbour distances.

    Attributes
    ----------
    vectors
        Two vectors of the lattice in the plane (2, 2).
    shift
        From a layer to the one above (2,), in the plane.
    height
        From a layer to the one above.
    within, above
        Neighbours in the layer (one of each opposite pair) and in the layer above, in numbers of
        `vectors`; those above from the first neighbour there.
    """

    vectors: tuple[tuple[float, float], tuple[float, float]]
    shift: tuple[float, float]
    height: float
    within: tuple[tuple[int, int], ...]
    above: tuple[tuple[int, int], ...]


LAYERS: Mapping[Face, Layers] = MappingProxyType(
    {
        "001": Layers(
            vectors=((1.0, 0.0), (0.0, 1.0)),
            shift=(0.5, 0.5),
            height=math.sqrt(0.5),
            within=((1, 0), (0, 1)),
            above=((0, 0), (1, 0), (0, 1), (1, 1)),
        ),
        "111": Layers(
            vectors=((1.0, 0.0), (0.5, _TRIANGLE)),
            shift=(0.5, _TRIANGLE / 3.0),
            height=math.sqrt(2.0 / 3.0),
            within=((1, 0), (0, 1), (-1, 1)),
            above=((0, 0), (1, 0), (0, 1)),
        ),
    }
)


def checked_face(key: str, face: str) -> Face:
    """Return a face that is known.

    Raises
    ------
    InputError
        If it is not; the message begins with `key`.
    """
    for known in LAYERS:
        if face == known:
            return known
    raise InputError(f"{key}: allowed {', '.join(LAYERS)}, got {face}")


def chain_surface(energy: NDArray[Any], hopping: Array) -> Complex:
    """Return the surface Green's function 2/(E + sqrt(E^2 - 4 h^2)) of semi-infinite chains.

    Parameters
    ----------
    energy
        E minus the on-site energy, eV; on the real axis or above it.
    hopping
        |h|, eV, of the same shape.
    """
    # The sum of roots has no cut above the real axis, and no digits cancel as h goes to 0.
    return np.asarray(
        2.0 / (energy + np.sqrt(energy - 2.0 * hopping) * np.sqrt(energy + 2 * hopping))
    )


@dataclass(frozen=True)
class SurfaceGreen:
    """Green's function between atoms of the surface layer of half a crystal.

    Attributes
    ----------
    face
        Orientation.
    hopping
        t to the nearest neighbours, eV.
    grid
        Wave vectors along each axis: the crystal repeats after so many atoms.
    twist
        Offset of the grid in units of its step. With 1/2 it misses the lines on which layers do
        not couple, where atoms of a layer have sharp levels.
    """

    face: Face
    hopping: float
    grid: int = 64
    twist: float = 0.5
    _last: dict[complex, Complex] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.face not in LAYERS:
            raise InputError(f"face: allowed {', '.join(LAYERS)}, got {self.face}")
        if self.grid < 4:
            raise InputError(f"grid: must be >= 4, got {self.grid}")

    @cached_property
    def bands(self) -> tuple[Array, Array]:
        """On-site energy and modulus of the hopping to the next layer by wave vector, eV."""
        phase = 2.0 * np.pi * (np.arange(self.grid) + self.twist) / self.grid
        first, second = np.meshgrid(phase, phase, indexing="ij")
        layers = LAYERS[self.face]
        onsite = sum(2.0 * np.cos(a * first + b * second) for a, b in layers.within)
        between = sum(np.exp(1j * (a * first + b * second)) for a, b in layers.above)
        return self.hopping * np.asarray(onsite), np.abs(self.hopping * np.asarray(between))

    def table(self, energy: complex) -> Complex:
        """Return g between atoms by the difference of their numbers, (grid, grid), 1/eV."""
        if energy not in self._last:
            onsite, between = self.bands
            by_wave = chain_surface(energy - onsite + 0j, between)
            steps = np.fft.fftfreq(self.grid, 1.0 / self.grid)
            turn = np.exp(2j * np.pi * self.twist * steps / self.grid)
            table = np.fft.ifft2(by_wave) * turn[:, None] * turn[None, :]
            self._last.clear()  # both leads ask for the same energy, one after the other
            self._last[energy] = table
        return self._last[energy]

    def between(self, numbers: NDArray[np.int64], energy: complex) -> Complex:
        """Return g between atoms given by their numbers (m, 2) along the `vectors`, (m, m)."""
        difference = numbers[:, None, :] - numbers[None, :, :]
        # Even in the difference; the table holds it for half a period each way.
        return np.asarray(self.table(energy)[difference[..., 0], difference[..., 1]])


class Terminal(Protocol):
    """The atoms of a lead next to the junction."""

    @property
    def coupling(self) -> Array:
        """Hopping from the atoms of the junction to those of the lead (n, m), eV."""
        ...

    def green(self, energy: complex) -> Complex:
        """Return the Green's function of the isolated lead between its atoms (m, m), 1/eV."""
        ...


@dataclass(frozen=True)
class CrystalTerminal:
    """Atoms of a crystal's surface.

    Attributes
    ----------
    surface
        Its Green's functions.
    numbers
        Of its atoms along the lattice vectors (m, 2).
    coupling
        (n, m), eV.

    Raises
    ------
    InputError
        If the atoms lie further apart than the crystal is periodic.
    """

    surface: SurfaceGreen
    numbers: NDArray[np.int64]
    coupling: Array

    def __post_init__(self) -> None:
        extent = int(np.ptp(self.numbers, axis=0).max()) if len(self.numbers) else 0
        if 2 * extent >= self.surface.grid:
            raise InputError(
                f"electrons.grid: must be > {2 * extent} for this contact, got {self.surface.grid}"
            )

    def green(self, energy: complex) -> Complex:
        """Return the Green's function of the isolated lead between its atoms (m, m), 1/eV."""
        return self.surface.between(self.numbers, energy)


@dataclass(frozen=True)
class StackTerminal:
    """A lead of the atomic chain: equal layers with a scalar hopping."""

    lead: Lead

    @property
    def coupling(self) -> Array:
        """Hopping from the atoms of the junction to those of the lead (n, m), eV."""
        return self.lead.coupling

    def green(self, energy: complex) -> Complex:
        """Return the Green's function of the isolated lead between its atoms (m, m), 1/eV."""
        energies, vectors = np.linalg.eigh(self.lead.layer)
        hopping = np.full(len(energies), abs(self.lead.hopping))
        return np.asarray((vectors * chain_surface(energy - energies + 0j, hopping)) @ vectors.T)
