"""Parameter set `buttberg2025`: Cu / 10 nm SiO2 / Pt.

The parameter table of the paper stands in a supplement that is not public. These values reproduce
its printed results; the tag of each says how it was found.
"""

from __future__ import annotations

from .cited import Cited, RawValue, Tag
from .parameter_set import ParameterSet

_PAPER = "Buttberg 2025"
_MARKS = "calibrated on the growth start, Gamma and Y of Fig. 2"
_HEAT = "calibrated on the 750 K of Fig. 3c"
_RESISTANCE = "calibrated on the resistance of the filament at 3.5 uA, Fig. 1d"
_CRC = "CRC Handbook of Chemistry and Physics"
_GALL = "Gall, J. Appl. Phys. 119, 085101 (2016)"
_NO_JUMP = f"{_PAPER} has no jump of the temperature"
_CONSTANT_KAPPA = "thermal conductivities are constant in this set"


def _c(value: RawValue, unit: str, source: str, tag: Tag) -> Cited:
    return Cited(value, unit, source, tag)


_STACK = {
    "stack.oxide": _c("SiO2", "", _PAPER, "P"),
    "stack.oxide_thickness": _c(10.0, "nm", _PAPER, "P"),
    "stack.active_electrode": _c("Cu", "", _PAPER, "P"),
    "stack.active_electrode_thickness": _c(10.0, "nm", "typical of such cells", "E"),
    "stack.counter_electrode": _c("Pt", "", _PAPER, "P"),
    "stack.counter_electrode_thickness": _c(10.0, "nm", "typical of such cells", "E"),
    "stack.domain_radius": _c(25.0, "nm", "wide against the filament and the oxide", "E"),
    "stack.nucleus_radius": _c(0.256, "nm", "diameter of a Cu atom", "E"),
}

_SOURCE = {
    "source.kind": _c("limiter", "", f"{_PAPER}, eq. 7", "P"),
    "source.compliance_current": _c(1.0, "mA", f"{_PAPER}, Fig. 2", "P"),
    "source.limiter_voltage": _c(50.0, "mV", "sharp against the cell voltage", "E"),
}

_REACTIONS = {
    "kinetics.model": _c("butler_volmer", "", f"{_PAPER}, eqs. 2 and 3", "P"),
    "kinetics.barriers": _c("both", "", f"{_PAPER}, eqs. 3 and 12", "P"),
    "kinetics.barrier_symmetry": _c(None, "", "that of the overpotential", "E"),
    "kinetics.barrier_energy_share": _c(None, "", "all of them", "E"),
    "kinetics.charge_number": _c(2, "", f"Cu2+; only alpha z of about 0.2 fits, {_MARKS}", "C"),
    "kinetics.transfer_coefficient": _c(0.1, "", _MARKS, "C"),
    "kinetics.ion_concentration": _c(1e26, "m^-3", _MARKS, "C"),
    "kinetics.rate_constant": _c(2052.0, "m/s", _MARKS, "C"),
    "kinetics.activation_energy": _c(0.763, "eV", f"J0(300 K) = 1e-2 A/m^2, {_MARKS}", "C"),
    "kinetics.equilibrium_offset": _c(0.0, "V", f"{_PAPER} has no offset", "P"),
    "growth.model": _c("faraday", "", f"{_PAPER}, eq. 1", "P"),
    "hopping.model": _c("mott_gurney", "", f"{_PAPER}, eq. 4", "P"),
    "hopping.distance": _c(0.25, "nm", "typical hopping distance in SiO2", "E"),
    "hopping.attempt_frequency": _c(1e13, "Hz", "typical phonon frequency", "E"),
    "hopping.barrier": _c(0.35, "eV", "any value up to 0.40 eV leaves the SET unchanged", "E"),
}

_ELECTRONS = {
    "tunnel.model": _c("simmons_linear", "", f"{_PAPER}, eq. 5", "P"),
    "tunnel.effective_mass": _c(0.42, "", "0.42 to 0.5 in SiO2, chosen on the marks", "C"),
    "tunnel.barrier": _c(3.7, "eV", "Cu/SiO2 barrier height", "L"),
    "tunnel.prefactor": _c(0.5, "", f"{_PAPER}, eq. 5", "P"),
    "tunnel.gap": _c("column", "", "the gap measure this set is calibrated with", "C"),
    "tunnel.heating": _c("constant", "", _HEAT, "C"),
    "tunnel.image_permittivity": _c(None, "", f"{_PAPER} has no image force", "P"),
    "tunnel.deposition_length": _c(None, "", f"{_PAPER}: at the faces of the gap", "P"),
    "tunnel.collector_share": _c(0.82, "", _HEAT, "C"),
    "filament.conductivity": _c("thin_wire", "", _RESISTANCE, "C"),
    "filament.specularity": _c(0.0, "", _RESISTANCE, "C"),
    "filament.thermal": _c("bulk", "", "one conductivity of Cu, thin or not", "E"),
    "filament.constriction": _c("none", "", f"{_PAPER} has none", "P"),
}

