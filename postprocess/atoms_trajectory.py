"""Snapshots of a contact of atoms in motion, read from its extended XYZ file."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tusk.postprocess.run import Run
from tusk.solver.errors import InputError

TRAJECTORY_NAME = "trajectory.xyz"
_WIDTHS = {"species": 1, "pos": 3, "forces": 3, "charge": 1, "layer": 1}


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Moving atoms at one time.

    Attributes
    ----------
    time
        ps.
    conductance
        G0.
    positions, forces
        (n, 3), angstrom; those of the electrons, eV/angstrom.
    charges, layers
        (n,), elementary charges; numbers of the crystal's layers they are next to.
    """

    time: float
    conductance: float
    positions: np.ndarray
    forces: np.ndarray
    charges: np.ndarray
    layers: np.ndarray


def snapshots(run: Run) -> list[Snapshot]:
    """Return the snapshots of a run in motion.

    Raises
    ------
    InputError
        If the run has none, or the file is damaged.
    """
    path = run.path / TRAJECTORY_NAME
    if not path.is_file():
        raise InputError(f"{path}: is wanted, atoms at rest have none")
    lines = path.read_text(encoding="ascii").splitlines()
    found, place = [], 0
    while place < len(lines):
        try:
            count = int(lines[place])
            found.append(_snapshot(lines[place + 1], lines[place + 2 : place + 2 + count], count))
        except (ValueError, IndexError, TypeError):
            raise _damaged(path, place) from None
        place += 2 + count
    if not found:
        raise _damaged(path, 0)
    return found


def _snapshot(comment: str, rows: list[str], count: int) -> Snapshot:
    table = np.array([row.split()[1:] for row in rows], dtype=float)
    if table.shape != (count, sum(_WIDTHS.values()) - 1):
        raise ValueError
    positions, forces, charges, layers = np.split(table, [3, 6, 7], axis=1)
    return Snapshot(
        time=_number("time_ps", comment),
        conductance=_number("conductance", comment),
        positions=positions,
        forces=forces,
        charges=charges[:, 0],
        layers=layers[:, 0],
    )


def _number(key: str, comment: str) -> float:
    found = re.search(rf"\b{key}=(\S+)", comment)
    return float(found[1] if found else "")


def _damaged(path: Path, line: int) -> InputError:
    return InputError(f"{path}: damaged at line {line + 1}")
