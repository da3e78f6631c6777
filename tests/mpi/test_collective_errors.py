"""What fails on rank 0 fails on every rank: nobody is left waiting."""

from __future__ import annotations

import errno
from pathlib import Path

import frozen_cells
import pytest
from mpi4py import MPI

from tusk.solver import runner
from tusk.solver.errors import InputError, MeshTangled, OutputError, SolveError
from tusk.solver.models.filament import domain as domain_module
from tusk.solver.models.filament.files import RunFiles
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import build_simulation
from tusk.solver.output import FieldSeries, Table, disk_errors
from tusk.solver.parallel import collective, unanimous
from tusk.solver.rundir import LOCK_NAME

pytestmark = pytest.mark.mpi


class DefectError(Exception):
    """Stands for a defect: no error of ours."""


def outcome_of(comm: MPI.Comm, action: object) -> list[str]:
    """Return the name of the error that ``action`` raises on each rank, '' for none."""
    assert callable(action)
    try:
        action()
    except Exception as error:  # noqa: BLE001  (compared below)
        return comm.allgather(type(error).__name__)
    return comm.allgather("")


def on_rank_0(comm: MPI.Comm, error: BaseException) -> None:
    if comm.rank == 0:
        raise error


@pytest.mark.parametrize("error", [MeshTangled("m"), InputError("i"), OutputError("o")])
def test_our_errors_are_raised_everywhere(comm: MPI.Comm, error: Exception) -> None:
    names = outcome_of(comm, lambda: collective(comm, lambda: on_rank_0(comm, error)))
    assert names == [type(error).__name__] * comm.size


def test_a_defect_is_a_solve_error_elsewhere(comm: MPI.Comm) -> None:
    action = lambda: on_rank_0(comm, DefectError())  # noqa: E731
    names = outcome_of(comm, lambda: collective(comm, action))
    assert names == ["DefectError"] + ["SolveError"] * (comm.size - 1)


def test_results_reach_every_rank(comm: MPI.Comm) -> None:
    assert collective(comm, lambda: {"rank": comm.rank}) == {"rank": 0}


def test_a_mesh_that_cannot_be_made_fails_everywhere(
    comm: MPI.Comm, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object) -> None:
        assert comm.rank == 0, "gmsh runs on rank 0 alone"
        raise RuntimeError("gmsh: no way")

    tools = frozen_cells.tools(frozen_cells.configure(), comm)
    monkeypatch.setattr(domain_module, "generate", broken)
    names = outcome_of(comm, lambda: domain_module.Domain(tools, frozen_cells.early()))
    assert names == ["MeshTangled"] * comm.size


def test_a_tangled_mesh_is_seen_on_every_rank(comm: MPI.Comm) -> None:
    domain = frozen_cells.domain(frozen_cells.configure(), frozen_cells.early(), comm)
    curve = domain.shape.curve.copy()
    curve[1:-1, 0] *= 30.0
    shape = domain_module.Shape(curve, domain.shape.electrode)
    names = outcome_of(comm, lambda: domain.place(shape))
    assert names == ["MeshTangled"] * comm.size


def test_a_failed_solve_fails_everywhere(comm: MPI.Comm) -> None:
    config = frozen_cells.configure("solver.max_iterations=1")
    simulation = frozen_cells.frozen(frozen_cells.configure(), frozen_cells.early(), 0.0, comm)
    hasty = frozen_cells.domain(config, frozen_cells.early(), comm)
    guess = simulation.state.solution
    names = outcome_of(comm, lambda: hasty.problem.solve(guess, 0.5))
    assert names == ["NewtonDiverged"] * comm.size


def _full_disk(*arguments: object) -> None:
    with disk_errors(Path("file")):
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("place", "name"),
    [(Table, "_append"), (FieldSeries, "write")],
    ids=["tables", "fields"],
)
def test_a_full_disk_stops_every_rank(
    comm: MPI.Comm, shared: Path, monkeypatch: pytest.MonkeyPatch, place: type, name: str
) -> None:
    """The disk fills up during the run; what rank 0 cannot write ends the step on all ranks."""
    config = frozen_cells.configure("output.fields_every=1")
    run = FilamentRun(config, build_simulation(config, comm), shared)
    run.step()
    before = (shared / "timeseries.csv").read_text()
    comm.barrier()
    with monkeypatch.context() as patch:
        if comm.rank == 0:
            patch.setattr(place, name, _full_disk)
        assert outcome_of(comm, run.step) == ["OutputError"] * comm.size
    assert (shared / "timeseries.csv").read_text().startswith(before)
    run.close()


def test_a_defect_of_a_writer_ends_every_rank(
    comm: MPI.Comm, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = frozen_cells.configure()
    run = FilamentRun(config, build_simulation(config, comm), shared)

    def broken(*arguments: object) -> None:
        raise DefectError

    with monkeypatch.context() as patch:
        patch.setattr(RunFiles, "add", broken)
        names = outcome_of(comm, run.step)
    assert names == ["DefectError"] + ["SolveError"] * (comm.size - 1)
    run.close()


def test_a_run_directory_that_cannot_be_written_fails_everywhere(
    comm: MPI.Comm, shared: Path
) -> None:
    config = frozen_cells.configure()
    simulation = build_simulation(config, comm)
    names = outcome_of(comm, lambda: FilamentRun(config, simulation, shared / "missing"))
    assert names == ["OutputError"] * comm.size


@pytest.mark.parametrize("victim", ["write_json", "write_atomically"])
def test_a_runner_that_cannot_write_ends_on_every_rank(
    comm: MPI.Comm, shared: Path, monkeypatch: pytest.MonkeyPatch, victim: str
) -> None:
    """Summary or resolved config do not fit on the disk: no rank waits for rank 0."""

    def broken(path: Path, *arguments: object) -> None:
        raise OutputError(f"output: cannot write {path}")

    if comm.rank == 0:
        monkeypatch.setattr(runner, victim, broken)
    config = frozen_cells.configure()
    names = outcome_of(comm, lambda: runner.run_config(config, shared / "run", quiet=True))
    assert names == ["OutputError"] * comm.size
    if comm.rank == 0:
        assert not (shared / "run" / LOCK_NAME).exists()


def test_an_occupied_directory_is_refused_everywhere(comm: MPI.Comm, shared: Path) -> None:
    if comm.rank == 0:
        (shared / "run").mkdir()
        (shared / "run" / "thesis.tex").write_text("mine")
    config = frozen_cells.configure()
    names = outcome_of(comm, lambda: runner.run_config(config, shared / "run", quiet=True))
    assert names == ["InputError"] * comm.size
    if comm.rank == 0:
        assert (shared / "run" / "thesis.tex").read_text() == "mine"


def test_solve_errors_can_be_sent_between_ranks(comm: MPI.Comm) -> None:
    error = comm.bcast(SolveError("a reason") if comm.rank == 0 else None)
    assert str(error) == "a reason"


@pytest.mark.parametrize("culprit", [0, 1])
def test_what_one_rank_refuses_all_ranks_refuse(comm: MPI.Comm, culprit: int) -> None:
    """A file of laws may be missing on one machine alone: nobody waits for it."""

    def check() -> int:
        if comm.rank == culprit % comm.size:
            raise InputError("tunnel.model: no such file")
        return comm.rank

    with pytest.raises(InputError, match="no such file"):
        unanimous(comm, check)
    assert unanimous(comm, lambda: comm.rank) == comm.rank
