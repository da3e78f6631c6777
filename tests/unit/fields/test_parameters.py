"""Numbers of laws as constants; laws from outside that want plain numbers keep them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import ufl

from tusk.solver.axisymmetry import reference_domain
from tusk.solver.fields.parameters import PROBES, Values, symbolic
from tusk.solver.physics.barrier_heating import ConstantShare, Langevin, NoBarrierHeating
from tusk.solver.physics.barriers import ExponentialStress, ExponentialVoid, NoStress, NoVoid
from tusk.solver.physics.charge_transfer import ButlerVolmer, NoChargeTransfer
from tusk.solver.physics.conductivity import Constant, TemperatureDependent
from tusk.solver.physics.constants import EV
from tusk.solver.physics.contact.handover import HandOver, PointContactLayer
from tusk.solver.physics.functions import Value, exp, sqrt
from tusk.solver.physics.hopping import MottGurney, OhmicHopping
from tusk.solver.physics.tunnelling import NoTunnelling, SimmonsFull, SimmonsLinear

LINEAR, LAYER = SimmonsLinear(0.42, 3.7 * EV), PointContactLayer(0.4e-9, 6e-20, 1.2)
HOPPING = MottGurney(2, 0.25e-9, 1e13, 0.35 * EV, 1e26)
OURS = (
    LINEAR,
    SimmonsFull(0.42, 3.7 * EV),
    NoTunnelling(),
    LAYER,
    HandOver(LINEAR, LAYER),
    ConstantShare(0.82),
    Langevin(0.42, 3.7 * EV),
    NoBarrierHeating(),
    ButlerVolmer(2, 0.1, 1e26, 2052.0, 0.763 * EV, 0.05),
    ButlerVolmer(2, 0.1, 1e26, 2052.0, 0.763 * EV, 0.05, "growth"),
    NoChargeTransfer(),
    HOPPING,
    OhmicHopping(HOPPING),
    ExponentialStress(0.075 * EV, 1.6e-9),
    ExponentialVoid(0.01 * EV, 0.106e-9),
    NoStress(),
    NoVoid(),
    TemperatureDependent(6e7, 4e-3, 1e-6, 300.0),
    Constant(1.4),
)


def evaluated(value: Any, values: Values) -> list[float]:
    parts = value if isinstance(value, tuple) else (value,)
    return [float(ufl.as_ufl(part)((0.0, 0.0), values)) for part in parts]


def constants_in(value: Any) -> int:
    parts = value if isinstance(value, tuple) else (value,)
    return sum(len(ufl.algorithms.analysis.extract_constants(ufl.as_ufl(part))) for part in parts)


@pytest.mark.parametrize("law", OURS, ids=lambda law: type(law).__name__)
def test_a_law_of_ours_says_with_symbols_what_it_says_with_numbers(law: object) -> None:
    asked = [(method, at) for family, method, at in PROBES if isinstance(law, family)]
    assert asked
    for method, at in asked:
        values: Values = {}
        domain = reference_domain()
        copy = symbolic(law, domain, values)
        places = [ufl.Constant(domain) for _ in at]
        found = getattr(copy, method)(*places)
        values |= dict(zip(places, at, strict=True))
        wanted = np.ravel(getattr(law, method)(*at))
        assert evaluated(found, values) == pytest.approx(wanted, rel=1e-11)


def test_nothing_is_left_as_a_number() -> None:
    values: Values = {}
    symbolic(HandOver(LINEAR, LAYER), reference_domain(), values)
    assert sorted(values.values()) == sorted((0.42, 3.7 * EV, 0.5, 0.4e-9, 6e-20, 1.2))


# --- laws from outside ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Foreign:
    """exp(-g/l) G with the root of a mass in it."""

    conductance: float
    length: float
    mass: float = 1.0

    def root(self) -> Value:
        return sqrt(self.mass)

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        return self.conductance * exp(-self.root() * gap / self.length)


class ByNumbers(Foreign):
    def root(self) -> Value:
        return math.sqrt(self.mass)


class ByProductOfNumbers(Foreign):
    def root(self) -> Value:
        return math.sqrt(2.0 * self.mass / 3.0)


class ByArray(Foreign):
    def root(self) -> Value:
        return np.interp(self.mass, [0.0, 2.0], [0.0, 2.0])


class ByOrder(Foreign):
    def root(self) -> Value:
        return self.mass if self.mass > 0.5 else 1.0


class ByEquality(Foreign):
    def root(self) -> Value:
        return 2.0 if self.mass == 1.0 else 1.0


class ByEqualityOfProduct(Foreign):
    def root(self) -> Value:
        return 2.0 if 3.0 * self.mass == 3.0 else 1.0


class ByTruth(Foreign):
    def root(self) -> Value:
        return 2.0 if self.mass else 1.0


class ByCount(Foreign):
    def root(self) -> Value:
        return sum(1.0 for _ in range(int(self.mass)))


class Checked(Foreign):
    def __post_init__(self) -> None:
        if self.mass <= 0.0:
            raise ValueError("mass")


class Plain:
    """Neither a dataclass nor a base class of ours."""

    def __init__(self, conductance: float, length: float) -> None:
        self.conductance, self.length = conductance, length

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        return self.conductance * exp(-gap / self.length)


@pytest.mark.parametrize(
    ("law", "count"),
    [(Foreign(1e13, 0.1e-9), 3), (Checked(1e13, 0.1e-9), 3), (Plain(1e13, 1e-10), 2)],
)
def test_a_law_from_outside_takes_part(law: Any, count: int) -> None:
    values: Values = {}
    copy = symbolic(law, reference_domain(), values)
    assert len(values) == count
    assert constants_in(copy.conductance_per_area(0.3e-9, 0.4, 300.0)) == count
    assert vars(law) == vars(type(law)(*list(vars(law).values()))), "the law itself is as before"


@pytest.mark.parametrize(
    "kind",
    [ByNumbers, ByProductOfNumbers, ByArray, ByOrder, ByEquality, ByEqualityOfProduct, ByTruth,
     ByCount],
)  # fmt: skip
def test_a_law_that_wants_plain_numbers_keeps_them(kind: Callable[..., Foreign]) -> None:
    law, values = kind(1e13, 0.1e-9), dict[Any, float]()
    assert symbolic(law, reference_domain(), values) is law
    assert not values


def test_one_such_law_takes_nothing_from_the_others() -> None:
    law, values = HandOver(ByNumbers(1e13, 0.1e-9), LAYER), dict[Any, float]()
    copy = symbolic(law, reference_domain(), values)
    assert copy.tunnelling is law.tunnelling
    assert sorted(values.values()) == sorted((0.4e-9, 6e-20, 1.2))
