"""Shared by all tests: load order of DOLFINx, and order among the ranks of an MPI run."""

import gc
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import tusk.solver.backend  # noqa: F401  before any test imports DOLFINx

import pytest

UNDER_MPIEXEC = int(os.environ.get("PMI_SIZE") or os.environ.get("OMPI_COMM_WORLD_SIZE") or 1) > 1
RANK = int(os.environ.get("PMI_RANK") or os.environ.get("OMPI_COMM_WORLD_RANK") or 0)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Top folder of the working copy."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def _ranks_together() -> Iterator[None]:
    """Free collective objects in the same order on every rank, and keep the ranks in step."""
    yield
    if UNDER_MPIEXEC:
        from mpi4py import MPI

        gc.collect()
        MPI.COMM_WORLD.barrier()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Let rank 0 speak for all; failures are shown by the rank that has them, see below."""
    if RANK > 0:
        config.pluginmanager.unregister(name="terminalreporter")


def pytest_exception_interact(
    node: pytest.Item | pytest.Collector, report: pytest.CollectReport | pytest.TestReport
) -> None:
    """Show a failure at once and end all ranks: those that did not fail would wait for ever."""
    if UNDER_MPIEXEC:
        from mpi4py import MPI

        capture = node.config.pluginmanager.getplugin("capturemanager")
        with capture.global_and_fixture_disabled():  # what is captured is lost with the process
            print(f"rank {RANK}: {node.nodeid}\n{report.longreprtext}", file=sys.stderr, flush=True)
        time.sleep(1.0)  # mpiexec drops what it has not passed on by the time it is told to abort
        MPI.COMM_WORLD.Abort(1)
