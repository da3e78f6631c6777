"""Source elements above the active electrode: limiter [B 7], resistor, none, current source.

All of them work on plain floats: the cell voltage is one number. Positive current flows from the
active to the counter-electrode.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import wrightomega

from tusk.solver.errors import TuskError
from tusk.solver.physics.checks import not_negative, positive
from tusk.solver.physics.protocols import Source

__all__ = [
    "ChargedSource",
    "CurrentLimiter",
    "CurrentSource",
    "IdealVoltage",
    "Resistor",
    "Transistor",
]


@dataclass(frozen=True, slots=True)
class CurrentLimiter:
    """I = I_CC (1 - exp(-u/V_0)) with u = V_app - V_cell - I R_s >= 0, ohmic below.

    The paper prints the exponent with the wrong sign. With a series resistor, I is the root of
    u + R_s I(u) = V_app - V_cell, in closed form by the Wright omega function (the Lambert W
    function of an exponential, which cannot overflow).

    Parameters
    ----------
    compliance_current
        I_CC in A.
    limiter_voltage
        V_0 in V.
    reverse_resistance
        Resistance for V_app < V_cell in ohm; V_0/I_CC if not given, which continues the slope.
    series_resistance
        R_s in ohm.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    compliance_current: float
    limiter_voltage: float
    reverse_resistance: float | None = None
    series_resistance: float = 0.0

    def __post_init__(self) -> None:
        positive("CurrentLimiter.compliance_current", self.compliance_current, "A")
        positive("CurrentLimiter.limiter_voltage", self.limiter_voltage, "V")
        if self.reverse_resistance is not None:
            positive("CurrentLimiter.reverse_resistance", self.reverse_resistance, "ohm")
        not_negative("CurrentLimiter.series_resistance", self.series_resistance, "ohm")

    @property
    def is_ideal(self) -> bool:
        """False: the cell voltage is unknown."""
        return False

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        """Return current and conductance.

        Parameters
        ----------
        drive
            V_app in V.
        cell_voltage
            V_cell in V.

        Returns
        -------
        tuple of float
            I in A and -dI/dV_cell in S.
        """
        excess = drive - cell_voltage
        if excess < 0.0:
            reverse = self.reverse_resistance
            if reverse is None:
                reverse = self.limiter_voltage / self.compliance_current
            conductance = 1.0 / (reverse + self.series_resistance)
            return excess * conductance, conductance
        drop = self._scaled_drop(excess / self.limiter_voltage)
        current = -self.compliance_current * math.expm1(-drop)
        slope = self.compliance_current / self.limiter_voltage * math.exp(-drop)
        return current, slope / (1.0 + self.series_resistance * slope)

    def _scaled_drop(self, excess: float) -> float:
        """Solve x + rho (1 - exp(-x)) = excess for the drop x over the limiter, in V_0."""
        rho = self.series_resistance * self.compliance_current / self.limiter_voltage
        if rho == 0.0:
            return excess
        offset = excess - rho
        drop = max(offset + float(wrightomega(math.log(rho) - offset)), 0.0)
        for _ in range(2):  # restores the digits lost where the drop is small against rho
            residual = drop - rho * math.expm1(-drop) - excess
            drop = max(drop - residual / (1.0 + rho * math.exp(-drop)), 0.0)
        return drop

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:  # noqa: ARG002
        """Return the terminal voltage in V: the drive itself."""
        return drive

    def __str__(self) -> str:
        return (
            f"I = {self.compliance_current:.4g} A (1 - exp(-(V_app - V_cell - "
            f"{self.series_resistance:g} ohm I)/{self.limiter_voltage:g} V))"
        )


