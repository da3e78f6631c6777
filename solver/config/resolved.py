"""Writing a config: complete, with units, and back to an identical config."""

from __future__ import annotations

from typing import Any, get_args

from pydantic.fields import FieldInfo

from ..units import format_quantity
from .base import Section
from .drive import Step, Table
from .families import LawSection
from .quantities import DriveQuantity, Quantity
from .until import DIMENSIONS, Until


def as_mapping(section: Section, drive_dimension: str) -> dict[str, object]:
    """Return a section as a file would spell it, under a drive that prescribes a dimension."""
    return _section(section, drive_dimension)


def _section(section: Section, driven: str) -> dict[str, object]:
    if isinstance(section, Until):
        return _until(section)
    if isinstance(section, Step):
        return {section.name: _step(section, driven)}
    return _fields(section, driven)


def _fields(section: Section, driven: str) -> dict[str, object]:
    fields = type(section).model_fields
    # What names the variant comes first, whichever class it stands in.
    names = sorted(fields, key=lambda name: name != "kind")
    body = {
        fields[name].alias or name: _value(getattr(section, name), _quantity(fields[name]), driven)
        for name in names
    }
    return section.flat(body) if isinstance(section, LawSection) else body


def _step(step: Step, driven: str) -> dict[str, object]:
    body = _fields(step, driven)
    if isinstance(step, Table):
        body["points"] = [
            [format_quantity(time, "time"), format_quantity(value, driven)]
            for time, value in step.points
        ]
    body["until"] = body.pop("until")
    return {key: value for key, value in body.items() if value is not None}


def _until(until: Until) -> dict[str, object]:
    side, limit = ("above", until.above) if until.above is not None else ("below", until.below)
    assert limit is not None
    dimension = DIMENSIONS[until.quantity]
    return {"quantity": until.quantity, side: format_quantity(limit, dimension)}


def _quantity(field: FieldInfo) -> Quantity | None:
    """Return the quantity type of a field, also inside ``X | None`` and ``tuple[X, ...]``."""
    found = [item for item in field.metadata if isinstance(item, Quantity)]
    for argument in get_args(field.annotation):
        found += [m for m in getattr(argument, "__metadata__", ()) if isinstance(m, Quantity)]
    return found[0] if found else None


def _value(value: Any, quantity: Quantity | None, driven: str) -> object:
    if isinstance(value, Section):
        return _section(value, driven)
    if isinstance(value, tuple):
        return [_value(item, quantity, driven) for item in value]
    if isinstance(value, dict):
        return {name: _value(item, quantity, driven) for name, item in value.items()}
    if quantity is None or value is None or isinstance(value, str):
        return value
    if isinstance(quantity, DriveQuantity):
        return format_quantity(value, quantity.driven_by(driven))
    return format_quantity(value, quantity.dimension)
