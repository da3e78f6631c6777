"""Laws written outside the package plug in by their shape alone: no base class, no registration."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from tusk.solver.physics.barrier_heating import ConstantShare
from tusk.solver.physics.functions import Value, absolute, exp, less, maximum, tanh, where
from tusk.solver.physics.protocols import (
    BarrierHeating,
    ChargeTransfer,
    EnergyBarrier,
    FilamentConductivity,
    IonConduction,
    MaterialLaw,
    Source,
    Tunnelling,
)
from tusk.solver.physics.tunnelling import SimmonsLinear

E = 1.602176634e-19


@dataclasses.dataclass(frozen=True, slots=True)
class PooleLikeTunnelling:
    """J/V = G exp(-g/l) (1 + (V/V1)^2)."""

    conductance: float
    length: float
    voltage: float

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        return self.conductance * exp(-gap / self.length) * (1.0 + (voltage / self.voltage) ** 2)


@dataclasses.dataclass(frozen=True, slots=True)
class LinearChargeTransfer:
    """J = k eta with both branches taken from its sign."""

    slope: float

    def overpotential(self, electronic_potential: Value, ionic_potential: Value) -> Value:
        return electronic_potential - ionic_potential

    def branches(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> tuple[Value, Value]:
        up = self.slope * maximum(overpotential, 0.0)
        return up, up - self.slope * overpotential

    def current_density(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> Value:
        anodic, cathodic = self.branches(overpotential, temperature, extra_barrier)
        return anodic - cathodic


class StepBarrier:
    def energy_barrier(self, position: Value) -> Value:
        return where(less(position, 2e-9), 0.0 * position, 0.1 * E + 0.0 * position)


class FieldOnOff:
    def conductivity(self, field_squared: Value, temperature: Value) -> Value:
        return 1e-3 * (1.0 + tanh(field_squared / 1e16)) * temperature / 300.0


class HalfBulk:
    def ratio(self, diameter):
        return np.full_like(diameter, 0.5)


class SmoothSplit:
    def shares(self, voltage: Value, gap: Value) -> tuple[Value, Value]:
        electrode = 0.5 * (1.0 + voltage / (1.0 + absolute(voltage)))
        return electrode, 1.0 - electrode


class Diode:
    @property
    def is_ideal(self) -> bool:
        return False

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        x = math.exp(min((drive - cell_voltage) / 0.026, 50.0))
        return 1e-12 * (x - 1.0), 1e-12 * x / 0.026

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:
        return drive


def gap_heat(
    tunnelling: Tunnelling, heating: BarrierHeating, gap: Value, voltage: Value
) -> tuple[Value, Value]:
    """What a model does with the two closures: heat in W/m^2 on either side of the gap."""
    power = tunnelling.conductance_per_area(gap, voltage, 300.0) * voltage**2
    electrode, filament = heating.shares(voltage, gap)
    return electrode * power, filament * power


CUSTOM = PooleLikeTunnelling(1e13, 0.1e-9, 2.0)


@pytest.mark.parametrize(
    ("law", "protocol"),
    [
        (CUSTOM, Tunnelling),
        (LinearChargeTransfer(3.0), ChargeTransfer),
        (StepBarrier(), EnergyBarrier),
        (FieldOnOff(), IonConduction),
        (HalfBulk(), FilamentConductivity),
        (SmoothSplit(), BarrierHeating),
        (lambda temperature: 400.0 * 300.0 / temperature, MaterialLaw),
        (Diode(), Source),
    ],
)
def test_foreign_classes_fit_the_protocols(law, protocol):
    assert isinstance(law, protocol)


def test_a_class_without_the_method_does_not_fit():
    assert not isinstance(HalfBulk(), Tunnelling)
    assert not isinstance(CUSTOM, BarrierHeating)


@pytest.mark.parametrize("voltage", [-1.5, 0.0, 0.8])
def test_a_foreign_tunnelling_law_replaces_ours(voltage, symbolic):
    gap = 0.3e-9
    for tunnelling in (CUSTOM, SimmonsLinear(0.42, 3.7 * E)):
        for heating in (SmoothSplit(), ConstantShare(0.82)):
            electrode, filament = gap_heat(tunnelling, heating, gap, voltage)
            total = tunnelling.conductance_per_area(gap, voltage, 300.0) * voltage**2
            assert electrode + filament == pytest.approx(total, rel=1e-14)
            value = symbolic.value(
                lambda g, v, a=tunnelling, b=heating: gap_heat(a, b, g, v)[0], gap, voltage
            )
            assert value == pytest.approx(float(electrode), rel=1e-13)


def test_a_foreign_law_changes_the_result():
    ours = gap_heat(SimmonsLinear(0.42, 3.7 * E), ConstantShare(0.82), 0.3e-9, 1.0)
    theirs = gap_heat(CUSTOM, ConstantShare(0.82), 0.3e-9, 1.0)
    assert theirs[0] == pytest.approx(0.82e13 * math.exp(-3.0) * 1.25, rel=1e-12)
    assert theirs[0] != pytest.approx(ours[0], rel=0.1)


def test_a_foreign_kinetics_works_on_arrays_and_in_ufl(symbolic):
    law = LinearChargeTransfer(3.0)
    assert law.current_density(np.array([-1.0, 0.0, 2.0]), 300.0) == pytest.approx([-3.0, 0.0, 6.0])
    assert symbolic.value(lambda eta: law.current_density(eta, 300.0), -0.5) == -1.5
    assert symbolic.derivative(lambda eta: law.current_density(eta, 300.0), 0.25) == 3.0


def test_foreign_oxide_and_barrier_laws_work_in_ufl(symbolic):
    assert symbolic.value(FieldOnOff().conductivity, 0.0, 600.0) == pytest.approx(2e-3)
    assert symbolic.value(StepBarrier().energy_barrier, 3e-9) == pytest.approx(0.1 * E)
    assert symbolic.value(StepBarrier().energy_barrier, 1e-9) == 0.0
