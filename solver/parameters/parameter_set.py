"""A named, cited set of parameters: what a config file falls back on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .cited import Cited


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """A named set of parameters.

    Attributes
    ----------
    name
        Name in the config key `parameters`.
    title
        The system it describes.
    citation
        The publication it follows.
    values
        Dotted config key to value.
    drive
        Steps of the drive as a config file spells them; none for a model that is not driven.
    drive_source
        Where the drive comes from.
    model
        The model it is for.
    """

    name: str
    title: str
    citation: str
    values: Mapping[str, Cited]
    drive: tuple[Mapping[str, Mapping[str, str]], ...] = ()
    drive_source: str = ""
    model: str = "filament_fem"

    def as_mapping(self) -> dict[str, Any]:
        """Return the set as the nested mapping a config file would hold."""
        nested: dict[str, Any] = {}
        for key, cited in self.values.items():
            *sections, last = key.split(".")
            section = nested
            for name in sections:
                section = section.setdefault(name, {})
            section[last] = cited.raw
        if self.drive:
            nested["drive"] = [
                {name: dict(body) for name, body in step.items()} for step in self.drive
            ]
        return nested
