"""Config section of surface tension."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from .base import Null, Section, problem
from .quantities import Bounds, Diffusivity, Energy, Number, SurfaceEnergy, Velocity

RIGHT_ANGLE = 90.0
"""Contact angle where nothing else is known, degrees."""


class Capillarity(Section):
    """Surface tension of the filament: curved metal is oxidised more easily, atoms diffuse on it.

    Energies and diffusivity that are left out are those cited for the active electrode's metal.
    """

    model: Annotated[Literal["none", "surface_tension"], Null("none")] = Field(
        default="none",
        description="none: curvature changes nothing; surface_tension: Gibbs-Thomson potential,"
        " surface diffusion, Young's angle",
    )
    surface_energy: Annotated[SurfaceEnergy | None, Null(None)] = Field(
        default=None, description="gamma of the metal against the oxide"
    )
    diffusion_prefactor: Annotated[Diffusivity | None, Null(None)] = Field(
        default=None, description="D_0 of atoms on the surface"
    )
    activation_energy: Annotated[Energy | None, Null(None)] = Field(
        default=None, description="E_s of atoms on the surface"
    )
    contact_angle: Annotated[float, Number(Bounds(gt=0.0, lt=180.0)), Null(RIGHT_ANGLE)] = Field(
        default=RIGHT_ANGLE, description="Young's angle inside the metal, in degrees"
    )
    contact_mobility: Annotated[Velocity | None, Null(None)] = Field(
        default=None,
        description="m in dr/dt = m (cos theta - cos theta_now); null = that angle at any time",
    )

    @model_validator(mode="after")
    def _keys_belong_to_surface_tension(self) -> Capillarity:
        if self.model == "none":
            for key in type(self).model_fields:
                if getattr(self, key) != type(self).model_fields[key].default:
                    raise problem("belongs to model: surface_tension, not none", key=key)
        return self
