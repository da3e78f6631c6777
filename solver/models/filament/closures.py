"""The closures of one run, built from its configuration: what physics is switched on."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import inf, radians
from typing import Any

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.closures import families
from tusk.solver.closures.build import build_law
from tusk.solver.closures.loaded import check_code
from tusk.solver.config import FilamentConfig
from tusk.solver.config.materials import Metal
from tusk.solver.fields.gap import GapConductor
from tusk.solver.fields.surface_kinetics import SurfaceKinetics
from tusk.solver.models.filament.boundaries import (
    Boundaries,
    build_boundaries,
    channels_per_site,
)
from tusk.solver.models.sources import build_source, charged
from tusk.solver.parameters import REFERENCE_TEMPERATURE_K
from tusk.solver.physics import protocols
from tusk.solver.physics.capillarity import (
    Capillarity,
    NoCapillarity,
    SurfaceDiffusion,
    SurfaceTension,
)
from tusk.solver.physics.conductivity import TemperatureDependent
from tusk.solver.physics.contact.handover import HandOver, PointContactLayer, matching_radius
from tusk.solver.physics.contact.qpc import Constriction
from tusk.solver.physics.tunnelling import NoTunnelling


@dataclass(frozen=True, slots=True)
class MaterialLaws:
    """Transport coefficients of one material; conductivities are functions of T (K).

    ``heat_capacity`` is volumetric, J/(m³ K); an oxide has no electrical conductivity.
    """

    name: str
    electrical_conductivity: TemperatureDependent | None
    thermal_conductivity: protocols.MaterialLaw
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
    boundaries
        What heat and electrons meet where two materials touch.
    electrode_barriers
        Whether stress and void barriers act on the active electrode as well; ``void``: the latter.
    gap_measure
        ``column`` (vertical gap) or ``nearest`` (shortest way from surface to surface).
    equilibrium_offset
        phi_eq, V.
    has_contact
        Whether the gap may close or hold conducting sites.
    parallel_capacitance
        Beside the cell, F; 0 for none.
    oxide_thickness
        Height of the original oxide/electrode plane, m.
    holds_growth
        Whether a process of the run may keep ions from arriving anywhere on the surface.
    """

    charge_transfer: protocols.ChargeTransfer
    growth: protocols.Growth
    stress: protocols.EnergyBarrier
    void: protocols.EnergyBarrier
    electrode_barriers: bool | str
    hopping: protocols.IonConduction
    size_effect: protocols.FilamentConductivity
    filament_heat: protocols.FilamentHeat
    boundaries: Boundaries
    tunnelling: protocols.Tunnelling
    barrier_heating: protocols.BarrierHeating
    source: protocols.Source
    parallel_capacitance: float
    counter_electrode: MaterialLaws
    oxide: MaterialLaws
    active_electrode: MaterialLaws
    has_contact: bool
    gap_measure: str
    transient: bool
    equilibrium_offset: float
    oxide_thickness: float
    ambient_temperature: float
    capillarity: Capillarity | NoCapillarity = field(default_factory=NoCapillarity)
    holds_growth: bool = False

    def charged_source(self, rate: float, stored: float) -> protocols.Source:
        """Return the source with the capacitance, dV/dt = rate V - stored (1/s, V/s)."""
        return charged(self.source, self.parallel_capacitance, rate, stored)

    def material(self, region: int) -> MaterialLaws:
        """Return the material laws of a mesh region."""
        return {
            COUNTER_ELECTRODE: self.counter_electrode,
            FILAMENT: self.active_electrode,
            ACTIVE_ELECTRODE: self.active_electrode,
            OXIDE: self.oxide,
            GAP: self.oxide,
        }[region]

    def metal_conductivity(self, region: int, temperature: object) -> Any:
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
    def has_tension(self) -> bool:
        """Whether the curvature of the surface drives anything."""
        return isinstance(self.capillarity, Capillarity)

    @property
    def rests_still(self) -> bool:
        """Whether what rests on the nucleus exchanges no ions.

        With tension or with barriers as stored energy it would dissolve at any time, and a node
        that is held but deposits would be freed and jump back for ever.
        """
        return self.has_tension or getattr(self.charge_transfer, "barriers", "both") != "both"

    @property
    def weighs_deposit(self) -> bool:
        """Whether the cathodic branch has a factor of its own."""
        return self.has_contact or self.rests_still or self.holds_growth

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
                  "equilibrium_offset", "oxide_thickness", "ambient_temperature",
                  "parallel_capacitance"}  # fmt: skip
        laws = [(f.name.replace("_", " "), str(getattr(self, f.name)))
                for f in fields(self) if f.name not in hidden]  # fmt: skip
        heat = "transient" if self.transient else "steady"
        if self.parallel_capacitance > 0.0:
            laws.append(("parallel capacitance", f"{self.parallel_capacitance:g} F"))
        return [*laws, ("gap", f"{self.gap_measure}"), ("heat equation", heat)]


