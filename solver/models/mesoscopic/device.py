"""The cell of the mesoscopic model: current, voltage and heat of a contact in a given state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE
from tusk.solver.physics.contact.qpc import Constriction

Array = NDArray[np.float64]
type Number = float | Array
type Parts = tuple[Number, Number, Number]
"""Ohmic conductance (S), that of the gap at V = 0 (S), and 1/V0 (1/V)."""

_FLAT = 1e-4
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
        positive("TwoNodes.normal_conductance", self.normal_conductance, "W/K")
        positive("TwoNodes.axial_conductance", self.axial_conductance, "W/K")
        positive("TwoNodes.ambient_temperature", self.ambient_temperature, "K")

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

    def parts(self, transparency: Number, channels: Number) -> Parts:
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
            many: Number = 1.0
            ohmic: Number = 0.0
        else:
            many = self.sites * (1.0 - transparency)
            ohmic = channels * CONDUCTANCE_QUANTUM
        gap = self.gap(transparency)
        through = CONDUCTANCE_QUANTUM * np.exp(-gap / self.constriction.decay_length)
        steepness = 0.5 * ELEMENTARY_CHARGE * self.constriction.alpha_per_length * gap
        return ohmic, many * through, steepness

    def gap(self, transparency: Number) -> Number:
        """Return the gap (m) that is still open; that of the open ``sites`` is always g_M."""
        if self.conduction == "sites":
            return self.gap_max + 0.0 * transparency
        return self.gap_min + (self.gap_max - self.gap_min) * (1.0 - transparency)

    def heat(self, voltage: Array, transparency: Array, channels: Array) -> tuple[Array, Array]:
        """Return P_L and P_R in W; a site that conducts heats both ends alike (alpha = 0)."""
        left, right = self.constriction.at(self.gap(transparency)).powers(voltage)
        if self.conduction == "gap":
            return left, right
        open_sites = self.sites * (1.0 - transparency)
        ohmic = 0.5 * channels * CONDUCTANCE_QUANTUM * voltage**2
        return ohmic + open_sites * left, ohmic + open_sites * right


def current(parts: Parts, voltage: ArrayLike) -> tuple[Array, Array]:
    """Return I (A) and dI/dV (S) of devices with the given `Device.parts` at V (V), any shape."""
    ohmic, gap, steepness = parts
    voltage = np.asarray(voltage, dtype=float)
    x = steepness * voltage
    inside = np.clip(x, -_STEEPEST, _STEEPEST)
    slope = gap * np.cosh(inside)
    # sinh(x)/x by its series where a quotient would lose digits, or be none.
    small = np.abs(x) < _FLAT
    safe = np.where(small, 1.0, x)
    beyond = gap * np.sinh(inside) + slope * (x - inside)
    through = np.where(small, gap * (1.0 + x * x / 6.0), beyond / safe)
    return (ohmic + through) * voltage, ohmic + slope
