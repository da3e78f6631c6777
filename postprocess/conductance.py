"""Statistics of a fluctuating contact: histograms, plateaus with lifetimes, power spectra.

The histogram follows Milano 2024: bins of 0.05 G0 over all points of all sweeps, with or without
the resistance in series. An instrument samples evenly in time; a run takes its steps where
something happens, so that each of its points counts for as long as it lasts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.signal import welch

from tusk.postprocess.run import Run
from tusk.postprocess.tables import read_table
from tusk.solver.errors import InputError, OutputError

Array = NDArray[np.float64]

QUANTUM = 7.748091729863649e-05
"""G0 = 2e²/h in S."""

BIN = 0.05
"""Width of a bin in G0 (Milano 2024, Fig. 4)."""

JUMP = 0.3
"""Change from one point to the next (G0) that ends a plateau."""

SHORTEST = 4
"""Points below which a stretch is no plateau."""

LEAST_FOR_SPECTRUM = 16
"""Points below which a trace has no spectrum."""

PROMINENCE = 2.0
"""A peak stands at least this many times above the valleys beside it."""

LEAST_POINTS = 100
"""Points below which the peaks of a histogram are chance."""

LEAST_PEAK = 10.0
"""Evenly spaced points that the fullest bin of a peak holds at least."""

EVEN = 1e-6
"""Relative spread of time steps that is rounding."""

PLATEAU_COLUMNS = ("member", "start_s", "end_s", "conductance_G0", "level", "complete")


@dataclass(frozen=True, slots=True)
class Trace:
    """Conductance (G0) of one member against time (s), both (n,)."""

    member: int
    time: Array
    conductance: Array

    @property
    def length(self) -> float:
        """Time from the first to the last point, s."""
        return float(self.time[-1] - self.time[0]) if len(self.time) else 0.0

    @property
    def has_spectrum(self) -> bool:
        """Whether the trace has the points and the length that a spectrum needs."""
        return len(self.time) >= LEAST_FOR_SPECTRUM and self.length > 0.0


@dataclass(frozen=True, slots=True)
class Plateau:
    """A stretch without a jump.

    Attributes
    ----------
    member
        Whose.
    start, end
        s.
    conductance
        Mean over its points, G0.
    complete
        Whether a jump began and a jump ended it, so that it has a lifetime.
    """

    member: int
    start: float
    end: float
    conductance: float
    complete: bool

    @property
    def level(self) -> int:
        """Nearest whole number of G0."""
        return round(self.conductance)

    @property
    def lifetime(self) -> float:
        """Duration in s."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Histogram:
    """Time per bin, in points.

    Attributes
    ----------
    edges
        Ends of the bins (n + 1,), G0.
    counts
        Points in every bin (n,), each counted by how long it lasts over the mean: for evenly
        spaced points their number.
    points
        Points of the traces.
    """

    edges: Array
    counts: Array
    points: int

    @property
    def centres(self) -> Array:
        """Middle of every bin (n,), G0."""
        return 0.5 * (self.edges[1:] + self.edges[:-1])

    def peak_near(self, expected: float, reach: float = 0.45) -> tuple[float, float] | None:
        """Return place (G0) and height of the peak near a conductance, None if there is none.

        A peak is the fullest bin within ``reach``, stands above the emptiest bins on both sides of
        it there, and holds `LEAST_PEAK` points of at least `LEAST_POINTS`.
        """
        near = np.flatnonzero(np.abs(self.centres - expected) <= reach)
        if not len(near):
            return None
        top = int(near[np.argmax(self.counts[near])])
        height = float(self.counts[top])
        left = self.counts[near[0] : top + 1].min()
        right = self.counts[top : near[-1] + 1].min()
        enough = self.points >= LEAST_POINTS and height >= LEAST_PEAK
        if not enough or height < PROMINENCE * max(left, right):
            return None
        return float(self.centres[top]), height


