"""``tusk certify``: a real ladder of a small cell, taken up again, stopped, refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tusk.postprocess import open_run
from tusk.postprocess.certified import error_bars

CELL = """\
stack: {oxide_thickness: 2 nm, domain_radius: 6 nm}
drive:
  - ramp: {to: 2 V, rate: 1 V/s, until: {quantity: current_A, above: 20 uA}}
source: {kind: limiter, compliance_current: 30 uA, limiter_voltage: 50 mV}
mesh: {preset: draft}
"""
RUNGS = ("base", "mesh_0.71", "mesh_0.50", "step_0.71", "step_0.50")
PATIENCE = 600.0
"""Wall time (s) after which a process has failed; machines may be busy."""


@pytest.fixture
def cell(workdir: Path) -> Path:
    path = workdir / "cell.yaml"
    path.write_text(CELL)
    return path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.yaml",), "nowhere.yaml"),
        (("cell.yaml", "--set", "mesh.size_factr=2"), "mesh.size_factr"),
        (("cell.yaml", "--jobs", "0"), "--jobs"),
        (("cell.yaml", "--out", "cell.yaml"), "--out"),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_written(
    cell: Path, refused: Callable[..., str], words: tuple[str, ...], said: str
) -> None:
    assert said in refused("certify", *words)


@pytest.mark.slow
def test_a_cell_is_certified_and_finished_runs_are_taken_again(
    cell: Path, tusk: Callable[..., object]
) -> None:
    first = tusk("certify", "cell.yaml")
    assert first.code == 0, first
    folder = Path("runs/cell_certificate")
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(RUNGS)
    content = json.loads((folder / "certificate.json").read_text())
    assert [rung["name"] for rung in content["rungs"]] == [
        "base", "step_0.71", "mesh_0.71", "step_0.50", "mesh_0.50",
    ]  # fmt: skip
    vertices = {rung["name"]: rung["vertices"] for rung in content["rungs"]}
    steps = {rung["name"]: rung["steps"] for rung in content["rungs"]}
    assert vertices["mesh_0.50"] > 2 * vertices["base"]
    assert steps["step_0.50"] > 1.5 * steps["base"]
    measured = {"temperature_max_K", "gap_min_m", "radius_max_m", "set_energy_J"}
    assert measured <= set(content["quantities"])
    assert "upsilon_s" in content["missing"]  # the run ends below the compliance
    assert content["quantities"]["radius_max_m"]["relative_error"] < 0.1
    for text in ("Certificate of cell.yaml", "±", "mesh_0.50: finished", "T_max"):
        assert text in first.out

    run = open_run(folder / "base")
    assert run.certificate is not None
    assert set(error_bars(run)) == set(content["quantities"])
    assert list((folder / "base" / "figures").glob("*.png"))

    began = time.monotonic()
    again = tusk("certify", "cell.yaml")
    assert again.code == 0
    assert again.out.count("taken as it is") == len(RUNGS)
    assert json.loads((folder / "certificate.json").read_text()) == content
    assert time.monotonic() - began < PATIENCE


@pytest.mark.slow
def test_a_stopped_ladder_leaves_no_run_behind(cell: Path) -> None:
    words = [sys.executable, "-m", "tusk.solver.cli", "certify", "cell.yaml", "--jobs", "1"]
    with Path("said").open("wb") as said:
        process = subprocess.Popen(words, stdout=said, stderr=said)
    table = Path("runs/cell_certificate/mesh_0.50/timeseries.csv")
    deadline = time.monotonic() + PATIENCE
    while not (table.exists() and table.read_bytes().count(b"\n") > 3):
        assert process.poll() is None, Path("said").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    (runner,) = _children(process.pid)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 3
    assert "interrupted" in Path("said").read_text()
    with pytest.raises(ProcessLookupError):
        os.kill(runner, 0)
    record = json.loads((table.parent / "run.json").read_text())
    assert (record["status"], record["reason"]) == ("stopped", "SIGTERM")


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]
