"""Config sections of the physics. Their defaults come from the parameter set, not from here."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from ..units import parse_quantity
from .base import Null, Section, context_of, problem
from .families import Family, FromFile, Law, LawSection
from .quantities import (
    BoundaryConductance,
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
from .transmissions import read_transmissions


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


class ButlerVolmer(Law):
    """J = J0 [exp((1 - alpha) z e eta/kT) - exp(-alpha z e eta/kT)] [B 1-3, 12]."""

    name: Literal["butler_volmer"]
    barriers: Literal["both", "growth", "free_energy"] = Field(
        description="whether barriers slow both branches, or growth alone, or are energy of the"
        " metal that drives both"
    )
    transfer_coefficient: OpenFraction = Field(description="alpha, of the cathodic branch")
    rate_constant: Velocity = Field(description="k0")
    activation_energy: Energy = Field(description="Delta G_A")


class Kinetics(LawSection):
    """Charge transfer between metal and oxide."""

    law: Annotated[ButlerVolmer | FromFile, Family(), Null("butler_volmer")] = Field(
        alias="@model", description="law of charge transfer"
    )
    charge_number: Annotated[int, Number(Bounds(ge=1.0, le=8.0), whole=True)] = Field(
        description="z_c, charges per ion"
    )
    ion_concentration: Concentration = Field(description="c_ion, ions in the oxide")
    equilibrium_offset: Voltage = Field(description="phi_eq, emf of the cell")
    barrier_symmetry: Annotated[Fraction | None, Null(None)] = Field(
        description="lambda, part of the energy that slows growth; null = alpha;"
        " with barriers: free_energy",
    )
    barrier_energy_share: Annotated[Fraction | None, Null(None)] = Field(
        description="theta, part of the barriers that is energy; null = 1;"
        " with barriers: free_energy",
    )

    @model_validator(mode="after")
    def _keys_of_the_free_energy(self) -> Kinetics:
        if isinstance(self.law, ButlerVolmer) and self.law.barriers != "free_energy":
            for key in ("barrier_symmetry", "barrier_energy_share"):
                if getattr(self, key) is not None:
                    raise problem("belongs to barriers: free_energy", key=key)
        return self


class Faraday(Law):
    """v_n = -m_atom/(z e rho) J [B 1]."""

    name: Literal["faraday"]


class Growth(LawSection):
    """What charge transfer makes of the surface."""

    law: Annotated[Faraday | FromFile, Family(), Null("faraday")] = Field(
        alias="@model", description="law of growth"
    )


class _Hopping(Law):
    distance: Length = Field(description="a, hopping distance")
    attempt_frequency: Frequency = Field(description="f")
    barrier: Energy = Field(description="Delta G_hop")


class MottGurney(_Hopping):
    """sigma = sigma_0 sinh(x)/x, x = a z e E/2kT [B 4]."""

    name: Literal["mott_gurney"]


class Ohmic(_Hopping):
    """sigma = sigma_0(T), the limit of low fields."""

    name: Literal["ohmic"]


class Hopping(LawSection):
    """Ionic conduction of the oxide."""

    law: Annotated[MottGurney | Ohmic | FromFile, Family(), Null("mott_gurney")] = Field(
        alias="@model", description="law of ionic conduction"
    )


class SimmonsLinear(Law):
    """J = c sqrt(2 m* W)/g (e/h)^2 exp(-(4 pi g/h) sqrt(2 m* W)) V, the limit of low bias [B 5]."""

    name: Literal["simmons_linear"]
    prefactor: PositiveNumber = Field(description="c of [B 5]")


class SimmonsFull(Law):
    """Free electrons through the tilted barrier, by the WKB integral at T = 0."""

    name: Literal["simmons_full"]


class NoTunnelling(Law):
    """An insulating gap."""

    name: Literal["none"]


class ConstantShare(Law):
    """The collector gets a constant share of the heat, the emitter the rest."""

    name: Literal["constant"]
    collector_share: Fraction = Field(description="gamma of the collector")


class Langevin(Law):
    """gamma = (1 + coth x - 1/x)/2, x = e V g sqrt(2 m*/W)/(2 hbar)."""

    name: Literal["langevin"]


class Landauer(Law):
    """gamma from the energies at which electrons cross the tilted barrier, as `simmons_full`."""

    name: Literal["landauer"]


class NoBarrierHeating(Law):
    """Neither end is heated."""

    name: Literal["none"]


class Tunnel(LawSection):
    """Electrons across the gap [B 5] and the heat they leave [B 10]."""

    law: Annotated[SimmonsLinear | SimmonsFull | NoTunnelling | FromFile, Family()] = Field(
        alias="@model", description="law of the current"
    )
    effective_mass: PositiveNumber = Field(description="m*, in electron masses")
    barrier: PositiveEnergy = Field(description="Delta W0, barrier height")
    image_permittivity: Annotated[PositiveNumber | None, Null(None)] = Field(
        description="eps_r of the image force in the barrier, at the frequency of a crossing"
        " electron; null = no image force"
    )
    gap: Literal["column", "nearest"] = Field(description="how the local gap is measured")
    heat: Annotated[ConstantShare | Langevin | Landauer | NoBarrierHeating | FromFile, Family()] = (
        Field(alias="@heating", description="how the barrier heat is shared between the two ends")
    )
    deposition_length: Annotated[Length | None, Null(None)] = Field(
        description="length in bulk metal over which electrons give their heat; null = at the face"
    )


class ExponentialStress(Law):
    """W_mech = W_m0 (exp(r/r_tem) - 1) [B 9]."""

    name: Literal["exponential"]
    energy: Energy = Field(description="W_m0")
    radius: Length = Field(description="r_tem, radius of the template")


class NoStress(Law):
    """No mechanical barrier."""

    name: Literal["none"]


class Stress(LawSection):
    """Mechanical barrier of widening, Delta W_mech."""

    law: Annotated[ExponentialStress | NoStress | FromFile, Family()] = Field(
        alias="@model", description="law of the barrier; none switches it off"
    )


class ExponentialVoid(Law):
    """W_void = W_v0 exp((z - L)/z0) [B 11]."""

    name: Literal["exponential"]
    energy: Energy = Field(description="W_v0")
    length: Length = Field(description="z0, height over which the barrier grows by e")


class NoVoid(Law):
    """No barrier in the void; the electrode dissolves all the same."""

    name: Literal["none"]


class Void(LawSection):
    """Dissolution of the active electrode and the barrier in its void."""

    law: Annotated[ExponentialVoid | NoVoid | FromFile, Family()] = Field(
        alias="@model", description="law of the barrier in the void"
    )
    dissolution_ratio: Fraction = Field(description="v*; 0 = the electrode does not dissolve")
    max_depth: Length | None = Field(description="cap of the recess; null = no cap")
    healing: Literal["follow", "keep"] = Field(
        description="whether the recess heals when the filament shrinks"
    )
    electrode_barriers: Literal[False, True, "void"] = Field(
        description="true: the full sum of barriers on the active electrode as well; void: that of"
        " the void alone; false: none"
    )

    @field_validator("electrode_barriers", mode="before")
    @classmethod
    def _no_number_is_a_choice(cls, value: object) -> object:
        if not isinstance(value, bool | str):  # 1 equals true
            raise problem("wrong kind of value", "true, false or void", value)
        return value


class TemperatureDependent(Law):
    """kappa = kappa_0/(1 + a dT + b dT^2) with the numbers of each material [B 8]."""

    name: Literal["temperature_dependent"]


class ConstantConductivity(Law):
    """kappa = kappa_0 of each material at any temperature."""

    name: Literal["constant"]


_Boundary = Annotated[BoundaryConductance | None, Null(None)]


class Thermal(LawSection):
    """Heat conduction."""

    model: Literal["steady", "transient"] = Field(description="transient for ns pulses")
    law: Annotated[
        TemperatureDependent | ConstantConductivity | FromFile,
        Family(),
        Null("temperature_dependent"),
    ] = Field(alias="@conductivity", description="law of the thermal conductivity")
    filament_oxide_conductance: _Boundary = Field(
        description="h of filament and oxide, its face of the gap as well; null = no jump of T"
    )
    electrode_oxide_conductance: _Boundary = Field(
        description="h of active electrode and oxide, its face of the gap as well; null = no jump"
    )
    filament_counter_conductance: _Boundary = Field(
        description="h of filament and counter electrode; null = no jump of T"
    )
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
    channels: Annotated[Literal["atoms", "sharvin"], Null("atoms")] = Field(
        default="atoms",
        description="what a closed contact conducts: one channel per surface atom, or no more than"
        " Sharvin's G0 k_F^2/4pi per area",
    )
    site_energy: Annotated[Literal["split", "one"], Null("split")] = Field(
        default="split",
        description="split: the void's barrier slows the setting of a site alone; one: the same"
        " energy in both rates, which then obey detailed balance",
    )
    bond_energy: Energy = Field(
        default=parse_quantity("0.1 eV", "energy"),
        description="E_bond, by which a conducting site is held",
    )
    disorder: Fraction = Field(default=0.03, description="width of 1 - T_i of the conducting sites")
    transmissions_file: Annotated[str | None, Null(None)] = Field(
        default=None,
        strict=True,
        description="CSV with the header transmission, as `tusk atoms` writes sites.csv: each site "
        "has one of these T_i, not one of the `disorder`",
    )
    transmissions: Annotated[tuple[Fraction, ...] | None, Null(None)] = Field(
        default=None,
        description="T_i, 0 to 1; given beside a file, the file is not read",
    )
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

    @model_validator(mode="before")
    @classmethod
    def _read_transmissions(cls, data: object, info: ValidationInfo) -> object:
        if not isinstance(data, dict):
            return data
        file = data.get("transmissions_file")
        if not isinstance(file, str) or data.get("transmissions") is not None:
            return data
        return {**data, "transmissions": read_transmissions(file, context_of(info))}

    def content(self, dumped: dict[str, object]) -> dict[str, object]:
        """Return what counts of a dump: of a file its numbers, not its name."""
        return {key: value for key, value in dumped.items() if key != "transmissions_file"}

    @model_validator(mode="after")
    def _transmissions_are_of_sites(self) -> Contact:
        if self.transmissions == ():
            raise problem("no sites", "at least one number", got=[], key="transmissions")
        if self.transmissions is not None and self.model != "master_equation":
            raise problem("belongs to model: master_equation", key="transmissions")
        return self

    @model_validator(mode="after")
    def _phenomenological_rates_are_given(self) -> Contact:
        for key in ("set_rate", "set_voltage", "reset_rate", "reset_voltage"):
            given = getattr(self, key) is not None
            if given != (self.rates == "phenomenological"):
                what = "belongs to rates: phenomenological" if given else "missing"
                raise problem(what, key=key)
        return self
