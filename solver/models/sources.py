"""The source element of a config, for every model that is driven."""

from __future__ import annotations

from typing import Any

from tusk.solver.physics import protocols
from tusk.solver.physics.source import (
    ChargedSource,
    CurrentLimiter,
    CurrentSource,
    IdealVoltage,
    Resistor,
    Transistor,
)


def build_source(source: Any) -> protocols.Source:
    """Return the source element of the config section ``source``."""
    match source.kind:
        case "limiter":
            return CurrentLimiter(
                source.compliance_current,
                source.limiter_voltage,
                source.reverse_resistance,
                source.series_resistance,
            )
        case "resistor":
            return Resistor(source.resistance, source.series_resistance)
        case "transistor":
            return Transistor(source.saturation_current, source.overdrive, source.series_resistance)
        case "current":
            return CurrentSource(source.series_resistance)
        case _:
            return IdealVoltage(source.series_resistance)


def charged(
    source: protocols.Source, capacitance: float, rate: float, stored: float
) -> protocols.Source:
    """Return a source with a capacitance (F) beside the cell; the rest as of `ChargedSource`."""
    return ChargedSource(source, capacitance, rate, stored)
