"""Numbers measured on runs, each with its band, and the readings that several papers share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.run import Run

Array = NDArray[np.float64]
Studies = Mapping[str, Run]
"""Finished runs by the name of their study."""

LEAST_STRETCH = 0.5
"""Span in ln I below which a stretch of one regime is taken as flicker."""

PREFIXES = {-12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}


@dataclass(frozen=True, slots=True)
class Check:
    """One measured number and its band; without a band it is reported only."""

    label: str
    value: float
    unit: str = ""
    low: float = -np.inf
    high: float = np.inf
    digits: int = 3
    stated: bool = False

    @property
    def judged(self) -> bool:
        """Whether there is a band."""
        return bool(np.isfinite(self.low) or np.isfinite(self.high))

    @property
    def holds(self) -> bool:
        """Whether the value lies in its band."""
        return bool(self.low <= self.value <= self.high)

    @property
    def measured(self) -> str:
        """The number with its unit; a statement speaks for itself, or is denied."""
        if self.stated:
            return self.label if self.holds else f"not: {self.label}"
        return f"{self.label} {quantity(self.value, self.unit, self.digits)}"

    @property
    def band(self) -> str:
        """The band in words."""
        if self.stated:
            return "as printed" if self.holds else "not as printed"
        low, high = (quantity(v, self.unit, self.digits) for v in (self.low, self.high))
        if not self.judged:
            return "reported"
        if low == high != quantity(0.0, self.unit, self.digits):
            middle, half = 0.5 * (self.low + self.high), 0.5 * (self.high - self.low)
            return f"{quantity(middle, self.unit, self.digits)} ± {quantity(half, self.unit, 2)}"
        if not np.isfinite(self.low):
            return f"≤ {high}"
        return f"≥ {low}" if not np.isfinite(self.high) else f"{low} to {high}"


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """Return a number with its unit: lengths in nm, currents and resistances with a prefix."""
    if unit == "m":
        return f"{_plain(value * 1e9, digits)} nm"
    if unit not in {"A", "Ω"} or not np.isfinite(value) or value == 0:
        return f"{_plain(value, digits)} {unit}".strip()
    exponent = int(np.clip(3 * np.floor(np.log10(abs(value)) / 3 + 1e-9), -12, 9))
    return f"{_plain(value / 10.0**exponent, digits)} {PREFIXES[exponent]}{unit}"


def _plain(value: float, digits: int) -> str:
    """Return a number rounded to so many digits: 180, not 1.8e+02."""
    return f"{float(f'{value:.{digits}g}'):.{max(digits, 6)}g}"


def holds(label: str, truth: bool) -> Check:
    """Return a check of a statement that is true or false."""
    return Check(label, float(truth), low=1.0, stated=True)


def within(label: str, value: float | None, unit: str, target: float, share: float) -> Check:
    """Return a check against a target with a relative band; a mark not reached fails."""
    number = np.nan if value is None else value
    return Check(label, number, unit, target * (1 - share), target * (1 + share), 4)


# --- reading a run --------------------------------------------------------------------------------


def summary(run: Run) -> dict[str, Any]:
    """Return ``summary.json`` of a run of a model without a mesh."""
    found: dict[str, object] = json.loads((run.path / "summary.json").read_text(encoding="utf-8"))
    return found


def mark(run: Run, name: str) -> float:
    """Return a mark, NaN where not reached."""
    value = run.marks[name]
    return np.nan if value is None else value


def at_rise(run: Run, current: float, name: str) -> float:
    """Return a column where the current first passes a level (A), linear in ln I between rows."""
    values, wanted = np.abs(run.column("current_A")), run.column(name)
    above = np.flatnonzero(values >= current)
    if not len(above):
        return np.nan
    k = int(above[0])
    share = np.log(current / values[k - 1]) / np.log(values[k] / values[k - 1])
    return float(wanted[k - 1] + share * (wanted[k] - wanted[k - 1]))


def radius_at(curve: Array, height: float) -> float:
    """Return the outermost radius (m) of a filament curve (n, 2) at a height (m)."""
    lower, upper = curve[:-1], curve[1:]
    crossed = (lower[:, 1] - height) * (upper[:, 1] - height) <= 0
    a, b = lower[crossed], upper[crossed]
    step = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    return float(np.max(a[:, 0] + (height - a[:, 1]) / step * (b[:, 0] - a[:, 0])))


def regimes(run: Run) -> list[tuple[str, float, float]]:
    """Return the lasting regimes of the rise as (name, current at start, current at end), A.

    Stretches that span less than :data:`LEAST_STRETCH` in ln I are left out; equal neighbours are
    joined.
    """
    current, label = run.column("current_A"), run.timeseries["regime"].fillna("").astype(str)
    end = int(np.argmax(current >= 0.97 * current.max()))
    stretches: list[tuple[str, float, float]] = []
    for k in range(1, end + 1):
        if not label[k]:
            continue
        if stretches and stretches[-1][0] == label[k] and stretches[-1][2] == current[k - 1]:
            stretches[-1] = (label[k], stretches[-1][1], float(current[k]))
        else:
            stretches.append((str(label[k]), float(current[k - 1]), float(current[k])))
    joined: list[tuple[str, float, float]] = []
    for name, start, stop in stretches:
        if np.log(stop / start) < LEAST_STRETCH:
            continue
        if joined and joined[-1][0] == name:
            joined[-1] = (name, joined[-1][1], stop)
        else:
            joined.append((name, start, stop))
    return joined


def regime_span(run: Run, name: str) -> tuple[float, float]:
    """Return the currents between which a regime lasts, NaN if it never does."""
    found = [(start, stop) for label, start, stop in regimes(run) if label == name]
    return found[0] if found else (np.nan, np.nan)


def growth_rate(run: Run, span: tuple[float, float]) -> float:
    """Return the mean d log10 I/dt over a span of currents, decades per second."""
    if not np.isfinite(span).all():
        return np.nan
    start, stop = (at_rise(run, level, "time_s") for level in span)
    return float(np.log10(span[1] / span[0]) / (stop - start))
