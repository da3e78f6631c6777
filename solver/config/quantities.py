"""Types of config values: quantities with units, bare numbers and whole numbers.

Every value is refused unless it is finite and inside the bounds its type states. After validation
quantities are SI floats.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from ..units import DIMENSIONS, QuantityError, format_quantity, parse_quantity
from .base import context_of, problem


@dataclass(frozen=True, slots=True)
class Bounds:
    """Closed (`ge`, `le`) and open (`gt`, `lt`) limits, and values left out."""

    gt: float | None = None
    ge: float | None = None
    lt: float | None = None
    le: float | None = None
    nonzero: bool = False

    def hold(self, value: float) -> bool:
        """Return whether `value` is inside."""
        return (
            (self.gt is None or value > self.gt)
            and (self.ge is None or value >= self.ge)
            and (self.lt is None or value < self.lt)
            and (self.le is None or value <= self.le)
            and not (self.nonzero and value == 0.0)
        )

    def text(self, dimension: str = "") -> str:
        """Return the bounds in words, such as ``> 0 nm and <= 1000 nm``."""
        limits = ((">", self.gt), (">=", self.ge), ("<", self.lt), ("<=", self.le))
        words = [
            f"{sign} {format_quantity(limit, dimension) if dimension else format(limit, 'g')}"
            for sign, limit in limits
            if limit is not None
        ]
        return " and ".join(words + ["not 0"] * self.nonzero)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with a unit: text in the config file, an SI float after validation."""

    dimension: str
    bounds: Bounds = Bounds()

    def dimension_in(self, info: ValidationInfo) -> str:  # noqa: ARG002  (for subclasses)
        """Return the dimension that applies in this validation."""
        return self.dimension

    def allowed(self, dimension: str) -> str:
        """Return in words what is accepted."""
        unit = DIMENSIONS[dimension].display[0]
        limits = self.bounds.text(dimension)
        return f"{dimension} in {unit}, {limits}" if limits else f"{dimension} in {unit}"

    def _validate(self, value: object, info: ValidationInfo) -> float:
        dimension = self.dimension_in(info)
        allowed = self.allowed(dimension)
        if not isinstance(value, str):
            bare = isinstance(value, int | float) and not isinstance(value, bool)
            raise problem("unit missing" if bare else "not a quantity", allowed, value)
        try:
            number = parse_quantity(value, dimension)
        except QuantityError as error:
            raise problem(str(error), allowed, value) from None
        if not self.bounds.hold(number):
            raise problem("out of range", allowed, value)
        return number

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        unit = DIMENSIONS[self.dimension].display[0]
        return {"type": "string", "pattern": PATTERN, "examples": [f"1 {unit}"]}


@dataclass(frozen=True, slots=True)
class DriveQuantity(Quantity):
    """A drive value: a voltage, or a current with ``source.kind: current``.

    `dimension` is that of a voltage drive, ``"voltage"`` or ``"voltage rate"``.
    """

    def dimension_in(self, info: ValidationInfo) -> str:
        """Return the dimension that the drive of this config has."""
        return self.driven_by(context_of(info).drive_dimension)

    def driven_by(self, drive_dimension: str) -> str:
        """Return the dimension under a drive that prescribes `drive_dimension`."""
        return self.dimension.replace("voltage", drive_dimension)


@dataclass(frozen=True, slots=True)
class QuantityOr(Quantity):
    """A quantity, or a word in its place."""

    word: str = ""

    def allowed(self, dimension: str) -> str:
        """Return in words what is accepted."""
        return f"{self.word}, or {Quantity.allowed(self, dimension)}"

    def _validate(self, value: object, info: ValidationInfo) -> Any:
        return value if value == self.word else Quantity._validate(self, value, info)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        number = Quantity.__get_pydantic_json_schema__(self, schema, handler)
        return {"anyOf": [{"const": self.word}, number]}


@dataclass(frozen=True, slots=True)
class Number:
    """A dimensionless value: a bare number; whole if `whole`."""

    bounds: Bounds = Bounds()
    whole: bool = False

    def allowed(self) -> str:
        """Return in words what is accepted."""
        kind = "whole number" if self.whole else "number"
        limits = self.bounds.text()
        return f"{kind}, {limits}" if limits else kind

    def _validate(self, value: object) -> float:
        allowed = self.allowed()
        numeric = int if self.whole else int | float
        if not isinstance(value, numeric) or isinstance(value, bool):
            raise problem("not a bare number", allowed, value)
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise problem("not a finite number", allowed, value)
        if not self.bounds.hold(number):
            raise problem("out of range", allowed, value)
        return value if self.whole else number

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json: JsonSchemaValue = {"type": "integer" if self.whole else "number"}
        names = {
            "gt": "exclusiveMinimum",
            "ge": "minimum",
            "lt": "exclusiveMaximum",
            "le": "maximum",
        }
        for name, keyword in names.items():
            limit = getattr(self.bounds, name)
            if limit is not None:
                json[keyword] = int(limit) if self.whole else limit
        return json


