"""The table of cycles of a measurement: where it switches, and its resistances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tusk.postprocess.measured.reader import Measured
from tusk.postprocess.sweeps import sweeps

Array = NDArray[np.float64]

CYCLE_COLUMNS = (
    "cycle",
    "polarity",
    "kind",
    "rows",
    "v_peak_V",
    "i_peak_A",
    "v_set_V",
    "v_hold_V",
    "v_reset_V",
    "hrs_ohm",
    "lrs_ohm",
    "compliance_A",
)

CHANGE = 3.0
"""Ratio of the conductances at the read voltage, back over out, from which a loop has switched."""

JUMP = np.log(3.0)
"""Change of ln |I| from one point to the next that is a jump."""

LEAST_BACK = 3
"""Points of a way back by which it counts as one."""

NEAR_ZERO = 0.03
"""Share of the largest voltage at which a loop shows what it leaves."""

RESOLVED = 1e-13
"""Currents (A) below are those of the instrument."""

PLATEAU, PLATEAU_SHARE = 0.01, 0.05
"""Points within such a share of the largest current, and how many of them make a limiter."""


@dataclass(frozen=True, slots=True)
class _Loop:
    """One way out from 0 V and the way back, if there is one: |V|, |I| in order."""

    cycle: float
    polarity: int
    out: tuple[Array, Array]
    back: tuple[Array, Array]


def cycle_table(
    measured: Measured, read_voltage: float = 0.1, threshold: float | None = None
) -> pd.DataFrame:
    """Return a row per loop, out from 0 V and back in one polarity (`CYCLE_COLUMNS`, SI).

    Parameters
    ----------
    measured
        What was read.
    read_voltage
        At which resistances are taken, V; of the polarity of the loop.
    threshold
        Current (A) whose first crossing is the SET; the largest jump of ln I when left out.

    Returns
    -------
    pandas.DataFrame
        ``kind`` is ``set``, ``reset``, ``threshold`` (switches on and off again) or ``none``;
        ``v_hold_V`` is where the way back falls below the threshold or jumps down. What was not
        found is NaN.
    """
    rows = [_row(loop, read_voltage, threshold) for loop in _loops(measured)]
    return pd.DataFrame(rows, columns=list(CYCLE_COLUMNS))


def _loops(measured: Measured) -> Iterator[_Loop]:
    counted = measured.cycle
    groups = [None] if counted is None else list(dict.fromkeys(counted[np.isfinite(counted)]))
    number = 0
    for group in groups:
        chosen = np.ones(len(measured.voltage), bool) if group is None else counted == group
        v, i = measured.voltage[chosen], measured.current[chosen]
        for first, turn, stop in _turns(v):
            peak = v[turn]
            yield _Loop(
                number if group is None else float(group),
                1 if peak > 0.0 else -1,
                (np.abs(v[first : turn + 1]), np.abs(i[first : turn + 1])),
                (np.abs(v[turn:stop]), np.abs(i[turn:stop])),
            )
            number += 1


def _turns(voltage: Array) -> Iterator[tuple[int, int, int]]:
    """Yield (first, turn, stop) of each way out from 0 V and the way back that follows."""
    if not np.abs(voltage).max() > 0.0:
        return
    parts = sweeps(voltage)
    k = 0
    while k < len(parts):
        first, stop = parts[k]
        outward = abs(voltage[stop - 1]) > abs(voltage[first])
        if not outward:
            k += 1
            continue
        turn, end = stop - 1, stop
        if k + 1 < len(parts):
            begin, last = parts[k + 1]
            inward = abs(voltage[last - 1]) < abs(voltage[begin])
            if inward and voltage[begin] * voltage[turn] > 0.0:
                end = last
                k += 1
        turn = first + int(np.abs(voltage[first:end]).argmax())
        yield first, turn, end
        k += 1


def _row(loop: _Loop, read_voltage: float, threshold: float | None) -> dict[str, object]:
    (v, i), (v_back, i_back) = loop.out, loop.back
    level = float(max(i.max(), i_back.max()))
    gone, come = (
        _resistance(v, i, read_voltage),
        _resistance(v_back[::-1], i_back[::-1], read_voltage),
    )
    on, off = _first_above(v, i, threshold), _first_above(v_back[::-1], i_back[::-1], threshold)
    kind = _kind(gone / come, _left_over(loop), np.isfinite(on), np.isfinite(off))
    if kind == "none" and len(v_back) < LEAST_BACK and np.isfinite(on):
        kind = "set"  # nothing shows whether it stays
    unset = kind == "reset" or (kind == "none" and threshold is None)
    sign = loop.polarity
    pair = sorted((gone, come)) if np.isfinite(gone + come) else (come, gone)
    return {
        "cycle": loop.cycle,
        "polarity": sign,
        "kind": kind,
        "rows": len(v) + len(v_back) - 1,
        "v_peak_V": sign * float(v.max()),
        "i_peak_A": level,
        "v_set_V": np.nan if unset else sign * on,
        "v_hold_V": sign * off if kind == "threshold" else np.nan,
        "v_reset_V": sign * float(v[i.argmax()]) if kind == "reset" else np.nan,
        "hrs_ohm": pair[1],
        "lrs_ohm": pair[0],
        "compliance_A": _compliance(np.concatenate((i, i_back))),
    }


def _kind(change: float, left_over: float, on: bool, off: bool) -> str:
    """Return what a loop did: ratios of conductances, back over out, and whether it jumped."""
    if on and off and left_over < CHANGE:
        return "threshold"
    if change > CHANGE:
        return "set"
    return "reset" if change < 1.0 / CHANGE else "none"


def _left_over(loop: _Loop) -> float:
    """Return the ratio of the conductances, back over out, near 0 V; NaN where there is none."""
    (v, i), (v_back, i_back) = loop.out, loop.back
    low = max(NEAR_ZERO * float(v.max()), float(v.min()), float(v_back.min()))
    return _resistance(v, i, low) / _resistance(v_back[::-1], i_back[::-1], low)


def _resistance(voltage: Array, current: Array, at: float) -> float:
    """Return |V|/|I| where a way crosses a voltage, NaN where it does not."""
    order = np.argsort(voltage, kind="stable")
    v, i = voltage[order], current[order]
    if len(v) < 2 or not v[0] <= at <= v[-1]:
        return float("nan")
    value = float(np.interp(at, v, i))
    return at / value if value > 0.0 else float("nan")


def _first_above(voltage: Array, current: Array, threshold: float | None) -> float:
    """Return the voltage at which |I| first passes a threshold, or jumps up most; NaN if never."""
    if len(voltage) < 3:
        return float("nan")
    if threshold is not None:
        above = np.flatnonzero(current > threshold)
        if not len(above) or above[0] == 0:
            return float("nan")
        return float(voltage[above[0]])
    rise = np.diff(np.log(np.maximum(current, RESOLVED)))
    rise[voltage[1:] < NEAR_ZERO * voltage.max()] = 0.0  # there the sign changes with the offset
    k = int(rise.argmax())
    return float(voltage[k + 1]) if rise[k] > JUMP else float("nan")


def _compliance(current: Array) -> float:
    """Return the current at which a limiter holds, NaN without a plateau at the top."""
    top = float(current.max())
    held = current > (1.0 - PLATEAU) * top
    enough = held.sum() >= max(3, PLATEAU_SHARE * len(current))
    return float(np.median(current[held])) if enough and top > RESOLVED else float("nan")
