"""Members of a filament ensemble: one way up to the contact, then one per set of random numbers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from tusk.solver.config import FilamentConfig
from tusk.solver.core.ensemble import copy_tables
from tusk.solver.core.saved_run import SavedRun
from tusk.solver.models.filament.run import CONTACT_COLUMNS, FilamentRun
from tusk.solver.models.filament.setup import fork_simulation
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.parallel import collective

FORK_SHARE = 1.5
"""Members part where the gap comes below the contact gap times this."""

COLUMNS = (
    "contact_s",
    *CONTACT_COLUMNS,
    "upsilon_s",
    "lrs_ohm",
    "temperature_max_K",
)


@dataclass(slots=True)
class FilamentMembers:
    """Member 0 runs from the nucleus; the others from where it came near the electrode.

    Attributes
    ----------
    config
        The configuration, with more than one member.
    simulation
        The first one at its start; then that of the member under way.
    directory
        Where member 0 lives.
    """

    config: FilamentConfig
    simulation: Simulation
    directory: Path
    columns: tuple[str, ...] = COLUMNS
    _fork: list[SavedRun] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.config.members

    @property
    def parted(self) -> bool:
        """Whether member 0 came near the electrode."""
        return bool(self._fork)

    def watch(self, first: FilamentRun) -> None:
        """Keep the state from which the others go on."""
        if not self._fork and first.last.gap_min_m < FORK_SHARE * self.config.contact.gap:
            # Field files stay with the first member.
            saved = first.snapshot()
            state = {**saved.state, "field_times": ()}
            self._fork.append(replace(saved, files=(), state=state))

    def begin(self, number: int, directory: Path) -> FilamentRun:
        """Return a member: from the nucleus, or from where the first one parted."""
        if number == 0:
            return FilamentRun(self.config, self.simulation, directory)
        former, saved = self.simulation, self._fork[0]
        comm = former.tools.comm
        collective(comm, lambda: copy_tables(saved.tables, self.directory, directory))
        self.simulation = fork_simulation(self.config, former, saved.state["simulation"], number)
        former.domain.destroy()
        return FilamentRun(self.config, self.simulation, directory, saved)
