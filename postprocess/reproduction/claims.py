"""The rows of the validation table: what Buttberg 2025 states, and how it is measured here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tusk.postprocess.reproduction import buttberg2025 as measures
from tusk.postprocess.reproduction.checks import Check, Studies


@dataclass(frozen=True, slots=True)
class Claim:
    """A row: what is stated and printed, how it is measured, and why where it does not hold."""

    label: str
    statement: str
    printed: str
    measure: Callable[[Studies], list[Check]]
    deviation: str = ""


CREEP = "the threshold, d ln r/d ln t < 0.03, is ours, and r_max creeps past it"
COLUMN = (
    "the column gap is narrowest on the axis; tunnel.gap: nearest, at the shoulder (r = 2.7 nm)"
)
DROP = "tens of mV need 2.9 kΩ or more, which only the thinner filaments of low currents have"
EARLY = "the gap term of d ln I overtakes the area term before"
DEEP = "the z0 that the marks ask for lets the tip deeper into the void"

BUTTBERG2025 = (
    Claim("B2", "morphology constant up to 100 nA", "Fig. 1c", measures.morphology),
    Claim("B3", "R_LRS ∝ 1/I_CC", "slope near −1, Fig. 1a", measures.low_resistance),
    Claim("B4", "gap closure, side growth, gap closure", "Fig. 1b", measures.sequence),
    Claim("B5", "filament drop at 3.5 µA", "tens of mV, kΩ, Fig. 1d", measures.filament_drop, DROP),
    Claim("B6", "A exponential, B gradual, C exponential", "Fig. 1e", measures.shapes_of_regimes),
    Claim("B7", "C starts above 100 µA, hot", "ΔT > 100 K, Fig. 1e", measures.thermal_start, EARLY),
    Claim("B8", "growth start", "1.122 s, Fig. 2", measures.growth_start),
    Claim("B9", "Γ", "1.679 s, Fig. 2", measures.gamma),
    Claim("B10", "Y", "1.778 s, Fig. 2", measures.upsilon),
    Claim("B11", "Λ", "2.239 s, Fig. 2", measures.lamda, CREEP),
    Claim("B12", "isotropic, then directed growth", "Fig. 2", measures.directed_growth),
    Claim("B13", "T at 603 µA", "750 K, Fig. 3c", measures.temperature_rising),
    Claim("B14", "T falls with V_cell after 1 mA", "Fig. 3d", measures.temperature_falling),
    Claim("B15", "narrowest off the axis", "Fig. 3d inset", measures.narrowest_place, COLUMN),
    Claim("B16", "T_max; convex in log I_CC", "850 K, Fig. 5a", measures.hottest),
    Claim("B17", "barrier heat needed", "abrupt near 100 µA, Fig. 5b", measures.barrier_heat),
    Claim("B19", "no dissolution: the gap closes", "Fig. 5c, d", measures.closing_gap),
    Claim("B20", "with dissolution a gap stays", "0.07–0.4 nm, Fig. 5c", measures.remaining_gap),
    Claim("B21, B22", "recess, tip in the void", "two layers, 0.2 nm", measures.void_depth, DEEP),
    Claim("B24", "cone at low, cylinder at high I_CC", "Fig. 1c", measures.taper),
    Claim(
        "B25", "reduced κ: earlier heating, hotter", "Section 3.3", measures.reduced_conductivity
    ),
    Claim("B26", "relaxation time ∝ r⁴", "Section 3.3", measures.relaxation),
    Claim("B27", "R against R_c = 12.9 kΩ", "Section 3.1", measures.contact_resistance),
    Claim("B30", "v* = 1: constant gap", "–", measures.constant_gap),
)
"""Rows of the paper, in the order of the table."""
