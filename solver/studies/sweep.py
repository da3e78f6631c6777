"""The directory of a sweep: what is to be run, what has been run, and the summary of it."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

from ..checkpoint import CheckpointError, candidates
from ..config import load_config
from ..errors import InputError, OutputError
from ..output import disk_errors, format_value, write_atomically, write_json
from ..rundir import SUMMARY_NAME, RunDirectory, break_lock, check_free, hold, is_held
from .cases import Case, word

PLAN_NAME = "sweep.json"
TUSK = (sys.executable, "-m", "tusk.solver.cli")

UNFINISHED = ("pending", "stopped", "killed")
"""States of a case that a sweep takes up (again). A failed case would fail again."""

_LONGEST_LOG_LINE = 2_000


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands.

    Attributes
    ----------
    status
        ``pending``, ``running``, ``finished``, ``failed``, ``stopped``, or ``killed`` (it ended
        without a word).
    reason
        Why it ended, empty while it runs.
    record
        Its ``run.json``, empty if there is none.
    """

    status: str
    reason: str
    record: Mapping[str, Any]


class Sweep:
    """A sweep on disk.

    Parameters
    ----------
    path
        Its directory: ``sweep.json``, ``configs/``, ``cases/``, ``logs/``, ``summary.csv``.
    break_lock
        Whether processes on other machines that hold it or its cases count as dead.
    """

    def __init__(self, path: Path, break_lock: bool = False) -> None:
        self.path = path
        self._break_lock = break_lock

    def config_of(self, case: str) -> Path:
        """Return the complete config of a case."""
        return self.path / "configs" / f"{case}.yaml"

    def run_of(self, case: str) -> Path:
        """Return the run directory of a case."""
        return self.path / "cases" / case

    def log_of(self, case: str) -> Path:
        """Return what the runs of a case printed."""
        return self.path / "logs" / f"{case}.log"

    def check(self) -> None:
        """Refuse a directory that holds something else, or another sweep at work.

        Raises
        ------
        InputError
            The directory may not be used; nothing is written.
        """
        if not self.path.exists():
            return
        if not self.path.is_dir():
            raise InputError(f"--out: not a folder, allowed a new or an empty one, got {self.path}")
        check_free(self.path, self._break_lock)
        if any(self.path.iterdir()) and not (self.path / PLAN_NAME).is_file():
            what = f"folder is not empty and has no {PLAN_NAME} of ours"
            raise InputError(f"--out: {what}, got {self.path}")

    def prepare(self, cases: Sequence[Case], config: Path) -> RunDirectory:
        """Take the directory and write the config of every case; results that are there stay.

        Raises
        ------
        InputError
            See `check`.
        OutputError
            The disk refuses.
        """
        self.check()
        with disk_errors(self.path):
            for name in ("configs", "cases", "logs"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
        held = hold(self.path, self._break_lock)
        plan = {
            "version": version("tusk-fem"),
            "config": config.name,
            "written": datetime.now(UTC).isoformat(timespec="seconds"),
            "cases": [{"case": case.name, "changes": case.changes} for case in cases],
        }
        write_json(self.path / PLAN_NAME, plan)
        for case in cases:
            path = self.config_of(case.name)
            if not path.exists():
                write_atomically(path, case.config.to_yaml().encode())
        return held

    def free(self, cases: Iterable[str]) -> None:
        """Give cases free that dead processes on other machines hold, if that was asked for.

        Raises
        ------
        OutputError
            The disk refuses.
        """
        if self._break_lock:
            for case in cases:
                break_lock(self.run_of(case))

    def state_of(self, case: str) -> State:
        """Return where a case stands, from what is on disk."""
        run = self.run_of(case)
        record = _read_record(run / SUMMARY_NAME)
        if is_held(run):
            return State("running", "", record)
        if record.get("status") == "running":
            return State("killed", "no word of its end", record)
        if record:
            return State(str(record.get("status")), str(record.get("reason") or ""), record)
        last = self._last_words(case)
        return State("failed", last, {}) if last else State("pending", "", {})

    def _last_words(self, case: str) -> str:
        """Return the last line of a log: why a run was refused before it had a directory."""
        try:
            text = self.log_of(case).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        lines = text[-_LONGEST_LOG_LINE:].strip().splitlines()
        return lines[-1].removeprefix("tusk: ") if lines else ""

    def run_command(self, case: str, allow_code: bool) -> list[str]:
        """Return the command that runs a case: from its checkpoint, or afresh if that is of no use.

        Parameters
        ----------
        case
            Its name.
        allow_code
            Accept a tunnel law from a Python file.
        """
        run = self.run_of(case)
        again = "--overwrite" if self._is_beyond_repair(case, allow_code) else "--restart"
        words = [*TUSK, "run", str(self.config_of(case)), "--out", str(run), again, "--quiet"]
        return [*words, "--allow-code"] if allow_code else words

    def _is_beyond_repair(self, case: str, allow_code: bool) -> bool:
        """Return whether a case has checkpoints and none of them can be continued."""
        run = self.run_of(case)
        if not any(path.exists() for path in candidates(run)):
            return False
        from ..restart import usable_checkpoint

        try:
            usable_checkpoint(run, load_config(self.config_of(case), (), allow_code))
        except (CheckpointError, InputError):
            return True
        return False


def _read_record(path: Path) -> dict[str, object]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def summary_rows(sweep: Sweep, cases: Sequence[Case]) -> list[dict[str, object]]:
    """Return one row per case: what it changed, how it ended, its marks, its cost.

    Numbers are in the units their names carry; what a case does not have is None.
    """
    rows = [_row(case, sweep.state_of(case.name)) for case in cases]
    columns = dict.fromkeys(key for row in rows for key in row)
    return [{key: row.get(key) for key in columns} for row in rows]


def _row(case: Case, state: State) -> dict[str, object]:
    record = state.record
    changes = {key: word(value) for key, value in case.changes.items()}
    timings = record.get("timings_s") or {}
    memory = record.get("peak_memory_bytes")
    return {
        "case": case.name,
        **changes,
        "status": state.status,
        "reason": state.reason,
        **{name: _number(value) for name, value in (record.get("marks") or {}).items()},
        "accepted_steps": (record.get("counters") or {}).get("accepted"),
        "peak_memory_bytes": memory,
        **{f"{_column(phase)}_time_s": _number(value) for phase, value in timings.items()},
    }


def _column(phase: str) -> str:
    return re.sub(r"\W", "_", phase)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def write_summary(sweep: Sweep, cases: Sequence[Case], parquet: bool = False) -> None:
    """Write ``summary.csv``, and ``summary.parquet`` on demand, with one row per case.

    Raises
    ------
    OutputError
        The disk refuses.
    """
    rows = summary_rows(sweep, cases)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow("" if value is None else format_value(value) for value in row.values())
    write_atomically(sweep.path / "summary.csv", text.getvalue().encode())
    if parquet:
        import pandas as pd

        data = io.BytesIO()
        pd.DataFrame(rows).to_parquet(data, engine="pyarrow", index=False)
        write_atomically(sweep.path / "summary.parquet", data.getvalue())


def check_parquet() -> None:
    """Refuse ``--parquet`` where the library for it is missing.

    Raises
    ------
    InputError
        If pyarrow is not installed.
    """
    from importlib.util import find_spec

    if find_spec("pyarrow") is None:
        raise InputError("--parquet: needs pyarrow, which is not installed (pip install pyarrow)")


def log_stream(sweep: Sweep, case: str) -> IO[bytes]:
    """Open the log of a case for the output of a run, after what earlier runs said.

    Raises
    ------
    OutputError
        The disk refuses.
    """
    path = sweep.log_of(case)
    try:
        return path.open("ab")
    except OSError as error:
        raise OutputError(f"output: cannot write {path} ({error.strerror})") from error
