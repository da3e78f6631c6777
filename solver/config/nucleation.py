"""Config section of the wait for a nucleus."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ..units import parse_quantity
from .base import Null, Section, problem
from .quantities import Bounds, Energy, Fraction, Number, Time


class Nucleation(Section):
    """Wait before the filament's nucleus is there; again after a RESET that leaves nothing else.

    Defaults of the numbers are those of Ag/AgI in the JART ECM models, unverified for other cells.
    """

    mode: Annotated[Literal["none", "mean", "stochastic"], Null("none")] = Field(
        default="none",
        description="none: it is there from the start; mean: after the mean wait; stochastic: a"
        " wait drawn with the seed",
    )
    time: Annotated[Time, Null(2e-8)] = Field(default=2e-8, description="t_0 of the rate")
    energy: Annotated[Energy, Null(parse_quantity("0.8 eV", "energy"))] = Field(
        default=parse_quantity("0.8 eV", "energy"), description="dG_nuc without an overpotential"
    )
    critical_atoms: Annotated[float, Number(Bounds(ge=0.0, le=1000.0)), Null(3.0)] = Field(
        default=3.0, description="N_c, atoms of the critical nucleus"
    )
    transfer_coefficient: Annotated[Fraction, Null(0.3)] = Field(
        default=0.3, description="alpha_nuc of the atom that joins it"
    )

    @model_validator(mode="after")
    def _keys_belong_to_a_wait(self) -> Nucleation:
        if self.mode == "none":
            for key, field in type(self).model_fields.items():
                if getattr(self, key) != field.default:
                    raise problem("belongs to mode: mean or stochastic, not none", key=key)
        return self
