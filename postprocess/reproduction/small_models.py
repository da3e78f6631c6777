"""How runs of the point contact and of the atomic chain are measured against three papers.

Miranda and Suñé 2024, Kharlanov 2023, Milano et al. 2024; rows of the validation tables M, K and N.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.constants import e, h, k

from tusk.postprocess.conductance import histogram, plateaus, shifted_level, traces
from tusk.postprocess.reproduction.checks import Array, Check, Studies, holds, within
from tusk.postprocess.run import Run
from tusk.postprocess.tables import read_table

BESSEL_ZERO = 2.405
QUANTUM = 2 * e**2 / h  # S
NORMAL_CONDUCTANCE = 1.33e-5  # G_N of Miranda 2024, eq. 23, W/K


def summary(run: Run) -> dict[str, float]:
    """Return ``summary.json`` of a run."""
    found: dict[str, float] = json.loads((run.path / "summary.json").read_text(encoding="utf-8"))
    return found


# --- Miranda 2024 ---------------------------------------------------------------------------------


def landauer(studies: Studies) -> list[Check]:
    """M1: the closed form is that of 0 K; warm electrodes add the factor x/sin x, x = π α kT."""
    run = studies["fig1b"]
    table = contact_curves(run)
    ratio = float(table["gap_over_radius"].max())
    first = table[table["gap_over_radius"] == ratio].iloc[0]
    found = summary(run)
    gap = run.quantity("qpc", "gap_max", "length") / run.quantity("qpc", "radius", "length")
    x = np.pi * found["alpha_per_eV"] * ratio / gap * k * 300.0 / e
    warm = float(first["landauer_current_A"] / first["current_A"])
    return [
        Check("at g/R =", ratio),
        Check("Landauer at 300 K over closed form, low V", warm, "", digits=4),
        Check("the same over x/sin x", warm * np.sin(x) / x, "", 0.998, 1.002, 5),
    ]


def contact_curves(run: Run) -> pd.DataFrame:
    """Return the family of curves over g/R."""
    path = run.path / "contact_curves.csv"
    return pd.read_csv(path)


def barrier(studies: Studies) -> list[Check]:
    """M2 to M6."""
    found = summary(studies["fig2b"])
    radius = 0.12e-9 * np.pi * BESSEL_ZERO / 2
    return [
        within("φ(R = 0.45 nm)", found["barrier_height_eV"], "eV", 1.088, 1e-3),
        within("α(g = 0.5 nm)", found["alpha_per_eV"], "/eV", 3.857, 1e-3),
        within("αφ", found["alpha_phi"], "", 4.197, 1e-3),
        within("V0", found["characteristic_voltage_V"], "V", 0.518, 2e-3),
        within("I0", found["characteristic_current_A"], "A", 40.2e-6, 2e-3),
        within("R(g0 = 0.12 nm)", radius, "m", 0.453e-9, 2e-3),
    ]


def closing(studies: Studies) -> list[Check]:
    """M7."""
    found = summary(studies["fig2b"])
    expected = float(np.exp(-0.5e-9 / found["characteristic_gap_m"]))
    table = contact_curves(studies["fig1b"])
    closest = table[table["gap_over_radius"] == table["gap_over_radius"].min()]
    slope = (closest["current_A"] / closest["voltage_V"]).to_numpy()
    within_volt = closest["voltage_V"].to_numpy() <= 1.0
    return [
        within("G(0)/G0", found["zero_bias_conductance_G0"], "", expected, 1e-9),
        Check("smallest gap: I/V rises up to 1 V by", 100 * (slope[within_volt][-1] / slope[0] - 1),
              "%", 0.0, 10.0),
    ]  # fmt: skip


def potentiation(studies: Studies) -> list[Check]:
    """M8, M9: exponential approach of the transparency; the gap follows it."""
    run = studies["fig2a"]
    time, share = run.column("time_s"), run.column("transparency")
    rows = (run.column("applied_voltage_V") > 0.49) & (share > 0.0) & (share < 0.9)
    level = np.log1p(-share[rows])
    straight = float(np.corrcoef(time[rows], level)[0, 1] ** 2)
    gap = run.column("gap_m")
    worst = float(np.abs(gap / gap[0] - (1.0 - share)).max())
    return [
        Check("R² of ln(1 − ρ) against t", straight, "", 0.999, digits=6),
        Check("largest |g/g_max − (1 − ρ)|", worst, "", high=1e-9),
    ]


def loop(studies: Studies) -> list[Check]:
    """M10, M11."""
    run = studies["fig2b"]
    voltage, current = run.column("applied_voltage_V"), run.column("current_A")
    share = run.column("transparency")
    change, middle = np.diff(share), 0.5 * (voltage[1:] + voltage[:-1])
    return [
        holds("I = 0 at V = 0", bool(np.abs(current[voltage == 0.0]).max(initial=0.0) == 0.0)),
        holds("SET at V > 0", bool(middle[change.argmax()] > 0)),
        holds("RESET at V < 0", bool(middle[change.argmin()] < 0)),
        Check("SET at", float(middle[change.argmax()]), "V"),
        Check("RESET at", float(middle[change.argmin()]), "V"),
    ]


def powers(studies: Studies) -> list[Check]:
    """M12, M13."""
    run = studies["fig3"]
    left, right = run.column("power_left_W"), run.column("power_right_W")
    total = run.column("current_A") * run.column("cell_voltage_V")
    error = np.abs(left + right - total).max() / np.abs(total).max()
    forward = (run.column("cell_voltage_V") > 0.05) & (run.column("transparency") < 0.9)
    ratios = [_drain_over_source(6.0, voltage) for voltage in (0.5, 1.0)]
    return [
        Check("|P_L + P_R − IV| over the largest IV", float(error), "", high=1e-12),
        holds("P_R > P_L for V > 0", bool((right[forward] > left[forward]).all())),
        within("P_R/P_L(α = 6/eV, 0.5 V)", ratios[0], "", 2.56, 2e-3),
        within("P_R/P_L(α = 6/eV, 1 V)", ratios[1], "", 5.09, 2e-3),
    ]


def _drain_over_source(alpha: float, voltage: float) -> float:
    """Return P_R/P_L of Miranda 2024, eqs. 20 to 22: (1 + L(x))/(1 − L(x)), L Langevin's."""
    x = 0.5 * alpha * voltage
    share = 1.0 / np.tanh(x) - 1.0 / x
    return float((1.0 + share) / (1.0 - share))


