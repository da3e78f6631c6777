"""The directory of a run: who may write into it, and what of an older run may be replaced.

Everything here is done by one process; under MPI the caller runs it on rank 0.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from .checkpoint import candidates
from .errors import InputError, OutputError

SUMMARY_NAME = "run.json"
LOCK_NAME = "run.lock"
_LOCK_SIZE = 512
STATUSES = ("running", "finished", "failed", "stopped")


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds a run directory.

    Attributes
    ----------
    pid, host
        Process number and the machine it runs on.
    started
        Start of the process in clock ticks since boot: tells it from a later one with the same
        number. Empty where the system does not say.
    """

    pid: int
    host: str
    started: str

    @classmethod
    def this_process(cls) -> Holder:
        """Return the holder that this process is."""
        return cls(os.getpid(), socket.gethostname(), _state_and_start(os.getpid())[1])

    @classmethod
    def from_text(cls, text: str) -> Holder | None:
        """Return the holder a lock file names, None if it names none (cut off, not ours)."""
        try:
            data = json.loads(text)
            return cls(int(data["pid"]), str(data["host"]), str(data["started"]))
        except (ValueError, TypeError, KeyError):
            return None

    @property
    def is_elsewhere(self) -> bool:
        """Whether the process runs, or ran, on another machine (or in another container)."""
        return self.host != socket.gethostname()

    def is_alive(self) -> bool:
        """Return whether the process still runs; on another machine it counts as running."""
        if self.is_elsewhere:
            return True
        try:
            os.kill(self.pid, 0)
        except PermissionError:
            pass
        except (OSError, OverflowError):
            return False
        state, started = _state_and_start(self.pid)
        return state not in ("Z", "X") and self.started in ("", started)


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """A run directory this process holds until `release`; also a context manager."""

    path: Path

    def release(self) -> None:
        """Give the directory free; harmless if it was released before or is gone."""
        lock = self.path / LOCK_NAME
        with contextlib.suppress(OSError):
            if Holder.from_text(lock.read_text()) == Holder.this_process():
                lock.unlink()

    def __enter__(self) -> RunDirectory:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()


def check(
    out: Path, overwrite: bool = False, restart: bool = False, break_lock: bool = False
) -> None:
    """Refuse a directory that `prepare` would refuse; writes nothing.

    Parameters
    ----------
    out
        The run directory.
    overwrite
        Whether the results of an older run there may be replaced.
    restart
        Whether the run there is to be continued.
    break_lock
        Whether a process on another machine that holds the directory counts as dead.

    Raises
    ------
    InputError
        `out` or a folder above it is a file, another run uses it, or it has contents that may
        not be replaced.
    """
    existing = next(path for path in (out, *out.absolute().parents) if os.path.lexists(path))
    if not existing.is_dir():
        raise InputError(f"--out: not a folder, allowed a new or an empty folder, got {existing}")
    if existing != out:
        return
    try:
        holder = _holder_of(out)
        names = {path.name for path in out.iterdir()} - {LOCK_NAME}
    except OSError as error:
        raise InputError(f"--out: {out} cannot be read ({error.strerror})") from None
    _refuse(out, holder, break_lock)
    if restart and overwrite:
        raise InputError("--restart: continues what --overwrite would remove, give one of them")
    # A run that was killed before its first summary leaves its lock as the only sign.
    if names and holder is None and not (_bears_summary(out) or _bears_checkpoint(out, restart)):
        option = "--restart" if restart else "--overwrite"
        what = f"folder is not empty and has no {SUMMARY_NAME} of ours, {option} leaves it alone"
        raise InputError(f"--out: {what}, got {out}")
    if names and not (overwrite or restart):
        raise InputError(f"--out: folder is not empty, allowed with {_ways(out)}, got {out}")


def prepare(
    out: Path, overwrite: bool = False, restart: bool = False, break_lock: bool = False
) -> RunDirectory:
    """Make the run directory, take its lock, and remove what an older run left in it.

    With ``restart`` nothing is removed: see `clear`.

    Raises
    ------
    InputError
        See `check`.
    OutputError
        If the file system refuses (read-only, full, no permission).
    """
    check(out, overwrite, restart, break_lock)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        _take_lock(out, break_lock)
        if not restart:
            _remove_older_run(out)
    except OSError as error:
        RunDirectory(out).release()
        if is_new:
            shutil.rmtree(out, ignore_errors=True)
        raise OutputError(f"--out: {out} cannot be written ({error.strerror or error})") from error
    return RunDirectory(out)


def hold(out: Path, break_lock: bool = False) -> RunDirectory:
    """Take the lock of an existing directory, whatever it holds.

    With ``break_lock`` a process on another machine that holds it counts as dead.

    Raises
    ------
    InputError
        Another process holds it.
    OutputError
        If the file system refuses.
    """
    try:
        _take_lock(out, break_lock)
    except OSError as error:
        raise OutputError(f"--out: {out} cannot be written ({error.strerror or error})") from error
    return RunDirectory(out)


def is_held(out: Path) -> bool:
    """Return whether a living process holds the directory; one that cannot be read is free."""
    try:
        holder = _holder_of(out)
    except OSError:
        return False
    return holder is not None and holder.is_alive()


