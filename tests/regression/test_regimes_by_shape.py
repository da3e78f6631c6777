"""The shape of a simulated curve tells the regimes that the run itself attributes."""

from __future__ import annotations

import pytest

from tusk.postprocess import open_run
from tusk.postprocess.regime_figure import regime_c_start
from tusk.postprocess.segments import find_regimes
from tusk.postprocess.sweeps import rising_branch


def test_breakpoints_agree_with_the_attribution(make_run) -> None:
    run = open_run(make_run("draft", "1mA", "mesh.preset=draft").directory)
    branch = rising_branch(run.column("applied_voltage_V"), run.column("current_A"))
    regimes = find_regimes(*branch)
    assert [regime.name for regime in regimes] == ["A", "B", "C"]
    start_c = regime_c_start(run)
    gamma, upsilon = (
        float(run.value_at("applied_voltage_V", run.marks[name]))
        for name in ("gamma_s", "upsilon_s")
    )
    for regime, time in zip(regimes, (run.marks["gamma_s"], start_c), strict=False):
        assert time is not None
        voltage = float(run.value_at("applied_voltage_V", time))
        assert regime.end_V == pytest.approx(voltage, abs=0.25 * (upsilon - gamma))
