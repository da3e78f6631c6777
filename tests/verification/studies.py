"""Runs that the validation judges: those of the paper, and those for what it does not print."""

from __future__ import annotations

from pathlib import Path

from tusk.solver.studies.papers import BUTTBERG2025
from tusk.solver.studies.runs import Study

REPOSITORY = Path(__file__).resolve().parents[2]

GROWTH = "kinetics.barriers=growth"
HELD = (
    "drive=[{triangle: {amplitude: 2 V, rate: 1 V/s}}, "
    "{ramp: {to: -1 V, rate: 1 V/s}}, {hold: {for: 1 s}}]"
)
"""SET and RESET ramp of the shipped config, then 1 s at -1 V."""

MAIN, RESET = "buttberg2025_set_1mA", "buttberg2025_set_1mA_reset"

STUDIES = dict(BUTTBERG2025) | {
    "half": Study(MAIN, ("mesh.size_factor=0.5", "stepping.tolerance=5e-4")),
    "reset_both": Study(RESET),
    "reset_growth": Study(RESET, (GROWTH, HELD)),
    "nearest": Study("buttberg2025_set_1mA_nearest"),
}
"""All studies by name; preset `reference` throughout."""
