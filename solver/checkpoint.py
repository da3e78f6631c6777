"""Checkpoint files: a tree of arrays, numbers and texts in one HDF5 file that proves itself whole.

The file begins with a block of 512 bytes (which HDF5 tools skip) that holds the format and the
SHA-256 of all that follows.  A run keeps its last two; the newest good one counts.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_type_hints

import h5py
import numpy as np

from tusk.solver.errors import TuskError
from tusk.solver.output import disk_errors, sync_directory, write_atomically

FOLDER = "checkpoint"
NAME, FORMER_NAME = "state.h5", "state.former.h5"
FORMAT = 4
"""Raised when the content changes so that older files cannot be continued."""

_BLOCK = 512
_MAGIC = "tusk checkpoint"

type Tree = Mapping[str, Any]
"""Arrays, numbers, texts and further trees by name; None is left out."""


class CheckpointError(TuskError):
    """A checkpoint is missing, damaged or of another format; nothing was changed."""


# --- one file -------------------------------------------------------------------------------------


def save(path: Path, content: Tree) -> None:
    """Write a checkpoint file atomically: on disk and complete, or not there.

    Raises
    ------
    OutputError
        If the disk refuses; an older file of that name stays.
    """
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        _write_tree(file, content)
    data = buffer.getvalue()
    write_atomically(path, _header(data) + data)


def load(path: Path) -> dict[str, object]:
    """Return the content of a checkpoint file; scalars come back as Python numbers.

    Raises
    ------
    CheckpointError
        If the file is missing, cut off, altered or of another format.
    """
    try:
        whole = path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror or error}") from error
    head, data = whole[:_BLOCK], whole[_BLOCK:]
    words = head.rstrip(b"\0").decode("ascii", errors="replace").split()
    if words[:2] != _MAGIC.split() or len(words) != 4:
        raise CheckpointError(f"{path}: not a checkpoint of this program, or damaged")
    if head != _header(data, words[2]):
        raise CheckpointError(f"{path}: damaged (its checksum differs)")
    if words[2] != str(FORMAT):
        raise CheckpointError(f"{path}: has format {words[2]}, this version continues {FORMAT}")
    with h5py.File(io.BytesIO(data), "r") as file:
        return _read_tree(file)


def _header(data: bytes, number: str = str(FORMAT)) -> bytes:
    digest = hashlib.sha256(data).hexdigest()
    return f"{_MAGIC} {number} {digest}\n".encode().ljust(_BLOCK, b"\0")


def _write_tree(group: Any, content: Tree) -> None:
    for name, value in content.items():
        if isinstance(value, Mapping):
            _write_tree(group.create_group(name), value)
        elif value is not None:
            group.create_dataset(name, data=value if isinstance(value, str) else np.asarray(value))


def _read_tree(group: Any) -> dict[str, object]:
    out: dict[str, object] = {}
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            out[name] = _read_tree(item)
            continue
        value = item[()]
        out[name] = value.decode() if isinstance(value, bytes) else value
        if isinstance(value, np.generic):
            out[name] = value.item()
    return out


# --- the last two of a run ------------------------------------------------------------------------


def write(directory: Path, content: Tree) -> Path:
    """Write ``checkpoint/state.h5`` of a run directory; the one before is kept beside it.

    Raises
    ------
    OutputError
        If the disk refuses; what was there before stays usable.
    """
    folder = directory / FOLDER
    path, fresh = folder / NAME, folder / f".{NAME}.new"
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
    save(fresh, content)
    with disk_errors(path):
        if path.exists():
            path.replace(folder / FORMER_NAME)
        fresh.replace(path)
        sync_directory(folder)
    return path


def candidates(directory: Path) -> list[Path]:
    """Return where checkpoints of a run may be, newest first."""
    return [directory / FOLDER / name for name in (NAME, FORMER_NAME)]


# --- objects as trees -----------------------------------------------------------------------------


def pack(value: object) -> Any:
    """Return dataclasses, alone or by name, as trees of their fields; other values as they are."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: pack(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: pack(inner) for name, inner in value.items()}
    return value


def unpack[T](kind: type[T], content: Tree) -> T:
    """Return the dataclass that `pack` made a tree of."""
    hints = get_type_hints(kind)
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = content.get(field.name)
        inner = _dataclass_in(hints[field.name])
        values[field.name] = value if inner is None or value is None else unpack(inner, value)
    return kind(**values)


def _dataclass_in(hint: object) -> type | None:
    """Return the dataclass of an annotation such as ``State`` or ``State | None``."""
    found = [kind for kind in (hint, *get_args(hint)) if isinstance(kind, type)]
    return next((kind for kind in found if is_dataclass(kind)), None)
