"""Members of an ensemble, of any model: one run after the other, a row of each in one table.

Member 0 lives in the run directory itself, the others in ``member_0001/`` and so on; at the end the
tables of member 0 are copied to ``member_0000/``, so that all lie side by side.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np

from tusk.solver.core.model import Communicator, ModelRun
from tusk.solver.core.saved_run import End
from tusk.solver.errors import SolveError
from tusk.solver.output import Reach, Table, disk_errors
from tusk.solver.parallel import collective

NAME = "ensemble.csv"


class Member(ModelRun, Protocol):
    """A run that is one of several."""

    def outcome(self) -> Mapping[str, float]:
        """Return the numbers of its row in ``ensemble.csv``, NaN where there is none."""
        ...

    def tables(self) -> Mapping[str, Reach]:
        """Bring its tables to the disk and return how far they go; collective."""
        ...


class Members[M: Member](Protocol):
    """How a model makes its members."""

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of what `Member.outcome` returns, with units."""
        ...

    def begin(self, number: int, directory: Path) -> M:
        """Return a member at its start; its directory exists."""
        ...

    def watch(self, first: M) -> None:
        """Look at member 0 before each of its steps, for instance to part the others from it."""
        ...

    @property
    def parted(self) -> bool:
        """Whether there is anything in which the others can differ from member 0."""
        ...


class EnsembleRun[M: Member]:
    """Runs members one after the other.

    Parameters
    ----------
    members
        Who they are.
    directory
        The run directory, prepared.
    comm
        Ranks that work together; the first one writes.
    """

    def __init__(self, members: Members[M], directory: Path, comm: Communicator) -> None:
        self._members = members
        self._directory = directory
        self._comm = comm
        self._number = 0
        self._steps = 0
        self._rows: list[Mapping[str, float]] = []
        self._first = self._present = members.begin(0, directory)
        header = ("member", "status", "reason", *members.columns, "steps")
        self._table = collective(comm, lambda: Table(directory / NAME, header))

    @property
    def accepted(self) -> int:
        """Steps taken by all members."""
        return self._steps

    def step(self) -> End | None:
        """Take one step of the present member; return the end of the last.

        Raises
        ------
        SolveError
            If member 0 fails before the others part from it; later failures are rows.
        """
        if self._number == 0:
            self._members.watch(self._first)
        try:
            end = self._present.step()
            self._steps += 1
        except SolveError as error:
            if not self._members.parted:
                raise
            end = End("failed", str(error))
        if end is None:
            return None
        self._note(end)
        if self._number + 1 == self._members.count or not self._members.parted:
            return self._end
        self._next()
        return None

    def progress(self) -> float:
        """Return the share of all members that is done, 0 to 1."""
        return (self._number + self._present.progress()) / self._members.count

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest state."""
        return [("member", str(self._number)), *self._present.status()]

    def summary(self) -> dict[str, object]:
        """Return what member 0 says for ``run.json``, and mean and spread of all."""
        spread = {}
        for name in self._members.columns:
            values = np.array([row[name] for row in self._rows], dtype=float)
            values = values[np.isfinite(values)]
            if len(values) > 1:
                spread[name] = {"mean": values.mean(), "standard_deviation": values.std(ddof=1)}
        done = {"members": len(self._rows), "spread": spread}
        return {**self._first.summary(), "ensemble": done}

    def close(self) -> None:
        """Close the files of the member under way, and copy those of member 0 beside the others."""
        self._present.close()
        if self._present is self._first and not self._rows:
            return
        tables, target = self._first.tables(), self._directory / "member_0000"
        collective(self._comm, lambda: copy_tables(tables, self._directory, target))

    # --- one after the other --------------------------------------------------------------------

    def _note(self, end: End) -> None:
        """Keep how a member ended."""
        if self._number == 0:
            self._end = end
        outcome = self._present.outcome()
        self._rows.append(outcome)
        numbers = [outcome[name] for name in self._members.columns]
        row = (self._number, end.status, end.reason, *numbers, self._present.accepted)
        collective(self._comm, lambda: self._table.write([row]))

    def _next(self) -> None:
        self._present.close()
        self._number += 1
        folder = self._directory / f"member_{self._number:04d}"
        collective(self._comm, lambda: _make(folder))
        self._present = self._members.begin(self._number, folder)


def copy_tables(tables: Mapping[str, Reach], source: Path, target: Path) -> None:
    """Copy tables to another folder, as far as they go.

    Raises
    ------
    OutputError
        If the disk refuses.
    """
    _make(target)
    with disk_errors(target):
        for name, reach in tables.items():
            (target / name).write_bytes((source / name).read_bytes()[: reach.length])


def _make(folder: Path) -> None:
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