def check_free(out: Path, break_lock: bool = False) -> None:
    """Refuse a directory that a living process holds; one that cannot be read is free.

    Raises
    ------
    InputError
        Another process holds it.
    """
    with contextlib.suppress(OSError):
        _refuse(out, _holder_of(out), break_lock)


def break_lock(out: Path) -> None:
    """Give a directory free that a process on another machine holds: the caller knows it is dead.

    Raises
    ------
    OutputError
        If the file system refuses.
    """
    try:
        holder = _holder_of(out)
        if holder is not None and holder.is_elsewhere:
            (out / LOCK_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"--out: {out} cannot be written ({error.strerror or error})") from error


def clear(out: Path) -> None:
    """Remove what a run has left that can neither be continued nor is a result.

    Raises
    ------
    OutputError
        If the file system refuses.
    """
    try:
        _remove_older_run(out)
    except OSError as error:
        raise OutputError(f"--out: {out} cannot be written ({error.strerror or error})") from error


def read_summary(out: Path) -> dict[str, Any]:
    """Return the summary of the run in a directory, empty if it has none of ours."""
    try:
        summary: Any = json.loads((out / SUMMARY_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    known = isinstance(summary, dict) and summary.get("status") in STATUSES
    return summary if known else {}


def _remove_older_run(out: Path) -> None:
    """Empty the directory, its summary last: an interrupted removal can be taken up again."""
    entries = [path for path in out.iterdir() if path.name != LOCK_NAME]
    for path in sorted(entries, key=lambda path: path.name == SUMMARY_NAME):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _take_lock(out: Path, break_lock: bool) -> None:
    """Write this process into the lock file, unless a living one stands there."""
    with _locked_file(out / LOCK_NAME) as descriptor:
        holder = Holder.from_text(os.pread(descriptor, _LOCK_SIZE, 0).decode(errors="replace"))
        _refuse(out, holder, break_lock)
        # Written over the old text in one go: who reads meanwhile finds one holder or the other.
        text = json.dumps(asdict(Holder.this_process())).ljust(_LOCK_SIZE)
        os.pwrite(descriptor, text.encode(), 0)
        os.ftruncate(descriptor, len(text))
        os.fsync(descriptor)


@contextlib.contextmanager
def _locked_file(path: Path) -> Iterator[int]:
    """Open a file that nobody else reads and rewrites meanwhile.

    Without this two processes could both see a dead holder and both take over.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            with contextlib.suppress(OSError):  # some network file systems cannot
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_still(path, descriptor):
                yield descriptor
                return
        finally:
            os.close(descriptor)


def _is_still(path: Path, descriptor: int) -> bool:
    """Return whether the open file is the one at `path`, not one removed meanwhile."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _holder_of(out: Path) -> Holder | None:
    try:
        # One system call: a second one could see the end of the next holder's text.
        with (out / LOCK_NAME).open("rb", buffering=0) as stream:
            return Holder.from_text(stream.read(_LOCK_SIZE).decode(errors="replace"))
    except FileNotFoundError:
        return None


def _bears_summary(out: Path) -> bool:
    """Return whether the directory has a summary that a run of this program wrote."""
    return bool(read_summary(out))


def _bears_checkpoint(out: Path, restart: bool) -> bool:
    return restart and any(path.exists() for path in candidates(out))


def _ways(out: Path) -> str:
    """Return the options that take a directory with contents: what can go on is named first."""
    status = read_summary(out).get("status")
    if status == "finished" or not (status or _bears_checkpoint(out, True)):
        return "--overwrite"
    ended = {"stopped": "was stopped", "failed": "failed"}.get(str(status), "has not ended")
    return f"--restart (continues the run there, which {ended}) or --overwrite (removes it)"


def _refuse(out: Path, holder: Holder | None, break_lock: bool) -> None:
    """Refuse a directory whose holder lives, or may live on another machine."""
    if holder is None or not holder.is_alive() or (break_lock and holder.is_elsewhere):
        return
    message = f"--out: {out} is in use by process {holder.pid}"
    if holder.is_elsewhere:
        lock = out / LOCK_NAME
        held, written = _ages(out)
        message += (
            f" on {holder.host} for {held}, last written {written} ago; if that process is dead: "
            f"--break-lock of tusk run and tusk sweep, or remove {lock}"
        )
    raise InputError(message)


def _ages(out: Path) -> tuple[str, str]:
    """Return how long ago the lock was taken and anything in the directory was last written."""
    times = [(out / LOCK_NAME).stat().st_mtime]
    for path in out.iterdir():
        with contextlib.suppress(FileNotFoundError):
            times.append(path.stat().st_mtime)
    now = time.time()
    return _duration(now - times[0]), _duration(now - max(times))


def _duration(seconds: float) -> str:
    """Return a duration in its largest unit; clocks of two machines may differ."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _state_and_start(pid: int) -> tuple[str, str]:
    """Return the state letter and the start time of a process, empty where /proc is missing."""
    try:
        # The name of the program, in parentheses, may hold blanks: count from behind it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
