"""A number with its unit, its source and the kind of its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Tag = Literal["P", "H", "L", "C", "E"]
TAG_MEANING: Mapping[Tag, str] = MappingProxyType(
    {
        "P": "printed in the paper",
        "H": "handbook",
        "L": "literature",
        "C": "calibrated on the printed results",
        "E": "estimate",
    }
)

# What a config file can hold at one key.
RawValue = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Cited:
    """One value of a parameter set or of the material library.

    Attributes
    ----------
    value
        A number, or a word that chooses a closure.
    unit
        Unit of `value`; empty for dimensionless numbers and words.
    citation
        Where the value comes from.
    tag
        Kind of source, a key of `TAG_MEANING`.
    """

    value: RawValue
    unit: str
    citation: str
    tag: Tag

    @property
    def raw(self) -> RawValue:
        """The value as a config file would spell it: ``"10 nm"``, ``0.42``, ``"column"``."""
        if not self.unit:
            return self.value
        return f"{self.value!r} {self.unit}".replace("e+", "e")
