"""One reader of measured curves: what it took, and what it left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tusk.postprocess.measured.axes import Axis, Columns, axis, by_shape, check_axes, listed
from tusk.postprocess.measured.numbers import OVERFLOW
from tusk.postprocess.measured.sheets import Sheet, read_sheets
from tusk.postprocess.measured.tables import Block, blocks, joined
from tusk.solver.errors import InputError

Array = NDArray[np.float64]

LEAST_ROWS = 3
EVEN, MOSTLY = 0.2, 0.8
"""A sweep has a rate where most of its steps are so near to the median."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A measured curve.

    Attributes
    ----------
    voltage, current
        V and A, (n,), in the order of the file.
    time
        s, (n,); None if the file has none.
    cycle
        Number of the cycle, trace or block of each row (n,); None where the file has one only.
    axes
        The columns taken for voltage and current, then those for time and cycle if any.
    left_out
        Rows of the table that were not taken, by reason.
    around
        Lines beside the table, by kind.
    said
        How the file was read.
    settings
        What stood before the numbers: name and value.
    unused
        Names of the columns that were not taken.
    """

    voltage: Array
    current: Array
    time: Array | None
    cycle: Array | None
    axes: tuple[Axis, ...]
    left_out: Counter[str]
    around: Counter[str]
    said: str
    settings: tuple[tuple[str, str], ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def rate(self) -> float | None:
        """Median of the rate of the sweep, V/s; None without a time or an even rate."""
        if self.time is None:
            return None
        step, change = np.diff(self.time), np.abs(np.diff(self.voltage))
        moving = (step > 0.0) & (change > 0.0)
        if not moving.any():
            return None
        rates = change[moving] / step[moving]
        middle = float(np.median(rates))
        return middle if np.mean(np.abs(rates - middle) < EVEN * middle) > MOSTLY else None

    def table(self) -> pd.DataFrame:
        """Return the curve as a table with units in its headers."""
        columns = {"applied_voltage_V": self.voltage, "current_A": self.current}
        before = {"cycle": self.cycle, "time_s": self.time}
        return pd.DataFrame({k: v for k, v in {**before, **columns}.items() if v is not None})

    def drive(self) -> pd.DataFrame:
        """Return the voltage as points of ``drive: table``: from 0 V at 0 s on, in time.

        Raises
        ------
        InputError
            If there is no time, or it does not increase.
        """
        if self.time is None:
            raise InputError("--drive: the file has no column of times, allowed one that has")
        if not np.all(np.diff(self.time) > 0.0):
            raise InputError("--drive: times do not increase, allowed a file of one trace")
        time, voltage = self.time - self.time[0], self.voltage
        if voltage[0] != 0.0:
            # The cell begins at rest; the first point is as far away as the next one.
            time = np.concatenate(([0.0], time + (time[1] - time[0])))
            voltage = np.concatenate(([0.0], voltage))
        return pd.DataFrame({"time_s": time, "voltage_V": voltage})

    def report(self) -> Iterator[str]:
        """Yield lines that say what was taken and what was not."""
        yield self.said
        for role, found in zip(self.roles, self.axes, strict=True):
            yield f"{role}: {found.name} in {found.unit} (known by {found.how})"
        yield f"rows: {len(self.voltage)} taken"
        for reason, count in self.left_out.items():
            yield f"rows left out: {count}, {reason}"
        for kind, count in self.around.items():
            yield f"beside the rows: {count}, {kind}"
        if self.unused:
            yield f"columns not taken: {len(self.unused)}, {listed(self.unused)}"
        if self.magnitudes:
            yield "currents are magnitudes: they carry no sign"
        if self.rate is not None:
            yield f"sweep rate: {self.rate:.4g} V/s"

    @property
    def roles(self) -> tuple[str, ...]:
        """What each of `axes` is."""
        present = (("time", self.time), ("cycle", self.cycle))
        found = [role for role, values in present if values is not None]
        return ("voltage", "current", *found)[: len(self.axes)]

    @property
    def magnitudes(self) -> bool:
        """Whether currents carry no sign where voltages do."""
        both = self.voltage.min() < 0.0 < self.voltage.max()
        resolved = np.abs(self.voltage) > 0.1 * np.abs(self.voltage).max()
        negative = self.current[resolved & (self.voltage < 0.0)]
        unsigned = both and len(negative) > 0 and bool(np.all(negative >= 0.0))
        return self.axes[1].is_magnitude or bool(unsigned)


def read_measured(path: Path, columns: Columns | None = None, sheet: str | None = None) -> Measured:
    """Read a measured current-voltage curve.

    Parameters
    ----------
    path
        Text in any encoding and dialect, a workbook, MATLAB or TDMS.
    columns
        Where voltage and current stand if the file does not tell, or tells wrongly.
    sheet
        Name of the sheet of a workbook; the first with a curve when left out.

    Raises
    ------
    InputError
        If the file is empty or no table, an axis cannot be told or cannot be, a unit is none, or
        fewer than three rows are left. The message names what settles it.
    """
    chosen, sheets = columns or Columns(), read_sheets(path)
    if sheet is not None:
        names = [one.name for one in sheets]
        if sheet not in names:
            raise InputError(f"--sheet: not in {path}, allowed {', '.join(names)}, got {sheet}")
        sheets = [one for one in sheets if one.name == sheet]
    reasons: list[InputError] = []
    for one in sheets:
        where = f"{path}, sheet {one.name}" if one.name else str(path)
        tables = [each for each in joined(blocks(one)) if len(each[0].lines) >= LEAST_ROWS]
        tables.sort(key=lambda each: -len(each[0].lines))
        for block, numbers in tables:
            try:
                return _measured(block, numbers, chosen, where, _settings(one, block, sheets))
            except InputError as error:
                reasons.append(error)
    if reasons:
        raise reasons[0]
    raise InputError(f"{path}: a table of {LEAST_ROWS} or more rows of two numbers is wanted")


def _measured(
    block: Block,
    numbers: Array,
    columns: Columns,
    where: str,
    settings: tuple[tuple[str, str], ...],
) -> Measured:
    voltage, current = _axes(block, columns, where)
    time, cycle = (axis(block, role, columns, where) for role in ("time", "cycle"))
    raw = block.values[:, [voltage.column, current.column]]
    over = (np.abs(raw) > OVERFLOW).any(axis=1)
    missing = np.isnan(raw).any(axis=1) & ~over
    left_out = {
        "an overflow of the instrument": int(over.sum()),
        "without a number in either column": int(missing.sum()),
        "without two numbers": block.left_out.pop("without two numbers", 0),
    }
    good = ~(over | missing)
    if good.sum() < LEAST_ROWS:
        both = f"{voltage.name} and {current.name}"
        what = f"{LEAST_ROWS} or more rows with numbers in {both} are wanted"
        raise InputError(f"{where}: {what}, got {int(good.sum())}")
    v, i = raw[good, 0] * voltage.factor, raw[good, 1] * current.factor
    check_axes(v, i, (voltage, current), where)
    seconds = None if time is None else block.values[good, time.column] * time.factor
    if seconds is not None and not np.isfinite(seconds).all():
        time, seconds = None, None
    counted = block.values[good, cycle.column] if cycle is not None else numbers[good]
    several = len(np.unique(counted[np.isfinite(counted)])) > 1
    taken = {found.column for found in (voltage, current, time, cycle) if found is not None}
    axes = (voltage, current, *((time,) if time else ()), *((cycle,) if cycle and several else ()))
    return Measured(
        voltage=v,
        current=i,
        time=seconds,
        cycle=counted if several else None,
        axes=axes,
        left_out=Counter({reason: n for reason, n in left_out.items() if n}),
        around=+block.left_out,
        said=" ".join(part for part in (f"{where}:", block.sheet.said) if part),
        settings=settings,
        unused=tuple(
            name
            for k, name in enumerate(block.names)
            if k not in taken and np.isfinite(block.values[:, k]).any()
        ),
    )


def _axes(block: Block, columns: Columns, where: str) -> tuple[Axis, Axis]:
    """Return voltage and current, by options, header or shape."""
    voltage, current = (axis(block, role, columns, where) for role in ("voltage", "current"))
    if voltage is None or current is None:
        voltage, current = by_shape(block, columns, where)
    if voltage.column == current.column:
        raise InputError(
            f"{where}: {voltage.name} cannot be voltage and current, allowed two columns"
        )
    return voltage, current


def _settings(sheet: Sheet, block: Block, sheets: Sequence[Sheet]) -> tuple[tuple[str, str], ...]:
    """Return what an instrument says of a sweep: names and values.

    They stand before the numbers, as tags or in rows of two cells, or in a sheet ``Settings``.
    """
    before = block.lines[0] - 1 - block.has_header
    rows = [*sheet.rows[: max(before, 0)]]
    rows += [row for one in sheets if one.name.lower() == "settings" for row in one.rows]
    out = []
    for row in rows:
        cells = [str(cell).strip() for cell in row if str(cell or "").strip()]
        if len(cells) == 2 and cells != block.names[:2]:
            out.append((cells[0], cells[1]))
    return tuple(out)
