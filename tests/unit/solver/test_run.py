"""One run: until conditions, physical ends, what is written of each step."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import frozen_cells
import numpy as np
import pandas as pd
import pytest
import pyvista
from mpi4py import MPI

from tusk.meshes.cell import ElectrodeSurface
from tusk.solver.core.saved_run import End
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament import problem
from tusk.solver.models.filament.files import COLUMNS
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import build_control, build_setting, build_simulation
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive

CONTRACT = [
    "time_s", "applied_voltage_V", "cell_voltage_V", "current_A", "gap_min_m", "gap_min_radius_m",
    "gap_axis_m", "tip_height_m", "radius_max_m", "temperature_max_K", "filament_resistance_ohm",
    "tunnel_power_W", "joule_power_W", "ion_current_A", "charge_error", "faraday_error",
    "energy_error", "newton_iterations", "vertices", "regime",
]  # fmt: skip


def run_of(directory: Path, *overrides: str) -> FilamentRun:
    config = frozen_cells.configure(*overrides)
    return FilamentRun(config, build_simulation(config, MPI.COMM_SELF), directory)


def finish(run: FilamentRun, most: int = 200) -> End:
    """Step to the end; close the files."""
    for _ in range(most):
        end = run.step()
        if end is not None:
            run.close()
            return end
    raise AssertionError(f"no end after {most} steps, t = {run.last.time_s} s")


# --- until ----------------------------------------------------------------------------------------


def test_until_ends_a_step_behind_its_condition_within_the_tolerance(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        "drive=[{ramp: {to: 1.5 V, rate: 1000 V/s}, until: {quantity: applied_voltage_V, "
        "above: 0.3 V}}, {hold: {for: 0.1 ms}}]",
    )
    while run.simulation.state.position.step_index == 0:
        assert run.step() is None
    landed = run.last
    assert 0.3 < landed.applied_voltage_V < 0.3 + 2e-3 * 0.05
    before = run.rows[-2].applied_voltage_V
    assert before < 0.3
    position = run.simulation.state.position
    assert position.start_time == landed.time_s
    assert position.start_value == pytest.approx(landed.applied_voltage_V)
    assert finish(run) == End("finished", "drive_done")
    assert run.last.applied_voltage_V == pytest.approx(landed.applied_voltage_V)
    assert run.last.time_s == pytest.approx(landed.time_s + 1e-4, rel=1e-9)
    times = [row.time_s for row in run.rows]
    assert np.all(np.diff(times) > 0)
    assert run.simulation.counters.accepted == len(run.rows) - 1


def test_until_lands_on_a_quantity_of_the_solution(tmp_path: Path) -> None:
    height = 0.3e-9
    run = run_of(
        tmp_path,
        "drive=[{ramp: {to: 1.2 V, rate: 1e4 V/s}}, {hold: {for: 1 s}, "
        f"until: {{quantity: tip_height_m, above: {height * 1e9} nm}}}}]",
    )
    assert finish(run) == End("finished", "drive_done")
    last, before = run.rows[-1], run.rows[-2]
    assert before.tip_height_m < height < last.tip_height_m
    step = last.tip_height_m - before.tip_height_m
    assert last.tip_height_m - height < 2e-3 * step + 1e-3 * 0.12e-9
    assert last.time_s < 1.0


def test_an_until_that_is_not_reached_does_not_matter(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        "drive=[{ramp: {to: 0.2 V, rate: 1000 V/s}, until: {quantity: current_A, above: 1 A}}]",
    )
    assert finish(run) == End("finished", "drive_done")
    assert run.last.applied_voltage_V == pytest.approx(0.2)
    assert run.progress() == 1.0


def test_until_below_waits_for_the_fall(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        "drive=[{ramp: {to: 0.2 V, rate: 1000 V/s}}, {ramp: {to: 0 V, rate: 1000 V/s}, "
        "until: {quantity: applied_voltage_V, below: 0.05 V}}]",
    )
    assert finish(run) == End("finished", "drive_done")
    assert 0.05 - 2e-3 * 0.05 < run.last.applied_voltage_V < 0.05


# --- physical ends --------------------------------------------------------------------------------


def test_a_gap_that_closes_ends_the_run_with_its_reason(tmp_path: Path) -> None:
    """Without dissolution of the electrode the filament reaches it (a thin oxide, to be quick)."""
    run = run_of(
        tmp_path,
        "stack.oxide_thickness=1 nm",
        "void.dissolution_ratio=0",
        "mesh.minimum_gap=0.1 nm",
        "drive=[{ramp: {to: 1.2 V, rate: 1e4 V/s}}, {hold: {for: 10 s}}]",
        "output.fields_every=1000",
    )
    assert finish(run) == End("finished", "gap_closed")
    assert run.last.gap_min_m <= 0.1e-9
    assert run.rows[-2].gap_min_m > 0.1e-9
    table = pd.read_csv(tmp_path / "timeseries.csv")
    assert len(table) == len(run.rows)
    assert table.gap_min_m.iloc[-1] == run.last.gap_min_m
    times = pyvista.get_reader(tmp_path / "fields.pvd").time_values
    assert times == [0.0, run.last.time_s]


def test_a_used_up_electrode_ends_the_run(tmp_path: Path) -> None:
    config = frozen_cells.configure("void.dissolution_ratio=1")
    shape = Shape(frozen_cells.spike(9.6, 0.6, 1.2), ElectrodeSurface(1.0))
    run = FilamentRun(config, frozen_cells.moving(config, shape, 0.5), tmp_path)
    assert run.step() == End("finished", "electrode_exhausted")
    assert run.last.gap_min_m == pytest.approx(10e-9, rel=1e-6)


# --- what is written ------------------------------------------------------------------------------


def test_columns_are_those_of_the_contract_and_more() -> None:
    assert list(COLUMNS[: len(CONTRACT)]) == CONTRACT


def test_every_step_is_on_disk_when_it_is_done(tmp_path: Path) -> None:
    run = run_of(tmp_path, "output.fields_every=2")
    for count in range(1, 5):
        run.step()
        table = pd.read_csv(tmp_path / "timeseries.csv")
        assert len(table) == count + 1
        assert table.time_s.iloc[-1] == run.last.time_s
        curves = pd.read_csv(tmp_path / "filament.csv")
        assert sorted(curves.time_s.unique()) == sorted(table.time_s)
    run.close()
    curve = curves[curves.time_s == run.last.time_s][["r_m", "z_m"]].to_numpy()
    assert curve == pytest.approx(run.simulation.state.shape.curve * 1e-9, rel=1e-12)
    times = pyvista.get_reader(tmp_path / "fields.pvd").time_values
    assert times == [run.rows[k].time_s for k in (0, 2, 4)]


def test_what_is_thinned_out_changes_nothing_else(tmp_path: Path) -> None:
    """Rows, curves and fields of some steps, each as without; extremes and ledgers of all."""
    every, some = tmp_path / "every", tmp_path / "some"
    thinned = ("output.rows_every=4", "output.curves_every=5", "output.fields_every=null")
    summaries = []
    for directory, changes in ((every, ()), (some, thinned)):
        directory.mkdir()
        run = run_of(directory, "drive=[{triangle: {amplitude: 0.35 V, rate: 1e3 V/s}}]", *changes)
        finish(run)
        summaries.append(run.summary())
    full, kept = (pd.read_csv(d / "timeseries.csv", dtype=str) for d in (every, some))
    corner = int(np.argmax(full.applied_voltage_V.astype(float)))
    expected = sorted({*range(0, len(full), 4), corner, len(full) - 1})
    assert 5 < len(expected) < len(full)
    assert kept.to_csv() == full.iloc[expected].reset_index(drop=True).to_csv()
    curves = pd.read_csv(some / "filament.csv").time_s.unique()
    times = full.time_s.astype(float).to_numpy()
    assert list(curves) == list(times[sorted({*range(0, len(full), 5), len(full) - 1})])
    assert pyvista.get_reader(some / "fields.pvd").time_values == [times[0], times[-1]]
    assert summaries[1]["ledgers"] == summaries[0]["ledgers"]
    names = ("temperature_max_K", "gap_min_m", "radius_max_m")
    assert [summaries[1]["marks"][n] for n in names] == [summaries[0]["marks"][n] for n in names]


def test_a_leap_of_the_drive_is_one_step_to_the_same_state(tmp_path: Path) -> None:
    """A pulse of 1.5 V with edges of 1 ns: 50 mV at a time, and as long as nothing moves."""
    pulse = "drive=[{pulse: {amplitude: 1.5 V, width: 20 ns, rise: 1 ns, fall: 1 ns}}]"
    found = []
    for name, changes in (("steps", ()), ("leaps", ("stepping.voltage_step=null",))):
        directory = tmp_path / name
        directory.mkdir()
        config = frozen_cells.configure(pulse, *changes)
        tools, drive = frozen_cells.tools(config), Drive(config.drive)
        setting = build_setting(tools, drive, frozen_cells.narrow(), build_control(config))
        run = FilamentRun(config, Simulation(setting), directory)
        finish(run)
        found.append(run)
    steps, leaps = found
    assert len(steps.rows) > 60
    assert len(leaps.rows) < 30
    assert [row.applied_voltage_V for row in leaps.rows[:2]] == [0.0, 1.5]
    for name in ("gap_min_m", "radius_max_m"):
        one, other = getattr(steps.last, name), getattr(leaps.last, name)
        assert other == pytest.approx(one, rel=1e-3)
    assert max(row.faraday_error for row in leaps.rows) < 2e-3


def test_until_watches_the_resistance_of_the_cell(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        "stack.oxide_thickness=1 nm",
        "drive=[{ramp: {to: 1.2 V, rate: 1e4 V/s}}, {hold: {for: 1 s}, "
        "until: {quantity: cell_resistance_ohm, below: 1 Mohm}}]",
    )
    assert finish(run) == End("finished", "drive_done")
    last, before = run.rows[-1], run.rows[-2]
    assert last.cell_voltage_V / last.current_A < 1e6
    assert before.cell_voltage_V / before.current_A > 1e6
    assert last.time_s < 1.0


def test_a_run_repeats_bit_for_bit(tmp_path: Path) -> None:
    """Meshes, solves and steps depend on nothing but the configuration."""
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        config = frozen_cells.configure()
        simulation = frozen_cells.moving(config, frozen_cells.narrow(), 1.6)
        run = FilamentRun(config, simulation, tmp_path / name)
        for _ in range(8):
            run.step()
        assert simulation.counters.meshes > 1
        written.append([(tmp_path / name / file).read_bytes()
                        for file in ("timeseries.csv", "filament.csv")])  # fmt: skip
    assert written[0] == written[1]


def test_fields_are_written_at_the_currents_asked_for(tmp_path: Path) -> None:
    config = frozen_cells.configure("output.fields_every=1000",
                                    "output.fields_at_currents=[1 uA, 1 A]")  # fmt: skip
    simulation = frozen_cells.moving(config, frozen_cells.narrow(), 1.0)
    run = FilamentRun(config, simulation, tmp_path)
    assert run.rows[0].current_A > 1e-6
    for _ in range(3):
        run.step()
    assert pyvista.get_reader(tmp_path / "fields.pvd").time_values == [0.0]
    run.close()
    assert pyvista.get_reader(tmp_path / "fields.pvd").time_values == [0.0, run.last.time_s]


def test_fields_between_two_steps_land_on_the_current_and_change_nothing(tmp_path: Path) -> None:
    written = []
    for wanted in ("[1 A]", "[7.35 uA]"):
        directory = tmp_path / wanted
        directory.mkdir()
        config = frozen_cells.configure("output.fields_every=1000",
                                        f"output.fields_at_currents={wanted}")  # fmt: skip
        run = FilamentRun(
            config, frozen_cells.moving(config, frozen_cells.narrow(), 1.0), directory
        )
        while run.last.current_A < 7.4e-6:
            run.step()
        written.append((directory / "timeseries.csv").read_bytes())
    assert written[0] == written[1]
    before, after = next(
        pair for pair in pairwise(run.rows) if pair[0].current_A < 7.35e-6 <= pair[1].current_A
    )
    share = (7.35e-6 - before.current_A) / (after.current_A - before.current_A)
    reader = pyvista.get_reader(directory / "fields.pvd")
    when = reader.time_values[1]
    assert when == pytest.approx(before.time_s + share * (after.time_s - before.time_s), rel=1e-12)
    reader.set_active_time_value(when)
    highest = float(reader.read()[0]["temperature_K"].max())
    ends = sorted((before.temperature_max_K, after.temperature_max_K))
    assert ends[0] < highest < ends[1]


def test_without_drive_no_energy_is_out_of_balance(tmp_path: Path) -> None:
    """Round-off over round-off: it was 5.7e14 in the first row."""
    run = run_of(tmp_path)
    assert run.rows[0].applied_voltage_V == 0.0
    assert run.rows[0].energy_error == 0.0
    run.step()
    assert run.rows[1].energy_error > 0.0
    run.close()


def test_a_summary_has_marks_regimes_ledgers_and_counters(tmp_path: Path) -> None:
    run = run_of(tmp_path)
    run.step()
    summary = run.summary()
    assert set(summary) >= {"marks", "regimes", "ledgers", "counters"}
    assert summary["marks"]["gamma_s"] is None
    assert summary["counters"]["accepted"] == 1
    assert summary["ledgers"]["charge_error_max"] < 1e-6
    run.close()


def test_transient_heat_lags_behind_a_pulse(tmp_path: Path) -> None:
    """A pulse of 0.2 ns: the gap heats within picoseconds, the last heat leaves after the pulse."""
    config = frozen_cells.configure(
        "thermal.model=transient",
        "stepping.first_step=1e-12 s",
        "drive=[{pulse: {amplitude: 1 V, width: 0.2 ns, rise: 20 ps, fall: 20 ps, count: 1, "
        "period: 0.5 ns}}]",
    )
    drive, control = Drive(config.drive), build_control(config)
    tools, shape = frozen_cells.tools(config, MPI.COMM_SELF), frozen_cells.narrow()
    simulation = Simulation(build_setting(tools, drive, shape, control))
    run = FilamentRun(config, simulation, tmp_path)
    assert finish(run) == End("finished", "drive_done")
    time, rise, voltage = (
        np.array([getattr(row, name) for row in run.rows])
        for name in ("time_s", "temperature_max_K", "applied_voltage_V")
    )
    rise -= 300.0
    top = np.isclose(voltage, 1.0)
    assert rise[top][0] < 0.97 * rise.max()
    assert rise[top][-1] == pytest.approx(rise.max(), rel=0.01)
    after = np.argmin(np.abs(time - 0.24e-9))
    assert abs(voltage[after]) < 1e-9
    assert 0.005 * rise.max() < rise[after] < 0.1 * rise.max()
    assert rise[-1] < 1e-3 * rise.max()
    settled = rise > 1e-3 * rise.max()
    errors = np.array([row.heat_error for row in run.rows])
    assert errors[settled].max() < 1e-6


def test_a_leap_that_balances_nothing_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newton's method from afar once ended with a power of 1e75: the leap is halved instead."""
    errors = iter([5.4e74])
    monkeypatch.setattr(problem, "electrical_balance", lambda *_at: next(errors, 0.0))
    monkeypatch.setattr(problem, "JUDGED_CURRENT", 0.0)
    run = run_of(tmp_path, "drive=[{ramp: {to: 1 V, rate: 1e9 V/s}}]", "stepping.voltage_step=null")
    finish(run)
    applied = [row.applied_voltage_V for row in run.rows]
    assert applied[:2] == [0.0, pytest.approx(0.5)]
    assert applied[-1] == pytest.approx(1.0)
    assert run.simulation.counters.rejected == 1


def test_overpotentials_are_no_more_than_what_is_applied(tmp_path: Path) -> None:
    run = run_of(
        tmp_path, "drive=[{ramp: {to: 0.5 V, rate: 1e6 V/s}}]", "output.overpotentials=true"
    )
    finish(run)
    table = pd.read_csv(tmp_path / "overpotentials.csv")
    assert list(table.time_s) == [row.time_s for row in run.rows]
    spent = (table.charge_transfer_V + table.hopping_V).to_numpy()[1:]
    applied = np.array([row.cell_voltage_V for row in run.rows])[1:]
    assert spent == pytest.approx(applied, rel=1e-6)
    assert set(table.limited_by[1:]) <= {"charge_transfer", "mixed", "hopping"}