_BARRIERS = {
    "stress.model": _c("exponential", "", f"{_PAPER}, eq. 9", "P"),
    "stress.energy": _c(0.075, "eV", _MARKS, "C"),
    "stress.radius": _c(1.6, "nm", _MARKS, "C"),
    "void.model": _c("exponential", "", f"{_PAPER}, eq. 11", "P"),
    "void.dissolution_ratio": _c(0.05, "", _PAPER, "P"),
    "void.energy": _c(0.01, "eV", _PAPER, "P"),
    "void.length": _c(0.106, "nm", _MARKS, "C"),
    "void.max_depth": _c(None, "", "no cap", "E"),
    "void.healing": _c("follow", "", "the recess mirrors the filament at any time", "E"),
    "void.electrode_barriers": _c(False, "", "the electrode sees the activation energy alone", "E"),
}

_METAL = "that of the metal, see its material"

_CAPILLARITY = {
    "capillarity.model": _c("none", "", f"{_PAPER} has no surface tension", "P"),
    "capillarity.surface_energy": _c(None, "", _METAL, "L"),
    "capillarity.diffusion_prefactor": _c(None, "", _METAL, "E"),
    "capillarity.activation_energy": _c(None, "", _METAL, "E"),
    "capillarity.contact_angle": _c(90.0, "", "nothing else is known", "E"),
    "capillarity.contact_mobility": _c(None, "", "fast against charge transfer", "E"),
}

_THERMAL = {
    "thermal.model": _c("steady", "", "thermal time of 10 nm oxide is 0.1 ns", "E"),
    "thermal.conductivity": _c("temperature_dependent", "", f"{_PAPER}, eq. 8", "P"),
    "thermal.filament_oxide_conductance": _c(None, "", _NO_JUMP, "P"),
    "thermal.electrode_oxide_conductance": _c(None, "", _NO_JUMP, "P"),
    "thermal.filament_counter_conductance": _c(None, "", _NO_JUMP, "P"),
    "thermal.ambient_temperature": _c(300.0, "K", "room temperature", "H"),
    "thermal.side": _c("insulated", "", "the domain is wide", "E"),
}


def _conductivities(
    name: str, electrical: float | None, thermal: float, density: float, mass: float | None
) -> dict[str, Cited]:
    key = f"materials.{name}."
    values = {
        "thermal_conductivity": _c(thermal, "W/m/K", f"{_CRC}, rounded", "H"),
        "thermal_linear": _c(0.0, "K^-1", _CONSTANT_KAPPA, "H"),
        "thermal_quadratic": _c(0.0, "K^-2", _CONSTANT_KAPPA, "H"),
        "density": _c(density, "kg/m^3", _CRC, "H"),
    }
    if electrical is not None:
        values |= {
            "electrical_conductivity": _c(electrical, "S/m", f"{_CRC}, at 20 C", "H"),
            "electrical_linear": _c(3.9e-3, "K^-1", f"{_CRC}, near room temperature", "H"),
            "electrical_quadratic": _c(0.0, "K^-2", "linear law in this set", "H"),
        }
    if mass is not None:
        values["atomic_mass"] = _c(mass, "u", "IUPAC standard atomic weights", "H")
    return {key + name_: value for name_, value in values.items()}


_MATERIALS = {
    **_conductivities("Cu", 5.96e7, 400.0, 8960.0, 63.546),
    "materials.Cu.mean_free_path": _c(39.9, "nm", _GALL, "H"),
    **_conductivities("Pt", 9.4e6, 71.0, 21450.0, None),
    **_conductivities("SiO2", None, 1.4, 2200.0, None),
}

BUTTBERG2025 = ParameterSet(
    name="buttberg2025",
    title="Cu / 10 nm SiO2 / Pt cell",
    citation=(
        "M. Buttberg, C. Schindler, I. Valov, S. Menzel: Current Compliance-Driven Morphological "
        "Evolution of Conductive Filaments in ECM Cells, Adv. Mater. Technol. (2025), "
        "doi 10.1002/admt.202500837"
    ),
    values={
        **_STACK,
        **_SOURCE,
        **_REACTIONS,
        **_ELECTRONS,
        **_BARRIERS,
        **_CAPILLARITY,
        **_THERMAL,
        **_MATERIALS,
    },
    drive=({"triangle": {"amplitude": "2 V", "rate": "1 V/s"}},),
    drive_source=f"{_PAPER}, Fig. 1: triangle at 1 V/s to 2 V",
)
