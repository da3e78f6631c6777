"""The tutorials run as they stand, on a drive cut short and a coarse mesh."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TUTORIALS = Path(__file__).resolve().parents[2] / "docs" / "tutorials"
DRIVE = "drive=[{ramp: {to: 1.2 V, rate: 1 V/s}}]"
SHORT = ("mesh.preset=draft", DRIVE, "output.fields_every=1000")


def follow(name: str, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(TUTORIALS / f"{name}.py"), *words],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_tutorial_is_tested() -> None:
    names = {path.stem for path in TUTORIALS.glob("*.py")}
    assert names == {"first_run", "reading_results", "own_material", "ablation"}


def test_first_run_and_reading_its_results(tmp_path: Path) -> None:
    said = follow("first_run", str(tmp_path), *SHORT)
    assert "ended: finished drive_done" in said
    assert "current_voltage.png" in said
    said = follow("reading_results", str(tmp_path / "first"))
    assert "oxide: 10.0 nm" in said
    assert "hottest: 300.0 K" in said


@pytest.mark.slow
def test_own_material(tmp_path: Path) -> None:
    said = follow("own_material", str(tmp_path), *SHORT)
    assert "my_film" in said
    assert "growth_start_s" in said


@pytest.mark.slow
def test_ablation(tmp_path: Path) -> None:
    said = follow("ablation", str(tmp_path), *SHORT)
    assert "mechanical stress" in said
    assert (tmp_path / "tornado.png").stat().st_size > 10_000