def checked_physics(config: FilamentConfig) -> FilamentPhysics:
    """Return the closures of a config, those from files tried.

    Raises
    ------
    InputError
        If one cannot be built, or does not do what is asked of it.
    """
    check_code(config)
    return build_physics(config)


def build_physics(config: FilamentConfig) -> FilamentPhysics:
    """Return the closures a configuration asks for."""
    stack, tunnelling = config.stack, build_law(config, families.TUNNELLING)
    return FilamentPhysics(
        charge_transfer=build_law(config, families.CHARGE_TRANSFER),
        growth=build_law(config, families.GROWTH),
        stress=build_law(config, families.STRESS),
        void=build_law(config, families.VOID),
        electrode_barriers=config.void.electrode_barriers,
        hopping=build_law(config, families.HOPPING),
        size_effect=build_law(config, families.SIZE_EFFECT),
        filament_heat=build_law(config, families.FILAMENT_HEAT),
        boundaries=build_boundaries(config),
        tunnelling=_gap_law(config, tunnelling),
        has_contact=config.contact.model != "none",
        barrier_heating=build_law(config, families.BARRIER_HEATING),
        source=build_source(config.source),
        parallel_capacitance=config.circuit.parallel_capacitance or 0.0,
        counter_electrode=_material(config, stack.counter_electrode),
        oxide=_material(config, stack.oxide),
        active_electrode=_material(config, stack.active_electrode),
        gap_measure=config.tunnel.gap,
        transient=config.thermal.model == "transient",
        equilibrium_offset=config.kinetics.equilibrium_offset,
        oxide_thickness=stack.oxide_thickness,
        ambient_temperature=config.thermal.ambient_temperature,
        capillarity=_capillarity(config),
    )


def _capillarity(config: FilamentConfig) -> Capillarity | NoCapillarity:
    """Return what surface tension does to the filament."""
    given, metal = config.capillarity, config.active_electrode
    if given.model == "none":
        return NoCapillarity()
    energy, mobility = given.surface_energy or 0.0, given.contact_mobility
    volume = metal.atomic_mass / metal.density
    return Capillarity(
        SurfaceTension(energy, config.kinetics.charge_number, volume),
        SurfaceDiffusion(
            energy, given.diffusion_prefactor or 0.0, given.activation_energy or 0.0, volume
        ),
        radians(given.contact_angle),
        inf if mobility is None else mobility,
    )


def _gap_law(config: FilamentConfig, tunnelling: protocols.Tunnelling) -> protocols.Tunnelling:
    """Return the law of the gap: the tunnel law, point contacts, or one after the other."""
    contact, metal = config.contact, config.active_electrode
    if contact.model == "none":
        return tunnelling
    radius = contact.radius
    if isinstance(radius, str):
        radius = matching_radius(config.tunnel.effective_mass, config.tunnel.barrier)
    area = (metal.atomic_mass / metal.density) ** (2 / 3) / channels_per_site(config)
    layer = PointContactLayer(radius, area, contact.effective_mass)
    if contact.model == "qpc" or isinstance(tunnelling, NoTunnelling):
        return layer
    return HandOver(tunnelling, layer)


def _material(config: FilamentConfig, name: str) -> MaterialLaws:
    material = config.materials[name]
    electrical = None
    if isinstance(material, Metal):
        electrical = TemperatureDependent(
            material.electrical_conductivity,
            material.electrical_linear,
            material.electrical_quadratic,
            REFERENCE_TEMPERATURE_K,
        )
    thermal = build_law(config, families.HEAT, name)
    return MaterialLaws(name, electrical, thermal, material.density * material.heat_capacity)
