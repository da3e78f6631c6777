"""``tusk sweep``: runs that fail, die or stop, repeated calls, Slurm, and what is left on disk."""

import csv
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tusk.solver.studies import board, sweep

Tusk = Callable[..., Any]

KEY = "stepping.max_steps"
# Stands in for `tusk run`; what it does depends on the number it finds in the config.
RUN = """
import json, os, pathlib, re, signal, sys, time
words = sys.argv[1:]
out = pathlib.Path(words[words.index("--out") + 1])
number = int(re.search(r"max_steps: (\\d+)", pathlib.Path(words[1]).read_text()).group(1))
with (out.parents[1] / "calls").open("a") as calls:
    calls.write(f"{number} {words[words.index('--out') + 2]} {os.environ['OMP_NUM_THREADS']}\\n")
if number == 5:
    print("tusk: tunnel.model: no such law", file=sys.stderr)
    sys.exit(1)
(out / "checkpoint").mkdir(parents=True, exist_ok=True)
record = {"status": "running", "reason": None}
def write(**more):
    (out / "run.json").write_text(json.dumps(record | more))
def end(status, reason, code):
    write(status=status, reason=reason, marks={"lrs_ohm": 1e3 * number, "gamma_s": None},
          timings_s={"wall": 0.5, "form set-up": 0.25}, counters={"accepted": number})
    sys.exit(code)
write()
(out / "timeseries.csv").write_text("time_s,current_A\\n0.0,1e-6\\n")
first = not (out / "again").exists()
(out / "again").touch()
if number == 2:
    end("failed", "StepTooSmall: x, y", 2)
if number == 3 and first:
    os.kill(os.getpid(), signal.SIGKILL)
if number == 4 and first:
    (out / "checkpoint/state.h5").touch()
    end("stopped", "SIGTERM", 3)
if number == 9:
    signal.signal(signal.SIGTERM, lambda *_: end("stopped", "SIGTERM", 3))
    (out / "checkpoint/state.h5").touch()
    while True:
        time.sleep(0.05)
if number == 8:
    time.sleep(1.5)
end("finished", "drive_done", 0)
"""


