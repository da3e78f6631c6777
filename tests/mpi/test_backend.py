"""The ranks of one run know each other and share compiled forms."""

import tusk.solver.backend

import pytest
import ufl
from mpi4py import MPI

tusk.solver.backend.require_backend()

import dolfinx.fem  # noqa: E402
import dolfinx.mesh  # noqa: E402

from tusk.solver import jit_cache  # noqa: E402

pytestmark = pytest.mark.mpi


def test_area_of_a_square_is_the_same_on_every_rank() -> None:
    comm = MPI.COMM_WORLD
    mesh = dolfinx.mesh.create_unit_square(comm, 8, 8)
    r = ufl.SpatialCoordinate(mesh)[0]
    integral = dolfinx.fem.assemble_scalar(dolfinx.fem.form(r * ufl.dx(mesh)))
    assert comm.allreduce(integral) == pytest.approx(0.5, rel=1e-14)


def test_a_cache_that_rank_0_cannot_use_ends_every_rank(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others would wait in the first collective call."""

    def refuse(*_: object, **__: object) -> None:
        assert MPI.COMM_WORLD.rank == 0
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(jit_cache, "claim", refuse)
    tusk.solver.backend.require_backend.cache_clear()
    with pytest.raises(tusk.solver.backend.BackendError, match="point XDG_CACHE_HOME"):
        tusk.solver.backend.require_backend()


def test_ranks_started_together_are_one_communicator() -> None:
    comm = MPI.COMM_WORLD
    assert sorted(comm.allgather(comm.rank)) == list(range(comm.size))
