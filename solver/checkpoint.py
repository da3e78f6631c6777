"""The last good state of a run as one HDF5 file: geometry, mesh, fields and where the drive is."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tusk.solver.output import disk_errors, write_atomically

NAME = "state.h5"


def write(directory: Path, content: Mapping[str, Any], physics_hash: str) -> Path:
    """Write ``checkpoint/state.h5`` atomically; the file before stays until it is complete.

    Parameters
    ----------
    directory
        The run directory.
    content
        Arrays and scalars by name, SI or nm as the names say.
    physics_hash
        Of the configuration the state belongs to.

    Raises
    ------
    OutputError
        If the disk refuses.
    """
    folder = directory / "checkpoint"
    with disk_errors(folder):
        folder.mkdir(exist_ok=True)
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["physics_hash"] = physics_hash
        for name, value in content.items():
            file.create_dataset(name, data=np.asarray(value))
    path = folder / NAME
    write_atomically(path, buffer.getvalue())
    return path


def read(directory: Path) -> dict[str, Any]:
    """Return the content of a checkpoint: arrays and scalars by name, with ``physics_hash``."""
    with disk_errors(directory), h5py.File(directory / "checkpoint" / NAME, "r") as file:
        content: dict[str, Any] = {name: dataset[()] for name, dataset in file.items()}
        content["physics_hash"] = str(file.attrs["physics_hash"])
    return content
