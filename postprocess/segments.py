"""Regimes of a measured current-voltage curve, from its shape alone.

A simulation knows why its current rises; a measurement shows only how. A gap that closes makes ln I
rise linearly with V, a filament that widens makes I rise gradually (Buttberg 2025, Section 3.1).
ln I(V) is therefore cut into straight stretches, as many as the noise allows: A ends with the last
stretch at least half as steep as the steepest, C begins behind the gentlest stretch, B is between.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.style import RESOLVED_CURRENT
from tusk.solver.errors import InputError

Array = NDArray[np.float64]

MOST_POINTS = 300
"""Points that the segmentation looks at: finer data are averaged."""

LEAST_POINTS = 3
PRICE = 8.0
"""Price of a stretch in units of noise variance times the logarithm of the points."""

LEAST_NOISE = 0.02
"""Noise of ln I that is always assumed: no curve is exactly exponential or linear."""

LEAST_RISE = 0.5
"""Span in ln I below which a stretch is no regime of its own."""

PROMINENCE = 1.5
"""How many times steeper than B the rise must be on both of its sides."""

STEEP_SHARE = 0.5
"""Share of the steepest slope before B down to which a stretch belongs to A."""

LIMITED_SHARE = 0.9
"""Share of the largest current from which on the rise counts as over."""


@dataclass(frozen=True, slots=True)
class Regime:
    """One regime of a measured rise: voltages and currents at its ends (V, A)."""

    name: str
    start_V: float
    end_V: float
    start_A: float
    end_A: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of the fit: |V| at its ends and ln(I/A) there."""

    start: float
    end: float
    low: float
    high: float

    @property
    def slope(self) -> float:
        """Mean d ln I/dV, 1/V."""
        return (self.high - self.low) / max(self.end - self.start, 1e-300)


def find_regimes(voltage: Array, current: Array, floor: float = RESOLVED_CURRENT) -> list[Regime]:
    """Name the regimes of one branch of a measured curve.

    Parameters
    ----------
    voltage, current
        The branch on which the current rises, V and A, shape (points,), of either polarity.
    floor
        Current, A, below which the instrument shows nothing but itself.

    Returns
    -------
    list of Regime
        A; A and B; or A, B and C, touching each other, in the order of |V|.

    Raises
    ------
    InputError
        If fewer than three points lie above the floor, or they rise by less than a factor of e.
    """
    x, y = _rise(np.abs(voltage), np.abs(current), floor)
    if len(x) < LEAST_POINTS or np.ptp(y) < 1.0:
        raise InputError(
            "measured curve: three or more points of a rise above the floor are wanted, got "
            f"{len(x)} above {floor:.3g} A"
        )
    segments = _with_jumps(_segment(x, y))
    sign = 1.0 if voltage[np.abs(voltage).argmax()] >= 0.0 else -1.0
    cuts = _cuts(segments)
    edges = [segments[0].start, *cuts, segments[-1].end]
    levels = np.exp(np.interp(edges, *_knots(segments)))
    return [
        Regime(name, sign * edges[k], sign * edges[k + 1], float(levels[k]), float(levels[k + 1]))
        for k, name in zip(range(len(cuts) + 1), "ABC", strict=False)
    ]


def _rise(voltage: Array, current: Array, floor: float) -> tuple[Array, Array]:
    """Return |V| and ln I of the rise, sorted by |V|, averaged over at most MOST_POINTS bins."""
    keep = np.isfinite(voltage) & np.isfinite(current) & (current > floor)
    order = np.argsort(voltage[keep], kind="stable")
    x, y = voltage[keep][order], np.log(current[keep][order])
    if not len(x):
        return x, y
    y = _without_outliers(y)
    # Of a noisy plateau the highest point is no measure, the highest median of neighbours is.
    top = float(np.median(_neighbours(y), axis=1).max())
    over = np.flatnonzero(y >= top + np.log(LIMITED_SHARE))
    x, y = x[: over[0] + 1], y[: over[0] + 1]
    if len(x) <= MOST_POINTS:
        return x, y
    edges = np.linspace(x[0], x[-1], MOST_POINTS + 1)
    number = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, MOST_POINTS - 1)
    count = np.bincount(number, minlength=MOST_POINTS)
    full = count > 0
    mean = [np.bincount(number, values, MOST_POINTS)[full] / count[full] for values in (x, y)]
    return mean[0], mean[1]


def _without_outliers(y: Array) -> Array:
    """Replace single points that stand far off the median of their five neighbours."""
    if len(y) < 7:
        return y
    windows = _neighbours(y)
    middle = np.median(windows, axis=1)
    spread = 1.5 * np.median(np.abs(windows - middle[:, None]), axis=1) + LEAST_NOISE
    return np.where(np.abs(y - middle) > 5.0 * spread, middle, y)


