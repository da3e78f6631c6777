"""Which side of the gap the tunnelling electrons heat ([B 10], [M 20-22])."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.checks import inside, positive
from tusk.solver.physics.constants import ELECTRON_MASS, ELEMENTARY_CHARGE, EV, REDUCED_PLANCK
from tusk.solver.physics.functions import Value, absolute, less, minimum, sqrt, tanh, where
from tusk.solver.physics.tunnelling import decay_constant, emitter_share

__all__ = [
    "AtFaces",
    "ConstantShare",
    "Landauer",
    "Langevin",
    "NoBarrierHeating",
    "OverLength",
    "langevin_function",
]

_SERIES_BELOW = 0.3


def langevin_function(x: Value) -> Value:
    """Return coth(x) - 1/x, odd, smooth through zero.

    Parameters
    ----------
    x
        Dimensionless, any shape.

    Returns
    -------
    Value
        Between -1 and 1; below |x| = 0.3 by its series to x^9 (relative error 1e-9).
    """
    square = minimum(x * x, _SERIES_BELOW**2)
    tail = square * (2.0 / 945.0 - square * (1.0 / 4725.0 - square * (2.0 / 93555.0)))
    series = x * (1.0 / 3.0 - square * (1.0 / 45.0 - tail))
    small = less(absolute(x), _SERIES_BELOW)
    safe = where(small, 1.0, x)
    return where(small, series, 1.0 / tanh(safe) - 1.0 / safe)


@dataclass(frozen=True, slots=True)
class ConstantShare:
    """gamma_collector = constant; the emitter gets the rest.

    Parameters
    ----------
    collector_share
        gamma_collector, dimensionless, 0 to 1.

    Raises
    ------
    InputError
        If the share is not between 0 and 1.
    """

    collector_share: float

    def __post_init__(self) -> None:
        inside("ConstantShare.collector_share", self.collector_share, 0.0, 1.0)

    def shares(self, voltage: Value, gap: Value) -> tuple[Value, Value]:  # noqa: ARG002
        """Return the shares of the active electrode and of the filament.

        Parameters
        ----------
        voltage
            V = phi_e(active electrode) - phi_e(filament) in V. Positive: electrons run from the
            filament to the active electrode, which is then the collector. The jump at V = 0 does
            no harm, as the heat itself goes with V^2.
        gap
            g in m; not used by this law.

        Returns
        -------
        tuple of Value
            Dimensionless, sum 1.
        """
        share = self.collector_share
        electrode = where(less(voltage, 0.0), 1.0 - share, share)
        return electrode, 1.0 - electrode

    def __str__(self) -> str:
        return f"gamma_collector = {self.collector_share:g}, gamma_emitter = 1 - gamma_collector"


@dataclass(frozen=True, slots=True)
class Langevin:
    """gamma_collector = (1 + coth x - 1/x)/2, x = e V g sqrt(2 m*/W)/(2 hbar).

    The split of the Landauer powers P_R : P_L of [M 20-22] for a transmission that is
    exponential in energy.

    Parameters
    ----------
    effective_mass
        m*/m_e, dimensionless.
    barrier
        W in J.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    effective_mass: float
    barrier: float

    def __post_init__(self) -> None:
        positive("Langevin.effective_mass", self.effective_mass)
        positive("Langevin.barrier", self.barrier, "J")

    @property
    def slope(self) -> Value:
        """x/(V g) in 1/(V m)."""
        mass = self.effective_mass * ELECTRON_MASS
        return 0.5 * ELEMENTARY_CHARGE * sqrt(2.0 * mass / self.barrier) / REDUCED_PLANCK

    def shares(self, voltage: Value, gap: Value) -> tuple[Value, Value]:
        """Return the shares of the active electrode and of the filament, sum 1.

        Parameters
        ----------
        voltage
            V = phi_e(active electrode) - phi_e(filament) in V.
        gap
            g in m.

        Returns
        -------
        tuple of Value
            Dimensionless; above one half for the electrode where V > 0.
        """
        bias = langevin_function(self.slope * voltage * gap)
        return 0.5 * (1.0 + bias), 0.5 * (1.0 - bias)

    def __str__(self) -> str:
        return (
            "gamma_collector = (1 + coth x - 1/x)/2, "
            f"x = {self.slope * 1e-9:.4g} V g/(V nm) "
            f"(m* = {self.effective_mass:g} m_e, W = {self.barrier / EV:g} eV)"
        )


@dataclass(frozen=True, slots=True)
class Landauer:
    """gamma_emitter = <min(eps, eV)>/2eV over the current of the full Simmons law.

    The heat split of Landauer's powers with the WKB transmission of the tilted barrier, in three
    dimensions: `Langevin` is what becomes of it for a transmission exponential in energy.

    Parameters
    ----------
    effective_mass
        m*/m_e, dimensionless.
    barrier
        W in J.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    effective_mass: float
    barrier: float

    def __post_init__(self) -> None:
        positive("Landauer.effective_mass", self.effective_mass)
        positive("Landauer.barrier", self.barrier, "J")

    def shares(self, voltage: Value, gap: Value) -> tuple[Value, Value]:
        """Return the shares of the active electrode and of the filament, sum 1.

        Parameters
        ----------
        voltage
            V = phi_e(active electrode) - phi_e(filament) in V.
        gap
            g in m.

        Returns
        -------
        tuple of Value
            Dimensionless; above one half for the electrode where V > 0.
        """
        thickness = decay_constant(self.effective_mass, self.barrier) * gap
        bias = absolute(voltage) * (ELEMENTARY_CHARGE / self.barrier)
        emitter = emitter_share(thickness, bias)
        electrode = where(less(voltage, 0.0), emitter, 1.0 - emitter)
        return electrode, 1.0 - electrode

    def __str__(self) -> str:
        return (
            "gamma_emitter = <min(eps, eV)>/2eV over the current of the full Simmons law "
            f"(m* = {self.effective_mass:g} m_e, W = {self.barrier / EV:g} eV)"
        )


@dataclass(frozen=True, slots=True)
class NoBarrierHeating:
    """The tunnel current heats neither side."""

    def shares(self, voltage: Value, gap: Value) -> tuple[Value, Value]:
        """Return two zeros in the shape of the arguments."""
        zero = 0.0 * (voltage + gap)
        return zero, zero

    def __str__(self) -> str:
        return "gamma = 0 (no barrier heating)"


@dataclass(frozen=True, slots=True)
class AtFaces:
    """The heat is given up at the two faces of the gap."""

    def __str__(self) -> str:
        return "the heat stays at the faces of the gap (length 0)"


@dataclass(frozen=True, slots=True)
class OverLength:
    """The heat is given up where electrons lose it to the lattice.

    Parameters
    ----------
    deposition_length
        l = sqrt(kappa_e/G) in bulk metal, m.

    Raises
    ------
    InputError
        If it is not positive.
    """

    deposition_length: float

    def __post_init__(self) -> None:
        positive("OverLength.deposition_length", self.deposition_length, "m")

    def __str__(self) -> str:
        return f"the heat is given over l = {self.deposition_length * 1e9:.4g} nm in bulk metal"
