"""A run continued from a checkpoint writes, bit for bit, what the uninterrupted one does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI
from run_files import contents, record

from tusk.solver import checkpoint, runner
from tusk.solver.checkpoint import CheckpointError, load
from tusk.solver.config import FilamentConfig, load_config
from tusk.solver.core.saved_run import SavedRun
from tusk.solver.errors import InputError, StepTooSmall
from tusk.solver.models.filament.contact import build_contact
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import (
    build_control,
    build_setting,
    build_simulation,
)
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Table
from tusk.solver.restart import fork, usable_checkpoint

SHORT = (
    "drive=[{ramp: {to: 0.3 V, rate: 1000 V/s}, until: {quantity: applied_voltage_V, "
    "above: 0.2 V}}, {ramp: {to: 0 V, rate: 1000 V/s}}]",
    "output.fields_every=4",
)


def run(out: Path, *overrides: str, **options: Any) -> int:
    return runner.run_config(frozen_cells.configure(*SHORT, *overrides), out, quiet=True, **options)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run nobody interrupted."""
    out = tmp_path_factory.mktemp("whole") / "run"
    assert run(out) == runner.FINISHED
    assert record(out)["counters"]["accepted"] > 12
    return out


# --- every hidden memory of the solver ------------------------------------------------------------

PULSE = (
    "thermal.model=transient",
    "drive=[{pulse: {amplitude: 1 V, width: 0.2 ns, rise: 20 ps, fall: 20 ps, count: 1, "
    "period: 0.5 ns}}]",
)
CONTACT = ("contact={model: master_equation, mode: stochastic, gap: 0.3 nm}",)
MOVING: dict[str, tuple[str, float, tuple[str, ...]]] = {
    "growth": ("early", 1.5, ()),
    "tunnelling": ("narrow", 1.7, ()),
    "opening, recess keeps": ("narrow", -0.9, ("void.healing=keep", "kinetics.barriers=growth")),
    "nearest gap": ("narrow", 1.6, ("tunnel.gap=nearest", "tunnel.heating=langevin")),
    "transient heat": ("narrow", 0.0, PULSE),
    "contact": ("narrow", 1.7, CONTACT),
    "surface tension": ("early", 1.5, ("capillarity.model=surface_tension",)),
}
REMESHED = ("growth", "tunnelling", "contact")


@pytest.mark.parametrize("name", MOVING)
def test_every_step_can_be_the_one_to_continue_from(name: str, tmp_path: Path) -> None:
    """Meshes wear out on the way, so that the choice of remeshing and the new mesh count too."""
    shape, applied, changes = MOVING[name]
    config = frozen_cells.configure(*changes, "output.fields_every=3")
    drive = Drive(config.drive if applied == 0.0 else [Table((0.0, 10.0), (applied, applied))])
    tools = frozen_cells.tools(config, MPI.COMM_SELF)
    keep = config.void.healing == "keep"

    def simulation(saved: Any = None) -> Simulation:
        start = getattr(frozen_cells, shape)()
        contact = build_contact(config, tools, member=0)
        setting = build_setting(tools, drive, start, build_control(config), contact, keep)
        return Simulation(setting, saved)

    parent = tmp_path / "whole"
    parent.mkdir()
    one = FilamentRun(config, simulation(), parent)
    meshes = []
    for number in range(22):
        if number in (2, 7):
            one.save(tmp_path / f"{number}.h5")
        one.step()
        meshes.append(one.simulation.counters.meshes)
    assert meshes[-1] > meshes[2] or name not in REMESHED
    assert name != "contact" or one.simulation.touch.event > 5
    one.close()
    for number in (2, 7):
        out = tmp_path / f"from_{number}"
        fork(parent, tmp_path / f"{number}.h5", out)
        saved = SavedRun.of(load(tmp_path / f"{number}.h5"))
        other = FilamentRun(config, simulation(saved.state["simulation"]), out, saved)
        assert len(other.rows) == number + 1
        while len(other.rows) < len(one.rows):
            other.step()
        other.close()
        assert contents(out) == contents(parent)
        assert other.simulation.state.solution.tobytes() == one.simulation.state.solution.tobytes()
        assert asdict(other.simulation.counters) == asdict(one.simulation.counters)
        assert str(other.summary()) == str(one.summary())  # as text: NaN is not NaN


