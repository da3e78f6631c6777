"""Starting MPI where a launcher asks for it, and only there."""

from __future__ import annotations

from typing import Any

from tusk.solver.parallel import launched_rank


def world() -> Any | None:
    """Return ``MPI.COMM_WORLD`` under ``mpiexec``, None in a plain process. Starts MPI."""
    if launched_rank() is None:
        return None
    from tusk.solver import backend  # noqa: F401  (loads the MPI that DOLFINx was built with)

    from mpi4py import MPI  # isort: skip

    return MPI.COMM_WORLD
