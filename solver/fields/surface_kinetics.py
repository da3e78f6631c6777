"""Charge transfer at a metal surface, stated once: Buttberg 2025, eqs. 2, 3, 9, 11 and 12."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tusk.solver.physics import protocols
from tusk.solver.physics.functions import Value


class Surface(Enum):
    """Which metal the ions leave."""

    FILAMENT = "filament"
    ELECTRODE = "electrode"


@dataclass(frozen=True, slots=True)
class SurfaceKinetics:
    """Butler-Volmer with the barriers of a place; symbols and numbers alike, SI.

    Attributes
    ----------
    charge_transfer
        The law.
    stress, void
        Barriers on the filament.
    electrode_barriers
        Whether they act on the electrode as well, or ``void``: that of the void alone.
    oxide_thickness
        Height of the original oxide/electrode plane, m.
    """

    charge_transfer: protocols.ChargeTransfer
    stress: protocols.EnergyBarrier
    void: protocols.EnergyBarrier
    electrode_barriers: bool | str
    oxide_thickness: float

    def barrier(self, surface: Surface, r: Value, z: Value, void: bool = True) -> Value:
        """Return the extra barrier at (r, z) in m, J; ``void=False`` leaves out the void's."""
        if surface is Surface.ELECTRODE and not self.electrode_barriers:
            return 0.0
        resisting = self.void.energy_barrier(z - self.oxide_thickness) if void else 0.0
        if surface is Surface.ELECTRODE and self.electrode_barriers == "void":
            return resisting
        return self.stress.energy_barrier(r) + resisting

    def branches(
        self,
        surface: Surface,
        place: tuple[Value, Value],
        potentials: tuple[Value, Value],
        temperature: Value,
        void: bool = True,
        tension: Value | None = None,
    ) -> tuple[Value, Value]:
        """Return the anodic and the cathodic current density, both >= 0, A/m².

        Parameters
        ----------
        surface
            Of the filament or of the active electrode.
        place
            (r, z) in m.
        potentials, temperature
            phi_e, phi_i in V; K.
        void
            With the barrier of the void.
        tension
            What surface tension adds to the overpotential, V; None where surfaces have none.
        """
        law = self.charge_transfer
        over = law.overpotential(*potentials)
        if tension is not None:
            over = over + tension
        return law.branches(over, temperature, self.barrier(surface, *place, void=void))
