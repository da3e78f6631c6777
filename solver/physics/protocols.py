"""What each family of closures has to offer; a user-defined law needs no base class."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from tusk.solver.physics.functions import Value

__all__ = [
    "BarrierHeating",
    "ChargeTransfer",
    "EnergyBarrier",
    "FilamentConductivity",
    "FilamentHeat",
    "Growth",
    "IonConduction",
    "MaterialLaw",
    "Source",
    "Tunnelling",
]


@runtime_checkable
class ChargeTransfer(Protocol):
    """Ionic current through a metal/oxide interface."""

    def overpotential(self, electronic_potential: Value, ionic_potential: Value) -> Value:
        """Return eta in V."""
        ...

    def branches(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> tuple[Value, Value]:
        """Return the anodic and the cathodic current density, both >= 0, in A/m^2."""
        ...

    def current_density(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> Value:
        """Return anodic minus cathodic in A/m^2."""
        ...


@runtime_checkable
class Growth(Protocol):
    """Normal velocity of a metal surface."""

    @property
    def volume_per_charge(self) -> float:
        """Metal volume per charge in m^3/C."""
        ...

    def normal_velocity(self, current_density: Value) -> Value:
        """Return v_n in m/s for a Butler-Volmer current density in A/m^2."""
        ...


@runtime_checkable
class EnergyBarrier(Protocol):
    """An extra barrier of growth that depends on the place."""

    def energy_barrier(self, position: Value) -> Value:
        """Return the barrier in J at a radius or height in m."""
        ...


@runtime_checkable
class IonConduction(Protocol):
    """Ionic conductivity of the oxide."""

    def conductivity(self, field_squared: Value, temperature: Value) -> Value:
        """Return S/m for |E|^2 in V^2/m^2 and T in K."""
        ...


@runtime_checkable
class FilamentConductivity(Protocol):
    """Size effect on the electronic conductivity of the filament (NumPy only)."""

    def ratio(self, diameter: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return sigma/sigma_bulk for diameters in m."""
        ...


@runtime_checkable
class FilamentHeat(Protocol):
    """Thermal conductivity of the filament."""

    def heat_conductivity(self, temperature: Value, bulk: Value, electrical: Value) -> Value:
        """Return W/(m K) at T in K, of a metal of kappa ``bulk``, for the filament's S/m."""
        ...


@runtime_checkable
class Tunnelling(Protocol):
    """Electronic current J = G V across the gap; the law is G, asked for symbols and numbers."""

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        """Return J/V in S/m^2 for a gap in m, a voltage in V and T in K."""
        ...


@runtime_checkable
class BarrierHeating(Protocol):
    """Split of the tunnelling heat between the two sides of the gap."""

    def shares(self, voltage: Value, gap: Value) -> tuple[Value, Value]:
        """Return the shares of the active electrode and of the filament."""
        ...


@runtime_checkable
class MaterialLaw(Protocol):
    """A conductivity as a function of temperature."""

    def __call__(self, temperature: Value) -> Value:
        """Return S/m or W/(m K) at T in K."""
        ...


@runtime_checkable
class Source(Protocol):
    """The circuit element between the applied drive and the cell (floats only)."""

    @property
    def is_ideal(self) -> bool:
        """True if the cell voltage is imposed."""
        ...

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        """Return I in A and -dI/dV_cell in S."""
        ...

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:
        """Return the terminal voltage in V."""
        ...
