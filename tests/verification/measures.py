"""How runs are measured against what Buttberg 2025 prints, each number with its band.

Functions that take all studies and return checks, one per row of `claims.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.run import Run

Array = NDArray[np.float64]
Studies = Mapping[str, Run]

COMPLIANCE = {"1nA": 1e-9, "100nA": 1e-7, "10uA": 1e-5, "100uA": 1e-4, "1mA": 1e-3}
"""Compliance current of each SET study, A."""

LEDGER_CURRENT = 1e-10
"""Energy and heat are balanced above this current, A."""

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
        """The number with its unit; a statement speaks for itself."""
        if self.stated:
            return self.label
        return f"{self.label} {quantity(self.value, self.unit, self.digits)}"

    @property
    def band(self) -> str:
        """The band in words."""
        if self.stated:
            return "as printed" if self.holds else "not as printed"
        low, high = (quantity(v, self.unit, self.digits) for v in (self.low, self.high))
        if not self.judged:
            return "reported"
        if not np.isfinite(self.low):
            return f"≤ {high}"
        return f"≥ {low}" if not np.isfinite(self.high) else f"{low} to {high}"


def quantity(value: float, unit: str, digits: int = 3) -> str:
    """Return a number with its unit: lengths in nm, currents and resistances with a prefix."""
    if unit == "m":
        return f"{value * 1e9:.{digits}g} nm"
    if unit not in {"A", "Ω"} or not np.isfinite(value) or value == 0:
        return f"{value:.{digits}g} {unit}".strip()
    exponent = int(np.clip(3 * np.floor(np.log10(abs(value)) / 3 + 1e-9), -12, 9))
    return f"{value / 10.0**exponent:.{digits}g} {PREFIXES[exponent]}{unit}"


def holds(label: str, truth: bool) -> Check:
    """Return a check of a statement that is true or false."""
    return Check(label, float(truth), low=1.0, stated=True)


def within(label: str, value: float | None, unit: str, target: float, share: float) -> Check:
    """Return a check against a target with a relative band; a mark not reached fails."""
    number = np.nan if value is None else value
    return Check(label, number, unit, target * (1 - share), target * (1 + share), 4)


# --- reading a run --------------------------------------------------------------------------------


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


def volume(curve: Array) -> float:
    """Return the volume (m³) under a filament curve (n, 2), cone by cone."""
    (r0, z0), (r1, z1) = curve[:-1].T, curve[1:].T
    return float(abs(np.pi / 3 * np.sum((z0 - z1) * (r0**2 + r0 * r1 + r1**2))))


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


# --- Figure 1: compliance currents ----------------------------------------------------------------


def morphology(studies: Studies) -> list[Check]:
    """B2."""
    radius = {name: mark(studies[name], "radius_max_m") for name in ("1nA", "100nA", "1mA")}
    return [
        *(Check(f"r_max({name})", value, "m") for name, value in radius.items()),
        Check(
            "change from 1 nA to 100 nA",
            100 * (radius["100nA"] / radius["1nA"] - 1),
            "%",
            -10.0,
            10.0,
        ),
        Check("from 100 nA to 1 mA", 100 * (radius["1mA"] / radius["100nA"] - 1), "%", low=50.0),
    ]


def low_resistance(studies: Studies) -> list[Check]:
    """B3."""
    resistance = {name: mark(studies[name], "lrs_ohm") for name in COMPLIANCE}
    current = np.array(list(COMPLIANCE.values()))
    products = [value * COMPLIANCE[name] for name, value in resistance.items()]
    slope = np.polyfit(np.log10(current), np.log10(list(resistance.values())), 1)[0]
    return [
        *(Check(f"R({name})", value, "Ω") for name, value in resistance.items()),
        Check("R·I at least", min(products), "V", low=0.4),
        Check("at most", max(products), "V", high=1.3),
        Check("slope", float(slope), "", -1.1, -0.9),
    ]


def sequence(studies: Studies) -> list[Check]:
    """B4."""
    names = "".join(name for name, _, _ in regimes(studies["1mA"]))
    return [holds(f"order {', '.join(names)}", names == "ABC")]


def filament_drop(studies: Studies) -> list[Check]:
    """B5."""
    resistance = mark(studies["1mA"], "filament_resistance_3p5uA_ohm")
    low_current = at_rise(studies["100nA"], 0.97e-7, "filament_resistance_ohm")
    return [
        Check("R_CF(3.5 µA)", resistance, "Ω", 0.9e3, 20e3),
        Check("drop", resistance * 3.5e-3, "mV"),
        Check("R_CF(100 nA)", low_current, "Ω"),
    ]


def shapes_of_regimes(studies: Studies) -> list[Check]:
    """B6."""
    run = studies["1mA"]
    spans = {name: regime_span(run, name) for name in "ABC"}
    rate = {name: growth_rate(run, span) for name, span in spans.items()}
    return [
        Check("R² of ln I against g in A", _linearity(run, spans["A"]), "", low=0.98, digits=4),
        Check("rise in A", rate["A"], "decades/s", low=1.5 * rate["B"]),
        Check("in B", rate["B"], "decades/s"),
        Check("in C", rate["C"], "decades/s", low=1.5 * rate["B"]),
    ]


def _linearity(run: Run, span: tuple[float, float]) -> float:
    current, gap = run.column("current_A"), run.column("gap_min_m")
    rows = slice(*(int(np.argmax(current >= level)) for level in span))
    return float(np.corrcoef(gap[rows], np.log(current[rows]))[0, 1] ** 2)


def thermal_start(studies: Studies) -> list[Check]:
    """B7."""
    run = studies["1mA"]
    start = regime_span(run, "C")[0]
    return [
        Check("ΔT(100 µA)", at_rise(run, 1e-4, "temperature_max_K") - 300.0, "K", low=90.0),
        Check("C starts at", start, "A"),
        Check("ΔT there", at_rise(run, start, "temperature_max_K") - 300.0, "K"),
    ]


# --- Figures 2 and 3: marks, shapes and temperatures of the 1 mA SET ------------------------------


def growth_start(studies: Studies) -> list[Check]:
    """B8."""
    return [within("growth start", mark(studies["1mA"], "growth_start_s"), "s", 1.122, 0.05)]


def gamma(studies: Studies) -> list[Check]:
    """B9."""
    return [within("Γ", mark(studies["1mA"], "gamma_s"), "s", 1.679, 0.03)]


def upsilon(studies: Studies) -> list[Check]:
    """B10."""
    run = studies["1mA"]
    lag = mark(run, "upsilon_s") - mark(run, "gamma_s")
    return [
        within("Y", mark(run, "upsilon_s"), "s", 1.778, 0.03),
        Check("Y − Γ", lag, "s", 0.08, 0.12),
    ]


def lamda(studies: Studies) -> list[Check]:
    """B11."""
    run = studies["1mA"]
    slope = run.column("time_s") * run.column("radius_rate_m_per_s") / run.column("radius_max_m")
    printed = float(np.interp(2.239, run.column("time_s"), slope))
    return [
        within("Λ", mark(run, "lambda_s"), "s", 2.239, 0.10),
        Check("d ln r/d ln t at 2.239 s", printed),
    ]


def directed_growth(studies: Studies) -> list[Check]:
    """B12."""
    run = studies["1mA"]
    aspect = run.column("tip_height_m") / run.column("radius_max_m")
    start, later = (
        float(np.interp(mark(run, name), run.column("time_s"), aspect))
        for name in ("growth_start_s", "gamma_s")
    )
    return [
        Check("height/radius at growth start", start, "", high=1.5),
        Check("at Γ", later, "", low=4.0),
    ]


def temperature_rising(studies: Studies) -> list[Check]:
    """B13."""
    return [within("T", at_rise(studies["1mA"], 603e-6, "temperature_max_K"), "K", 750.0, 0.06)]


def temperature_falling(studies: Studies) -> list[Check]:
    """B14."""
    run = studies["1mA"]
    current, applied = run.column("current_A"), run.column("applied_voltage_V")
    rows = slice(int(np.argmax(current >= 0.99e-3)), int(np.argmax(applied)) + 1)
    heat, cell = run.column("temperature_max_K")[rows], run.column("cell_voltage_V")[rows]
    return [
        Check("T at 0.99 mA", heat[0], "K"),
        Check("at 2 V", heat[-1], "K", high=float(heat[0])),
        Check("V_cell at 0.99 mA", cell[0], "V"),
        Check("at 2 V", cell[-1], "V", high=float(cell[0])),
        holds("both fall in every step", bool(max(*np.diff(heat), *np.diff(cell)) < 0)),
        Check("correlation", float(np.corrcoef(heat, cell)[0, 1]), "", low=0.95),
    ]


def narrowest_place(studies: Studies) -> list[Check]:
    """B15."""
    place = studies["1mA"].column("gap_min_radius_m")[-1]
    return [Check("column gap: narrowest at r =", place, "m")]


# --- Figure 5: what heat and dissolution do -------------------------------------------------------


def hottest(studies: Studies) -> list[Check]:
    """B16."""
    peak = {name: mark(studies[name], "temperature_max_K") for name in COMPLIANCE}
    slopes = np.diff(list(peak.values())) / np.diff(np.log10(list(COMPLIANCE.values())))
    cold = mark(studies["no_barrier_heating"], "temperature_max_K")
    return [
        within("T_max(1 mA)", peak["1mA"], "K", 850.0, 0.10),
        *(
            Check(f"T_max({name})", peak[name], "K", digits=4)
            for name in ("100uA", "10uA", "100nA")
        ),
        holds("convex in log10 I", all(b > a for a, b in pairwise(slopes))),
        Check("without barrier heat", cold, "K", high=310.0),
    ]


def barrier_heat(studies: Studies) -> list[Check]:
    """B17."""
    run = studies["1mA"]
    decade = [at_rise(run, level, "time_s") for level in (1e-5, 1e-4, 0.97e-3)]
    return [
        Check("without: I", studies["no_barrier_heating"].column("current_A").max(), "A",
              high=0.97e-3),
        Check("with: 10 to 100 µA", 1e3 * (decade[1] - decade[0]), "ms"),
        Check("100 to 970 µA", 1e3 * (decade[2] - decade[1]), "ms",
              high=250.0 * (decade[1] - decade[0])),
    ]  # fmt: skip


def closing_gap(studies: Studies) -> list[Check]:
    """B19."""
    run = studies["no_dissolution"]
    files = ("config.resolved.yaml", "filament.csv", "fields.pvd", "elephant.vtp")
    complete = all((run.path / name).stat().st_size > 0 for name in files)
    complete = complete and any((run.path / "figures").glob("*.png"))
    return [
        holds(
            f"{run.status}, {run.reason}", (run.status, run.reason) == ("finished", "gap_closed")
        ),
        holds("files complete", complete and len(run.filament) == len(run.timeseries)),
        Check("last gap", run.column("gap_min_m")[-1], "m", high=0.02e-9),
    ]


def remaining_gap(studies: Studies) -> list[Check]:
    """B20."""
    return [Check("gap at the end", studies["1mA"].column("gap_min_m")[-1], "m", 5e-11, 4e-10)]


def taper(studies: Studies) -> list[Check]:
    """B24."""
    ratio = {}
    for name in ("100nA", "1mA"):
        curve = studies[name].filament.points[-1]
        ratio[name] = radius_at(curve, 9e-9) / radius_at(curve, 1e-9)
    return [
        Check("r(9 nm)/r(1 nm) at 100 nA", ratio["100nA"], "", high=0.7),
        Check("at 1 mA", ratio["1mA"], "", low=1.0),
    ]


def constant_gap(studies: Studies) -> list[Check]:
    """B30."""
    run = studies["constant_gap"]
    gap = run.column("gap_axis_m")
    return [
        Check("change of the gap", float(np.abs(gap / gap[0] - 1).max()), "", high=1e-9),
        Check("gap", gap[-1], "m"),
        holds(f"ends {run.reason}", run.reason in {"drive_done", "electrode_exhausted"}),
    ]


def void_depth(studies: Studies) -> list[Check]:
    """B21, B22."""
    run = studies["1mA"]
    height = run.column("tip_height_m")[-1]
    ratio = float(run.config["void"]["dissolution_ratio"])
    depth = run.quantity("stack", "oxide_thickness", "length")
    return [
        Check("recess", ratio * height, "m"),
        Check("tip in the void", height - depth, "m"),
    ]


# --- what the paper does not print: convergence, ledgers, RESET -----------------------------------

CONVERGED = {
    "gamma_s": ("Γ", 0.5),
    "upsilon_s": ("Y", 0.5),
    "temperature_max_K": ("T_max", 1.0),
    "gap_min_m": ("g_min", 1.0),
    "radius_max_m": ("r_max", 1.0),
    "lrs_ohm": ("R_LRS", 1.0),
    "filament_resistance_3p5uA_ohm": ("R_CF(3.5 µA)", 1.0),
}
"""Marks that must not depend on the mesh, and by how much (%) they may."""


def convergence(studies: Studies) -> list[Check]:
    """Half of every mesh size and of the step tolerance against `reference`."""
    coarse, fine = studies["1mA"], studies["half"]
    return [
        Check(label, 100 * (mark(fine, name) / mark(coarse, name) - 1), "%", -limit, limit)
        for name, (label, limit) in CONVERGED.items()
    ]


LEDGERS = {"charge_error": 1e-6, "faraday_error": 2e-3, "energy_error": 1e-3, "heat_error": 1e-3,
           "tunnel_error": 5e-3}  # fmt: skip
"""Largest allowed errors; those of energy, heat and tunnelling above LEDGER_CURRENT."""


def ledgers(*names: str) -> Callable[[Studies], list[Check]]:
    """Return the check of the ledgers over whole runs."""

    def measure(studies: Studies) -> list[Check]:
        return [
            Check(column, max(_worst(studies[name], column) for name in names), "", high=limit)
            for column, limit in LEDGERS.items()
        ]

    return measure


def _worst(run: Run, column: str) -> float:
    always = column in {"charge_error", "faraday_error"}
    rows = np.abs(run.column("current_A")) > (-1.0 if always else LEDGER_CURRENT)
    return float(run.column(column)[rows].max())


RAMP_END = 5.0
"""Time (s) at which the RESET ramp reaches -1 V."""


def reset(name: str) -> Callable[[Studies], list[Check]]:
    """Return the check that a RESET ends at the nucleus, or pinched off."""

    def measure(studies: Studies) -> list[Check]:
        run = studies[name]
        nucleus = 2 / 3 * np.pi * run.quantity("stack", "nucleus_radius", "length") ** 3
        volumes = np.array([volume(curve) for curve in run.filament.points])
        left = 100 * volumes / volumes.max()
        limit = np.inf if run.reason == "pinched_off" else 2.0
        end = run.column("time_s")[-1]
        return [
            holds(f"{run.status}, {run.reason}", run.status == "finished"),
            Check("volume over the nucleus", 100 * (volumes[-1] / nucleus - 1), "%", high=limit),
            Check("left of the largest volume", left[-1], "%"),
            Check("at V_app", run.column("applied_voltage_V")[-1], "V"),
            Check("at t", end, "s", digits=4),
            *(
                [Check("left at 5 s", float(np.interp(RAMP_END, run.filament.times, left)), "%")]
                if end > RAMP_END
                else []
            ),
        ]

    return measure
