"""Where each model answers what the runner asks (`tusk.solver.core.model`)."""

from __future__ import annotations

import importlib
from typing import cast

from tusk.solver.core.model import (
    Communicator,
    Launcher,
    ModelRun,
    OneProcess,
    PreparedModel,
    ResumableLauncher,
    one_process,
)
from tusk.solver.core.saved_run import End, SavedRun

__all__ = [
    "Communicator",
    "End",
    "Launcher",
    "ModelRun",
    "OneProcess",
    "PreparedModel",
    "ResumableLauncher",
    "SavedRun",
    "launcher",
    "one_process",
    "resumable_launcher",
]

_LAUNCHERS = {
    "filament_fem": "tusk.solver.models.filament.launch",
    "atomic_chain": "tusk.solver.models.atomic_chain.launch",
    "atomistic": "tusk.solver.models.atomistic.launch",
    "mesoscopic": "tusk.solver.models.mesoscopic.launch",
}


def launcher(model: str) -> Launcher:
    """Return the launcher of a model; only now its libraries are imported."""
    return cast(Launcher, importlib.import_module(_LAUNCHERS[model]))


def resumable_launcher(model: str) -> ResumableLauncher:
    """Return the launcher of a model that wrote a checkpoint."""
    return cast(ResumableLauncher, importlib.import_module(_LAUNCHERS[model]))
