"""A disk that is read-only or full: exit code 2, one line, and what was written stays readable."""

import csv
import json
import os
import re
import resource
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import pyvista

from tusk.postprocess import open_run
from tusk.solver.errors import OutputError
from tusk.solver.output import Reserve, Table, write_atomically

Tusk = Callable[..., Any]

CONFIG = "mesh: {preset: draft}\noutput: {fields_every: 1}\n"
DATA = 120_000  # bytes: summaries, one field file and the tables of some steps
MANY = 1000  # steps no disk of these tests has room for


@pytest.fixture
def config(workdir: Path) -> Path:
    path = workdir / "cell.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Mount an own small file system, which only root can."""
    place = tmp_path / "disk"

    def mount(size: int) -> Path:
        place.mkdir()
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
        if os.geteuid() != 0 or shutil.which("mount") is None:
            pytest.skip("only root can mount a small disk")
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("this machine does not let root mount a small disk")
        return place

    yield mount
    if place.is_mount():
        subprocess.run(["umount", "--lazy", str(place)], check=True)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
    yield
    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)


def listing(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def fill(place: Path, leave: int = 0) -> None:
    """Fill a disk until ``leave`` bytes are free."""
    with (place / "filler").open("wb", buffering=0) as file:
        free = os.statvfs(place)
        amount = free.f_bavail * free.f_frsize - leave
        while amount > 0 and (written := _some(file, amount)):
            amount -= written


def _some(file: Any, amount: int) -> int:
    try:
        return int(file.write(b"\1" * min(amount, 65536)))
    except OSError:
        return 0


def assert_failed(result: Any) -> None:
    assert result.code == 2, result
    assert result.err.count("\n") == 1, result.err
    assert re.match(r"tusk: .*(No space left|Read-only|too large)", result.err), result.err
    assert "internal error" not in result.err


def assert_readable(run_dir: Path) -> None:
    """Everything that stands in the directory can be used."""
    for name in ("timeseries.csv", "filament.csv"):
        text = (run_dir / name).read_text()
        assert text.endswith("\n")
        rows = list(csv.reader(text.splitlines()))
        assert len({len(row) for row in rows}) == 1
    record = json.loads((run_dir / "run.json").read_text())
    assert record["status"] == "failed"
    assert "write" in record["reason"] or "written" in record["reason"]
    files = sorted(path.name for path in (run_dir / "fields").iterdir())
    series = re.findall(r'file="fields/([^"]+)"', (run_dir / "fields.pvd").read_text())
    assert set(series) <= set(files)
    assert all(pyvista.read(run_dir / "fields" / name).n_cells > 0 for name in files)
    assert list(run_dir.rglob(".*")) == []
    assert not (run_dir / "run.lock").exists()
    # the step whose row did not fit may have been counted
    assert len(open_run(run_dir).timeseries) - record["counters"]["accepted"] in (0, 1)


def test_read_only_disk(config: Path, disk: Callable[[int], Path], tusk: Tusk) -> None:
    place = disk(3_000_000)
    with read_only(place):
        assert_failed(tusk("run", str(config), "--out", str(place / "run"), "--quiet"))
        assert listing(place) == {}


def test_read_only_disk_keeps_an_older_run(
    config: Path, disk: Callable[[int], Path], tusk: Tusk
) -> None:
    place = disk(3_000_000)
    (place / "run").mkdir()
    (place / "run/run.json").write_text('{"status": "finished"}')
    (place / "run/timeseries.csv").write_text("time_s\n0.0\n")
    before = listing(place)
    with read_only(place):
        assert_failed(tusk("run", str(config), "--out", str(place / "run"), "--overwrite"))
    assert listing(place) == before


def test_full_disk(config: Path, disk: Callable[[int], Path], tusk: Tusk) -> None:
    place = disk(1_000_000)
    fill(place)
    assert_failed(tusk("run", str(config), "--out", str(place / "run"), "--quiet"))
    assert [path for path in place.rglob("*") if path.is_file()] == [place / "filler"]


def test_disk_with_room_for_the_reason_only(
    config: Path, disk: Callable[[int], Path], tusk: Tusk
) -> None:
    place = disk(1_000_000)
    fill(place, 40_000)
    assert_failed(tusk("run", str(config), "--out", str(place / "run"), "--quiet"))
    assert set(listing(place)) - {"run/run.log"} == {"filler", "run", "run/run.json"}
    assert json.loads((place / "run/run.json").read_text())["status"] == "failed"


@pytest.mark.parametrize("size", [500_000, 590_000, 700_000])
def test_disk_that_fills_up_between_fields(
    size: int, config: Path, disk: Callable[[int], Path], tusk: Tusk
) -> None:
    place = disk(size)
    result = tusk("run", str(config), "--out", str(place / "run"), "--max-steps", str(MANY))
    assert_failed(result)
    assert_readable(place / "run")


def test_disk_that_fills_up_by_the_tables(
    config: Path, disk: Callable[[int], Path], tusk: Tusk
) -> None:
    place = disk(1_000_000)
    fill(place, Reserve.SIZE + DATA)
    words = ("--set", "output.fields_every=1000", "--max-steps", str(MANY), "--quiet")
    result = tusk("run", str(config), "--out", str(place / "run"), *words)
    assert_failed(result)
    assert ".csv" in result.err
    assert_readable(place / "run")


def test_disk_that_fills_up_by_the_figures(
    config: Path, disk: Callable[[int], Path], tusk: Tusk
) -> None:
    place = disk(3_000_000)
    words = ("--set", "output.fields_every=1000", "--max-steps", "3", "--quiet")
    fill(place, Reserve.SIZE + 3 * DATA)
    result = tusk("run", str(config), "--out", str(place / "run"), *words)
    assert_failed(result)
    assert "figures" in result.err or "elephant" in result.err
    assert_readable(place / "run")
    (place / "filler").unlink()
    assert tusk("plot", str(place / "run"), "--quiet").code == 0
    assert len(list((place / "run/figures").glob("*.png"))) == 5


# --- the same without root: files that may not grow beyond a limit ------------------------------


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_table_keeps_whole_lines(tmp_path: Path) -> None:
    table = Table(tmp_path / "table.csv", ("a", "b"))
    pairs = ([(number, 0.1), (number, float("nan"))] for number in range(1000))
    with file_size_limit(1000), pytest.raises(OutputError, match=r"table\.csv"):
        deque(map(table.write, pairs), maxlen=0)
    lines = (tmp_path / "table.csv").read_text().splitlines(keepends=True)
    assert len(lines) % 2 == 1  # the header, and rows by twos
    assert 900 < sum(map(len, lines)) <= 1000
    assert all(line.count(",") == 1 and line.endswith("\n") for line in lines)
    table.write([(1, 2)])
    assert (tmp_path / "table.csv").read_text().endswith("\n1,2\n")


def test_older_file_survives_a_failed_write(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_atomically(path, b"old")
    with file_size_limit(1000), pytest.raises(OutputError, match=r"run\.json"):
        write_atomically(path, b"x" * 2000)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_reserve_is_all_or_nothing(tmp_path: Path) -> None:
    with file_size_limit(1000), pytest.raises(OutputError):
        Reserve(tmp_path)
    assert list(tmp_path.iterdir()) == []
    reserve = Reserve(tmp_path)
    assert reserve.release()
    assert not reserve.release()


def test_run_whose_tables_may_not_grow(
    config: Path, workdir: Path, tusk: Tusk, monkeypatch: pytest.MonkeyPatch
) -> None:
    tusk("run", str(config), "--out", "warm", "--max-steps", "1", "--quiet")  # compiles the forms
    largest = max(path.stat().st_size for path in Path("warm").rglob("*.vtu"))
    monkeypatch.setattr(Reserve, "SIZE", 1000)
    with file_size_limit(largest + 5_000):
        words = ("--set", "output.fields_every=1000", "--max-steps", str(MANY), "--quiet")
        result = tusk("run", str(config), "--out", "run", *words)
    assert_failed(result)
    assert ".csv" in result.err
    assert_readable(workdir / "run")
