"""One filament run: steps, events of the drive, physical ends, and what is written of each step."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from math import nan
from pathlib import Path
from typing import Any

from tusk.solver import checkpoint
from tusk.solver.config import FilamentConfig
from tusk.solver.core.saved_run import RUNNING, End, SavedRun
from tusk.solver.models.filament.fields import between
from tusk.solver.models.filament.files import TIMESERIES, open_files, read_rows
from tusk.solver.models.filament.journal import Journal
from tusk.solver.models.filament.marks import RegimeTracker
from tusk.solver.models.filament.observables import (
    Row,
    atom_imbalance,
    observe,
    overpotentials,
    read_resistance,
)
from tusk.solver.models.filament.physical_end import changes, physical_end, withdrawn
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.output import Reach
from tusk.solver.parallel import collective
from tusk.solver.physics.constants import NM
from tusk.solver.restart import description

CONTACT_COLUMNS = ("events", "sites", "sites_conducting")
"""Columns of ``contact.csv`` that an ensemble states of its members."""

MOST_TRIALS = 12
"""Trials to land on an ``until`` condition."""


class FilamentRun:
    """Steps a simulation to its end and writes the run directory.

    Parameters
    ----------
    config
        The configuration.
    simulation
        The simulation at its start.
    directory
        The run directory, prepared.
    saved
        Continue a run whose files are in the directory: what `snapshot` returned of it.  They are
        cut back to where they were then.

    Attributes
    ----------
    journal
        The rows since the start of the run.
    end
        How the run ended, `RUNNING` while it goes on.
    """

    def __init__(
        self,
        config: FilamentConfig,
        simulation: Simulation,
        directory: Path,
        saved: SavedRun | None = None,
    ) -> None:
        self.config = config
        self.simulation = simulation
        self.journal = Journal(config)
        self.end = RUNNING
        self._tracker = RegimeTracker(simulation.tools.physics.tunnelling)
        self._wanted_currents = sorted(config.output.fields_at_currents)
        self._iterations = 0
        self._met: int | None = None
        self._warned = False
        self._events = 0
        self._comm = simulation.tools.comm
        self._directory = directory
        self._checkpoint_due = time.monotonic() + config.checkpoint.every
        tables = {} if saved is None else saved.tables
        times = () if saved is None else saved.state["field_times"]
        self._files = self.on_writer(
            lambda: open_files(config, simulation, directory, tables, times)
        )
        if saved is None:
            self._record()
            position = simulation.state.position
            self.journal.cycles.begin(self.last, simulation.drive.turn(position, 0.0))
        else:
            self.end = saved.end
            self._continue_from(saved.state)

    @property
    def last(self) -> Row:
        """The newest row."""
        return self.journal.newest

    @property
    def rows(self) -> list[Row]:
        """The rows that are kept."""
        return self.journal.rows

    def step(self) -> End | None:
        """Take one accepted step and write it; return how the run ended, or None.

        Raises
        ------
        SolveError
            If no step succeeds; everything written before stays.
        """
        self._advance_to_event()
        end = withdrawn(self.simulation)
        if end is None:
            self._record()
            end = physical_end(self.simulation, self.last.gap_min_m / NM) or self._drive_end()
        self.end = end or RUNNING
        if end is not None:
            self._write_last()
        self._follow_cycles()
        if collective(self._comm, lambda: time.monotonic() > self._checkpoint_due):
            self._write_checkpoint()
        return end

    @property
    def accepted(self) -> int:
        """Steps taken."""
        return self.simulation.counters.accepted

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest row."""
        row = self.last
        return [
            ("t", f"{row.time_s:.6g} s"),
            ("V", f"{row.applied_voltage_V:.4f} V"),
            ("I", f"{row.current_A:.3e} A"),
            ("gap", f"{row.gap_min_m * 1e9:.4f} nm"),
            ("r", f"{row.radius_max_m * 1e9:.3f} nm"),
            ("T", f"{row.temperature_max_K:.1f} K"),
        ]

    def progress(self) -> float:
        """Return the share of the drive's time that is done, 0 to 1."""
        simulation = self.simulation
        state = simulation.state
        end = simulation.drive.total_time(state.position)
        return min(1.0, state.time / end) if end > 0 else 1.0

    def summary(self) -> dict[str, Any]:
        """Return marks, regimes, ledger maxima and counters for ``run.json``."""
        told = self.journal.summary(self.config, self.end.reason == "drive_done")
        ledgers = self.journal.ledgers() | {"atom_imbalance": atom_imbalance(self.simulation)}
        counters = {**asdict(self.simulation.counters), "topology_events": self._events}
        return {**told, "ledgers": ledgers, "counters": counters}

    def outcome(self) -> dict[str, float]:
        """Return the numbers of a row of ``ensemble.csv``."""
        found = self.summary()["marks"]
        touched = (row.time_s for row in self.rows if row.regime == "contact")
        names = ("upsilon_s", "lrs_ohm", "temperature_max_K")
        contact = self.simulation.contact
        report = contact.report(self.simulation.touch, self.last.current_A)
        return {
            "contact_s": next(touched, nan),
            **{name: nan if found[name] is None else found[name] for name in names},
            **dict.fromkeys(CONTACT_COLUMNS, nan),
            **dict(zip(contact.columns, report, strict=True)),
        }

    def tables(self) -> Mapping[str, Reach]:
        """Bring the tables to the disk and return how far they go; collective."""
        return self.on_writer(lambda: self._files.sync() if self._files else {}) or {}

    def close(self) -> None:
        """Write the checkpoint and the fields of the last state and close the files.

        In this order: fields that are written only because the run stops here are not of those
        that a restart keeps.
        """
        self._write_checkpoint()
        self._write_last()
        self._write_fields(force=True)

    # --- steps and events -----------------------------------------------------------------------

    def _advance_to_event(self) -> None:
        """Step; when an ``until`` condition was passed, come back and land on it."""
        simulation = self.simulation
        before = simulation.counters.newton_iterations
        simulation.advance()
        if self._passed() is not None:
            self._land()
        self._met = self._passed()
        self._iterations = simulation.counters.newton_iterations - before

    def _passed(self) -> int | None:
        """Return the step of the drive that follows a condition that holds, None if none does."""
        conditions = self.simulation.drive.conditions(self.simulation.previous.position)
        if not conditions:
            return None
        row = observe(self.simulation, 0)[0]
        return next((after for until, after in conditions if until.holds(row)), None)

    def _land(self) -> None:
        """Bisect the last step until it ends within the step tolerance behind the condition.

        Every trial is a step of its own from where the last one began. Where one comes out shorter
        and the condition does not hold there, the run goes on from it.
        """
        simulation = self.simulation
        low, high = 0.0, simulation.taken
        close = self.config.stepping.tolerance * high
        for _ in range(MOST_TRIALS):
            if high - low <= close:
                break
            middle = 0.5 * (low + high)
            simulation.retry(middle)
            if self._passed() is not None:
                high = simulation.taken
            elif simulation.taken < middle * (1.0 - 1e-9):
                return
            else:
                low = middle
        if self._passed() is None:
            simulation.retry(high)

    def _drive_end(self) -> End | None:
        simulation = self.simulation
        state, met = simulation.state, self._met
        self._met = None
        over = met is not None or simulation.drive.is_over(state.position, state.offset)
        if over and not simulation.leave_drive_step(met):
            return End("finished", "drive_done")
        return None

    # --- writing --------------------------------------------------------------------------------

    def _record(self) -> None:
        row, channel = observe(self.simulation, self._iterations)
        self._watch(channel.voltage)
        regime, shares = self._tracker(channel)
        if self.simulation.contact.is_closed(self.simulation.touch):
            regime = "contact"
        row = replace(
            row,
            regime=regime,
            share_gap=shares["gap"],
            share_area=shares["area"],
            share_temperature=shares["temperature"],
            share_voltage=shares["voltage"],
        )
        kept = self.journal.add(row, corner=self.simulation.state.former.step == 0.0)
        self._write_row(kept, self.journal.wants_curve)
        self._note_events()
        self._write_fields(force=False)

    def _write_row(self, row: bool, curve: bool) -> None:
        """Write what is wanted of the present state: its row, its curve."""
        if not (row or curve):
            return
        simulation, newest = self.simulation, self.last
        shown = simulation.state.shape.curve * NM if curve else None
        touch = simulation.contact.report(simulation.touch, newest.current_A)
        limits = overpotentials(simulation) if self.config.output.overpotentials else ()

        def add() -> None:
            if self._files:
                self._files.add(newest, shown, touch, simulation, row, limits)

        with simulation.tools.timer("output"):
            self.on_writer(add)

    def _write_last(self) -> None:
        """Write of the last state what was thinned out."""
        self._write_row(self.journal.keep_newest(), not self.journal.wants_curve)

    def _follow_cycles(self) -> None:
        """Write the cycle of the drive that ends with the present state, if one does."""
        simulation, drive = self.simulation, self.simulation.drive
        voltage = self.config.output.read_voltage

        def read() -> float:
            return float("nan") if voltage is None else read_resistance(simulation, voltage)

        turn = drive.turn(simulation.state.position, simulation.state.offset)
        done = self.journal.cycles.follow(self.last, turn, self.end is not RUNNING, read)
        if done and drive.has_cycles:
            self.on_writer(lambda: self._files.add_cycle(done[0]) if self._files else None)

    def _note_events(self) -> None:
        """Write what changes topology at the present state; the next step begins after it."""
        time, surgery = self.simulation.state.time, changes(self.simulation)
        if surgery is None:
            return
        self._events += len(surgery.events)
        self.on_writer(
            lambda: self._files.add_events(time, surgery.events) if self._files else None
        )

    def _watch(self, voltage: float) -> None:
        """Warn once where a point contact's own law ends: eV/2 >= phi across the gap (V)."""
        constriction = self.simulation.tools.physics.constriction
        if constriction is None or self._warned:
            return
        contact = constriction.at(self.config.contact.gap)
        self._warned = abs(voltage) >= contact.validity_voltage()
        if self._warned:
            self.on_writer(lambda: contact.warn_outside(voltage))

    # --- checkpoints ----------------------------------------------------------------------------

    def snapshot(self) -> SavedRun:
        """Return all that the rest of the run depends on, and where its files stand; collective.

        Reading it changes nothing: a run goes on as if nobody had asked.
        """
        return SavedRun(
            model=self.config.model,
            config=description(self.config),
            accepted=self.accepted,
            time_s=self.last.time_s,
            end=self.end,
            tables=self.tables(),
            files=self._files.field_files if self._files else (),
            state={
                "simulation": self.simulation.snapshot(),
                "met": self._met,
                "events": self._events,
                "regimes": self._tracker.state(),
                "journal": self.journal.state(),
                "seconds": self.simulation.tools.timer.state(),
                "field_times": self._files.field_times if self._files else (),
            },
        )

    def save(self, path: Path) -> None:
        """Write a checkpoint of the present state to any file; collective.

        Raises
        ------
        OutputError
            If the disk refuses.
        """
        content = self.snapshot()
        self.on_writer(lambda: checkpoint.save(path, content.tree()))

    def _continue_from(self, saved: checkpoint.Tree) -> None:
        """Take up rows, labels and times of a run from where its checkpoint was written."""
        path = self._directory / TIMESERIES
        rows = collective(self._comm, lambda: read_rows(path))
        self.journal = Journal(self.config, rows, saved.get("journal"))
        self._tracker.restore(saved["regimes"])
        self._met = saved.get("met")
        self._events = saved.get("events", 0)
        self.simulation.tools.timer.restore(saved["seconds"])
        highest = max(row.current_A for row in self.rows)
        self._wanted_currents = [wanted for wanted in self._wanted_currents if wanted > highest]

    def _write_checkpoint(self) -> None:
        """Keep the present state on disk, so that nothing that ends the run loses it."""
        content = self.snapshot()
        with self.simulation.tools.timer("output"):
            self.on_writer(lambda: checkpoint.write(self._directory, content.tree()))
        self._checkpoint_due = time.monotonic() + self.config.checkpoint.every

    # --- fields ---------------------------------------------------------------------------------

    def _write_fields(self, force: bool) -> None:
        while self._wanted_currents and self.last.current_A >= self._wanted_currents[0]:
            self._write_fields_at(self._wanted_currents.pop(0))
        if force or self.journal.wants_fields:
            self._write_present_fields()

    def _write_fields_at(self, current: float) -> None:
        """Write the fields of the last step where its current (A) is reached.

        They are interpolated: a step that ends there would change the run by what is shown of it.
        """
        begun, done = self.journal.before.current_A, self.last.current_A
        if not begun < current < done:  # the first state is at it already
            self._write_present_fields()
            return
        with between(self.simulation, (current - begun) / (done - begun)):
            self._write_present_fields()

    def _write_present_fields(self) -> None:
        with self.simulation.tools.timer("output"):
            self.on_writer(lambda: self._files.add_fields(self.simulation) if self._files else None)

    def on_writer[T](self, action: Callable[[], T]) -> T | None:
        """Run ``action`` on rank 0; its failure is raised on every rank."""
        out: list[T] = []

        def run() -> None:
            out.append(action())

        collective(self._comm, run)
        return out[0] if out else None
