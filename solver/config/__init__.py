"""Config of a run: pydantic models, loading and writing. Imports no DOLFINx."""

from __future__ import annotations

from .atomic_chain import ChainConfig
from .common import RunConfig
from .load import build_config, load_config
from .mesoscopic import MesoscopicConfig
from .model import FilamentConfig

__all__ = [
    "ChainConfig",
    "FilamentConfig",
    "MesoscopicConfig",
    "RunConfig",
    "build_config",
    "load_config",
]
