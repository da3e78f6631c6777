"""What the runner asks of a model.

A model is three steps: a communicator, before which nothing is written; what is solved, ready to
be announced; and a run in its directory, which takes steps until it says how it ended.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tusk.solver.config import RunConfig
from tusk.solver.core.saved_run import End, SavedRun
from tusk.solver.errors import InputError
from tusk.solver.mpi import world
from tusk.solver.timing import Timer


class Communicator(Protocol):
    """The part of an mpi4py communicator that a run outside the finite elements needs."""

    @property
    def rank(self) -> int:
        """Number of this process."""
        ...

    @property
    def size(self) -> int:
        """Number of processes."""
        ...

    def allgather(self, value: object) -> list[Any]:
        """Return the values of all processes."""
        ...


@dataclass(frozen=True, slots=True)
class OneProcess:
    """The communicator of a model that runs in one process; starts no MPI."""

    rank: int = 0
    size: int = 1

    def allgather(self, value: object) -> list[object]:
        """Return the value of the one process."""
        return [value]


def one_process(model: str) -> OneProcess:
    """Return the communicator of a model that knows no ranks.

    Raises
    ------
    InputError
        Under ``mpiexec`` with more than one rank.
    """
    comm = world()
    if comm is not None and comm.size > 1:
        raise InputError(f"mpiexec: model {model} runs in one process, got {comm.size} ranks")
    return OneProcess()


class ModelRun(Protocol):
    """A run in its directory."""

    @property
    def accepted(self) -> int:
        """Steps taken."""
        ...

    def step(self) -> End | None:
        """Take one step and write it; return how the run ended, or None."""
        ...

    def progress(self) -> float:
        """Return the share that is done, 0 to 1."""
        ...

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest state for a line of progress."""
        ...

    def summary(self) -> dict[str, object]:
        """Return what goes into ``run.json``, ``marks`` and ``counters`` at least."""
        ...

    def close(self) -> None:
        """Write what is written once, at the end, and close the files."""
        ...


class PreparedModel(Protocol):
    """A model at its initial state, nothing written yet."""

    def laws(self) -> Sequence[tuple[str, str]]:
        """Return names and formulas of what is solved."""
        ...

    def open(self, directory: Path) -> ModelRun:
        """Begin the run in a prepared directory."""
        ...


class Launcher(Protocol):
    """The module ``launch`` of a model."""

    def communicator(self, config: RunConfig) -> Communicator:
        """Start what the model needs and refuse what its laws refuse; nothing is written yet."""
        ...

    def libraries(self) -> Mapping[str, str]:
        """Return versions of what the model uses besides NumPy and SciPy, once it has started."""
        ...

    def prepare(self, config: RunConfig, comm: Communicator, timer: Timer) -> PreparedModel:
        """Return the model of a config."""
        ...


class ResumableLauncher(Launcher, Protocol):
    """The module ``launch`` of a model whose runs write checkpoints."""

    def resume(
        self, config: RunConfig, comm: Communicator, timer: Timer, saved: SavedRun
    ) -> PreparedModel:
        """Return the model as it was when its run wrote a checkpoint."""
        ...
