"""Rows of the validation tables of Miranda 2024, Kharlanov 2023 and Milano 2024."""

from __future__ import annotations

from tusk.postprocess.reproduction import atoms, kharlanov2023, milano2024, miranda2024
from tusk.postprocess.reproduction.claims import Claim

MIRANDA2024 = (
    Claim("M1", "closed form = Landauer in the Boltzmann limit", "eq. 6", miranda2024.landauer),
    Claim("M2–M6", "parameters of the contact", "eqs. 4, 9; Fig. 1", miranda2024.barrier),
    Claim("M7", "G → G0 exp(−g/g0); linear as g → 0", "eq. 10", miranda2024.closing),
    Claim("M8, M9", "ρ(t) exponential, g = g_max (1 − ρ)", "eqs. 17, 19", miranda2024.potentiation),
    Claim("M8", "particles: binomial", "eqs. 11–14", miranda2024.particles),
    Claim("M10", "state kept at V = 0", "eqs. 15, 16", miranda2024.kept),
    Claim("M11", "pinched loop, SET and RESET", "Fig. 2b", miranda2024.loop),
    Claim("M12, M13", "P_L + P_R = IV, more at the drain", "eqs. 20–22", miranda2024.powers),
    Claim("M14", "temperature of the gap", "eq. 23", miranda2024.gap_temperature),
    Claim("M15", "validity eV/2 < φ", "eq. 6", miranda2024.validity),
)
STABLE = "it is one of the leading order; the exact chain stays as it is"
WIND = "the electron wind; what eq. 4 adds is the unscreened charging of the contact's sites"
CHARGING = "eq. 4 is no sum over reflected momentum (eq. 13): sites charge at any T"
_SHENG = "Fig. 2b; Sheng → Zhou"
FALLS = (
    "the anode's side empties as printed, but the neck tears there: necks thin out, none thickens"
)
KHARLANOV2023 = (
    Claim(
        "K2, K3", "T(E) in closed form = NEGF", "1, 0.852, 0.524, 0.221", kharlanov2023.transmission
    ),
    Claim("K4, K5", "total force: none at T = 1 or 0 V", "0.20 eV/Å", kharlanov2023.total_force),
    Claim("K6, K7", "force on the central atom", "0.709, 0.032 eV/Å", kharlanov2023.leading_order),
    Claim("K8", "no force linear in V if symmetric", "eq. 17", kharlanov2023.symmetric_drop),
    Claim("K9", "instability beyond V_crit", "1.757 V, eq. 19", kharlanov2023.instability, STABLE),
    Claim("K10", "neck of 3 G0 at rest", "Fig. 2a, text", kharlanov2023.three_channels),
    Claim("K11", "recoil of tenths of eV/Å, ∝ V", "Fig. 2a", kharlanov2023.atomic_forces),
    Claim("K12", "recoil towards the cathode", "Fig. 2a", kharlanov2023.direction, WIND),
    Claim("K13", "no recoil at integer T", "text", kharlanov2023.at_integer, CHARGING),
    Claim("K14", "non-integer contacts live shorter", "Fig. 1a, text", kharlanov2023.short_lived),
    Claim("K15", "a neck switches, rarefied at the anode", _SHENG, atoms.switching, FALLS),
)
_REPLACED = "ReaxFF, EChemDID → Zhou, charges"
_DRIVEN = "ReaxFF, PWCOND → Zhou, driven, s band"
KEPT = "with 12 V still on, the atoms that bridge are charged and leave within a picosecond"
MILANO2024 = (
    Claim("N1–N3", "peaks at n G0, shifted in series, wide", "Fig. 4", milano2024.peaks),
    Claim("N4", "steps in a current sweep", "Fig. 3a", milano2024.steps),
    Claim("N7", "100 µA: 1 G0; 400 µA: 2–3 G0", "Fig. 2", milano2024.compliances),
    Claim("N8", "slower sweeps show more plateaus", "text, Fig. 3", milano2024.slow_sweeps),
    Claim("N10", "fluctuations about a plateau", "Fig. 5a", milano2024.fluctuations),
    Claim("N11", "four stages of rewiring", f"Fig. 1i; {_REPLACED}", atoms.stages, KEPT),
    Claim("N12", "T ≈ 0, then 1, then more", f"Fig. 3b, c; {_DRIVEN}", atoms.growing),
    Claim("N13", "T without steps in ±1 eV", f"Fig. 3d–f; {_DRIVEN}", atoms.spectra),
    Claim("N14", "single bonds about T = 1", "Fig. 4c; pulled necks, Zhou, s band", atoms.pulled),
    Claim("N15", "T fluctuates on a plateau", f"Fig. 5c, d; {_DRIVEN}", atoms.plateau),
)
