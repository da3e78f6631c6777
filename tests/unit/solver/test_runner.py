"""From configuration to run directory and exit code, however the run ends."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frozen_cells
import numpy as np
import pandas as pd
import pytest
import pyvista

from tusk.solver import parallel, runner
from tusk.solver.config import load_config
from tusk.solver.errors import InputError, OutputError, SolveError, StepTooSmall
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.rundir import LOCK_NAME


def record(out: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((out / "run.json").read_text())
    return content


def run(out: Path, *overrides: str, **options: Any) -> int:
    return runner.run_config(frozen_cells.configure(*overrides), out, quiet=True, **options)


SHORT = "drive=[{ramp: {to: 0.1 V, rate: 1000 V/s}}]"


def at_step(monkeypatch: pytest.MonkeyPatch, number: int, action: Callable[[], None]) -> None:
    """Let ``action`` happen after the given accepted step, before it is written."""
    advance = Simulation.advance

    def scripted(simulation: Simulation, *arguments: Any, **options: Any) -> Any:
        if simulation.counters.accepted == number:
            action()
        return advance(simulation, *arguments, **options)

    monkeypatch.setattr(Simulation, "advance", scripted)


def test_a_finished_run(tmp_path: Path) -> None:
    out, drawn = tmp_path / "run", []
    draw = lambda *arguments: drawn.append(arguments)  # noqa: E731
    assert run(out, SHORT, draw=draw) == runner.FINISHED == 0
    summary = record(out)
    assert (summary["status"], summary["reason"]) == ("finished", "drive_done")
    assert summary["ranks"] == 1
    assert summary["counters"]["accepted"] == len(pd.read_csv(out / "timeseries.csv")) - 1
    assert summary["timings_s"]["wall"] > 0.0
    assert summary["peak_memory_bytes"] > 1e7
    assert summary["parameter_set"]["name"] == "buttberg2025"
    assert all({"key", "value", "source", "tag"} == set(row) for row in summary["parameters"])
    assert drawn == [(out, True)]
    import dolfinx
    from petsc4py import PETSc

    installed = {"python", "tusk-fem", "numpy", "scipy", "gmsh", "vtk"}
    backend = {"dolfinx", "basix", "ffcx", "ufl", "petsc", "petsc4py", "mpi4py", "mpi"}
    assert set(summary["versions"]) == installed | backend
    assert summary["versions"]["petsc"] == ".".join(map(str, PETSc.Sys.getVersion()))
    assert summary["versions"]["dolfinx"] == dolfinx.__version__
    assert not (out / LOCK_NAME).exists()
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_the_resolved_configuration_is_the_one_that_ran(tmp_path: Path) -> None:
    config = frozen_cells.configure(SHORT)
    out = tmp_path / "run"
    runner.run_config(config, out, quiet=True)
    again = load_config(out / "config.resolved.yaml")
    assert again == config
    assert record(out)["physics_hash"] == again.physics_hash()


def test_the_step_limit_stops_with_3(tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert run(out, max_steps=2) == runner.STOPPED == 3
    summary = record(out)
    assert (summary["status"], summary["reason"]) == ("stopped", "max_steps")
    assert summary["counters"]["accepted"] == 2
    assert len(pd.read_csv(out / "timeseries.csv")) == 3
    assert len(pyvista.get_reader(out / "fields.pvd").time_values) == 2


def test_the_lower_of_two_step_limits_counts(tmp_path: Path) -> None:
    assert run(tmp_path / "a", "stepping.max_steps=1", max_steps=3) == runner.STOPPED
    assert record(tmp_path / "a")["counters"]["accepted"] == 1
    assert run(tmp_path / "b", "stepping.max_steps=2") == runner.STOPPED
    assert record(tmp_path / "b")["counters"]["accepted"] == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_after_the_present_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before = signal.getsignal(number)
    at_step(monkeypatch, 1, lambda: os.kill(os.getpid(), number))
    out = tmp_path / "run"
    assert run(out) == runner.STOPPED
    summary = record(out)
    assert (summary["status"], summary["reason"]) == ("stopped", number.name)
    assert summary["counters"]["accepted"] == 2
    assert len(pd.read_csv(out / "timeseries.csv")) == 3
    assert signal.getsignal(number) is before
    assert not (out / LOCK_NAME).exists()


def test_a_signal_cuts_the_drawing_short_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A rank that waits for the figures, or loads what they need, stays: others wait for it."""
    through: list[str] = []

    def collective(comm: Any, function: Callable[[], Any]) -> Any:
        if function.__name__ == "draw":
            os.kill(os.getpid(), signal.SIGUSR1)
            through.append("waiting")
        return parallel.collective(comm, function)

    def make_figures(_path: Path, _quiet: bool) -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        through.append("drawn")

    monkeypatch.setattr(runner, "collective", collective)
    assert run(tmp_path / "run", SHORT, draw=make_figures) == runner.FINISHED
    assert through == ["waiting"]
    assert capfd.readouterr().err.startswith("figures: interrupted")
    assert record(tmp_path / "run")["status"] == "finished"


