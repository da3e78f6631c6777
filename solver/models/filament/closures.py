"""The closures of one run, built from its configuration: what physics is switched on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.config import FilamentConfig
from tusk.solver.config.extensions import load_law
from tusk.solver.fields.gap import GapConductor
from tusk.solver.fields.surface_kinetics import SurfaceKinetics
from tusk.solver.models.sources import build_source
from tusk.solver.parameters import REFERENCE_TEMPERATURE_K
from tusk.solver.physics import filament_conductivity, protocols
from tusk.solver.physics.barrier_heating import ConstantShare, Langevin, NoBarrierHeating
from tusk.solver.physics.barriers import ExponentialStress, ExponentialVoid, NoStress, NoVoid
from tusk.solver.physics.charge_transfer import ButlerVolmer
from tusk.solver.physics.conductivity import TemperatureDependent
from tusk.solver.physics.contact.handover import HandOver, PointContactLayer, matching_radius
from tusk.solver.physics.contact.qpc import Constriction
from tusk.solver.physics.growth import FaradayGrowth
from tusk.solver.physics.hopping import MottGurney
from tusk.solver.physics.tunnelling import NoTunnelling, SimmonsFull, SimmonsLinear

SIZE_EFFECTS: dict[str, Callable[[float, float], protocols.FilamentConductivity]] = {
    "thin_wire": filament_conductivity.ThinWire,
    "nordheim": filament_conductivity.Nordheim,
    "exact_wire": filament_conductivity.ExactWire,
    "exact_film": filament_conductivity.ExactFilm,
}


@dataclass(frozen=True, slots=True)
class MaterialLaws:
    """Transport coefficients of one material; conductivities are functions of T (K).

    ``heat_capacity`` is volumetric, J/(m³ K); an oxide has no electrical conductivity.
    """

    name: str
    electrical_conductivity: TemperatureDependent | None
    thermal_conductivity: TemperatureDependent
    heat_capacity: float

    def __str__(self) -> str:
        kappa = f"{self.name}: kappa = {self.thermal_conductivity} W/(m K)"
        sigma = self.electrical_conductivity
        return kappa if sigma is None else f"{kappa}, sigma = {sigma} S/m"


@dataclass(frozen=True, slots=True)
class FilamentPhysics:
    """Every closure of a filament run.

    Attributes
    ----------
    electrode_barriers
        Whether stress and void barriers act on the active electrode as well.
    gap_measure
        ``column`` (vertical gap) or ``nearest`` (shortest way from surface to surface).
    equilibrium_offset
        phi_eq, V.
    has_contact
        Whether the gap may close or hold conducting sites.
    oxide_thickness
        Height of the original oxide/electrode plane, m.
    """

    charge_transfer: protocols.ChargeTransfer
    growth: protocols.Growth
    stress: protocols.EnergyBarrier
    void: protocols.EnergyBarrier
    electrode_barriers: bool
    hopping: protocols.IonConduction
    size_effect: protocols.FilamentConductivity
    tunnelling: protocols.Tunnelling
    barrier_heating: protocols.BarrierHeating
    source: protocols.Source
    counter_electrode: MaterialLaws
    oxide: MaterialLaws
    active_electrode: MaterialLaws
    has_contact: bool
    gap_measure: str
    transient: bool
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

    def metal_conductivity(self, region: int, temperature: Any) -> Any:
        """Return the bulk sigma(T) of a metal region, S/m.

        Raises
        ------
        ValueError
            If the region is an oxide.
        """
        metal = self.material(region)
        if metal.electrical_conductivity is None:
            raise ValueError(f"{metal.name} is no metal")
        return metal.electrical_conductivity(temperature)

    @property
    def surface_kinetics(self) -> SurfaceKinetics:
        """Charge transfer at the metal surfaces."""
        return SurfaceKinetics(
            self.charge_transfer,
            self.stress,
            self.void,
            self.electrode_barriers,
            self.oxide_thickness,
        )

    @property
    def gap_conductor(self) -> GapConductor:
        """The current density of the gap."""
        return GapConductor(self.tunnelling)

    @property
    def constriction(self) -> Constriction | None:
        """The point contact that the law of the gap ends in, if there is one."""
        layer = getattr(self.tunnelling, "contact", self.tunnelling)
        return layer.constriction if isinstance(layer, PointContactLayer) else None

    def describe(self) -> list[tuple[str, str]]:
        """Return (closure, formula with numbers) for every law in use."""
        hidden = {"has_contact", "gap_measure", "transient", "electrode_barriers",
                  "equilibrium_offset", "oxide_thickness", "ambient_temperature"}  # fmt: skip
        laws = [(f.name.replace("_", " "), str(getattr(self, f.name)))
                for f in fields(self) if f.name not in hidden]  # fmt: skip
        heat = "transient" if self.transient else "steady"
        return [*laws, ("gap", f"{self.gap_measure}"), ("heat equation", heat)]


def build_physics(config: FilamentConfig) -> FilamentPhysics:
    """Return the closures a configuration asks for."""
    metal = config.active_electrode
    kinetics, hopping, void = config.kinetics, config.hopping, config.void
    return FilamentPhysics(
        charge_transfer=ButlerVolmer(
            kinetics.charge_number,
            kinetics.transfer_coefficient,
            kinetics.ion_concentration,
            kinetics.rate_constant,
            kinetics.activation_energy,
            kinetics.equilibrium_offset,
            kinetics.barriers,
        ),
        growth=FaradayGrowth(kinetics.charge_number, metal.atomic_mass, metal.density),
        stress=NoStress()
        if config.stress.model == "none"
        else ExponentialStress(config.stress.energy, config.stress.radius),
        void=NoVoid() if void.model == "none" else ExponentialVoid(void.energy, void.length),
        electrode_barriers=void.electrode_barriers,
        hopping=MottGurney(
            kinetics.charge_number,
            hopping.distance,
            hopping.attempt_frequency,
            hopping.barrier,
            kinetics.ion_concentration,
        ),
        size_effect=_size_effect(config),
        tunnelling=_gap_law(config),
        has_contact=config.contact.model != "none",
        barrier_heating=_barrier_heating(config),
        source=build_source(config.source),
        counter_electrode=_material(config, config.stack.counter_electrode),
        oxide=_material(config, config.stack.oxide),
        active_electrode=_material(config, config.stack.active_electrode),
        gap_measure=config.tunnel.gap,
        transient=config.thermal.model == "transient",
        equilibrium_offset=kinetics.equilibrium_offset,
        oxide_thickness=config.stack.oxide_thickness,
        ambient_temperature=config.thermal.ambient_temperature,
    )


def _size_effect(config: FilamentConfig) -> protocols.FilamentConductivity:
    filament = config.filament
    if filament.conductivity == "bulk":
        return filament_conductivity.Bulk()
    return SIZE_EFFECTS[filament.conductivity](filament.specularity, filament.mean_free_path)


def _gap_law(config: FilamentConfig) -> protocols.Tunnelling:
    """Return the law of the gap: the tunnel law, point contacts, or one after the other."""
    contact, metal = config.contact, config.active_electrode
    if contact.model == "none":
        return _tunnelling(config)
    radius = contact.radius
    if isinstance(radius, str):
        radius = matching_radius(config.tunnel.effective_mass, config.tunnel.barrier)
    area = (metal.atomic_mass / metal.density) ** (2 / 3)
    layer = PointContactLayer(radius, area, contact.effective_mass)
    if contact.model == "qpc" or config.tunnel.model == "none":
        return layer
    return HandOver(_tunnelling(config), layer)


def _tunnelling(config: FilamentConfig) -> protocols.Tunnelling:
    tunnel = config.tunnel
    match tunnel.model:
        case "none":
            return NoTunnelling()
        case "simmons_linear":
            return SimmonsLinear(tunnel.effective_mass, tunnel.barrier, tunnel.prefactor)
        case "simmons_full":
            return SimmonsFull(tunnel.effective_mass, tunnel.barrier)
        case spec:
            law: protocols.Tunnelling = load_law(spec)(
                effective_mass=tunnel.effective_mass,
                barrier=tunnel.barrier,
                prefactor=tunnel.prefactor,
            )
            return law


def _barrier_heating(config: FilamentConfig) -> protocols.BarrierHeating:
    tunnel = config.tunnel
    match tunnel.heating:
        case "none":
            return NoBarrierHeating()
        case "langevin":
            return Langevin(tunnel.effective_mass, tunnel.barrier)
        case _:
            return ConstantShare(tunnel.collector_share)


def _material(config: FilamentConfig, name: str) -> MaterialLaws:
    material: Any = config.materials[name]

    def law(kind: str) -> TemperatureDependent:
        return TemperatureDependent(
            getattr(material, f"{kind}_conductivity"),
            getattr(material, f"{kind}_linear"),
            getattr(material, f"{kind}_quadratic"),
            REFERENCE_TEMPERATURE_K,
        )

    electrical = law("electrical") if material.kind == "metal" else None
    capacity = material.density * material.heat_capacity
    return MaterialLaws(name, electrical, law("thermal"), capacity)
