"""One run from configuration to run directory and exit code."""

from __future__ import annotations

import os
import platform
import resource
import signal
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tusk.solver.config import RunConfig, load_config
from tusk.solver.config.summary import numerics, provenance
from tusk.solver.core.model import Communicator, ModelRun, PreparedModel
from tusk.solver.core.saved_run import SavedRun
from tusk.solver.errors import InputError, OutputError, SolveError, TuskError
from tusk.solver.models.protocol import launcher, resumable_launcher
from tusk.solver.output import Reserve, write_atomically, write_json
from tusk.solver.parallel import collective
from tusk.solver.parameters import PARAMETER_SETS, TAG_MEANING
from tusk.solver.restart import usable_checkpoint
from tusk.solver.rundir import SUMMARY_NAME, clear, prepare, read_summary
from tusk.solver.timing import Timer
from tusk.solver.voice import Voice

FINISHED, INPUT_ERROR, FAILED, STOPPED = 0, 1, 2, 3
"""Exit codes."""

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
"""Signals that stop a run after the present step; batch systems warn by the last."""

PACKAGES = ("tusk-fem", "numpy", "scipy")
"""Distributions that every model uses; a model's launcher names its own libraries."""

type Preparation = Callable[[RunConfig, Communicator, Timer], PreparedModel]
type Drawing = Callable[[Path, bool], object]
"""Draws the figures of a run directory; the second argument is ``quiet``."""


def draw_nothing(_directory: Path, _quiet: bool) -> None:
    """Leave a run without figures."""


def look_away(_run: ModelRun) -> None:
    """Watch no step."""


def run(
    config: RunConfig | str | Path,
    out: str | Path | None = None,
    *,
    overwrite: bool = False,
    max_steps: int | None = None,
    quiet: bool = True,
    restart: bool = False,
    draw: Drawing = draw_nothing,
) -> Path:
    """Run a configuration and return its run directory.

    Parameters
    ----------
    config
        A configuration, or the path of its YAML file.
    out
        Run directory; ``runs/<config stem>`` or ``runs/run`` when left out.
    overwrite, max_steps, quiet, restart
        As on the command line.
    draw
        Called with the directory and ``quiet`` at the end; `tusk.postprocess.make_figures` draws
        the figures that the command line draws.

    Raises
    ------
    InputError
        If the configuration or the directory is wrong.
    SolveError
        If the run fails; the last good state stays on disk.
    """
    path = None if isinstance(config, RunConfig) else Path(config)
    loaded = config if isinstance(config, RunConfig) else load_config(Path(config))
    stem = path.stem if path is not None else "run"
    directory = Path("runs") / stem if out is None else Path(out)
    run_config(loaded, directory, overwrite, max_steps, quiet, path, restart, draw=draw)
    return directory


def run_config(
    config: RunConfig,
    out: Path,
    overwrite: bool = False,
    max_steps: int | None = None,
    quiet: bool = False,
    config_path: Path | None = None,
    restart: bool = False,
    free_keys: Collection[str] = (),
    draw: Drawing = draw_nothing,
    watch: Callable[[ModelRun], None] = look_away,
    break_lock: bool = False,
    verbose: bool = False,
    model: Preparation | None = None,
) -> int:
    """Run a configuration in its directory and return the exit code.

    Parameters
    ----------
    config, out, max_steps, quiet, config_path, overwrite, break_lock
        As for `run`; where the configuration came from; take the directory from another machine.
    restart, free_keys
        Continue from the newest good checkpoint; keys of physics that may differ from it.
    draw, watch, verbose, model
        Called with the directory at the end; shown the run after every step; print all; makes the
        model of the config in place of its launcher.

    Raises
    ------
    InputError, CheckpointError, OutputError
        If directory, configuration or checkpoints cannot be used; nothing is changed.
    """
    comm = launcher(config.model).communicator(config)
    held = collective(comm, lambda: prepare(out, overwrite, restart, break_lock))
    try:
        if restart and collective(comm, lambda: _is_finished(out, config, quiet)):
            return FINISHED
        saved = collective(comm, lambda: _checkpoint(out, config, free_keys)) if restart else None
        voice = Voice(out, quiet, verbose) if comm.rank == 0 else Voice(quiet=True)
        runner = _Runner(config, out, max_steps, voice, config_path, comm, saved)
        runner.preparation = model or launcher(config.model).prepare
        return runner.run(draw, watch)
    finally:
        if comm.rank == 0:
            held.release()


