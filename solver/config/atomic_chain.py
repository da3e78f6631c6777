"""Config of the atomic chain: a point contact of one atom between two chains."""

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
    SignedEnergy,
    Voltage,
)


def _whole(low: int, high: int) -> Number:
    return Number(Bounds(ge=float(low), le=float(high)), whole=True)


class ChainSection(Section):
    """The chain [K 14-19]; energies from the on-site energy of the leads."""

    hopping: NonzeroEnergy = Field(description="t, in the leads")
    onsite: SignedEnergy = Field(description="epsilon, of the central atom")
    left_hopping: NonzeroEnergy = Field(description="v_L, to the atom on the left")
    right_hopping: NonzeroEnergy = Field(description="v_R, to the atom on the right")
    lattice_constant: Length = Field(description="a")
    decay: InverseLength = Field(description="zeta, how fast hopping falls with distance")
    screened_charge: NotNegativeNumber = Field(description="q_eff, in elementary charges")
    fermi_energy: SignedEnergy = Field(description="E_F")


class ChainOutput(Section):
    """How finely the tables are resolved."""

    energies: Annotated[int, _whole(2, 100_000)] = Field(
        default=401, description="rows of spectrum.csv, over the band"
    )
    biases: Annotated[int, _whole(1, 10_000)] = Field(
        default=20, description="rows of timeseries.csv between 0 and the bias"
    )
    atoms: Annotated[int, _whole(1, 200)] = Field(
        default=10, description="atoms on each side of the central one in atoms.csv"
    )
    asymmetries: Annotated[int, _whole(2, 10_000)] = Field(
        default=39, description="rows of asymmetry.csv, gamma from 0 to 0.95"
    )


class ChainConfig(RunConfig):
    """The chain of Kharlanov: transmission, forces on its atoms, stability."""

    model_config = ConfigDict(title="Tusk run, model atomic_chain")
    physics_sections = ("chain", "bias", "voltage_division")

    model: Literal["atomic_chain"] = Field(description="model solved")
    parameters: Literal["kharlanov2023"] = Field(
        default="kharlanov2023", description="cited parameter set that fills what is left out"
    )
    chain: ChainSection
    bias: Voltage = Field(description="V, right lead against left")
    voltage_division: Fraction = Field(
        description="beta: mu_L = E_F - (1 - beta) V, mu_R = E_F + beta V"
    )
    output: ChainOutput = ChainOutput()
    members: Literal[1] = Field(default=1, description="the model is deterministic: 1")
    seed: Annotated[int, Number(Bounds(ge=0.0), whole=True)] = Field(
        default=1, description="seed of random numbers; this model draws none"
    )

    @model_validator(mode="after")
    def _fermi_level_is_in_the_band(self) -> ChainConfig:
        edge = 2.0 * abs(self.chain.hopping)
        if abs(self.chain.fermi_energy) >= edge:
            text = format_quantity(edge, "energy")
            got = format_quantity(self.chain.fermi_energy, "energy")
            raise problem(
                "outside the band", f"between -{text} and {text}", got, key="chain.fermi_energy"
            )
        return self
