"""The current in the written fields is that of the solve on any number of ranks."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from mpi4py import MPI
from written_fields import currents, narrow_run

pytestmark = pytest.mark.mpi


@pytest.mark.parametrize("name", ["handover", "master_equation", "nearest"])
def test_current_of_the_files_is_that_of_the_solve(name: str, comm: MPI.Comm, shared: Path) -> None:
    run = narrow_run(name, comm, shared)
    for _ in range(3):
        run.step()
    run.close()
    comm.barrier()
    last = pd.read_csv(shared / "timeseries.csv").iloc[-1]["current_A"]
    for place, current in currents(sorted((shared / "fields").glob("*.vtu"))[-1]).items():
        assert current == pytest.approx(last, rel=5e-3), place
