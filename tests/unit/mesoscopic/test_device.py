"""Current, voltage, heat and rates of the contact: closed forms, circuits, integrals (M14, M10)."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.circuit import cell_voltage, supply, voltage_of
from tusk.solver.models.mesoscopic.device import Device, TwoNodes, current
from tusk.solver.models.mesoscopic.stepper import CircuitStepper
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM as G0
from tusk.solver.physics.contact.qpc import Constriction
from tusk.solver.physics.contact.switching import VoltageDrivenRates
from tusk.solver.physics.source import CurrentLimiter, CurrentSource, IdealVoltage, Resistor

CONSTRICTION = Constriction(0.45e-9)
GAP = Device(CONSTRICTION, 0.0, 0.5e-9, "gap", 50)
SITES = Device(CONSTRICTION, 0.0, 0.5e-9, "sites", 5)
STATES = [(0.0, 0.0), (0.4, 1.9), (1.0, 5.0)]


@pytest.mark.parametrize(("transparency", "channels"), STATES)
@pytest.mark.parametrize("voltage", [-0.8, 1e-5, 0.3, 1.5])
def test_current_is_that_of_the_closed_forms(transparency, channels, voltage):
    gap = 0.5e-9 * (1.0 - transparency)
    expected = CONSTRICTION.at(gap).current(voltage)
    found, slope = current(GAP.parts(transparency, channels), voltage)
    assert found == pytest.approx(expected, rel=1e-12)
    sites = channels * G0 * voltage + 5.0 * (1.0 - transparency) * CONSTRICTION.at(0.5e-9).current(
        voltage
    )
    parts = SITES.parts(transparency, channels)
    assert current(parts, voltage)[0] == pytest.approx(sites, rel=1e-12)
    step = 1e-6
    ends = [current(GAP.parts(transparency, channels), voltage + s * step)[0] for s in (-1, 1)]
    assert slope == pytest.approx((ends[1] - ends[0]) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("device", [GAP, SITES], ids=["gap", "sites"])
@pytest.mark.parametrize(("transparency", "channels"), STATES)
@pytest.mark.parametrize("flowing", [-2e-4, 0.0, 1e-9, 4e-5])
def test_voltage_inverts_current(device, transparency, channels, flowing):
    parts = device.parts(transparency, channels)
    assert current(parts, voltage_of(parts, flowing))[0] == pytest.approx(flowing, rel=1e-11)


@pytest.mark.parametrize(
    "source",
    [
        Resistor(5e3),
        Resistor(1e-3),
        IdealVoltage(2e4),
        CurrentLimiter(3e-5, 0.05),
        CurrentLimiter(3e-5, 0.05, None, 1e3),
    ],
    ids=str,
)
@pytest.mark.parametrize("device", [GAP, SITES], ids=["gap", "sites"])
@pytest.mark.parametrize(("transparency", "channels"), STATES)
@pytest.mark.parametrize("drive", [-1.0, 1e-4, 1.5])
def test_source_and_device_carry_the_same_current(source, device, transparency, channels, drive):
    parts = device.parts(transparency, channels)
    for guess in (0.0, 0.5 * drive, 7.0):
        voltage = cell_voltage(source, parts, drive, guess)
        supplied, conductance = source.evaluate(drive, voltage)
        scale = abs(supplied) + conductance * abs(drive)
        assert current(parts, voltage)[0] == pytest.approx(supplied, abs=1e-11 * scale)


def test_current_source_and_ideal_voltage():
    parts = GAP.parts(0.3, 0.0)
    assert cell_voltage(IdealVoltage(), parts, 0.7) == 0.7
    voltage = cell_voltage(CurrentSource(100.0), parts, 2e-5)
    assert current(parts, voltage)[0] == pytest.approx(2e-5, rel=1e-12)


def test_many_states_at_once_are_each_of_them():
    """Drives of both signs, states from open to closed: the arrays and one after the other."""
    rho = np.linspace(0.0, 1.0, 7)
    drive = np.array([-1.5, -0.3, 0.0, 1e-6, 0.2, 0.9, 2.0])
    for source in (Resistor(5e3), CurrentLimiter(3e-5, 0.05, None, 1e3)):
        for device in (GAP, SITES):
            found = cell_voltage(source, device.parts(rho, 5.0 * rho), drive)
            single = [
                float(cell_voltage(source, device.parts(r, 5.0 * r), u))
                for r, u in zip(rho.tolist(), drive.tolist(), strict=True)
            ]
            assert found == pytest.approx(single, rel=1e-12, abs=1e-18)


@pytest.mark.parametrize("resistance", [0.0, 1e3, 1e6])
def test_supply_is_that_of_the_source(resistance):
    source = CurrentLimiter(3e-5, 0.05, None, resistance)
    size = np.array([0.0, 1e-5, 0.3, 2.0, 2.0, 40.0])
    voltage = np.array([0.0, 0.0, 0.1, 1.99, 0.0, 0.5])
    for sign in (1.0, -1.0):
        found = supply(source, size, voltage, np.full(6, sign > 0.0))
        expected = [source.evaluate(sign * u, sign * v) for u, v in zip(size, voltage, strict=True)]
        assert sign * found[0] == pytest.approx([i for i, _ in expected], rel=1e-12)
        assert found[1] == pytest.approx([g for _, g in expected], rel=1e-10, abs=1e-30)


def test_a_device_without_any_conductance_takes_no_current():
    with pytest.raises(SolveError, match="cell voltage"):
        voltage_of((0.0, 0.0, 1.0), 1e-6)


def test_m14_temperature_of_one_open_channel_at_one_volt():
    nodes = TwoNodes(1.33e-5, 5e-7, 300.0)
    left, right = GAP.heat(np.array([1.0]), np.array([1.0]), np.array([0.0]))
    assert left + right == pytest.approx(G0, rel=1e-14)
    cold, warm = nodes.temperatures(left, right)
    assert 0.5 * (cold + warm) - 300.0 == pytest.approx([2.91], abs=5e-3)
    assert 0.5 * (cold + warm) - 300.0 == pytest.approx([G0 / (2.0 * 1.33e-5)], rel=1e-12)


def test_two_nodes_balance():
    nodes = TwoNodes(1.33e-5, 5e-7, 300.0)
    left, right = np.array([1e-6]), np.array([4e-6])
    cold, warm = nodes.temperatures(left, right)
    assert 1.33e-5 * (cold - 300.0) + 5e-7 * (cold - warm) == pytest.approx(left, rel=1e-9)
    assert 1.33e-5 * (warm - 300.0) + 5e-7 * (warm - cold) == pytest.approx(right, rel=1e-9)


@pytest.mark.parametrize(("transparency", "channels"), STATES)
def test_heat_of_the_sites_is_the_power(transparency, channels):
    voltage = np.array([-0.7, 0.2, 0.9])
    left, right = SITES.heat(voltage, np.full(3, transparency), np.full(3, channels))
    power = [v * current(SITES.parts(transparency, channels), v)[0] for v in voltage]
    assert left + right == pytest.approx(power, rel=1e-12)


RATES = VoltageDrivenRates(0.25, 0.1, 2.0, 0.05, 0.3, 0.7)


@pytest.mark.parametrize(
    "ends", [(0.0, 0.4), (-0.3, 0.5), (0.6, -0.1), (-0.2, -0.2), (0.1, 0.1001)]
)
def test_mean_rates_are_means_over_a_linear_voltage(ends):
    first, last = ends

    def over(function):
        value, _ = quad(
            lambda s: function(first + s * (last - first)), 0, 1, points=[0.5], limit=200
        )
        return value

    setting, resetting = RATES.mean(first, last)
    expected = over(lambda v: 0.25 * math.sinh(max(v, 0.0) / 0.1))
    assert setting - 0.3 == pytest.approx(expected, rel=1e-7)
    expected = over(lambda v: 2.0 * math.sinh(max(-v, 0.0) / 0.05))
    assert resetting - 0.7 == pytest.approx(expected, rel=1e-7)


def test_m10_no_rate_is_left_at_zero_volts():
    assert VoltageDrivenRates(0.25, 0.1, 2.0, 0.05).at(0.0) == (0.0, 0.0)
    assert math.isfinite(VoltageDrivenRates(0.25, 0.1, 2.0, 0.05).at(1e4)[0])


def test_bad_numbers_are_refused():
    with pytest.raises(InputError, match=r"VoltageDrivenRates\.set_rate"):
        VoltageDrivenRates(-1.0, 0.1, 1.0, 0.1)
    with pytest.raises(InputError, match=r"VoltageDrivenRates\.reset_voltage"):
        VoltageDrivenRates(1.0, 0.1, 1.0, 0.0)
    with pytest.raises(InputError, match=r"TwoNodes\.normal_conductance"):
        TwoNodes(0.0, 1.0, 300.0)


@pytest.mark.parametrize("device", [GAP, SITES], ids=["gap", "sites"])
@pytest.mark.parametrize("voltage", [1e-7, 0.05, 0.9, 3.0])
def test_the_stepper_sees_the_same_current(device, voltage):
    """Plain numbers against arrays, and the slope in rho against a difference."""
    rates = VoltageDrivenRates(0.25, 0.1, 2.0, 0.05)
    cell = Cell(device, Resistor(5e3), rates, TwoNodes(1.33e-5, 5e-7, 300.0))
    stepper = CircuitStepper(cell, 5.0, 1e-3)
    for rho in (0.0, 0.3, 0.9):
        flowing, slope, by_rho = stepper._current(voltage, rho)
        expected, conductance = current(device.parts(rho, 5.0 * rho), voltage)
        assert flowing == pytest.approx(float(expected), rel=1e-13)
        assert slope == pytest.approx(float(conductance), rel=1e-13)
        beside = [
            float(current(device.parts(r, 5.0 * r), voltage)[0]) for r in (rho + 1e-6, rho - 1e-6)
        ]
        assert by_rho == pytest.approx((beside[0] - beside[1]) / 2e-6, rel=1e-6)