def test_a_thinned_run_goes_on_as_if_nobody_had_stopped_it(tmp_path: Path) -> None:
    """It stops between two rows that are kept; the row that shows where is not of the whole run."""
    thinned = ("output.rows_every=4", "output.curves_every=3", "output.fields_every=null",
               "output.read_voltage=0.1 V")  # fmt: skip
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run(whole, *thinned) == runner.FINISHED
    assert run(cut, *thinned, max_steps=6) == runner.STOPPED
    shown = (cut / "timeseries.csv").read_text().splitlines()
    assert len(shown) == 1 + 3
    assert run(cut, *thinned, restart=True) == runner.FINISHED
    assert contents(cut) == contents(whole)
    assert record(cut)["ledgers"] == record(whole)["ledgers"]
    assert record(cut)["marks"] == record(whole)["marks"]
    assert record(cut)["cycles"] == record(whole)["cycles"]
    assert (cut / "cycles.csv").read_bytes() == (whole / "cycles.csv").read_bytes()


CONTINUE = """
import sys
from pathlib import Path
from tusk.solver import backend, runner
from tusk.solver.config import load_config
backend.require_backend()
config = load_config(sys.argv[1], ("mesh.preset=draft",))
runner.run_config(config, Path(sys.argv[2]), quiet=True, restart=True, max_steps=7)
"""


def test_a_new_process_makes_the_meshes_of_the_old_one(tmp_path: Path) -> None:
    """The first mesh of a process was once another in its last digits."""
    shipped = Path(__file__).parents[3] / "configs" / "buttberg2025_set_1mA.yaml"
    config = load_config(shipped, ("mesh.preset=draft",))
    parent, state, out = tmp_path / "whole", tmp_path / "state.h5", tmp_path / "run"
    parent.mkdir()
    one = FilamentRun(config, build_simulation(config, MPI.COMM_SELF), parent)
    for _ in range(40):
        one.step()
    one.save(state)
    meshes = one.simulation.counters.meshes
    for _ in range(7):
        one.step()
    one.close()
    assert one.simulation.counters.meshes > meshes
    fork(parent, state, out)
    words = (sys.executable, "-c", CONTINUE, str(shipped), str(out))
    subprocess.run(words, check=True, timeout=300, env={**os.environ, "OMP_NUM_THREADS": "1"})
    assert contents(out) == contents(parent)
    trees = [load(path / "checkpoint" / checkpoint.NAME) for path in (out, parent)]
    last = [tree["state"]["simulation"] for tree in trees]
    assert _bytes(last[0]) == _bytes(last[1])


def _bytes(content: Any) -> Any:
    """Return a checkpoint's tree with every number as its bytes."""
    if isinstance(content, dict):
        return {name: _bytes(value) for name, value in content.items()}
    return content if isinstance(content, str) else np.asarray(content).tobytes()


# --- whole runs -----------------------------------------------------------------------------------


