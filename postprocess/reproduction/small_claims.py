"""Rows of the validation tables of Miranda 2024, Kharlanov 2023 and Milano 2024."""

from __future__ import annotations

from tusk.postprocess.reproduction import small_models as measures
from tusk.postprocess.reproduction.claims import Claim

MIRANDA2024 = (
    Claim("M1", "closed form = Landauer in the Boltzmann limit", "eq. 6", measures.landauer),
    Claim("M2–M6", "parameters of the contact", "eqs. 4, 9; Fig. 1", measures.barrier),
    Claim("M7", "G → G0 exp(−g/g0); linear as g → 0", "eq. 10", measures.closing),
    Claim("M8, M9", "ρ(t) exponential, g = g_max (1 − ρ)", "eqs. 17, 19", measures.potentiation),
    Claim("M10, M11", "pinched loop, SET and RESET", "Fig. 2b", measures.loop),
    Claim("M12, M13", "P_L + P_R = IV, more at the drain", "eqs. 20–22", measures.powers),
    Claim("M14, M15", "temperature of the gap; validity", "eq. 23", measures.gap_temperature),
)
KHARLANOV2023 = (
    Claim("K2, K3", "T(E) in closed form = NEGF", "1, 0.852, 0.524, 0.221", measures.transmission),
    Claim("K4, K5", "total force: none at T = 1 or 0 V", "0.20 eV/Å", measures.total_force),
    Claim("K6, K7", "force on the central atom", "0.709, 0.032 eV/Å", measures.leading_order),
    Claim("K8", "no force linear in V if symmetric", "eq. 19", measures.symmetric_drop),
)
MILANO2024 = (
    Claim("N1–N3", "peaks at n G0, shifted in series, wide", "Fig. 4", measures.peaks),
    Claim("N4", "steps in a current sweep", "Fig. 3a", measures.steps),
    Claim("N7", "100 µA: 1 G0; 400 µA: 2–3 G0", "Fig. 2", measures.compliances),
    Claim("N10", "fluctuations about a plateau", "Fig. 5a", measures.fluctuations),
)
