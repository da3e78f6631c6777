"""Every formula keeps its value when the units change: it is dimensionally sound as coded.

The closures are evaluated in SI and in another coherent system, whose base units are odd multiples
of the metre, kilogram, second, ampere and kelvin; pint derives the units that follow. Numbers that
hide a dimension, lost factors and sums of unlike terms make the two results differ.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pint
import pytest

import tusk.solver.physics as package
from tusk.solver.physics import (
    barrier_heating,
    barriers,
    boundaries,
    charge_transfer,
    conductivity,
    filament_heat,
    growth,
    hopping,
    source,
    thermal_energy,
    tunnelling,
)
from tusk.solver.physics import filament_conductivity as size_effect
from tusk.solver.physics.contact import handover, qpc

REGISTRY = pint.UnitRegistry()
BASE = {"meter": 3.7, "kilogram": 0.23, "second": 1.9, "ampere": 0.41, "kelvin": 2.3}
"""The other system's base units in SI ones; no two products of small powers coincide."""

CONSTANTS = {
    "ELEMENTARY_CHARGE": "C",
    "BOLTZMANN": "J/K",
    "PLANCK": "J*s",
    "REDUCED_PLANCK": "J*s",
    "ELECTRON_MASS": "kg",
    "ATOMIC_MASS": "kg",
    "CONDUCTANCE_QUANTUM": "S",
    "EV": "J",
    "LOWEST_TEMPERATURE": "K",
    "CLOSED": "m",
    "LORENZ_NUMBER": "W*ohm/K^2",
    "IMAGE_ENERGY": "J*m",
}
E = 1.602176634e-19


def scale(unit: str) -> float:
    """Return how many of the other system's units make up one SI ``unit``."""
    quantity = REGISTRY.Quantity(1.0, unit).to_base_units()
    out = float(quantity.magnitude)
    for name, power in quantity.unit_items():
        out /= BASE[name] ** float(power)
    return out


def modules() -> Iterator[Any]:
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(info.name)


