"""Writing a config: complete, with units, and back to an identical config."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any, get_args

import yaml
from pydantic.fields import FieldInfo

from ..units import format_quantity
from .base import Section
from .drive import DIMENSIONS, Repeat, Step, Table, Until
from .extensions import is_law_spec, law_file
from .model import FilamentConfig
from .quantities import DriveQuantity, Quantity
from .run_config import DrivenConfig, RunConfig


def as_mapping(config: RunConfig) -> dict[str, Any]:
    """Return the config as a file would spell it."""
    return _section(config, config.drive_dimension)


def as_yaml(config: RunConfig) -> str:
    """Return the config as YAML text."""
    return yaml.safe_dump(as_mapping(config), sort_keys=False, allow_unicode=True, width=100)


def _section(section: Section, driven: str) -> dict[str, Any]:
    if isinstance(section, Until):
        return _until(section)
    if isinstance(section, Step):
        return {section.name: _step(section, driven)}
    return _fields(section, driven)


def _fields(section: Section, driven: str) -> dict[str, Any]:
    fields = type(section).model_fields
    # What names the variant comes first, whichever class it stands in.
    names = sorted(fields, key=lambda name: name != "kind")
    return {
        fields[name].alias or name: _value(getattr(section, name), _quantity(fields[name]), driven)
        for name in names
    }


def _step(step: Step, driven: str) -> dict[str, Any]:
    body = _fields(step, driven)
    if isinstance(step, Table):
        body["points"] = [
            [format_quantity(time, "time"), format_quantity(value, driven)]
            for time, value in step.points
        ]
    body["until"] = body.pop("until")
    return {key: value for key, value in body.items() if value is not None}


def _until(until: Until) -> dict[str, Any]:
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


def _value(value: Any, quantity: Quantity | None, driven: str) -> Any:
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


def _name_steps(steps: Sequence[Step], dumped: list[dict[str, Any]]) -> None:
    """Say in what was dumped of steps which they are; a file counts by its points."""
    for step, body in zip(steps, dumped, strict=True):
        body["name"] = step.name
        body.pop("file", None)
        if isinstance(step, Repeat):
            _name_steps(step.steps, body["steps"])


def physics_hash(config: RunConfig) -> str:
    """Return the SHA-256 (hex) of all that changes physics, geometry, drive or accuracy.

    Left out: what is written and when, where to stop, the linear solver, the name of the parameter
    set (its values count) and the name of a waveform file (its points count). A law from a Python
    file counts by its content.
    """
    mapping = config.model_dump(mode="json", by_alias=True)
    for key in ("output", "checkpoint", "parameters"):
        mapping.pop(key, None)
    if isinstance(config, DrivenConfig):
        _name_steps(config.drive, mapping["drive"])
    if isinstance(config, FilamentConfig):
        del mapping["members"]
        del mapping["solver"]["linear"], mapping["stepping"]["max_steps"]
        law = config.tunnel.model
        if is_law_spec(law):
            digest = hashlib.sha256(law_file(law).read_bytes()).hexdigest()
            mapping["tunnel"]["model"] = [digest, law.rpartition(":")[2]]
    text = json.dumps(mapping, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
