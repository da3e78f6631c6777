"""Material library: handbook values at 300 K, each with its unit, source and tag.

Conductivities follow ``xi(T) = xi_0 / (1 + a dT + b dT**2)`` [B 8] with ``dT = T - 300 K``; a and b
of the library are fitted at 400 K and 800 K.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .cited import Cited, Tag

# Temperature at which every conductivity of the library and of the sets is given.
REFERENCE_TEMPERATURE_K = 300.0

_CRC = "CRC Handbook of Chemistry and Physics"
_CRC_FIT = f"fit at 400 K and 800 K to {_CRC}"
_ASHCROFT = "Ashcroft and Mermin, Solid State Physics"
_GALL = "Gall, J. Appl. Phys. 119, 085101 (2016)"
_MICHAELSON = "Michaelson, J. Appl. Phys. 48, 4729 (1977)"
_HFO2_FILM = "thin films: 0.5 to 0.95 W/m/K reported"


def _h(value: float, unit: str, source: str = _CRC, tag: Tag = "H") -> Cited:
    return Cited(value, unit, source, tag)


def _metal(
    electrical: tuple[float, float, float],
    thermal: tuple[float, float],
    density: float,
    heat_capacity: float,
    atomic_mass: float,
) -> dict[str, Cited]:
    conductivity, linear, quadratic = electrical
    return {
        "kind": Cited("metal", "", _CRC, "H"),
        "electrical_conductivity": _h(conductivity, "S/m"),
        "electrical_linear": _h(linear, "K^-1", _CRC_FIT),
        "electrical_quadratic": _h(quadratic, "K^-2", _CRC_FIT),
        "thermal_conductivity": _h(thermal[0], "W/m/K"),
        "thermal_linear": _h(thermal[1], "K^-1", _CRC_FIT),
        "thermal_quadratic": _h(0.0, "K^-2", "linear fit is sufficient"),
        "density": _h(density, "kg/m^3"),
        "heat_capacity": _h(heat_capacity, "J/kg/K"),
        "atomic_mass": _h(atomic_mass, "u", "IUPAC standard atomic weights"),
    }


def _oxide(
    thermal: tuple[Cited, Cited, Cited], density: float, heat_capacity: float
) -> dict[str, Cited]:
    return {
        "kind": Cited("oxide", "", _CRC, "H"),
        "thermal_conductivity": thermal[0],
        "thermal_linear": thermal[1],
        "thermal_quadratic": thermal[2],
        "density": _h(density, "kg/m^3"),
        "heat_capacity": _h(heat_capacity, "J/kg/K"),
    }


Material = Mapping[str, Cited]

MATERIALS: Mapping[str, Material] = MappingProxyType(
    {
        "Cu": _metal((5.797e7, 3.881e-3, 4.4e-7), (401.0, 1.9e-4), 8960.0, 385.0, 63.546)
        | {"mean_free_path": _h(39.9, "nm", _GALL)},
        "Ag": _metal((6.139e7, 3.689e-3, 6.8e-7), (429.0, 1.7e-4), 10490.0, 235.0, 107.868)
        | {"mean_free_path": _h(53.3, "nm", _GALL)},
        "Pt": _metal((9.26e6, 3.570e-3, -5.1e-7), (71.6, -1.1e-4), 21450.0, 133.0, 195.084),
        "W": _metal((1.838e7, 4.282e-3, 1.11e-6), (174.0, 7.8e-4), 19250.0, 132.0, 183.84)
        | {"mean_free_path": _h(15.5, "nm", _GALL)},
        "SiO2": _oxide(
            (
                _h(1.38, "W/m/K"),
                _h(-8.9e-4, "K^-1", _CRC_FIT),
                _h(3.3e-7, "K^-2", _CRC_FIT),
            ),
            2200.0,
            740.0,
        ),
        "HfO2": _oxide(
            (
                _h(0.7, "W/m/K", _HFO2_FILM, "E"),
                _h(0.0, "K^-1", _HFO2_FILM, "E"),
                _h(0.0, "K^-2", _HFO2_FILM, "E"),
            ),
            9680.0,
            285.0,
        ),
    }
)

# Electronic structure, for reference and for the barrier heights of other systems. These numbers
# enter no equation that is solved; `tusk parameters` prints them with the others.
ELECTRONIC_STRUCTURE: Mapping[str, Material] = MappingProxyType(
    {
        "Cu": {
            "fermi_wavenumber": _h(13.6, "nm^-1", _ASHCROFT),
            "work_function": _h(4.65, "eV", _MICHAELSON),
        },
        "Ag": {
            "fermi_wavenumber": _h(12.0, "nm^-1", _ASHCROFT),
            "work_function": _h(4.26, "eV", _MICHAELSON),
        },
        "Pt": {"work_function": _h(5.65, "eV", _MICHAELSON)},
        "W": {"work_function": _h(4.55, "eV", _MICHAELSON)},
        "SiO2": {"electron_affinity": _h(0.9, "eV", "literature value of the thermal oxide", "L")},
        "HfO2": {"electron_affinity": _h(2.25, "eV", "2.0 to 2.5 eV reported", "L")},
    }
)

# Where a model ends to hold; they enter no equation, `warnings` of run.json look at them.
_MCPHERSON = "McPherson et al., Appl. Phys. Lett. 82, 2121 (2003): 29.9 k^-0.65 MV/cm"

LIMITS: Mapping[str, Material] = MappingProxyType(
    {
        "Cu": {"melting_point": _h(1357.8, "K")},
        "Ag": {"melting_point": _h(1234.9, "K")},
        "Pt": {"melting_point": _h(2041.4, "K")},
        "W": {"melting_point": _h(3687.0, "K")},
        "SiO2": {"breakdown_field": _h(1.2e9, "V/m", f"{_MCPHERSON}, k = 3.9", "L")},
        "HfO2": {"breakdown_field": _h(4e8, "V/m", f"{_MCPHERSON}, k = 22", "L")},
    }
)

# Surfaces, for `capillarity.model: surface_tension`; with `none` they enter no equation.
_TYSON = "Tyson and Miller, Surf. Sci. 62, 267 (1977)"
_DIFFUSIVITY = "typical prefactor of hopping on metals"

SURFACES: Mapping[str, Material] = MappingProxyType(
    {
        "Cu": {
            "surface_energy": _h(1.8, "J/m^2", f"{_TYSON}: 1.79", "L"),
            "diffusion_prefactor": _h(1e-7, "m^2/s", _DIFFUSIVITY, "E"),
            "activation_energy": _h(0.9, "eV", "against oxide, slower than on a free face", "E"),
        },
        "Ag": {
            "surface_energy": _h(1.2, "J/m^2", f"{_TYSON}: 1.25", "L"),
            "diffusion_prefactor": _h(1e-7, "m^2/s", _DIFFUSIVITY, "E"),
            "activation_energy": _h(0.47, "eV", "Ag relaxes in ms to hours, by its radius", "E"),
        },
    }
)
