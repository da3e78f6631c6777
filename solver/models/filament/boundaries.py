"""What heat and electrons meet where two materials of the cell touch."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.meshes.cell import FILAMENT
from tusk.solver.config import FilamentConfig
from tusk.solver.errors import InputError
from tusk.solver.fields.field import INSULATORS
from tusk.solver.parameters.materials import ELECTRONIC_STRUCTURE
from tusk.solver.physics.barrier_heating import AtFaces, OverLength
from tusk.solver.physics.boundaries import (
    BoundaryConductance,
    NoBoundary,
    NoConstriction,
    SharvinConstriction,
    sharvin_conductance,
)
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM
from tusk.solver.units import parse_in


@dataclass(frozen=True, slots=True)
class Boundaries:
    """The laws of the boundaries between two materials.

    Attributes
    ----------
    filament_oxide, electrode_oxide
        Heat: of filament and active electrode with the oxide, the faces of the gap as well.
    filament_counter_electrode
        Heat: of the filament with the metal that it stands on.
    base
        Electrons: where the filament begins.
    deposition
        Where electrons that have crossed the gap give their energy.
    """

    filament_oxide: BoundaryConductance | NoBoundary
    electrode_oxide: BoundaryConductance | NoBoundary
    filament_counter_electrode: BoundaryConductance | NoBoundary
    base: NoConstriction | SharvinConstriction
    deposition: AtFaces | OverLength

    def of_heat(self, region: int) -> tuple[tuple[str, BoundaryConductance], ...]:
        """Return what heat meets at the boundaries of a region, by the symbol of their nodes."""
        sides: dict[str, BoundaryConductance | NoBoundary] = {}
        if region == FILAMENT:
            sides = {"filament_base": self.filament_counter_electrode}
        if region in INSULATORS:
            faces = self.filament_oxide, self.electrode_oxide
            sides = dict(zip(("filament_side", "electrode_side"), faces, strict=True))
        return tuple(
            (name, law) for name, law in sides.items() if isinstance(law, BoundaryConductance)
        )

    def of_electrons(self, region: int) -> tuple[tuple[str, SharvinConstriction], ...]:
        """Return what electrons meet at the boundaries of a metal, by the symbol of their nodes."""
        law = self.base
        if isinstance(law, SharvinConstriction) and region == FILAMENT:
            return (("filament_base", law),)
        return ()

    def __str__(self) -> str:
        return (
            f"filament/oxide {self.filament_oxide}, electrode/oxide {self.electrode_oxide}, "
            f"filament/counter electrode {self.filament_counter_electrode}; {self.base}; "
            f"{self.deposition}"
        )


def build_boundaries(config: FilamentConfig) -> Boundaries:
    """Return the laws of the boundaries that a configuration asks for."""
    thermal, length = config.thermal, config.tunnel.deposition_length
    return Boundaries(
        _of_heat(thermal.filament_oxide_conductance),
        _of_heat(thermal.electrode_oxide_conductance),
        _of_heat(thermal.filament_counter_conductance),
        _base(config),
        AtFaces() if length is None else OverLength(length),
    )


def _of_heat(conductance: float | None) -> BoundaryConductance | NoBoundary:
    return NoBoundary() if conductance is None else BoundaryConductance(conductance)


def _base(config: FilamentConfig) -> NoConstriction | SharvinConstriction:
    """Return what electrons meet where the filament begins."""
    if config.filament.constriction == "none":
        return NoConstriction()
    return SharvinConstriction(_fermi_wavenumber(config, "filament.constriction"))


def channels_per_site(config: FilamentConfig) -> float:
    """Return the quanta of conductance of a surface atom of the contact, at most one."""
    if config.contact.channels == "atoms":
        return 1.0
    metal = config.active_electrode
    area = (metal.atomic_mass / metal.density) ** (2 / 3)
    limit = sharvin_conductance(_fermi_wavenumber(config, "contact.channels"))
    return float(min(1.0, limit * area / CONDUCTANCE_QUANTUM))


def _fermi_wavenumber(config: FilamentConfig, key: str) -> float:
    """Return k_F of the filament's metal, 1/m.

    Raises
    ------
    InputError
        If it is not known.
    """
    name = config.stack.active_electrode
    cited = ELECTRONIC_STRUCTURE.get(name, {}).get("fermi_wavenumber")
    if cited is None:
        known = [
            metal for metal, each in ELECTRONIC_STRUCTURE.items() if "fermi_wavenumber" in each
        ]
        what = f"needs the Fermi wavenumber of {name}, known are those of {', '.join(known)}"
        raise InputError(f"{key}: {what}, got 'sharvin'")
    return float(parse_in(str(cited.raw), "1/m"))