def test_a_run_in_pieces_equals_the_whole_one(whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    assert run(out, max_steps=1) == runner.STOPPED
    for steps in (4, 2, 3):
        assert run(out, restart=True, max_steps=steps) == runner.STOPPED
    assert record(out)["counters"]["accepted"] == 10
    assert run(out, restart=True) == runner.FINISHED
    assert contents(out) == contents(whole)
    ours, theirs = record(out), record(whole)
    for key in ("status", "reason", "marks", "regimes", "ledgers", "counters", "physics_hash"):
        assert ours[key] == theirs[key], key
    assert [part["time_s"] > 0 for part in ours["restarts"]] == [True] * 4
    assert ours["started"] <= ours["restarts"][0]["at"]
    assert "restarts" not in theirs


def test_writing_checkpoints_changes_nothing(whole: Path, tmp_path: Path) -> None:
    assert run(tmp_path / "run", "checkpoint.every=1 ns") == runner.FINISHED
    assert contents(tmp_path / "run") == contents(whole)
    assert len(list((tmp_path / "run" / "checkpoint").iterdir())) == 2


def _killed(out: Path, monkeypatch: pytest.MonkeyPatch, step: int, *overrides: str) -> None:
    """Leave behind what a run leaves that is killed after a step."""

    class KilledError(BaseException):
        pass

    advance = FilamentRun.step

    def dying(filament: FilamentRun) -> Any:
        if filament.accepted == step:
            shutil.copytree(out, out.with_name("victim"))
            raise KilledError
        return advance(filament)

    with monkeypatch.context() as patch:
        patch.setattr(FilamentRun, "step", dying)
        with pytest.raises(KilledError):
            run(out, "checkpoint.every=1 ns", *overrides)
    shutil.rmtree(out)
    out.with_name("victim").rename(out)
    (out / "run.lock").unlink()  # names this process, which lives
    assert record(out)["status"] == "running"


def test_rows_behind_the_checkpoint_are_cut_back(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The newest checkpoint is damaged: the former one counts, with longer files beside it."""
    out = tmp_path / "run"
    _killed(out, monkeypatch, 9)
    newest = out / "checkpoint" / checkpoint.NAME
    newest.write_bytes(newest.read_bytes()[:-7])
    for name in ("timeseries.csv", "filament.csv"):
        with (out / name).open("a") as file:
            file.write("0.1,0.2")  # a row cut in two
    (out / "fields" / "fields_00003.vtu").write_text("half")
    (out / "fields" / ".fields_00004.vtu.part").write_text("half")
    assert run(out, restart=True) == runner.FINISHED
    assert contents(out) == contents(whole)


def test_the_newest_good_checkpoint_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"
    _killed(out, monkeypatch, 5)
    (out / "checkpoint" / checkpoint.NAME).write_bytes(b"")
    saved = usable_checkpoint(out, frozen_cells.configure(*SHORT))
    assert saved is not None
    assert saved.accepted == 4
    message = capsys.readouterr().err
    assert "state.h5: not a checkpoint" in message
    assert message.endswith("continuing from state.former.h5\n")


def test_a_run_killed_before_its_first_checkpoint_begins_again(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "run"
    _killed(out, monkeypatch, 3, "checkpoint.every=1 h")
    assert not (out / "checkpoint").exists()
    assert run(out, restart=True) == runner.FINISHED
    assert contents(out) == contents(whole)
    assert run(tmp_path / "new", restart=True, max_steps=1) == runner.STOPPED


def test_a_failed_run_can_be_continued_with_other_solver_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = FilamentRun.step

    def failing(filament: FilamentRun) -> Any:
        if filament.accepted == 4:
            raise StepTooSmall("scripted")
        return step(filament)

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(FilamentRun, "step", failing)
        with pytest.raises(StepTooSmall):
            run(out)
    changes = ("stepping.minimum_step=1e-14 s", "solver.max_iterations=30", "output.fields_every=2")
    assert run(out, *changes, restart=True) == runner.FINISHED
    assert (record(out)["status"], record(out)["reason"]) == ("finished", "drive_done")


@pytest.mark.parametrize("killed", [False, True])
def test_a_finished_run_stays_as_it_is(killed: bool, whole: Path, tmp_path: Path) -> None:
    """Also one that was killed between its last checkpoint and its summary."""
    out = tmp_path / "run"
    shutil.copytree(whole, out)
    if killed:
        summary = record(out) | {"status": "running", "reason": None}
        (out / "run.json").write_text(json.dumps(summary))
        for path in sorted((out / "fields").iterdir())[-1:]:
            path.unlink()
    assert run(out, restart=True) == runner.FINISHED
    assert contents(out) == contents(whole)
    assert record(out)["reason"] == "drive_done"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1, signal.SIGINT])
def test_a_signal_leaves_a_checkpoint(
    number: signal.Signals, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = FilamentRun.step

    def signalled(filament: FilamentRun) -> Any:
        if filament.accepted == 5:
            os.kill(os.getpid(), number)
        return step(filament)

    out = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(FilamentRun, "step", signalled)
        assert run(out) == runner.STOPPED
    assert record(out)["reason"] == number.name
    assert run(out, restart=True) == runner.FINISHED
    assert contents(out) == contents(whole)


# --- refusals -------------------------------------------------------------------------------------


def stopped(out: Path) -> Path:
    assert run(out, max_steps=2) == runner.STOPPED
    return out


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("kinetics.charge_number=1", r"kinetics\.charge_number: differs .* allowed 2.*, got 1"),
        ("mesh.preset=reference", r"mesh\.preset: .*allowed draft, got reference"),
        ("source.compliance_current=2 mA", r"compliance_current: .*allowed 1 mA, got 2 mA"),
        ("drive=[{hold: {for: 1 s}}]", r"drive\[0\]"),
    ],
)
def test_changed_physics_is_refused_by_its_key(change: str, message: str, tmp_path: Path) -> None:
    out = stopped(tmp_path / "run")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    with pytest.raises(InputError, match=message):
        run(out, change, restart=True)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_every_changed_key_is_named(tmp_path: Path) -> None:
    out = stopped(tmp_path / "run")
    words = ("hopping.barrier=0.4 eV", "seed=2", "solver.max_iterations=7")
    with pytest.raises(InputError, match=r"hopping\.barrier: .*; also changed: seed$"):
        run(out, *words, restart=True)


def test_only_damaged_checkpoints_leave_everything_untouched(tmp_path: Path) -> None:
    out = stopped(tmp_path / "run")
    state = out / "checkpoint" / checkpoint.NAME
    state.write_bytes(b"x" + state.read_bytes()[1:])
    with pytest.raises(CheckpointError, match=r"state\.h5: not a checkpoint.*--overwrite") as error:
        run(out, restart=True)
    assert error.value.exit_code == runner.FAILED
    assert len((out / "timeseries.csv").read_text().splitlines()) == 4
    assert not (out / "run.lock").exists()


def _cut(path: Path) -> None:
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))


def _alter(path: Path) -> None:
    path.write_text(path.read_text().replace("\n0", "\n1"))


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("timeseries.csv", Path.unlink, "timeseries.csv of the run cannot be read"),
        ("timeseries.csv", _cut, "timeseries.csv of the run was changed or cut off"),
        ("filament.csv", _alter, "filament.csv of the run was changed"),
        ("fields/fields_00000.vtu", Path.unlink, "fields/fields_00000.vtu of the run is missing"),
    ],
)
def test_lost_results_are_named(
    name: str, damage: Callable[[Path], None], message: str, tmp_path: Path
) -> None:
    out = stopped(tmp_path / "run")
    damage(out / name)
    with pytest.raises(CheckpointError, match=message):
        run(out, restart=True)


def test_a_directory_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="--restart leaves it alone"):
        run(tmp_path, restart=True)
    with pytest.raises(InputError, match="--overwrite"):
        run(stopped(tmp_path / "run"), restart=True, overwrite=True)


# --- forks ----------------------------------------------------------------------------------------


def _config(*overrides: str) -> FilamentConfig:
    return frozen_cells.configure(*SHORT, *overrides)


def test_a_fork_continues_with_another_compliance_current(whole: Path, tmp_path: Path) -> None:
    """Below both limits the currents agree; the physics of the fork is its own."""
    out, state = tmp_path / "parent", tmp_path / "state.h5"
    out.mkdir()
    parent = FilamentRun(_config(), build_simulation(_config(), MPI.COMM_SELF), out)
    for _ in range(5):
        parent.step()
    parent.save(state)
    parent.step()
    assert not (out / "checkpoint").exists()
    free = ("source.compliance_current",)
    for current, name in (("1 mA", "same"), ("10 uA", "other")):
        fork(out, state, tmp_path / name)
        changed = _config(f"source.compliance_current={current}")
        code = runner.run_config(changed, tmp_path / name, quiet=True, restart=True, free_keys=free)
        assert code == runner.FINISHED
        assert record(tmp_path / name)["physics_hash"] == changed.physics_hash()
    assert contents(tmp_path / "same") == contents(whole)
    rows = [np.genfromtxt(tmp_path / n / "timeseries.csv", delimiter=",", names=True)["time_s"]
            for n in ("same", "other")]  # fmt: skip
    assert np.array_equal(rows[0][:6], rows[1][:6])
