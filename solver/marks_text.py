"""Marks of ``run.json`` for people to read: their names, units, and the digits that are known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tusk.solver.certificate import with_error

_UNIT = re.compile(r"_((?:(?:[A-Za-z]+_)?per_)?(?:[A-Z][A-Z]?[0-9]*|eV|s|m|ohm))$")
"""The unit at the end of the name of a mark."""

_PREFIXED = {"A": "A", "J": "J", "W": "W", "V": "V", "s": "s", "ohm": "Ω"}
"""Units that take an SI prefix, as they are written."""

_PREFIXES = {-15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}

_DIGITS = {"J": 3, "W": 3, "ohm": 3}
"""Digits shown of a number without an error bar; four of the others."""

ERROR_BARS = "± is the error of mesh and steps alone, not that of the model"
"""What a certificate states."""


@dataclass(frozen=True, slots=True)
class MarkText:
    """A mark in words.

    Attributes
    ----------
    name
        Without its unit.
    number
        Rounded, with its certified error if there is one.
    unit
        As it is written, with a prefix.
    """

    name: str
    number: str
    unit: str

    @property
    def told(self) -> str:
        """Number and unit."""
        return f"{self.number} {self.unit}".rstrip()


def name_and_unit(key: str) -> tuple[str, str]:
    """Split the name of a mark from its unit: ``tip_height_m``, ``force_eV_per_A``, ``ratio``."""
    found = _UNIT.search(key)
    unit = found.group(1) if found else ""
    return key.removesuffix(f"_{unit}") if unit else key, re.sub("_?per_", "/", unit)


def mark_text(key: str, value: float | None, error: float | None = None) -> MarkText:
    """Return a mark for people to read.

    Parameters
    ----------
    key
        Its name in ``run.json``; the end is its unit.
    value
        In that unit; None where the mark was not reached.
    error
        Its certified error in that unit, if it has one.
    """
    name, unit = name_and_unit(key)
    if value is None or not math.isfinite(value):
        return MarkText(name, "not reached", "")
    scale, shown = _scale(value, unit)
    if error is not None:
        return MarkText(name, with_error(value / scale, error / scale), shown)
    digits = _DIGITS.get(unit, 4)
    rounded = f"{value / scale:#.{digits}g}".rstrip(".")
    if "e" in rounded or not unit or float(rounded) == 0.0 or abs(value / scale) >= 10.0**digits:
        rounded = f"{value / scale:.{digits}g}"
    return MarkText(name, rounded, shown)


def spread_text(spread: Mapping[str, Mapping[str, float]]) -> dict[str, str]:
    """Return mean ± standard deviation of what members of an ensemble ended with, by name.

    Parameters
    ----------
    spread
        ``mean`` and ``standard_deviation`` by name; the end of a name is its unit.
    """
    out = {}
    for key, numbers in spread.items():
        name, unit = name_and_unit(key)
        mean, deviation = numbers["mean"], numbers["standard_deviation"]
        scale, shown = _scale(mean, unit)
        out[name] = f"{mean / scale:.4g} ± {deviation / scale:.2g} {shown}".rstrip()
    return out


def _scale(value: float, unit: str) -> tuple[float, str]:
    """Return the size of the unit shown, in the unit of the mark, and its name."""
    if unit == "m":
        return 1e-9, "nm"
    if unit not in _PREFIXED or value == 0.0:
        return 1.0, _PREFIXED.get(unit, unit)
    rounded = float(f"{value:.3g}")
    power = 3 * math.floor(math.log10(abs(rounded)) / 3 + 1e-12)
    power = min(max(power, min(_PREFIXES)), max(_PREFIXES))
    if unit in ("s", "V") and power == -3 and abs(rounded) >= 0.1:
        power = 0
    return 10.0**power, _PREFIXES[power] + _PREFIXED[unit]
