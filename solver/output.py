"""Write a run directory: tables, fields, summary; one rank writes, and a full disk breaks nothing.

Tables grow by whole lines: a line that does not fit is taken back, so what was written stays
readable.  Summaries and field files appear under their name only when they are complete.
"""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import InputError, OutputError

Array = NDArray[np.float64]


@contextlib.contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn a failing file system into an error of ours that names the file.

    Raises
    ------
    OutputError
        On any ``OSError`` of the body.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(f"output: cannot write {path} ({error.strerror or error})") from error


def format_value(value: object) -> str:
    """Return a table cell: shortest text that reads back to the same number, empty for NaN."""
    if isinstance(value, float):
        return "" if math.isnan(value) else repr(float(value))
    return str(value)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a table goes: its length in bytes and its last line."""

    length: int
    last: str


def _check_header(path: Path, columns: Sequence[str]) -> None:
    """Refuse to go on with a table of other columns; it stays as it is."""
    with path.open() as file:
        found = file.readline().rstrip("\n")
    if found != ",".join(columns):
        raise InputError(f"{path}: has other columns, allowed {', '.join(columns)}, got {found}")


class Table:
    """A CSV file that grows line by line; it is open only while a line is written.

    Parameters
    ----------
    path
        The file; it must not exist.
    columns
        Header.
    reach
        Continue a file that exists: cut it back to what `sync` returned.
    """

    def __init__(self, path: Path, columns: Sequence[str], reach: Reach | None = None) -> None:
        self.path = path
        self._length, self._last = (0, "") if reach is None else (reach.length, reach.last)
        with disk_errors(path):
            if reach is not None:
                _check_header(path, columns)
                os.truncate(path, reach.length)
                return
            path.open("xb").close()
        self._append(",".join(columns) + "\n")

    def write(self, rows: Sequence[Sequence[object]]) -> None:
        """Append rows; either all of them or none."""
        self._append("".join(",".join(map(format_value, row)) + "\n" for row in rows))

    def write_numbers(self, columns: Sequence[Array]) -> None:
        """Append rows given as columns (rows,) of finite numbers; either all of them or none."""
        rows = np.column_stack(columns).tolist()
        self._append("".join(",".join(map(repr, row)) + "\n" for row in rows))

    def _append(self, text: str) -> None:
        if not text:
            return
        data = text.encode()
        with disk_errors(self.path), self.path.open("r+b", buffering=0) as file:
            try:
                file.seek(self._length)
                if file.write(data) != len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            except OSError:
                file.truncate(self._length)
                raise
        self._length += len(data)
        self._last = text.splitlines()[-1]

    def sync(self) -> Reach:
        """Bring what was written to the disk and return how far it goes."""
        with disk_errors(self.path), self.path.open("rb") as file:
            os.fsync(file.fileno())
        return Reach(self._length, self._last)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file under a temporary name and move it into place.

    Raises
    ------
    OutputError
        If the disk refuses; an older file of that name stays.
    """
    temporary = path.with_name(f".{path.name}.part")
    with disk_errors(path):
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_directory(path.parent)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise


def sync_directory(directory: Path) -> None:
    """Make sure that a renamed file keeps its new name through a power cut."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some file systems cannot
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, content: Mapping[str, object]) -> None:
    """Write a JSON file atomically; NaN becomes null."""

    def clean(value: object) -> object:
        if isinstance(value, Mapping):
            return {key: clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [clean(item) for item in value]
        if isinstance(value, np.generic):
            return clean(value.item())
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value

    write_atomically(path, (json.dumps(clean(content), indent=2) + "\n").encode())


class Reserve:
    """Room kept on the disk, so that a run that fills it can still say how it ended.

    Parameters
    ----------
    directory
        The run directory.

    Raises
    ------
    OutputError
        If there is not that much room.
    """

    SIZE = 128 * 1024

    def __init__(self, directory: Path) -> None:
        self._path = directory / ".reserve"
        with disk_errors(self._path):
            try:
                # Written, not only claimed: not every file system knows how to claim.
                self._path.write_bytes(b"\1" * self.SIZE)
            except OSError:
                self.release()
                raise

    def release(self) -> bool:
        """Give the room free; return whether there was any left to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True


