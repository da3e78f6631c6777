"""How runs of the point contact are measured against Miranda and Suñé 2024 (rows M)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.constants import e, k
from scipy.integrate import quad
from scipy.stats import binom, chisquare

from tusk.postprocess.conductance import QUANTUM
from tusk.postprocess.reproduction.checks import Array, Check, Studies, holds, summary, within
from tusk.postprocess.run import Run
from tusk.postprocess.tables import read_table

BESSEL_ZERO = 2.405
NORMAL_CONDUCTANCE = 1.33e-5  # G_N of eq. 23, W/K
PULSE = 0.05  # s at 0.5 V, in the studies of the memory
FEWEST = 5.0  # expected members per class of a chi-squared test


def contact_curves(run: Run) -> pd.DataFrame:
    """Return the family of curves over g/R."""
    columns = ("gap_over_radius", "voltage_V", "current_A", "landauer_current_A")
    return read_table(run.path / "contact_curves.csv", columns)


# --- the contact ----------------------------------------------------------------------------------


def landauer(studies: Studies) -> list[Check]:
    """M1: the closed form is that of 0 K; warm electrodes add the factor x/sin x, x = π α kT."""
    run = studies["fig1b"]
    table = contact_curves(run)
    ratio = float(table["gap_over_radius"].max())
    first = table[table["gap_over_radius"] == ratio].iloc[0]
    gap = run.quantity("qpc", "gap_max", "length") / run.quantity("qpc", "radius", "length")
    x = np.pi * summary(run)["alpha_per_eV"] * ratio / gap * k * 300.0 / e
    warm = float(first["landauer_current_A"] / first["current_A"])
    return [
        Check("at g/R =", ratio),
        Check("Landauer at 300 K over closed form, low V", warm, "", digits=4),
        Check("the same over x/sin x", warm * np.sin(x) / x, "", 0.998, 1.002, 5),
    ]


def barrier(studies: Studies) -> list[Check]:
    """M2 to M6."""
    found = summary(studies["fig2b"])
    light, heavy = (summary(studies[name])["alpha_phi"] for name in ("fig1b", "heavier"))
    radius = 0.12e-9 * np.pi * BESSEL_ZERO / 2
    return [
        within("φ(R = 0.45 nm)", found["barrier_height_eV"], "eV", 1.088, 1e-3),
        within("α(g = 0.5 nm)", found["alpha_per_eV"], "/eV", 3.857, 1e-3),
        within("αφ", found["alpha_phi"], "", 4.197, 1e-3),
        Check("change of αφ with half the mass", heavy / light - 1.0, "", -1e-12, 1e-12),
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
    last = slope[closest["voltage_V"].to_numpy() <= 1.0][-1]
    return [
        within("G(0)/G0", found["zero_bias_conductance_G0"], "", expected, 1e-9),
        Check("smallest gap: I/V rises up to 1 V by", 100 * (last / slope[0] - 1), "%", 0.0, 10.0),
    ]


# --- the memory -----------------------------------------------------------------------------------


def potentiation(studies: Studies) -> list[Check]:
    """M8 in the mean field, M9: ρ = 1 − exp(−ω t) at constant voltage; the gap follows it."""
    run = studies["fig2a"]
    time, share = run.column("time_s"), run.column("transparency")
    rows = (run.column("applied_voltage_V") > 0.49) & (share > 0.0)
    rate = run.quantity("memory", "set_rate", "frequency")
    omega = rate * np.sinh(0.5 / run.quantity("memory", "set_voltage", "voltage"))
    # The ramp of 1 µs counts as a shift of the time's origin.
    shift = time[rows][0] + np.log1p(-share[rows][0]) / omega
    expected = -np.expm1(-omega * (time[rows] - shift))
    gap = run.column("gap_m")
    return [
        Check(
            "largest |ρ − closed form|", float(np.abs(share[rows] - expected).max()), "", high=1e-9
        ),
        Check(
            "largest |g/g_max − (1 − ρ)|",
            float(np.abs(gap / gap[0] - (1.0 - share)).max()),
            "",
            high=1e-9,
        ),
    ]


def particles(studies: Studies) -> list[Check]:
    """M8 with single particles: Gillespie members against Binomial(N, p)."""
    run = studies["particles"]
    columns = ("sites_conducting", "transparency")
    found = read_table(run.path / "ensemble.csv", columns)["sites_conducting"].to_numpy()
    sites, members = int(run.config["memory"]["particles"]), len(found)
    chance = float(after_pulse(studies["kept"])[0])
    mean, variance = sites * chance, sites * chance * (1.0 - chance)
    return [
        Check("members", members),
        Check(
            "(mean − Np)/standard error",
            (found.mean() - mean) / np.sqrt(variance / members),
            "",
            -3.0,
            3.0,
        ),
        Check(
            "variance/Np(1 − p)",
            float(found.var(ddof=1) / variance),
            "",
            1.0 - 3.0 * np.sqrt(2.0 / members),
            1.0 + 3.0 * np.sqrt(2.0 / members),
        ),
        Check("χ² against Binomial(N, p): P", _binomial_test(found, sites, chance), "", 0.001),
    ]


def _binomial_test(found: Array, sites: int, chance: float) -> float:
    """Return the probability of a worse chi-squared; classes with few members are joined."""
    expected = len(found) * binom.pmf(np.arange(sites + 1), sites, chance)
    usual = np.flatnonzero(expected >= FEWEST)
    edges = np.concatenate(([-0.5], np.arange(usual[0], usual[-1]) + 0.5, [sites + 0.5]))
    wanted = np.histogram(np.arange(sites + 1), edges, weights=expected)[0]
    return float(chisquare(np.histogram(found, edges)[0], wanted).pvalue)


def after_pulse(run: Run) -> Array:
    """Return the transparency after the pulse of a study of the memory."""
    return run.column("transparency")[run.column("time_s") > PULSE + 1e-6]


def kept(studies: Studies) -> list[Check]:
    """M10: no rate at V = 0."""
    run = studies["kept"]
    share = after_pulse(run)
    return [
        Check("ρ after a pulse", float(share[0])),
        Check("left alone for", float(run.column("time_s")[-1]) - PULSE, "s"),
        Check("change", float(np.ptp(share)), "", high=0.0),
    ]


def loop(studies: Studies) -> list[Check]:
    """M11."""
    run = studies["fig2b"]
    voltage, current = run.column("applied_voltage_V"), run.column("current_A")
    change, middle = np.diff(run.column("transparency")), 0.5 * (voltage[1:] + voltage[:-1])
    return [
        holds("I = 0 at V = 0", bool(np.abs(current[voltage == 0.0]).max(initial=0.0) == 0.0)),
        Check("SET at", float(middle[change.argmax()]), "V", low=0.0),
        Check("RESET at", float(middle[change.argmin()]), "V", high=0.0),
    ]


# --- heat -----------------------------------------------------------------------------------------


def powers(studies: Studies) -> list[Check]:
    """M12, M13."""
    run = studies["fig3"]
    left, right = run.column("power_left_W"), run.column("power_right_W")
    voltage = run.column("cell_voltage_V")
    total = run.column("current_A") * voltage
    alpha = summary(run)["alpha_per_eV"] * run.column("gap_m") / run.column("gap_m").max()
    open_ = np.flatnonzero((np.abs(voltage) > 0.05) & (alpha > 0.1))[::40]
    integrals = np.array([_drain_share(alpha[row], voltage[row]) for row in open_])
    forward = (voltage > 0.05) & (run.column("transparency") < 0.9)
    sums = np.abs(left + right - total).max() / np.abs(total).max()
    shares = np.abs(right[open_] / total[open_] - integrals).max()
    ratios = [1.0 / (1.0 / _drain_share(6.0, volts) - 1.0) for volts in (0.5, 1.0)]
    return [
        Check("|P_L + P_R − IV| over the largest IV", float(sums), "", high=1e-12),
        Check("largest |P_R/IV − its integral|", float(shares), "", high=1e-9),
        holds("P_R > P_L for V > 0", bool((right[forward] > left[forward]).all())),
        within("P_R/P_L(α = 6/eV, 0.5 V)", ratios[0], "", 2.56, 2e-3),
        within("P_R/P_L(α = 6/eV, 1 V)", ratios[1], "", 5.09, 2e-3),
    ]


def _drain_share(alpha: float, voltage: float) -> float:
    """Return P_R/IV by the integral of eq. 20: electrons of the window, weighted exp(α E)."""
    half = 0.5 * abs(voltage)

    def mean(power: int) -> float:
        weighted = quad(lambda x: x**power * np.exp(alpha * (x - half)), -half, half, epsabs=1e-15)
        return float(weighted[0])

    return float(0.5 + np.sign(voltage) * 0.5 * mean(1) / (half * mean(0)))


def gap_temperature(studies: Studies) -> list[Check]:
    """M14."""
    run = studies["fig3"]
    total = run.column("power_left_W") + run.column("power_right_W")
    error = run.column("temperature_K") - 300.0 - total / (2 * NORMAL_CONDUCTANCE)
    return [
        Check("largest |T_g − T0 − P_S/2G_N|", float(np.abs(error).max()), "K", high=1e-6),
        within("at G0 and 1 V", QUANTUM / (2 * NORMAL_CONDUCTANCE), "K", 2.91, 2e-3),
    ]


def validity(studies: Studies) -> list[Check]:
    """M15."""
    inside, beyond = (summary(studies[name]) for name in ("fig1b", "beyond"))
    return [
        within("valid below 2φ/e", inside["validity_voltage_V"], "V", 2.176, 1e-3),
        holds("2 V inside", bool(inside["inside_validity"])),
        holds("2.4 V reported as outside", not beyond["inside_validity"]),
    ]
