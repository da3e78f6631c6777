"""A watchdog for every MPI test: a rank that waits for ever must not hang the suite."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from mpi4py import MPI

LIMIT = 240  # seconds per test


@pytest.fixture(autouse=True)
def _watchdog() -> Iterator[None]:
    """Show where each rank stands and end all of them when a test takes too long."""

    def give_up(number: int, frame: object) -> None:
        faulthandler.dump_traceback()
        MPI.COMM_WORLD.Abort(1)

    # The handler runs between byte codes; inside of a blocking MPI call the second one ends it.
    faulthandler.dump_traceback_later(LIMIT + 15, exit=True)
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture
def comm() -> MPI.Comm:
    """All ranks of the run."""
    return MPI.COMM_WORLD


@pytest.fixture
def shared(tmp_path: Path, comm: MPI.Comm) -> Path:
    """A temporary directory, the same on every rank."""
    path: Path = comm.bcast(tmp_path, root=0)
    return path
