"""Config of the mesoscopic model: a point contact with a memory, without a mesh."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from ..units import format_quantity
from .base import Section, problem
from .common import DrivenConfig
from .drive import DriveStep
from .quantities import (
    Bounds,
    Count,
    Fraction,
    Gap,
    Length,
    NotNegativeNumber,
    Number,
    PositiveNumber,
    PositiveVoltage,
    Rate,
    Temperature,
    ThermalConductance,
    Time,
)
from .source import Source
from .until import MESOSCOPIC_DIMENSIONS


class PointContact(Section):
    """The quantum point contact [M 4, 5, 9]."""

    radius: Length = Field(description="R of the constriction")
    gap_min: Gap = Field(description="g_m, gap with every particle conducting")
    gap_max: Length = Field(description="g_M, gap with none")
    effective_mass: PositiveNumber = Field(description="m in the constriction, in electron masses")


class Memory(Section):
    """Particles that switch between conducting and not [M 11-19]."""

    mode: Literal["auto", "mean_field", "stochastic"] = Field(
        description="mean of many, or one by one; auto: stochastic with several members"
    )
    set_rate: Rate = Field(description="omega_0S")
    set_voltage: PositiveVoltage = Field(description="V_0S")
    reset_rate: Rate = Field(description="omega_0R")
    reset_voltage: PositiveVoltage = Field(description="V_0R")
    spontaneous_set_rate: Rate = Field(description="set rate at any voltage, added")
    spontaneous_reset_rate: Rate = Field(description="reset rate at any voltage, added")
    particles: Count = Field(description="N")
    initial_fraction: Fraction = Field(description="rho at the start, share that conducts")
    site_disorder: Annotated[float, Number(Bounds(ge=0.0, le=1.0))] = Field(
        description="width of T_i = 1 - |x|, transmission of a site, with conduction: sites"
    )
    rate_spread: NotNegativeNumber = Field(
        description="standard deviation between members of ln omega_0S and of ln omega_0R"
    )


class ContactThermal(Section):
    """Heat of the two ends of the contact [M 23]."""

    normal_conductance: ThermalConductance = Field(description="G_N, of either end to ambient")
    axial_conductance: ThermalConductance = Field(description="G_z, from end to end")
    ambient_temperature: Temperature = Field(description="T0")


class MesoscopicStepping(Section):
    """Accuracy in time; with `source.kind: none` the mean field is exact at any step."""

    tolerance: Annotated[float, Number(Bounds(gt=0.0, le=0.1))] = Field(
        default=1e-3, description="error of the transparency allowed per step"
    )


class MesoscopicOutput(Section):
    """When rows are written, besides at the corners of the drive."""

    points: Count = Field(
        default=25, description="rows on each straight piece; of a sine or table, its corners alone"
    )
    interval: Time | None = Field(default=None, description="time between rows; null = by points")


# As many rows of timeseries.csv fill some 20 GB.
_MOST_CORNERS = 100_000_000


class MesoscopicConfig(DrivenConfig):
    """The contact of Miranda and Sune: current, memory and heat under any waveform."""

    model_config = ConfigDict(title="Tusk run, model mesoscopic")
    physics_sections = ("source", "qpc", "conduction", "memory", "thermal")
    until_quantities = MESOSCOPIC_DIMENSIONS

    model: Literal["mesoscopic"] = Field(description="model solved")
    parameters: Literal["miranda2024", "milano2024"] = Field(
        default="miranda2024", description="cited parameter set that fills what is left out"
    )
    drive: tuple[DriveStep, ...] = Field(description="steps in order; the run ends with the last")
    source: Source
    qpc: PointContact
    conduction: Literal["gap", "sites"] = Field(
        description="one channel through a gap that closes, or N sites of G0 each"
    )
    memory: Memory
    thermal: ContactThermal
    stepping: MesoscopicStepping = MesoscopicStepping()
    output: MesoscopicOutput = MesoscopicOutput()
    members: Count = Field(default=1, description="runs with random numbers of their own")
    seed: Annotated[int, Number(Bounds(ge=0.0, le=2.0**63), whole=True)] = Field(
        default=1, description="seed of random numbers"
    )

    @property
    def draws_random_numbers(self) -> bool:
        """Whether runs of different seeds differ."""
        return self.is_stochastic or self.memory.rate_spread > 0.0

    @property
    def is_stochastic(self) -> bool:
        """Whether particles switch one by one."""
        mode = self.memory.mode
        return mode == "stochastic" or (mode == "auto" and self.members > 1)

    @model_validator(mode="after")
    def _source_is_one_of_ours(self) -> MesoscopicConfig:
        if self.source.kind == "transistor":
            allowed = "limiter, resistor, none, current"
            raise problem("not in model mesoscopic", allowed, "transistor", key="source.kind")
        return self

    @model_validator(mode="after")
    def _gaps_are_ordered(self) -> MesoscopicConfig:
        if self.qpc.gap_min >= self.qpc.gap_max:
            allowed = f"< {format_quantity(self.qpc.gap_max, 'length')} (qpc.gap_max)"
            got = format_quantity(self.qpc.gap_min, "length")
            raise problem("too large", allowed, got, key="qpc.gap_min")
        return self

    @model_validator(mode="after")
    def _rows_fit_a_disk(self) -> MesoscopicConfig:
        for number, step in enumerate(self.drive):
            if step.pieces > _MOST_CORNERS:
                what = f"{step.pieces:.3g} straight pieces, each corner of which would be a row"
                count = {"sine": "cycles"}.get(step.name, "count")
                key = f"drive[{number}].{step.name}.{count}"
                raise problem(what, f"{_MOST_CORNERS:.0e} pieces", key=key)
        return self

    @model_validator(mode="after")
    def _members_differ(self) -> MesoscopicConfig:
        if self.members > 1 and not self.is_stochastic and self.memory.rate_spread == 0.0:
            what = "all alike in the mean field without memory.rate_spread"
            raise problem(what, "1", self.members, key="members")
        return self
