"""Quantities with units at the boundary of the program: text in, SI floats inside, text out.

Conversion is done in decimal arithmetic, so that a quantity written by `format_quantity` and read
back by `parse_quantity` is the same float, bit for bit.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pint

# 1 eV is exact; 1 u is CODATA 2022.
ELECTRON_VOLT = "1.602176634e-19"
ATOMIC_MASS = "1.66053906892e-27"

_DEFINITIONS = f"""
femto- = 1e-15 = f-
pico- = 1e-12 = p-
nano- = 1e-9 = n-
micro- = 1e-6 = µ- = u-
milli- = 1e-3 = m-
centi- = 1e-2 = c-
kilo- = 1e3 = k-
mega- = 1e6 = M-
giga- = 1e9 = G-
tera- = 1e12 = T-
meter = [length] = m
second = [time] = s
gram = [mass] = g
ampere = [current] = A
kelvin = [temperature] = K
minute = 60 * second = min
hour = 3600 * second = h
angstrom = 1e-10 * meter = Å
hertz = 1 / second = Hz
newton = kilogram * meter / second ** 2 = N
joule = newton * meter = J
watt = joule / second = W
coulomb = ampere * second = C
volt = joule / coulomb = V
ohm = volt / ampere = Ω
siemens = ampere / volt = S
farad = coulomb / volt = F
electron_volt = {ELECTRON_VOLT} * joule = eV
atomic_mass_unit = {ATOMIC_MASS} * kilogram = u
"""

_FACTOR = r"[A-Za-zµμΩÅ_]+(?:(?:\^|\*\*)[-+]?[1-9])?"
_UNIT = re.compile(rf"(?:1?\s*/\s*)?{_FACTOR}(?:\s*[*/· ]\s*{_FACTOR})*")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,4})?")
_LONGEST_TEXT = 80


class QuantityError(ValueError):
    """A text is not a quantity of the dimension asked for."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity: its name, its SI unit, and the units it is written in.

    `display` lists units from large to small; the first that gives a mantissa of at least one is
    used for output.
    """

    name: str
    unit: str
    display: tuple[str, ...]


def _dimension(name: str, unit: str, *display: str) -> tuple[str, Dimension]:
    return name, Dimension(name, unit, display or (unit,))


DIMENSIONS: dict[str, Dimension] = dict(
    [
        _dimension("length", "m", "nm"),
        _dimension("inverse length", "1/m", "nm^-1"),
        _dimension("time", "s", "s", "ms", "us", "ns", "ps", "fs"),
        _dimension("voltage", "V", "V", "mV", "uV", "nV"),
        _dimension("current", "A", "A", "mA", "uA", "nA", "pA"),
        _dimension("voltage rate", "V/s"),
        _dimension("current rate", "A/s"),
        _dimension("resistance", "ohm"),
        _dimension("capacitance", "F", "F", "mF", "uF", "nF", "pF", "fF"),
        _dimension("energy", "J", "eV"),
        _dimension("surface energy", "J/m^2"),
        _dimension("surface diffusivity", "m^2/s"),
        _dimension("power", "W", "W", "mW", "uW", "nW", "pW"),
        _dimension("temperature", "K"),
        _dimension("concentration", "1/m^3", "m^-3"),
        _dimension("velocity", "m/s"),
        _dimension("frequency", "Hz"),
        _dimension("electrical conductivity", "S/m"),
        _dimension("thermal conductivity", "W/m/K"),
        _dimension("thermal conductance", "W/K"),
        _dimension("thermal boundary conductance", "W/m^2/K"),
        _dimension("density", "kg/m^3"),
        _dimension("specific heat capacity", "J/kg/K"),
        _dimension("mass", "kg", "u"),
        _dimension("inverse temperature", "1/K", "K^-1"),
        _dimension("inverse temperature squared", "1/K^2", "K^-2"),
    ]
)


@lru_cache(maxsize=1)
def _registry() -> pint.UnitRegistry[Decimal]:
    # pint takes 0.4 s to import: only commands that read quantities pay for it. Its full set of
    # units would cost more and would accept furlongs.
    import pint

    registry: pint.UnitRegistry[Decimal] = pint.UnitRegistry(None, non_int_type=Decimal)
    registry.load_definitions(_DEFINITIONS.strip().splitlines())
    return registry


@lru_cache(maxsize=256)
def _unit_factor(unit: str) -> tuple[Decimal, dict[str, int]]:
    """Return the SI factor of `unit` and its powers of the base units.

    Raises
    ------
    QuantityError
        If a name in `unit` is not a known unit.
    """
    import pint

    registry = _registry()
    text = unit.strip().replace("·", "*").replace("μ", "µ")
    text = re.sub(r"\s*([*/])\s*", r"\1", text).replace(" ", "*")
    text = f"1{text}" if text.startswith("/") else text
    try:
        base = registry.Quantity(Decimal(1), registry.parse_units(text)).to_root_units()
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError) as error:
        raise QuantityError(f"unknown unit {unit!r}") from error
    powers = {str(name): int(Decimal(str(power))) for name, power in base.unit_items()}
    # pint's root unit of mass is the gram.
    return base.magnitude / Decimal(1000) ** powers.get("gram", 0), powers


def parse_quantity(text: str, dimension: str) -> float:
    """Return the SI value of a quantity such as ``"10 nm"``.

    Parameters
    ----------
    text
        A number, a space (optional) and a unit.
    dimension
        A key of `DIMENSIONS`.

    Raises
    ------
    QuantityError
        If `text` is no quantity, has no unit, has another dimension, or is not finite.
    """
    return parse_in(text, DIMENSIONS[dimension].unit, dimension)


def parse_in(text: str, unit: str, wanted: str = "") -> float:
    """Return the SI value of a quantity of the dimension of a unit.

    Parameters
    ----------
    text
        As in `parse_quantity`.
    unit
        object unit of the dimension, such as ``eV`` or ``m^2/V/s``.
    wanted
        Name of the dimension, for the message.

    Raises
    ------
    QuantityError
        As in `parse_quantity`, and if ``unit`` is none.
    """
    value, powers = _measured(text)
    if powers != _unit_factor(unit)[1]:
        raise QuantityError(f"wrong dimension, {wanted or unit} is needed")
    return _finite(value)


def check_unit(unit: str) -> None:
    """Raise `QuantityError` unless a text is a unit."""
    if not _UNIT.fullmatch(unit.strip()):
        raise QuantityError(f"unknown unit {unit!r}")
    _unit_factor(unit)


def same_dimension(unit: str, other: str) -> bool:
    """Return whether two units, empty for a number, are of one dimension."""
    powers = [_unit_factor(each)[1] if each else {} for each in (unit, other)]
    return powers[0] == powers[1]


def normalised(value: str | float) -> str | float | list[object]:
    """Return what tells two spellings of one quantity from two quantities.

    A quantity becomes its SI value and the powers of the base units; another word stays.
    """
    if not isinstance(value, str):
        return value if isinstance(value, bool) else float(value)
    try:
        number, powers = _measured(value)
        return [_finite(number), sorted(powers.items())]
    except QuantityError:
        return value


def _measured(text: str) -> tuple[Decimal, dict[str, int]]:
    """Return the SI value of a quantity and its powers of the base units."""
    text = text.strip()
    number = _NUMBER.match(text)
    if number is None or len(text) > _LONGEST_TEXT:
        raise QuantityError("not a number with a unit")
    unit = text[number.end() :].strip()
    if not unit:
        raise QuantityError("unit missing")
    if not _UNIT.fullmatch(unit):
        raise QuantityError("not a number with a unit")
    factor, powers = _unit_factor(unit)
    return Decimal(number.group()) * factor, powers


def _finite(value: Decimal) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise QuantityError("not a finite number")
    return number


def format_quantity(value: float, dimension: str) -> str:
    """Return `value` (SI) as text that `parse_quantity` reads back to the same float.

    >>> format_quantity(1e-8, "length")
    '10 nm'
    """
    units = DIMENSIONS[dimension].display
    unit = next((u for u in units if abs(value) >= float(_unit_factor(u)[0])), units[-1])
    unit = units[0] if value == 0.0 else unit
    factor = _unit_factor(unit)[0]
    # The shortest spelling first; 18 digits of the exact binary value always come back.
    candidates = [(Decimal(repr(value)), 15), (Decimal(repr(value)), 16), (Decimal(value), 18)]
    for exact, digits in candidates:
        mantissa = Decimal(f"{exact / factor:.{digits}g}")
        if float(mantissa * factor) == value:
            break
    return f"{_plain(mantissa)} {unit}"


def _plain(number: Decimal) -> str:
    """Return the shortest usual spelling of a decimal number: 0.256, 10, 1e+26."""
    number = number.normalize()
    if number == 0:
        return "0"
    if -4 <= number.adjusted() < 7:
        return f"{number:f}"
    return f"{number:e}".replace("e+", "e")


_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}


def format_si(value: float, unit: str, digits: int = 4) -> str:
    """Return `value` for people to read: rounded, with an SI prefix.

    >>> format_si(6.03e-4, "A")
    '603 µA'
    """
    if value == 0.0 or not math.isfinite(value):
        return f"{value:g} {unit}"
    rounded = float(f"{value:.{digits}g}")
    power = 3 * math.floor(math.log10(abs(rounded)) / 3 + 1e-12)
    power = min(max(power, min(_PREFIXES)), max(_PREFIXES))
    return f"{rounded / 10.0**power:.{digits}g} {_PREFIXES[power]}{unit}"
