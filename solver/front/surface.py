"""The metal surface that moves, and what a solve says of it.

Lengths are in nm, potentials in V, temperatures in K, as in the mesh.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tusk.meshes.cell import ElectrodeSurface, Stack, column_gap

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Shape:
    """The moving geometry: filament curve (n, 2) in nm and the electrode that mirrors it."""

    curve: Array
    electrode: ElectrodeSurface

    def gap(self, stack: Stack) -> Array:
        """Return the vertical gap at every node of the curve (n,), nm."""
        return column_gap(self.curve, stack, self.electrode)


@dataclass(frozen=True, slots=True)
class Branches:
    """Anodic and cathodic current density at the nodes of the curve (n,), A/m², both >= 0."""

    anodic: Array
    cathodic: Array


class SurfaceKinetics(Protocol):
    """Charge transfer on the filament's surface."""

    def branches(self, curve: Array, fields: Array, void: bool = True) -> Branches:
        """Return the branches at nodes (n, 2), nm, with phi_e, phi_i, T there (n, 3).

        ``void`` says whether the barrier of the void stands in the way.
        """
        ...

    def shifted(self, offset: float) -> SurfaceKinetics:
        """Return the same with the overpotential changed by ``offset`` (V)."""
        ...


@dataclass(frozen=True)
class Solved:
    """A solution as the surface sees it.

    Attributes
    ----------
    shape
        Where it was solved.
    fields
        phi_e, phi_i, T at the nodes of the curve (n, 3): V, V, K.
    facing
        The same at the electrode's end of the gap columns, which begin at the first nodes (k, 3).
    kinetics
        What charge transfer makes of it.
    """

    shape: Shape
    fields: Array
    facing: Array
    kinetics: SurfaceKinetics

    @cached_property
    def charge_transfer(self) -> Branches:
        """Butler-Volmer branches with all barriers of the filament (Buttberg 2025, eqs. 2-12)."""
        return self.kinetics.branches(self.shape.curve, self.fields)

    def shifted(self, offset: float) -> Solved:
        """Return the same with the overpotential of charge transfer changed by ``offset`` (V)."""
        return replace(self, kinetics=self.kinetics.shifted(offset))

    @cached_property
    def leaving(self) -> Branches:
        """The same without the barrier of the void: what an atom of a contact leaves through."""
        return self.kinetics.branches(self.shape.curve, self.fields, void=False)


@dataclass(frozen=True, slots=True)
class Weights:
    """What the processes make of charge transfer and conduction at the nodes of the curve (n,).

    Attributes
    ----------
    dissolving, depositing
        Factors of the anodic and the cathodic branch: what ions carry.
    retreating, advancing
        The share of each branch that moves the front; the rest is booked by a process.
    closed
        Part of the gap in front that is metal, nm.
    site_share
        Area share of sites that conduct.
    site_conductance
        Their conductance, S/m².
    """

    dissolving: Array
    depositing: Array
    retreating: Array
    advancing: Array
    closed: Array
    site_share: Array
    site_conductance: float = 0.0

    @classmethod
    def free(cls, count: int) -> Weights:
        """Return those of a bare surface of ``count`` nodes."""
        one, zero = np.ones(count), np.zeros(count)
        return cls(one, one, one, one, zero, zero)

    def held(self, nodes: np.ndarray, still: bool = False) -> Weights:
        """Return those of a surface that does not dissolve at ``nodes`` (n,), bool.

        ``still`` surfaces do not grow there either.
        """
        loose = np.where(nodes, 0.0, 1.0)
        out = replace(self, dissolving=self.dissolving * loose, retreating=self.retreating * loose)
        if not still:
            return out
        return replace(out, depositing=out.depositing * loose, advancing=out.advancing * loose)
