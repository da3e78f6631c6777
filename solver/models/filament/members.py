"""Members of an ensemble: one run up to the contact, then one per set of random numbers."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from tusk.solver.config import FilamentConfig
from tusk.solver.core.saved_run import End, SavedRun
from tusk.solver.errors import SolveError
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import fork_simulation
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.output import Table, disk_errors
from tusk.solver.parallel import collective
from tusk.solver.restart import copy_files

FORK_SHARE = 1.5
"""Members part where the gap comes below the contact gap times this."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a member ended; field names are the columns of ``ensemble.csv``."""

    member: int
    status: str
    reason: str
    contact_s: float
    events: float
    sites: float
    sites_conducting: float
    upsilon_s: float
    lrs_ohm: float
    temperature_max_K: float
    steps: int


class MembersRun:
    """Runs member 0 in the run directory itself and the others in ``member_0001/`` and so on.

    Parameters
    ----------
    config
        The configuration, with more than one member.
    simulation
        The simulation at its start.
    directory
        The run directory, prepared.
    """

    def __init__(self, config: FilamentConfig, simulation: Simulation, directory: Path) -> None:
        self.config = config
        self._directory = directory
        self._comm = simulation.tools.comm
        self._first = self._present = FilamentRun(config, simulation, directory)
        self._fork: SavedRun | None = None
        self._member = 0
        self._steps = 0
        self._outcomes: list[Outcome] = []
        columns = tuple(Outcome.__dataclass_fields__)
        self._table = self._first.on_writer(lambda: Table(directory / "ensemble.csv", columns))

    @property
    def accepted(self) -> int:
        """Steps taken."""
        return self._steps

    def step(self) -> End | None:
        """Take one step of the present member; return the end of the last."""
        if self._fork is None and self._parts():
            self._fork = self._first.snapshot()
        try:
            end = self._present.step()
            self._steps += 1
        except SolveError as error:
            if self._fork is None:
                raise
            end = End("failed", str(error))
        if end is None:
            return None
        self._note(end)
        if self._fork is None or self._member + 1 == self.config.members:
            return self._first.end or end
        self._next_member()
        return None

    def progress(self) -> float:
        """Return the share of all members that is done, 0 to 1."""
        return (self._member + self._present.progress()) / self.config.members

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest row."""
        return [("member", str(self._member)), *self._present.status()]

    def summary(self) -> dict[str, Any]:
        """Return what member 0 says for ``run.json``, and the spread of all."""
        names = ("contact_s", "sites_conducting", "upsilon_s", "lrs_ohm", "temperature_max_K")
        spread = {}
        for name in names:
            values = np.array([getattr(o, name) for o in self._outcomes], dtype=float)
            values = values[np.isfinite(values)]
            if len(values) > 1:
                spread[name] = {"mean": values.mean(), "standard_deviation": values.std(ddof=1)}
        done = {"members": len(self._outcomes), "spread": spread}
        return {**self._first.summary(), "ensemble": done}

    def close(self) -> None:
        """Close the files of the member under way, and keep those of member 0 beside the others."""
        self._present.close()
        if self._present is self._first:
            return
        whole, folder = replace(self._first.snapshot(), files=()), self._directory / "member_0000"
        self._first.on_writer(lambda: _copy(whole, self._directory, folder))

    # --- members --------------------------------------------------------------------------------

    def _parts(self) -> bool:
        limit = FORK_SHARE * self.config.contact.gap
        return bool(self._first.last.gap_min_m < limit)

    def _next_member(self) -> None:
        """Begin the next member where the first one parted."""
        assert self._fork is not None
        if self._present is not self._first:
            self._present.close()
        else:
            self._first.close()
        simulation = self._present.simulation
        self._member += 1
        folder = self._directory / f"member_{self._member:04d}"
        # Field files stay with the first member.
        saved = replace(self._fork, files=(), state={**self._fork.state, "field_times": ()})
        collective(self._comm, lambda: _copy(saved, self._directory, folder))
        fresh = fork_simulation(self.config, simulation, saved.state["simulation"], self._member)
        simulation.domain.destroy()
        self._present = FilamentRun(self.config, fresh, folder, saved)

    def _note(self, end: End) -> None:
        run = self._present
        contact = run.simulation.contact.outcome(run.simulation.touch)
        marks = run.summary()["marks"]
        touched = (row.time_s for row in run.rows if row.regime == "contact")

        def number(name: str) -> float:
            return float("nan") if marks[name] is None else float(marks[name])

        outcome = Outcome(
            self._member,
            end.status,
            end.reason,
            next(touched, float("nan")),
            contact["events"],
            contact["sites"],
            contact["sites_conducting"],
            number("upsilon_s"),
            number("lrs_ohm"),
            number("temperature_max_K"),
            len(run.rows) - 1,
        )
        self._outcomes.append(outcome)
        row = tuple(asdict(outcome).values())
        self._first.on_writer(lambda: self._table.write([row]) if self._table else None)


def _copy(saved: SavedRun, source: Path, target: Path) -> None:
    """Copy the tables of a run as far as a state of it knows them."""
    with disk_errors(target):
        target.mkdir(exist_ok=True)
        copy_files(saved, source, target)
