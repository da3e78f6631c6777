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
        ``free_energy``: the share theta of W_extra is energy of the metal, a driving force like
        z e eta, the rest a barrier of both branches.
    barrier_symmetry
        lambda of ``free_energy``, dimensionless, 0 to 1: the cathodic branch is slowed by lambda of
        the energy, the anodic one driven by the rest; None: alpha, as for eta.
    barrier_energy_share
        theta of ``free_energy``, dimensionless, 0 to 1; None: 1. theta = 0 is ``both``, theta = 1
        with lambda = 1 is ``growth``.

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
    barriers: Literal["both", "growth", "free_energy"] = "both"
    barrier_symmetry: float | None = None
    barrier_energy_share: float | None = None

    def __post_init__(self) -> None:
        positive("ButlerVolmer.charge_number", self.charge_number)
        inside("ButlerVolmer.transfer_coefficient", self.transfer_coefficient, 0.0, 1.0)
        positive("ButlerVolmer.ion_concentration", self.ion_concentration, "1/m^3")
        positive("ButlerVolmer.rate_constant", self.rate_constant, "m/s")
        not_negative("ButlerVolmer.activation_energy", self.activation_energy, "J")
        finite("ButlerVolmer.equilibrium_offset", self.equilibrium_offset, "V")
        for name in ("barrier_symmetry", "barrier_energy_share"):
            if getattr(self, name) is not None:
                inside(f"ButlerVolmer.{name}", getattr(self, name), 0.0, 1.0)

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
        growth_barrier, dissolution_barrier = self._barriers(extra_barrier)
        anodic = safe_exp(((1.0 - alpha) * driving - dissolution_barrier) / energy)
        cathodic = safe_exp((-alpha * driving - growth_barrier) / energy)
        return self.prefactor * anodic, self.prefactor * cathodic

    def _barriers(self, extra_barrier: Value) -> tuple[Value, Value]:
        """Return what the cathodic and the anodic branch have to overcome at eta = 0, J."""
        growth_barrier = self.activation_energy + extra_barrier
        if self.barriers == "both":
            return growth_barrier, growth_barrier
        if self.barriers == "growth":
            return growth_barrier, self.activation_energy
        energy = self.stored_energy(extra_barrier)
        given = self.barrier_symmetry
        symmetry = self.transfer_coefficient if given is None else given
        kinetic = growth_barrier - energy
        return kinetic + symmetry * energy, kinetic - (1.0 - symmetry) * energy

    def stored_energy(self, extra_barrier: Value) -> Value:
        """Return the energy of an atom of the filament, J, whose extra barrier is given, J.

        The branches are in equilibrium where z e eta = -energy: what z e eta gives per atom is then
        what the metal takes up, and nothing is dissipated.
        """
        if self.barriers == "growth":
            return extra_barrier
        share = 1.0 if self.barrier_energy_share is None else self.barrier_energy_share
        return 0.0 * extra_barrier if self.barriers == "both" else share * extra_barrier

    def current_density(
        self, overpotential: Value, temperature: Value, extra_barrier: Value = 0.0
    ) -> Value:
        """Return anodic minus cathodic branch in A/m^2; arguments as in `branches`."""
        anodic, cathodic = self.branches(overpotential, temperature, extra_barrier)
        return anodic - cathodic

    def __str__(self) -> str:
        z, alpha = self.charge_number, self.transfer_coefficient
        seen = {"both": "both branches", "growth": "the cathodic branch"}.get(self.barriers, "")
        if not seen:
            share = 1.0 if self.barrier_energy_share is None else self.barrier_energy_share
            given = self.barrier_symmetry
            symmetry = alpha if given is None else given
            seen = f"both branches, {share:g} of it as energy with symmetry {symmetry:g}"
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
