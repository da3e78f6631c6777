"""A ladder of runs that are there already: what is taken, what is asked for, what comes out."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tusk.solver.certificate import HEADLINES, find_certificate, read_certificate
from tusk.solver.commands.certify import table
from tusk.solver.config import FilamentConfig, load_config
from tusk.solver.errors import InputError, SolveError
from tusk.solver.studies.ladder import (
    BASE,
    CODE_NAME,
    RATIO,
    Ladder,
    Place,
    code_digest,
    is_finished,
    peak,
    places,
)

LIMIT = {key: 2.0 + k for k, key in enumerate(HEADLINES)}
MESH, STEP = 0.1, 0.01
"""Errors of the certified run from both sides, of order 2 and 1; T_max is set apart."""

HOTTEST, OFF_PEAK = 900.0, 0.3


def config_file(folder: Path, text: str = "mesh: {preset: draft}\n") -> Path:
    path = folder / "cell.yaml"
    path.write_text(text)
    return path


def load(path: Path, *changes: str) -> FilamentConfig:
    config = load_config(path, changes)
    assert isinstance(config, FilamentConfig)
    return config


def ladder(folder: Path, said: list[str] | None = None, *changes: str) -> Ladder:
    lines: list[str] = [] if said is None else said
    return Ladder(config_file(folder), changes, folder / "ladder", False, lines.append)


def leave_run(ladder: Ladder, place: Place, code: str) -> None:
    """Write what a run of this rung would leave: marks that converge with known orders."""
    directory = ladder.out / place.name
    directory.mkdir(parents=True)
    marks: dict[str, float | None] = {
        key: limit + MESH * place.mesh**2 + STEP * place.step for key, limit in LIMIT.items()
    }
    marks["upsilon_s"] = None if place.name == "mesh_0.50" else 1.7
    time = np.array([0.0, 1.0, 2.0, 3.0]) + (OFF_PEAK if place.name == BASE else 0.0)
    heat = HOTTEST - 5.0 * (time - 2.0) ** 2
    marks["temperature_max_K"] = float(heat.max())
    record = {
        "status": "finished", "physics_hash": ladder.physics_hash(place), "marks": marks,
        "versions": {"tusk-fem": "0"}, "ledgers": {"charge_error_max": 1e-9},
        "counters": {"accepted": 4}, "timings_s": {"wall": 1.0},
    }  # fmt: skip
    (directory / "run.json").write_text(json.dumps(record))
    (directory / "config.resolved.yaml").write_text("{}")
    rows = [f"{t},{value},{100 + k}" for k, (t, value) in enumerate(zip(time, heat, strict=True))]
    header = "time_s,temperature_max_K,vertices"
    (directory / "timeseries.csv").write_text("\n".join([header, *rows, ""]))
    (directory / CODE_NAME).write_text(code)


def test_the_ladder_shrinks_sizes_and_steps_alike(tmp_path: Path) -> None:
    path = config_file(tmp_path)
    base = load(path)
    found = {place.name: load(path, *place.changes) for place in places(base)}
    assert set(found) == {BASE, "mesh_0.71", "mesh_0.50", "step_0.71", "step_0.50"}
    assert found[BASE].physics_hash() == base.physics_hash()
    assert found["mesh_0.50"].mesh.size_factor == pytest.approx(0.5)
    assert found["mesh_0.50"].stepping == base.stepping
    shorter = found["step_0.71"]
    assert shorter.mesh == base.mesh
    factors = {"tolerance": RATIO**3, "gap_fraction": RATIO, "max_displacement": RATIO,
               "first_step": RATIO}  # fmt: skip
    for name, factor in factors.items():
        expected = factor * getattr(base.stepping, name)
        assert getattr(shorter.stepping, name) == pytest.approx(expected)


def test_sizes_given_by_name_shrink_too(tmp_path: Path) -> None:
    named = "mesh: {far_size: 2 nm, gap_size_ratio: 0.2, flank_size_ratio: 0.1, size_factor: 2, "
    path = config_file(tmp_path, named + "elements_across_gap: 3, strip_gap: 2 nm}\n")
    halved = next(place for place in places(load(path)) if place.name == "mesh_0.50")
    mesh = load(path, *halved.changes).mesh
    assert (mesh.far_size, mesh.strip_gap) == (pytest.approx(1e-9), pytest.approx(2e-9))
    assert (mesh.gap_size_ratio, mesh.flank_size_ratio) == (pytest.approx(0.1), pytest.approx(0.05))
    assert (mesh.elements_across_gap, mesh.size_factor) == (6, pytest.approx(1.0))


def test_runs_of_the_same_code_are_taken_and_extrapolated(tmp_path: Path) -> None:
    said: list[str] = []
    climbed = ladder(tmp_path, said)
    for place in climbed.places:
        leave_run(climbed, place, code_digest())
    climbed.climb(jobs=1)
    assert said == [f"{place.name}: taken as it is" for place in climbed.places]

    certificate = climbed.certificate()
    assert certificate.physics_hash == load(tmp_path / "cell.yaml").physics_hash()
    assert certificate.missing == ("upsilon_s",)
    assert certificate.rungs[0].name == BASE
    assert set(certificate.quantities) == set(HEADLINES) - {"upsilon_s"}
    gamma = certificate.quantities["gamma_s"]
    assert gamma.value == pytest.approx(LIMIT["gamma_s"] + MESH + STEP)
    assert (gamma.mesh.order, gamma.step.order) == (pytest.approx(2.0), pytest.approx(1.0))
    assert gamma.error == pytest.approx(MESH + STEP)
    assert gamma.regular
    hottest = certificate.quantities["temperature_max_K"]
    assert hottest.value == pytest.approx(HOTTEST - 5.0 * OFF_PEAK**2)
    assert hottest.sampling == pytest.approx(5.0 * OFF_PEAK**2)
    assert hottest.mesh.error == pytest.approx(0.0, abs=1e-9)

    assert read_certificate(climbed.write(certificate)) == certificate
    assert find_certificate(climbed.out / BASE, certificate.physics_hash) == certificate
    assert table(certificate).row_count == len(HEADLINES)


@pytest.mark.parametrize("difference", ["code", "physics", "status"])
def test_other_runs_are_not_taken(tmp_path: Path, difference: str) -> None:
    climbed = ladder(tmp_path)
    place = climbed.places[-1]
    leave_run(climbed, place, code_digest())
    directory = climbed.out / place.name
    assert is_finished(directory, climbed.physics_hash(place), code_digest())
    if difference == "status":
        record = json.loads((directory / "run.json").read_text())
        (directory / "run.json").write_text(json.dumps(record | {"status": "failed"}))
    wanted = "0" * 64 if difference == "physics" else climbed.physics_hash(place)
    code = "0" * 64 if difference == "code" else code_digest()
    assert not is_finished(directory, wanted, code)
    assert not is_finished(tmp_path / "nowhere", wanted, code)


def test_a_rung_that_fails_ends_the_ladder_and_says_why(tmp_path: Path) -> None:
    """The run refuses a folder that is not its own; nothing else is started after it."""
    climbed = ladder(tmp_path)
    first = climbed.out / climbed.places[0].name
    first.mkdir(parents=True)
    (first / "mine.txt").write_text("mine")
    with pytest.raises(SolveError, match=f"run {first.name} ended with exit code 1: tusk: --out"):
        climbed.climb(jobs=1)
    assert (first / "mine.txt").read_text() == "mine"
    assert [path.name for path in climbed.out.iterdir() if path.is_dir()] == [first.name]


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ladder").write_text("")
    with pytest.raises(InputError, match="--out"):
        ladder(tmp_path)


def test_a_peak_between_steps_is_the_top_of_the_parabola() -> None:
    time = [0.0, 0.7, 1.5, 4.0]
    assert peak(time, [3.0 - (t - 1.1) ** 2 for t in time]) == pytest.approx(3.0)
    assert peak(time, [1.0, 2.0, 3.0, 4.0]) == 4.0
    assert peak([0.0], [5.0]) == 5.0
    assert peak([0.0, 1.0, 2.0], [1.0, 1.0, 1.0]) == 1.0
    assert math.isclose(peak([0.0, 1.0, 2.0], [1.0, 2.0, 2.0]), 2.125)
