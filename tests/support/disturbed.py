"""Commands that are disturbed, and what has to come of them."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_files import contents, record

PATIENCE = 300
"""Seconds per command."""

TUSK = (sys.executable, "-m", "tusk.solver.cli")
SABOTEUR = (sys.executable, str(Path(__file__).parents[1] / "robustness" / "saboteur.py"))
MPIEXEC = (str(Path(sys.executable).with_name("mpiexec")), "-launcher", "fork", "-n")

SHORT = """
mesh: {preset: draft, size_factor: 1.5}
drive: [{ramp: {to: 0.9 V, rate: 1000 V/s}}]
checkpoint: {every: 1 ns}
output: {fields_every: 5}
"""
"""Some twenty steps, a checkpoint after each."""


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def is_clean(self) -> bool:
        """No traceback, no defect of ours."""
        return not any(word in self.out + self.err for word in ("Traceback", "internal error"))


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    """Start a command in a session of its own, so that it can be killed with its children."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPIR_CVAR_CH4_CMA_ENABLE": "0"}
    environment |= options.pop("env", {})
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "start_new_session": True}
    return subprocess.Popen(words, env=environment, text=True, **(settings | options))  # type: ignore[call-overload,no-any-return]


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a command and its children as a failing node would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def finish(process: subprocess.Popen[str]) -> Result:
    """Wait for a command; one that hangs is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        kill(process)
        raise
    return Result(process.returncode, out, err)


@dataclass(frozen=True)
class Case:
    """A config in a folder of its own, with the run that nobody disturbs."""

    folder: Path
    whole: Path

    @property
    def config(self) -> str:
        return str(self.folder / "cell.yaml")

    @property
    def out(self) -> Path:
        return self.folder / "run"

    def words(self, *more: str, out: Path | None = None) -> tuple[str, ...]:
        """Return the words of the command behind ``tusk``."""
        return ("run", self.config, "--out", str(out or self.out), "--quiet", *more)

    def run(self, *more: str, out: Path | None = None) -> Result:
        return finish(start(*TUSK, *self.words(*more, out=out)))

    def sabotaged(self, *fault: str, more: tuple[str, ...] = (), ranks: int = 1) -> Result:
        """Run with a fault of `saboteur.py`."""
        launcher = (*MPIEXEC, str(ranks)) if ranks > 1 else ()
        return finish(start(*launcher, *SABOTEUR, *fault, "--", *self.words(*more)))

    def assert_completed_by_restart(self) -> None:
        """Continue; the end is that of the undisturbed run, bit for bit."""
        result = self.run("--restart")
        assert (result.code, result.out) == (0, ""), result
        assert result.is_clean
        self.assert_same(self.out)

    def assert_same(self, out: Path) -> None:
        ours, theirs = record(out), record(self.whole)
        for key in ("status", "reason", "marks", "regimes", "ledgers"):
            assert ours[key] == theirs[key], key
        assert contents(out) == contents(self.whole)
        assert not (out / "run.lock").exists()

    def assert_close(self, out: Path) -> None:
        """The same run to discretisation level, as on another number of ranks; no row twice."""
        from tusk.postprocess import open_run

        ours, theirs = record(out), record(self.whole)
        assert [ours[key] for key in ("status", "reason")] == ["finished", theirs["reason"]]
        for name, mark in theirs["marks"].items():
            near = mark and pytest.approx(mark, rel=1e-3)
            assert ours["marks"][name] == near, name
        one, two = open_run(out).timeseries, open_run(self.whole).timeseries
        assert len(one) == ours["counters"]["accepted"] + 1
        assert (np.diff(one.time_s) > 0).all()
        for name in ("current_A", "temperature_max_K", "gap_min_m"):
            seen = [np.log(table[name].clip(lower=1e-14)) for table in (one, two)]
            drift = np.interp(two.time_s, one.time_s, seen[0]) - seen[1]
            assert np.abs(drift).max() <= 1e-2, name
        files = re.findall('file="(.+?)"', (out / "fields.pvd").read_text())
        assert sorted(files) == sorted(f"fields/{path.name}" for path in (out / "fields").iterdir())
        assert not (out / "run.lock").exists()

    def assert_failed_readably(self, result: Result) -> None:
        """Exit code 2, one line, and the last good state can be read."""
        assert result.code == 2, result
        assert result.is_clean, result
        assert result.err.count("tusk: ") == 1, result
        assert record(self.out)["status"] == "failed"
        self.assert_state_is_readable()

    def assert_state_is_readable(self) -> None:
        from tusk.postprocess import open_run
        from tusk.solver import checkpoint

        rows = open_run(self.out).timeseries
        good = checkpoint.load(checkpoint.candidates(self.out)[0])["run"]["rows"]
        assert 0 < good <= len(rows)
