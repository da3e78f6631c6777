"""Marks and regimes of synthetic runs whose answers are known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from tusk.solver.models.filament.marks import (
    RegimeTracker,
    marks,
    regime_intervals,
    shares,
)
from tusk.solver.models.filament.observables import Channel, Row
from tusk.solver.physics.tunnelling import NoTunnelling, SimmonsLinear

OXIDE, COMPLIANCE = 10e-9, 1e-3
BLANK = {f.name: "" if f.name == "regime" else 0.0 for f in fields(Row)}


def rows(time: Any, **columns: Callable[[np.ndarray], Any]) -> list[Row]:
    """Return rows with columns given as functions of time; the others are 0."""
    time = np.asarray(time, dtype=float)
    values = {name: np.broadcast_to(column(time), time.shape) for name, column in columns.items()}
    return [
        Row(**{**BLANK, "time_s": t, **{name: value[k] for name, value in values.items()}})
        for k, t in enumerate(time)
    ]


def of(series: list[Row], compliance: float | None = COMPLIANCE) -> dict[str, float | None]:
    return marks(series, OXIDE, compliance)


T = np.linspace(0.0, 4.0, 401)


def triangle(t: np.ndarray) -> np.ndarray:
    return np.where(t < 2.0, t, 4.0 - t)


# --- growth start ---------------------------------------------------------------------------------


def test_growth_starts_when_the_tip_is_half_a_nanometre_high() -> None:
    series = rows(T, tip_height_m=lambda t: 0.256e-9 * np.exp(t))
    assert of(series)["growth_start_s"] == pytest.approx(np.log(0.5 / 0.256), rel=1e-9)


def test_a_tip_that_stays_low_never_starts() -> None:
    assert of(rows(T, tip_height_m=lambda t: 0.4e-9))["growth_start_s"] is None


def test_a_tip_that_starts_high_starts_at_once() -> None:
    assert of(rows(T, tip_height_m=lambda t: 0.6e-9))["growth_start_s"] == 0.0


# --- gamma ----------------------------------------------------------------------------------------


def _growing(**changes: Callable[[np.ndarray], Any]) -> list[Row]:
    """Height 5 nm at 1 s; the radius grows faster than the tip after 2 s."""
    columns = {
        "tip_height_m": lambda t: 5e-9 * t,
        "tip_rate_m_per_s": lambda t: np.exp(-(t - 2.0)),
        "radius_rate_m_per_s": lambda t: np.exp(t - 2.0),
    }
    return rows(T + 0.005, **(columns | changes))


def test_gamma_is_where_the_radius_overtakes_the_tip() -> None:
    assert of(_growing())["gamma_s"] == pytest.approx(2.0, abs=1e-6)


def test_gamma_comes_after_half_height() -> None:
    """An early spell of sideways growth, below half height, does not count."""
    series = _growing(radius_rate_m_per_s=lambda t: np.where(t < 0.8, 1e3, np.exp(t - 2.0)))
    assert of(series)["gamma_s"] == pytest.approx(2.0, abs=1e-6)


def test_gamma_is_at_half_height_when_the_radius_is_faster_already() -> None:
    series = _growing(radius_rate_m_per_s=lambda t: 1e3)
    assert of(series)["gamma_s"] == pytest.approx(1.0, abs=0.02)


def test_no_gamma_below_half_height_or_while_the_tip_is_faster() -> None:
    assert of(_growing(tip_height_m=lambda t: 4.9e-9))["gamma_s"] is None
    assert of(_growing(radius_rate_m_per_s=lambda t: 0.0 * t))["gamma_s"] is None


def test_gamma_is_found_when_the_tip_stands_still() -> None:
    series = _growing(tip_rate_m_per_s=lambda t: np.where(t < 1.5, 1e3, 0.0))
    assert of(series)["gamma_s"] == pytest.approx(1.5, abs=0.02)


# --- upsilon and lambda ---------------------------------------------------------------------------


def _limited(stop: float = 3.0, **changes: Callable[[np.ndarray], Any]) -> list[Row]:
    """The current reaches 0.97 of the compliance at 1.5 s; the radius stands after ``stop``."""
    columns = {
        "applied_voltage_V": triangle,
        "cell_voltage_V": lambda t: 0.5 * triangle(t),
        "current_A": lambda t: np.minimum(0.97e-3 * np.exp(20 * (t - 1.5)), 1e-3),
        "radius_max_m": lambda t: np.full_like(t, 3e-9),
        "radius_rate_m_per_s": lambda t: 3e-9 / np.maximum(t, 0.1) * 0.03 * np.exp(stop - t),
    }
    return rows(T, **(columns | changes))


def test_upsilon_is_at_97_percent_of_the_compliance() -> None:
    assert of(_limited())["upsilon_s"] == pytest.approx(1.5, abs=1e-9)


def test_lambda_is_where_the_radius_stands_still_on_a_logarithmic_clock() -> None:
    found = of(_limited(stop=3.004))["lambda_s"]
    assert found == pytest.approx(3.004, abs=1e-4)


def test_lambda_comes_after_upsilon() -> None:
    """Before it grows at all the radius stands still, too."""
    found = of(_limited(stop=1.2))
    assert found["lambda_s"] == pytest.approx(found["upsilon_s"], abs=0.011)
    assert found["lambda_s"] >= found["upsilon_s"]


def test_without_a_limiter_upsilon_and_lambda_do_not_exist() -> None:
    found = of(_limited(), compliance=None)
    assert found["upsilon_s"] is None
    assert found["lambda_s"] is None


def test_a_run_that_does_not_reach_its_compliance_has_no_upsilon() -> None:
    found = of(_limited(current_A=lambda t: 0.96e-3 + 0.0 * t))
    assert found["upsilon_s"] is None
    assert found["lambda_s"] is None


def test_a_run_cut_short_has_no_lambda() -> None:
    series = _limited(stop=3.0)[:251]
    assert of(series)["upsilon_s"] is not None
    assert of(series)["lambda_s"] is None


# --- resistances, extremes, energy ----------------------------------------------------------------


def test_resistance_is_read_where_the_falling_ramp_passes_the_voltage_of_lambda() -> None:
    """Lambda on the rising ramp at 1.704 V: read again on the way down, at 2.296 s."""
    series = _limited(stop=1.704, cell_voltage_V=lambda t: 0.1 * t * triangle(t))
    assert of(series)["lambda_s"] == pytest.approx(1.704, abs=1e-4)
    assert of(series)["lrs_ohm"] == pytest.approx(0.1 * 2.296 * 1.704 / 1e-3, rel=1e-3)


def test_resistance_is_read_at_lambda_itself_on_the_way_down() -> None:
    series = _limited(stop=3.004)
    assert of(series)["lrs_ohm"] == pytest.approx(0.5 * 0.996 / 1e-3, rel=1e-3)


def test_resistance_is_read_at_the_end_of_the_drive_without_lambda() -> None:
    series = _limited(current_A=lambda t: 1e-6 * np.ones_like(t))[:-1]
    assert of(series)["lrs_ohm"] == pytest.approx(0.5 * 0.01 / 1e-6, rel=1e-9)


def test_a_cell_that_never_conducts_has_no_resistance() -> None:
    found = of(rows(T, applied_voltage_V=triangle, cell_voltage_V=triangle))
    assert found["lrs_ohm"] is None
    assert found["filament_resistance_3p5uA_ohm"] is None
    assert found["set_energy_J"] == 0.0


def test_filament_resistance_is_taken_at_3p5_microampere() -> None:
    series = rows(
        T + 0.005,
        current_A=lambda t: 1e-7 * np.exp(2 * t),
        filament_resistance_ohm=lambda t: 1e3 * t,
    )
    assert of(series)["filament_resistance_3p5uA_ohm"] == pytest.approx(
        1e3 * np.log(35.0) / 2, rel=1e-9
    )


def test_extremes_are_those_of_the_whole_run() -> None:
    series = rows(
        T,
        temperature_max_K=lambda t: 300.0 + 100.0 * np.sin(np.pi * t / 4),
        gap_min_m=lambda t: 1e-10 * (1 + (t - 1) ** 2),
        radius_max_m=lambda t: 1e-9 * (3 - abs(t - 3)),
    )
    found = of(series)
    assert found["temperature_max_K"] == pytest.approx(400.0)
    assert found["gap_min_m"] == pytest.approx(1e-10)
    assert found["radius_max_m"] == pytest.approx(3e-9)


def test_set_energy_is_the_work_on_the_cell() -> None:
    series = rows(T, cell_voltage_V=lambda t: 0.7 + 0 * t, current_A=lambda t: 1e-6 * t)
    assert of(series)["set_energy_J"] == pytest.approx(0.7 * 1e-6 * 8.0, rel=1e-9)


def test_set_energy_counts_until_the_voltage_leaves_its_largest_value() -> None:
    def held(t: np.ndarray) -> np.ndarray:
        return np.clip(np.minimum(t, 4.0 - t), 0.0, 1.0)  # 1 V from 1 s to 3 s

    for applied, end in ((triangle, 2.0), (held, 3.0)):
        series = rows(T, applied_voltage_V=applied, cell_voltage_V=lambda t: 0.7 + 0 * t,
                      current_A=lambda t: 1e-6 * t)  # fmt: skip
        assert of(series)["set_energy_J"] == pytest.approx(0.35e-6 * end**2, rel=1e-9)


def test_a_run_that_ends_early_has_no_low_resistance_state() -> None:
    series = rows(T[:100], applied_voltage_V=triangle, cell_voltage_V=lambda t: 0.5 + 0 * t,
                  current_A=lambda t: 1e-4 + 0 * t)  # fmt: skip
    assert marks(series, OXIDE, COMPLIANCE, driven=True)["lrs_ohm"] == pytest.approx(5e3)
    assert marks(series, OXIDE, COMPLIANCE, driven=False)["lrs_ohm"] is None


def test_one_row_has_marks() -> None:
    found = of(rows([0.0], radius_max_m=lambda t: 0.256e-9, tip_height_m=lambda t: 0.256e-9))
    assert found["radius_max_m"] == 0.256e-9
    assert found["gamma_s"] is None
    assert found["set_energy_J"] == 0.0


def test_all_marks_of_the_contract_are_there() -> None:
    assert list(of(_limited())) == [
        "growth_start_s", "gamma_s", "upsilon_s", "lambda_s", "temperature_max_K", "gap_min_m",
        "radius_max_m", "lrs_ohm", "filament_resistance_3p5uA_ohm", "set_energy_J",
    ]  # fmt: skip


# --- shares and regimes ---------------------------------------------------------------------------

LAW = SimmonsLinear(0.42, 3.7 * 1.602176634e-19, 0.5)


def channel(
    gap: float = 0.5e-9, voltage: float = 1.5, temperature: float = 300.0, area: float = 1e-18
) -> Channel:
    """Return a channel whose current is its density times an area (m²)."""
    density = float(LAW.conductance_per_area(gap, voltage, temperature)) * voltage
    return Channel(gap, voltage, temperature, density, density * area)


def test_shares_add_up_to_the_change_of_the_logarithm_of_the_current() -> None:
    old, new = channel(0.5e-9, 1.5, 300, 1e-18), channel(0.45e-9, 1.4, 350, 2e-18)
    parts = shares(LAW, old, new)
    assert sum(parts.values()) == pytest.approx(np.log(new.current / old.current), rel=1e-12)
    assert parts["area"] == pytest.approx(np.log(2.0), rel=1e-12)
    assert parts["voltage"] == pytest.approx(np.log(1.4 / 1.5), rel=1e-12)
    assert parts["temperature"] == pytest.approx(0.0, abs=1e-12)


def test_shares_do_not_depend_on_the_direction() -> None:
    old, new = channel(), channel(0.4e-9, 1.2, 400, 3e-18)
    forth, back = shares(LAW, old, new), shares(LAW, new, old)
    for name, value in forth.items():
        assert back[name] == pytest.approx(-value, rel=1e-12, abs=1e-12)


def names(channels: list[Channel]) -> list[str]:
    tracker = RegimeTracker(LAW)
    return [tracker(each)[0] for each in channels]


GAPS = [channel(gap=g) for g in np.linspace(0.5e-9, 0.4e-9, 6)]
AREAS = [channel(gap=0.4e-9, area=a) for a in np.geomspace(1e-18, 1e-16, 6)]
AGAIN = [channel(gap=g, area=1e-16) for g in np.linspace(0.4e-9, 0.3e-9, 6)]


def test_a_closing_gap_is_regime_a() -> None:
    assert names(GAPS) == [""] + ["A"] * 5


def test_widening_is_regime_b_and_the_gap_after_it_regime_c() -> None:
    found = names([*GAPS, *AREAS[1:], *AGAIN[1:]])
    assert found[0] == ""
    assert sorted(set(found[1:]), key=found.index) == ["A", "B", "C"]
    assert found[-1] == "C"
    assert "A" not in found[found.index("B") :]


def test_heat_or_voltage_alone_name_no_regime() -> None:
    assert names([channel(voltage=v) for v in (1.0, 1.5, 2.0)]) == ["", "", ""]


def test_a_falling_current_names_no_regime() -> None:
    assert names(GAPS[::-1]) == [""] * 6
    assert names([GAPS[2]] * 3) == [""] * 3


def test_currents_below_the_resolution_name_no_regime() -> None:
    faint = [channel(gap=g, area=1e-18) for g in (2.0e-9, 1.95e-9, 1.9e-9)]
    assert faint[-1].current < 1e-12
    assert names(faint) == [""] * 3


def test_one_jittering_step_does_not_change_the_label() -> None:
    """Within a window of 0.3 in ln I the trend counts, not the single step."""
    steps = [channel(gap=g) for g in np.linspace(0.5e-9, 0.48e-9, 21)]
    wobble = channel(gap=steps[10].gap, area=1.02e-18)
    assert set(names([*steps[:11], wobble, *steps[11:]])[2:]) <= {"A", ""}
    assert "B" not in names([*steps[:11], wobble])


def test_without_tunnelling_there_is_no_regime() -> None:
    tracker = RegimeTracker(NoTunnelling())
    for current in (1e-9, 2e-9, 3e-9):
        name, parts = tracker(Channel(1e-9, 1.0, 300.0, 0.0, current))
        assert name == ""
        assert set(parts.values()) == {0.0}


def test_intervals_join_consecutive_steps_of_one_regime() -> None:
    series = rows(range(8), applied_voltage_V=lambda t: 0.1 * t)
    labels = ["", "A", "A", "", "B", "B", "C", ""]
    series = [Row(**{**_as_dict(row), "regime": label}) for row, label in zip(
        series, labels, strict=True)]  # fmt: skip
    found = regime_intervals(series)
    assert [(i["regime"], i["start_s"], i["end_s"]) for i in found] == [
        ("A", 0.0, 2.0), ("B", 3.0, 5.0), ("C", 5.0, 6.0),
    ]  # fmt: skip
    assert found[1]["start_V"] == pytest.approx(0.3)
    assert found[1]["end_V"] == pytest.approx(0.5)


def _as_dict(row: Row) -> dict[str, Any]:
    return {f.name: getattr(row, f.name) for f in fields(Row)}


def test_no_rows_have_no_intervals() -> None:
    assert regime_intervals([]) == []


def _cycles(t: np.ndarray) -> np.ndarray:
    """Return two bipolar cycles of 8 s: up to 2 V, down to -1 V, back."""
    return np.interp(
        np.mod(t, 8.0), (0.0, 2.0, 4.0, 5.0, 6.0, 8.0), (0.0, 2.0, 0.0, -1.0, 0.0, 0.0)
    )


def test_marks_of_the_first_set_stay_what_they_are_in_later_cycles() -> None:
    time = np.linspace(0.0, 16.0, 1601)
    columns = {
        "applied_voltage_V": _cycles,
        "cell_voltage_V": lambda t: 0.5 * _cycles(t),
        "current_A": lambda t: np.where(_cycles(t) < 0.5, 1e-5 * _cycles(t), 1e-3),
        "radius_max_m": lambda t: np.full_like(t, 3e-9),
        "radius_rate_m_per_s": lambda t: np.where(t < 1.0, 1.0, 0.0),
    }
    twice = of(rows(time, **columns))
    once = of(rows(time[:401], **columns))
    assert twice["set_energy_J"] == once["set_energy_J"]
    assert twice["set_energy_J"] == pytest.approx(0.5e-3 * (4.0 - 0.25) / 2.0, rel=2e-2)
    assert twice["lrs_ohm"] == once["lrs_ohm"] is not None


def test_a_state_after_a_reset_is_no_low_resistance() -> None:
    """Without Lambda the end of the drive counts, and no warning where no current flows."""
    time = np.linspace(0.0, 6.0, 601)
    series = rows(time, applied_voltage_V=_cycles, cell_voltage_V=_cycles,
                  current_A=lambda t: 1e-6 * _cycles(t))  # fmt: skip
    assert of(series)["lrs_ohm"] is None
    assert of(series[:401])["lrs_ohm"] == pytest.approx(1e6)


def test_a_run_of_reset_polarity_has_no_set_energy() -> None:
    series = rows(T, applied_voltage_V=lambda t: -triangle(t), current_A=lambda t: -1e-6 * t)
    assert of(series)["set_energy_J"] is None


def test_the_energy_of_a_train_ends_with_the_pulse_that_sets() -> None:
    """Pulses of 1 V and 1 s every 2 s; the limit is reached in the third of four."""
    time = np.linspace(0.0, 8.0, 801)

    def pulses(t: np.ndarray) -> np.ndarray:
        return np.where(np.mod(t, 2.0) < 1.0, 1.0, 0.0)

    series = rows(time, applied_voltage_V=pulses, cell_voltage_V=pulses,
                  current_A=lambda t: pulses(t) * np.where(t < 4.5, 1e-4, 1e-3))  # fmt: skip
    assert of(series)["set_energy_J"] == pytest.approx(2 * 1e-4 + 0.5e-4 + 0.5e-3, rel=0.02)
