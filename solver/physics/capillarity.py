"""Surface tension of metal: Gibbs-Thomson potential, surface diffusion, Young's angle.

A surface of curvature kappa (the sum of the principal curvatures, positive where metal is convex)
has atoms of chemical potential gamma Omega kappa above those of a flat one. They are oxidised more
easily by that energy over z_c e, and diffuse along the surface from high to low (Mullins 1957).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, degrees, inf, pi

from tusk.solver.errors import InputError
from tusk.solver.physics.capillary import CapillaryRelaxation
from tusk.solver.physics.checks import inside, not_negative, positive
from tusk.solver.physics.constants import ELEMENTARY_CHARGE, EV
from tusk.solver.physics.functions import Value

__all__ = [
    "COPPER_IN_OXIDE",
    "SILVER",
    "Capillarity",
    "NoCapillarity",
    "SurfaceDiffusion",
    "SurfaceTension",
    "young_angle",
]


@dataclass(frozen=True, slots=True)
class SurfaceTension:
    """V_GT = gamma Omega kappa/(z_c e), to be added to the overpotential eta of metal surfaces.

    Parameters
    ----------
    surface_energy
        gamma in J/m^2.
    charge_number
        z_c, dimensionless.
    atomic_volume
        Omega in m^3.

    Raises
    ------
    InputError
        If a parameter is not positive.
    """

    surface_energy: float
    charge_number: int
    atomic_volume: float

    def __post_init__(self) -> None:
        positive("surface_energy", self.surface_energy, "J/m^2")
        positive("charge_number", self.charge_number)
        positive("atomic_volume", self.atomic_volume, "m^3")

    def potential(self, curvature: Value) -> Value:
        """Return V_GT in V for kappa in 1/m, any shape: positive, anodic, on convex metal."""
        per_curvature = self.surface_energy * self.atomic_volume
        return per_curvature / (self.charge_number * ELEMENTARY_CHARGE) * curvature

    def __str__(self) -> str:
        per_curvature = float(self.potential(1e9))
        return f"eta + gamma Omega kappa/(z e), {per_curvature:.4g} V per 1/nm of curvature"


@dataclass(frozen=True, slots=True)
class SurfaceDiffusion:
    """v_n = B lap_s kappa, B = D_s gamma Omega^(4/3)/(kT), D_s = D_0 exp(-E_s/kT).

    Parameters
    ----------
    surface_energy
        gamma in J/m^2.
    diffusion_prefactor
        D_0 in m^2/s.
    activation_energy
        E_s in J.
    atomic_volume
        Omega in m^3.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    surface_energy: float
    diffusion_prefactor: float
    activation_energy: float
    atomic_volume: float

    def __post_init__(self) -> None:
        positive("surface_energy", self.surface_energy, "J/m^2")
        positive("diffusion_prefactor", self.diffusion_prefactor, "m^2/s")
        not_negative("activation_energy", self.activation_energy, "J")
        positive("atomic_volume", self.atomic_volume, "m^3")

    def mobility(self, temperature: Value) -> Value:
        """Return B in m^4/s for T in K, any shape."""
        return CapillaryRelaxation(
            self.surface_energy,
            self.diffusion_prefactor,
            self.activation_energy,
            self.atomic_volume,
        ).mobility(temperature)

    def __str__(self) -> str:
        return (
            f"v_n = B lap_s kappa, B = {self.diffusion_prefactor:.4g} m^2/s "
            f"exp(-{self.activation_energy / EV:.4g} eV/kT) "
            f"{self.surface_energy:.4g} J/m^2 Omega^(4/3)/kT"
        )


@dataclass(frozen=True, slots=True)
class Capillarity:
    """All that surface tension does to the surface of one metal.

    Parameters
    ----------
    tension
        The potential of a curved surface.
    diffusion
        What it drives along the surface.
    contact_angle
        Young's angle inside the metal on the counter-electrode, rad.
    contact_mobility
        m in dr/dt = m (cos theta - cos theta_now), m/s; infinite: Young's angle at once, 0: pinned.

    Raises
    ------
    InputError
        If the angle is not between 0 and pi or the mobility negative.
    """

    tension: SurfaceTension
    diffusion: SurfaceDiffusion
    contact_angle: float = pi / 2
    contact_mobility: float = inf

    def __post_init__(self) -> None:
        inside("contact_angle", self.contact_angle, 0.0, pi)
        if not self.contact_mobility >= 0.0:
            raise InputError(f"contact_mobility: must not be negative, got {self.contact_mobility}")

    def potential(self, curvature: Value) -> Value:
        """Return V_GT in V for kappa in 1/m, any shape."""
        return self.tension.potential(curvature)

    def mobility(self, temperature: Value) -> Value:
        """Return B in m^4/s for T in K, any shape."""
        return self.diffusion.mobility(temperature)

    def __str__(self) -> str:
        angle = degrees(self.contact_angle)
        return f"{self.tension}; {self.diffusion}; {angle:.4g} deg at electrodes"


@dataclass(frozen=True, slots=True)
class NoCapillarity:
    """Surfaces without tension: curvature changes nothing."""

    def potential(self, curvature: Value) -> Value:
        """Return zero in V, in the shape of the argument."""
        return 0.0 * curvature

    def mobility(self, temperature: Value) -> Value:
        """Return zero in m^4/s, in the shape of the argument."""
        return 0.0 * temperature

    def __str__(self) -> str:
        return "no surface tension"


def young_angle(surface_energy: float, between: float, electrode: float) -> float:
    """Return Young's contact angle inside the metal, rad: cos theta = (g_e - g_i)/gamma.

    Parameters
    ----------
    surface_energy
        gamma of metal against oxide, J/m^2.
    between
        g_i of metal against electrode, J/m^2.
    electrode
        g_e of electrode against oxide, J/m^2.

    Raises
    ------
    InputError
        If gamma is not positive or |g_e - g_i| > gamma: metal would wet the electrode wholly or not
        at all, and no angle exists.
    """
    positive("surface_energy", surface_energy, "J/m^2")
    cosine = (electrode - between) / surface_energy
    if not -1.0 <= cosine <= 1.0:
        raise InputError(
            "surface energies of the electrode: must differ by at most "
            f"{surface_energy:g} J/m^2, got {electrode:g} and {between:g} J/m^2"
        )
    return acos(cosine)


SILVER = SurfaceDiffusion(1.2, 1e-7, 0.47 * EV, 1.71e-29)
"""Ag: gamma 1.2 J/m^2 [L] (1.25 in Tyson and Miller, Surf. Sci. 62, 267, 1977), Omega = M/(rho N_A)
from 10.49 g/cm^3 [H]; D_0 1e-7 m^2/s and E_s 0.47 eV are estimates [E]."""

COPPER_IN_OXIDE = SurfaceDiffusion(1.8, 1e-7, 0.9 * EV, 1.18e-29)
"""Cu against oxide: gamma 1.8 J/m^2 [L] (1.79, same source), Omega from 8.96 g/cm^3 [H]; E_s 0.9 eV
and D_0 as for Ag are estimates [E]."""
