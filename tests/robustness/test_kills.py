"""Killed at any moment, a run continues as if nothing had happened."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from disturbed import MPIEXEC, TUSK, Case, finish, kill, start
from run_files import record

from tusk.solver.rundir import is_held

KILLS = 20
CONFIG = Path(__file__).resolve().parents[2] / "configs" / "buttberg2025_set_1mA.yaml"
CHANGES = ("mesh.preset=draft", "checkpoint.every=0.2 s")


@pytest.mark.parametrize("ranks", [(1,), (1, 2)])
def test_killed_at_twenty_random_moments(ranks: tuple[int, ...], tmp_path: Path) -> None:
    """The whole draft run of 1 mA: moments of start-up, steps, writing and figures alike.

    The second time each try takes as many ranks as it likes.
    """
    shutil.copy(CONFIG, tmp_path / "cell.yaml")
    changes = tuple(word for change in CHANGES for word in ("--set", change))
    case = Case(tmp_path, tmp_path / "whole")
    assert_completed = case.assert_same if ranks == (1,) else case.assert_close
    assert case.run(*changes, out=case.whole).code == 0
    seed = random.SystemRandom().randrange(10**6)
    generator = random.Random(seed)
    rows: list[int] = []
    table = case.out / "timeseries.csv"
    while len(rows) < KILLS:
        launcher = (*MPIEXEC, str(generator.choice(ranks))) if len(ranks) > 1 else ()
        process = start(*launcher, *TUSK, *case.words("--restart", *changes))
        if generator.random() < 0.25:
            _sleep(process, generator.uniform(0.0, 4.0))  # mostly start-up
        else:
            before = _written(table)
            while _written(table) == before and process.poll() is None:
                time.sleep(0.002)
            _sleep(process, generator.uniform(0.0, 1.2 * len(ranks) ** 2))
        if process.poll() is None:
            kill(process)
            while is_held(case.out):  # the ranks die after their launcher
                time.sleep(0.01)
            rows.append(table.read_bytes().count(b"\n") if table.exists() else 0)
            continue
        result = finish(process)
        assert result.code == 0, result
        assert_completed(case.out)
        shutil.rmtree(case.out)  # the other kills strike a new run
    print(f"seed {seed}, killed with rows {rows}")
    assert len(set(rows)) > KILLS // 4
    result = case.run("--restart", *changes)
    assert (result.code, result.err) == (0, ""), result
    assert_completed(case.out)


def _written(table: Path) -> int:
    return table.stat().st_mtime_ns if table.exists() else 0


def _sleep(process: subprocess.Popen[str], seconds: float) -> None:
    """Sleep, at most until the process ends."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@pytest.mark.parametrize("moment", [2, *range(11, 17)])
def test_killed_while_a_checkpoint_is_written(moment: int, case: Case) -> None:
    """At a call of the first and at each of the third: half a file, one without its name, …"""
    result = case.sabotaged("kill", str(moment))
    assert result.code == -9, result
    assert record(case.out)["status"] == "running"
    case.assert_completed_by_restart()
