"""A disk that fills up or turns read-only costs nothing but the time until it is mended."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disturbed import PATIENCE, SHORT, TUSK, Case, finish, start

ROOM = 16_000_000


def _mount(*words: str) -> int:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode


@pytest.fixture
def small(tmp_path: Path, undisturbed: Path) -> Iterator[Case]:
    """The short run on a file system of its own, which only root can make."""
    place = tmp_path / "disk"
    place.mkdir()
    size = ("-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place))
    if os.geteuid() != 0 or shutil.which("mount") is None or _mount(*size) != 0:
        pytest.skip("only root can mount a small disk")
    (place / "cell.yaml").write_text(SHORT)
    yield Case(place, undisturbed)
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def _remount(place: Path, options: str) -> None:
    assert _mount("-o", f"remount,{options}", str(place)) == 0


@pytest.mark.parametrize("room", [260_000, 450_000, 600_000, 700_000])
def test_a_full_disk(room: int, small: Case) -> None:
    """It fills up by tables, fields and checkpoints; more room, and the run goes on."""
    _remount(small.folder, f"size={room}")
    result = small.run()
    assert (result.code, result.err.count("\n")) == (2, 1), result
    assert "No space left" in result.err
    assert result.is_clean
    if (small.out / "checkpoint" / "state.h5").exists():
        small.assert_state_is_readable()
    _remount(small.folder, f"size={ROOM}")
    small.assert_completed_by_restart()


def test_a_disk_that_turns_read_only(small: Case) -> None:
    table = small.out / "timeseries.csv"
    process = start(*TUSK, *small.words())
    _wait(lambda: table.exists() and table.read_text().count("\n") > 5)
    # refused while a file is open for writing, which the next moment it is not
    _wait(lambda: _mount("-o", "remount,ro", str(small.folder)) == 0)
    result = finish(process)
    _remount(small.folder, "rw")
    assert (result.code, result.err.count("\n")) == (2, 1), result
    assert "Read-only" in result.err
    small.assert_state_is_readable()
    small.assert_completed_by_restart()


def test_a_read_only_disk(small: Case) -> None:
    assert small.run("--max-steps", "5").code == 3
    before = {path: path.read_bytes() for path in small.out.rglob("*") if path.is_file()}
    _remount(small.folder, "ro")
    result = small.run("--restart")
    assert (result.code, result.err.count("\n")) == (2, 1), result
    assert {path: path.read_bytes() for path in small.out.rglob("*") if path.is_file()} == before
    _remount(small.folder, "rw")
    small.assert_completed_by_restart()


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)
