"""Rows of docs/validation.md that no paper prints: convergence, ledgers, RESET."""

from __future__ import annotations

from tests.verification import measures
from tusk.postprocess.reproduction.claims import BUTTBERG2025, Claim

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
)
"""All rows, in the order of the table."""