def shifted_level(level: int, series_resistance: float) -> float:
    """Return n/(1 + n R G0), where a resistance R (ohm) in series shows the nth plateau (G0)."""
    return level / (1.0 + level * series_resistance * QUANTUM)


def traces(run: Run, measured: bool = False) -> list[Trace]:
    """Return the conductance of every member of a run.

    Parameters
    ----------
    run
        The run.
    measured
        Of the cell with what is in series, as an instrument sees it. Of a filament otherwise the
        contact's own channels (``contact.csv``), the tunnel current around them taken off.
    """
    folders = sorted(run.path.glob("member_[0-9]*")) or [run.path]
    return [_trace(folder, k, measured) for k, folder in enumerate(folders)]


def _trace(folder: Path, member: int, measured: bool) -> Trace:
    if not measured and (folder / "contact.csv").is_file():
        names = ("time_s", "contact_conductance_G0")
        table = read_table(folder / "contact.csv", names)
        time, conductance = (table[name].to_numpy() for name in names)
    else:
        voltage = "applied_voltage_V" if measured else "cell_voltage_V"
        table = read_table(folder / "timeseries.csv", ("time_s", "current_A", voltage))
        table = table[table[voltage] != 0.0]
        time = table["time_s"].to_numpy()
        conductance = (table["current_A"] / table[voltage]).to_numpy() / QUANTUM
    good = np.isfinite(conductance)
    return Trace(member, time[good], conductance[good])


def histogram(found: Sequence[Trace], width: float = BIN, upper: float | None = None) -> Histogram:
    """Return the histogram of all points.

    Parameters
    ----------
    found
        Traces.
    width
        Of a bin, G0; multiples of G0 lie in the middle of bins.
    upper
        End of the axis in G0; by default behind the largest point.

    Raises
    ------
    InputError
        If there are no points or the width is not positive.
    """
    if width <= 0.0:
        raise InputError(f"bin: must be above 0, got {width:g}")
    values = np.concatenate([trace.conductance for trace in found] or [np.empty(0)])
    if not len(values):
        raise InputError("conductance: no point with a voltage")
    end = max(float(values.max()) if upper is None else upper, 1.0)
    edges = np.arange(-0.5 * width, end + 0.5 + width, width)
    lasting = np.concatenate([_durations(trace.time) for trace in found])
    total = float(lasting.sum())
    weights = lasting * (len(values) / total) if total > 0.0 else np.ones(len(values))
    counts, _ = np.histogram(values, edges, weights=weights)
    return Histogram(edges, counts, len(values))


def _durations(time: Array) -> Array:
    """Return how long each point (n,) lasts, s: until the next, the last as long as the one before.

    Steps that differ by rounding alone are taken as equal, so that even points count as one each.
    """
    if len(time) < 2:
        return np.zeros(len(time))
    steps = np.diff(time)
    if np.ptp(steps) <= EVEN * steps.mean():
        steps = np.full(len(steps), float(time[-1] - time[0]) / len(steps))
    return np.append(steps, steps[-1])


def doubts(run: Run, found: Histogram) -> list[str]:
    """Return what speaks against reading the histogram of a run as that of atomic contacts."""
    out = []
    contact = run.config.get("contact") or {}
    if run.summary.get("model") == "filament_fem" and contact.get("model") == "none":
        out.append(
            "contact.model is none: this is the conductance of a tunnel gap, without channels"
        )
    if found.points < LEAST_POINTS:
        what = f"at least {LEAST_POINTS} points are wanted for peaks, got {found.points}"
        out.append(f"conductance: {what}")
    return out


def plateaus(trace: Trace, jump: float = JUMP, shortest: int = SHORTEST) -> list[Plateau]:
    """Return the plateaus of a trace in order.

    Parameters
    ----------
    trace
        The trace.
    jump
        Change between neighbouring points (G0) that separates plateaus.
    shortest
        Least number of points.
    """
    cuts = np.flatnonzero(np.abs(np.diff(trace.conductance)) > jump) + 1
    ends = np.concatenate((cuts, [len(trace.time)]))
    starts = np.concatenate(([0], cuts))
    out = []
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        if last - first < shortest:
            continue
        inside = first > 0 and last < len(trace.time)
        end = float(trace.time[last if inside else last - 1])
        mean = float(trace.conductance[first:last].mean())
        out.append(Plateau(trace.member, float(trace.time[first]), end, mean, inside))
    return out