def gap_temperature(studies: Studies) -> list[Check]:
    """M14, M15."""
    run = studies["fig3"]
    total = run.column("power_left_W") + run.column("power_right_W")
    rise = run.column("temperature_K") - 300.0
    expected = total / (2 * NORMAL_CONDUCTANCE)
    return [
        Check(
            "largest |T_g − T0 − P_S/2G_N|", float(np.abs(rise - expected).max()), "K", high=1e-6
        ),
        within("at G0 and 1 V", QUANTUM / (2 * NORMAL_CONDUCTANCE), "K", 2.91, 2e-3),
        Check("valid below", summary(run)["validity_voltage_V"], "V", 2.17, 2.18, 4),
    ]


# --- Kharlanov 2023 -------------------------------------------------------------------------------


def asymmetry(run: Run) -> pd.DataFrame:
    """Return conductance and force against the asymmetry of the contact."""
    return read_table(run.path / "asymmetry.csv", ("asymmetry", "transmission_at_fermi"))


def transmission(studies: Studies) -> list[Check]:
    """K2, K3."""
    spectrum = read_table(studies["fig1b"].path / "spectrum.csv", ("energy_eV", "transmission"))
    error = (spectrum["transmission"] - spectrum["transmission_closed_form"]).abs().max()
    table = asymmetry(studies["fig1a"])
    return [
        Check("largest |NEGF − closed form|", float(error), "", high=1e-9),
        *(
            within(
                f"T(γ = {gamma:g})",
                float(np.interp(gamma, table["asymmetry"], table["transmission_at_fermi"])),
                "",
                value,
                5e-3,
            )
            for gamma, value in ((0.0, 1.0), (0.2, 0.852), (0.4, 0.524), (0.6, 0.221))
        ),
    ]


def total_force(studies: Studies) -> list[Check]:
    """K4, K5."""
    table = asymmetry(studies["fig1a"])
    force = np.abs(table["total_force_eV_per_A"].to_numpy())
    conductance = table["conductance_G0"].to_numpy()
    at_half = float(np.interp(-0.5, -conductance, force))
    at_rest = studies["fig1b"].column("total_force_eV_per_A")[0]
    return [
        Check("|F| at T = 1", float(force[0]), "eV/Å", high=1e-9),
        Check("|F| at zero bias", abs(float(at_rest)), "eV/Å", high=1e-9),
        within("|F| at G0/2, 1 V", at_half, "eV/Å", 0.20, 0.05),
    ]


