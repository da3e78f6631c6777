"""Deciding once, on rank 0, what all ranks of an MPI run then do alike."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from .errors import SolveError, TuskError

# Set by the launchers of MPICH, Open MPI and PMIx. Looking for them keeps MPI out of a plain
# `tusk validate`, where starting it would cost more than the command.
_RANK_VARIABLES = ("PMI_RANK", "PMIX_RANK", "OMPI_COMM_WORLD_RANK")


def launched_rank() -> int | None:
    """Return the rank a launcher gave this process, None outside of ``mpiexec``."""
    for name in _RANK_VARIABLES:
        text = os.environ.get(name, "")
        if text.isdigit():
            return int(text)
    return None


def collective[T](comm: Any | None, function: Callable[[], T]) -> T:
    """Run `function` on rank 0 and return its result, or raise its error, on every rank.

    Parameters
    ----------
    comm
        An mpi4py communicator; None runs `function` here.
    function
        Takes no argument; its result must be picklable.

    Raises
    ------
    TuskError
        The error that `function` raised on rank 0.
    SolveError
        On the other ranks, if rank 0 met an unexpected error; rank 0 raises that error itself.
    """
    if comm is None or comm.size == 1:
        return function()
    if comm.rank != 0:
        result, failure = comm.bcast(None, root=0)
        if failure is not None:
            raise failure
        return result  # type: ignore[no-any-return]
    try:
        result = function()
    except TuskError as error:
        comm.bcast((None, error), root=0)
        raise
    except BaseException as error:
        comm.bcast((None, SolveError(f"rank 0 failed: {error!r}")), root=0)
        raise
    comm.bcast((result, None), root=0)
    return result


def unanimous[T](comm: Any, function: Callable[[], T]) -> T:
    """Run `function` on every rank and return its result there; what one refuses, all refuse.

    Parameters
    ----------
    comm
        An mpi4py communicator.
    function
        Takes no argument and does nothing collective.

    Raises
    ------
    TuskError
        That of the first rank on which `function` raised one.
    """
    failure: TuskError | None = None
    result: T | None = None
    try:
        result = function()
    except TuskError as error:
        failure = error
    failures = [each for each in comm.allgather(failure) if each is not None]
    if failures:
        raise failures[0] if failure is None else failure
    return result  # type: ignore[return-value]
