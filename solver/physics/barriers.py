"""Extra energy barriers of growth: mechanical stress [B 9] and void [B 11]."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.checks import not_negative, positive
from tusk.solver.physics.constants import EV
from tusk.solver.physics.functions import Value, safe_exp

__all__ = ["ExponentialStress", "ExponentialVoid", "NoStress", "NoVoid"]

_LIMIT = 100.0
# Beyond an exponent of 100 a barrier follows its tangent: 1e43 times its scale is as good as
# infinite, and its quotient with kT still fits a double.


@dataclass(frozen=True, slots=True)
class ExponentialStress:
    """W_mech(r) = W_m0 (exp(r/r_tem) - 1): a wide filament has to deform the oxide.

    Parameters
    ----------
    energy
        W_m0 in J.
    radius
        r_tem in m.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    energy: float
    radius: float

    def __post_init__(self) -> None:
        not_negative("ExponentialStress.energy", self.energy, "J")
        positive("ExponentialStress.radius", self.radius, "m")

    def energy_barrier(self, position: Value) -> Value:
        """Return W_mech in J at the radial position r in m (any shape)."""
        return self.energy * (safe_exp(position / self.radius, _LIMIT) - 1.0)

    def __str__(self) -> str:
        return f"W_mech = {self.energy / EV:.4g} eV (exp(r/{self.radius * 1e9:.4g} nm) - 1)"


@dataclass(frozen=True, slots=True)
class ExponentialVoid:
    """W_void(z) = W_v0 exp((z - L)/z0): the void left by the electrode resists filling.

    Parameters
    ----------
    energy
        W_v0 in J.
    length
        z0 in m.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    energy: float
    length: float

    def __post_init__(self) -> None:
        not_negative("ExponentialVoid.energy", self.energy, "J")
        positive("ExponentialVoid.length", self.length, "m")

    def energy_barrier(self, position: Value) -> Value:
        """Return W_void in J at the height z - L above the original interface in m.

        Far above the interface the barrier is huge but finite.
        """
        return self.energy * safe_exp(position / self.length, _LIMIT)

    def __str__(self) -> str:
        return f"W_void = {self.energy / EV:.4g} eV exp((z - L)/{self.length * 1e9:.4g} nm)"


@dataclass(frozen=True, slots=True)
class NoStress:
    """No mechanical barrier."""

    def energy_barrier(self, position: Value) -> Value:
        """Return zero in J, in the shape of ``position``."""
        return 0.0 * position

    def __str__(self) -> str:
        return "W_mech = 0 (no stress)"


@dataclass(frozen=True, slots=True)
class NoVoid:
    """No void barrier."""

    def energy_barrier(self, position: Value) -> Value:
        """Return zero in J, in the shape of ``position``."""
        return 0.0 * position

    def __str__(self) -> str:
        return "W_void = 0 (no void)"
