"""Cycles of synthetic rows whose answers are known, and reads that change nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import frozen_cells
import numpy as np
import pandas as pd
import pytest
from mpi4py import MPI

from tusk.solver.errors import InputError
from tusk.solver.models.filament.cycles import PLAIN, Cycle, Cycles, spread
from tusk.solver.models.filament.observables import Row
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import build_control, build_setting, build_simulation
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Hold, Pulse, Ramp, Repeat, Triangle

BLANK = {f.name: "" if f.name == "regime" else 0.0 for f in fields(Row)}
LOW, HIGH = 1e3, 1e6


def bipolar(time: float) -> float:
    """Return cycles of 6 s: up to 2 V and down to -1 V at 1 V/s."""
    return float(np.interp(time % 6.0, (0.0, 2.0, 4.0, 5.0, 6.0), (0.0, 2.0, 0.0, -1.0, 0.0)))


def resistance(time: float) -> float:
    """Return that of a cell that is set at 1.5 V and reset at -0.6 V."""
    return LOW if 1.5 <= time % 6.0 < 4.6 else HIGH


def followed(
    cycles: Cycles, times: Sequence[float], drive: Callable[[float], float] = bipolar
) -> list[Cycle]:
    found = []
    for time in times:
        applied, ohm = drive(time), resistance(time)
        row = Row(**{**BLANK, "time_s": time, "applied_voltage_V": applied,
                     "cell_voltage_V": applied, "current_A": applied / ohm,
                     "radius_max_m": 1e-9 * (1.0 + time), "gap_min_m": 1e-9 / (1.0 + time),
                     "temperature_max_K": 300.0 + abs(applied)})  # fmt: skip
        if time == 0.0:
            cycles.begin(row, PLAIN)
        else:
            found += cycles.follow(row, PLAIN, time == 12.0, lambda ohm=ohm: ohm)
    return found


TIMES = np.linspace(0.0, 12.0, 1201)


def test_each_cycle_has_its_voltages_states_and_energies() -> None:
    first, second = followed(Cycles(), TIMES)
    assert (first.cycle, first.start_s, first.end_s) == (1, 0.0, pytest.approx(6.0))
    assert (second.cycle, second.end_s) == (2, 12.0)
    for cycle in (first, second):
        assert cycle.set_voltage_V == pytest.approx(1.5, abs=0.011)
        assert cycle.current_max_A == pytest.approx(2.0 / LOW)
        assert cycle.reset_voltage_V == pytest.approx(-0.6, abs=0.011)
        assert cycle.reset_current_A == pytest.approx(-0.6 / LOW, abs=1.1e-5)
        assert (cycle.lrs_ohm, cycle.hrs_ohm) == (LOW, HIGH)
        work = (8.0 - 1.5**3) / 3.0 + 8.0 / 3.0  # of V^2 over R = 1 kohm, up and down
        assert cycle.set_energy_J == pytest.approx(work / LOW, rel=0.01)
        assert cycle.reset_energy_J == pytest.approx(0.6**3 / 3.0 / LOW, rel=0.03)
        assert cycle.temperature_max_K == 302.0
    assert (first.radius_max_m, second.radius_max_m) == pytest.approx((7e-9, 13e-9))
    assert second.gap_end_m == second.gap_min_m == pytest.approx(1e-9 / 13.0)
    assert spread([first, second])["count"] == 2
    mean = spread([first, second])["gap_min_m"]
    assert mean["mean"] == pytest.approx(1e-9 * (1 / 7 + 1 / 13) / 2)  # type: ignore[index]


def test_cycles_continue_from_any_row() -> None:
    whole = followed(Cycles(), TIMES)
    for cut in (3, 450, 600, 601, 900):
        cycles = Cycles()
        followed(cycles, TIMES[:cut])
        again = Cycles(cycles.state())
        followed(again, TIMES[cut:])
        assert again.done == whole


def test_what_does_not_switch_has_no_voltage_of_it() -> None:
    """An ohmic cell neither sets nor resets: its largest currents are at the largest voltages."""
    times = [time for time in TIMES if time <= 6.0]
    cycles = Cycles()
    for time in times:
        applied = bipolar(time)
        row = Row(**{**BLANK, "time_s": time, "applied_voltage_V": applied,
                     "cell_voltage_V": applied, "current_A": applied / LOW})  # fmt: skip
        if time == 0.0:
            cycles.begin(row, PLAIN)
        else:
            cycles.follow(row, PLAIN, time == 6.0, lambda: LOW)
    (cycle,) = cycles.done
    assert np.isnan(cycle.set_voltage_V)
    assert np.isnan(cycle.reset_voltage_V)
    assert cycle.reset_current_A == pytest.approx(-1.0 / LOW)


def turns(drive: Drive) -> list[tuple[int, int]]:
    """Return the turns in the middle of all pieces of a drive."""
    position, offset, found = drive.start(), 0.0, []
    while True:
        corner = drive.next_corner(position, offset)
        if corner == np.inf:
            following = drive.leave(position, offset)
            if following is None:
                return found
            position, offset = following, 0.0
            continue
        found.append(drive.turn(position, 0.5 * (offset + corner)))
        position, offset = drive.settled(position, corner)


def test_turns_of_loops_and_trains_are_told_apart() -> None:
    pulse = Pulse(1.0, 10e-9, 1e-9, 2e-9, 3, 100e-9)
    loop = Repeat(2, (Repeat(2, (Triangle(1.0, 1.0),)), Hold(1.0)))
    found = turns(Drive([Ramp(0.5, 1.0), pulse, loop, Hold(1.0)]))
    assert found == [PLAIN, *[(1, 0)] * 4, *[(1, 1)] * 4, *[(1, 2)] * 4,
                     *[(2, 0)] * 5, *[(2, 1)] * 5, PLAIN]  # fmt: skip


@pytest.mark.parametrize("period", [100e-9, 1e3, 0.1])
def test_a_train_begins_its_next_turn_at_the_end_of_each_period(period: float) -> None:
    drive = Drive([Pulse(1.0, 10e-9, 1e-9, 2e-9, 50, period)])
    position, offset, ends = drive.start(), 0.0, []
    for _ in range(4 * 49):
        position, offset = drive.settled(position, drive.next_corner(position, offset))
        ends.append(drive.turn(position, offset)[1])
    assert ends == [turn for k in range(49) for turn in (k, k, k, k + 1)]


PULSES = ("drive=[{repeat: {count: 2, steps: [{pulse: {amplitude: 1.2 V, width: 5 ns, rise: 1 ns, "
          "fall: 1 ns}}, {pulse: {amplitude: -1 V, width: 5 ns, rise: 1 ns, fall: 1 ns}}]}}]",
          "stepping.voltage_step=null")  # fmt: skip


def test_reads_change_nothing_and_are_those_of_a_solve(tmp_path: Path) -> None:
    written = []
    for name, changes in (("without", ()), ("with", ("output.read_voltage=0.1 V",))):
        directory = tmp_path / name
        directory.mkdir()
        config = frozen_cells.configure(*PULSES, *changes)
        tools, drive = frozen_cells.tools(config), Drive(config.drive)
        setting = build_setting(tools, drive, frozen_cells.narrow(), build_control(config))
        run = FilamentRun(config, Simulation(setting), directory)
        while run.step() is None:
            pass
        written.append((directory / "timeseries.csv").read_bytes())
    assert written[0] == written[1]
    assert pd.read_csv(tmp_path / "without" / "cycles.csv")["lrs_ohm"].isna().all()
    table = pd.read_csv(tmp_path / "with" / "cycles.csv")
    assert list(table.cycle) == [1, 2]
    assert run.summary()["cycles"]["count"] == 2
    last, state = table.iloc[-1], run.simulation.state
    still = frozen_cells.frozen(config, state.shape, 0.1)
    applied, current = 0.1, still.state.current
    assert last.hrs_ohm == pytest.approx(applied / current, rel=0.02)
    assert (table.lrs_ohm < table.hrs_ohm).all()


def test_one_triangle_makes_no_table_of_cycles(tmp_path: Path) -> None:
    config = frozen_cells.configure("drive=[{triangle: {amplitude: 0.1 V, rate: 1e3 V/s}}]")
    run = FilamentRun(config, build_simulation(config, MPI.COMM_SELF), tmp_path)
    while run.step() is None:
        pass
    assert not (tmp_path / "cycles.csv").exists()
    assert run.summary()["cycles"] == {"count": 1}


def test_a_current_source_has_no_voltage_to_read_with() -> None:
    with pytest.raises(InputError, match=r"output.read_voltage: nothing to read with"):
        frozen_cells.configure(
            "source={kind: current}", "drive=[{ramp: {to: 1 nA, rate: 1 nA/s}}]",
            "output.read_voltage=0.1 V",
        )  # fmt: skip
