"""Processes in each other's way: one directory, one cache of compiled forms, one terminal."""

from __future__ import annotations

import os
import pty
import select
import time
from pathlib import Path

from disturbed import PATIENCE, TUSK, Case, finish, kill, start
from run_files import record


def test_of_five_runs_into_one_directory_one_goes_on(case: Case) -> None:
    processes = [start(*TUSK, *case.words("--overwrite")) for _ in range(5)]
    results = [finish(process) for process in processes]
    assert all(result.is_clean for result in results)
    assert sorted({result.code for result in results}) in ([0], [0, 1])
    refused = [result.err for result in results if result.code == 1]
    assert all("in use by process" in message for message in refused)
    case.assert_same(case.out)


def test_a_run_is_not_continued_while_it_lives(case: Case) -> None:
    process = start(*TUSK, *case.words())
    deadline = time.monotonic() + PATIENCE
    while not (case.out / "checkpoint" / "state.h5").exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    os.kill(process.pid, 19)  # SIGSTOP: it must not end first
    try:
        other = case.run("--restart")
    finally:
        os.kill(process.pid, 18)  # SIGCONT
    assert other.code == 1
    assert "in use by process" in other.err
    assert finish(process).code == 0
    case.assert_same(case.out)


def test_a_killed_compile_holds_nobody_up(case: Case, tmp_path: Path) -> None:
    """The form that was being compiled is left claimed; the next run compiles it again."""
    cache = tmp_path / "cache"
    environment = {"XDG_CACHE_HOME": str(cache)}
    process = start(*TUSK, *case.words(), env=environment)
    deadline = time.monotonic() + PATIENCE
    forms = cache / "fenics" / "tusk"
    while not list(forms.glob("libffcx_*.c")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.002)
    kill(process)
    assert [path for path in forms.glob("*.c") if not path.with_suffix(".c.cached").exists()]
    began = time.monotonic()
    assert finish(start(*TUSK, *case.words("--restart"), env=environment)).code == 0
    print(f"the next run took {time.monotonic() - began:.0f} s")
    case.assert_same(case.out)


def test_interrupt_at_a_terminal(case: Case) -> None:
    """^C as the keyboard sends it, to the whole foreground group; then the run is continued."""
    words = [word for word in (*TUSK, *case.words()) if word != "--quiet"]
    terminal, inner = pty.openpty()
    process = start("setsid", "--ctty", *words, stdin=inner, stdout=inner, stderr=inner,
                    start_new_session=False)  # fmt: skip
    os.close(inner)
    seen, sent = b"", False
    table = case.out / "timeseries.csv"
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.01)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        if not sent and table.exists() and table.read_text().count("\n") > 5:
            os.write(terminal, b"\x03")
            sent = True
    assert process.wait(PATIENCE) == 3, seen.decode()
    os.close(terminal)
    assert (record(case.out)["status"], record(case.out)["reason"]) == ("stopped", "SIGINT")
    assert b"Traceback" not in seen
    case.assert_completed_by_restart()
