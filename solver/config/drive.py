"""Config models of the drive: a list of steps, each ``{name: {keys}}``."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    ValidationInfo,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from ..units import format_quantity
from .base import LoadContext, Section, belongs_to, context_of, problem
from .quantities import (
    Bounds,
    Count,
    DriveLevel,
    DriveRate,
    Frequency,
    NonzeroDriveLevel,
    Number,
    Quantity,
    Time,
)
from .until import Until

_MOST_POINTS = 20_000
_MOST_PIECES = 2_000_000
_LARGEST_TABLE = 4_000_000


class Step(Section):
    """A step of the drive; it starts at the present value."""

    name: ClassVar[str]
    until: Until | None = Field(default=None, description="condition that ends the step early")

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, data: object, info: ValidationInfo) -> object:
        """Turn ``{name: {keys}}`` into the keys; `until` may stand beside the name."""
        if not isinstance(data, dict):
            return data
        body = data.get(cls.name)
        if not isinstance(body, dict):
            raise problem("must be a mapping of keys to values", got=body)
        if "until" in data:
            if "until" in body:
                raise problem("given twice", key="until")
            body = {**body, "until": data["until"]}
        return cls._complete(body, context_of(info))

    @classmethod
    def _unknown_key(cls, key: object) -> PydanticCustomError:
        owners = [name for name, step in STEPS.items() if key in step.key_names()]
        if not owners:
            return super()._unknown_key(key)
        return belongs_to(owners, cls.name, cls.key_names(), key)

    @classmethod
    def _complete(cls, body: dict[str, object], context: LoadContext) -> dict[str, object]:  # noqa: ARG003
        """Return the keys of the step with what stands elsewhere."""
        return body

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        body = handler.resolve_ref_schema(handler(schema))
        until = body["properties"]["until"]
        return {
            "type": "object",
            "properties": {cls.name: body, "until": until},
            "required": [cls.name],
            "additionalProperties": False,
        }

    def end_level(self, start: float | None) -> float | None:
        """Return the drive value (V or A) at the end of the step, None where it is not known."""
        return start

    @property
    def pieces(self) -> int:
        """How many straight pieces it is made of."""
        return 1

    def times_of_pieces(self) -> Mapping[str, float]:
        """Return the lengths (s) of pieces that keys give, by key."""
        return {}


class Triangle(Step):
    """From the present value to the amplitude, then to 0."""

    name: ClassVar[str] = "triangle"
    amplitude: NonzeroDriveLevel = Field(description="peak value")
    rate: DriveRate = Field(description="slope of both sides, a magnitude")

    @property
    def pieces(self) -> int:
        """Two sides."""
        return 2

    def end_level(self, start: float | None) -> float:  # noqa: ARG002
        """Return 0, the value after the falling side."""
        return 0.0


class Ramp(Step):
    """From the present value to another one."""

    name: ClassVar[str] = "ramp"
    to: DriveLevel = Field(description="value at the end")
    rate: DriveRate = Field(description="slope, a magnitude")

    def end_level(self, start: float | None) -> float:  # noqa: ARG002
        """Return the value the ramp goes to."""
        return self.to


class Hold(Step):
    """The present value, for a while."""

    name: ClassVar[str] = "hold"
    duration: Time = Field(alias="for", description="duration")

    def times_of_pieces(self) -> Mapping[str, float]:
        """Return how long it takes, s."""
        return {"for": self.duration}


def _pulse_time(keys: Mapping[str, Any]) -> float:
    """Return how long one pulse lasts, s; keys that were refused are left out."""
    return math.fsum(keys.get(name, 0.0) for name in ("rise", "width", "fall"))


class Pulse(Step):
    """Trapezoids from the present value to the amplitude and back."""

    name: ClassVar[str] = "pulse"
    amplitude: DriveLevel = Field(description="value of the plateau")
    width: Time = Field(description="duration of the plateau")
    rise: Time = Field(description="duration of the leading edge")
    fall: Time = Field(description="duration of the trailing edge")
    count: Count = Field(default=1, description="number of pulses")
    period: Time = Field(
        default_factory=_pulse_time,
        description="from start to start; left out, rise + width + fall: no pause",
    )

    @property
    def pieces(self) -> int:
        """Rise, plateau, fall and pause of every pulse."""
        return 4 * self.count

    def times_of_pieces(self) -> Mapping[str, float]:
        """Return the lengths of edges and plateau, s."""
        return {"rise": self.rise, "width": self.width, "fall": self.fall}

    @model_validator(mode="after")
    def _period_is_long_enough(self) -> Pulse:
        shortest = _pulse_time({"rise": self.rise, "width": self.width, "fall": self.fall})
        if self.period < shortest * (1.0 - 1e-12):
            what = "shorter than rise + width + fall"
            allowed = f">= {format_quantity(shortest, 'time')}"
            raise problem(what, allowed, format_quantity(self.period, "time"), key="period")
        return self


class Sine(Step):
    """Whole cycles of a sine about the present value, as straight pieces."""

    name: ClassVar[str] = "sine"
    amplitude: NonzeroDriveLevel = Field(description="peak above the present value")
    frequency: Frequency = Field(description="cycles per second")
    cycles: Count = Field(default=1, description="number of cycles")
    points: Annotated[int, Number(Bounds(ge=4.0, le=10_000.0), whole=True)] = Field(
        default=200, description="straight pieces per cycle"
    )

    @property
    def pieces(self) -> int:
        """Those of all cycles."""
        return self.cycles * self.points

    def times_of_pieces(self) -> Mapping[str, float]:
        """Return the length of a piece, s."""
        return {"points": 1.0 / (self.frequency * self.points)}

    @model_validator(mode="after")
    def _is_not_too_long(self) -> Sine:
        if self.cycles * self.points > _MOST_PIECES:
            allowed = f"cycles x points <= {_MOST_PIECES}"
            raise problem("too many pieces", allowed, self.cycles * self.points, key="cycles")
        return self


def _increasing(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if not 2 <= len(points) <= _MOST_POINTS:
        raise problem("wrong number of points", f"2 to {_MOST_POINTS}", len(points))
    if points[0][0] < 0.0:
        raise problem("must not start before 0 s", got=f"{points[0][0]:g} s")
    for number in range(1, len(points)):
        before, after = points[number - 1][0], points[number][0]
        if after <= before:
            times = f"{before:g} s, then {after:g} s"
            raise problem(f"times must increase, point {number + 1} does not", got=times)
    return points


TableTime = Annotated[float, Quantity("time")]
Points = Annotated[tuple[tuple[TableTime, DriveLevel], ...], AfterValidator(_increasing)]


class Table(Step):
    """Piecewise linear values of time since the start of the step, from a CSV file or a list.

    A first point after 0 s is reached on a straight line from the present value.
    """

    name: ClassVar[str] = "table"
    file: str | None = Field(
        default=None,
        strict=True,
        description="CSV with the header time_s,voltage_V (or time_s,current_A)",
    )
    points: Points = Field(
        description="list of [time, value]; given beside a file, the file is not read"
    )

    @classmethod
    def _unknown_key(cls, key: object) -> PydanticCustomError:
        owners = [name for name, step in STEPS.items() if key in step.key_names()]
        if not owners:
            return super()._unknown_key(key)
        return belongs_to(owners, cls.name, cls.key_names(), key)

    @classmethod
    def _complete(cls, body: dict[str, Any], context: LoadContext) -> dict[str, object]:
        if "points" not in body and isinstance(body.get("file"), str):
            return {**body, "points": read_table(body["file"], context)}
        return body

    @property
    def times(self) -> tuple[float, ...]:
        """Times since the start of the step, s."""
        return tuple(time for time, _ in self.points)

    @property
    def values(self) -> tuple[float, ...]:
        """Drive values, V or A."""
        return tuple(value for _, value in self.points)

    @property
    def pieces(self) -> int:
        """One to each point."""
        return len(self.points)

    def times_of_pieces(self) -> Mapping[str, float]:
        """Return the shortest distance of two points, s."""
        shortest = min(b - a for a, b in itertools.pairwise(self.times))
        return {"points": shortest}

    def end_level(self, start: float | None) -> float:  # noqa: ARG002
        """Return the last value of the table."""
        return self.points[-1][1]


def read_table(file: str, context: LoadContext) -> list[tuple[str, str]]:
    """Return the points of a waveform file, as quantities.

    Raises
    ------
    PydanticCustomError
        If the file cannot be read or is not such a table.
    """
    path = context.base_dir / Path(file).expanduser()
    unit = {"voltage": "V", "current": "A"}[context.drive_dimension]
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_TABLE:
            raise problem("no such file, or too large", got=str(path), key="file")
        with path.open(newline="", encoding="utf-8") as stream:
            rows = [row for row in csv.reader(stream) if row and not row[0].startswith("#")]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise problem(f"cannot be read as CSV ({error})", got=str(path), key="file") from None
    header = f"time_s,{context.drive_dimension}_{unit}"
    if not rows or ",".join(cell.strip() for cell in rows[0]) != header:
        raise problem("wrong header", header, ",".join(rows[0]) if rows else "", key="file")
    return [_point(row, number, unit) for number, row in enumerate(rows[1:], start=1)]


def _point(row: Sequence[str], number: int, unit: str) -> tuple[str, str]:
    try:
        time, value = (float(cell) for cell in row)
        if not (math.isfinite(time) and math.isfinite(value)):
            raise ValueError
    except ValueError:
        what = f"row {number} is not two finite numbers"
        raise problem(what, got=",".join(row), key="file") from None
    return f"{time!r} s", f"{value!r} {unit}"


class Repeat(Step):
    """Steps that are gone through several times; they may be repeats themselves.

    An `until` beside `repeat` is looked at in all of them and ends the whole of it.
    """

    name: ClassVar[str] = "repeat"
    count: Count = Field(description="how many times")
    steps: tuple[DriveStep, ...] = Field(description="[steps](#drive-steps), in order")

    @model_validator(mode="after")
    def _has_steps(self) -> Repeat:
        if not self.steps:
            raise problem("no steps", "at least one step", got=[], key="steps")
        return self

    @property
    def pieces(self) -> int:
        """Those of all turns."""
        return self.count * sum(step.pieces for step in self.steps)

    def end_level(self, start: float | None) -> float | None:
        """Return the value at the end of the last turn."""
        if any(step.until and step.until.leaves == "repeat" for step in self.steps):
            return None
        level = start
        for _ in range(min(self.count, 2)):
            for step in self.steps:
                level = None if step.until else step.end_level(level)
        return level


STEPS: dict[str, type[Step]] = {
    step.name: step for step in (Triangle, Ramp, Hold, Pulse, Sine, Table, Repeat)
}


def walked(steps: Sequence[Step], key: str = "drive") -> Iterator[tuple[str, Step]]:
    """Yield every step with its dotted key, those of repeats after the repeat itself."""
    for number, step in enumerate(steps):
        path = f"{key}[{number}].{step.name}"
        yield path, step
        if isinstance(step, Repeat):
            yield from walked(step.steps, f"{path}.steps")


def _step_name(value: object) -> str | None:
    if isinstance(value, Step):
        return value.name
    names = [key for key in value if key != "until"] if isinstance(value, dict) else []
    return str(names[0]) if len(names) == 1 else None


DriveStep = Annotated[
    Annotated[Triangle, Tag("triangle")]
    | Annotated[Ramp, Tag("ramp")]
    | Annotated[Hold, Tag("hold")]
    | Annotated[Pulse, Tag("pulse")]
    | Annotated[Sine, Tag("sine")]
    | Annotated[Table, Tag("table")]
    | Annotated[Repeat, Tag("repeat")],
    Discriminator(_step_name),
]
Repeat.model_rebuild()
