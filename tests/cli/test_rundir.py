"""Run directories: what may be replaced, who holds them, what happens to them on failure."""

import errno
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tusk.solver import rundir
from tusk.solver.errors import InputError, OutputError
from tusk.solver.rundir import Holder, check, prepare

Refused = Callable[..., str]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "cell"


def old_run(out: Path, summary: Any) -> None:
    (out / "fields").mkdir(parents=True)
    (out / "fields" / "a.vtu").write_text("old")
    (out / "timeseries.csv").write_text("old")
    (out / "run.json").write_text(summary if isinstance(summary, str) else json.dumps(summary))


def lock_of(out: Path, holder: Holder) -> None:
    out.mkdir(parents=True, exist_ok=True)
    text = {"pid": holder.pid, "host": holder.host, "started": holder.started}
    (out / "run.lock").write_text(json.dumps(text))


@pytest.fixture
def dead_pid() -> int:
    """Number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_new_directory_is_made_and_held(out: Path) -> None:
    with prepare(out) as directory:
        assert directory.path == out
        assert json.loads((out / "run.lock").read_text())["pid"] == os.getpid()
        with pytest.raises(InputError, match=f"in use by process {os.getpid()}$"):
            prepare(out, overwrite=True)
    assert list(out.iterdir()) == []


def test_empty_directory_is_taken(out: Path) -> None:
    out.mkdir(parents=True)
    prepare(out).release()


def test_release_is_harmless_when_repeated_or_too_late(out: Path) -> None:
    directory = prepare(out)
    directory.release()
    directory.release()
    other = Holder(1, "elsewhere", "")
    lock_of(out, other)
    directory.release()
    assert (out / "run.lock").exists()


def test_contents_are_kept_without_leave(out: Path) -> None:
    old_run(out, {"status": "finished"})
    with pytest.raises(InputError, match="not empty, allowed with --overwrite"):
        prepare(out)
    assert (out / "fields" / "a.vtu").read_text() == "old"
    assert not (out / "run.lock").exists()


@pytest.mark.parametrize(
    ("status", "words"),
    [("stopped", "was stopped"), ("failed", "failed"), ("running", "has not ended")],
)
def test_a_run_that_can_go_on_is_offered_its_continuation(
    status: str, words: str, out: Path
) -> None:
    """After ^C the way on is --restart; --overwrite would lose what was computed."""
    old_run(out, {"status": status})
    with pytest.raises(InputError) as refusal:
        prepare(out)
    told = f"allowed with --restart (continues the run there, which {words}) or --overwrite"
    assert told in str(refusal.value)


@pytest.mark.parametrize("status", ["running", "finished", "failed", "stopped"])
def test_our_older_run_is_replaced_with_leave(status: str, out: Path) -> None:
    old_run(out, {"status": status})
    prepare(out, overwrite=True).release()
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    "summary", ["", "{", "[]", "3", "{}", {"status": "unheard of"}, {"state": "finished"}]
)
def test_directories_that_are_not_ours_are_left_alone(summary: Any, out: Path) -> None:
    old_run(out, summary)
    with pytest.raises(InputError, match=r"no run\.json of ours"):
        prepare(out, overwrite=True)
    assert (out / "timeseries.csv").read_text() == "old"


def test_links_are_removed_not_followed(out: Path, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "data").write_text("mine")
    old_run(out, {"status": "finished"})
    (out / "link").symlink_to(precious)
    prepare(out, overwrite=True).release()
    assert (precious / "data").read_text() == "mine"


def test_lock_of_a_dead_process_is_taken_over(out: Path, dead_pid: int) -> None:
    """A run killed before its first summary does not block its directory for ever."""
    lock_of(out, Holder(dead_pid, socket.gethostname(), ""))
    (out / "timeseries.csv").write_text("old")
    with pytest.raises(InputError, match="--overwrite"):
        prepare(out)
    with prepare(out, overwrite=True):
        assert Holder.from_text((out / "run.lock").read_text()) == Holder.this_process()
        assert not (out / "timeseries.csv").exists()


def test_lock_of_a_reused_process_number_is_taken_over(out: Path) -> None:
    lock_of(out, Holder(os.getpid(), socket.gethostname(), "1"))
    prepare(out, overwrite=True).release()


def test_lock_of_a_zombie_is_taken_over(out: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    lock_of(out, Holder(process.pid, socket.gethostname(), ""))
    prepare(out, overwrite=True).release()
    process.wait()


@pytest.mark.parametrize("text", ["", "{", "3", "{}", '{"pid": "x", "host": 1, "started": 2}'])
def test_damaged_lock_beside_our_summary_is_taken_over(text: str, out: Path) -> None:
    old_run(out, {"status": "running"})
    (out / "run.lock").write_text(text)
    prepare(out, overwrite=True).release()


def test_live_lock_is_respected_even_with_leave(out: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        old_run(out, {"status": "running"})
        lock_of(out, Holder(process.pid, socket.gethostname(), ""))
        with pytest.raises(InputError, match=f"in use by process {process.pid}$"):
            prepare(out, overwrite=True)
        assert (out / "timeseries.csv").read_text() == "old"
    finally:
        process.communicate(b"\n")


def test_lock_of_another_machine_is_respected(out: Path) -> None:
    """The message tells how long it is silent, and the remedy: dead or not, we cannot know."""
    old_run(out, {"status": "running"})
    lock_of(out, Holder(7, "elsewhere", ""))
    now = time.time()
    for path in out.iterdir():
        os.utime(path, (now, now - 7300))
    os.utime(out / "run.lock", (now, now - 200_000))
    with pytest.raises(InputError) as refused:
        prepare(out, overwrite=True)
    assert str(refused.value) == (
        f"--out: {out} is in use by process 7 on elsewhere for 2 d, last written 2 h ago; if that "
        f"process is dead: --break-lock of tusk run and tusk sweep, or remove {out / 'run.lock'}"
    )


def test_lock_of_another_machine_is_broken_with_leave(out: Path) -> None:
    old_run(out, {"status": "running"})
    lock_of(out, Holder(1, "elsewhere", ""))
    check(out, restart=True, break_lock=True)
    with prepare(out, restart=True, break_lock=True):
        assert Holder.from_text((out / "run.lock").read_text()) == Holder.this_process()
        assert (out / "timeseries.csv").read_text() == "old"


def test_lock_of_a_living_process_here_is_never_broken(out: Path) -> None:
    with prepare(out), pytest.raises(InputError, match=f"in use by process {os.getpid()}$"):
        prepare(out, restart=True, break_lock=True)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3.0, "0 s"), (59.4, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_durations(seconds: float, text: str) -> None:
    assert rundir._duration(seconds) == text


def test_two_threads_never_hold_one_directory(out: Path, dead_pid: int) -> None:
    """Of many that see a dead holder at once, one takes over."""
    lock_of(out, Holder(dead_pid, socket.gethostname(), ""))
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def contend() -> None:
        start.wait()
        try:
            prepare(out, overwrite=True)
            outcomes.append("held")
        except InputError as error:
            outcomes.append("refused" if "in use" in str(error) else str(error))

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held"] + ["refused"] * 7


@pytest.mark.parametrize("below", ["", "sub", "sub/folder"])
def test_files_are_no_directories(below: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="not a folder"):
        prepare(tmp_path / "file" / below)
    assert (tmp_path / "file").read_text() == "mine"


def test_dangling_link_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(InputError, match="not a folder"):
        prepare(tmp_path / "link")


def test_check_writes_nothing(out: Path, tmp_path: Path) -> None:
    check(out)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("existed", [False, True])
def test_failing_file_system_is_no_error_of_the_input(
    code: int, existed: bool, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if existed:
        out.mkdir(parents=True)

    def full(*_: Any) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(rundir.os, "pwrite", full)
    with pytest.raises(OutputError, match="cannot be written") as caught:
        prepare(out)
    assert caught.value.exit_code == 2
    assert out.exists() == existed


def test_command_line_refuses_taken_directories(workdir: Path, refused: Refused) -> None:
    (workdir / "c.yaml").write_text("seed: 1")
    old_run(workdir / "mine", "not ours")
    (workdir / "file").write_text("mine")
    assert "--overwrite" in refused("run", "c.yaml", "--out", "mine")
    assert "no run.json of ours" in refused("run", "c.yaml", "--out", "mine", "--overwrite")
    assert "not a folder" in refused("run", "c.yaml", "--out", "file")
    assert "not a folder" in refused("run", "c.yaml", "--out", "file/below")
    assert "--overwrite" in refused("run", "c.yaml", "--out", "mine", "--dry-run")
    assert "--out: " in refused("run", "c.yaml", "--out", ".")
    lock_of(workdir / "busy", Holder.this_process())
    assert "in use" in refused("run", "c.yaml", "--out", "busy", "--overwrite")
