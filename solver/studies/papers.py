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

_CHAIN = "kharlanov2023_fig1b"
_ESTIMATE = ("chain.hopping=-2 eV", "output.asymmetries=3", "output.atoms=3")

MIRANDA2024: Mapping[str, Study] = {
    name: Study(f"miranda2024_{name}") for name in ("fig1b", "fig2a", "fig2b", "fig3")
}
"""Studies of Miranda 2024."""

KHARLANOV2023: Mapping[str, Study] = {
    "fig1a": Study("kharlanov2023_fig1a"),
    "fig1b": Study(_CHAIN),
    "zero_bias": Study(
        _CHAIN, (*_ESTIMATE, "chain.left_hopping=-1.75 eV", "chain.right_hopping=-2.25 eV")
    ),
    "finite_bias": Study(
        _CHAIN,
        (*_ESTIMATE, "chain.left_hopping=-2 eV", "chain.right_hopping=-2 eV",
         "chain.onsite=0.5 eV"),
    ),
}  # fmt: skip
"""Studies of Kharlanov 2023: the figures, and the estimates in its text."""

MILANO2024: Mapping[str, Study] = {
    name: Study(f"milano2024_{name}")
    for name in ("current_sweeps", "compliance_100uA", "compliance_400uA", "fluctuations")
}
"""Studies of Milano 2024."""
