"""Quantities: values by hand, exact round trips, refusals, agreement with pint's own registry."""

import math
from decimal import Decimal

import pint
import pytest
import scipy.constants
from hypothesis import given, settings
from hypothesis import strategies as st

from tusk.solver import units
from tusk.solver.units import (
    DIMENSIONS,
    QuantityError,
    format_quantity,
    format_si,
    parse_quantity,
)

EV = 1.602176634e-19
UNITS = ("m", "s", "g", "A", "K", "J", "W", "C", "V", "S", "N", "Hz", "min", "h", "Å", "eV", "u")
UNITS += ("ohm", "Ω", "µm", "kA", "pS", "MHz", "fs", "cm", "GHz")


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("10 nm", "length", 1e-8),
        ("10nm", "length", 1e-8),
        (" 2.5 Å ", "length", 2.5e-10),
        ("0.763 eV", "energy", 0.763 * EV),
        ("1e26 m^-3", "concentration", 1e26),
        ("1e20 cm^-3", "concentration", 1e26),
        ("1e20 1/cm^3", "concentration", 1e26),
        ("1e26 m**-3", "concentration", 1e26),
        ("1e13 Hz", "frequency", 1e13),
        ("1e13 /s", "frequency", 1e13),
        ("400 W/m/K", "thermal conductivity", 400.0),
        ("4 W/cm/K", "thermal conductivity", 400.0),
        ("3.9e-3 /K", "inverse temperature", 3.9e-3),
        ("-5.1e-7 K^-2", "inverse temperature squared", -5.1e-7),
        ("8.96 g/cm^3", "density", 8960.0),
        ("385 J/kg/K", "specific heat capacity", 385.0),
        ("63.546 u", "mass", 63.546 * 1.66053906892e-27),
        ("1 kΩ", "resistance", 1e3),
        ("1 MS/m", "electrical conductivity", 1e6),
        ("100 µA", "current", 1e-4),
        ("100 \u03bcA", "current", 1e-4),
        ("100 uA", "current", 1e-4),
        ("5 min", "time", 300.0),
        ("1 mV/ms", "voltage rate", 1.0),
        ("-1 V", "voltage", -1.0),
        ("+.5 V", "voltage", 0.5),
        ("1 mA*kohm", "voltage", 1.0),
    ],
)
def test_values_by_hand(text: str, dimension: str, value: float) -> None:
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("10", "unit missing"),
        ("nm", "not a number with a unit"),
        ("", "not a number with a unit"),
        ("10 nm nm", "wrong dimension"),
        ("10 V", "wrong dimension"),
        ("10 nn", "unknown unit 'nn'"),
        ("10 furlong", "unknown unit"),
        ("nan nm", "not a number"),
        ("inf nm", "not a number"),
        ("1e9999 nm", "not a finite number"),
        ("1e99999 nm", "not a number"),
        ("1 + 1 nm", "not a number"),
        ("9**9 nm", "not a number"),
        ("10 nm; 3", "not a number"),
        ("10 __import__('os')", "not a number"),
        ("1" * 100 + " nm", "not a number"),
    ],
)
def test_refusals(text: str, reason: str) -> None:
    with pytest.raises(QuantityError, match="^" + reason):
        parse_quantity(text, "length")


@settings(deadline=None)  # the first call imports pint
@given(
    value=st.floats(allow_nan=False, allow_infinity=False, min_value=-1e40, max_value=1e40).filter(
        lambda value: value == 0.0 or abs(value) > 1e-60
    ),
    dimension=st.sampled_from(sorted(DIMENSIONS)),
)
def test_written_quantities_read_back_bit_for_bit(value: float, dimension: str) -> None:
    assert parse_quantity(format_quantity(value, dimension), dimension) == value


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (1e-8, "length", "10 nm"),
        (2.56e-10, "length", "0.256 nm"),
        (0.763 * EV, "energy", "0.763 eV"),
        (6.03e-4, "current", "603 uA"),
        (0.0, "voltage", "0 V"),
        (0.05, "voltage", "50 mV"),
        (1e-9, "time", "1 ns"),
        (1e26, "concentration", "1e26 m^-3"),
        (5.96e7, "electrical conductivity", "5.96e7 S/m"),
    ],
)
def test_spelling(value: float, dimension: str, text: str) -> None:
    assert format_quantity(value, dimension) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (6.03e-4, "A", "603 µA"),
        (-0.99999, "V", "-1 V"),
        (999.99, "Ω", "1 kΩ"),
        (1.234567e-20, "A", "1.235e-05 fA"),
        (0.0, "K", "0 K"),
        (math.inf, "Ω", "inf Ω"),
    ],
)
def test_rounded_spelling(value: float, unit: str, text: str) -> None:
    assert format_si(value, unit) == text


def test_our_units_are_those_of_pint() -> None:
    """The small registry says the same as pint's full one."""
    full: pint.UnitRegistry[float] = pint.UnitRegistry()
    for name in UNITS:
        theirs = full.Quantity(1.0, name).to_base_units()
        ours = units._registry().Quantity(Decimal(1), name).to_root_units()
        in_si = float(ours.magnitude) / 1000.0 ** float(dict(ours.unit_items()).get("gram", 0))
        assert in_si == pytest.approx(theirs.magnitude, rel=1e-9), name
        assert str(ours.dimensionality) == str(theirs.dimensionality), name


def test_constants_are_codata() -> None:
    assert float(units.ELECTRON_VOLT) == scipy.constants.e
    assert float(units.ATOMIC_MASS) == pytest.approx(scipy.constants.atomic_mass, rel=1e-9)
