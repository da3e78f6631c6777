"""What each cycle of a drive came to: a row of ``cycles.csv``.

A cycle is one turn of a `repeat` that stands in no other, one period of a train of pulses or of a
sine, or, of all other steps, what lies between two returns from RESET polarity.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tusk.solver.checkpoint import Tree
from tusk.solver.models.filament.observables import Row

Array = NDArray[np.float64]
Turn = tuple[int, int]

ZERO = 1e-9
"""Voltage (V) below which the drive has no polarity."""

SET_SHARE = 0.5
"""Share of the largest current of a cycle at which it is set."""

SWITCHED = 2.0
"""Fall of the resistance, between half of the SET voltage and itself, that is a SET at all."""

PLAIN: Turn = (-1, 0)
"""The turn of steps that have none."""

_COLUMNS = (
    "time_s",
    "applied_voltage_V",
    "cell_voltage_V",
    "current_A",
    "radius_max_m",
    "gap_min_m",
    "temperature_max_K",
)


@dataclass(frozen=True, slots=True)
class Cycle:
    """One cycle; field names are the columns of ``cycles.csv``, NaN is what there is not.

    Attributes
    ----------
    cycle, start_s, end_s
        Its number, from 1, and when it was.
    set_voltage_V
        Applied voltage at which the current first reaches half of its largest in SET polarity,
        where the resistance has halved at least since half of that voltage.
    current_max_A
        That largest current.
    reset_voltage_V, reset_current_A
        Applied voltage at the largest current of RESET polarity, and that current; no voltage where
        it is the largest of the cycle as well, and nothing was reset up to there.
    lrs_ohm, hrs_ohm
        Read at ``output.read_voltage`` after SET and after RESET polarity.
    set_energy_J, reset_energy_J
        Delivered to the cell in either polarity.
    radius_max_m, gap_min_m, temperature_max_K
        Extremes within the cycle.
    gap_end_m
        Narrowest gap at its end.
    """

    cycle: int
    start_s: float
    end_s: float
    set_voltage_V: float
    current_max_A: float
    reset_voltage_V: float
    reset_current_A: float
    lrs_ohm: float
    hrs_ohm: float
    set_energy_J: float
    reset_energy_J: float
    radius_max_m: float
    gap_min_m: float
    gap_end_m: float
    temperature_max_K: float


COLUMNS = tuple(field.name for field in fields(Cycle))


class Cycles:
    """Cuts the rows of a run into cycles.

    Parameters
    ----------
    saved
        What `state` returned, of a run that is continued.

    Attributes
    ----------
    done
        The cycles so far.
    """

    def __init__(self, saved: Tree | None = None) -> None:
        saved = saved or {}
        self.done = [
            Cycle(int(row[0]), *map(float, row[1:]))
            for row in np.reshape(saved.get("done", ()), (-1, len(COLUMNS)))
        ]
        self._rows = [tuple(map(float, row)) for row in saved.get("rows", ())]
        self._turn: Turn = tuple(map(int, saved.get("turn", PLAIN)))  # type: ignore[assignment]
        self._low = float(saved.get("low", np.nan))

    def state(self) -> Tree:
        """Return what the rest of the run depends on."""
        return {
            "done": np.array([list(_values(cycle)) for cycle in self.done]),
            "rows": np.array(self._rows).reshape(-1, len(_COLUMNS)),
            "turn": np.array(self._turn),
            "low": self._low,
        }

    def begin(self, row: Row, turn: Turn) -> None:
        """Take the first row of a run, and the turn that begins there."""
        self._rows, self._turn = [_numbers(row)], turn

    def follow(self, row: Row, turn: Turn, over: bool, read: Callable[[], float]) -> list[Cycle]:
        """Take a row; return the cycle that ends with it, if one does.

        Parameters
        ----------
        row
            Of an accepted step.
        turn
            The turn of the drive that goes on from there.
        over
            Whether the run is.
        read
            Reads the resistance of the present state, ohm.
        """
        self._rows.append(_numbers(row))
        before, now = (values[1] for values in self._rows[-2:])
        negative = min(values[1] for values in self._rows) < -ZERO
        back = turn == self._turn == PLAIN and negative and now >= -ZERO
        if not (turn != self._turn or back or over):
            if before > ZERO >= now:
                self._low = read()
            return []
        high = float("nan")
        if negative:
            high = read()
        elif max(values[1] for values in self._rows) > ZERO:
            self._low = read()
        found = self._cycle(high)
        self._rows, self._turn, self._low = [self._rows[-1]], turn, float("nan")
        self.done += found
        return found

    def _cycle(self, high: float) -> list[Cycle]:
        """Return the cycle of the present rows; none where the drive rested all the time."""
        time, applied, cell, current, radius, gap, temperature = np.array(self._rows).T
        if len(time) < 2 or np.abs(applied).max() <= ZERO:
            return []
        voltage, largest = _set(applied, cell, current)
        reset_voltage, reset_current = _reset(applied, current)
        numbers = (
            *(time[0], time[-1], voltage, largest, reset_voltage, reset_current, self._low, high),
            *(_energy(time, cell * current, side * applied > ZERO) for side in (1, -1)),
            *(radius.max(), gap.min(), gap[-1], temperature.max()),
        )
        return [Cycle(len(self.done) + 1, *map(float, numbers))]


def _numbers(row: Row) -> tuple[float, ...]:
    return tuple(float(getattr(row, name)) for name in _COLUMNS)


def _values(cycle: Cycle) -> tuple[float, ...]:
    return tuple(getattr(cycle, name) for name in COLUMNS)


def _set(applied: Array, cell: Array, current: Array) -> tuple[float, float]:
    """Return V_SET and the largest current of SET polarity."""
    rising = np.where(applied > ZERO, current, 0.0)
    largest = float(rising.max())
    k = int(np.argmax(rising >= SET_SHARE * largest))
    if largest <= 0.0 or k == 0:
        return float("nan"), largest if largest > 0.0 else float("nan")
    share = (SET_SHARE * largest - rising[k - 1]) / (rising[k] - rising[k - 1])
    voltage = float(applied[k - 1] + share * (applied[k] - applied[k - 1]))
    half = int(np.argmax(applied >= 0.5 * voltage))
    able = current[half] > 0.0
    fell = not able or cell[half] / current[half] >= SWITCHED * cell[k] / current[k]
    return voltage if fell and half < k else float("nan"), largest


def _reset(applied: Array, current: Array) -> tuple[float, float]:
    """Return V_RESET and the current there."""
    falling = np.where(applied < -ZERO, np.abs(current), 0.0)
    k = int(np.argmax(falling))
    if falling[k] <= 0.0:
        return float("nan"), float("nan")
    turned = applied[k] <= applied.min() + ZERO
    return float("nan") if turned else float(applied[k]), float(current[k])


def _energy(time: Array, power: Array, counted: NDArray[np.bool_]) -> float:
    """Return the work on the cell (J) in the steps at whose end or beginning ``counted`` holds."""
    steps = np.diff(time) * 0.5 * (power[1:] + power[:-1])
    return float(steps[counted[1:] | counted[:-1]].sum())


def spread(cycles: Sequence[Cycle]) -> dict[str, object]:
    """Return for ``run.json`` how many cycles there were, and mean and deviation of each column."""
    out: dict[str, object] = {"count": len(cycles)}
    for name in COLUMNS[3:]:
        values = np.array([getattr(cycle, name) for cycle in cycles])
        values = values[np.isfinite(values)]
        if len(values) > 1:
            deviation = float(values.std(ddof=1))
            out[name] = {"mean": float(values.mean()), "standard_deviation": deviation}
    return out
