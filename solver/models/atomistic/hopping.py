"""Hopping of one s electron per atom from atom to atom, as a function of distance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.potential import Array

HALF_FILLING = 0.91768
"""E_F over |t| that half fills the fcc band of one s orbital with t < 0 (-12 |t| to 4 |t|)."""


@dataclass(frozen=True, slots=True)
class Hopping:
    """t(r) = t exp(-zeta (r - d)) between neighbours, smoothly ended.

    Attributes
    ----------
    value
        t at the distance of neighbours, eV.
    spacing
        d, distance of neighbours in the crystal, angstrom.
    decay
        zeta, 1/angstrom.
    fade, reach
        Distances between which t goes to zero, twice differentiable, angstrom.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    value: float
    spacing: float
    decay: float
    fade: float
    reach: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value != 0.0):
            raise InputError(f"hopping.value: must be finite and not 0 eV, got {self.value:g}")
        if not 0.0 < self.spacing < self.fade < self.reach < math.inf:
            raise InputError(
                "hopping.reach: 0 < spacing < fade < reach is needed, "
                f"got {self.spacing:g}, {self.fade:g}, {self.reach:g} angstrom"
            )
        if not (math.isfinite(self.decay) and self.decay >= 0.0):
            raise InputError(f"hopping.decay: must be >= 0 per angstrom, got {self.decay:g}")

    def __call__(self, distance: Array) -> tuple[Array, Array]:
        """Return t (eV) and its slope (eV/angstrom) at distances of any shape, angstrom."""
        bare = self.value * np.exp(-self.decay * (distance - self.spacing))
        ending, ending_slope = self.ending(distance)
        return bare * ending, bare * (ending_slope - self.decay * ending)

    def ending(self, distance: Array) -> tuple[Array, Array]:
        """Return what is left of a bond that is stretched, 1 to 0, and its slope (1/angstrom)."""
        width = self.reach - self.fade
        x = np.clip((distance - self.fade) / width, 0.0, 1.0)
        left = 1.0 - x**3 * (10.0 - x * (15.0 - 6.0 * x))
        return left, -30.0 * (x * (1.0 - x)) ** 2 / width