def leading_order(studies: Studies) -> list[Check]:
    """K6, K7: the printed numbers are leading order; the exact NEGF is told beside them."""
    zero, finite = summary(studies["zero_bias"]), summary(studies["finite_bias"])
    parts = {
        "zero bias, leading order": (zero["central_force_zero_bias_linear_eV_per_A"], 0.709, 2e-3),
        "exact": (zero["central_force_zero_bias_eV_per_A"], 0.664, 2e-3),
        "finite bias, leading order": (finite["central_force_change_linear_eV_per_A"], 0.032, 0.01),
        "exact, finite bias": (finite["central_force_change_eV_per_A"], 0.0354, 0.01),
    }
    return [within(name, abs(v), "eV/Å", target, band) for name, (v, target, band) in parts.items()]


def symmetric_drop(studies: Studies) -> list[Check]:
    """K8."""
    found = summary(studies["fig1b"])
    return [
        Check("leading order at β = 1/2, ε = 0", abs(found["central_force_change_linear_eV_per_A"]),
              "eV/Å", high=1e-12),
        Check("exact at γ = 0.4, 1 V", abs(found["central_force_change_eV_per_A"]), "eV/Å"),
    ]  # fmt: skip


# --- Milano 2024 ----------------------------------------------------------------------------------


def series_resistance(run: Run) -> float:
    """Return the resistance in series with the contact, ohm."""
    return run.quantity("source", "series_resistance", "resistance")


def peaks(studies: Studies) -> list[Check]:
    """N1, N2, N3."""
    run = studies["current_sweeps"]
    own, raw = (histogram(traces(run, measured)) for measured in (False, True))
    found = {level: own.peak_near(float(level)) for level in (1, 2, 3)}
    points = int(own.counts.sum())
    heights = {level: 0 if peak is None else peak[1] for level, peak in found.items()}
    above = own.centres > 0.5
    top = float(own.centres[above][own.counts[above].argmax()])
    checks = [
        Check("points", points, "", 464_000, digits=6),
        Check("sweeps", len(traces(run)), "", 116),
        *(
            Check(f"peak {n}", np.nan if peak is None else peak[0], "G0", 0.93 * n, 1.07 * n)
            for n, peak in found.items()
        ),
        Check("largest near", top, "G0", 0.9, 1.1),
        Check("its width at half height", _width(own.centres, own.counts, heights[1]), "G0", 0.05),
    ]
    for level in (1, 2):
        place = np.nan if (own_peak := found[level]) is None else own_peak[0]
        # What is in series moves the peak where it really is, not the whole number.
        shifted = place / (1.0 + place * series_resistance(run) * QUANTUM)
        peak = raw.peak_near(shifted_level(level, series_resistance(run)))
        measured = np.nan if peak is None else peak[0]
        low, high = shifted - 0.05, shifted + 0.05
        checks.append(Check(f"measured peak {level}", measured, "G0", low, high))
    return checks


def _width(centres: Array, counts: NDArray[np.int64], height: int) -> float:
    """Return the width of the first peak at half its height, G0."""
    near = (np.abs(centres - 1.0) <= 0.5) & (counts >= 0.5 * height)
    return float(near.sum() * (centres[1] - centres[0]))


def steps(studies: Studies) -> list[Check]:
    """N4."""
    trace = traces(studies["current_sweeps"])[0]
    found = plateaus(trace)
    levels = {plateau.level for plateau in found}
    return [Check("levels in the first sweep", len(levels), "", 2.0)]


def compliances(studies: Studies) -> list[Check]:
    """N7."""
    medians = {}
    for name in ("compliance_100uA", "compliance_400uA"):
        final = [_settled(t.conductance) for t in traces(studies[name])]
        medians[name] = float(np.median(final))
    return [
        Check("100 µA, median", medians["compliance_100uA"], "G0", 0.5, 1.5),
        Check("400 µA, median", medians["compliance_400uA"], "G0", 1.5, 3.5),
    ]


def _settled(conductance: Array) -> float:
    """Return the largest conductance that a tenth of the points reach: the state after the SET."""
    return float(np.quantile(conductance, 0.9))


def fluctuations(studies: Studies) -> list[Check]:
    """N10."""
    trace = traces(studies["fluctuations"])[0]
    late = trace.conductance[len(trace.conductance) // 5 :]
    return [
        Check("mean", float(late.mean()), "G0", 1.5, 3.5),
        Check("scatter", float(late.std()), "G0", 0.05),
        Check("jumps", int((np.abs(np.diff(late)) > 0.5).sum()), "", 5.0),
    ]
