"""Measured current-voltage curves from CSV files, and the branch on which the current rises."""

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tusk.postprocess.style import RESOLVED_CURRENT
from tusk.solver.errors import InputError
from tusk.solver.units import QuantityError, parse_quantity

Array = NDArray[np.float64]

DIRECTIONS = ("auto", "up", "down")
OUR_COLUMNS = ("applied_voltage_V", "current_A")

TURN = 0.02
"""Share of the voltage range by which a sweep must go back before it counts as turned."""

ZERO = 1e-9
"""Share of the largest voltage below which one counts as zero."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where voltage and current stand in a file, and in which units.

    Attributes
    ----------
    voltage, current
        Names in the header line; None takes those of a run, else the first two columns.
    voltage_unit, current_unit
        Units of the numbers.
    """

    voltage: str | None = None
    current: str | None = None
    voltage_unit: str = "V"
    current_unit: str = "A"


def read_measured(path: Path, columns: Columns) -> tuple[Array, Array]:
    """Read voltage (V) and current (A), shape (points,) each, in the order of the file.

    Rows without two numbers (blank lines, remarks, overflows of an instrument) are left out.

    Raises
    ------
    InputError
        If the file or a column is missing, a unit is none, or fewer than three rows are numbers.
    """
    try:
        table = pd.read_csv(path, sep=None, engine="python", comment="#", skipinitialspace=True)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, pd.errors.ParserError) as error:
        raise InputError(f"{path}: a CSV table is wanted, got none") from error
    names = [str(name).strip() for name in table.columns]
    table.columns = pd.Index(names)
    voltage, current = _chosen(path, names, columns)
    factors = (_factor(columns.voltage_unit, "voltage"), _factor(columns.current_unit, "current"))
    numbers = [
        factor * np.asarray(pd.to_numeric(table[name], errors="coerce"), dtype=float)
        for name, factor in zip((voltage, current), factors, strict=True)
    ]
    good = np.isfinite(numbers[0]) & np.isfinite(numbers[1])
    if good.sum() < 3:
        raise InputError(f"{path}: three or more rows of numbers are wanted, got {good.sum()}")
    return numbers[0][good], numbers[1][good]


def _chosen(path: Path, names: list[str], columns: Columns) -> tuple[str, str]:
    """Return the names of the voltage and the current column."""
    ours = all(name in names for name in OUR_COLUMNS)
    if len(names) < 2:
        raise InputError(f"{path}: two or more columns are wanted, got {', '.join(names)}")
    defaults = OUR_COLUMNS if ours else (names[0], names[1])
    chosen = (columns.voltage or defaults[0], columns.current or defaults[1])
    for option, name in zip(("--voltage-column", "--current-column"), chosen, strict=True):
        if name not in names:
            raise InputError(f"{option}: not in {path}, allowed {', '.join(names)}, got {name}")
    return chosen


def _factor(unit: str, dimension: str) -> float:
    """Return the SI value of one unit."""
    try:
        return parse_quantity(f"1 {unit}", dimension)
    except QuantityError as error:
        raise InputError(f"--{dimension}-unit: a unit of {dimension}, got {unit}") from error


def rising_branch(
    voltage: Array, current: Array, direction: str = "auto", floor: float = RESOLVED_CURRENT
) -> tuple[Array, Array]:
    """Return the part of a sweep that leads away from 0 V and on which |I| rises most.

    Parameters
    ----------
    voltage, current
        A whole measurement, V and A, shape (points,): one sweep or several, either polarity.
    direction
        ``up`` and ``down`` look at sweeps to higher and to lower voltage only, ``auto`` at all.
    floor
        Current, A, under which differences mean nothing.

    Raises
    ------
    InputError
        If no sweep leads that way.
    """
    if direction not in DIRECTIONS:
        raise InputError(f"--direction: allowed {', '.join(DIRECTIONS)}, got {direction}")
    best, most = None, -np.inf
    for first, stop in _sweeps(voltage):
        start, end = voltage[first], voltage[stop - 1]
        if abs(end) <= abs(start) or (direction != "auto" and (end > start) != (direction == "up")):
            continue
        level = np.log(np.maximum(np.abs(current[first:stop]), floor))
        rise = float(level[len(level) // 2 :].max() - level[: len(level) // 2 + 1].min())
        if rise > most:
            best, most = slice(first, stop), rise
    if best is None:
        raise InputError(f"--direction: no sweep leads {direction} and away from 0 V")
    return voltage[best], current[best]


def _sweeps(voltage: Array) -> list[tuple[int, int]]:
    """Cut a measurement where the voltage turns or changes its sign: (first, stop) row numbers."""
    slack = TURN * float(np.ptp(voltage))
    cuts, start, extreme, heading = [0], 0, 0, 0.0
    for k in range(1, len(voltage)):
        ahead = heading * (voltage[k] - voltage[extreme])
        if heading == 0.0:
            if abs(voltage[k] - voltage[start]) > slack:
                heading, extreme = float(np.sign(voltage[k] - voltage[start])), k
        elif ahead >= 0.0:
            extreme = k
        elif -ahead > slack:
            cuts.append(extreme)
            heading, extreme = -heading, k
    side, smallest = 0.0, ZERO * np.abs(voltage).max()
    for k, value in enumerate(np.where(np.abs(voltage) <= smallest, 0.0, voltage)):
        if value * side < 0.0:
            cuts.append(k)
        side = value if value != 0.0 else side
    edges = sorted({*cuts, len(voltage)})
    return [(a, b) for a, b in pairwise(edges) if b - a >= 3]
