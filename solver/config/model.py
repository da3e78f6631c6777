"""The config of one run: all sections, and the checks that span them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ..units import format_quantity
from .base import Section, problem
from .drive import DriveStep, Pulse, Ramp, Table
from .materials import Material, Metal, Oxide
from .numerics import Checkpoint, Mesh, Output, Solver, Stepping
from .quantities import Bounds, Number
from .sections import (
    Contact,
    Filament,
    Hopping,
    Kinetics,
    Stack,
    Stress,
    Thermal,
    Tunnel,
    Void,
)
from .source import Source


class FilamentConfig(Section):
    """Config of the filament model. Every value is an SI float after validation."""

    model_config = ConfigDict(title="Tusk run, model filament_fem")

    model: Literal["filament_fem"] = Field(default="filament_fem", description="model solved")
    parameters: Literal["buttberg2025"] = Field(
        default="buttberg2025", description="cited parameter set that fills what is left out"
    )
    stack: Stack
    drive: tuple[DriveStep, ...] = Field(description="steps in order; the run ends with the last")
    source: Source
    kinetics: Kinetics
    hopping: Hopping
    tunnel: Tunnel
    filament: Filament
    stress: Stress
    void: Void
    thermal: Thermal
    contact: Contact = Contact()
    materials: dict[str, Material] = Field(description="materials by name")
    mesh: Mesh = Mesh()
    solver: Solver = Solver()
    stepping: Stepping = Stepping()
    checkpoint: Checkpoint = Checkpoint()
    output: Output = Output()
    members: Literal[1] = Field(default=1, description="the model is deterministic: 1")
    seed: Annotated[int, Number(Bounds(ge=0.0), whole=True)] = Field(
        default=1, description="seed of random numbers; this model draws none"
    )

    @property
    def drive_dimension(self) -> Literal["voltage", "current"]:
        """What the drive prescribes."""
        return "current" if self.source.kind == "current" else "voltage"

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

    def resolved(self) -> dict[str, Any]:
        """Return the config as a file would spell it, complete and with units.

        A file that holds it loads to an identical config.
        """
        from .resolved import as_mapping

        return as_mapping(self)

    def to_yaml(self) -> str:
        """Return `resolved` as YAML text."""
        from .resolved import as_yaml

        return as_yaml(self)

    def physics_hash(self) -> str:
        """Return the SHA-256 (hex) of all that changes physics, geometry, drive or accuracy."""
        from .resolved import physics_hash

        return physics_hash(self)

    @model_validator(mode="after")
    def _materials_fit_their_roles(self) -> FilamentConfig:
        roles: tuple[tuple[str, type[Section]], ...] = (
            ("oxide", Oxide),
            ("active_electrode", Metal),
            ("counter_electrode", Metal),
        )
        for role, kind in roles:
            name = getattr(self.stack, role)
            allowed = [n for n, material in self.materials.items() if isinstance(material, kind)]
            if name not in allowed:
                what = f"not a known {kind.__name__.lower()}"
                raise problem(what, ", ".join(allowed), name, key=f"stack.{role}")
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
    def _drive_is_continuous(self) -> FilamentConfig:
        if not self.drive:
            raise problem("no steps", "at least one step", got=[], key="drive")
        level: float | None = 0.0
        for number, step in enumerate(self.drive):
            if level is not None:
                self._check_start(step, level, f"drive[{number}].{step.name}")
            end = step.end_level()
            level = None if step.until else level if end is None else end
        return self

    def _check_start(self, step: DriveStep, level: float, key: str) -> None:
        """Refuse a ramp or a pulse that goes nowhere and a table that would jump."""
        present = format_quantity(level, self.drive_dimension)
        goal = {Ramp: "to", Pulse: "amplitude"}.get(type(step))
        if goal is not None and getattr(step, goal) == level:
            what = "equals the present value, nothing would change"
            raise problem(what, got=present, key=f"{key}.{goal}")
        if isinstance(step, Table) and step.times[0] == 0.0 and step.values[0] != level:
            got = format_quantity(step.values[0], self.drive_dimension)
            raise problem("must start at the present value", present, got, key=f"{key}.points")

    @model_validator(mode="after")
    def _steps_are_ordered(self) -> FilamentConfig:
        stepping = self.stepping
        if stepping.minimum_step >= stepping.first_step:
            allowed = f"< {format_quantity(stepping.first_step, 'time')} (stepping.first_step)"
            got = format_quantity(stepping.minimum_step, "time")
            raise problem("too large", allowed, got, key="stepping.minimum_step")
        return self


def _too_large(key: str, value: float, limit: float) -> PydanticCustomError:
    allowed = f"< {format_quantity(limit, 'length')}"
    return problem("too large for the cell", allowed, format_quantity(value, "length"), key)
