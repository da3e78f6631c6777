"""Config sections of the physics. Their defaults come from the parameter set, not from here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from ..units import parse_quantity
from .base import Section, closest, context_of, problem
from .extensions import is_law_spec, locate_law
from .quantities import (
    Bounds,
    Concentration,
    Energy,
    Fraction,
    Frequency,
    Length,
    MatchedLength,
    Number,
    OpenFraction,
    PositiveEnergy,
    PositiveNumber,
    PositiveVoltage,
    Temperature,
    Velocity,
    Voltage,
)

TUNNEL_MODELS = ("simmons_linear", "simmons_full", "none")


def _tunnel_model(value: str, info: ValidationInfo) -> str:
    """Return a built-in name, or ``/full/path.py:Class`` for a law of the user's own."""
    if value in TUNNEL_MODELS:
        return value
    allowed = f"{', '.join(TUNNEL_MODELS)} or file.py:ClassName"
    if not is_law_spec(value):
        raise problem(f"unknown law{closest(value, TUNNEL_MODELS)}", allowed, value)
    context = context_of(info)
    if not context.allow_code:
        raise problem("runs Python code from outside, which needs --allow-code", allowed, value)
    return locate_law(value, context.base_dir)


class Stack(Section):
    """The cell: materials and dimensions."""

    oxide: str = Field(description="material of the switching layer")
    oxide_thickness: Length = Field(description="L, thickness of the oxide")
    active_electrode: str = Field(description="metal that dissolves and forms the filament")
    active_electrode_thickness: Length = Field(description="thickness of the active electrode")
    counter_electrode: str = Field(description="inert metal the filament grows from")
    counter_electrode_thickness: Length = Field(description="thickness of the counter electrode")
    domain_radius: Length = Field(description="radius of the simulated cylinder")
    nucleus_radius: Length = Field(description="radius of the initial hemisphere")


class Kinetics(Section):
    """Charge transfer, Butler-Volmer [B 1-3, 12]."""

    barriers: Literal["both", "growth"] = Field(
        description="whether barriers slow both branches, or growth alone"
    )
    charge_number: Annotated[int, Number(Bounds(ge=1.0, le=8.0), whole=True)] = Field(
        description="z_c, charges per ion"
    )
    transfer_coefficient: OpenFraction = Field(description="alpha, of the cathodic branch")
    ion_concentration: Concentration = Field(description="c_ion, ions in the oxide")
    rate_constant: Velocity = Field(description="k0")
    activation_energy: Energy = Field(description="Delta G_A")
    equilibrium_offset: Voltage = Field(description="phi_eq, emf of the cell")


class Hopping(Section):
    """Ionic conduction, Mott-Gurney [B 4]."""

    distance: Length = Field(description="a, hopping distance")
    attempt_frequency: Frequency = Field(description="f")
    barrier: Energy = Field(description="Delta G_hop")


class Tunnel(Section):
    """Electrons across the gap [B 5] and the heat they leave [B 10]."""

    model: Annotated[str, AfterValidator(_tunnel_model)] = Field(
        strict=True, description="simmons_linear, simmons_full, none, or file.py:ClassName"
    )
    effective_mass: PositiveNumber = Field(description="m*, in electron masses")
    barrier: PositiveEnergy = Field(description="Delta W0, barrier height")
    prefactor: PositiveNumber = Field(description="c of [B 5]")
    gap: Literal["column", "nearest"] = Field(description="how the local gap is measured")
    heating: Literal["constant", "langevin", "none"] = Field(
        description="how the barrier heat is shared between the two ends"
    )
    collector_share: Fraction = Field(description="gamma of the collector, with heating: constant")


