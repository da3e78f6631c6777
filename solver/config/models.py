"""The models a config can choose by `model`, and the config of each."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .atomic_chain import ChainConfig
from .atomistic import AtomisticConfig
from .common import RunConfig
from .mesoscopic import MesoscopicConfig
from .model import FilamentConfig

CONFIGS: Mapping[str, type[RunConfig]] = MappingProxyType(
    {
        "filament_fem": FilamentConfig,
        "mesoscopic": MesoscopicConfig,
        "atomic_chain": ChainConfig,
        "atomistic": AtomisticConfig,
    }
)
"""Config class by the name of the model; the first is the default."""

DEFAULT_MODEL = next(iter(CONFIGS))
