"""Runs that a paper's figures and statements are measured on."""

from __future__ import annotations

from collections.abc import Mapping

from .runs import Study

MAIN = "buttberg2025_set_1mA"

COMPLIANCES = (
    "1nA", "3nA", "10nA", "30nA", "100nA", "300nA", "1uA", "3uA", "10uA", "30uA", "100uA", "300uA",
    "1mA",
)  # fmt: skip
"""Compliance currents of the map, by the names of their studies."""

_SHIPPED = {"1nA", "100nA", "10uA", "100uA", "1mA"}


def _compliance(name: str) -> Study:
    """Return the SET with one compliance current: shipped, or the 1 mA run with another limit."""
    if name in _SHIPPED:
        return Study(f"buttberg2025_set_{name}")
    number, unit = name[:-2], name[-2:]
    return Study(MAIN, (f"source.compliance_current={number} {unit}",))


BUTTBERG2025: Mapping[str, Study] = {
    "1mA": Study(MAIN),
    "no_barrier_heating": Study(f"{MAIN}_no_barrier_heating"),
    "no_dissolution": Study(f"{MAIN}_no_dissolution"),
    "constant_gap": Study(MAIN, ("void.dissolution_ratio=1",)),
    "half_conductivity": Study(MAIN, ("materials.Cu.thermal_conductivity=200 W/m/K",)),
    "quarter_conductivity": Study(MAIN, ("materials.Cu.thermal_conductivity=100 W/m/K",)),
    **{name: _compliance(name) for name in reversed(COMPLIANCES[:-1])},
}
"""Studies of Buttberg 2025, the long ones first."""