@dataclass(frozen=True, slots=True)
class Resistor:
    """I = (V_app - V_cell)/(R + R_s).

    Parameters
    ----------
    resistance
        R in ohm.
    series_resistance
        R_s in ohm.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    resistance: float
    series_resistance: float = 0.0

    def __post_init__(self) -> None:
        positive("Resistor.resistance", self.resistance, "ohm")
        not_negative("Resistor.series_resistance", self.series_resistance, "ohm")

    @property
    def is_ideal(self) -> bool:
        """False: the cell voltage is unknown."""
        return False

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        """Return I in A and -dI/dV_cell in S for V_app and V_cell in V."""
        conductance = 1.0 / (self.resistance + self.series_resistance)
        return conductance * (drive - cell_voltage), conductance

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:  # noqa: ARG002
        """Return the terminal voltage in V: the drive itself."""
        return drive

    def __str__(self) -> str:
        return f"I = (V_app - V_cell)/{self.resistance + self.series_resistance:.4g} ohm"


@dataclass(frozen=True, slots=True)
class Transistor:
    """I = I_sat (2 x - x^2), x = u/V_ov, I_sat beyond x = 1; u = V_app - V_cell - I R_s.

    The square law of a long channel (Shichman and Hodges, IEEE J. Solid-State Circuits 3, 285
    (1968)) without modulation of its length, gate and source at fixed potentials. In reverse the
    cell is at the source of the channel and the same parabola goes on: nothing saturates.

    Parameters
    ----------
    saturation_current
        I_sat in A.
    overdrive
        V_ov = V_GS - V_T in V.
    series_resistance
        R_s in ohm.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    saturation_current: float
    overdrive: float
    series_resistance: float = 0.0

    def __post_init__(self) -> None:
        positive("Transistor.saturation_current", self.saturation_current, "A")
        positive("Transistor.overdrive", self.overdrive, "V")
        not_negative("Transistor.series_resistance", self.series_resistance, "ohm")

    @property
    def is_ideal(self) -> bool:
        """False: the cell voltage is unknown."""
        return False

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        """Return I in A and -dI/dV_cell in S for V_app and V_cell in V."""
        scale = self.saturation_current / self.overdrive
        excess = (drive - cell_voltage) / self.overdrive
        rho = self.series_resistance * scale
        # x + rho (2 x - x^2) = excess: the root that goes through the origin.
        linear = 1.0 + 2.0 * rho
        if excess >= 1.0 + rho:
            return self.saturation_current, 0.0
        root = math.sqrt(linear * linear - 4.0 * rho * excess)
        drop = 2.0 * excess / (linear + root)
        slope = 2.0 * scale * (1.0 - drop)
        current = self.saturation_current * drop * (2.0 - drop)
        return current, slope / (1.0 + self.series_resistance * slope)

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:  # noqa: ARG002
        """Return the terminal voltage in V: the drive itself."""
        return drive

    def __str__(self) -> str:
        return (
            f"I = {self.saturation_current:.4g} A (2 x - x^2), x = (V_app - V_cell - "
            f"{self.series_resistance:g} ohm I)/{self.overdrive:g} V, at most 1"
        )


@dataclass(frozen=True, slots=True)
class ChargedSource:
    """A source with a capacitance beside the cell, which takes C dV_cell/dt of its current.

    Parameters
    ----------
    source
        The source.
    capacitance
        C in F.
    rate, stored
        dV_cell/dt = rate V_cell - stored by a difference formula, 1/s and V/s.
    """

    source: Source
    capacitance: float
    rate: float
    stored: float

    @property
    def is_ideal(self) -> bool:
        """False: the cell voltage is unknown."""
        return False

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        """Return what enters the cell in A, and -dI/dV_cell in S."""
        current, conductance = self.source.evaluate(drive, cell_voltage)
        charging = self.capacitance * (self.rate * cell_voltage - self.stored)
        return current - charging, conductance + self.capacitance * self.rate

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:  # noqa: ARG002
        """Return the terminal voltage in V; ``current`` is that of the cell alone."""
        supplied = self.source.evaluate(drive, cell_voltage)[0]
        return self.source.applied_voltage(drive, cell_voltage, supplied)


@dataclass(frozen=True, slots=True)
class IdealVoltage:
    """V_cell = V_app, or a bare series resistor in between.

    Parameters
    ----------
    series_resistance
        R_s in ohm; zero imposes the cell voltage.

    Raises
    ------
    InputError
        If the resistance is negative.
    """

    series_resistance: float = 0.0

    def __post_init__(self) -> None:
        not_negative("IdealVoltage.series_resistance", self.series_resistance, "ohm")

    @property
    def is_ideal(self) -> bool:
        """True without a series resistor: the solver then imposes V_cell = V_app."""
        return self.series_resistance == 0.0

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:
        """Return I in A and -dI/dV_cell in S for V_app and V_cell in V.

        Raises
        ------
        TuskError
            If the source is ideal: its current is whatever the cell takes.
        """
        if self.is_ideal:
            raise TuskError("source: an ideal voltage source has no current of its own")
        conductance = 1.0 / self.series_resistance
        return conductance * (drive - cell_voltage), conductance

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:  # noqa: ARG002
        """Return the terminal voltage in V: the drive itself."""
        return drive

    def __str__(self) -> str:
        if self.is_ideal:
            return "V_cell = V_app (ideal voltage source)"
        return f"I = (V_app - V_cell)/{self.series_resistance:.4g} ohm"


@dataclass(frozen=True, slots=True)
class CurrentSource:
    """I = drive, whatever the cell voltage.

    Parameters
    ----------
    series_resistance
        R_s in ohm; it only raises the terminal voltage.

    Raises
    ------
    InputError
        If the resistance is negative.
    """

    series_resistance: float = 0.0

    def __post_init__(self) -> None:
        not_negative("CurrentSource.series_resistance", self.series_resistance, "ohm")

    @property
    def is_ideal(self) -> bool:
        """False: the cell voltage is unknown."""
        return False

    def evaluate(self, drive: float, cell_voltage: float) -> tuple[float, float]:  # noqa: ARG002
        """Return the current ``drive`` in A and the conductance 0 S."""
        return drive, 0.0

    def applied_voltage(self, drive: float, cell_voltage: float, current: float) -> float:  # noqa: ARG002
        """Return the terminal voltage V_cell + I R_s in V."""
        return cell_voltage + current * self.series_resistance

    def __str__(self) -> str:
        return f"I = drive, V_app = V_cell + {self.series_resistance:g} ohm I"
