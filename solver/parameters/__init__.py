"""Cited numbers: named parameter sets and the material library."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .buttberg2025 import BUTTBERG2025
from .cited import TAG_MEANING, Cited, Tag
from .materials import ELECTRONIC_STRUCTURE, MATERIALS, REFERENCE_TEMPERATURE_K
from .parameter_set import ParameterSet

PARAMETER_SETS: Mapping[str, ParameterSet] = MappingProxyType({BUTTBERG2025.name: BUTTBERG2025})

__all__ = [
    "ELECTRONIC_STRUCTURE",
    "MATERIALS",
    "PARAMETER_SETS",
    "REFERENCE_TEMPERATURE_K",
    "TAG_MEANING",
    "Cited",
    "ParameterSet",
    "Tag",
]
