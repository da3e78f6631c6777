"""The command as users start it: processes, signals, terminals, ranks, a law of one's own."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tusk.postprocess import open_run

Tusk = Callable[..., Any]

TUSK = (sys.executable, "-m", "tusk.solver.cli")
CONFIG = "mesh: {preset: draft}\n"
PATIENCE = 300  # s
CONTRACT = (
    "config.resolved.yaml", "run.json", "timeseries.csv", "filament.csv", "fields.pvd",
    "fields", "elephant.vtp", "figures", "run.log",
)  # fmt: skip
PROGRESS = re.compile(
    r"step \d+  t \S+ s  V \S+ V  I \S+ A  gap \S+ nm  r \S+ nm  T \S+ K"
    r"  steps/s \S+  ETA (-|\S+ s)$"
)


@pytest.fixture
def config(workdir: Path) -> Path:
    path = workdir / "cell.yaml"
    path.write_text(CONFIG)
    return path


def start(*words: str, **options: Any) -> subprocess.Popen[str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPIR_CVAR_CH4_CMA_ENABLE": "0"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(words, env=environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def record(run_dir: Path | str) -> dict[str, Any]:
    out: dict[str, Any] = json.loads((Path(run_dir) / "run.json").read_text())
    return out


def wait_for_steps(run_dir: Path) -> None:
    """Wait until a run has written its third row."""
    table = run_dir / "timeseries.csv"
    deadline = time.monotonic() + PATIENCE
    while not table.exists() or table.read_text().count("\n") < 4:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_stopped_run_has_every_file_and_says_so(config: Path, tusk: Tusk) -> None:
    result = tusk("run", "cell.yaml", "--max-steps", "3")
    assert (result.code, result.err) == (3, "")
    assert sorted(CONTRACT) == sorted(
        {path.name for path in Path("runs/cell").iterdir()} - {"checkpoint"}
    )
    stopped = record("runs/cell")
    assert (stopped["status"], stopped["reason"]) == ("stopped", "max_steps")
    assert stopped["counters"]["accepted"] == 3
    assert len(open_run("runs/cell").timeseries) == 4
    assert "\x1b" not in result.out
    lines = result.out.splitlines()
    assert lines[0].startswith("tusk: filament_fem, parameter set buttberg2025")
    assert "doi 10.1002/admt.202500837" in lines[1]
    assert any(PROGRESS.match(line) for line in lines)
    assert "  changed: mesh.preset = draft" in lines
    assert not any("charge transfer" in line for line in lines)  # equations: --verbose, run.json
    assert lines[-2].startswith("to go on from here: the same command, with --restart")
    assert lines[-1] == "results in runs/cell"
    log = Path("runs/cell/run.log").read_text().splitlines()
    assert any("charge transfer" in line for line in log)
    assert log[-1].endswith("Z results in runs/cell")
    assert any(line.startswith("stopped, max_steps: 3 steps in ") for line in lines)


def test_marks_are_printed_with_their_units(config: Path, tusk: Tusk) -> None:
    out = tusk("run", "cell.yaml", "--max-steps", "1").out
    marks = out[out.index("stopped, ") :].splitlines()[1:-2]
    assert len(marks) == len(record("runs/cell")["marks"])
    assert all(
        re.search(r"  (not reached|[-\d.e]+ (m?s|K|nm|[kMG]?Ω|[fpnµm]?J))$", mark) for mark in marks
    )


def test_outcome_as_json_without_figures(config: Path, tusk: Tusk) -> None:
    result = tusk("run", "cell.yaml", "--max-steps", "1", "--json", "--no-figures")
    assert (result.code, result.err) == (3, "")
    outcome = json.loads(result.out)
    assert (outcome["exit_code"], outcome["directory"]) == (3, "runs/cell")
    assert outcome["status"] == "stopped"
    assert outcome["marks"] == record("runs/cell")["marks"]
    assert not Path("runs/cell/figures").exists()


def test_everything_is_told_when_asked(config: Path, tusk: Tusk) -> None:
    out = tusk("run", "cell.yaml", "--max-steps", "1", "--verbose", "--no-figures").out
    assert "charge transfer" in out
    assert "stepping.tolerance = 0.001 (default of the program)" in out


def test_quiet_run_prints_nothing(config: Path, tusk: Tusk) -> None:
    result = tusk("run", "cell.yaml", "--max-steps", "1", "--quiet")
    assert (result.code, result.out, result.err) == (3, "", "")


def test_taken_directory_and_dry_run(config: Path, workdir: Path) -> None:
    (workdir / "taken").mkdir()
    (workdir / "taken/notes.txt").write_text("mine")
    refused = start(*TUSK, "run", "cell.yaml", "--out", "taken")
    shown = start(*TUSK, "run", "cell.yaml", "--dry-run")
    _, message = refused.communicate(timeout=PATIENCE)
    assert refused.returncode == 1
    assert message.startswith("tusk: --out: folder is not empty and has no run.json of ours")
    assert message.count("\n") == 1
    out, message = shown.communicate(timeout=PATIENCE)
    assert (shown.returncode, message) == (0, "")
    assert "oxide_thickness: 10 nm" in out
    assert {path.name for path in workdir.iterdir()} == {"cell.yaml", "taken"}


def test_terminate_ends_with_the_present_step(config: Path, workdir: Path) -> None:
    process = start(*TUSK, "run", "cell.yaml", "--quiet")
    wait_for_steps(workdir / "runs/cell")
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE) == ("", "")
    assert process.returncode == 3
    stopped = record("runs/cell")
    assert (stopped["status"], stopped["reason"]) == ("stopped", "SIGTERM")
    assert len(open_run("runs/cell").timeseries) == stopped["counters"]["accepted"] + 1
    assert set(CONTRACT) <= {path.name for path in Path("runs/cell").iterdir()}
    assert not Path("runs/cell/run.lock").exists()


def test_interrupt_on_a_terminal(config: Path, workdir: Path) -> None:
    """The progress is a live table there, and ^C stops the run; once more skips the figures."""
    control, terminal = pty.openpty()
    process = start(
        *TUSK, "run", "cell.yaml", stdout=terminal, stderr=terminal, start_new_session=True
    )
    os.close(terminal)
    seen, interrupts = b"", 0
    table = workdir / "runs/cell/timeseries.csv"
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        assert time.monotonic() < deadline
        if select.select([control], [], [], 0.05)[0]:
            try:
                seen += os.read(control, 65536)
            except OSError:
                break
        ready = b"steps/s" in seen if interrupts == 0 else b"current_voltage" in seen
        if interrupts < 2 and ready and table.read_text().count("\n") > 20:
            process.send_signal(signal.SIGINT)
            interrupts += 1
    os.close(control)
    assert process.wait(timeout=PATIENCE) == 3
    text = re.sub(r"\x1b\[[\d;]*m", "", seen.decode())
    assert "\x1b[2K" in text  # redrawn in place
    assert re.search(r"step +t +V +I +gap +r +T +steps/s +ETA", text)
    assert "stopped, SIGINT" in text
    assert record("runs/cell")["reason"] == "SIGINT"


def test_run_outlives_the_reader_of_its_output(config: Path) -> None:
    process = start(*TUSK, "run", "cell.yaml", "--max-steps", "3", stderr=subprocess.STDOUT)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=PATIENCE) == 3
    assert record("runs/cell")["status"] == "stopped"


def test_law_from_a_file(config: Path, workdir: Path, repository: Path, tusk: Tusk) -> None:
    """The one that CONTRIBUTING.md shows changes what is solved, and is named in the summary."""
    shown = re.search(
        r"```python\n(.*?)```", (repository / "CONTRIBUTING.md").read_text(), re.DOTALL
    )
    assert shown is not None
    (workdir / "my_law.py").write_text(shown.group(1))
    thin = ("--set", "stack.oxide_thickness=1 nm")  # electrons cross it from the start
    words = ("run", "cell.yaml", "--max-steps", "3", "--quiet", *thin)
    law = ("--set", "tunnel.model=my_law.py:MyLaw")
    refused = tusk(*words, *law, "--out", "refused")
    assert refused.code == 1
    assert "--allow-code" in refused.err
    assert not Path("refused").exists()
    assert tusk(*words, *law, "--allow-code", "--out", "mine").code == 3
    assert tusk(*words, "--out", "theirs").code == 3
    mine, theirs = record("mine"), record("theirs")
    assert "MyLaw" in mine["equations"]["tunnelling"]
    assert mine["physics_hash"] != theirs["physics_hash"]
    last = [float(open_run(name).timeseries["current_A"].iloc[-1]) for name in ("mine", "theirs")]
    assert last[0] != pytest.approx(last[1], rel=1e-3, abs=0)


def on_two_ranks(*words: str) -> tuple[int, str, str]:
    """Run a command under mpiexec; return exit code, output and message."""
    launcher = str(Path(sys.executable).with_name("mpiexec"))
    process = start(launcher, "-launcher", "fork", "-n", "2", *TUSK, *words)
    out, message = process.communicate(timeout=PATIENCE)
    return process.returncode, out, message


def test_a_study_on_two_ranks_is_refused_once(config: Path) -> None:
    code, out, message = on_two_ranks("ablate", "cell.yaml")
    assert (code, out) == (1, "")
    assert message.count("tusk: ablate: starts runs of its own") == message.count("\n") == 1
    assert not Path("runs").exists()


def test_run_on_two_ranks(config: Path) -> None:
    code, out, message = on_two_ranks("run", "cell.yaml", "--max-steps", "3")
    assert (code, message) == (3, "")
    assert out.count("parameter set buttberg2025") == 1
    stopped = record("runs/cell")
    assert (stopped["status"], stopped["ranks"]) == ("stopped", 2)
    assert len(open_run("runs/cell").timeseries) == 4
    assert set(CONTRACT) <= {path.name for path in Path("runs/cell").iterdir()}
    code, out, message = on_two_ranks("report", "runs/cell")
    assert (code, out, message) == (0, "runs/cell/report.html\n", "")
