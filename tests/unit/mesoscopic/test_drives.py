"""Drives whose short parts lie beside long ones, and conditions that rows must not decide."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.solver import runner
from tusk.solver.config import build_config
from tusk.solver.errors import InputError

FAST = {"set_rate": "1e7 Hz", "set_voltage": "1 V"}
ROWS = {"points": 1}


def rows(tmp_path: Path, drive: list[dict[str, object]], **changes: object) -> pd.DataFrame:
    config = build_config(
        {"model": "mesoscopic", "memory": FAST, "output": ROWS, "drive": drive, **changes}
    )
    assert runner.run_config(config, tmp_path / "run", quiet=True) == 0
    return pd.read_csv(tmp_path / "run" / "timeseries.csv")


def pulses(
    period: str, count: int = 10, top: str = "5 ns", edge: str = "1 ns"
) -> dict[str, object]:
    return {"pulse": {"amplitude": "2 V", "width": top, "rise": edge, "fall": edge,
                      "count": count, "period": period}}  # fmt: skip


def setting_hazard(edges: float, top: float) -> float:
    """Return the integral of 1e7 sinh(V/1 V) over one pulse of 2 V: rho = 1 - exp(-it)."""
    return 1e7 * (top * np.sinh(2.0) + edges * (np.cosh(2.0) - 1.0) / 2.0)


@pytest.mark.parametrize("period", ["1 us", "1000 s", "1e9 s"])
def test_pulses_count_whatever_lies_between_them(tmp_path: Path, period: str) -> None:
    table = rows(tmp_path, [pulses(period)])
    expected = 1.0 - np.exp(-10 * setting_hazard(2e-9, 5e-9))
    assert expected == pytest.approx(0.87627, abs=5e-6)
    assert table["transparency"].iloc[-1] == pytest.approx(expected, rel=1e-9)
    assert (table["applied_voltage_V"] == 2.0).sum() == 20


def test_pauses_of_an_endurance_test_are_pauses(tmp_path: Path) -> None:
    table = rows(tmp_path, [pulses("1 s", 3, top="20 ns", edge="10 ns")], memory={
        "set_rate": "1e5 Hz", "set_voltage": "1 V"})  # fmt: skip
    expected = 1.0 - np.exp(-3 * setting_hazard(20e-9, 20e-9) / 100)
    assert table["transparency"].iloc[-1] == pytest.approx(expected, rel=1e-9)
    ends = table["time_s"].to_numpy()[4::4]
    assert ends == pytest.approx([1.0, 2.0, 3.0])
    assert np.all(table["applied_voltage_V"].to_numpy()[4::4] == 0.0)


@pytest.mark.parametrize("begin", ["1", "10000", "1000000"])
def test_late_pulses_of_a_table_are_not_lost(tmp_path: Path, begin: str) -> None:
    points = [["0 s", "0 V"], [f"{begin} s", "0 V"], [f"{begin}.000000001 s", "2 V"],
              [f"{begin}.000000006 s", "2 V"], [f"{begin}.000000007 s", "0 V"]]  # fmt: skip
    table = rows(tmp_path, [{"table": {"points": points}}])
    expected = 1.0 - np.exp(-setting_hazard(2e-9, 5e-9))
    assert expected == pytest.approx(0.18858, abs=5e-6)
    assert table["transparency"].iloc[-1] == pytest.approx(expected, rel=1e-9)


def test_points_that_one_number_cannot_tell_apart_are_refused() -> None:
    points = [["0 s", "0 V"], ["1e10 s", "0 V"], ["10000000000.000000000001 s", "2 V"]]
    with pytest.raises(InputError, match=r"drive\[0\]\.table\.points: times must increase"):
        build_config({"model": "mesoscopic", "drive": [{"table": {"points": points}}]})


@pytest.mark.parametrize("hold", ["1 s", "1e8 s", "1e10 s"])
def test_a_pulse_after_a_long_hold_is_there(tmp_path: Path, hold: str) -> None:
    table = rows(tmp_path, [{"hold": {"for": hold}}, pulses("4 ns", 1, top="2 ns")])
    expected = 1.0 - np.exp(-setting_hazard(2e-9, 2e-9))
    assert expected == pytest.approx(0.0953, abs=5e-5)
    assert table["transparency"].iloc[-1] == pytest.approx(expected, rel=1e-9)


def test_a_train_that_would_fill_the_disk_is_refused_by_its_key() -> None:
    with pytest.raises(InputError, match=r"drive\[0\]\.pulse\.count: 4e\+09 straight pieces"):
        build_config({"model": "mesoscopic", "drive": [pulses("1 us", 10**9)]})


# --- until ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("points", [1, 2, 7, 200])
@pytest.mark.parametrize(("limit", "time"), [("-11.69 uA", 0.198729), ("-11.92 uA", 0.22124)])
def test_rows_do_not_decide_when_a_condition_holds(
    tmp_path: Path, points: int, limit: str, time: float
) -> None:
    """The current of the RESET passes through its extreme between two rows."""
    ramp = {"ramp": {"to": "-1 V", "rate": "1 V/s"},
            "until": {"quantity": "current_A", "below": limit}}  # fmt: skip
    table = rows(tmp_path, [ramp], memory={"initial_fraction": 1}, output={"points": points})
    assert table["time_s"].iloc[-1] == pytest.approx(time, abs=2e-5)
    bound = float(limit.split(maxsplit=1)[0]) * 1e-6
    assert bound * (1 + 1e-9) <= table["current_A"].iloc[-1] < bound


def test_a_condition_that_is_met_already_ends_its_step_at_once(tmp_path: Path) -> None:
    steps = [{"ramp": {"to": "0.5 V", "rate": "1 V/s"}},
             {"hold": {"for": "1 s"}, "until": {"quantity": "time_s",
                                                "above": "0.1 s"}}]  # fmt: skip
    table = rows(tmp_path, steps)
    assert table["time_s"].iloc[-1] == pytest.approx(0.5, abs=1e-9)


def test_a_condition_that_is_never_met_lets_its_step_end(tmp_path: Path) -> None:
    step = {"ramp": {"to": "0.5 V", "rate": "1 V/s"},
            "until": {"quantity": "current_A", "above": "1 A"}}  # fmt: skip
    assert rows(tmp_path, [step])["time_s"].iloc[-1] == 0.5


def test_a_loop_is_left_by_its_condition(tmp_path: Path) -> None:
    """Cycles of 8 s; the condition holds in the second one."""
    up, down = ({"triangle": {"amplitude": v, "rate": "1 V/s"}} for v in ("2 V", "-2 V"))
    loop = {"repeat": {"count": 100, "steps": [up, down]},
            "until": {"quantity": "time_s", "above": "9 s"}}  # fmt: skip
    table = rows(tmp_path, [loop, {"hold": {"for": "1 s"}}], memory={"set_rate": "1 Hz"})
    assert table["time_s"].iloc[-1] == pytest.approx(10.0)
    assert table["applied_voltage_V"].iloc[-1] == pytest.approx(1.0, abs=1e-9)


def test_pulses_are_written_until_a_read_verifies_them(tmp_path: Path) -> None:
    """Each pulse sets a share of the sites; the loop ends with the first read below 60 kohm."""
    read = [{"ramp": {"to": "0.1 V", "rate": "1e9 V/s"}}, {"hold": {"for": "10 ns"}, "until": {
        "quantity": "cell_resistance_ohm", "below": "60 kohm", "leaves": "repeat"}}]  # fmt: skip
    back = {"ramp": {"to": "0 V", "rate": "1e9 V/s"}}
    loop = {"repeat": {"count": 50, "steps": [pulses("100 ns", 1), *read, back]}}
    table = rows(tmp_path, [loop, {"hold": {"for": "1 us"}}])
    resistance = (table["cell_voltage_V"] / table["current_A"]).to_numpy()
    at_read = np.isclose(table["applied_voltage_V"], 0.1)
    assert np.all(resistance[at_read][:-3] > 6e4)
    written = int((table["applied_voltage_V"] == 2.0).sum()) // 2
    assert 1 < written < 10
    assert resistance[at_read][-1] < 6e4
    assert table["applied_voltage_V"].iloc[-1] == pytest.approx(0.1)
    assert table["time_s"].iloc[-1] - table["time_s"].iloc[-2] == pytest.approx(1e-6)


def test_there_has_to_be_a_repeat_to_leave() -> None:
    step = {"hold": {"for": "1 s"}, "until": {
        "quantity": "time_s", "above": "1 s", "leaves": "repeat"}}  # fmt: skip
    with pytest.raises(InputError, match=r"drive\[1\].hold.until.leaves: stands in no repeat"):
        build_config({"model": "mesoscopic", "drive": [pulses("1 us"), step]})
