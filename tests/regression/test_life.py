"""What a laboratory does with a cell after its SET: RESET, rest, pulses; minutes each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from run_files import record

from tusk.solver import runner
from tusk.solver.config import build_config

pytestmark = pytest.mark.slow

DRAFT = {"mesh": {"preset": "draft"}}
SET = {"triangle": {"amplitude": "2 V", "rate": "1 V/s"}}
RESET = {"triangle": {"amplitude": "-1.2 V", "rate": "1 V/s"}}


def limited(current: str) -> dict[str, object]:
    return {"source": {"kind": "limiter", "compliance_current": current}}


CASES: dict[str, dict[str, object]] = {
    "wire": {"drive": [SET, RESET], "kinetics": {"barriers": "growth"}, **limited("1 uA")},
    "wire with tension": {
        "drive": [SET, RESET],
        "kinetics": {"barriers": "growth"},
        "capillarity": {"model": "surface_tension"},
        **limited("1 uA"),
    },
    "rest with tension": {
        "drive": [SET, {"hold": {"for": "1e6 s"}}],
        "capillarity": {"model": "surface_tension"},
        **limited("1 uA"),
    },
    "pulse of 4 V": {
        "drive": [
            {"pulse": {"amplitude": "4 V", "width": "10 us", "rise": "1 ns", "fall": "1 ns"}}
        ],
        **limited("100 uA"),
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the finished run of a case, made once."""
    done: dict[str, Path] = {}

    def run(name: str) -> Path:
        if name not in done:
            out = tmp_path_factory.mktemp("life") / "run"
            config = build_config({**DRAFT, **CASES[name]})
            assert runner.run_config(config, out, quiet=True) == runner.FINISHED
            done[name] = out
        return done[name]

    return run


@pytest.mark.parametrize("name", CASES)
def test_it_runs_to_its_end_with_its_ledgers(made: Callable[[str], Path], name: str) -> None:
    written = record(made(name))
    assert (written["status"], written["reason"]) == ("finished", "drive_done")
    assert written["ledgers"]["charge_error_max"] < 1e-6
    assert written["ledgers"]["faraday_error_max"] < 2e-3


def test_a_wire_goes_piece_by_piece_down_to_its_nucleus(made: Callable[[str], Path]) -> None:
    out = made("wire")
    events, rows = (pd.read_csv(out / name) for name in ("events.csv", "timeseries.csv"))
    assert set(events.event) == {"whisker removed"}
    assert events.z_m.is_monotonic_decreasing
    assert rows.tip_height_m.iloc[-1] < 0.4e-9
    assert (events.lost_m3 < 3 * 0.2277e-9**3).all()
