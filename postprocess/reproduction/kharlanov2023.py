"""How runs of the atomic chain are measured against Kharlanov 2023 (rows K)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.constants import e, k

from tusk.postprocess.reproduction.checks import Check, Studies, holds, summary, within
from tusk.postprocess.run import Run
from tusk.postprocess.tables import read_table


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
    """K8: [K 17] is of first order in the asymmetry; what is left is of second order."""
    first_order = summary(studies["weak"])["central_force_change_linear_eV_per_A"]
    slopes = [force_per_volt(studies[name]) for name in ("finite_bias", "weak", "weaker")]
    return [
        Check("leading order at β = 1/2, ε = 0", abs(first_order), "eV/Å", high=1e-12),
        Check("exact dF/dV at γ = 0.1", slopes[1], "eV/Å/V"),
        Check("over that at γ = 0.05, 4 if of second order", slopes[1] / slopes[2], "", 3.8, 4.2),
        Check("for comparison at γ = 0, ε = 0.5 eV", slopes[0], "eV/Å/V"),
    ]


def three_channels(studies: Studies) -> list[Check]:
    """K10: the paper prints no structure; ours has the same conductance."""
    found = summary(studies["fig2a"])
    return [
        within("G", found["transmission_at_fermi"], "G0", 3.0, 0.03),
        Check("open channels", found["open_channels"], low=3, high=3),
        Check("atoms", found["atoms"]),
    ]


def atomic_forces(studies: Studies) -> list[Check]:
    """K11: of eq. 4 less its value at zero bias."""
    run = studies["fig2a"]
    voltage, total = run.column("applied_voltage_V"), run.column("total_force_eV_per_A")
    largest = run.column("largest_force_eV_per_A")
    slope = total[1:] / voltage[1:]
    return [
        Check("largest at 1 V", float(largest[-1]), "eV/Å", low=0.15, high=0.4),
        Check("total, spread of F/V from 0.25 to 1 V", float(np.ptp(slope) / slope[-1]), high=0.02),
    ]


def direction(studies: Studies) -> list[Check]:
    """K12: positive towards the lead that the electrons come from."""
    whole, bond = (
        float(studies[name].column("total_force_eV_per_A")[-1]) for name in ("fig2a", "fig2a_bond")
    )
    return [
        Check("eq. 4, towards the source", whole, "eV/Å", low=0.0),
        Check("its exact part, the gradient of the hopping", bond, "eV/Å"),
        holds("exact part towards the source", bond > 0.0),
    ]


def at_integer(studies: Studies) -> list[Check]:
    """K13: a neck of one open channel."""
    run = studies["fig2a_thin"]
    largest = float(run.column("largest_force_eV_per_A")[-1])
    return [
        within("T", summary(run)["transmission_at_fermi"], "", 1.0, 2e-3),
        Check("total at 1 V", float(run.column("total_force_eV_per_A")[-1]), "eV/Å"),
        Check("largest force there", largest, "eV/Å"),
        holds("largest force below 0.01 eV/Å", largest < 0.01),
    ]


def force_per_volt(run: Run) -> float:
    """Return dF/dV (eV/Å/V) of the central atom at zero bias, by a cubic through the bias ramp."""
    voltage, force = run.column("applied_voltage_V"), run.column("central_force_change_eV_per_A")
    return float(np.polynomial.Polynomial.fit(voltage, force, 4).convert().coef[1])


def instability(studies: Studies) -> list[Check]:
    """K9: the leading order turns unstable, and what becomes of it in the exact chain."""
    found = summary(studies["unstable"])
    exact = [found[f"hessian_{name}eV_per_A2"] for name in ("zero_bias_", "")]
    changes = exact[0] * exact[1] < 0 or found["critical_voltage_exact_V"] is not None
    return [
        within("V_crit, leading order", found["critical_voltage_V"], "V", 1.757, 1e-3),
        Check("its hessian there", found["hessian_linear_eV_per_A2"], "eV/Å²", -1e-3, 1e-3),
        Check("exact hessian at 0 V", exact[0], "eV/Å²"),
        Check("at 1.757 V", exact[1], "eV/Å²"),
        holds("exact hessian changes sign up to 2|t|/e = 4 V", changes),
    ]


def lives(run: Run) -> pd.DataFrame:
    """Return the life of contacts at 0.1 V and 300 K over that at G0, by conductance (G0).

    The total force does work F a/2 on the way over the barrier that holds an atom. It is linear in
    the bias: 0.1 of that at 1 V.
    """
    table = asymmetry(run)
    force = 0.1 * table["total_force_eV_per_A"].abs()
    spacing = 1e10 * run.quantity("chain", "lattice_constant", "length")
    life = np.exp(-force * spacing * e / (2.0 * k * 300.0))
    columns = {"conductance_G0": table["conductance_G0"], "total_force_eV_per_A": force}
    return pd.DataFrame({**columns, "life_over_that_at_G0": life})


def short_lived(studies: Studies) -> list[Check]:
    """K14."""
    table = lives(studies["fig1a"])
    force = table["total_force_eV_per_A"].to_numpy()
    conductance = table["conductance_G0"].to_numpy()
    at_half, life = (
        float(np.interp(-0.5, -conductance, column))
        for column in (force, table["life_over_that_at_G0"].to_numpy())
    )
    return [
        holds("force grows as G falls from G0", bool((np.diff(force) > 0).all())),
        Check("F at G0/2, 0.1 V", at_half, "eV/Å"),
        Check("life there at 300 K over that at G0", life, "", high=0.5),
    ]
