"""The set ``miranda2024``: the quantum point contact with a memory of Miranda and Sune 2024.

The rates behind the figures of the paper are not printed; those here open and close the contact
within one cycle of 1 V and 1 s, as in its Fig. 2b.
"""

from __future__ import annotations

from .cited import Cited
from .parameter_set import ParameterSet

_PAPER = "Miranda 2024"
_RATES = f"{_PAPER}, Fig. 2b: switches within a cycle of 1 V and 1 s"

MIRANDA2024 = ParameterSet(
    name="miranda2024",
    title="quantum point contact with a memory",
    citation=(
        "E. Miranda, J. Sune: Mesoscopic Theory of Resistive Switching, IEEE Electron Device "
        "Lett. (2024), doi 10.1109/LED.2024.3442818"
    ),
    model="mesoscopic",
    values={
        "source.kind": Cited("none", "", f"{_PAPER}, eq. 8: the voltage is imposed", "P"),
        "qpc.radius": Cited(0.45, "nm", f"{_PAPER}, from g0 = 0.12 nm", "P"),
        "qpc.gap_min": Cited(0.0, "nm", f"{_PAPER}: G0 when the gap has closed", "P"),
        "qpc.gap_max": Cited(0.5, "nm", "open state of about G0/70", "E"),
        "qpc.effective_mass": Cited(1.0, "", "free electron", "E"),
        "conduction": Cited("gap", "", f"{_PAPER}, eqs. 8 and 18", "P"),
        "memory.mode": Cited("auto", "", f"{_PAPER}, eq. 19: mean field", "P"),
        "memory.set_rate": Cited(0.25, "Hz", _RATES, "E"),
        "memory.set_voltage": Cited(0.1, "V", _RATES, "E"),
        "memory.reset_rate": Cited(0.25, "Hz", _RATES, "E"),
        "memory.reset_voltage": Cited(0.1, "V", _RATES, "E"),
        "memory.spontaneous_set_rate": Cited(0.0, "Hz", f"{_PAPER}, eq. 15", "P"),
        "memory.spontaneous_reset_rate": Cited(0.0, "Hz", f"{_PAPER}, eq. 16", "P"),
        "memory.particles": Cited(50, "", "some atoms of a constriction", "E"),
        "memory.initial_fraction": Cited(0.0, "", "open at the start", "E"),
        "memory.site_disorder": Cited(0.0, "", "perfect channels", "E"),
        "memory.rate_spread": Cited(0.0, "", "all members alike", "E"),
        "thermal.normal_conductance": Cited(1.33e-5, "W/K", f"{_PAPER}, eq. 23", "P"),
        "thermal.axial_conductance": Cited(5e-7, "W/K", f"{_PAPER}, printed as K/W", "P"),
        "thermal.ambient_temperature": Cited(300.0, "K", f"{_PAPER}, eq. 23", "P"),
    },
    drive=({"sine": {"amplitude": "1 V", "frequency": "1 Hz"}},),
    drive_source=f"{_PAPER}, Fig. 2b: sinusoidal signal",
)
