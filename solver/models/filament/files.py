"""The files of a filament run that grow with its steps."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from tusk.solver.closures.observables import build_observables
from tusk.solver.config import FilamentConfig
from tusk.solver.front.mechanics.events import Event
from tusk.solver.models.filament.accepted import Observables
from tusk.solver.models.filament.cycles import COLUMNS as CYCLE_COLUMNS
from tusk.solver.models.filament.cycles import Cycle
from tusk.solver.models.filament.fields import cell_fields, point_fields
from tusk.solver.models.filament.observables import Row
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.output import FieldSeries, Reach, Table, disk_errors
from tusk.solver.physics.constants import NM

TIMESERIES, CURVES, CONTACT = "timeseries.csv", "filament.csv", "contact.csv"
EVENTS, CYCLES = "events.csv", "cycles.csv"
EVENT_COLUMNS = ("time_s", "event", "r_m", "z_m", "lost_m3")
OBSERVABLES, OVERPOTENTIALS = "observables.csv", "overpotentials.csv"
OVERPOTENTIAL_COLUMNS = ("time_s", "charge_transfer_V", "hopping_V", "limited_by")
COLUMNS = tuple(field.name for field in fields(Row))


class RunFiles:
    """Rows, curves, contact and fields; lives on rank 0.

    Parameters
    ----------
    directory
        The run directory.
    contact
        Columns of ``contact.csv``; none without a contact.
    observables
        What adds columns to ``observables.csv``; there is none without them.
    tables
        How far the tables go of a run that is continued: they are cut back to it.
    field_times
        Times (s) of its field files.
    """

    def __init__(
        self,
        directory: Path,
        contact: tuple[str, ...],
        observables: Observables,
        tables: Mapping[str, Reach],
        field_times: Sequence[float],
    ) -> None:
        columns = {TIMESERIES: COLUMNS, CURVES: ("time_s", "r_m", "z_m")}
        if contact:
            columns[CONTACT] = ("time_s", "cell_voltage_V", "current_A", *contact)
        if observables.columns:
            columns[OBSERVABLES] = ("time_s", *observables.columns)
        self._observables = observables
        self._tables = {
            name: Table(directory / name, header, tables.get(name))
            for name, header in columns.items()
        }
        self._directory = directory
        later = {
            EVENTS: EVENT_COLUMNS,
            CYCLES: CYCLE_COLUMNS,
            OVERPOTENTIALS: OVERPOTENTIAL_COLUMNS,
        }
        for name, header in later.items():
            if name in tables:
                self._tables[name] = Table(directory / name, header, tables[name])
        self._fields = FieldSeries(directory, field_times)

    @property
    def field_files(self) -> tuple[str, ...]:
        """Names of the field files, relative to the run directory."""
        return self._fields.names

    @property
    def field_times(self) -> np.ndarray:
        """Their times (k,), s."""
        return np.array(self._fields.times)

    def sync(self) -> dict[str, Reach]:
        """Bring the tables to the disk and return how far they reach."""
        return {name: table.sync() for name, table in self._tables.items()}

    def add(
        self,
        row: Row,
        curve: np.ndarray | None,
        contact: tuple[float, ...],
        simulation: Simulation,
        kept: bool = True,
        limits: tuple[float | str, ...] = (),
    ) -> None:
        """Append one step: a row, the filament curve (n, 2) in m, what contact and observables say.

        Without a ``curve``, or where the row is not ``kept``, the rest alone is written; ``limits``
        are what `overpotentials` says, if it is wanted.

        Raises
        ------
        SolveError
            If an observable fails; nothing of the step is written then.
        """
        observed = self._observables.values(simulation, row) if kept else ()
        if observed:
            self._tables[OBSERVABLES].write([(row.time_s, *observed)])
        if contact and kept:
            touch = (row.time_s, row.cell_voltage_V, row.current_A, *contact)
            self._tables[CONTACT].write([touch])
        if limits and kept:
            self._append(OVERPOTENTIALS, OVERPOTENTIAL_COLUMNS, [(row.time_s, *limits)])
        if curve is not None:
            self._tables[CURVES].write([(row.time_s, float(r), float(z)) for r, z in curve])
        if kept:
            self._tables[TIMESERIES].write([tuple(getattr(row, name) for name in COLUMNS)])

    def add_events(self, time: float, events: Sequence[Event]) -> None:
        """Append changes of topology at a time in s; the first makes the table."""
        rows = [(time, str(e.kind), e.radius * NM, e.height * NM, e.lost * NM**3) for e in events]
        self._append(EVENTS, EVENT_COLUMNS, rows)

    def add_cycle(self, cycle: Cycle) -> None:
        """Append a cycle; the first makes the table."""
        row = tuple(getattr(cycle, name) for name in CYCLE_COLUMNS)
        self._append(CYCLES, CYCLE_COLUMNS, [row])

    def _append(
        self, name: str, header: tuple[str, ...], rows: Sequence[tuple[object, ...]]
    ) -> None:
        """Append rows to a table that is there from its first one on."""
        if name not in self._tables:
            path = self._directory / name
            with disk_errors(path):
                path.unlink(missing_ok=True)  # of steps behind a checkpoint
            self._tables[name] = Table(path, header)
        self._tables[name].write(rows)

    def add_fields(self, simulation: Simulation) -> None:
        """Write the fields of the present state, once."""
        time = simulation.state.time
        if self._fields.times[-1:] == [time]:
            return
        self._fields.write(
            time,
            simulation.domain.points,
            simulation.domain.cell.cells,
            point_fields(simulation),
            cell_fields(simulation),
        )


def open_files(
    config: FilamentConfig,
    simulation: Simulation,
    directory: Path,
    tables: Mapping[str, Reach],
    times: Sequence[float],
) -> RunFiles:
    """Return the files of a run, begun or continued; the last two as for `RunFiles`."""
    observables = Observables(build_observables(config))
    return RunFiles(directory, simulation.contact.columns, observables, tables, times)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a ``timeseries.csv``, every bit as it was written.

    Raises
    ------
    OutputError
        If the file cannot be read.
    """
    convert: dict[str, Callable[[str], Any]]
    convert = {"float": lambda cell: float(cell or "nan"), "int": int, "str": str}
    kinds = [convert[str(field.type)] for field in fields(Row)]
    with disk_errors(path), path.open(newline="") as file:
        lines = csv.reader(file)
        next(lines)
        return [
            Row(*(kind(cell) for kind, cell in zip(kinds, line, strict=True))) for line in lines
        ]
