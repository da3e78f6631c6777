"""Run ``tusk`` with a fault: saboteur.py FAULT ARGUMENT… -- words of the command.

kill N         kill the process at the Nth write that a checkpoint consists of
raise R N      rank R meets an error nobody foresaw before step N
nan R FIRST L  rank R gets NaN from the linear solves number FIRST to LAST
clock          the time of day jumps by a day, back and forth
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import tusk.solver.backend  # noqa: F401

import numpy as np


def kill(moment: str) -> None:
    """Count the system calls of `checkpoint.write` and die at one of them, halfway through it."""
    from tusk.solver import checkpoint, output

    counter = itertools.count()
    busy = False
    write, replace, fsync = checkpoint.write, Path.replace, os.fsync

    def die_here() -> bool:
        return busy and next(counter) == int(moment)

    def end() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def replacing(path: Path, target: Any) -> Any:
        if die_here():
            end()
        return replace(path, target)

    def syncing(descriptor: int) -> None:
        if die_here():
            size = os.fstat(descriptor).st_size
            if size > 10_000:
                os.ftruncate(os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR), size // 2)
            end()
        fsync(descriptor)

    def writing(*arguments: Any) -> Any:
        nonlocal busy
        busy = True
        try:
            return write(*arguments)
        finally:
            busy = False

    checkpoint.write = writing
    Path.replace = replacing  # type: ignore[method-assign,assignment]
    output.os.fsync = syncing  # type: ignore[attr-defined]


def raise_(rank: str, number: str) -> None:
    from mpi4py import MPI

    from tusk.solver.models.filament.run import FilamentRun

    step = FilamentRun.step

    def raising(run: FilamentRun) -> Any:
        if rank == str(MPI.COMM_WORLD.rank) and run.accepted == int(number):
            raise ZeroDivisionError("sabotage")
        return step(run)

    FilamentRun.step = raising  # type: ignore[method-assign]


def nan(rank: str, first: str, last: str) -> None:
    from mpi4py import MPI

    from tusk.solver.models.filament import problem

    update = problem.CoupledProblem._update
    counter = itertools.count()

    def poisoned(*arguments: Any) -> Any:
        out = update(*arguments)
        wanted = rank == str(MPI.COMM_WORLD.rank)
        if int(first) <= next(counter) <= int(last) and wanted:
            out[len(out) // 2] = np.nan
        return out

    problem.CoupledProblem._update = poisoned  # type: ignore[method-assign]


def clock() -> None:
    real = time.time
    jump = itertools.cycle((-86_400.0, 86_400.0))
    time.time = lambda: real() + next(jump)


FAULTS = {"kill": kill, "raise": raise_, "nan": nan, "clock": clock}

if __name__ == "__main__":
    from tusk.solver.backend import require_backend

    border = sys.argv.index("--")
    require_backend()
    FAULTS[sys.argv[1]](*sys.argv[2:border])
    from tusk.solver.cli import main

    sys.exit(main(sys.argv[border + 1 :]))
