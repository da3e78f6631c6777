"""Config models of the source that drives the cell, chosen by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from .base import Section, belongs_to
from .quantities import PositiveCurrent, PositiveVoltage, Resistance, SeriesResistance


class _Source(Section):
    series_resistance: SeriesResistance = Field(
        default=0.0, description="resistance in series with the source"
    )

    @classmethod
    def _unknown_key(cls, key: object) -> PydanticCustomError:
        owners = [kind for kind, model in SOURCES.items() if key in model.key_names()]
        if not owners:
            return super()._unknown_key(key)
        kind = next(kind for kind, model in SOURCES.items() if model is cls)
        owners[0] = f"source.kind {owners[0]}"
        return belongs_to(owners, kind, cls.key_names(), key)


class LimiterSource(_Source):
    """Voltage source behind a current limiter [B 7]."""

    kind: Literal["limiter"] = Field(description="current limiter")
    compliance_current: PositiveCurrent = Field(description="I_CC")
    limiter_voltage: PositiveVoltage = Field(description="V_0, sharpness of the limiter")
    reverse_resistance: Resistance | None = Field(
        default=None, description="ohmic in reverse polarity; null = limiter_voltage / I_CC"
    )


class ResistorSource(_Source):
    """Voltage source behind a resistor."""

    kind: Literal["resistor"] = Field(description="resistor")
    resistance: Resistance = Field(description="load resistance")


class VoltageSource(_Source):
    """Ideal voltage source."""

    kind: Literal["none"] = Field(description="no element between the drive and the cell")


class CurrentSource(_Source):
    """Ideal current source; the drive is in A and A/s."""

    kind: Literal["current"] = Field(description="current-driven")


Source = Annotated[
    LimiterSource | ResistorSource | VoltageSource | CurrentSource, Field(discriminator="kind")
]
SOURCES: dict[str, type[_Source]] = {
    "limiter": LimiterSource,
    "resistor": ResistorSource,
    "none": VoltageSource,
    "current": CurrentSource,
}
