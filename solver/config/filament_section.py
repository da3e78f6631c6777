"""Config section of the filament's conductivities. Defaults come from the parameter set."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .base import Null
from .families import Family, FromFile, Law, LawSection
from .quantities import Bounds, GrainSize, Length, Number, ThermalConductivity


class _SizeEffect(Law):
    specularity: Annotated[float, Number(Bounds(ge=0.0, lt=1.0))] = Field(
        description="p, share of electrons reflected specularly"
    )
    mean_free_path: Length = Field(
        description="lambda of electrons; left out, that of the active electrode's material"
    )


class ThinWire(_SizeEffect):
    """sigma/sigma_bulk = min(1, (1 + p)/(1 - p) d/lambda)."""

    name: Literal["thin_wire"]


class Nordheim(_SizeEffect):
    """sigma/sigma_bulk = 1/(1 + (lambda/d)(1 - p)/(1 + p))."""

    name: Literal["nordheim"]


class ExactWire(_SizeEffect):
    """The Boltzmann equation in a round wire (Dingle, Chambers)."""

    name: Literal["exact_wire"]


class ExactFilm(_SizeEffect):
    """The Boltzmann equation in a film as thick as the filament is wide (Fuchs)."""

    name: Literal["exact_film"]


class MayadasShatzkes(_SizeEffect):
    """The round wire with grain boundaries across it, resistivities added."""

    name: Literal["mayadas_shatzkes"]
    reflection: Annotated[float, Number(Bounds(ge=0.0, lt=1.0))] = Field(
        default=0.25,
        description="R, share of electrons that a grain boundary sends back; 0.2 to 0.3 in lines of"
        " Cu, Steinhoegl, Phys. Rev. B 66, 075414 (2002)",
    )
    grain_size: GrainSize = Field(
        default="diameter",
        description="D, distance of grain boundaries; diameter = that of the wire",
    )


class Bulk(Law):
    """No size effect."""

    name: Literal["bulk"]


class BulkHeat(Law):
    """kappa of the filament = kappa of the active electrode."""

    name: Literal["bulk"]


class ConstantHeat(Law):
    """kappa of the filament = a number of its own."""

    name: Literal["constant"]
    filament_thermal_conductivity: ThermalConductivity = Field(description="kappa of the filament")


class WiedemannFranz(Law):
    """kappa of the filament = L0 T sigma + kappa_lattice, sigma that of the thin filament."""

    name: Literal["wiedemann_franz"]
    lattice_conductivity: ThermalConductivity | None = Field(
        default=None,
        description="kappa_lattice, of the phonons, null = 0; some 10 W/m/K in bulk Cu",
    )


class Filament(LawSection):
    """Conductivities of the thin filament, Fuchs-Sondheimer family [B 6]."""

    law: Annotated[
        ThinWire | Nordheim | ExactWire | ExactFilm | MayadasShatzkes | Bulk | FromFile, Family()
    ] = Field(alias="@conductivity", description="law of the size effect")
    heat: Annotated[BulkHeat | ConstantHeat | WiedemannFranz | FromFile, Family(), Null("bulk")] = (
        Field(alias="@thermal", description="law of the thermal conductivity")
    )
    constriction: Annotated[Literal["none", "sharvin"], Null("none")] = Field(
        description="resistance of the channels where the filament meets the counter electrode"
    )
