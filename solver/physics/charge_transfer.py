"""Butler-Volmer charge transfer at the metal/oxide interfaces ([B 1-3])."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tusk.solver.physics.checks import finite, inside, not_negative, positive
from tusk.solver.physics.constants import ELEMENTARY_CHARGE, EV
from tusk.solver.physics.functions import Value, safe_exp
from tusk.solver.physics.thermal_energy import thermal_energy

__all__ = ["ButlerVolmer", "NoChargeTransfer"]


@dataclass(frozen=True, slots=True)
class ButlerVolmer:
    """J = J0 [exp((1 - alpha) z e eta/kT) - exp(-alpha z e eta/kT)], positive = oxidation.

    J0 = z e c k0 exp(-W/kT) with W the sum of the activation energy and of the extra barriers of
    growth (stress, void). Prefactor and exponents are joined before the exponential is taken, and
    exponents above 200 continue along the tangent, so that no iterate overflows.

    Parameters
    ----------
    charge_number
        z_c, dimensionless.
    transfer_coefficient
        alpha, the cathodic one, dimensionless, 0 to 1.
    ion_concentration
        c_ion in 1/m^3.
    rate_constant
        k0 in m/s.
    activation_energy
        Delta G_A in J.
    equilibrium_offset
        phi_eq in V.
    barriers
        ``both``: the extra barriers slow oxidation and reduction (as printed). ``growth``: the
        anodic branch sees the activation energy alone. Zero current then lies at
        eta = -W_extra/(z e): the barrier acts as stored energy that drives dissolution.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    charge_number: int
    transfer_coefficient: float
    ion_concentration: float
    rate_constant: float
    activation_energy: float
    equilibrium_offset: float = 0.0
    barriers: Literal["both", "growth"] = "both"

    def __post_init__(self) -> None:
        positive("ButlerVolmer.charge_number", self.charge_number)
        inside("ButlerVolmer.transfer_coefficient", self.transfer_coefficient, 0.0, 1.0)
        positive("ButlerVolmer.ion_concentration", self.ion_concentration, "1/m^3")
        positive("ButlerVolmer.rate_constant", self.rate_constant, "m/s")
        not_negative("ButlerVolmer.activation_energy", self.activation_energy, "J")
        finite("ButlerVolmer.equilibrium_offset", self.equilibrium_offset, "V")

    @property
    def prefactor(self) -> float:
        """The barrier-free exchange current density z e c k0 in A/m^2."""
        return self.charge_number * ELEMENTARY_CHARGE * self.ion_concentration * self.rate_constant

    def overpotential(self, electronic_potential: Value, ionic_potential: Value) -> Value:
        """Return eta = phi_e - phi_i - phi_eq in V; all potentials in V."""
        return electronic_potential - ionic_potential - self.equilibrium_offset

    def exchange_current_density(self, temperature: Value, extra_barrier: Value = 0.0) -> Value:
        """Return J0 = z e c k0 exp(-W/kT) in A/m^2 for T in K and an extra barrier in J."""
        barrier = self.activation_energy + extra_barrier
        return self.prefactor * safe_exp(-barrier / thermal_energy(temperature))

    def branches(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> tuple[Value, Value]:
        """Return the anodic and the cathodic current density.

        Parameters
        ----------
        overpotential
            eta in V, any shape.
        temperature
            T in K, shape as ``overpotential`` or broadcastable to it.
        extra_barrier
            Stress plus void barrier in J, zero on the active electrode.

        Returns
        -------
        tuple of Value
            Anodic (metal to oxide) and cathodic (oxide to metal) branch, both >= 0, in A/m^2.
        """
        energy = thermal_energy(temperature)
        driving = self.charge_number * ELEMENTARY_CHARGE * overpotential
        alpha = self.transfer_coefficient
        growth_barrier = self.activation_energy + extra_barrier
        both = self.barriers == "both"
        dissolution_barrier = growth_barrier if both else self.activation_energy
        anodic = safe_exp(((1.0 - alpha) * driving - dissolution_barrier) / energy)
        cathodic = safe_exp((-alpha * driving - growth_barrier) / energy)
        return self.prefactor * anodic, self.prefactor * cathodic

    def current_density(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> Value:
        """Return anodic minus cathodic branch in A/m^2; arguments as in `branches`."""
        anodic, cathodic = self.branches(overpotential, temperature, extra_barrier)
        return anodic - cathodic

    def __str__(self) -> str:
        z, alpha = self.charge_number, self.transfer_coefficient
        seen = "both branches" if self.barriers == "both" else "the cathodic branch"
        return (
            f"J = J0 [exp({(1 - alpha) * z:g} e eta/kT) - exp(-{alpha * z:g} e eta/kT)], "
            f"J0 = {self.prefactor:.4g} A/m^2 exp(-W/kT), "
            f"W = {self.activation_energy / EV:.4g} eV + stress + void on {seen}, "
            f"eta = phi_e - phi_i - {self.equilibrium_offset:g} V"
        )


@dataclass(frozen=True, slots=True)
class NoChargeTransfer:
    """A blocking interface: no ions cross it."""

    def overpotential(self, electronic_potential: Value, ionic_potential: Value) -> Value:
        """Return phi_e - phi_i in V."""
        return electronic_potential - ionic_potential

    def exchange_current_density(self, temperature: Value, extra_barrier: Value = 0.0) -> Value:
        """Return zero in A/m^2, in the shape of the arguments."""
        return 0.0 * (temperature + extra_barrier)

    def branches(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> tuple[Value, Value]:
        """Return two zeros in A/m^2, in the shape of the arguments."""
        zero = 0.0 * (overpotential + temperature + extra_barrier)
        return zero, zero

    def current_density(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> Value:
        """Return zero in A/m^2, in the shape of the arguments."""
        return self.branches(overpotential, temperature, extra_barrier)[0]

    def __str__(self) -> str:
        return "J = 0 (no charge transfer)"
