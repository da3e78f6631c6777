"""What a boundary between two materials resists: heat (Kapitza) and electrons (Sharvin)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tusk.solver.physics.checks import positive
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM

__all__ = [
    "BoundaryConductance",
    "NoBoundary",
    "NoConstriction",
    "SharvinConstriction",
    "sharvin_conductance",
]


def sharvin_conductance(fermi_wavenumber: float) -> float:
    """Return G0 k_F^2/(4 pi), what an opening passes per area at most, in S/m^2.

    Parameters
    ----------
    fermi_wavenumber
        k_F in 1/m.
    """
    return CONDUCTANCE_QUANTUM * fermi_wavenumber**2 / (4.0 * math.pi)


@dataclass(frozen=True, slots=True)
class BoundaryConductance:
    """q = h (T_1 - T_2): what crosses a boundary for a jump of the temperature.

    Parameters
    ----------
    conductance
        h in W/(m^2 K).

    Raises
    ------
    InputError
        If it is not positive.
    """

    conductance: float

    def __post_init__(self) -> None:
        positive("BoundaryConductance.conductance", self.conductance, "W/(m^2 K)")

    def __str__(self) -> str:
        return f"h = {self.conductance:.4g} W/(m^2 K)"


@dataclass(frozen=True, slots=True)
class NoBoundary:
    """Heat crosses without a jump of the temperature."""

    def __str__(self) -> str:
        return "no jump of T"


@dataclass(frozen=True, slots=True)
class NoConstriction:
    """Electrons enter the filament without any resistance beyond that of the metals."""

    def __str__(self) -> str:
        return "no resistance where the filament begins (perfect boundary)"


@dataclass(frozen=True, slots=True)
class SharvinConstriction:
    """J = G0 k_F^2/(4 pi) V: so much the channels of an opening pass per area (Sharvin 1965).

    Parameters
    ----------
    fermi_wavenumber
        k_F of the filament's metal in 1/m.

    Raises
    ------
    InputError
        If it is not positive.
    """

    fermi_wavenumber: float

    def __post_init__(self) -> None:
        positive("SharvinConstriction.fermi_wavenumber", self.fermi_wavenumber, "1/m")

    @property
    def conductance(self) -> float:
        """Conductance per area, S/m^2."""
        return sharvin_conductance(self.fermi_wavenumber)

    def __str__(self) -> str:
        return (
            f"J = G0 k_F^2/(4 pi) V = {self.conductance:.4g} S/m^2 V at the base of the filament "
            f"(Sharvin, k_F = {self.fermi_wavenumber * 1e-9:.4g}/nm)"
        )
