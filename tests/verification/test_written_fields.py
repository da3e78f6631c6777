"""The current in the written fields is that of the solve, for every contact and every gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from mpi4py import MPI
from written_fields import CASES, CLOSED, STEPS, currents, narrow_run


@pytest.mark.parametrize("name", CASES)
def test_current_of_the_files_is_that_of_the_solve(
    name: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    run = narrow_run(name, MPI.COMM_SELF, tmp_path)
    for _ in range(STEPS):
        run.step()
    run.close()
    if name in CLOSED:  # there is metal or a site in the gap that the law alone knows nothing of
        weights = run.simulation.processes.weights(
            run.simulation.state.memories, run.simulation.state.shape
        )
        assert weights.closed.max() > 0.05 or weights.site_share.max() > 0.01
    rows = pd.read_csv(tmp_path / "timeseries.csv")
    worst, files = 0.0, sorted((tmp_path / "fields").glob("*.vtu"))
    assert len(files) >= 4
    for number, path in enumerate(files):
        row = rows.iloc[min(number * (STEPS // 3), STEPS)]
        for place, current in currents(path).items():
            assert current == pytest.approx(row["current_A"], rel=5e-3), (path.name, place)
            worst = max(worst, abs(current / row["current_A"] - 1.0))
    record_property("largest relative difference", float(worst))
