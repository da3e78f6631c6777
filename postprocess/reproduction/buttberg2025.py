"""How runs are measured against what Buttberg 2025 prints, each number with its band.

Functions that take all studies and return checks, one per row of `claims.py`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.constants import e

from tusk.postprocess.conductance import QUANTUM
from tusk.postprocess.reproduction.checks import (
    Check,
    Studies,
    at_rise,
    growth_rate,
    holds,
    mark,
    radius_at,
    regime_span,
    regimes,
    within,
)
from tusk.postprocess.run import Run
from tusk.solver.physics.capillary import CapillaryRelaxation

CONTACT_RESISTANCE = 1.0 / QUANTUM
"""R_c, resistance of one open channel, ohm."""

COMPLIANCE = {"1nA": 1e-9, "100nA": 1e-7, "10uA": 1e-5, "100uA": 1e-4, "1mA": 1e-3}
"""Compliance current of each SET study, A."""


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
    low_current = at_rise(studies["100nA"], 0.97e-7, "filament_resistance_ohm")
    return [*filament_resistance(studies), Check("R_CF(100 nA)", low_current, "Ω")]


def filament_resistance(studies: Studies) -> list[Check]:
    """B5, of the 1 mA run alone."""
    resistance = mark(studies["1mA"], "filament_resistance_3p5uA_ohm")
    return [
        Check("R_CF(3.5 µA)", resistance, "Ω", 0.9e3, 20e3),
        Check("drop", resistance * 3.5e-3, "mV", low=10.0),
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
        Check("C starts at", start, "A", low=1e-4),
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
    """B15; with the column gap there is no narrowest place off the axis to judge."""
    run = studies["1mA"]
    place, gap = (run.column(name)[-1] for name in ("gap_min_radius_m", "gap_min_m"))
    measure = run.config["tunnel"]["gap"]
    least = 1e-9 if measure == "nearest" else -np.inf
    return [
        Check(f"{measure} gap: narrowest at r =", place, "m", low=least),
        Check("gap", gap, "m"),
    ]


# --- Figure 5: what heat and dissolution do -------------------------------------------------------


def hottest(studies: Studies) -> list[Check]:
    """B16."""
    highest = {name: mark(studies[name], "temperature_max_K") for name in COMPLIANCE}
    slopes = np.diff(list(highest.values())) / np.diff(np.log10(list(COMPLIANCE.values())))
    cold = mark(studies["no_barrier_heating"], "temperature_max_K")
    lower = ("100uA", "10uA", "100nA")
    return [
        *peak(studies),
        *(Check(f"T_max({name})", highest[name], "K", digits=4) for name in lower),
        holds("convex in log10 I", all(b > a for a, b in pairwise(slopes))),
        Check("without barrier heat", cold, "K", high=310.0),
    ]


def peak(studies: Studies) -> list[Check]:
    """B16, of the 1 mA run alone."""
    return [within("T_max(1 mA)", mark(studies["1mA"], "temperature_max_K"), "K", 850.0, 0.10)]


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


# --- thermal conductivity, contact, relaxation ----------------------------------------------------

RELAXING = CapillaryRelaxation(1.2, 1e-7, 0.47 * e, 1.7e-29)
"""Silver: handbook surface energy, prefactor and barrier of surface diffusion, atomic volume."""


def reduced_conductivity(studies: Studies) -> list[Check]:
    """B25."""
    names = ("1mA", "half_conductivity", "quarter_conductivity")
    peak = [mark(studies[name], "temperature_max_K") for name in names]
    start = [_start_of_heat(studies[name]) for name in names]
    return [
        *(
            Check(f"T_max(κ = {kappa} W/m/K)", value, "K")
            for kappa, value in zip((400, 200, 100), peak, strict=True)
        ),
        *(
            Check(f"ΔT = 50 K at (κ = {kappa})", value, "A")
            for kappa, value in zip((400, 200, 100), start, strict=True)
        ),
        holds("higher T_max", peak[0] < peak[1] < peak[2]),
        holds("at less current", start[0] > start[1] > start[2]),
    ]


def _start_of_heat(run: Run) -> float:
    """Return the current, A, at which the temperature has risen by 50 K."""
    heat, current = run.column("temperature_max_K"), run.column("current_A")
    return float(
        np.exp(
            np.interp(
                350.0, heat[: heat.argmax()], np.log(np.maximum(current[: heat.argmax()], 1e-15))
            )
        )
    )


def relaxation(_studies: Studies) -> list[Check]:
    """B26, from the capillary formula; no run is needed."""
    times = [float(RELAXING.cylinder_time(radius, 300.0)) for radius in (1e-9, 2e-9)]
    return [
        Check("Ag cylinder of 1 nm at 300 K relaxes in", times[0], "s"),
        Check(
            "of twice the radius, times",
            times[1] / times[0],
            "",
            16 * (1 - 1e-12),
            16 * (1 + 1e-12),
            4,
        ),
    ]


def contact_resistance(studies: Studies) -> list[Check]:
    """B27."""
    below = [name for name in COMPLIANCE if mark(studies[name], "lrs_ohm") < CONTACT_RESISTANCE]
    open_gap = [mark(studies[name], "gap_min_m") for name in below]
    return [
        Check("R_c", CONTACT_RESISTANCE, "Ω"),
        holds(f"R < R_c: {', '.join(below) or 'none'}", "1mA" in below),
        Check("pure tunnelling there too: gap at least", min(open_gap, default=np.nan), "m", 0.0),
    ]