def unit_of(field: FieldInfo) -> str | None:
    """Return the SI unit of a field, empty for a number, None for what is neither."""
    for item in field.metadata:
        if isinstance(item, Quantity):
            return DIMENSIONS[item.dimension].unit
        if isinstance(item, Number):
            return ""
    return None


# What editors can check of a quantity: a number, then a unit.
PATTERN = r"^\s*[-+]?[0-9.]+([eE][-+]?[0-9]+)?\s*[A-Za-zµμΩÅ/1].*$"

POSITIVE = Bounds(gt=0.0)
NOT_NEGATIVE = Bounds(ge=0.0)
# Longer than any cell: catches a missing 'n' in 'nm'.
CELL_LENGTH = Bounds(gt=0.0, le=1e-5)

Length = Annotated[float, Quantity("length", CELL_LENGTH)]
Gap = Annotated[float, Quantity("length", Bounds(ge=0.0, le=1e-5))]
MatchedLength = Annotated[float | str, QuantityOr("length", CELL_LENGTH, "match")]
Time = Annotated[float, Quantity("time", POSITIVE)]
Voltage = Annotated[float, Quantity("voltage")]
PositiveVoltage = Annotated[float, Quantity("voltage", POSITIVE)]
PositiveCurrent = Annotated[float, Quantity("current", POSITIVE)]
Resistance = Annotated[float, Quantity("resistance", POSITIVE)]
Capacitance = Annotated[float, Quantity("capacitance", POSITIVE)]
SeriesResistance = Annotated[float, Quantity("resistance", NOT_NEGATIVE)]
InverseLength = Annotated[float, Quantity("inverse length", POSITIVE)]
SignedEnergy = Annotated[float, Quantity("energy")]
NonzeroEnergy = Annotated[float, Quantity("energy", Bounds(nonzero=True))]
Energy = Annotated[float, Quantity("energy", NOT_NEGATIVE)]
SurfaceEnergy = Annotated[float, Quantity("surface energy", POSITIVE)]
Diffusivity = Annotated[float, Quantity("surface diffusivity", NOT_NEGATIVE)]
PositiveEnergy = Annotated[float, Quantity("energy", POSITIVE)]
Temperature = Annotated[float, Quantity("temperature", Bounds(gt=0.0, le=5000.0))]
Concentration = Annotated[float, Quantity("concentration", POSITIVE)]
Velocity = Annotated[float, Quantity("velocity", POSITIVE)]
Frequency = Annotated[float, Quantity("frequency", POSITIVE)]
ElectricalConductivity = Annotated[float, Quantity("electrical conductivity", POSITIVE)]
ThermalConductivity = Annotated[float, Quantity("thermal conductivity", POSITIVE)]
ThermalConductance = Annotated[float, Quantity("thermal conductance", POSITIVE)]
BoundaryConductance = Annotated[float, Quantity("thermal boundary conductance", POSITIVE)]
GrainSize = Annotated[float | str, QuantityOr("length", CELL_LENGTH, "diameter")]
Rate = Annotated[float, Quantity("frequency", NOT_NEGATIVE)]
Density = Annotated[float, Quantity("density", POSITIVE)]
HeatCapacity = Annotated[float, Quantity("specific heat capacity", POSITIVE)]
Mass = Annotated[float, Quantity("mass", POSITIVE)]
InverseTemperature = Annotated[float, Quantity("inverse temperature")]
InverseTemperatureSquared = Annotated[float, Quantity("inverse temperature squared")]

DriveLevel = Annotated[float, DriveQuantity("voltage")]
NonzeroDriveLevel = Annotated[float, DriveQuantity("voltage", Bounds(nonzero=True))]
DriveRate = Annotated[float, DriveQuantity("voltage rate", POSITIVE)]

Fraction = Annotated[float, Number(Bounds(ge=0.0, le=1.0))]
OpenFraction = Annotated[float, Number(Bounds(gt=0.0, lt=1.0))]
NotNegativeNumber = Annotated[float, Number(NOT_NEGATIVE)]
PositiveNumber = Annotated[float, Number(POSITIVE)]
Count = Annotated[int, Number(Bounds(ge=1.0), whole=True)]
