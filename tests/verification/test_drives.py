"""Whole filament runs under drives whose short parts lie beside long ones."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tusk.solver import runner
from tusk.solver.config import build_config

pytestmark = pytest.mark.slow

CELL = {
    "model": "filament_fem",
    "mesh": {"preset": "draft"},
    "source": {"kind": "limiter", "compliance_current": "10 uA"},
}


def rows(tmp_path: Path, drive: list[dict[str, object]]) -> pd.DataFrame:
    config = build_config({**CELL, "drive": drive})
    assert runner.run_config(config, tmp_path / "run", quiet=True) == 0
    return pd.read_csv(tmp_path / "run" / "timeseries.csv")


def test_two_pulses_hours_apart_move_the_filament_alike(tmp_path: Path) -> None:
    """1e4 s of rest between pulses of 7 ns: each is there, and the pause moves nothing."""
    pulse = {"amplitude": "4 V", "width": "5 ns", "rise": "1 ns", "fall": "1 ns", "count": 2}
    table = rows(tmp_path, [{"pulse": {**pulse, "period": "1e4 s"}}])
    assert table["applied_voltage_V"].max() == 4.0
    assert table["time_s"].iloc[-1] == 2e4
    height = table["tip_height_m"]
    first = height[table["time_s"] <= 1e-8].iloc[-1]
    second = height[table["time_s"] <= 1e4 + 1e-6].iloc[-1]
    assert first - height[0] > 5e-12
    assert second - first == pytest.approx(first - height[0], rel=0.05)  # it has grown by 3 %
    rest = height[(table["time_s"] > 1e-8) & (table["time_s"] < 1e4)]
    assert rest.max() - rest.min() < 1e-15


def test_a_condition_on_the_current_holds_where_it_ended_the_hold(tmp_path: Path) -> None:
    drive = [
        {"ramp": {"to": "2 V", "rate": "2e9 V/s"}},
        {"hold": {"for": "1e4 s"}, "until": {"quantity": "current_A", "above": "1 uA"}},
    ]
    table = rows(tmp_path, drive)
    before, last = table["current_A"].iloc[-2:]
    assert before <= 1e-6 < last
    # Within the step tolerance (1e-3 of a step, over which the current grows by half at most).
    assert last < 1e-6 * 1.001
