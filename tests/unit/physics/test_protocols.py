"""Every member of every family fits its protocol, is frozen and slotted, and can print itself."""

import dataclasses

import pytest

from tusk.solver.physics import protocols
from tusk.solver.physics.barrier_heating import (
    ConstantShare,
    Landauer,
    Langevin,
    NoBarrierHeating,
)
from tusk.solver.physics.barriers import ExponentialStress, ExponentialVoid, NoStress, NoVoid
from tusk.solver.physics.charge_transfer import ButlerVolmer, NoChargeTransfer
from tusk.solver.physics.conductivity import Constant, TemperatureDependent
from tusk.solver.physics.filament_conductivity import (
    Bulk,
    ExactFilm,
    ExactWire,
    MayadasShatzkes,
    Nordheim,
    ThinWire,
)
from tusk.solver.physics.filament_heat import BulkHeat, ConstantHeat, WiedemannFranz
from tusk.solver.physics.growth import FaradayGrowth, NoGrowth
from tusk.solver.physics.hopping import MottGurney, OhmicHopping
from tusk.solver.physics.source import CurrentLimiter, CurrentSource, IdealVoltage, Resistor
from tusk.solver.physics.tunnelling import NoTunnelling, SimmonsFull, SimmonsLinear

E = 1.602176634e-19
HOPPING = MottGurney(2, 0.25e-9, 1e13, 0.35 * E, 1e26)
FAMILIES = {
    "ChargeTransfer": [ButlerVolmer(2, 0.1, 1e26, 2e3, 0.7 * E), NoChargeTransfer()],
    "Growth": [FaradayGrowth(2, 1e-25, 8960.0), NoGrowth()],
    "EnergyBarrier": [
        ExponentialStress(E, 1e-9),
        ExponentialVoid(E, 1e-9),
        NoStress(),
        NoVoid(),
    ],
    "IonConduction": [HOPPING, OhmicHopping(HOPPING)],
    "FilamentConductivity": [
        ThinWire(0.0, 4e-8),
        Nordheim(0.0, 4e-8),
        ExactWire(0.0, 4e-8),
        ExactFilm(0.0, 4e-8),
        MayadasShatzkes(0.0, 4e-8, 0.2, "diameter"),
        MayadasShatzkes(0.0, 4e-8, 0.2, 1e-8),
        Bulk(),
    ],
    "FilamentHeat": [BulkHeat(), ConstantHeat(30.0), WiedemannFranz(8.0)],
    "Tunnelling": [SimmonsLinear(0.42, E), SimmonsFull(0.42, E), NoTunnelling()],
    "BarrierHeating": [
        ConstantShare(0.5),
        Langevin(0.42, E),
        Landauer(0.42, E),
        NoBarrierHeating(),
    ],
    "MaterialLaw": [TemperatureDependent(1.0), Constant(1.0)],
    "Source": [CurrentLimiter(1e-3, 0.05), Resistor(1.0), IdealVoltage(), CurrentSource()],
}
MEMBERS = [(family, member) for family, members in FAMILIES.items() for member in members]


@pytest.mark.parametrize(("family", "member"), MEMBERS, ids=lambda x: type(x).__name__)
def test_member(family, member):
    assert isinstance(member, getattr(protocols, family))
    assert not hasattr(member, "__dict__")
    assert member == dataclasses.replace(member)
    hash(member)
    for field in dataclasses.fields(member):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(member, field.name, 1.0)
    text = str(member)
    assert "=" in text or "(" in text
    assert "\n" not in text
    assert not text.startswith(type(member).__name__)


def test_every_protocol_has_members():
    assert set(FAMILIES) == set(protocols.__all__)