def test_a_failing_solve_fails_the_run_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise StepTooSmall("time step below 1e-15 s at t = 0.1 s: scripted")

    at_step(monkeypatch, 2, fail)
    out = tmp_path / "run"
    with pytest.raises(StepTooSmall) as caught:
        run(out)
    assert caught.value.exit_code == runner.FAILED == 2
    summary = record(out)
    assert summary["status"] == "failed"
    assert summary["reason"] == "time step below 1e-15 s at t = 0.1 s: scripted"
    assert summary["counters"]["accepted"] == 2
    table = pd.read_csv(out / "timeseries.csv")
    assert len(table) == 3
    last = pyvista.get_reader(out / "fields.pvd").time_values[-1]
    assert last == table.time_s.iloc[-1]  # the last good state
    assert (out / "checkpoint" / "state.h5").exists()
    assert not (out / LOCK_NAME).exists()


def test_a_defect_is_recorded_before_it_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a defect")

    at_step(monkeypatch, 1, fail)
    out = tmp_path / "run"
    with pytest.raises(ZeroDivisionError):
        run(out)
    summary = record(out)
    assert summary["status"] == "failed"
    assert "a defect" in summary["reason"]
    assert not (out / LOCK_NAME).exists()


def test_a_full_disk_fails_the_run_and_leaves_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = FilamentRun.step

    def fail(filament: FilamentRun) -> Any:
        if filament.simulation.counters.accepted == 2:
            raise OutputError("output: cannot write timeseries.csv (No space left on device)")
        return step(filament)

    monkeypatch.setattr(FilamentRun, "step", fail)
    out = tmp_path / "run"
    with pytest.raises(OutputError):
        run(out)
    summary = record(out)
    assert summary["status"] == "failed"
    assert "No space left" in summary["reason"]
    assert len(pd.read_csv(out / "timeseries.csv")) == 3


def test_a_directory_of_something_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError):
        run(tmp_path, SHORT, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_results_are_replaced_only_when_asked(tmp_path: Path) -> None:
    out = tmp_path / "run"
    run(out, max_steps=1)
    before = (out / "timeseries.csv").read_bytes()
    with pytest.raises(InputError, match="overwrite"):
        run(out, max_steps=2)
    assert (out / "timeseries.csv").read_bytes() == before
    run(out, max_steps=2, overwrite=True)
    assert len(pd.read_csv(out / "timeseries.csv")) == 3


def test_what_is_solved_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runner.run_config(frozen_cells.configure(SHORT), tmp_path / "run", verbose=True)
    text = capsys.readouterr().out
    for part in (
        "buttberg2025",
        "charge transfer",
        "Simmons",
        "drive_done",
        "steps in",
        "results in",
    ):
        assert part in text, part


def test_a_quiet_run_prints_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path / "run", max_steps=1) == runner.STOPPED
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "override",
    [
        "tunnel.model=simmons_full",
        "filament.conductivity=exact_wire",
        "kinetics.barriers=growth",
        "void.model=none",
        "stress.model=none",
        "void.healing=keep",
        "thermal.side=ambient",
        "source={kind: none}",
        "source={kind: resistor, resistance: 1 kohm}",
    ],
)
def test_every_kind_of_law_takes_steps(tmp_path: Path, override: str) -> None:
    assert run(tmp_path / "run", override, max_steps=2) == runner.STOPPED


def test_a_bare_nucleus_refuses_a_current_below_the_resolution(tmp_path: Path) -> None:
    """Its conductance is below the round-off of the metals': any voltage would do."""
    out = tmp_path / "run"
    with pytest.raises(SolveError, match=r"source\.kind: current .* too little"):
        run(out, "source={kind: current}", "drive=[{ramp: {to: 1 nA, rate: 1 nA/s}}]", max_steps=2)
    assert json.loads((out / "run.json").read_text())["status"] == "failed"
    assert len(pd.read_csv(out / "timeseries.csv")) == 1  # the cell at rest


def test_a_cell_carries_the_current_that_is_imposed(tmp_path: Path) -> None:
    out, rate = tmp_path / "run", "1 uA/s"
    words = ["source={kind: current}", f"drive=[{{ramp: {{to: 1 nA, rate: {rate}}}}}]"]
    assert run(out, *words, max_steps=3) == runner.STOPPED
    rows = pd.read_csv(out / "timeseries.csv")
    assert len(rows) == 4
    np.testing.assert_allclose(rows["current_A"], 1e-6 * rows["time_s"], rtol=1e-6)
