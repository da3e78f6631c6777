"""The cell of the mesoscopic model: current, voltage and heat of a contact in a given state."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import SolveError
from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE
from tusk.solver.physics.contact.qpc import Constriction
from tusk.solver.physics.protocols import Source
from tusk.solver.physics.source import CurrentSource

Array = NDArray[np.float64]
type Parts = tuple[float, float, float]
"""Ohmic conductance (S), that of the gap at V = 0 (S), and 1/V0 (1/V)."""

_MOST_ITERATIONS = 200
_TOLERANCE = 1e-13
_STEEPEST = 200.0
"""Largest V/V0 of the closed form; beyond it the current goes on along the tangent."""


@dataclass(frozen=True, slots=True)
class TwoNodes:
    """Heat flow from both ends of the contact ([M 23]): steady, no thermal inertia.

    Parameters
    ----------
    normal_conductance
        G_N from either end to the substrate, in W/K.
    axial_conductance
        G_z from one end to the other, in W/K (the paper prints K/W).
    ambient_temperature
        T_0 in K.

    Raises
    ------
    InputError
        If a number is not positive.
    """

    normal_conductance: float
    axial_conductance: float
    ambient_temperature: float

    def __post_init__(self) -> None:
        positive("thermal.normal_conductance", self.normal_conductance, "W/K")
        positive("thermal.axial_conductance", self.axial_conductance, "W/K")
        positive("thermal.ambient_temperature", self.ambient_temperature, "K")

    def temperatures(self, left: Array, right: Array) -> tuple[Array, Array]:
        """Return T_L and T_R in K for the powers P_L and P_R in W; T_g is their mean."""
        mean = 0.5 * (left + right) / self.normal_conductance
        difference = (right - left) / (self.normal_conductance + 2.0 * self.axial_conductance)
        middle = self.ambient_temperature + mean
        return middle - 0.5 * difference, middle + 0.5 * difference

    def __str__(self) -> str:
        return (
            f"P_L = G_N (T_L - T0) + G_z (T_L - T_R), and L <-> R; "
            f"G_N = {self.normal_conductance:g} W/K, G_z = {self.axial_conductance:g} W/K"
        )


@dataclass(frozen=True, slots=True)
class Device:
    """One contact between two electrodes.

    With `conduction` ``gap`` one channel crosses a gap that shrinks with the transparency,
    g = g_m + (g_M - g_m)(1 - rho) ([M 18]). With ``sites`` each of N sites is either a channel of
    G0 T_i or a gap g_M of its own: steps of G0.

    Parameters
    ----------
    constriction
        The point contact.
    gap_min, gap_max
        g_m, g_M in m.
    conduction
        ``gap`` or ``sites``.
    sites
        N.
    """

    constriction: Constriction
    gap_min: float
    gap_max: float
    conduction: Literal["gap", "sites"]
    sites: int

    def parts(self, transparency: float, channels: float) -> Parts:
        """Return the ohmic conductance (S), that of the gap at V = 0 (S), and 1/V0 (1/V).

        I(V) = G_ohm V + G_gap V0 sinh(V/V0).

        Parameters
        ----------
        transparency
            rho, 0 to 1.
        channels
            Sum of the transmissions of the conducting sites.
        """
        if self.conduction == "gap":
            gap, many, ohmic = self.gap(transparency), 1.0, 0.0
        else:
            gap, many = self.gap_max, self.sites * (1.0 - transparency)
            ohmic = channels * CONDUCTANCE_QUANTUM
        through = CONDUCTANCE_QUANTUM * math.exp(-gap / self.constriction.decay_length)
        steepness = 0.5 * ELEMENTARY_CHARGE * self.constriction.alpha_per_length * gap
        return ohmic, many * through, steepness

    def gap(self, transparency: float) -> float:
        """Return the gap (m) that is still open."""
        if self.conduction == "sites":
            return self.gap_max
        return self.gap_min + (self.gap_max - self.gap_min) * (1.0 - transparency)

    def heat(self, voltage: Array, transparency: Array, channels: Array) -> tuple[Array, Array]:
        """Return P_L and P_R in W; a site that conducts heats both ends alike (alpha = 0)."""
        if self.conduction == "gap":
            gap = self.gap_min + (self.gap_max - self.gap_min) * (1.0 - transparency)
            return self.constriction.at(gap).powers(voltage)
        left, right = self.constriction.at(self.gap_max).powers(voltage)
        open_sites = self.sites * (1.0 - transparency)
        ohmic = 0.5 * channels * CONDUCTANCE_QUANTUM * voltage**2
        return ohmic + open_sites * left, ohmic + open_sites * right


def current(parts: Parts, voltage: float) -> tuple[float, float]:
    """Return I (A) and dI/dV (S) of a device with the given `Device.parts` at V (V)."""
    ohmic, gap, steepness = parts
    x = steepness * voltage
    if abs(x) < 1e-4:
        return (ohmic + gap * (1.0 + x * x / 6.0)) * voltage, ohmic + gap * (1.0 + 0.5 * x * x)
    inside = min(max(x, -_STEEPEST), _STEEPEST)
    slope = gap * math.cosh(inside)
    return ohmic * voltage + (gap * math.sinh(inside) + slope * (x - inside)) / steepness, (
        ohmic + slope
    )


def voltage_of(parts: Parts, current_wanted: float) -> float:
    """Return the voltage (V) at which a current (A) flows.

    Raises
    ------
    SolveError
        If the iteration does not end: no number is known for which it does not.
    """
    ohmic, gap, steepness = parts
    wanted = abs(current_wanted)
    bound = wanted / (ohmic + gap)
    if steepness > 0.0 and gap > 0.0:
        bound = min(bound, math.asinh(steepness * wanted / gap) / steepness)
        if ohmic == 0.0:
            return math.copysign(bound, current_wanted)
    # Both bounds lie at or above the root of a convex function: Newton comes down without a miss.
    return math.copysign(_descend(lambda v: _excess(parts, v, wanted), bound), current_wanted)


def _excess(parts: Parts, voltage: float, wanted: float) -> tuple[float, float]:
    value, slope = current(parts, voltage)
    return value - wanted, slope


def cell_voltage(source: Source, parts: Parts, drive: float, guess: float) -> float:
    """Return the cell voltage (V) at which source and device carry the same current.

    Parameters
    ----------
    source
        Element between the drive and the cell.
    parts
        See `Device.parts`.
    drive
        V or A.
    guess
        A voltage near the solution, V.
    """
    if source.is_ideal:
        return drive
    if drive == 0.0:
        return 0.0
    sign = math.copysign(1.0, drive)
    short, _ = source.evaluate(drive, 0.0)
    highest = abs(voltage_of(parts, short))
    if isinstance(source, CurrentSource):
        return sign * highest

    def excess(voltage: float) -> tuple[float, float]:
        device, slope = current(parts, voltage)
        supplied, conductance = source.evaluate(drive, sign * voltage)
        return device - sign * supplied, slope + conductance

    highest = min(highest, abs(drive))
    start = min(max(sign * guess, 0.0), highest)
    value, slope = excess(start)
    if value < 0.0:  # left of the root: one step of Newton leads to its right
        start = min(start - value / slope, highest)
    return sign * _descend(excess, start)


def _descend(excess: Callable[[float], tuple[float, float]], start: float) -> float:
    """Return the root of a convex increasing function, from a start at or above it."""
    voltage = start
    for _ in range(_MOST_ITERATIONS):
        value, slope = excess(voltage)
        change = value / slope
        voltage -= change
        if abs(change) <= _TOLERANCE * abs(voltage) or voltage <= 0.0:
            return max(voltage, 0.0)
    raise SolveError("source: the cell voltage could not be found")
