"""A run directory as an object: tables, marks, filament curves and field snapshots."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import yaml

from tusk.postprocess.curves import FilamentCurves, split_curves
from tusk.postprocess.snapshots import Snapshot, list_snapshots, nearest_snapshot, read_mesh
from tusk.postprocess.tables import read_table
from tusk.solver.certificate import Certificate, find_certificate
from tusk.solver.errors import InputError
from tusk.solver.marks_text import mark_text
from tusk.solver.units import QuantityError, parse_quantity

if TYPE_CHECKING:
    import pyvista
    from rich.table import Table

CONFIG_NAME = "config.resolved.yaml"
SUMMARY_NAME = "run.json"
TIMESERIES_NAME = "timeseries.csv"
FILAMENT_NAME = "filament.csv"
FIELDS_NAME = "fields.pvd"
NANOMETRE = 1e9  # nm per m


@dataclass(frozen=True, repr=False)
class Run:
    """What one run left on disk, finished or not.

    Attributes
    ----------
    path
        The run directory.
    config
        ``config.resolved.yaml`` as it stands there: quantities are strings with units.
    summary
        ``run.json``.
    timeseries
        ``timeseries.csv``, one row per accepted step, SI units named in the columns.
    """

    path: Path
    config: Mapping[str, Any]
    summary: Mapping[str, Any]
    timeseries: pd.DataFrame

    @property
    def status(self) -> str:
        """``running``, ``finished``, ``failed`` or ``stopped``."""
        return str(self.summary.get("status", "running"))

    @property
    def reason(self) -> str:
        """Why the run ended, empty while it runs."""
        return str(self.summary.get("reason") or "")

    @property
    def marks(self) -> dict[str, float | None]:
        """Marks of the run by name, in the units their names carry; None where not reached."""
        marks = self.summary.get("marks") or {}
        return {name: None if value is None else float(value) for name, value in marks.items()}

    def __repr__(self) -> str:
        """Return where the run is and how it ended, on one line."""
        ended = f"{self.status}, {self.reason}" if self.reason else self.status
        return f"Run({str(self.path)!r}, {ended}, {len(self.timeseries)} rows)"

    def _repr_html_(self) -> str:
        """Return status and marks as a table, which notebooks show."""
        rows = [("status", f"{self.status} {self.reason}".strip()), *self._told_marks().items()]
        cells = "".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows)
        return f"<table><caption>{escape(str(self.path))}</caption>{cells}</table>"

    def __rich__(self) -> "Table":
        """Return the same for a terminal, as rich prints it."""
        from rich.table import Table

        ended = f"{self.status} {self.reason}".strip()
        table = Table(title=f"{self.path}: {ended}", show_header=False, box=None)
        for name, told in self._told_marks().items():
            table.add_row(name, told)
        return table

    def _told_marks(self) -> dict[str, str]:
        """Return the marks in readable units, with their certified errors, by name."""
        found = self.certificate
        errors = {
            key: found.error_of(key, value) if found else None for key, value in self.marks.items()
        }
        texts = [mark_text(key, value, errors[key]) for key, value in self.marks.items()]
        return {text.name: text.told for text in texts}

    def column(self, name: str) -> np.ndarray:
        """Return one column of the time series, shape (rows,), floats.

        Raises
        ------
        InputError
            If the column is missing or the table has no row yet.
        """
        table_path = self.path / TIMESERIES_NAME
        if name not in self.timeseries.columns:
            raise InputError(f"{table_path}: column {name} is wanted for this figure, got none")
        if self.timeseries.empty:
            raise InputError(f"{table_path}: at least one accepted step is wanted, got none")
        return np.asarray(self.timeseries[name].to_numpy(dtype=float))

    def value_at(self, name: str, time: float | np.ndarray) -> np.ndarray:
        """Interpolate a column of the time series linearly at times in seconds."""
        return np.asarray(np.interp(time, self.column("time_s"), self.column(name)))

    def quantity(self, section: str, key: str, dimension: str) -> float:
        """Return one dimensional entry of the configuration as an SI number.

        Raises
        ------
        InputError
            If the entry is missing or is no quantity of that dimension.
        """
        entries = self.config.get(section)
        text = entries.get(key) if isinstance(entries, dict) else None
        try:
            return parse_quantity(str(text), dimension)
        except QuantityError as error:
            raise InputError(
                f"{self.path / CONFIG_NAME}: {section}.{key}: a {dimension} is wanted, got {text!r}"
            ) from error

    @cached_property
    def certificate(self) -> Certificate | None:
        """Error bars of a finished run, from its directory or shipped for its config; or None."""
        if self.status != "finished":
            return None
        return find_certificate(self.path, str(self.summary.get("physics_hash")))

    @cached_property
    def filament(self) -> FilamentCurves:
        """Surface curves of the conductive filament by time, metres."""
        table = read_table(self.path / FILAMENT_NAME, ("time_s", "r_m", "z_m"))
        return split_curves(table, self.path / FILAMENT_NAME, finished=self.status == "finished")

    @cached_property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Field files that are on disk, in the order of time; empty if none was written."""
        return list_snapshots(self.path / FIELDS_NAME)

    @property
    def field_times(self) -> np.ndarray:
        """Times of the field files, s, shape (snapshots,)."""
        return np.array([snapshot.time for snapshot in self.snapshots])

    def fields(self, time: float) -> "pyvista.UnstructuredGrid":
        """Read the field file nearest to a time.

        Parameters
        ----------
        time
            Time, s.

        Returns
        -------
        pyvista.UnstructuredGrid
            Mesh in nm, (r, z, 0), with the point and cell data of the contract.

        Raises
        ------
        InputError
            If no field file exists or the file is damaged.
        """
        return read_mesh(nearest_snapshot(self.snapshots, time, self.path / FIELDS_NAME))


def open_run(path: str | Path) -> Run:
    """Open a run directory, of a run that is finished, failed, stopped or still running.

    Parameters
    ----------
    path
        The directory that holds ``run.json``.

    Returns
    -------
    Run
        Tables are read at once, curves and fields when asked for.

    Raises
    ------
    InputError
        If the directory, one of its three basic files or a column is missing or damaged.
    """
    directory = Path(path)
    if not directory.is_dir():
        raise InputError(f"{directory}: a run directory is wanted, got nothing of that name")
    summary = _read_mapping(directory / SUMMARY_NAME)
    config = _read_mapping(directory / CONFIG_NAME)
    timeseries = read_table(directory / TIMESERIES_NAME, ("time_s",))
    return Run(path=directory, config=config, summary=summary, timeseries=timeseries)


def _read_mapping(path: Path) -> dict[str, object]:
    """Read a JSON or YAML file whose top level is a mapping."""
    if not path.is_file():
        raise InputError(f"{path}: this file makes a run directory, got none")
    try:
        text = path.read_text(encoding="utf-8")
        data = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: damaged or truncated ({reason})") from error
    if not isinstance(data, dict):
        raise InputError(f"{path}: a mapping is wanted, got {type(data).__name__}")
    return data
