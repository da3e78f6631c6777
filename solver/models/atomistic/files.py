"""Write atoms for other programs: extended XYZ, LAMMPS data, inputs of Quantum ESPRESSO."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.atomistic.contact import Electrode
from tusk.solver.models.atomistic.espresso import inputs
from tusk.solver.models.atomistic.potential import Array, Metal
from tusk.solver.output import disk_errors, write_atomically

_MARGIN = 10.0
"""Empty space around atoms that no box bounds, angstrom."""


def bounds(positions: Array) -> tuple[Array, Array]:
    """Return the lowest and the highest corner of a box around atoms, angstrom."""
    return positions.min(axis=0) - _MARGIN, positions.max(axis=0) + _MARGIN


def write_xyz(
    path: Path,
    symbol: str,
    positions: Array,
    comment: Mapping[str, object],
    columns: Mapping[str, Array],
) -> None:
    """Write one extended XYZ frame, which OVITO, ASE and ParaView's readers open.

    Parameters
    ----------
    path
        The file.
    symbol
        Of all atoms.
    positions
        (n, 3), angstrom.
    comment
        What the second line says besides the columns.
    columns
        More numbers of the atoms by name, (n,) or (n, 3).
    """
    write_atomically(path, xyz_frame(symbol, positions, comment, columns).encode())


def xyz_frame(
    symbol: str, positions: Array, comment: Mapping[str, object], columns: Mapping[str, Array]
) -> str:
    """Return the text of one frame of `write_xyz`."""
    arrays = {
        name: np.asarray(v, dtype=float).reshape(len(positions), -1) for name, v in columns.items()
    }
    names = ["species:S:1:pos:R:3", *(f"{name}:R:{a.shape[1]}" for name, a in arrays.items())]
    words = [f"Properties={':'.join(names)}", *(f"{key}={value}" for key, value in comment.items())]
    numbers = np.concatenate([positions, *arrays.values()], axis=1)
    rows = (f"{symbol} " + " ".join(f"{v:.8g}" for v in row) for row in numbers.tolist())
    return "\n".join([str(len(positions)), " ".join([*words, 'pbc="F F F"']), *rows]) + "\n"


def write_espresso(
    folder: Path,
    metal: Metal,
    atoms: Array,
    electrodes: tuple[Electrode, Electrode],
    pseudopotential: str,
) -> list[Path]:
    """Write the inputs of `espresso.inputs` into a folder; return their paths."""
    made = inputs(metal, atoms, electrodes, pseudopotential)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        write_atomically(folder / name, text.encode())
    return [folder / name for name in made]


def lammps_data(metal: Metal, positions: Array, mobile: NDArray[np.bool_]) -> str:
    """Return a LAMMPS data file, atom style atomic, units metal: type 1 moves, type 2 is frozen."""
    low, high = bounds(positions)
    lines = [
        f"{metal.symbol}, written by Tusk",
        "",
        f"{len(positions)} atoms",
        "2 atom types",
        *(f"{a:.10g} {b:.10g} {x}lo {x}hi" for a, b, x in zip(low, high, "xyz", strict=True)),
        "",
        "Masses",
        "",
        f"1 {metal.mass}",
        f"2 {metal.mass}",
        "",
        "Atoms # atomic",
        "",
    ]
    kinds = np.where(mobile, 1, 2).tolist()
    for number, (kind, (x, y, z)) in enumerate(zip(kinds, positions.tolist(), strict=True), 1):
        lines.append(f"{number} {kind} {x:.10f} {y:.10f} {z:.10f}")
    return "\n".join(lines) + "\n"
