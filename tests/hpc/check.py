"""Check what the jobs of run.sh left: ``check.py sweep DIR CASES | ranks DIR…``, or
``check.py same|identical A B``."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

TOLERANCE = 1e-3
"""Relative difference of marks that runs on several ranks may have."""


def record(run: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path(run) / "run.json").read_text())
    return found


def check_sweep(directory: str, cases: str) -> str:
    with (Path(directory) / "summary.csv").open(newline="") as stream:
        statuses = [row["status"] for row in csv.DictReader(stream)]
    assert statuses == ["finished"] * int(cases), statuses
    return f"{cases} cases finished"


def check_ranks(*runs: str) -> str:
    for run in runs:
        found = record(run)
        assert (found["status"], found["ranks"]) == ("finished", 2), (run, found["status"])
    return f"{len(runs)} runs finished on 2 ranks; {check_same(*runs)}"


def check_same(whole: str, other: str) -> str:
    one, two = record(whole), record(other)
    assert one["status"] == two["status"] == "finished", (one["status"], two["status"])
    assert one["reason"] == two["reason"]
    worst = 0.0
    for name, expected in one["marks"].items():
        got = two["marks"][name]
        assert (got is None) == (expected is None), name
        if expected:
            worst = max(worst, abs(got / expected - 1.0))
    assert worst <= TOLERANCE, f"marks differ by {worst:.1e}"
    tables = [(Path(run) / "timeseries.csv").read_bytes() for run in (whole, other)]
    rows = [table.count(b"\n") - 1 for table in tables]
    same = "the same bytes" if tables[0] == tables[1] else f"{rows[0]} and {rows[1]} rows"
    return f"marks differ by {worst:.1e} at most, timeseries.csv: {same}"


def check_identical(whole: str, other: str) -> str:
    tables = [(Path(run) / "timeseries.csv").read_bytes() for run in (whole, other)]
    assert tables[0] == tables[1], "timeseries.csv differs"
    return check_same(whole, other)


if __name__ == "__main__":
    checks = {
        "sweep": check_sweep,
        "ranks": check_ranks,
        "same": check_same,
        "identical": check_identical,
    }
    print(checks[sys.argv[1]](*sys.argv[2:]))
