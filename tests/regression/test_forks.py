"""Runs that share their beginning: the criterion, and forks against independent runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from tusk.postprocess import open_run
from tusk.solver.errors import InputError
from tusk.solver.studies.forks import SHARE, compliance_current, run_map
from tusk.solver.studies.papers import BUTTBERG2025
from tusk.solver.studies.runs import Study


def test_studies_of_the_map_have_limits() -> None:
    assert compliance_current(BUTTBERG2025["3nA"]) == pytest.approx(3e-9)
    with pytest.raises(InputError, match="compliance current is wanted"):
        compliance_current(Study("buttberg2025_set_1mA", ("source={kind: none}",)))


@pytest.mark.slow
def test_forks_are_the_independent_runs(make_run, tmp_path: Path) -> None:
    names = ("100nA", "10uA", "100uA", "1mA")
    run_map({name: BUTTBERG2025[name].changed("mesh.preset=draft") for name in names}, tmp_path, 2)
    assert not list(tmp_path.glob(".*.h5"))
    for name in names[:-1]:
        fork = open_run(tmp_path / name)
        alone = open_run(make_run(name, name, "mesh.preset=draft").directory)
        (begun,) = fork.summary["restarts"]
        limit = compliance_current(BUTTBERG2025[name])
        # Where it left the trunk the limiter took next to nothing.
        at_fork = float(fork.value_at("current_A", begun["time_s"]))
        assert SHARE * limit <= at_fork < 5 * SHARE * limit
        assert fork.status == "finished"
        assert fork.summary["physics_hash"] == alone.summary["physics_hash"]
        for mark, value in alone.marks.items():
            expected = None if value is None else pytest.approx(value, rel=5e-3)
            assert fork.marks[mark] == expected, (name, mark)


@pytest.mark.slow
def test_what_is_finished_is_left_as_it_is(tmp_path: Path) -> None:
    short = ("mesh.preset=draft", "drive=[{ramp: {to: 0.2 V, rate: 1 V/s}}]")
    studies = {name: BUTTBERG2025[name].changed(*short) for name in ("100nA", "1mA")}
    run_map(studies, tmp_path, 2)  # the trunk never comes near 100 nA: that run is made alone
    before = {name: (tmp_path / name / "run.json").stat().st_mtime_ns for name in studies}
    assert open_run(tmp_path / "100nA").summary.get("restarts") is None
    run_map(studies, tmp_path, 2)
    assert before == {n: (tmp_path / n / "run.json").stat().st_mtime_ns for n in studies}
