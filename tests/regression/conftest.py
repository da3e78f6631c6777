"""Whole runs, made once per session whatever the number of workers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import pyvista

LONGEST = 1500.0
"""Wall time (s) after which a run has failed; machines may be busy."""

type MakeRun = Callable[..., "WholeRun"]


class WholeRun:
    """What a finished run has left in its directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.summary: dict[str, Any] = json.loads((directory / "run.json").read_text())
        self.table = pd.read_csv(directory / "timeseries.csv")
        self.curves = pd.read_csv(directory / "filament.csv")

    @property
    def marks(self) -> dict[str, Any]:
        marks: dict[str, Any] = self.summary["marks"]
        return marks

    def fields(self, time_s: float) -> pyvista.UnstructuredGrid:
        """Return the fields written at a time."""
        reader = pyvista.get_reader(self.directory / "fields.pvd")
        reader.set_active_time_value(time_s)
        return reader.read()[0]

    @property
    def field_times(self) -> list[float]:
        return list(pyvista.get_reader(self.directory / "fields.pvd").time_values)


def _once(directory: Path, command: list[str]) -> None:
    """Run a command unless another worker of this session does or did; wait for it then."""
    lock, done = directory.with_suffix(".lock"), directory.with_suffix(".done")
    try:
        os.close(os.open(lock, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        deadline = time.monotonic() + LONGEST
        while not done.exists():
            assert time.monotonic() < deadline, "the worker that makes the run is gone"
            time.sleep(0.2)
        return
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPIR_CVAR_CH4_CMA_ENABLE": "0"}
    environment.pop("PMI_RANK", None)
    finished = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=LONGEST, check=False
    )
    done.write_text(f"exit code {finished.returncode}\n{finished.stdout}\n{finished.stderr}")


@pytest.fixture(scope="session")
def make_run(tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """Return a function that runs a shipped config with changes, on some ranks."""
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent
    repository = Path(__file__).resolve().parents[2]

    def make(name: str, config: str, *changes: str, ranks: int = 1) -> WholeRun:
        directory = base / f"whole_run_{name}"
        path = repository / "configs" / f"buttberg2025_set_{config}.yaml"
        words = [sys.executable, "-m", "tusk.solver.cli", "run", str(path), "--quiet"]
        words += ["--out", str(directory)]
        for change in changes:
            words += ["--set", change]
        if ranks > 1:
            mpiexec = str(Path(sys.executable).with_name("mpiexec"))
            words = [mpiexec, "-launcher", "fork", "-n", str(ranks), *words]
        _once(directory, words)
        said = directory.with_suffix(".done").read_text()
        assert said.startswith("exit code 0"), said
        return WholeRun(directory)

    return make
