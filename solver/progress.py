"""What a run prints: what is solved, how far it is, how it ended."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.table import Table

from tusk.solver.config import FilamentConfig
from tusk.solver.config.summary import Provenance
from tusk.solver.parameters import ParameterSet

if TYPE_CHECKING:
    from tusk.solver.models.filament.run import FilamentRun

LINE_EVERY = 5.0
"""Seconds between progress lines where the output is not a terminal."""


def announce(
    config: FilamentConfig,
    laws: Sequence[tuple[str, str]],
    chosen: ParameterSet,
    rows: Sequence[Provenance],
) -> None:
    """Print equations, closures and the parameter set with its citation."""
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"tusk: {config.model}, parameter set {chosen.name}: {chosen.title}")
    console.print(f"  {chosen.citation}", markup=False)
    for name, formula in laws:
        console.print(f"  {name:<22} {formula}", markup=False)
    changed = [row for row in rows if not row.tag]
    if changed:
        console.print("  values that are not the parameter set's:")
        for row in changed:
            console.print(f"    {row.key} = {row.value} ({row.source})", markup=False)


class Progress:
    """A live table on a terminal, plain lines elsewhere, nothing when quiet."""

    def __init__(self, run: FilamentRun, quiet: bool) -> None:
        self._run = run
        self._quiet = quiet
        self._console = Console(highlight=False)
        self._began = self._shown = time.monotonic()
        self._live: Live | None = None
        if not quiet and self._console.is_terminal:
            self._live = Live(console=self._console, refresh_per_second=4)

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
            self._console.print(self._line(), soft_wrap=True)

    def show(self) -> None:
        """Show the newest step if the last one shown is old enough."""
        now = time.monotonic()
        if self._quiet or now - self._shown < (0.2 if self._live else LINE_EVERY):
            return
        self._shown = now
        if self._live is not None:
            self._live.update(self._table())
        else:
            self._console.print(self._line(), soft_wrap=True)

    def _values(self) -> list[tuple[str, str]]:
        row = self._run.last
        steps = self._run.simulation.counters.accepted
        elapsed = max(time.monotonic() - self._began, 1e-9)
        return [
            ("step", f"{steps}"),
            ("t", f"{row.time_s:.6g} s"),
            ("V", f"{row.applied_voltage_V:.4f} V"),
            ("I", f"{row.current_A:.3e} A"),
            ("gap", f"{row.gap_min_m * 1e9:.4f} nm"),
            ("r", f"{row.radius_max_m * 1e9:.3f} nm"),
            ("T", f"{row.temperature_max_K:.1f} K"),
            ("steps/s", f"{steps / elapsed:.1f}"),
            ("ETA", self._remaining(elapsed)),
        ]

    def _remaining(self, elapsed: float) -> str:
        """Return a rough time to the end, from the share of the drive's time that is done."""
        share = self._run.progress()
        return f"{elapsed * (1 - share) / share:.0f} s" if share > 0.02 else "-"

    def _line(self) -> str:
        return "  ".join(f"{name} {value}" for name, value in self._values())

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False)
        values = self._values()
        for name, _ in values:
            table.add_column(name, justify="right", no_wrap=True)
        table.add_row(*(value for _, value in values))
        return table