def lifetimes(found: Sequence[Plateau]) -> pd.DataFrame:
    """Return number, mean lifetime and its standard error (s) of complete plateaus by level."""
    table = pd.DataFrame(
        [(p.level, p.lifetime) for p in found if p.complete], columns=["level", "s"]
    )
    grouped = table.groupby("level")["s"].agg(["count", "mean", "sem"])
    return grouped.rename(columns={"mean": "mean_s", "sem": "standard_error_s"})


def power_spectrum(trace: Trace, points: int | None = None) -> tuple[Array, Array]:
    """Return frequency (Hz) and one-sided power density of G(t) (G0²/Hz), Welch's method.

    Parameters
    ----------
    trace
        The trace; put on an even grid first, each value held until the next.
    points
        Of that grid; by default as many as the trace has.

    Raises
    ------
    InputError
        If the trace has no spectrum (`Trace.has_spectrum`).
    """
    count = points or len(trace.time)
    if count < LEAST_FOR_SPECTRUM or not trace.has_spectrum:
        wanted = f"{LEAST_FOR_SPECTRUM} points are wanted for a spectrum, and some time"
        raise InputError(f"conductance: {wanted}, got {len(trace.time)} in {trace.length:g} s")
    grid = np.linspace(trace.time[0], trace.time[-1], count)
    held = np.searchsorted(trace.time, grid, side="right") - 1
    values = trace.conductance[held]
    rate = (count - 1) / trace.length
    segment = min(count, max(16, count // 8))
    segment -= segment % 2
    frequency, density = welch(values, fs=rate, nperseg=segment)
    # The last bin, half the sampling rate, stands for itself alone where all others are doubled.
    return np.asarray(frequency[:-1]), np.asarray(density[:-1])


def write_statistics(run: Run, width: float = BIN) -> list[Path]:
    """Write histogram, plateaus and spectrum of a run as CSV beside it.

    Returns
    -------
    list of Path
        ``conductance_histogram.csv``, ``plateaus.csv`` and, if it can be made,
        ``conductance_spectrum.csv`` (mean over members).

    Raises
    ------
    InputError
        If the run has no conductance.
    OutputError
        If a file cannot be written.
    """
    own, measured = traces(run), traces(run, measured=True)
    upper = max(float(t.conductance.max(initial=0.0)) for t in (*own, *measured))
    corrected, raw = (histogram(found, width, upper) for found in (own, measured))
    tables = {
        "conductance_histogram": pd.DataFrame(
            {
                "conductance_G0": corrected.centres,
                "count": corrected.counts,
                "count_measured": raw.counts,
            }
        ),
        "plateaus": pd.DataFrame(
            [(p.member, p.start, p.end, p.conductance, p.level, p.complete)
             for trace in own for p in plateaus(trace)],
            columns=list(PLATEAU_COLUMNS),
        ),
    }  # fmt: skip
    long = [trace for trace in own if trace.has_spectrum]
    if long:
        count = min(len(trace.time) for trace in long)
        spectra = [power_spectrum(trace, count) for trace in long]
        density = np.mean([d for _, d in spectra], axis=0)
        columns = {"frequency_Hz": spectra[0][0], "power_G02_per_Hz": density}
        tables["conductance_spectrum"] = pd.DataFrame(columns)
    return [_write(run.path / f"{name}.csv", table) for name, table in tables.items()]


def _write(path: Path, table: pd.DataFrame) -> Path:
    try:
        table.to_csv(path, index=False)
    except OSError as error:
        raise OutputError(f"{path}: cannot write ({error.strerror or error})") from error
    return path
