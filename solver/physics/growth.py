"""Faraday's law of the moving surface: current density to normal velocity ([B 1])."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import ELEMENTARY_CHARGE
from tusk.solver.physics.functions import Value

__all__ = ["FaradayGrowth", "NoGrowth"]


@dataclass(frozen=True, slots=True)
class FaradayGrowth:
    """v_n = -m_atom/(z e rho) J, positive = the filament grows into the oxide.

    The paper prints the molar mass beside e; the mass of one atom is meant.

    Parameters
    ----------
    charge_number
        z_c, dimensionless.
    atomic_mass
        Mass of one atom in kg.
    density
        rho of the metal in kg/m^3.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    charge_number: int
    atomic_mass: float
    density: float

    def __post_init__(self) -> None:
        positive("FaradayGrowth.charge_number", self.charge_number)
        positive("FaradayGrowth.atomic_mass", self.atomic_mass, "kg")
        positive("FaradayGrowth.density", self.density, "kg/m^3")

    @property
    def atomic_volume(self) -> float:
        """Volume of one atom, m_atom/rho, in m^3."""
        return self.atomic_mass / self.density

    @property
    def volume_per_charge(self) -> float:
        """Metal volume per charge, m_atom/(z e rho), in m^3/C."""
        return self.atomic_volume / (self.charge_number * ELEMENTARY_CHARGE)

    def normal_velocity(self, current_density: Value) -> Value:
        """Return v_n in m/s for a Butler-Volmer current density in A/m^2 (oxidation > 0)."""
        return -self.volume_per_charge * current_density

    def __str__(self) -> str:
        return f"v_n = -{self.volume_per_charge:.4g} m^3/C J"


@dataclass(frozen=True, slots=True)
class NoGrowth:
    """A frozen surface."""

    @property
    def volume_per_charge(self) -> float:
        """Zero, in m^3/C."""
        return 0.0

    def normal_velocity(self, current_density: Value) -> Value:
        """Return zero in m/s, in the shape of ``current_density``."""
        return 0.0 * current_density

    def __str__(self) -> str:
        return "v_n = 0 (frozen surface)"
