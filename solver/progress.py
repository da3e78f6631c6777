"""What a run tells: what is solved, how far it is, how it ended."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from rich.live import Live
from rich.table import Table

from tusk.solver.certificate import find_certificate
from tusk.solver.config import RunConfig
from tusk.solver.config.summary import CHANGED, Provenance
from tusk.solver.marks_text import ERROR_BARS, mark_text, spread_text
from tusk.solver.parameters import ParameterSet
from tusk.solver.voice import Voice

if TYPE_CHECKING:
    from tusk.solver.core.model import ModelRun

LINE_EVERY = 5.0
"""Seconds between progress lines where the output is not a terminal."""

LOG_EVERY = 30.0
"""Seconds between progress lines in the log."""

RECENT = 20.0
"""Seconds of progress from which the time to the end is estimated."""


def announce(
    voice: Voice,
    config: RunConfig,
    laws: Sequence[tuple[str, str]],
    chosen: ParameterSet,
    rows: Sequence[Provenance],
) -> None:
    """Tell the model, its parameter set with the citation, and what the config changes in it.

    Details are equations, closures and values that come from the program.
    """
    voice.say(f"tusk: {config.model}, parameter set {chosen.name}: {chosen.title}")
    voice.say(f"  {chosen.citation}")
    for name, formula in laws:
        voice.say(f"  {name:<22} {formula}", detail=True)
    changed = [row for row in rows if row.source == CHANGED]
    if changed:
        told = ", ".join(f"{row.key} = {row.value}" for row in changed)
        voice.say(f"  changed: {told}")
    preset = next((row for row in rows if row.key == "mesh.preset"), None)
    if preset is not None and preset not in changed:
        voice.say(f"  {preset.key} = {preset.value}")
    for row in rows:
        if not row.tag and row not in changed:
            voice.say(f"  {row.key} = {row.value} ({row.source})", detail=True)


def conclude(voice: Voice, record: Mapping[str, Any], directory: Path) -> None:
    """Tell how a run ended: status, marks with their units, where the files are.

    Parameters
    ----------
    voice
        Where.
    record
        Content of ``run.json``.
    directory
        The run directory.
    """
    wall, memory = record["timings_s"]["wall"], record["peak_memory_bytes"] / 1e6
    ended = f"{record['status']}, {record['reason']}"
    voice.say(f"{ended}: {_work(record)} in {wall:.0f} s, peak memory {memory:.0f} MB")
    finished = record["status"] == "finished"
    certificate = find_certificate(directory, record["physics_hash"]) if finished else None
    errors = {
        key: certificate.error_of(key, value) if certificate else None
        for key, value in record["marks"].items()
    }
    ensemble = record.get("ensemble")
    if ensemble:
        voice.say("  of member 0:")
    for key, value in record["marks"].items():
        mark = mark_text(key, value, errors[key])
        voice.say(f"  {mark.name:<26} {mark.told}")
    if ensemble:
        voice.say(f"  mean ± standard deviation of {ensemble['members']} members:")
        for key, told in spread_text(ensemble["spread"]).items():
            voice.say(f"  {key:<26} {told}")
    if any(error is not None for error in errors.values()):
        voice.say(f"  {ERROR_BARS}")
    for warning in record.get("warnings") or ():
        since = f" (since {warning['since_s']:.6g} s)" if warning["since_s"] else ""
        voice.say(f"warning: {warning['message']}{since}")
    if record["status"] == "stopped":
        voice.say("to go on from here: the same command, with --restart and without --overwrite")
    voice.say(f"results in {directory}")


def _work(record: Mapping[str, Any]) -> str:
    """Return what a run has done: steps, or the rows of a model that takes many at a time."""
    counters = record["counters"]
    if "rows" not in counters:
        return f"{counters['accepted']} steps"
    members = (record.get("ensemble") or {}).get("members", 1)
    whose = f" of the first of {members} members" if members > 1 else ""
    return f"{counters['rows']} rows{whose}"


class Progress:
    """A live table on a terminal, plain lines elsewhere, rare lines in the log."""

    def __init__(self, run: ModelRun, voice: Voice) -> None:
        self._run = run
        self._voice = voice
        self._began = self._shown = self._logged = time.monotonic()
        self._steps_before = run.accepted
        self._recent = deque([(self._began, run.progress())])
        self._live: Live | None = None
        if voice.is_live:
            self._live = Live(console=voice.output, refresh_per_second=4)

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
            self._voice.log(self._line())
        else:
            self._voice.say(self._line())

    def show(self) -> None:
        """Show the newest step if the last one shown is old enough."""
        now = time.monotonic()
        if now - self._logged >= LOG_EVERY:
            self._logged = now
            self._voice.log(self._line())
        if self._voice.quiet or now - self._shown < (0.2 if self._live else LINE_EVERY):
            return
        self._shown = now
        self._remember(now)
        if self._live is not None:
            self._live.update(self._table())
        else:
            self._voice.output.say(self._line())

    def _remember(self, now: float) -> None:
        """Keep how far the run is, and what was known at least `RECENT` seconds ago."""
        self._recent.append((now, self._run.progress()))
        while len(self._recent) > 2 and self._recent[1][0] <= now - RECENT:
            self._recent.popleft()

    def _values(self) -> list[tuple[str, str]]:
        steps = self._run.accepted
        elapsed = max(time.monotonic() - self._began, 1e-9)
        return [
            ("step", f"{steps}"),
            *self._run.status(),
            ("steps/s", f"{(steps - self._steps_before) / elapsed:.1f}"),
            ("ETA", self._remaining()),
        ]

    def _remaining(self) -> str:
        """Return a rough time to the end, from the share of the drive done of late."""
        (then, before), share = self._recent[0], self._run.progress()
        rate = (share - before) / max(time.monotonic() - then, 1e-9)
        return f"{(1 - share) / rate:.0f} s" if rate > 0.0 and share > 0.01 else "-"

    def _line(self) -> str:
        return "  ".join(f"{name} {value}" for name, value in self._values())

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 0, 0, 1))  # fits 80 columns
        values = self._values()
        for name, _ in values:
            table.add_column(name, justify="right", no_wrap=True)
        table.add_row(*(value for _, value in values))
        return table
