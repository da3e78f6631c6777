"""Numbers that turn bad, ranks that fail, clocks that jump."""

from __future__ import annotations

import json

import pytest
from disturbed import Case
from run_files import record

LAST = str(10**9)


@pytest.mark.parametrize("ranks", [1, 2])
def test_one_bad_solve_is_repeated(ranks: int, case: Case) -> None:
    """NaN in one linear solve, on the last rank alone: the step is tried again."""
    result = case.sabotaged("nan", str(ranks - 1), "20", "20", ranks=ranks)
    assert (result.code, result.err) == (0, ""), result
    assert record(case.out)["counters"]["failed_solves"] == 1


@pytest.mark.parametrize("ranks", [1, 2])
def test_solves_that_stay_bad_fail_the_run(ranks: int, case: Case) -> None:
    """From some moment on all is NaN; once that is over, the run continues."""
    result = case.sabotaged("nan", str(ranks - 1), "40", LAST, ranks=ranks)
    case.assert_failed_readably(result)
    assert "Newton" in record(case.out)["reason"]
    result = case.run("--restart")
    assert (result.code, result.err) == (0, ""), result
    ours, theirs = (record(out)["marks"] for out in (case.out, case.whole))
    for name in ("temperature_max_K", "radius_max_m", "gap_min_m"):
        assert ours[name] == pytest.approx(theirs[name], rel=1e-3)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_that_raises_ends_all(rank: int, case: Case) -> None:
    result = case.sabotaged("raise", str(rank), "6", ranks=2)
    assert result.code != 0
    assert "sabotage" in result.err
    case.assert_state_is_readable()
    result = case.run("--restart")
    assert result.code == 0, result
    assert record(case.out)["ranks"] == 1


def test_an_error_nobody_foresaw_on_one_rank(case: Case) -> None:
    result = case.sabotaged("raise", "0", "6")
    assert result.code == 2
    assert record(case.out)["status"] == "failed"
    assert "sabotage" in record(case.out)["reason"]
    case.assert_completed_by_restart()


def test_a_clock_that_jumps(case: Case) -> None:
    result = case.sabotaged("clock")
    assert (result.code, result.err) == (0, ""), result
    case.assert_same(case.out)
    timings = record(case.out)["timings_s"]
    assert min(timings.values()) >= 0
    assert timings["wall"] < 3600
    assert not [name for name in (case.out / "checkpoint").iterdir() if "part" in name.name]


def test_ranks_continue_what_other_ranks_began(case: Case) -> None:
    for ranks, steps in ((2, "6"), (1, "4"), (3, "3"), (2, "99")):
        more = ("--restart", "--max-steps", steps)
        result = case.sabotaged("clock", more=more, ranks=ranks)
        assert result.code == (0 if steps == "99" else 3), result
    ours, theirs = record(case.out), record(case.whole)
    assert len(ours["restarts"]) == 3
    rows = [(out / "timeseries.csv").read_text().splitlines() for out in (case.out, case.whole)]
    times = [line.split(",")[0] for line in rows[0][1:]]
    assert len(set(times)) == len(times) == ours["counters"]["accepted"] + 1
    assert float(times[-1]) == pytest.approx(float(rows[1][-1].split(",")[0]))
    for name in ("temperature_max_K", "radius_max_m", "gap_min_m"):
        assert ours["marks"][name] == pytest.approx(theirs["marks"][name], rel=1e-3)
    assert json.dumps(ours["reason"]) == json.dumps(theirs["reason"])
