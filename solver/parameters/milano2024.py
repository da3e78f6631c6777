"""The set ``milano2024``: a silver nanowire that rewires through single atoms, after Milano 2024.

The paper is experimental and has no rate model. That of `miranda2024`, with sites of one quantum
each, is driven here as in its Figs. 3 to 5; rates and spreads are chosen so that a current sweep
to 20 uA meets one to a few plateaus.
"""

from __future__ import annotations

from .cited import Cited
from .parameter_set import ParameterSet

_PAPER = "Milano 2024"
_SWEEPS = "chosen for one to three plateaus below 20 uA"

MILANO2024 = ParameterSet(
    name="milano2024",
    title="rewiring of a silver nanowire through quantum conductance",
    citation=(
        "G. Milano et al.: Electrochemical rewiring through quantum conductance effects in single "
        "metallic memristive nanowires, Nanoscale Horiz. 9, 416 (2024), doi 10.1039/d3nh00476g"
    ),
    model="mesoscopic",
    values={
        "source.kind": Cited("current", "", f"{_PAPER}, Fig. 3: current sweeps", "P"),
        "qpc.radius": Cited(0.296, "nm", "one atom", "E"),
        "qpc.gap_min": Cited(0.0, "nm", "metal touches metal", "E"),
        "qpc.gap_max": Cited(0.7, "nm", "an open site carries G0/7500", "E"),
        "qpc.effective_mass": Cited(1.0, "", "free electron", "E"),
        "conduction": Cited("sites", "", f"{_PAPER}, Fig. 4: peaks at multiples of G0", "P"),
        "memory.mode": Cited("stochastic", "", f"{_PAPER}: steps, other ones in every cycle", "P"),
        "memory.set_rate": Cited(1e-6, "Hz", _SWEEPS, "E"),
        "memory.set_voltage": Cited(12.0, "mV", _SWEEPS, "E"),
        "memory.reset_rate": Cited(1e-6, "Hz", "as set_rate", "E"),
        "memory.reset_voltage": Cited(12.0, "mV", "as set_voltage", "E"),
        "memory.spontaneous_set_rate": Cited(0.0, "Hz", "the sweeps are driven", "E"),
        "memory.spontaneous_reset_rate": Cited(0.0, "Hz", "the sweeps are driven", "E"),
        "memory.particles": Cited(12, "", "some atoms of a constriction", "E"),
        "memory.initial_fraction": Cited(0.0, "", f"{_PAPER}: after breakdown", "P"),
        "memory.site_disorder": Cited(0.06, "", f"{_PAPER}, Fig. 4: peaks wider than a bin", "E"),
        "memory.rate_spread": Cited(4.0, "", f"{_PAPER}: cycle-to-cycle variability", "E"),
        "thermal.normal_conductance": Cited(1.33e-5, "W/K", "Miranda 2024, eq. 23", "L"),
        "thermal.axial_conductance": Cited(5e-7, "W/K", "Miranda 2024, printed as K/W", "L"),
        "thermal.ambient_temperature": Cited(300.0, "K", "room temperature", "E"),
    },
    drive=({"ramp": {"to": "20 uA", "rate": "90 nA/s"}},),
    drive_source=f"{_PAPER}, Fig. 3: 0 to 20 uA at about 90 nA/s",
)
