"""Conditions that end a step of the drive early."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .base import Null, Section, problem
from .quantities import PATTERN, Quantity

# What `until` can watch in each model, and its dimension: columns of timeseries.csv, and the
# resistance of the cell that two of them make.
UNTIL_DIMENSIONS: dict[str, str] = {
    "time_s": "time",
    "applied_voltage_V": "voltage",
    "cell_voltage_V": "voltage",
    "current_A": "current",
    "ion_current_A": "current",
    "gap_min_m": "length",
    "gap_min_radius_m": "length",
    "gap_axis_m": "length",
    "tip_height_m": "length",
    "radius_max_m": "length",
    "temperature_max_K": "temperature",
    "filament_resistance_ohm": "resistance",
    "tunnel_power_W": "power",
    "joule_power_W": "power",
    "cell_resistance_ohm": "resistance",
}
MESOSCOPIC_DIMENSIONS: dict[str, str] = {
    "time_s": "time",
    "applied_voltage_V": "voltage",
    "cell_voltage_V": "voltage",
    "current_A": "current",
    "gap_m": "length",
    "temperature_K": "temperature",
    "cell_resistance_ohm": "resistance",
}
DIMENSIONS = UNTIL_DIMENSIONS | MESOSCOPIC_DIMENSIONS
UntilQuantity = Literal[
    "time_s",
    "applied_voltage_V",
    "cell_voltage_V",
    "current_A",
    "ion_current_A",
    "gap_min_m",
    "gap_min_radius_m",
    "gap_axis_m",
    "tip_height_m",
    "radius_max_m",
    "temperature_max_K",
    "filament_resistance_ohm",
    "tunnel_power_W",
    "joule_power_W",
    "cell_resistance_ohm",
    "gap_m",
    "temperature_K",
]


class _Threshold(Quantity):
    """A quantity of the dimension of the column that is watched."""

    def dimension_in(self, info: ValidationInfo) -> str:
        """Return the dimension of the column."""
        return DIMENSIONS.get(info.data.get("quantity", ""), self.dimension)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"type": "string", "pattern": PATTERN}


Threshold = Annotated[float, _Threshold("current")]


class Until(Section):
    """Condition that ends a drive step early; the rest of the step is skipped.

    With `leaves: repeat` it ends the innermost repeat around the step as well: a pulse, then a read
    that is looked at, over and over until the read is as wanted.
    """

    quantity: UntilQuantity = Field(
        description="column of timeseries.csv; or cell_resistance_ohm, cell voltage over current,"
        " which is never past a limit where no current flows"
    )
    above: Threshold | None = Field(
        default=None, description="end once it is above this, in the unit of the column"
    )
    below: Threshold | None = Field(
        default=None, description="end once it is below this, in the unit of the column"
    )
    leaves: Annotated[Literal["step", "repeat"], Null("step")] = Field(
        default="step", description="what ends: the step, or the repeat that it is in"
    )

    def holds(self, row: object) -> bool:
        """Return whether the column of a row (an object with its name) is past the limit."""
        value = float(getattr(row, self.quantity))
        return value > self.above if self.above is not None else value < float(self.below or 0.0)

    @model_validator(mode="after")
    def _one_side(self) -> Until:
        if (self.above is None) == (self.below is None):
            raise problem("needs exactly one of its limits", "above or below")
        return self