@pytest.fixture
def config(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (workdir / "cell.yaml").write_text("mesh: {preset: draft}\n")
    (workdir / "fake.py").write_text(RUN)
    monkeypatch.setattr(sweep, "TUSK", (sys.executable, str(workdir / "fake.py")))
    return workdir / "cell.yaml"


def rows(path: str = "out") -> dict[str, dict[str, str]]:
    """Rows of the summary by the value of the changed key."""
    with (Path(path) / "summary.csv").open(newline="") as stream:
        return {row[KEY]: row for row in csv.DictReader(stream)}


def statuses(path: str = "out") -> dict[str, str]:
    return {key: row["status"] for key, row in rows(path).items()}


def calls() -> list[str]:
    lines = Path("out/calls").read_text().splitlines()
    Path("out/calls").unlink()
    return sorted(lines)


def test_a_case_that_fails_stops_no_other(config: Path, tusk: Tusk) -> None:
    words = ("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,2,3,4,5,6", "--jobs", "2")
    first = tusk(*words)
    assert (first.code, first.err) == (2, "")
    assert statuses() == {
        "1": "finished", "2": "failed", "3": "killed", "4": "stopped", "5": "failed",
        "6": "finished",
    }  # fmt: skip
    assert len(first.out.splitlines()) == 7
    assert re.search(r"^\d/6  [0-9a-f]{12}  failed, StepTooSmall: x, y in 0 s", first.out, re.M)
    assert calls() == [f"{number} --restart 1" for number in range(1, 7)]
    two, five = rows()["2"], rows()["5"]
    assert (two["reason"], two["lrs_ohm"], two["gamma_s"]) == ("StepTooSmall: x, y", "2000.0", "")
    assert (two["wall_time_s"], two["form_set_up_time_s"]) == ("0.5", "0.25")
    assert (five["reason"], five["lrs_ohm"]) == ("tunnel.model: no such law", "")


def test_repeated_it_takes_up_what_is_missing(config: Path, tusk: Tusk) -> None:
    """From its checkpoint; case 4 has one that is damaged and begins again."""
    words = ("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,2,3,4", "--quiet")
    assert tusk(*words).code == 2
    calls()
    again = tusk(*words)
    assert (again.code, again.out, again.err) == (2, "", "")
    assert calls() == ["3 --restart 1", "4 --overwrite 1"]
    assert statuses() == {"1": "finished", "2": "failed", "3": "finished", "4": "finished"}
    tusk(*words, "--retry-failed")
    assert calls() == ["2 --restart 1"]
    before = Path("out/summary.csv").read_bytes()
    tusk(*words)
    assert not Path("out/calls").exists()
    assert Path("out/summary.csv").read_bytes() == before


def test_a_larger_sweep_keeps_what_is_done(config: Path, tusk: Tusk) -> None:
    tusk("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,6")
    calls()
    assert tusk("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,6,7").code == 0
    assert calls() == ["7 --restart 1"]
    assert list(statuses()) == ["1", "6", "7"]


def test_locks_of_dead_machines_are_broken_on_demand(config: Path, tusk: Tusk) -> None:
    words = ("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,6", "--quiet")
    assert tusk(*words).code == 0
    run = next(Path("out/cases").iterdir())
    (run / "run.json").unlink()
    for lock in (run / "run.lock", Path("out/run.lock")):
        lock.write_text('{"pid": 1, "host": "another machine", "started": ""}')
    calls()
    refused = tusk(*words)
    assert (refused.code, refused.out) == (1, "")
    assert "in use by process 1 on another machine" in refused.err
    assert tusk(*words, "--break-lock").code == 0
    assert len(calls()) == 1
    assert not Path("out/run.lock").exists()


def test_dry_run_lists_the_cases(config: Path, tusk: Tusk, workdir: Path) -> None:
    result = tusk("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,2", "--dry-run")
    assert result.code == 0
    line = rf"[0-9a-f]{{12}}  pending   {re.escape(KEY)}="
    assert re.fullmatch(f"{line}1\n{line}2\n", result.out)
    assert not (workdir / "out").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_runs_in_order(config: Path, workdir: Path, number: int) -> None:
    code = (
        "import sys; from tusk.solver.studies import sweep; from tusk.solver.cli import main;"
        f"sweep.TUSK = (sys.executable, {str(workdir / 'fake.py')!r}); sys.exit(main())"
    )
    words = ["sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=9,1", "--jobs", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not list(Path("out/cases").glob("*/checkpoint/state.h5")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    refused = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=60
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "in use" in refused.stderr
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (3, b"")
    assert statuses() == {"9": "stopped", "1": "pending"}
    assert not Path("out/run.lock").exists()


def test_live_table_on_a_terminal(config: Path, workdir: Path) -> None:
    control, terminal = pty.openpty()
    code = (
        "import sys; from tusk.solver.studies import sweep; from tusk.solver.cli import main;"
        f"sweep.TUSK = (sys.executable, {str(workdir / 'fake.py')!r}); sys.exit(main())"
    )
    words = ["sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=8,2,6", "--jobs", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", code, *words],
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(terminal)
    seen = b""
    while True:
        try:
            seen += os.read(control, 65536)
        except OSError:  # the other end is closed
            break
    os.close(control)
    assert process.wait(timeout=60) == 2
    text = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", seen.decode())
    assert re.search(r"running +pending +ETA", text)
    assert re.search(r"case +since/s +t/s +V/V +I/A +T/K +changes", text)
    assert "2 finished, 1 failed: out/summary.csv" in text


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--grid", "seed=x"), "seed: not a bare number"),
        (("--memory", "2G", "--grid", f"{KEY}=1"), "--memory: means nothing without --slurm"),
        (("--no-submit", "--grid", f"{KEY}=1"), "--no-submit: means nothing without --slurm"),
        (("--slurm", "--time", "soon", "--grid", f"{KEY}=1"), "--time: not a time"),
        (("--slurm", "--memory", "much", "--grid", f"{KEY}=1"), "--memory: not a size"),
        (("--slurm", "--sbatch", "x", "--grid", f"{KEY}=1"), "--sbatch: not an option"),
        ((), "nothing to vary"),
    ],
)
def test_wrong_input_writes_nothing(
    config: Path, refused: Callable[..., str], words: tuple[str, ...], message: str
) -> None:
    assert message in refused("sweep", "cell.yaml", "--out", "out", *words)


def test_other_folders_are_left_alone(config: Path, refused: Callable[..., str]) -> None:
    Path("mine").mkdir()
    Path("mine/notes.txt").write_text("keep")
    words = ("sweep", "cell.yaml", "--grid", f"{KEY}=1", "--out")
    assert "has no sweep.json of ours" in refused(*words, "mine")
    assert "not a folder" in refused(*words, "cell.yaml")


def test_parquet_is_the_same_table(config: Path, tusk: Tusk) -> None:
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    tusk("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,2", "--parquet")
    table = pandas.read_parquet("out/summary.parquet")
    assert list(table["status"]) == ["finished", "failed"]
    assert list(table["lrs_ohm"]) == [1000.0, 2000.0]


def test_parquet_without_its_library_is_refused(
    config: Path, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    words = ("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1", "--parquet")
    assert "needs pyarrow" in refused(*words)


def test_last_row_ignores_a_line_being_written(tmp_path: Path) -> None:
    path = tmp_path / "timeseries.csv"
    assert board.last_row(path) == {}
    path.write_text("time_s,current_A\n")
    assert board.last_row(path) == {}
    path.write_text("time_s,current_A\n1.0,2e-6\n2.0,3")
    assert board.last_row(path) == {"time_s": "1.0", "current_A": "2e-6"}


# --- Slurm: its commands are played by scripts; tests/hpc/ uses the real ones ------------------


@pytest.fixture
def slurm(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Put commands of our own before the machine's."""
    (workdir / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{workdir / 'bin'}:{os.environ['PATH']}")

    def command(name: str, script: str) -> None:
        path = workdir / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    command("sbatch", "echo 42")
    command("squeue", "true")
    return command


def submit(tusk: Tusk, *words: str) -> Any:
    return tusk("sweep", "cell.yaml", "--out", "out", "--grid", f"{KEY}=1,6,7", "--slurm", *words)


def test_slurm_script_asks_for_what_was_given(
    config: Path, tusk: Tusk, slurm: Callable[[str, str], None]
) -> None:
    result = submit(
        tusk, "--time", "1:30:00", "--memory", "2G", "--jobs", "2", "--sbatch", "--partition=a"
    )
    assert (result.code, result.err) == (0, "")
    assert "submitted as job 42" in result.out
    script = Path("out/slurm/array_0000/job.sh").read_text()
    for directive in (
        "--array=0-2%2", "--time=1:30:00", "--mem=2G", "--requeue", "--signal=B:USR1@60",
        "--partition=a", "--ntasks=1", "--cpus-per-task=1",
    ):  # fmt: skip
        assert f"#SBATCH {directive}\n" in script
    assert "set -Eeuo pipefail" in script
    assert statuses() == dict.fromkeys(("1", "6", "7"), "pending")
    subprocess.run(["bash", "-n", "out/slurm/array_0000/job.sh"], check=True)


def test_repeated_submission_leaves_out_what_is_queued_or_done(
    config: Path, tusk: Tusk, slurm: Callable[[str, str], None]
) -> None:
    submit(tusk)
    slurm("squeue", "echo 0; echo 2")
    submit(tusk)
    names = Path("out/slurm/array_0000/cases.txt").read_text().split()
    assert Path("out/slurm/array_0001/cases.txt").read_text().split() == [names[1]]
    slurm("squeue", "echo slurm_load_jobs error: Invalid job id specified >&2; exit 1")
    subprocess.run([sys.executable, "fake.py", "run", f"out/configs/{names[0]}.yaml", "--out",
                    f"out/cases/{names[0]}", "--overwrite"],
                   env={**os.environ, "OMP_NUM_THREADS": "1"}, check=True)  # fmt: skip
    submit(tusk)
    assert Path("out/slurm/array_0002/cases.txt").read_text().split() == names[1:]
    assert statuses()["1"] == "finished"


def test_without_submission_or_without_slurm(
    config: Path, tusk: Tusk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert submit(tusk, "--no-submit").code == 0
    result = submit(tusk)
    assert result.code == 1
    assert result.err == "tusk: --slurm: sbatch is not on PATH, is this a login node of Slurm?\n"


JOB = """
import os, pathlib, signal, sys, time
number = int(sys.argv[1])
def end(*_):
    sys.exit(3)
signal.signal(signal.SIGUSR1, end)
pathlib.Path("started").touch()
if number == 3:
    time.sleep(60)
sys.exit(number)
"""


@pytest.mark.parametrize(("code", "requeued"), [(0, False), (2, False), (3, True)])
def test_job_script_forwards_the_warning_and_requeues(
    config: Path, workdir: Path, tusk: Tusk, slurm: Callable[[str, str], None], code: int,
    requeued: bool,
) -> None:  # fmt: skip
    submit(tusk)
    slurm("scontrol", f'echo "$@" >{workdir}/requeued')
    (workdir / "job.py").write_text(JOB)
    script = Path("out/slurm/array_0000/job.sh").read_text()
    line = next(line for line in script.splitlines() if "tusk.solver.studies.task" in line)
    Path("job.sh").write_text(script.replace(line, f"{sys.executable} job.py {code} &"))
    environment = {**os.environ, "SLURM_ARRAY_TASK_ID": "0", "SLURM_JOB_ID": "43"}
    job = subprocess.Popen(["bash", "job.sh"], env=environment)
    if requeued:
        deadline = time.monotonic() + 30
        while not Path("started").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        job.send_signal(signal.SIGUSR1)
    assert job.wait(timeout=30) == code
    assert Path("requeued").exists() == requeued
    if requeued:
        assert Path("requeued").read_text() == "requeue 43\n"


def test_array_task_becomes_the_run(
    config: Path, workdir: Path, tusk: Tusk, slurm: Callable[[str, str], None]
) -> None:
    """After a lost node the lock of the run that was there no longer counts."""
    submit(tusk)
    names = Path("out/slurm/array_0000/cases.txt").read_text().split()
    run = Path("out/cases") / names[1]
    run.mkdir(parents=True)
    lost = {"pid": 1, "host": "another machine", "started": ""}
    (run / "run.lock").write_text(json.dumps(lost))
    code = (
        "import sys; from tusk.solver.studies import sweep, task;"
        f"sweep.TUSK = (sys.executable, {str(workdir / 'fake.py')!r}); task.main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, "out", "out/slurm/array_0000/cases.txt", "1"]
    environment = {**os.environ, "SLURM_RESTART_COUNT": "1"}
    assert subprocess.run(words, env=environment, timeout=60).returncode == 0
    assert not (run / "run.lock").exists()
    assert calls() == ["6 --restart 1"]
    assert subprocess.run(words, env=environment, timeout=60).returncode == 0
    assert not Path("out/calls").exists()
