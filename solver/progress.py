"""What a run prints: what is solved, how far it is, how it ended."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tusk.solver.certificate import find_certificate
from tusk.solver.config import RunConfig
from tusk.solver.config.summary import Provenance
from tusk.solver.marks_text import ERROR_BARS, mark_text, spread_text
from tusk.solver.parameters import ParameterSet

if TYPE_CHECKING:
    from tusk.solver.core.model import ModelRun

LINE_EVERY = 5.0
"""Seconds between progress lines where the output is not a terminal."""


class Output(Console):
    """Standard output; that nobody reads it any more, or that it is full, ends no run."""

    def __init__(self) -> None:
        super().__init__(highlight=False, markup=False, soft_wrap=True)

    def on_broken_pipe(self) -> None:
        """Go on without output, also when Python flushes it at its end."""
        self.quiet = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    def say(self, line: str) -> None:
        """Print a line."""
        try:
            self.print(line)
        except OSError:
            self.on_broken_pipe()


def announce(
    config: RunConfig,
    laws: Sequence[tuple[str, str]],
    chosen: ParameterSet,
    rows: Sequence[Provenance],
) -> None:
    """Print equations, closures and the parameter set with its citation."""
    output = Output()
    output.say(f"tusk: {config.model}, parameter set {chosen.name}: {chosen.title}")
    output.say(f"  {chosen.citation}")
    for name, formula in laws:
        output.say(f"  {name:<22} {formula}")
    changed = [row for row in rows if not row.tag]
    if changed:
        output.say("  values that are not the parameter set's:")
        for row in changed:
            output.say(f"    {row.key} = {row.value} ({row.source})")


def conclude(record: Mapping[str, Any], directory: Path) -> None:
    """Print how a run ended: status, marks with their units, where the files are.

    Parameters
    ----------
    record
        Content of ``run.json``.
    directory
        The run directory.
    """
    output = Output()
    wall, memory = record["timings_s"]["wall"], record["peak_memory_bytes"] / 1e6
    ended = f"{record['status']}, {record['reason']}"
    output.say(f"{ended}: {_work(record)} in {wall:.0f} s, peak memory {memory:.0f} MB")
    finished = record["status"] == "finished"
    certificate = find_certificate(directory, record["physics_hash"]) if finished else None
    errors = {
        key: certificate.error_of(key, value) if certificate else None
        for key, value in record["marks"].items()
    }
    ensemble = record.get("ensemble")
    if ensemble:
        output.say("  of member 0:")
    for key, value in record["marks"].items():
        mark = mark_text(key, value, errors[key])
        output.say(f"  {mark.name:<26} {mark.told}")
    if ensemble:
        output.say(f"  mean ± standard deviation of {ensemble['members']} members:")
        for key, told in spread_text(ensemble["spread"]).items():
            output.say(f"  {key:<26} {told}")
    if any(error is not None for error in errors.values()):
        output.say(f"  {ERROR_BARS}")
    output.say(f"results in {directory}")


def _work(record: Mapping[str, Any]) -> str:
    """Return what a run has done: steps, or the rows of a model that takes many at a time."""
    counters = record["counters"]
    if "rows" not in counters:
        return f"{counters['accepted']} steps"
    members = (record.get("ensemble") or {}).get("members", 1)
    return f"{counters['rows']} rows" + (f" of the first of {members} members" * (members > 1))


class Progress:
    """A live table on a terminal, plain lines elsewhere, nothing when quiet."""

    def __init__(self, run: ModelRun, quiet: bool) -> None:
        self._run = run
        self._quiet = quiet
        self._output = Output()
        self._began = self._shown = time.monotonic()
        self._steps_before = run.accepted
        self._share_before = run.progress()
        self._live: Live | None = None
        if not quiet and self._output.is_terminal:
            self._live = Live(console=self._output, refresh_per_second=4)

    def __enter__(self) -> Progress:
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
            self._live.update(self._table())
            self._live.stop()
        elif not self._quiet:
            self._output.say(self._line())

    def show(self) -> None:
        """Show the newest step if the last one shown is old enough."""
        now = time.monotonic()
        if self._quiet or now - self._shown < (0.2 if self._live else LINE_EVERY):
            return
        self._shown = now
        if self._live is not None:
            self._live.update(self._table())
        else:
            self._output.say(self._line())

    def _values(self) -> list[tuple[str, str]]:
        steps = self._run.accepted
        elapsed = max(time.monotonic() - self._began, 1e-9)
        return [
            ("step", f"{steps}"),
            *self._run.status(),
            ("steps/s", f"{(steps - self._steps_before) / elapsed:.1f}"),
            ("ETA", self._remaining(elapsed)),
        ]

    def _remaining(self, elapsed: float) -> str:
        """Return a rough time to the end, from the share of the drive's time that is done."""
        share = self._run.progress()
        done = share - self._share_before
        return f"{elapsed * (1 - share) / done:.0f} s" if done > 0.02 else "-"

    def _line(self) -> str:
        return "  ".join(f"{name} {value}" for name, value in self._values())

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 1))  # fits 80 columns
        values = self._values()
        for name, _ in values:
            table.add_column(name, justify="right", no_wrap=True)
        table.add_row(*(value for _, value in values))
        return table
