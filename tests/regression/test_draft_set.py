"""The 1 mA SET on the draft mesh: marks in wide bands, ledgers, complete and readable files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.solver.config import load_config

COMPLIANCE = 1e-3

CURRENTS = (3.5e-6, 100e-6, 603e-6, 970e-6)
"""Currents (A) at which the shipped config asks for fields."""


@pytest.fixture(scope="session")
def run(make_run):
    """One draft run for all tests of this module."""
    return make_run("draft", "1mA", "mesh.preset=draft")


# --- what came out --------------------------------------------------------------------------------


def test_the_drive_was_run_to_its_end(run) -> None:
    assert (run.summary["status"], run.summary["reason"]) == ("finished", "drive_done")
    assert run.table.time_s.iloc[-1] == 4.0
    assert run.table.applied_voltage_V.iloc[-1] == pytest.approx(0.0, abs=1e-12)
    assert 2.0 in set(run.table.time_s)  # the corner of the triangle
    assert np.all(np.diff(run.table.time_s) > 0)


@pytest.mark.parametrize(
    ("mark", "value", "band"),
    [
        ("growth_start_s", 1.122, 0.05),
        ("gamma_s", 1.679, 0.03),
        ("upsilon_s", 1.778, 0.03),
        ("temperature_max_K", 850.0, 0.118),
    ],
)
def test_marks_lie_in_wide_bands(run, mark: str, value: float, band: float) -> None:
    assert run.marks[mark] == pytest.approx(value, rel=band)


def test_other_marks_are_of_the_right_order(run) -> None:
    marks = run.marks
    assert 0.08 < marks["upsilon_s"] - marks["gamma_s"] < 0.13
    assert 0.05e-9 < marks["gap_min_m"] < 0.4e-9
    assert 2.5e-9 < marks["radius_max_m"] < 4.5e-9
    assert 500 < marks["lrs_ohm"] < 1500
    assert 500 < marks["filament_resistance_3p5uA_ohm"] < 20_000
    assert 1e-4 < marks["set_energy_J"] < 2e-3
    assert marks["lambda_s"] is None or marks["lambda_s"] > marks["upsilon_s"]


def test_marks_agree_with_the_table(run) -> None:
    table, marks = run.table, run.marks
    reached = table.time_s[table.current_A >= 0.97 * COMPLIANCE].iloc[0]
    step = table.time_s.diff()[table.time_s == reached].iloc[0]
    assert reached - step <= marks["upsilon_s"] <= reached
    assert marks["temperature_max_K"] == table.temperature_max_K.max()
    assert marks["gap_min_m"] == table.gap_min_m.min()


def test_regimes_come_in_their_order(run) -> None:
    regimes = [interval["regime"] for interval in run.summary["regimes"]]
    assert regimes[0] == "A"
    assert {"A", "B", "C"} == set(regimes)
    assert regimes.index("A") < regimes.index("B") < regimes.index("C")
    for interval in run.summary["regimes"]:
        assert interval["start_s"] < interval["end_s"]


def test_the_current_obeys_the_load_line(run) -> None:
    table = run.table[run.table.applied_voltage_V >= run.table.cell_voltage_V]
    line = -COMPLIANCE * np.expm1(-(table.applied_voltage_V - table.cell_voltage_V) / 0.05)
    assert np.allclose(table.current_A, line, rtol=1e-6, atol=1e-12)
    assert run.table.current_A.max() <= COMPLIANCE


def test_the_filament_outlives_the_drive(run) -> None:
    """Non-volatile: nothing dissolves on the way down."""
    falling = run.table[run.table.time_s >= 2.0]
    assert falling.tip_height_m.iloc[-1] == pytest.approx(falling.tip_height_m.iloc[0], rel=0.01)
    assert falling.temperature_max_K.iloc[-1] == pytest.approx(300.0, abs=0.1)
    assert np.all(np.diff(falling.temperature_max_K) < 1e-3)


# --- ledgers --------------------------------------------------------------------------------------


def test_ledgers_hold_at_every_step(run) -> None:
    table, ledgers = run.table, run.summary["ledgers"]
    strong = table[table.current_A > 1e-10]
    limits = {"charge": 1e-6, "faraday": 2e-3, "energy": 1e-3, "heat": 1e-3, "tunnel": 5e-3}
    for name, limit in limits.items():
        rows = table if name in ("charge", "faraday") else strong
        worst = rows[f"{name}_error"].max()
        assert worst <= limit, f"{name} error {worst:.3g} at {rows[f'{name}_error'].idxmax()}"
        assert ledgers[f"{name}_error_max"] == pytest.approx(worst)
    assert ledgers["atom_imbalance"] == pytest.approx(-0.95, abs=0.02)  # v* = 0.05


# --- what was written -----------------------------------------------------------------------------


def test_all_files_of_the_contract_are_there(run) -> None:
    directory: Path = run.directory
    for name in (
        "config.resolved.yaml", "run.json", "timeseries.csv", "filament.csv", "fields.pvd",
        "elephant.vtp", "checkpoint/state.h5",
    ):  # fmt: skip
        assert (directory / name).stat().st_size > 0, name
    assert len(list((directory / "figures").glob("*.png"))) >= 4
    left = [p.name for p in directory.rglob("*") if p.name.startswith(".") or ".part" in p.name]
    assert left == []
    assert not (directory / "run.lock").exists()


def test_tables_are_complete(run) -> None:
    table = run.table
    assert len(table) == run.summary["counters"]["accepted"] + 1
    numbers = table.drop(columns=["regime", "filament_resistance_ohm"])
    assert not numbers.isna().any().any()
    assert np.isfinite(numbers.to_numpy(dtype=float)).all()
    assert set(table.regime.dropna()) <= {"A", "B", "C"}
    times = run.curves.time_s.drop_duplicates()
    assert times.to_list() == table.time_s.to_list()
    groups = run.curves.groupby("time_s", sort=False)
    assert (groups.r_m.first() == 0.0).all()  # from the tip on the axis
    assert (groups.z_m.last() == 0.0).all()  # to the contact line
    assert np.allclose(groups.z_m.max(), table.tip_height_m)
    assert np.allclose(groups.r_m.max(), table.radius_max_m)


def test_fields_open_with_the_filament_growing(run) -> None:
    times = run.field_times
    assert times == sorted(times)
    assert times[0] == 0.0
    assert times[-1] == 4.0
    heights = []
    rows = set(run.table.time_s)
    assert len([time for time in times if time not in rows]) == len(CURRENTS)
    solved = [time for time in times if time in rows]
    for time in solved[:: max(1, len(solved) // 6)]:
        grid = run.fields(time)
        row = run.table[run.table.time_s == time].iloc[0]
        assert grid.point_data["temperature_K"].max() == pytest.approx(row.temperature_max_K)
        metal = grid.extract_cells(grid.cell_data["material"] == 2)
        heights.append(metal.bounds[3])
        assert heights[-1] * 1e-9 == pytest.approx(row.tip_height_m, rel=1e-9)
        assert grid.n_points == row.vertices
    assert heights[-1] > 20 * heights[0]


def test_fields_are_there_at_the_currents_asked_for(run) -> None:
    """They lie within the step that reaches the current, on the straight line to it."""
    table = run.table
    for current in CURRENTS:
        k = int(np.flatnonzero(table.current_A >= current)[0])
        time = np.interp(current, table.current_A[k - 1 : k + 1], table.time_s[k - 1 : k + 1])
        assert np.abs(np.array(run.field_times) - time).min() < 1e-12


def test_the_resolved_configuration_repeats_the_run(run) -> None:
    config = load_config(run.directory / "config.resolved.yaml")
    assert config.physics_hash() == run.summary["physics_hash"]
    assert config.mesh.preset == "draft"


def test_the_run_opens_in_the_postprocessor(run) -> None:
    opened = open_run(run.directory)
    pd.testing.assert_frame_equal(opened.timeseries[["time_s"]], run.table[["time_s"]])


def test_what_it_took_is_recorded(run) -> None:
    summary = run.summary
    assert summary["peak_memory_bytes"] < 1e9
    assert {"assembly", "factorisation", "solve", "meshing", "output", "wall"} <= set(
        summary["timings_s"]
    )
    counters = summary["counters"]
    assert counters["accepted"] < 600
    assert counters["failed_solves"] < 0.02 * counters["solves"]
    assert counters["newton_iterations"] < 4 * counters["solves"]
