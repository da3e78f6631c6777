"""Rows of docs/validation.md that no paper prints: convergence, ledgers, RESET."""

from __future__ import annotations

from collections.abc import Callable

from tests.verification import measures
from tusk.postprocess.reproduction import buttberg2025 as paper
from tusk.postprocess.reproduction.checks import Check, Studies
from tusk.postprocess.reproduction.claims import BUTTBERG2025, DROP, Claim

RING = "the narrowest ring wanders along the shoulder, and T rises by up to 1 % when it jumps"
RIM = "the shoulder stands closer to the rim of the recess than the tip to its bottom"


def nearest(
    row: str, statement: str, printed: str, measure: Callable[[Studies], list[Check]], why: str = ""
) -> Claim:
    """Return a row measured on the 1 mA run with the nearest gap and its own parameters."""
    return Claim(
        f"{row}, nearest", statement, printed, lambda runs: measure({"1mA": runs["nearest"]}), why
    )


CLAIMS = (
    *BUTTBERG2025,
    Claim("mesh", "half of all sizes and of the tolerance", "–", measures.convergence),
    Claim("ledgers", "errors over the 1 mA run", "–", measures.ledgers("1mA")),
    Claim(
        "ledgers, RESET",
        "errors over SET and RESET",
        "–",
        measures.ledgers("reset_both", "reset_growth"),
    ),
    Claim("RESET, both", "−1 V at 1 V/s", "–", measures.reset("reset_both")),
    Claim("RESET, growth", "the same, then 1 s at −1 V", "–", measures.reset("reset_growth")),
    nearest("B4", "gap closure, side growth, gap closure", "Fig. 1b", paper.sequence),
    nearest(
        "B5", "filament drop at 3.5 µA", "tens of mV, kΩ, Fig. 1d", paper.filament_resistance, DROP
    ),
    nearest("B8", "growth start", "1.122 s, Fig. 2", paper.growth_start),
    nearest("B9", "Γ", "1.679 s, Fig. 2", paper.gamma),
    nearest("B10", "Y", "1.778 s, Fig. 2", paper.upsilon),
    nearest("B13", "T at 603 µA", "750 K, Fig. 3c", paper.temperature_rising),
    nearest("B14", "T falls with V_cell after 1 mA", "Fig. 3d", paper.temperature_falling, RING),
    nearest("B15", "narrowest off the axis", "Fig. 3d inset", paper.narrowest_place),
    nearest("B16", "T_max", "850 K, Fig. 5a", paper.peak),
    nearest("B20", "with dissolution a gap stays", "0.07–0.4 nm", paper.remaining_gap, RIM),
    Claim("ledgers, nearest", "errors over the 1 mA run", "–", measures.ledgers("nearest")),
)
"""All rows, in the order of the table."""