class Filament(Section):
    """Conductivity of the thin filament, Fuchs-Sondheimer family [B 6]."""

    conductivity: Literal["thin_wire", "nordheim", "exact_wire", "exact_film", "bulk"] = Field(
        description="member of the family"
    )
    specularity: Annotated[float, Number(Bounds(ge=0.0, lt=1.0))] = Field(
        description="p, share of electrons reflected specularly"
    )
    mean_free_path: Length = Field(
        description="lambda of electrons; left out, that of the active electrode's material"
    )


class Stress(Section):
    """Mechanical barrier of widening, Delta W_mech [B 9]."""

    model: Literal["exponential", "none"] = Field(description="none switches it off")
    energy: Energy = Field(description="W_m0")
    radius: Length = Field(description="r_tem, radius of the template")


class Void(Section):
    """Dissolution of the active electrode and the barrier in its void [B 11]."""

    model: Literal["exponential", "none"] = Field(
        description="barrier in the void; none switches the barrier off, not the dissolution"
    )
    dissolution_ratio: Fraction = Field(description="v*; 0 = the electrode does not dissolve")
    energy: Energy = Field(description="W_v0")
    length: Length = Field(description="z0, height over which the barrier grows by e")
    max_depth: Length | None = Field(description="cap of the recess; null = no cap")
    healing: Literal["follow", "keep"] = Field(
        description="whether the recess heals when the filament shrinks"
    )
    electrode_barriers: bool = Field(
        strict=True, description="the full sum of barriers on the active electrode as well"
    )


class Thermal(Section):
    """Heat conduction."""

    model: Literal["steady", "transient"] = Field(description="transient for ns pulses")
    ambient_temperature: Temperature = Field(description="T0, of the outer electrode surfaces")
    side: Literal["insulated", "ambient"] = Field(description="condition at the domain radius")


class Contact(Section):
    """Contact regime: what becomes of the gap law, and of the gap, where the filament arrives."""

    model: Literal["none", "qpc", "handover", "master_equation"] = Field(
        default="none",
        description="none: tunnel law alone; qpc: point contacts alone; handover: from the tunnel"
        " law to one channel per atom; master_equation: that, and a patch of two-state sites",
    )
    radius: MatchedLength = Field(
        default="match",
        description="R of a point contact; match = that of the tunnel law's decay length",
    )
    effective_mass: PositiveNumber = Field(
        default=1.0,
        description="m of a point contact, in electron masses; sets its bias dependence",
    )
    gap: Length = Field(default=1.5e-10, description="gap at which a column joins the patch")
    mode: Literal["mean_field", "distribution", "stochastic"] = Field(
        default="mean_field", description="mean of the sites, P(n, t), or drawn events"
    )
    rates: Literal["kinetics", "phenomenological"] = Field(
        default="kinetics", description="from charge transfer on the mesh, or [M 15, 16]"
    )
    bond_energy: Energy = Field(
        default=parse_quantity("0.1 eV", "energy"),
        description="E_bond, by which a conducting site is held",
    )
    disorder: Fraction = Field(default=0.03, description="width of 1 - T_i of the conducting sites")
    recoil: bool = Field(
        default=False,
        strict=True,
        description="sites with T_i < 1 switch faster by the recoil force [K 12, 13]",
    )
    set_rate: Frequency | None = Field(
        default=None, description="omega_0S of rates: phenomenological"
    )
    set_voltage: PositiveVoltage | None = Field(
        default=None, description="V_0S of rates: phenomenological"
    )
    reset_rate: Frequency | None = Field(
        default=None, description="omega_0R of rates: phenomenological"
    )
    reset_voltage: PositiveVoltage | None = Field(
        default=None, description="V_0R of rates: phenomenological"
    )

    @model_validator(mode="after")
    def _phenomenological_rates_are_given(self) -> Contact:
        for key in ("set_rate", "set_voltage", "reset_rate", "reset_voltage"):
            given = getattr(self, key) is not None
            if given != (self.rates == "phenomenological"):
                what = "belongs to rates: phenomenological" if given else "missing"
                raise problem(what, key=key)
        return self
