"""The laws that a config can choose: which class a name means, and how it gets its parameters.

A law is a class, ours or one in a file of the user's own. The arguments of its constructor are its
parameters; by their names they are looked up in the section that chooses the law, then among what
the cell gives to every law. That is all that makes a law a member of its family, besides the
methods that the family asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tusk.solver.closures.classes import Method
from tusk.solver.parameters import REFERENCE_TEMPERATURE_K
from tusk.solver.physics import barriers, filament_conductivity, hopping, tunnelling
from tusk.solver.physics.barrier_heating import (
    ConstantShare,
    Landauer,
    Langevin,
    NoBarrierHeating,
)
from tusk.solver.physics.charge_transfer import ButlerVolmer
from tusk.solver.physics.conductivity import Constant, TemperatureDependent
from tusk.solver.physics.filament_heat import BulkHeat, ConstantHeat, WiedemannFranz
from tusk.solver.physics.growth import FaradayGrowth


def _ohmic(
    charge_number: int,
    distance: float,
    attempt_frequency: float,
    barrier: float,
    ion_concentration: float,
) -> hopping.OhmicHopping:
    law = hopping.MottGurney(charge_number, distance, attempt_frequency, barrier, ion_concentration)
    return hopping.OhmicHopping(law)


def _temperature_dependent(
    thermal_conductivity: float, thermal_linear: float, thermal_quadratic: float
) -> TemperatureDependent:
    return TemperatureDependent(
        thermal_conductivity, thermal_linear, thermal_quadratic, REFERENCE_TEMPERATURE_K
    )


def _constant(thermal_conductivity: float) -> Constant:
    return Constant(thermal_conductivity)


@dataclass(frozen=True, slots=True)
class Family:
    """What makes a class a member of a family.

    Attributes
    ----------
    section, key
        Where the config chooses the member.
    members
        Classes, or functions that make a law, by name.
    methods
        What the model asks of a law, each with values to try it with.
    symbolic
        Whether its formulas enter the equations and must take symbols as well as numbers.
    """

    section: str
    key: str
    members: Mapping[str, Callable[..., object]]
    methods: tuple[Method, ...]
    symbolic: bool = True

    @property
    def place(self) -> str:
        """The key of the config in full."""
        return f"{self.section}.{self.key}"


_OVERPOTENTIAL = Method(
    "overpotential", {"electronic_potential": 1.0, "ionic_potential": 0.9}, ("eta",), "V", None
)
_BRANCHES = Method(
    "branches",
    {"overpotential": 0.1, "temperature": 300.0, "extra_barrier": 1e-20},
    ("anodic", "cathodic"),
    "A/m^2",
    False,
)
_BARRIER = Method("energy_barrier", {"position": 1e-9}, ("barrier",), "J", None)

CHARGE_TRANSFER = Family(
    "kinetics", "model", {"butler_volmer": ButlerVolmer}, (_OVERPOTENTIAL, _BRANCHES)
)
GROWTH = Family(
    "growth",
    "model",
    {"faraday": FaradayGrowth},
    (
        Method("volume_per_charge", None, ("volume",), "m^3/C", True),
        Method("normal_velocity", {"current_density": -1.0}, ("velocity",), "m/s", None),
    ),
    symbolic=False,
)
HOPPING = Family(
    "hopping",
    "model",
    {"mott_gurney": hopping.MottGurney, "ohmic": _ohmic},
    (
        Method(
            "conductivity",
            {"field_squared": 1e16, "temperature": 300.0},
            ("conductivity",),
            "S/m",
            True,
        ),
    ),
)
TUNNELLING = Family(
    "tunnel",
    "model",
    {
        "simmons_linear": tunnelling.SimmonsLinear,
        "simmons_full": tunnelling.SimmonsFull,
        "none": tunnelling.NoTunnelling,
    },
    (
        Method(
            "conductance_per_area",
            {"gap": 1e-9, "voltage": 0.1, "temperature": 300.0},
            ("conductance",),
            "S/m^2",
            True,
        ),
    ),
)
BARRIER_HEATING = Family(
    "tunnel",
    "heating",
    {
        "constant": ConstantShare,
        "langevin": Langevin,
        "landauer": Landauer,
        "none": NoBarrierHeating,
    },
    (Method("shares", {"voltage": 0.1, "gap": 1e-9}, ("electrode", "filament"), "", None),),
)
SIZE_EFFECT = Family(
    "filament",
    "conductivity",
    {
        "thin_wire": filament_conductivity.ThinWire,
        "nordheim": filament_conductivity.Nordheim,
        "exact_wire": filament_conductivity.ExactWire,
        "exact_film": filament_conductivity.ExactFilm,
        "mayadas_shatzkes": filament_conductivity.MayadasShatzkes,
        "bulk": filament_conductivity.Bulk,
    },
    (Method("ratio", {"diameter": 1e-9}, ("ratio",), "", True),),
    symbolic=False,
)
FILAMENT_HEAT = Family(
    "filament",
    "thermal",
    {"bulk": BulkHeat, "constant": ConstantHeat, "wiedemann_franz": WiedemannFranz},
    (
        Method(
            "heat_conductivity",
            {"temperature": 300.0, "bulk": 400.0, "electrical": 1e7},
            ("conductivity",),
            "W/m/K",
            True,
        ),
    ),
)
STRESS = Family(
    "stress",
    "model",
    {"exponential": barriers.ExponentialStress, "none": barriers.NoStress},
    (_BARRIER,),
)
VOID = Family(
    "void",
    "model",
    {"exponential": barriers.ExponentialVoid, "none": barriers.NoVoid},
    (_BARRIER,),
)
HEAT = Family(
    "thermal",
    "conductivity",
    {"temperature_dependent": _temperature_dependent, "constant": _constant},
    (Method("__call__", {"temperature": 300.0}, ("conductivity",), "W/m/K", True),),
)

FAMILIES = (
    CHARGE_TRANSFER,
    GROWTH,
    HOPPING,
    TUNNELLING,
    BARRIER_HEATING,
    SIZE_EFFECT,
    FILAMENT_HEAT,
    STRESS,
    VOID,
    HEAT,
)
"""Every family of the filament model."""
