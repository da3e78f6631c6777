"""Config models of materials. Values come from the parameter set and the material library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from .base import Section, closest, describe
from .quantities import (
    Density,
    ElectricalConductivity,
    HeatCapacity,
    InverseTemperature,
    InverseTemperatureSquared,
    Length,
    Mass,
    ThermalConductivity,
)


class _Heat(Section):
    thermal_conductivity: ThermalConductivity = Field(description="kappa at 300 K")
    thermal_linear: InverseTemperature = Field(description="a of [B 8] for kappa")
    thermal_quadratic: InverseTemperatureSquared = Field(description="b of [B 8] for kappa")
    density: Density = Field(description="rho")
    heat_capacity: HeatCapacity = Field(description="c_p")


class Oxide(_Heat):
    """An oxide that conducts ions."""

    kind: Literal["oxide"] = Field(description="oxide")


class Metal(_Heat):
    """A metal."""

    kind: Literal["metal"] = Field(description="metal")
    electrical_conductivity: ElectricalConductivity = Field(description="sigma at 300 K")
    electrical_linear: InverseTemperature = Field(description="a of [B 8] for sigma")
    electrical_quadratic: InverseTemperatureSquared = Field(description="b of [B 8] for sigma")
    atomic_mass: Mass = Field(description="mass of one atom")
    mean_free_path: Length | None = Field(
        default=None, description="lambda of electrons, the default of filament.mean_free_path"
    )


def unknown_material(kind: str, name: str, materials: Mapping[str, object]) -> str:
    """Return what to say of a name that is none of the materials, or one of another kind.

    Parameters
    ----------
    kind
        ``metal`` or ``oxide``.
    name
        What was given.
    materials
        Those there are, as sections or as mappings.
    """
    known = [each for each, body in materials.items() if _kind(body) == kind]
    what = f"not a known {kind}{closest(name, known)}"
    return describe(what, f"{', '.join(known)}, or one that materials.{name} describes", name)


def _kind(body: object) -> object:
    return body.get("kind") if isinstance(body, dict) else getattr(body, "kind", None)


MATERIAL_KINDS = ("metal", "oxide")
Material = Annotated[Metal | Oxide, Field(discriminator="kind")]
