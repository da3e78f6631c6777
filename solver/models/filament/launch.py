"""The filament model as the runner sees it; the backend is loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tusk.solver.backend import require_backend, versions

from tusk.solver.config import FilamentConfig
from tusk.solver.core.saved_run import SavedRun
from tusk.solver.errors import InputError
from tusk.solver.parallel import unanimous
from tusk.solver.timing import Timer

if TYPE_CHECKING:
    from mpi4py import MPI

    from tusk.solver.core.ensemble import EnsembleRun
    from tusk.solver.models.filament.run import FilamentRun
    from tusk.solver.models.filament.simulation import Simulation


@dataclass(frozen=True, slots=True)
class PreparedFilament:
    """A simulation at its initial state, or at that of a checkpoint."""

    config: FilamentConfig
    simulation: Simulation
    saved: SavedRun | None = None

    def laws(self) -> list[tuple[str, str]]:
        """Return equations and closures with their formulas."""
        return self.simulation.tools.physics.describe()

    def open(self, directory: Path) -> FilamentRun | EnsembleRun[FilamentRun]:
        """Begin the run in a prepared directory, or go on with the one that stands there."""
        from tusk.solver.core.ensemble import EnsembleRun
        from tusk.solver.models.filament.members import FilamentMembers
        from tusk.solver.models.filament.run import FilamentRun

        if self.config.members > 1:
            members = FilamentMembers(self.config, self.simulation, directory)
            return EnsembleRun(members, directory, self.simulation.tools.comm)
        return FilamentRun(self.config, self.simulation, directory, self.saved)


def communicator(config: FilamentConfig) -> MPI.Comm:
    """Start MPI and the solver; what the laws refuse is refused before anything is written."""
    require_backend()
    from mpi4py import MPI

    from tusk.solver.models.filament.closures import checked_physics

    unanimous(MPI.COMM_WORLD, lambda: checked_physics(config))
    return MPI.COMM_WORLD


def libraries() -> dict[str, str]:
    """Return versions of DOLFINx and what it stands on, of the mesher and of the field writer."""
    import gmsh
    from vtkmodules.vtkCommonCore import vtkVersion

    return versions() | {"gmsh": gmsh.__version__, "vtk": vtkVersion.GetVTKVersion()}


def prepare(config: FilamentConfig, comm: MPI.Comm, timer: Timer) -> PreparedFilament:
    """Return the simulation of a config: the nucleus at zero drive."""
    from tusk.solver.models.filament.setup import build_simulation

    return PreparedFilament(config, build_simulation(config, comm, timer))


def prepare_with(
    config: FilamentConfig, comm: MPI.Comm, timer: Timer, laws: Mapping[str, object]
) -> PreparedFilament:
    """Return the simulation of a config in which some closures are objects, by family."""
    from tusk.solver.models.filament.setup import build_simulation

    return PreparedFilament(config, build_simulation(config, comm, timer, laws=laws))


def resume(
    config: FilamentConfig, comm: MPI.Comm, timer: Timer, saved: SavedRun
) -> PreparedFilament:
    """Return the simulation of a checkpoint."""
    from tusk.solver.models.filament.setup import build_simulation

    if config.members > 1:
        raise InputError("members: an ensemble cannot be continued, begin anew with --overwrite")
    simulation = build_simulation(config, comm, timer, saved.state["simulation"])
    return PreparedFilament(config, simulation, saved)
