"""Heat conduction of a thin filament: that of the electrode's metal, a number, Wiedemann-Franz."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import BOLTZMANN, ELEMENTARY_CHARGE
from tusk.solver.physics.functions import Value, maximum
from tusk.solver.physics.thermal_energy import LOWEST_TEMPERATURE

__all__ = ["LORENZ_NUMBER", "BulkHeat", "ConstantHeat", "WiedemannFranz"]

LORENZ_NUMBER = math.pi**2 / 3.0 * (BOLTZMANN / ELEMENTARY_CHARGE) ** 2
"""L0 = (pi^2/3)(k/e)^2 = 2.443e-8 W ohm/K^2: degenerate electrons that scatter elastically."""


@dataclass(frozen=True, slots=True)
class BulkHeat:
    """kappa of the filament = kappa of the active electrode, whatever its electrons do."""

    def heat_conductivity(self, temperature: Value, bulk: Value, electrical: Value) -> Value:  # noqa: ARG002
        """Return ``bulk``; see `WiedemannFranz.heat_conductivity`."""
        return bulk

    def __str__(self) -> str:
        return "kappa of the filament = kappa of the active electrode (bulk)"


@dataclass(frozen=True, slots=True)
class ConstantHeat:
    """kappa of the filament = a number of its own.

    Parameters
    ----------
    filament_thermal_conductivity
        W/(m K).

    Raises
    ------
    InputError
        If it is not positive.
    """

    filament_thermal_conductivity: float

    def __post_init__(self) -> None:
        name = "ConstantHeat.filament_thermal_conductivity"
        positive(name, self.filament_thermal_conductivity, "W/(m K)")

    def heat_conductivity(self, temperature: Value, bulk: Value, electrical: Value) -> Value:  # noqa: ARG002
        """Return the number in the shape of ``temperature``."""
        return self.filament_thermal_conductivity + 0.0 * temperature

    def __str__(self) -> str:
        return f"kappa of the filament = {self.filament_thermal_conductivity:.4g} W/(m K)"


@dataclass(frozen=True, slots=True)
class WiedemannFranz:
    """kappa of the filament = L0 T sigma + kappa_lattice.

    What scatters the electrons at the surface of a thin wire keeps charge and heat back alike, so
    that the electronic part goes with the filament's own sigma, not with that of the bulk.

    Parameters
    ----------
    lattice_conductivity
        Part of the phonons in W/(m K), which the law does not know; None for none.

    Raises
    ------
    InputError
        If it is not positive.
    """

    lattice_conductivity: float | None = None

    def __post_init__(self) -> None:
        if self.lattice_conductivity is not None:
            positive("WiedemannFranz.lattice_conductivity", self.lattice_conductivity, "W/(m K)")

    def heat_conductivity(self, temperature: Value, bulk: Value, electrical: Value) -> Value:  # noqa: ARG002
        """Return kappa in W/(m K).

        Parameters
        ----------
        temperature
            T in K, any shape; below 10 K, where only a failing iteration can go, that of 10 K.
        bulk
            kappa of the metal in bulk at T, W/(m K); not used.
        electrical
            sigma of the filament at T, S/m.
        """
        electrons = LORENZ_NUMBER * maximum(temperature, LOWEST_TEMPERATURE) * electrical
        lattice = self.lattice_conductivity
        return electrons if lattice is None else electrons + lattice

    def __str__(self) -> str:
        lattice = self.lattice_conductivity or 0.0
        return (
            f"kappa of the filament = L0 T sigma + {lattice:.4g} W/(m K), "
            f"L0 = {LORENZ_NUMBER:.4g} W ohm/K^2 (Wiedemann-Franz)"
        )
