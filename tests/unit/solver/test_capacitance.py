"""A capacitance beside the cell, against closed forms of a cell that hardly conducts."""

from __future__ import annotations

from pathlib import Path

import frozen_cells
import numpy as np
import pandas as pd
import pytest
from mpi4py import MPI

from tusk.solver import runner
from tusk.solver.errors import InputError
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import build_simulation

TAU = 1e-6  # 1 Mohm times 1 pF
RESISTOR = ("source={kind: resistor, resistance: 1 Mohm}", "circuit.parallel_capacitance=1 pF")


def charged(directory: Path, drive: str, *changes: str) -> pd.DataFrame:
    directory.mkdir(exist_ok=True)
    config = frozen_cells.configure(
        f"drive=[{drive}]", "stepping.voltage_step=null", "output.fields_every=null", *changes
    )
    run = FilamentRun(config, build_simulation(config, MPI.COMM_SELF), directory)
    while run.step() is None:
        pass
    return pd.read_csv(directory / "timeseries.csv")


def exact(time: np.ndarray, rise: float, level: float) -> np.ndarray:
    """Return the voltage behind R C under a ramp that ends at ``rise`` (s) with ``level`` (V)."""
    slope = level / rise

    def ramp(t: np.ndarray) -> np.ndarray:
        t = np.maximum(t, 0.0)
        return slope * (t - TAU * (1.0 - np.exp(-t / TAU)))

    return ramp(time) - ramp(time - rise)


def test_a_bare_cell_charges_through_its_resistor(tmp_path: Path) -> None:
    errors = []
    for name, tolerance in (("coarse", 1e-2), ("fine", 1e-3)):
        table = charged(
            tmp_path / name, "{ramp: {to: 0.2 V, rate: 1e6 V/s}}, {hold: {for: 4 us}}", *RESISTOR,
            f"stepping.tolerance={tolerance}",
        )  # fmt: skip
        expected = exact(table.time_s.to_numpy(), 0.2e-6, 0.2)
        errors.append(float(np.abs(table.cell_voltage_V - expected).max()) / 0.2)
        assert table.charge_error.max() < 1e-6
    assert errors[1] < 0.01
    assert errors[1] < 0.5 * errors[0]


def test_a_current_source_charges_it_before_the_cell_conducts(tmp_path: Path) -> None:
    """A bare nucleus carries nothing: V = k t^2/2C under I = k t, 50 mV after 10 ms."""
    table = charged(
        tmp_path, "{ramp: {to: 0.01 nA, rate: 1 nA/s}}", "source={kind: current}",
        "circuit.parallel_capacitance=1 pF",
    )  # fmt: skip
    expected = 0.5 * 1e-9 * table.time_s**2 / 1e-12
    assert table.cell_voltage_V.iloc[-1] == pytest.approx(0.05, rel=0.02)
    assert np.abs(table.cell_voltage_V - expected).max() < 1e-3
    assert table.current_A.abs().max() < 1e-13


def test_a_charged_run_continues_bit_for_bit(tmp_path: Path) -> None:
    config = frozen_cells.configure(
        "drive=[{ramp: {to: 0.2 V, rate: 1e6 V/s}}, {hold: {for: 1 us}}]", *RESISTOR
    )
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert runner.run_config(config, whole, quiet=True) == runner.FINISHED
    assert runner.run_config(config, cut, quiet=True, max_steps=9) == runner.STOPPED
    assert runner.run_config(config, cut, quiet=True, restart=True) == runner.FINISHED
    assert (cut / "timeseries.csv").read_bytes() == (whole / "timeseries.csv").read_bytes()


def test_it_does_nothing_to_an_imposed_voltage() -> None:
    with pytest.raises(InputError, match=r"circuit.parallel_capacitance: of no effect"):
        frozen_cells.configure("source={kind: none}", "circuit.parallel_capacitance=1 pF")
    frozen_cells.configure(
        "source={kind: none, series_resistance: 50 ohm}", "circuit.parallel_capacitance=1 pF"
    )


def test_null_is_no_part_of_the_physics() -> None:
    plain = frozen_cells.configure()
    assert plain.circuit.parallel_capacitance is None
    assert "circuit" not in plain._hashed()
    charged = frozen_cells.configure("circuit.parallel_capacitance=1 pF")
    assert charged.physics_hash() != plain.physics_hash()
