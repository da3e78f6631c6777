"""Faults are done to real processes, each test under a watchdog; `make faults` runs them."""

from __future__ import annotations

import faulthandler
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from disturbed import SHORT, Case, Result
from run_files import record

LIMIT = 900
"""Seconds per test, on a busy machine too."""


@pytest.fixture(autouse=True)
def _watchdog() -> Iterator[None]:
    """End a test that hangs."""

    def give_up(number: int, frame: object) -> None:
        raise TimeoutError(f"no end after {LIMIT} s")

    faulthandler.dump_traceback_later(LIMIT + 30, exit=True)
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
    faulthandler.cancel_dump_traceback_later()


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The short run as it should be, and with it the compiled forms."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "cell.yaml").write_text(SHORT)
    case = Case(folder, folder / "run")
    result = case.run()
    assert result == Result(0, "", ""), result
    assert record(case.out)["counters"]["accepted"] > 15
    return case.out


@pytest.fixture
def case(tmp_path: Path, undisturbed: Path) -> Case:
    """The short run, to be disturbed."""
    (tmp_path / "cell.yaml").write_text(SHORT)
    return Case(tmp_path, undisturbed)
