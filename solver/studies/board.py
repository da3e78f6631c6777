"""What a running sweep shows: a live table on a terminal, a line per finished case elsewhere."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from rich.live import Live
from rich.table import Table

from ..voice import Output
from .cases import Case, spelled
from .pool import Pool
from .sweep import State, Sweep

_TAIL = 4096  # bytes of a table that surely hold its last row
_SHOWN = {
    "time_s": "t/s",
    "applied_voltage_V": "V/V",
    "current_A": "I/A",
    "temperature_max_K": "T/K",
}
_LONGEST_REASON = 80


class Board:
    """Shows how far a sweep is; also a context manager.

    Parameters
    ----------
    sweep
        The sweep.
    cases
        All its cases.
    states
        Where they stand at the start, in the same order.
    quiet
        Show nothing.
    """

    def __init__(
        self, sweep: Sweep, cases: Sequence[Case], states: Sequence[State], quiet: bool
    ) -> None:
        self._sweep = sweep
        self._changes = {case.name: spelled(case.changes) for case in cases}
        self.states = {case.name: state for case, state in zip(cases, states, strict=True)}
        self._quiet = quiet
        self._output = Output()
        self._began = time.monotonic()
        self._ended = self._left = 0
        self._running: list[str] = []
        self._live: Live | None = None
        if not quiet and self._output.is_terminal:
            self._live = Live(console=self._output, refresh_per_second=2)

    def __enter__(self) -> Board:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.update(self._counts())
            self._live.stop()

    def show(self, pool: Pool) -> None:
        """Show which cases run now and which have ended since the last call."""
        now = [job.case for job in pool.running]
        for case in [case for case in self._running if case not in now]:
            self._ended += 1
            self.states[case] = self._sweep.state_of(case)
            self._say_end(case)
        self._running = now
        self._left = len(now) + len(pool.waiting)
        if self._live is not None:
            self._live.update(self._table(pool))

    def _say_end(self, case: str) -> None:
        state = self.states[case]
        wall = (state.record.get("timings_s") or {}).get("wall")
        seconds = "" if wall is None else f" in {wall:.0f} s"
        reason = state.reason[:_LONGEST_REASON]
        through = sum(s.status in ("finished", "failed") for s in self.states.values())
        if not self._quiet:
            self._output.say(
                f"{through}/{len(self.states)}  {case}  {state.status}, {reason}{seconds}"
                f"  {self._changes[case]}"
            )

    def _counts(self) -> Table:
        """Return how many cases are in each state, and when all will be through."""
        statuses = [
            "running" if case in self._running else state.status
            for case, state in self.states.items()
        ]
        table = Table(box=None, pad_edge=False)
        counts = {status: statuses.count(status) for status in dict.fromkeys(statuses)}
        elapsed = time.monotonic() - self._began
        eta = f"{elapsed * self._left / self._ended:.0f} s" if self._ended and self._left else "-"
        for name in (*counts, "ETA"):
            table.add_column(name, justify="right", no_wrap=True)
        table.add_row(*(str(count) for count in counts.values()), eta)
        return table

    def _table(self, pool: Pool) -> Table:
        """Return the counts above one line per running case."""
        jobs = Table(box=None, pad_edge=False)
        jobs.add_column("case", no_wrap=True)
        for name in ("since/s", *_SHOWN.values()):
            jobs.add_column(name, justify="right", no_wrap=True)
        jobs.add_column("changes")
        for job in pool.running:
            values = last_row(self._sweep.run_of(job.case) / "timeseries.csv")
            shown = [values.get(name, "") for name in _SHOWN]
            seconds = f"{time.monotonic() - job.started:.0f}"
            jobs.add_row(job.case, seconds, *map(_short, shown), self._changes[job.case])
        both = Table.grid()
        both.add_row(self._counts())
        both.add_row(jobs)
        return both


def last_row(path: Path) -> dict[str, str]:
    """Return the last whole row of a CSV file by column, empty if there is none."""
    try:
        with path.open("rb") as stream:
            header = stream.readline().decode().strip()
            stream.seek(max(stream.tell(), path.stat().st_size - _TAIL))
            lines = stream.read().decode(errors="replace").split("\n")[:-1]
    except OSError:
        return {}
    columns = header.split(",")
    cells = lines[-1].split(",") if lines else []
    return dict(zip(columns, cells, strict=True)) if len(cells) == len(columns) else {}


def _short(cell: str) -> str:
    try:
        return f"{float(cell):.4g}"
    except ValueError:
        return cell
