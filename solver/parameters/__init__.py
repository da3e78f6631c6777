"""Cited numbers: named parameter sets and the material library."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .buttberg2025 import BUTTBERG2025
from .cited import TAG_MEANING, Cited, Tag
from .kharlanov2023 import KHARLANOV2023
from .kharlanov2023_md import KHARLANOV2023_MD
from .materials import ELECTRONIC_STRUCTURE, LIMITS, MATERIALS, REFERENCE_TEMPERATURE_K, SURFACES
from .milano2024 import MILANO2024
from .milano2024_md import MILANO2024_MD
from .miranda2024 import MIRANDA2024
from .parameter_set import ParameterSet

PARAMETER_SETS: Mapping[str, ParameterSet] = MappingProxyType(
    {
        chosen.name: chosen
        for chosen in (
            BUTTBERG2025,
            MIRANDA2024,
            KHARLANOV2023,
            KHARLANOV2023_MD,
            MILANO2024,
            MILANO2024_MD,
        )
    }
)

__all__ = [
    "ELECTRONIC_STRUCTURE",
    "LIMITS",
    "MATERIALS",
    "PARAMETER_SETS",
    "REFERENCE_TEMPERATURE_K",
    "SURFACES",
    "TAG_MEANING",
    "Cited",
    "ParameterSet",
    "Tag",
]
