"""Config sections of the mesh, the solver, the stepping and the output, with their defaults."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Null, Section
from .families import Family, FromFile, LawSection
from .quantities import (
    Bounds,
    Count,
    Length,
    Number,
    OpenFraction,
    PositiveCurrent,
    PositiveNumber,
    PositiveVoltage,
    Temperature,
    Time,
)


class Mesh(Section):
    """Mesh: a preset, and what is changed in it. null = the preset's value."""

    preset: Literal["draft", "reference", "fine"] = Field(
        default="reference", description="group of mesh sizes"
    )
    minimum_gap: Length = Field(
        default=2e-11, description="gap at which the run ends with the reason gap_closed"
    )
    size_factor: PositiveNumber = Field(default=1.0, description="multiplies every mesh size")
    elements_across_gap: Count | None = Field(
        default=None, description="elements between the two surfaces of the gap"
    )
    gap_size_ratio: PositiveNumber | None = Field(
        default=None, description="mesh size at the gap over the local gap"
    )
    flank_size_ratio: PositiveNumber | None = Field(
        default=None, description="mesh size on the flank over the largest radius"
    )
    far_size: Length | None = Field(default=None, description="mesh size far away")
    strip_gap: Length | None = Field(
        default=None, description="largest gap that is meshed in structured columns"
    )


class Solver(Section):
    """Newton's method and the linear solver."""

    linear: Literal["auto", "direct", "iterative"] = Field(
        default="auto", description="linear solver; auto is direct, faster at every size measured"
    )
    tolerance_potential: PositiveVoltage = Field(
        default=1e-8, description="largest last Newton update of both potentials"
    )
    tolerance_temperature: Temperature = Field(
        default=1e-4, description="largest last Newton update of the temperature"
    )
    max_iterations: Count = Field(default=40, description="Newton iterations per solve")


class Stepping(Section):
    """Adaptive time stepping."""

    tolerance: Annotated[float, Number(Bounds(gt=0.0, le=0.1))] = Field(
        default=1e-3, description="error allowed per step, relative"
    )
    max_displacement: Length = Field(
        default=1.2e-10, description="largest motion of a surface point in a step"
    )
    gap_fraction: OpenFraction = Field(
        default=0.06, description="largest motion in a step over the local gap"
    )
    first_step: Time = Field(default=1e-3, description="first step tried")
    voltage_step: Annotated[PositiveVoltage | None, Null(0.05)] = Field(
        default=0.05,
        description="largest change of the drive in a step, in V (in A under a current source);"
        " null: steps are limited by what they change alone, for edges of nanoseconds",
    )
    fastest_growth: Annotated[float, Number(Bounds(gt=1.0, le=1000.0)), Null(2.0)] = Field(
        default=2.0, description="largest factor from one step to the next"
    )
    minimum_step: Time = Field(default=1e-15, description="step below which the run fails")
    max_steps: Count | None = Field(
        default=None, description="stop, restartable, after so many accepted steps"
    )


class Checkpoint(Section):
    """Checkpoints."""

    every: Time = Field(default=300.0, description="wall time between checkpoints")


class Observed(LawSection):
    """A class from a file that reports numbers of every accepted step."""

    law: Annotated[FromFile, Family()] = Field(
        alias="@model", description="file, relative to the config, and class"
    )

    @classmethod
    def _mapping(cls, data: object) -> object:
        """A name alone stands for a class without parameters."""
        return {"model": data} if isinstance(data, str) else data


class Output(Section):
    """What is written."""

    rows_every: Count = Field(
        default=1,
        description="accepted steps between rows of the tables; corners of the drive and the last"
        " state have theirs always",
    )
    curves_every: Count = Field(
        default=1, description="accepted steps between curves in filament.csv"
    )
    fields_every: Count | None = Field(
        default=20,
        description="accepted steps between field files; null: first and last state alone",
    )
    overpotentials: bool = Field(
        default=False,
        strict=True,
        description="write overpotentials.csv: what charge transfer and hopping take of the"
        " voltage, and which limits",
    )
    read_voltage: PositiveVoltage | None = Field(
        default=None,
        description="voltage at which cycles.csv reads resistances, beside the run and without"
        " changing it; null: they are left out",
    )
    fields_at_currents: tuple[PositiveCurrent, ...] = Field(
        default=(), description="currents at which fields are written as well"
    )
    observables: tuple[Observed, ...] = Field(
        default=(), description="classes of your own that add columns to observables.csv"
    )