def _is_finished(out: Path, config: RunConfig, quiet: bool) -> bool:
    """Return whether the very same run has ended here before."""
    summary = read_summary(out)
    same = summary.get("physics_hash") == config.physics_hash()
    if summary.get("status") != "finished" or not same:
        return False
    if not quiet:
        sys.stdout.write(f"finished before, {summary['reason']}: results in {out}\n")
    return True


def _checkpoint(out: Path, config: RunConfig, free: Collection[str]) -> SavedRun | None:
    """Return the state to continue from; without any, clear the directory for a new beginning."""
    saved = usable_checkpoint(out, config, free)
    if saved is None:
        if read_summary(out).get("status") == "finished":
            what = f"the run in {out} is finished, with other numbers, and has no checkpoint"
            raise InputError(f"--restart: {what}; --overwrite begins a new one")
        clear(out)
    return saved


class _Runner:
    """Keeps ``run.json`` true to what happens between the first and the last step."""

    def __init__(
        self,
        config: RunConfig,
        out: Path,
        max_steps: int | None,
        voice: Voice,
        config_path: Path | None,
        comm: Communicator,
        saved: SavedRun | None,
    ) -> None:
        self.preparation: Preparation = launcher(config.model).prepare
        self.config = config
        self.out = out
        self.saved = saved
        self.comm = comm
        self.voice = voice
        limits = [n for n in (max_steps, config.step_limit) if n is not None]
        self.max_steps = min(limits, default=sys.maxsize)
        if saved is not None:
            self.max_steps += saved.accepted
        self.timer = Timer()
        self.signalled = ""
        self.reserve: Reserve | None = None
        self.record = _beginning(config, config_path, comm.size)
        if saved is not None:
            former = collective(comm, lambda: read_summary(out))
            begun = {"at": self.record["started"], "time_s": saved.time_s}
            self.record["started"] = former.get("started", self.record["started"])
            self.record["restarts"] = [*former.get("restarts", []), begun]

    def run(self, draw: Drawing, watch: Callable[[ModelRun], None]) -> int:
        """Run to the end; a failed run leaves its last good state and the reason on disk."""
        run: ModelRun | None = None
        try:
            with self._signals(self._note):
                self._open()
                run = self._build()
                code = self._loop(run, watch)
                run.close()
                self._finish_record(run)
                self._figures(draw)
            self._conclude()
        except SolveError as error:
            self._fail(run, error)
            raise
        except Exception as error:
            if self.comm.size == 1:  # the other ranks cannot take part in writing
                self._fail(run, error)
            raise
        finally:
            if self.reserve is not None:
                self.reserve.release()
            self.voice.close()
        return code

    def _open(self) -> None:
        """Write what is known before the first step, and keep room for how it ends."""
        collective(self.comm, self._keep_room)
        self._write_record()
        resolved = self.config.to_yaml().encode()
        collective(self.comm, lambda: write_atomically(self.out / "config.resolved.yaml", resolved))

    def _keep_room(self) -> None:
        self.reserve = Reserve(self.out)

    def _build(self) -> ModelRun:
        if self.saved is None:
            model = self.preparation(self.config, self.comm, self.timer)
        else:
            chosen = resumable_launcher(self.saved.model)
            model = chosen.resume(self.config, self.comm, self.timer, self.saved)
        _catch(self._note)
        self.record |= self._announce(model.laws())
        self._write_record()
        return model.open(self.out)

    def _announce(self, laws: Sequence[tuple[str, str]]) -> dict[str, object]:
        """Print what is solved: equations, closures, parameter set with its citation."""
        chosen = PARAMETER_SETS[self.config.parameters]
        rows = [*provenance(self.config), *numerics(self.config)]
        from tusk.solver.progress import announce

        announce(self.voice, self.config, laws, chosen, rows)
        return {
            "equations": dict(laws),
            "parameter_set": {"name": chosen.name, "citation": chosen.citation},
            "parameters": [
                {"key": r.key, "value": r.value, "source": r.source, "tag": r.tag} for r in rows
            ],
            "tags": dict(TAG_MEANING),
        }

    def _loop(self, run: ModelRun, watch: Callable[[ModelRun], None]) -> int:
        from tusk.solver.progress import Progress

        end = None if self.saved is None else self.saved.ended
        with Progress(run, self.voice) as progress:
            while end is None:
                reason = self._stop_reason(run)
                if reason:
                    self.record |= {"status": "stopped", "reason": reason}
                    return STOPPED
                end = run.step()
                watch(run)
                progress.show()
        self.record |= {"status": end.status, "reason": end.reason}
        return FINISHED

    def _stop_reason(self, run: ModelRun) -> str:
        """Return why to stop before the next step; the same on every rank."""
        if run.accepted >= self.max_steps:
            return "max_steps"
        reasons = self.comm.allgather(self.signalled) if self.comm.size > 1 else [self.signalled]
        return next((reason for reason in reasons if reason), "")

    def _note(self, number: int, _frame: object) -> None:
        """Stop after the present step."""
        self.signalled = signal.Signals(number).name

    @contextmanager
    def _signals(self, handler: Callable[[int, object], None]) -> Iterator[None]:
        """Give the stopping signals to a handler."""
        before = {number: signal.getsignal(number) for number in STOPPING}
        _catch(handler)
        try:
            yield
        finally:
            if _is_main_thread():
                for number, former in before.items():
                    signal.signal(number, former)

    def _fail(self, run: ModelRun | None, error: Exception) -> None:
        """Record the failure; what cannot be written any more is left as it is."""
        known = isinstance(error, TuskError)
        reason = str(error) if known else f"internal error, {type(error).__name__}: {error}"
        self.record |= {"status": "failed", "reason": reason}
        self.voice.log(f"failed: {reason}")
        if run is not None and not isinstance(error, OutputError):
            with suppress(TuskError):
                run.close()
        with suppress(Exception):
            self._finish_record(run)

    def _finish_record(self, run: ModelRun | None) -> None:
        if run is not None:
            self.record |= run.summary()
        seconds = {name: round(value, 4) for name, value in sorted(self.timer.seconds.items())}
        seconds["wall"] = round(self.timer.wall, 4)
        self.record |= {
            "timings_s": seconds,
            "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "ended": _now(),
        }
        self._write_record()

    def _write_record(self) -> None:
        collective(self.comm, self._write_on_this_rank)

    def _write_on_this_rank(self) -> None:
        try:
            write_json(self.out / SUMMARY_NAME, self.record)
        except OutputError:
            if self.reserve is None or not self.reserve.release():
                raise
            write_json(self.out / SUMMARY_NAME, self.record)

    def _figures(self, make: Drawing) -> None:
        """Draw the figures; one that cannot be drawn costs a run nothing, a full disk does."""

        def draw() -> None:
            try:
                # On this rank alone: one that waits for it must not leave while it draws.
                with self._signals(_interrupt):
                    make(self.out, self.voice.quiet)
            except OSError as error:
                raise OutputError(f"output: cannot write figures ({error.strerror})") from error
            except (InputError, ValueError, RuntimeError) as error:
                sys.stderr.write(f"figures: {error} (repeat with `tusk plot {self.out}`)\n")
            except (KeyboardInterrupt, SystemExit):  # a signal; nobody reads the output any more
                sys.stderr.write(f"figures: interrupted (repeat with `tusk plot {self.out}`)\n")

        collective(self.comm, draw)

    def _conclude(self) -> None:
        """Tell how the run ended, its marks and where its files are."""
        if self.comm.rank == 0:
            from tusk.solver.progress import conclude

            conclude(self.voice, self.record, self.out)


def _beginning(config: RunConfig, config_path: Path | None, ranks: int) -> dict[str, object]:
    """Return what ``run.json`` says of a run before its first step."""
    return {
        "status": "running",
        "reason": None,
        "model": config.model,
        "config": None if config_path is None else config_path.name,
        "physics_hash": config.physics_hash(),
        "versions": _versions() | dict(launcher(config.model).libraries()),
        "host": {
            "name": socket.gethostname(),
            "system": platform.platform(),
            "cores": os.cpu_count(),
        },
        "ranks": ranks,
        "started": _now(),
    }


def _is_main_thread() -> bool:
    """Return whether Python lets this thread, alone of all, set signal handlers."""
    return threading.current_thread() is threading.main_thread()


def _catch(handler: Callable[[int, object], None]) -> None:
    """Give the stopping signals to a handler, and outlive a reader of the output who leaves.

    PETSc and gmsh, when they start, hand these signals back to the system, which kills us.
    """
    if _is_main_thread():
        for number in STOPPING:
            signal.signal(number, handler)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}
