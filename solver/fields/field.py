"""The unknowns of a solve, and on what scale each is judged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE

METALS = (COUNTER_ELECTRODE, FILAMENT, ACTIVE_ELECTRODE)
"""Regions that conduct electrons along a field."""

INSULATORS = (OXIDE, GAP)
"""Regions that conduct ions."""


@dataclass(frozen=True, slots=True)
class Field:
    """One component of the solution.

    Attributes
    ----------
    name, unit
        For messages and files.
    component
        Its place in the solution vector.
    regions
        Where it is an unknown.
    largest_update
        To this Newton's updates are scaled back.
    near
        Below this an update hardly changes exponents: the Jacobian may be kept.
    """

    name: str
    unit: str
    component: int
    regions: frozenset[int]
    largest_update: float
    near: float


ELECTRONIC_POTENTIAL = Field(
    "electronic potential", "V", 0, frozenset((*METALS, GAP)), largest_update=0.15, near=3e-3
)
IONIC_POTENTIAL = Field(
    "ionic potential", "V", 1, frozenset(INSULATORS), largest_update=0.15, near=3e-3
)
TEMPERATURE = Field(
    "temperature", "K", 2, frozenset((*METALS, *INSULATORS)), largest_update=200.0, near=10.0
)
FIELDS = (ELECTRONIC_POTENTIAL, IONIC_POTENTIAL, TEMPERATURE)
"""In the order of their components."""

ELECTRON, ION, HEAT = (field.component for field in FIELDS)


def unknown_at(cells: np.ndarray, regions: np.ndarray, count: int) -> np.ndarray:
    """Return which field is an unknown at which node (n, 3), bool.

    Parameters
    ----------
    cells, regions
        Triangles (m, 3) and the region of each.
    count
        Number of nodes.
    """
    active = np.zeros((count, len(FIELDS)), dtype=bool)
    for field in FIELDS:
        active[cells[np.isin(regions, tuple(field.regions))].ravel(), field.component] = True
    return active
