"""What is kept of a run so that it can go on, whatever its model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tusk.solver.checkpoint import Tree, pack, unpack
from tusk.solver.output import Reach


@dataclass(frozen=True, slots=True)
class End:
    """Why a run is over: status and reason of ``run.json``."""

    status: str
    reason: str

    @property
    def is_final(self) -> bool:
        """Whether the run is over."""
        return self.status != RUNNING.status


RUNNING = End("running", "")
"""Of a run that goes on."""


@dataclass(frozen=True, slots=True)
class SavedRun:
    """A run as its checkpoint keeps it.

    Attributes
    ----------
    model
        Name of its model.
    config
        What `description` says of its configuration.
    accepted, time_s
        Steps taken, and the time reached.
    end
        How it ended, ``running`` while it went on.
    tables
        Tables that grow, by name, and how far they went.
    files
        Further files that belong to it, relative to the run directory.
    state
        What its model wants to know to go on.
    """

    model: str
    config: Mapping[str, str]
    accepted: int
    time_s: float
    end: End
    tables: Mapping[str, Reach]
    files: tuple[str, ...]
    state: Tree

    def tree(self) -> Tree:
        """Return this for a checkpoint file."""
        return {**pack(self), "files": "\n".join(self.files)}

    @classmethod
    def of(cls, tree: Tree) -> SavedRun:
        """Return what `tree` was made of."""
        tables = {name: unpack(Reach, reach) for name, reach in tree["tables"].items()}
        return cls(
            model=tree["model"],
            config=tree["config"],
            accepted=tree["accepted"],
            time_s=tree["time_s"],
            end=unpack(End, tree["end"]),
            tables=tables,
            files=tuple(tree["files"].splitlines()),
            state=tree["state"],
        )

    @property
    def ended(self) -> End | None:
        """How the run ended, None if it went on."""
        return self.end if self.end.is_final else None
