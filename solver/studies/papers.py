"""Runs that a paper's figures and statements are measured on."""

from __future__ import annotations

from collections.abc import Mapping

from .runs import Study

MAIN = "buttberg2025_set_1mA"

COMPLIANCES = (
    "1nA",
    "3nA",
    "10nA",
    "30nA",
    "100nA",
    "300nA",
    "1uA",
    "3uA",
    "10uA",
    "30uA",
    "100uA",
    "300uA",
    "1mA",
)
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

_SET = "{pulse: {amplitude: 0.5 V, width: 50 ms, rise: 1 us, fall: 1 us}}"
"""Leaves a contact of Miranda 2024 half set."""

MIRANDA2024: Mapping[str, Study] = {
    **{name: Study(f"miranda2024_{name}") for name in ("fig1b", "fig2a", "fig2b", "fig3")},
    "heavier": Study("miranda2024_fig1b", ("qpc.effective_mass=0.5",)),
    "beyond": Study("miranda2024_fig1b", ("drive=[{ramp: {to: 2.4 V, rate: 1 V/s}}]",)),
    "kept": Study(
        "miranda2024_fig2a", (f"drive=[{_SET}, {{hold: {{for: 1000 s}}}}]", "output.interval=1 s")
    ),
    "particles": Study(
        "miranda2024_fig2a", (f"drive=[{_SET}]", "members=400", "output.interval=1 s")
    ),
}
"""Studies of Miranda 2024: the figures, and what its equations state beside them."""

_CHAIN = "kharlanov2023_fig1b"
_NECK = "kharlanov2023_md_fig2a"
_SLENDER = "kharlanov2023_md_fig2b"
SEEDS = range(1, 11)
"""Of the ensembles of atoms in motion."""
_SHORT = ("output.asymmetries=3", "output.atoms=3")


def _estimate(left: float, right: float, *changes: str) -> Study:
    """Return the chain of the estimates, t = -2 eV, with the couplings (eV) of its contact."""
    couplings = (f"chain.left_hopping={left} eV", f"chain.right_hopping={right} eV")
    return Study(_CHAIN, (*_SHORT, "chain.hopping=-2 eV", *couplings, *changes))


KHARLANOV2023: Mapping[str, Study] = {
    "fig1a": Study("kharlanov2023_fig1a"),
    "fig1b": Study(_CHAIN),
    "zero_bias": _estimate(-1.75, -2.25),
    "finite_bias": _estimate(-2, -2, "chain.onsite=0.5 eV"),
    "weak": _estimate(-1.8, -2.2),
    "weaker": _estimate(-1.9, -2.1),
    "unstable": _estimate(-2, -2, "voltage_division=0", "bias=1.757 V"),
    "fig2a": Study(_NECK),
    "fig2a_bond": Study(_NECK, ("electrons.terms=bond", "output.energies=3")),
    "fig2a_thin": Study(_NECK, ("structure.radius=0.6", "output.energies=3")),
    **{
        f"fig2b_{volts}V_{seed}": Study(_SLENDER, (f"bias={volts} V", f"seed={seed}"))
        for volts in (0, 1)
        for seed in SEEDS
    },
}
"""Studies of Kharlanov 2023: the figures, and the estimates in its text."""

_SWEEPS = "milano2024_current_sweeps"

MILANO2024: Mapping[str, Study] = {
    "current_sweeps": Study(_SWEEPS),
    "fast_sweeps": Study(
        _SWEEPS,
        ("drive=[{ramp: {to: 20 uA, rate: 9 uA/s}}]", "output.interval=0.555 ms", "members=24"),
    ),
    **{
        name: Study(f"milano2024_{name}")
        for name in ("compliance_100uA", "compliance_400uA", "fluctuations")
    },
    **{name: Study(f"milano2024_md_{name}") for name in ("field", "plateau")},
    **{f"pulled_{seed}": Study("milano2024_md_pulled", (f"seed={seed}",)) for seed in SEEDS},
}
"""Studies of Milano 2024: the figures, and sweeps a hundred times faster."""
