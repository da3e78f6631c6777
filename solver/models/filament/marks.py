"""Marks and regimes of a run (definitions fixed so that numbers compare).

growth start: tip height first 0.5 nm.  Gamma: first time after half height at which the radius
grows faster than the tip.  Upsilon: current first 0.97 of the compliance.  Lambda: after Upsilon,
first time d ln r_max / d ln t < 0.03.  SET energy: delivered to the cell until the applied voltage
falls for the first time after Upsilon, or after its largest value where there is no Upsilon.
Resistance and energy are of the first SET.  A mark that is not reached is None.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tusk.solver.checkpoint import Tree, pack, unpack
from tusk.solver.models.filament.observables import LEDGER_CURRENT, Channel, Row
from tusk.solver.physics.protocols import Tunnelling

Array = NDArray[np.float64]

GROWTH_HEIGHT = 0.5e-9
COMPLIANCE_SHARE = 0.97
STANDSTILL = 0.03
FILAMENT_PROBE_CURRENT = 3.5e-6
REGIME_CURRENT = 1e-12
"""Regimes are named above this current (A)."""

REGIME_WINDOW = 0.3
"""Span in ln I over which the shares are summed before the largest names the regime."""

SHARES = ("gap", "area", "temperature", "voltage")
_ORDER = ("gap", "voltage", "temperature", "area")
"""In which `shares` puts them; sums must keep it for a restart to repeat every bit."""


@dataclass(frozen=True, slots=True)
class Series:
    """Columns of the rows seen so far as arrays (n,), SI."""

    time: Array
    applied: Array
    cell: Array
    current: Array
    height: Array
    radius: Array
    tip_rate: Array
    radius_rate: Array
    resistance: Array

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Series:
        """Return the columns of ``rows``."""
        names = ("time_s", "applied_voltage_V", "cell_voltage_V", "current_A", "tip_height_m",
                 "radius_max_m", "tip_rate_m_per_s", "radius_rate_m_per_s",
                 "filament_resistance_ohm")  # fmt: skip
        return cls(*(np.array([getattr(row, name) for row in rows]) for name in names))


def marks(
    rows: Sequence[Row], oxide_thickness: float, compliance: float | None, driven: bool = True
) -> dict[str, float | None]:
    """Return the headline quantities of a run, None where not reached.

    Parameters
    ----------
    rows
        Accepted steps in order.
    oxide_thickness
        L, m.
    compliance
        I_CC in A, None without a limiter.
    driven
        Whether the drive is done: the end of a run that ended early is no state to read R_LRS of.
    """
    s = Series.of(rows)
    gamma = _gamma(s, oxide_thickness)
    upsilon = (
        None if compliance is None else _rise(s.time, s.current, COMPLIANCE_SHARE * compliance)
    )
    lamda = None if upsilon is None else _lambda(s, upsilon)
    return {
        "growth_start_s": _rise(s.time, s.height, GROWTH_HEIGHT),
        "gamma_s": gamma,
        "upsilon_s": upsilon,
        "lambda_s": lamda,
        "temperature_max_K": max(row.temperature_max_K for row in rows),
        "gap_min_m": min(row.gap_min_m for row in rows),
        "radius_max_m": float(s.radius.max()),
        "lrs_ohm": _low_resistance(s, upsilon, lamda, driven),
        "filament_resistance_3p5uA_ohm": _at_rise(s.current, FILAMENT_PROBE_CURRENT, s.resistance),
        "set_energy_J": _energy(s, upsilon),
    }


def _rise(time: Array, values: Array, level: float) -> float | None:
    """Return the time at which ``values`` first reach ``level``, ln-linear between rows."""
    return _at_rise(values, level, time)


def _at_rise(values: Array, level: float, wanted: Array) -> float | None:
    above = np.flatnonzero(values >= level)
    if not len(above):
        return None
    k = int(above[0])
    if k == 0:
        return float(wanted[0])
    low, high = values[k - 1], values[k]
    linear = (level - low) / (high - low)
    share = np.log(level / low) / np.log(high / low) if low > 0 else linear
    return float(wanted[k - 1] + share * (wanted[k] - wanted[k - 1]))


def _crossing(time: Array, values: Array, start: int) -> float | None:
    """Return the first time after row ``start`` at which ``values`` turn positive."""
    for k in range(start, len(values)):
        if values[k] > 0:
            if k == 0 or values[k - 1] >= 0:
                return float(time[k])
            share = values[k - 1] / (values[k - 1] - values[k])
            return float(time[k - 1] + share * (time[k] - time[k - 1]))
    return None


def _gamma(s: Series, oxide_thickness: float) -> float | None:
    past = np.flatnonzero(s.height >= 0.5 * oxide_thickness)
    if not len(past):
        return None
    positive = (s.radius_rate > 0) & (s.tip_rate > 0)
    sideways = np.where((s.radius_rate > 0) & (s.tip_rate <= 0), 1.0, -1.0)
    ratio = np.where(positive, np.log(np.where(positive, s.radius_rate, 1.0))
                     - np.log(np.where(positive, s.tip_rate, 1.0)), sideways)  # fmt: skip
    return _crossing(s.time, ratio, int(past[0]))


def _lambda(s: Series, upsilon: float) -> float | None:
    slope = s.time * s.radius_rate / np.maximum(s.radius, 1e-30)
    return _crossing(s.time, STANDSTILL - slope, int(np.searchsorted(s.time, upsilon)))


def _low_resistance(
    s: Series, upsilon: float | None, lamda: float | None, driven: bool
) -> float | None:
    """Return V_cell/I where the falling ramp passes V_app(Lambda), else at the end of the drive.

    At the end it is that of a low-resistance state only if no RESET polarity came before.
    """
    able = (np.abs(s.applied) > 1e-3) & (np.abs(s.current) > LEDGER_CURRENT / 1e3)
    resistance = s.cell / np.where(able, s.current, 1.0)
    if lamda is not None:
        level = float(np.interp(lamda, s.time, s.applied))
        peak = _peak(s, upsilon)
        falling = np.flatnonzero((np.arange(len(s.time)) > peak) & (s.applied <= level))
        if len(falling) and able[falling[0]] and able[falling[0] - 1]:
            k = int(falling[0])
            share = (level - s.applied[k - 1]) / (s.applied[k] - s.applied[k - 1])
            return float(resistance[k - 1] + share * (resistance[k] - resistance[k - 1]))
    if not driven or not able.any() or s.applied.min() < 0.0 < s.applied.max():
        return None
    return float(resistance[able][-1])


def _peak(s: Series, upsilon: float | None) -> int:
    """Return the last row before the applied voltage falls for the first time after the SET."""
    largest = float(s.applied.max())
    reached = s.applied >= largest - 1e-9 * abs(largest)
    k = int(np.argmax(reached)) if upsilon is None else int(np.searchsorted(s.time, upsilon))
    k = min(k, len(s.time) - 1)
    falls = np.flatnonzero(np.diff(s.applied[k:]) < -1e-9 * abs(largest))
    return k + int(falls[0]) if len(falls) else len(s.time) - 1


def _energy(s: Series, upsilon: float | None) -> float | None:
    """Return the energy delivered to the cell up to the end of the first SET, J."""
    if s.applied.min() < 0.0 >= s.applied.max():
        return None
    end = _peak(s, upsilon) + 1
    return float(np.trapezoid((s.cell * s.current)[:end], s.time[:end]))


# --- regimes --------------------------------------------------------------------------------------


def shares(law: Tunnelling, old: Channel, new: Channel) -> dict[str, float]:
    """Split d ln I between two steps into gap, voltage, temperature and the rest: area.

    The current is I = A* J(g*, V*, T*) with the column of largest current density; each part is
    the mean of changing one argument first and last.
    """

    def log_density(gap: float, voltage: float, temperature: float) -> float:
        density = abs(float(law.conductance_per_area(gap, voltage, temperature)) * voltage)
        return float(np.log(max(density, 1e-300)))

    a, b = (old.gap, old.voltage, old.temperature), (new.gap, new.voltage, new.temperature)
    out = {}
    for k, name in enumerate(("gap", "voltage", "temperature")):
        first = tuple(b[i] if i == k else a[i] for i in range(3))
        last = tuple(a[i] if i == k else b[i] for i in range(3))
        out[name] = 0.5 * (
            log_density(*first) - log_density(*a) + log_density(*b) - log_density(*last)
        )
    total = float(np.log(new.current / old.current)) if min(old.current, new.current) > 0 else 0.0
    out["area"] = total - sum(out.values())
    return out


class RegimeTracker:
    """Names the regime of each step: A gap-driven, B area-driven, C gap-driven after B.

    Shares are summed over the last steps that span ``REGIME_WINDOW`` in ln I, so that the label
    follows the trend and not the jitter of single steps.
    """

    def __init__(self, law: Tunnelling) -> None:
        self._law = law
        self._old: Channel | None = None
        self._window: deque[dict[str, float]] = deque()
        self._seen_area = False

    def __call__(self, channel: Channel) -> tuple[str, dict[str, float]]:
        """Return the regime since the last step ('' where none) and the shares of d ln I."""
        old, self._old = self._old, channel
        if old is None or old.current < REGIME_CURRENT or old.density == 0.0:
            return "", dict.fromkeys(SHARES, 0.0)
        parts = shares(self._law, old, channel)
        if channel.current <= old.current * (1 + 1e-6):
            self._window.clear()
            return "", parts
        self._window.append(parts)
        while self._span() - sum(self._window[0].values()) >= REGIME_WINDOW:
            self._window.popleft()
        trend = {name: sum(p[name] for p in self._window) for name in SHARES}
        return self._name(max(trend, key=lambda name: trend[name])), parts

    def state(self) -> Tree:
        """Return what the next label depends on."""
        window = [[parts[name] for name in _ORDER] for parts in self._window]
        old = None if self._old is None else pack(self._old)
        return {
            "old": old,
            "window": np.array(window, dtype=float).reshape(-1, 4),
            "area": self._seen_area,
        }

    def restore(self, saved: Tree) -> None:
        """Take up what `state` returned."""
        self._old = unpack(Channel, saved["old"]) if "old" in saved else None
        self._window = deque(
            dict(zip(_ORDER, map(float, row), strict=True)) for row in saved["window"]
        )
        self._seen_area = saved["area"]

    def _span(self) -> float:
        return sum(sum(parts.values()) for parts in self._window)

    def _name(self, largest: str) -> str:
        if largest == "area":
            self._seen_area = True
            return "B"
        if largest == "gap":
            return "C" if self._seen_area else "A"
        return ""


def regime_intervals(rows: Sequence[Row]) -> list[dict[str, float | str]]:
    """Return consecutive steps of one regime as intervals: regime, start and end in s and V."""
    out: list[dict[str, float | str]] = []
    for before, row in pairwise(rows):
        if not row.regime:
            continue
        if out and out[-1]["regime"] == row.regime and out[-1]["end_s"] == before.time_s:
            out[-1] |= {"end_s": row.time_s, "end_V": row.applied_voltage_V}
        else:
            out.append(
                {
                    "regime": row.regime,
                    "start_s": before.time_s,
                    "end_s": row.time_s,
                    "start_V": before.applied_voltage_V,
                    "end_V": row.applied_voltage_V,
                }
            )
    return out