class FieldSeries:
    """Field files of a run: one ``.vtu`` per time and the ``.pvd`` that lists them.

    Parameters
    ----------
    directory
        The run directory.
    times
        Continue a series that exists: keep the files of these times (s), remove all later ones.
    """

    def __init__(self, directory: Path, times: Sequence[float] = ()) -> None:
        self._directory = directory
        self._entries = [(float(time), _field_name(k)) for k, time in enumerate(times)]
        kept = {directory / name for _, name in self._entries}
        with disk_errors(directory / "fields"):
            (directory / "fields").mkdir(exist_ok=True)
            for path in set((directory / "fields").iterdir()) - kept:
                path.unlink()
        self._write_index()

    @property
    def times(self) -> list[float]:
        """Times of the files, s."""
        return [time for time, _ in self._entries]

    @property
    def names(self) -> tuple[str, ...]:
        """The files, relative to the run directory."""
        return tuple(name for _, name in self._entries)

    def write(
        self,
        time: float,
        points: Array,
        cells: NDArray[np.int64],
        point_data: Mapping[str, Array],
        cell_data: Mapping[str, Array],
    ) -> None:
        """Add the fields at ``time``: triangles (m, 3) on points (n, 2) in nm."""
        name = _field_name(len(self._entries))
        data = _unstructured_grid(points, cells, point_data, cell_data, time)
        write_atomically(self._directory / name, data)
        self._entries.append((time, name))
        self._write_index()

    def _write_index(self) -> None:
        lines = [
            '<?xml version="1.0"?>',
            '<VTKFile type="Collection" version="0.1">',
            "  <Collection>",
            *(
                f'    <DataSet timestep="{float(time)!r}" part="0" file="{name}"/>'
                for time, name in self._entries
            ),
            "  </Collection>",
            "</VTKFile>",
            "",
        ]
        write_atomically(self._directory / "fields.pvd", "\n".join(lines).encode())


def _field_name(number: int) -> str:
    return f"fields/fields_{number:05d}.vtu"


def _unstructured_grid(
    points: Array,
    cells: NDArray[np.int64],
    point_data: Mapping[str, Array],
    cell_data: Mapping[str, Array],
    time: float,
) -> bytes:
    """Return a binary ``.vtu`` file as bytes."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints, vtkStringArray
    from vtkmodules.vtkCommonDataModel import VTK_TRIANGLE, vtkCellArray, vtkUnstructuredGrid
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

    grid = vtkUnstructuredGrid()
    place = vtkPoints()
    place.SetData(numpy_to_vtk(np.column_stack((points, np.zeros(len(points)))), deep=True))
    grid.SetPoints(place)
    connectivity = np.column_stack((np.full(len(cells), 3), cells)).astype(np.int64).ravel()
    array = vtkCellArray()
    array.ImportLegacyFormat(numpy_to_vtkIdTypeArray(connectivity, deep=True))
    grid.SetCells(VTK_TRIANGLE, array)
    for target, fields in ((grid.GetPointData(), point_data), (grid.GetCellData(), cell_data)):
        for name, values in fields.items():
            column = numpy_to_vtk(np.ascontiguousarray(values), deep=True)
            column.SetName(name)
            target.AddArray(column)
    unit = vtkStringArray()
    unit.SetName("length_unit")
    unit.InsertNextValue("nm")
    grid.GetFieldData().AddArray(unit)
    when = numpy_to_vtk(np.array([time]), deep=True)
    when.SetName("TimeValue")
    grid.GetFieldData().AddArray(when)
    writer = vtkXMLUnstructuredGridWriter()
    writer.SetInputData(grid)
    writer.SetDataModeToAppended()
    writer.EncodeAppendedDataOn()
    writer.WriteToOutputStringOn()
    writer.Write()
    return str(writer.GetOutputString()).encode()