@contextmanager
def other_units(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every physical constant have its value in the other system."""
    with monkeypatch.context() as patch:
        for module in modules():
            for name, unit in CONSTANTS.items():
                if hasattr(module, name):
                    patch.setattr(module, name, getattr(module, name) * scale(unit))
        yield


@dataclass(frozen=True)
class Formula:
    """A closure's constructor and one of its formulas, with arguments as (number, unit)."""

    make: Callable[..., Any]
    parameters: tuple[tuple[float, str], ...]
    call: Callable[..., Any]
    arguments: tuple[tuple[float, str], ...]
    result: tuple[str, ...]

    def __call__(self, convert: Callable[[float, str], Any]) -> np.ndarray:
        law = self.make(*(convert(*pair) for pair in self.parameters))
        value = self.call(law, *(convert(*pair) for pair in self.arguments))
        return np.atleast_1d(np.asarray(value, dtype=float)).ravel()


ONE = "dimensionless"
UNITLESS = ("Constant", "ConstantShare", "ConstantHeat", "BoundaryConductance", "OverLength")
"""They hand on what they are given."""

THERMAL = thermal_energy.thermal_energy
KINETICS = ((2, ONE), (0.3, ONE), (1e26, "1/m^3"), (2e3, "m/s"), (0.7 * E, "J"), (0.05, "V"))
HOPPING = ((2, ONE), (0.25e-9, "m"), (1e13, "Hz"), (0.35 * E, "J"), (1e26, "1/m^3"))
BARRIER = ((0.42, ONE), (3.7 * E, "J"))
LIMITER = ((1e-3, "A"), (0.05, "V"), (70.0, "ohm"), (90.0, "ohm"))
WIRE = ((0.3, ONE), (40e-9, "m"))
GAP = ((0.4e-9, "m"), (0.8, "V"), (450.0, "K"))


def growth_law(*parameters: Any) -> Any:
    return charge_transfer.ButlerVolmer(*parameters, barriers="growth")


def ohmic(*parameters: Any) -> Any:
    return hopping.OhmicHopping(hopping.MottGurney(*parameters))


def contact(radius: float, area: float, mass: float, *barrier: float) -> Any:
    layer = handover.PointContactLayer(radius, area, mass)
    return handover.HandOver(tunnelling.SimmonsLinear(*barrier), layer)


CONTACT = ((0.3e-9, "m"), (5e-20, "m^2"), (1.2, ONE))
POINT = ((0.3e-9, "m"), (1.2, ONE))
BV, MG, TD = charge_transfer.ButlerVolmer, hopping.MottGurney, conductivity.TemperatureDependent

FORMULAS: dict[str, Formula] = {
    "thermal energy": Formula(lambda: None, (), lambda _, T: THERMAL(T),
                              ((300.0, "K"),), ("J",)),
    "thermal energy, floor": Formula(lambda: None, (), lambda _, T: THERMAL(T),
                                     ((1.0, "K"),), ("J",)),
    "exchange current": Formula(BV, KINETICS, BV.exchange_current_density,
                                ((400.0, "K"), (0.1 * E, "J")), ("A/m^2",)),
    "overpotential": Formula(BV, KINETICS, BV.overpotential, ((0.7, "V"), (0.2, "V")), ("V",)),
    "Butler-Volmer": Formula(BV, KINETICS, BV.branches,
                             ((-0.02, "V"), (400.0, "K"), (0.1 * E, "J")), ("A/m^2", "A/m^2")),
    "Butler-Volmer, growth": Formula(growth_law, KINETICS, BV.current_density,
                                     ((0.02, "V"), (400.0, "K"), (0.1 * E, "J")), ("A/m^2",)),
    "growth": Formula(growth.FaradayGrowth, ((2, ONE), (1e-25, "kg"), (8960.0, "kg/m^3")),
                      growth.FaradayGrowth.normal_velocity, ((-1e6, "A/m^2"),), ("m/s",)),
    "stress": Formula(barriers.ExponentialStress, ((0.075 * E, "J"), (1.6e-9, "m")),
                      barriers.ExponentialStress.energy_barrier, ((2e-9, "m"),), ("J",)),
    "void": Formula(barriers.ExponentialVoid, ((0.01 * E, "J"), (0.106e-9, "m")),
                    barriers.ExponentialVoid.energy_barrier, ((0.3e-9, "m"),), ("J",)),
    "hopping, low field": Formula(MG, HOPPING, MG.conductivity,
                                  ((1e15, "V^2/m^2"), (400.0, "K")), ("S/m",)),
    "hopping, high field": Formula(MG, HOPPING, MG.conductivity,
                                   ((1e18, "V^2/m^2"), (400.0, "K")), ("S/m",)),
    "hopping, ohmic": Formula(ohmic, HOPPING, hopping.OhmicHopping.conductivity,
                              ((1e18, "V^2/m^2"), (400.0, "K")), ("S/m",)),
    "decay": Formula(lambda *p: p, BARRIER, lambda p: tunnelling.decay_constant(*p), (), ("1/m",)),
    "Simmons, linear": Formula(tunnelling.SimmonsLinear, (*BARRIER, (0.5, ONE)),
                               tunnelling.SimmonsLinear.conductance_per_area, GAP, ("S/m^2",)),
    "Simmons, full": Formula(tunnelling.SimmonsFull, BARRIER,
                             tunnelling.SimmonsFull.conductance_per_area, GAP, ("S/m^2",)),
    "Langevin": Formula(barrier_heating.Langevin, BARRIER, barrier_heating.Langevin.shares,
                        ((1.5, "V"), (0.8e-9, "m")), (ONE, ONE)),
    "conductivity": Formula(TD, ((6e7, "S/m"), (4e-3, "1/K"), (1e-6, "1/K^2"), (300.0, "K")),
                            TD.__call__, ((700.0, "K"),), ("S/m",)),
    "heat conductivity": Formula(TD, ((9.0, "W/m/K"), (4e-3, "1/K"), (1e-6, "1/K^2"), (300.0, "K")),
                                 TD.__call__, ((700.0, "K"),), ("W/m/K",)),
    "limiter": Formula(source.CurrentLimiter, LIMITER, source.CurrentLimiter.evaluate,
                       ((1.1, "V"), (1.0, "V")), ("A", "S")),
    "limiter, reverse": Formula(source.CurrentLimiter, LIMITER, source.CurrentLimiter.evaluate,
                                ((0.8, "V"), (1.0, "V")), ("A", "S")),
    "limiter, default slope": Formula(lambda i, v: source.CurrentLimiter(i, v), LIMITER[:2],
                                      source.CurrentLimiter.evaluate,
                                      ((0.8, "V"), (1.0, "V")), ("A", "S")),
    "resistor": Formula(source.Resistor, ((9.0, "ohm"), (2.0, "ohm")), source.Resistor.evaluate,
                        ((1.1, "V"), (1.0, "V")), ("A", "S")),
    "series resistor": Formula(source.IdealVoltage, ((9.0, "ohm"),), source.IdealVoltage.evaluate,
                               ((1.1, "V"), (1.0, "V")), ("A", "S")),
    "current source": Formula(source.CurrentSource, ((9.0, "ohm"),),
                              source.CurrentSource.applied_voltage,
                              ((1e-3, "A"), (0.5, "V"), (1e-3, "A")), ("V",)),
    "point contact": Formula(handover.PointContactLayer, CONTACT,
                             handover.PointContactLayer.conductance_per_area, GAP, ("S/m^2",)),
    "hand-over": Formula(contact, (*CONTACT, *BARRIER), handover.HandOver.conductance_per_area,
                         ((0.02e-9, "m"), *GAP[1:]), ("S/m^2",)),
    "constriction": Formula(qpc.Constriction, POINT,
                            lambda c: (c.barrier_height, c.decay_length, c.alpha_per_length),
                            (), ("J", "m", "1/J/m")),
    "Landauer": Formula(qpc.Constriction, POINT,
                        lambda c, g, V, T: c.at(g).landauer_current(V, T), GAP, ("A",)),
    "point contact heat": Formula(qpc.Constriction, POINT, lambda c, g, V: c.at(g).powers(V),
                                  GAP[:2], ("W", "W")),
    "matching radius": Formula(lambda *p: p, BARRIER, lambda p: qpc.matching_radius(*p), (),
                               ("m",)),
} | {
    kind.__name__: Formula(kind, WIRE, lambda law, d: law.ratio(np.array([d])), ((6e-9, "m"),),
                           (ONE,))
    for kind in (size_effect.ThinWire, size_effect.Nordheim, size_effect.ExactWire,
                 size_effect.ExactFilm)
} | {
    "grains": Formula(size_effect.MayadasShatzkes, (*WIRE, (0.25, ONE), (8e-9, "m")),
                      lambda law, d: law.ratio(np.array([d])), ((6e-9, "m"),), (ONE,)),
    **{
        f"{kind.__name__} with image force": Formula(
            lambda *p, kind=kind: kind(*p[:2], image_permittivity=p[2]), (*BARRIER, (2.1, ONE)),
            lambda law, *at: law.conductance_per_area(*at), GAP, ("S/m^2",))
        for kind in (tunnelling.SimmonsLinear, tunnelling.SimmonsFull)
    },
    "capacitance": Formula(lambda *p: source.ChargedSource(source.CurrentLimiter(*p[:4]), *p[4:]),
                           (*LIMITER, (1e-12, "F"), (1e6, "1/s"), (1e5, "V/s")),
                           source.ChargedSource.evaluate, ((0.5, "V"), (0.3, "V")), ("A", "S")),
    "transistor": Formula(source.Transistor, ((1e-3, "A"), (0.4, "V"), (70.0, "ohm")),
                          source.Transistor.evaluate, ((0.5, "V"), (0.3, "V")), ("A", "S")),
    "Landauer shares": Formula(barrier_heating.Landauer, BARRIER, barrier_heating.Landauer.shares,
                               ((0.8, "V"), (0.4e-9, "m")), (ONE, ONE)),
    "Wiedemann-Franz": Formula(filament_heat.WiedemannFranz, ((8.0, "W/(m K)"),),
                               filament_heat.WiedemannFranz.heat_conductivity,
                               ((500.0, "K"), (400.0, "W/(m K)"), (2e6, "S/m")), ("W/(m K)",)),
    "Sharvin": Formula(boundaries.SharvinConstriction, ((13.6e9, "1/m"),),
                       lambda law: law.conductance, (), ("S/m^2",)),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_the_value_does_not_depend_on_the_units(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    formula = FORMULAS[name]
    si = formula(lambda number, _: number)
    with other_units(monkeypatch):
        other = formula(lambda number, unit: number * scale(unit) if unit != ONE else number)
    factors = [scale(unit) for unit in formula.result]
    assert len(si) == len(factors)
    assert np.all(np.isfinite(si) & (si != 0.0))
    assert other / factors == pytest.approx(si, rel=1e-9)


def test_a_formula_of_the_wrong_dimension_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check has teeth: a density too many, a bare number of volts."""
    wrong: tuple[tuple[Any, tuple[float, str], str], ...] = (
        (lambda law, J: law.normal_velocity(J) * law.density, (-1e6, "A/m^2"), "m/s"),
        (lambda _, V: V + 0.05, (0.5, "V"), "V"),
    )
    for call, argument, result in wrong:
        parameters = FORMULAS["growth"].parameters
        formula = Formula(growth.FaradayGrowth, parameters, call, (argument,), (result,))
        si = formula(lambda number, _: number)
        with other_units(monkeypatch):
            other = formula(lambda number, unit: number * scale(unit) if unit != ONE else number)
        assert abs(other / scale(result) / si - 1.0).min() > 1e-3


def test_all_closures_with_parameters_are_checked() -> None:
    checked = {formula.make for formula in FORMULAS.values()}
    checked |= {charge_transfer.ButlerVolmer, hopping.OhmicHopping, handover.HandOver}
    checked |= {source.ChargedSource, tunnelling.SimmonsLinear, tunnelling.SimmonsFull}
    for module in (barrier_heating, barriers, boundaries, charge_transfer, conductivity,
                   filament_heat, growth, hopping, size_effect, source, tunnelling):  # fmt: skip
        for name in module.__all__:
            kind = getattr(module, name)
            if isinstance(kind, type) and getattr(kind, "__dataclass_fields__", None):
                known = kind in checked or name in UNITLESS
                assert known, f"{name}: no dimension check"
