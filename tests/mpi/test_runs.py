"""Short runs on several ranks: the same rows as on one, stopped by a signal to any of them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import frozen_cells
import numpy as np
import pandas as pd
import pytest
from mpi4py import MPI

from tusk.solver import runner
from tusk.solver.models.filament.contact import build_contact
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import (
    build_control,
    build_setting,
    build_simulation,
)
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Table

pytestmark = pytest.mark.mpi

FIELDS = ("output.fields_every=5",)


TENSE = ("capillarity.model=surface_tension",)


def _simulation(start: str, comm: MPI.Comm) -> Simulation:
    config = frozen_cells.configure(*FIELDS, *(TENSE if start == "tense" else ()))
    if start == "nucleus":
        return build_simulation(config, comm)
    if start == "tense":
        return frozen_cells.moving(config, frozen_cells.early(), -0.5, comm)
    return frozen_cells.moving(config, frozen_cells.narrow(), 1.6, comm)


@pytest.mark.parametrize(("start", "steps"), [("nucleus", 8), ("narrow", 4), ("tense", 5)])
def test_rows_equal_those_of_one_rank(
    start: str, steps: int, comm: MPI.Comm, shared: Path, tmp_path: Path
) -> None:
    runs = {}
    for name, world, directory in (
        ("together", comm, shared / "together"),
        ("alone", MPI.COMM_SELF, tmp_path / f"alone_{comm.rank}"),
    ):
        if world.rank == 0:
            directory.mkdir()
        run = FilamentRun(frozen_cells.configure(*FIELDS), _simulation(start, world), directory)
        for _ in range(steps):
            assert run.step() is None
        run.close()
        runs[name] = run
    comm.barrier()
    together = pd.read_csv(shared / "together" / "timeseries.csv")
    alone = pd.read_csv(tmp_path / f"alone_{comm.rank}" / "timeseries.csv")
    assert len(together) == len(alone) == steps + 1
    errors = [name for name in together if "error" in name or name == "newton_iterations"]
    numbers = together.columns.difference([*errors, "regime"])
    for name in numbers:
        floor = 1e-9 * alone[name].abs().max(skipna=True)
        assert np.allclose(
            together[name], alone[name], rtol=1e-6, atol=np.nan_to_num(floor), equal_nan=True
        ), name
    assert together.charge_error.max() < 1e-6
    assert runs["together"].simulation.counters.meshes == runs["alone"].simulation.counters.meshes
    curves = [
        pd.read_csv(directory / "filament.csv")
        for directory in (shared / "together", tmp_path / f"alone_{comm.rank}")
    ]
    assert np.allclose(curves[0], curves[1], rtol=1e-6, atol=1e-15)
    assert len(list((shared / "together" / "fields").iterdir())) == 1 + -(-steps // 5)


PRESCRIBED = (
    "contact={model: master_equation, mode: stochastic, gap: 0.3 nm, rates: phenomenological, "
    "set_rate: 100 kHz, set_voltage: 0.3 V, reset_rate: 1 Hz, reset_voltage: 0.3 V}",
)


def test_events_with_prescribed_rates_are_those_of_one_rank(
    comm: MPI.Comm, shared: Path, tmp_path: Path
) -> None:
    """Each event is the same site with the same transmission; its time follows the fields."""
    config = frozen_cells.configure(*PRESCRIBED)
    drive = Drive([Table((0.0, 10.0), (1.6, 1.6))])
    found = []
    for world, out in ((comm, shared / "together"), (MPI.COMM_SELF, tmp_path / f"a{comm.rank}")):
        if world.rank == 0:
            out.mkdir()
        tools = frozen_cells.tools(config, world)
        contact = build_contact(config, tools, member=0)
        start, control = frozen_cells.narrow(), build_control(config)
        setting = build_setting(tools, drive, start, control, contact)
        run = FilamentRun(config, Simulation(setting), out)
        for _ in range(24):
            run.step()
        run.close()
        state = run.simulation.touch
        found.append((state.event, state.transmissions.tolist()))
    comm.barrier()
    assert found[0] == found[1]
    assert found[0][0] >= 3
    times = [
        pd.read_csv(out / "contact.csv")["time_s"].to_numpy()
        for out in (shared / "together", tmp_path / f"a{comm.rank}")
    ]
    assert np.allclose(times[0], times[1], rtol=1e-6, atol=0.0)


def test_a_runner_stops_on_all_ranks_at_the_step_limit(comm: MPI.Comm, shared: Path) -> None:
    out = shared / "run"
    code = runner.run_config(frozen_cells.configure(), out, max_steps=3, quiet=True)
    assert comm.allgather(code) == [runner.STOPPED] * comm.size
    if comm.rank == 0:
        summary = json.loads((out / "run.json").read_text())
        assert (summary["status"], summary["reason"]) == ("stopped", "max_steps")
        assert summary["ranks"] == comm.size
        assert summary["counters"]["accepted"] == 3
        assert not (out / "run.lock").exists()


def test_a_signal_to_one_rank_stops_all(
    comm: MPI.Comm, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = FilamentRun.step

    def signalled(run: FilamentRun) -> object:
        end = step(run)
        if comm.rank == comm.size - 1 and run.simulation.counters.accepted == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return end

    monkeypatch.setattr(FilamentRun, "step", signalled)
    out = shared / "run"
    code = runner.run_config(frozen_cells.configure(), out, quiet=True)
    assert comm.allgather(code) == [runner.STOPPED] * comm.size
    if comm.rank == 0:
        summary = json.loads((out / "run.json").read_text())
        assert (summary["status"], summary["reason"]) == ("stopped", "SIGTERM")
        assert len(pd.read_csv(out / "timeseries.csv")) == 3
