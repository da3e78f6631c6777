"""Relaxation of a thin metal body by surface diffusion: how long it keeps its shape.

v_n = B ∇_s²κ_m with B = D_s γ_s Ω² n_s/(kT) and n_s = Ω^(-2/3) sites per area. A cylinder of radius
r breaks up at the wavelength 8.89 r, fastest of all, in the time 4 r⁴/B (Nichols and Mullins 1965).
"""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.physics.constants import BOLTZMANN
from tusk.solver.physics.functions import Value, exp


@dataclass(frozen=True, slots=True)
class CapillaryRelaxation:
    """t = 4 r⁴/B."""

    surface_energy: float  # γ_s, J/m²
    diffusion_prefactor: float  # D0, m²/s
    activation_energy: float  # J
    atomic_volume: float  # Ω, m³

    def mobility(self, temperature: Value) -> Value:
        """B in m⁴/s; temperature in K."""
        thermal = BOLTZMANN * temperature
        diffusivity = self.diffusion_prefactor * exp(-self.activation_energy / thermal)
        return diffusivity * self.surface_energy * self.atomic_volume ** (4 / 3) / thermal

    def cylinder_time(self, radius: Value, temperature: Value) -> Value:
        """Growth time of the fastest mode of a cylinder, s; radius in m."""
        return 4.0 * radius**4 / self.mobility(temperature)
