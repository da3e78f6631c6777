"""Config models of the source that drives the cell, chosen by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError

from .base import Null, Section, belongs_to
from .quantities import Capacitance, PositiveCurrent, PositiveVoltage, Resistance, SeriesResistance


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


class TransistorSource(_Source):
    """Voltage source behind a transistor, one to each cell: square law."""

    kind: Literal["transistor"] = Field(description="transistor in saturation as the limiter")
    saturation_current: PositiveCurrent = Field(description="I_sat, the largest current")
    overdrive: PositiveVoltage = Field(
        description="V_GS - V_T, the voltage at which it saturates; none limits in reverse"
    )


class VoltageSource(_Source):
    """Ideal voltage source."""

    kind: Literal["none"] = Field(description="no element between the drive and the cell")


class CurrentSource(_Source):
    """Ideal current source; the drive is in A and A/s."""

    kind: Literal["current"] = Field(description="current-driven")


Source = Annotated[
    LimiterSource | ResistorSource | TransistorSource | VoltageSource | CurrentSource,
    Field(discriminator="kind"),
]
SOURCES: dict[str, type[_Source]] = {
    "limiter": LimiterSource,
    "resistor": ResistorSource,
    "transistor": TransistorSource,
    "none": VoltageSource,
    "current": CurrentSource,
}


class Circuit(Section):
    """What is connected beside the cell."""

    parallel_capacitance: Annotated[Capacitance | None, Null(None)] = Field(
        default=None,
        description="C between the electrodes, of pads and wires; it charges through the source and"
        " discharges through the cell; null: none",
    )
