"""The config of one run: all sections, and the checks that span them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..parameters import MATERIALS, Cited
from ..units import format_quantity
from .base import Section, problem
from .capillarity import Capillarity
from .common import DrivenConfig
from .drive import DriveStep, walked
from .filament_section import Filament
from .materials import Material, Metal, Oxide, unknown_material
from .nucleation import Nucleation
from .numerics import Checkpoint, Mesh, Output, Solver, Stepping
from .quantities import Bounds, Number
from .sections import (
    Contact,
    Growth,
    Hopping,
    Kinetics,
    Stack,
    Stress,
    Thermal,
    Tunnel,
    Void,
)
from .source import Circuit, Source
from .until import UNTIL_DIMENSIONS


class FilamentConfig(DrivenConfig):
    """Config of the filament model. Every value is an SI float after validation."""

    model_config = ConfigDict(title="Tusk run, model filament_fem")
    physics_sections = (
        "stack",
        "source",
        "circuit",
        "kinetics",
        "growth",
        "hopping",
        "tunnel",
        "filament",
        "stress",
        "void",
        "capillarity",
        "thermal",
        "materials",
    )
    until_quantities = UNTIL_DIMENSIONS
    has_finite_elements = True

    model: Literal["filament_fem"] = Field(default="filament_fem", description="model solved")
    parameters: Literal["buttberg2025"] = Field(
        default="buttberg2025", description="cited parameter set that fills what is left out"
    )
    stack: Stack
    drive: tuple[DriveStep, ...] = Field(description="steps in order; the run ends with the last")
    source: Source
    circuit: Circuit = Circuit()
    kinetics: Kinetics
    growth: Growth
    hopping: Hopping
    tunnel: Tunnel
    filament: Filament
    stress: Stress
    void: Void
    capillarity: Capillarity = Capillarity()
    nucleation: Nucleation = Nucleation()
    thermal: Thermal
    contact: Contact = Contact()
    materials: dict[str, Material] = Field(description="materials by name")
    mesh: Mesh = Mesh()
    solver: Solver = Solver()
    stepping: Stepping = Stepping()
    checkpoint: Checkpoint = Checkpoint()
    output: Output = Output()
    members: Annotated[int, Number(Bounds(ge=1.0, le=10000.0), whole=True)] = Field(
        default=1, description="runs with random numbers of their own; more than 1 if stochastic"
    )
    seed: Annotated[int, Number(Bounds(ge=0.0), whole=True)] = Field(
        default=1, description="seed of the events of contact.mode and nucleation.mode stochastic"
    )

    @property
    def step_limit(self) -> int | None:
        """Accepted steps after which the run stops, None without a limit."""
        return self.stepping.max_steps

    @property
    def active_electrode(self) -> Metal:
        """Material of the active electrode and of the filament."""
        return self._metal(self.stack.active_electrode)

    @property
    def counter_electrode(self) -> Metal:
        """Material of the counter electrode."""
        return self._metal(self.stack.counter_electrode)

    @property
    def oxide(self) -> Oxide:
        """Material of the switching layer."""
        material = self.materials[self.stack.oxide]
        assert isinstance(material, Oxide)
        return material

    def _metal(self, name: str) -> Metal:
        material = self.materials[name]
        assert isinstance(material, Metal)
        return material

    def code(self) -> dict[str, str]:
        """Return the classes from Python files by their keys, observables as well."""
        observed = enumerate(self.output.observables)
        return super().code() | {
            f"output.observables[{number}].model": each.law.name for number, each in observed
        }

    @property
    def draws_random_numbers(self) -> bool:
        """Whether runs of different seeds differ."""
        return "stochastic" in (self.contact.mode, self.nucleation.mode)

    def without_unused(self) -> Self:
        """Return the config without the materials of the library that the cell does not have."""
        used = (self.stack.oxide, self.stack.active_electrode, self.stack.counter_electrode)
        materials = {name: self.materials[name] for name in dict.fromkeys(used)}
        return self.model_copy(update={"materials": materials})

    def cited(self) -> dict[str, Cited]:
        """Return what the parameter set and the library of materials give, by key."""
        cited = {
            f"materials.{name}.{key}": value
            for name in self.materials
            for key, value in MATERIALS.get(name, {}).items()
        } | super().cited()
        path = cited.get(f"materials.{self.stack.active_electrode}.mean_free_path")
        return cited if path is None else {**cited, "filament.mean_free_path": path}

    def used_names(self) -> dict[str, object]:
        """Return the entries of a config file that choose what the defaults are."""
        ours = self.resolved()
        own = {name: body for name, body in ours["materials"].items() if name not in MATERIALS}
        roles = ("oxide", "active_electrode", "counter_electrode")
        stack = {role: getattr(self.stack, role) for role in roles}
        names = {**super().used_names(), "stack": stack, "materials": own}
        if self.active_electrode.mean_free_path is None:
            given = ours["filament"].get("mean_free_path")
            names["filament"] = (
                {"conductivity": "bulk"} if given is None else {"mean_free_path": given}
            )
        return names

    def _hashed(self) -> dict[str, object]:
        """Return what enters the hash; left out besides: where to stop, the linear solver."""
        mapping = super()._hashed()
        del mapping["members"]
        del mapping["solver"]["linear"], mapping["stepping"]["max_steps"]
        return mapping

    @model_validator(mode="after")
    def _materials_fit_their_roles(self) -> FilamentConfig:
        roles: tuple[tuple[str, type[Section]], ...] = (
            ("oxide", Oxide),
            ("active_electrode", Metal),
            ("counter_electrode", Metal),
        )
        for role, kind in roles:
            name = getattr(self.stack, role)
            if not isinstance(self.materials.get(name), kind):
                text = unknown_material(kind.__name__.lower(), name, self.materials)
                raise problem(text, key=f"stack.{role}")
        return self

    @model_validator(mode="after")
    def _nucleus_fits(self) -> FilamentConfig:
        stack = self.stack
        room = stack.oxide_thickness - stack.nucleus_radius
        if room <= 0.0:
            raise _too_large("stack.nucleus_radius", stack.nucleus_radius, stack.oxide_thickness)
        if stack.nucleus_radius >= stack.domain_radius:
            raise _too_large("stack.nucleus_radius", stack.nucleus_radius, stack.domain_radius)
        if self.mesh.minimum_gap >= room:
            raise _too_large("mesh.minimum_gap", self.mesh.minimum_gap, room)
        return self

    @model_validator(mode="after")
    def _steps_are_ordered(self) -> FilamentConfig:
        stepping = self.stepping
        if stepping.minimum_step >= stepping.first_step:
            allowed = f"< {format_quantity(stepping.first_step, 'time')} (stepping.first_step)"
            got = format_quantity(stepping.minimum_step, "time")
            raise problem("too large", allowed, got, key="stepping.minimum_step")
        return self

    @model_validator(mode="after")
    def _steps_resolve_the_drive(self) -> FilamentConfig:
        shortest = self.stepping.minimum_step
        for key, step in walked(self.drive):
            for name, time in step.times_of_pieces().items():
                if time < shortest:
                    allowed = f">= {format_quantity(shortest, 'time')} (stepping.minimum_step)"
                    got = format_quantity(time, "time")
                    raise problem("too short a piece", allowed, got, key=f"{key}.{name}")
        return self

    @model_validator(mode="after")
    def _the_capacitance_can_be_charged(self) -> Self:
        capacitance, source = self.circuit.parallel_capacitance, self.source
        if capacitance is not None and source.kind == "none" and source.series_resistance == 0.0:
            what = "of no effect beside a cell whose voltage is imposed (source.kind none)"
            allowed = "null, or a source.series_resistance"
            got = format_quantity(capacitance, "capacitance")
            raise problem(what, allowed, got, key="circuit.parallel_capacitance")
        return self

    @model_validator(mode="after")
    def _reads_are_of_a_voltage(self) -> FilamentConfig:
        if self.output.read_voltage is not None and self.drive_dimension == "current":
            what = "nothing to read with under source.kind: current"
            got = format_quantity(self.output.read_voltage, "voltage")
            raise problem(what, "null", got, key="output.read_voltage")
        return self

    @model_validator(mode="after")
    def _contact_fits(self) -> FilamentConfig:
        contact, room = self.contact, self.stack.oxide_thickness - self.stack.nucleus_radius
        if contact.gap >= room:
            raise _too_large("contact.gap", contact.gap, room)
        if contact.model == "master_equation" and contact.gap <= self.mesh.minimum_gap:
            allowed = f"> {format_quantity(self.mesh.minimum_gap, 'length')} (mesh.minimum_gap)"
            got = format_quantity(contact.gap, "length")
            raise problem("too small", allowed, got, key="contact.gap")
        if contact.model == "master_equation" and self.tunnel.gap != "column":
            raise problem("cannot hold a patch of sites", "column", "nearest", key="tunnel.gap")
        return self

    @model_validator(mode="after")
    def _members_differ(self) -> FilamentConfig:
        drawn = self.contact.model == "master_equation" and self.contact.mode == "stochastic"
        if self.members > 1 and not drawn:
            what = "nothing is drawn at random without contact.mode: stochastic"
            raise problem(what, "1", self.members, key="members")
        if self.members > 1 and self.nucleation.mode == "stochastic":
            what = "share their way to the contact, and with it the nucleation"
            allowed = "nucleation.mode mean, or `tusk sweep` over the seed"
            raise problem(what, allowed, self.members, key="members")
        return self


def _too_large(key: str, value: float, limit: float) -> PydanticCustomError:
    allowed = f"< {format_quantity(limit, 'length')}"
    return problem("too large for the cell", allowed, format_quantity(value, "length"), key)
