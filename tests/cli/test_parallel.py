"""One decision for all ranks, tried on ranks that are threads; each command under a launcher."""

import pickle
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tusk.solver import mpi, parallel
from tusk.solver.cli import ON_EVERY_RANK, app
from tusk.solver.errors import InputError, MeshTangled, SolveError, TuskError
from tusk.solver.parallel import collective, launched_rank


class Rank:
    """A communicator of threads that knows `bcast` alone."""

    def __init__(self, rank: int, size: int, box: list[bytes], barrier: threading.Barrier) -> None:
        self.rank, self.size, self._box, self._barrier = rank, size, box, barrier

    def bcast(self, value: Any, root: int) -> Any:
        if self.rank == root:
            self._box[:] = [pickle.dumps(value)]
        self._barrier.wait(timeout=10)
        return pickle.loads(self._box[0])


def on_ranks(function: Callable[[], Any], size: int = 3) -> list[Any]:
    """Return the result, or the error, of `collective` on every rank."""
    barrier, box = threading.Barrier(size), [b""]
    results: list[Any] = [None] * size

    def work(rank: int) -> None:
        try:
            results[rank] = collective(Rank(rank, size, box, barrier), function)
        except BaseException as error:  # noqa: BLE001
            results[rank] = error

    threads = [threading.Thread(target=work, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_result_reaches_every_rank_and_work_is_done_once() -> None:
    calls: list[int] = []

    def work() -> dict[str, int]:
        calls.append(1)
        return {"a": 3}

    assert on_ranks(work) == [{"a": 3}] * 3
    assert len(calls) == 1


@pytest.mark.parametrize("error", [InputError("stack: wrong"), MeshTangled("cell 3")])
def test_every_rank_raises_the_same_error(error: TuskError) -> None:
    def fail() -> None:
        raise error

    results = on_ranks(fail)
    assert [type(result) for result in results] == [type(error)] * 3
    assert [str(result) for result in results] == [str(error)] * 3


def test_a_defect_on_rank_0_stops_the_others() -> None:
    """Also one that cannot be pickled."""

    def fail() -> None:
        raise ValueError(threading.Lock())

    first, *others = on_ranks(fail)
    assert type(first) is ValueError
    assert all(type(other) is SolveError for other in others)
    assert all(str(other).startswith("rank 0 failed: ValueError") for other in others)


def test_one_process_needs_no_communicator() -> None:
    assert collective(None, lambda: 3) == 3


@pytest.mark.parametrize("name", ["PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK"])
def test_launchers_are_recognised(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for other in parallel._RANK_VARIABLES:
        monkeypatch.delenv(other, raising=False)
    assert launched_rank() is None
    assert mpi.world() is None
    monkeypatch.setenv(name, "2")
    assert launched_rank() == 2


def test_every_error_survives_the_journey() -> None:
    def family(kind: type[TuskError]) -> list[type[TuskError]]:
        return [kind, *(each for child in kind.__subclasses__() for each in family(child))]

    for kind in family(TuskError):
        error = pickle.loads(pickle.dumps(kind("what happened")))
        assert (type(error), str(error)) == (kind, "what happened")


STUDIES = (
    ("sweep", "cell.yaml", "--grid", "seed=1,2", "--out", "out"),
    ("certify", "cell.yaml"),
    ("reproduce", "buttberg2025"),
    ("ablate", "cell.yaml"),
    ("kinetics", "cell.yaml", "--voltages", "1 V"),
)
"""Commands that start processes of their own."""

ALONE = (
    ("schema",),
    ("parameters",),
    ("plot", "missing"),
    ("measured", "missing.csv"),
    ("regimes", "missing.csv"),
    ("doctor",),
    ("compare", "missing", "missing"),
    ("report", "missing"),
    ("conductance", "missing"),
    ("atoms", "missing"),
    ("configs",),
)
"""Commands with work for one rank."""


def test_every_command_has_its_place_under_a_launcher() -> None:
    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert known == {*ON_EVERY_RANK, *(words[0] for words in (*STUDIES, *ALONE))}


@pytest.mark.parametrize("words", STUDIES, ids=lambda words: words[0])
def test_studies_are_refused_on_every_rank(
    words: tuple[str, ...],
    refused: Callable[..., str],
    tusk: Callable[..., Any],
    workdir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("cell.yaml").write_text("mesh: {preset: draft}\n")
    monkeypatch.setenv("PMI_RANK", "0")
    said = f"{words[0]}: starts runs of its own, start it without mpiexec or srun"
    assert said in refused(*words)
    monkeypatch.setenv("PMI_RANK", "1")
    other = tusk(*words)
    assert (other.code, other.out, other.err) == (1, "", "")
    assert [path.name for path in workdir.iterdir()] == ["cell.yaml"]


@pytest.mark.parametrize("words", ALONE, ids=lambda words: words[0])
def test_the_other_ranks_leave_the_work_to_rank_0(
    words: tuple[str, ...], tusk: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PMI_RANK", "1")
    result = tusk(*words)
    assert (result.code, result.out, result.err) == (0, "", "")
