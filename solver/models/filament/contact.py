"""Build what happens where filament and electrode meet."""

from __future__ import annotations

from typing import Any

from tusk.solver.config import FilamentConfig
from tusk.solver.errors import InputError
from tusk.solver.front.closing_gap import ClosingGap
from tusk.solver.front.contact import Contact, OpenGap
from tusk.solver.front.site_law import SiteLaw
from tusk.solver.front.site_patch import SitePatch
from tusk.solver.models.filament.boundaries import channels_per_site
from tusk.solver.models.filament.domain import Tools
from tusk.solver.parameters.materials import ELECTRONIC_STRUCTURE
from tusk.solver.physics.constants import NM
from tusk.solver.physics.contact.switching import VoltageDrivenRates


def build_contact(config: FilamentConfig, tools: Tools, member: int) -> Contact[Any]:
    """Return how filament and electrode meet."""
    contact, ratio = config.contact, config.void.dissolution_ratio
    stack, growth = tools.stack, tools.physics.growth
    if contact.model == "master_equation":
        return SitePatch(contact.gap / NM, stack, ratio, growth, build_sites(config, member))
    if contact.model == "none" or config.tunnel.gap == "nearest":
        return OpenGap()
    return ClosingGap(config.mesh.minimum_gap / NM, stack, ratio, growth)


def build_sites(config: FilamentConfig, member: int) -> SiteLaw:
    """Return the numbers of the contact's sites."""
    contact, metal = config.contact, config.active_electrode
    rates = None
    if contact.rates == "phenomenological":
        given = (contact.set_rate, contact.set_voltage, contact.reset_rate, contact.reset_voltage)
        rates = VoltageDrivenRates(*(float(value) for value in given if value is not None))
    name = config.stack.active_electrode
    cited = ELECTRONIC_STRUCTURE.get(name, {}).get("fermi_wavenumber")
    wavenumber = cited.value if cited is not None else None
    if contact.recoil and not isinstance(wavenumber, float):
        raise InputError(f"contact.recoil: the Fermi wavenumber of {name} is not known")
    return SiteLaw(
        metal.atomic_mass / metal.density,
        contact.bond_energy,
        contact.disorder,
        1e9 * wavenumber if contact.recoil and isinstance(wavenumber, float) else 0.0,
        rates,
        contact.mode,
        config.seed,
        member,
        contact.transmissions or (),
        channels_per_site(config),
        contact.site_energy == "one",
    )