def _neighbours(y: Array) -> Array:
    """Return every value with two neighbours on each side, (points, 5)."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(y, 2, mode="edge"), 5)


def _noise(y: Array) -> float:
    """Estimate the scatter of ln I from second differences, which a smooth curve has not."""
    bends = np.abs(np.diff(y, 2))
    return float(max(LEAST_NOISE, np.median(bends) / (0.6745 * np.sqrt(6.0))))


def _segment(x: Array, y: Array) -> list[Segment]:
    """Cut the curve where the sum of squared residuals and a price per stretch is least.

    Straight lines through ln I; least squares of every stretch in constant time from running sums,
    and the best cuts by dynamic programming.
    """
    count, u = len(x), x - x.mean()
    columns = (np.ones_like(u), u, u * u, y, u * y, y * y)
    sums = np.stack([np.concatenate([[0.0], np.cumsum(column)]) for column in columns])
    price = PRICE * np.log(count) * _noise(y) ** 2
    best, origin = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=int)
    best[0] = 0.0
    for stop in range(LEAST_POINTS, count + 1):
        first = np.arange(stop - LEAST_POINTS + 1)
        total = best[first] + _line(sums[:, [stop]] - sums[:, first])[2] + price
        origin[stop] = int(np.argmin(total))
        best[stop] = total[origin[stop]]
    out: list[Segment] = []
    stop = count
    while stop > 0:
        first_point = int(origin[stop])
        a, b, _ = _line(sums[:, stop] - sums[:, first_point])
        low, high = (float(a + b * u[k]) for k in (first_point, stop - 1))
        out.insert(0, Segment(float(x[first_point]), float(x[stop - 1]), low, high))
        stop = first_point
    return out


def _line(sums: Array) -> tuple[Array, Array, Array]:
    """Solve straight-line fits from their sums (6, …): level, slope, squared residuals."""
    s, sx, sxx, sy, sxy, syy = sums
    b = (s * sxy - sx * sy) / np.maximum(s * sxx - sx * sx, 1e-300)
    a = (sy - b * sx) / s
    return a, b, np.maximum(syy - a * sy - b * sxy, 0.0)


def _with_jumps(segments: list[Segment]) -> list[Segment]:
    """Insert what rises between two stretches, from one point to the next."""
    out = segments[:1]
    for segment in segments[1:]:
        before = out[-1]
        rise = segment.low - before.high
        if rise >= LEAST_RISE:
            out.append(Segment(before.end, segment.start, before.high, segment.low))
        out.append(segment)
    return out


def _knots(segments: list[Segment]) -> tuple[Array, Array]:
    """Return |V| and ln I at all ends, |V| never falling."""
    knots = np.array([[(s.start, s.low), (s.end, s.high)] for s in segments]).reshape(-1, 2)
    return knots[:, 0], knots[:, 1]


def _cuts(segments: list[Segment]) -> list[float]:
    """Return where A ends, and where B ends, as far as they do."""
    slopes = np.array([max(segment.slope, 1e-3) for segment in segments])
    gentle = _valley(segments, slopes)
    if gentle is None:
        return []
    steep = _last_steep(slopes, gentle)
    if _is_steep_again(segments, slopes, gentle):
        return [_between(segments, steep), _between(segments, gentle)]
    return [_between(segments, steep)]


def _between(segments: list[Segment], k: int) -> float:
    """Return the voltage half way between the last point of a stretch and the next one's first."""
    return 0.5 * (segments[k].end + segments[k + 1].start)


def _last_steep(slopes: Array, gentle: int) -> int:
    """Return the last stretch before the gentle one that belongs to A."""
    return int(np.flatnonzero(slopes[:gentle] >= STEEP_SHARE * slopes[:gentle].max())[-1])


def _is_steep_again(segments: list[Segment], slopes: Array, k: int) -> bool:
    """Tell whether the curve rises noticeably, and more steeply, behind stretch k."""
    rise = sum(max(0.0, segment.high - segment.low) for segment in segments[k + 1 :])
    return rise >= LEAST_RISE and bool(slopes[k + 1 :].max() >= PROMINENCE * slopes[k])


def _valley(segments: list[Segment], slopes: Array) -> int | None:
    """Return the stretch that lies deepest, in ln of its slope, below what is steep around it."""
    chosen, deepest = None, 0.0
    for k in range(1, len(segments)):
        drop = float(np.log(slopes[:k].max() / slopes[k]))
        widened = segments[k].high - segments[_last_steep(slopes, k)].high
        if drop < np.log(PROMINENCE) or widened < LEAST_RISE:
            continue
        again = _is_steep_again(segments, slopes, k)
        depth = drop + (float(np.log(slopes[k + 1 :].max() / slopes[k])) if again else 0.0)
        if depth > deepest:
            chosen, deepest = k, depth
    return chosen
