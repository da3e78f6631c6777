"""The closures of one run, built from its configuration: what physics is switched on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.config import FilamentConfig
from tusk.solver.config.models import Material
from tusk.solver.physics import (
    barrier_heating,
    barriers,
    charge_transfer,
    filament_conductivity,
    hopping,
    protocols,
    source,
    tunnelling,
)
from tusk.solver.physics.conductivity import TemperatureDependent
from tusk.solver.physics.constants import ATOMIC_MASS, ELEMENTARY_CHARGE


@dataclass(frozen=True, slots=True)
class MaterialLaws:
    """Transport coefficients of one material; conductivities are functions of T (K).

    ``heat_capacity`` is volumetric, J/(m³ K).
    """

    name: str
    electrical_conductivity: TemperatureDependent | None
    thermal_conductivity: TemperatureDependent
    heat_capacity: float


@dataclass(frozen=True, slots=True)
class FilamentPhysics:
    """Every closure of a filament run.

    Attributes
    ----------
    gap_measure
        ``column`` (vertical gap) or ``nearest`` (shortest way from surface to surface).
    growth_factor
        Volume of metal per charge m_atom/(z_c e rho), m³/C (Buttberg 2025, eq. 1 with the mass of
        one atom).
    oxide_thickness
        Height of the original oxide/electrode plane, m.
    """

    charge_transfer: protocols.ChargeTransfer
    stress: protocols.StressBarrier
    void: protocols.VoidBarrier
    electrode_barriers: bool
    hopping: protocols.IonicConduction
    filament_conductivity: protocols.SizeEffect
    tunnelling: protocols.Tunnelling
    barrier_heating: protocols.BarrierHeating
    source: protocols.Source
    counter_electrode: MaterialLaws
    oxide: MaterialLaws
    active_electrode: MaterialLaws
    gap_measure: str
    transient: bool
    growth_factor: float
    equilibrium_offset: float
    oxide_thickness: float
    ambient_temperature: float

    def material(self, region: int) -> MaterialLaws:
        """Return the material laws of a mesh region."""
        return {
            COUNTER_ELECTRODE: self.counter_electrode,
            FILAMENT: self.active_electrode,
            ACTIVE_ELECTRODE: self.active_electrode,
            OXIDE: self.oxide,
            GAP: self.oxide,
        }[region]

    def metal(self, region: int) -> Any:
        """Return the material laws of a metal region, which have an electrical conductivity."""
        return self.material(region)

    def filament_barrier(self, r: Any, z: Any) -> Any:
        """Return the stress and void barriers on the filament surface, J (eqs. 9, 11, 12)."""
        return self.stress.energy_barrier(r) + self.void.energy_barrier(z - self.oxide_thickness)

    def electrode_barrier(self, r: Any, z: Any) -> Any:
        """Return the extra barrier on the active electrode, J: none unless asked for."""
        return self.filament_barrier(r, z) if self.electrode_barriers else 0.0


def _material(name: str, material: Material, temperature: float) -> MaterialLaws:
    def law(value: float, linear: float, quadratic: float) -> TemperatureDependent:
        return TemperatureDependent(value, linear, quadratic, temperature)

    electrical = None
    if material.electrical_conductivity is not None:
        electrical = law(
            material.electrical_conductivity,
            material.electrical_linear,
            material.electrical_quadratic,
        )
    thermal = law(
        material.thermal_conductivity, material.thermal_linear, material.thermal_quadratic
    )
    return MaterialLaws(name, electrical, thermal, material.density * material.heat_capacity)
