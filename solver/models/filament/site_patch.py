"""The contact as a patch of two-state sites that reaction rates of the mesh drive.

The patch is where the gap is at most the contact gap; its N sites are its horizontal area over a0.
A site is set by the cathodic and reset by the anodic Butler-Volmer branch, read as the velocities
at which one atomic layer d = Omega/a0 comes and goes; each event moves one atom, z_c e and Omega.
Conducting sites carry T_i G0 each, in the same implicit gap conductor as the gap around them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tusk.meshes.cell import Stack
from tusk.meshes.curve import Points, nodal_areas
from tusk.solver.models.filament.contact import (
    ContactState,
    HeldFront,
    branches,
    flat_areas,
)
from tusk.solver.models.filament.domain import Domain, Shape
from tusk.solver.models.filament.equations import ELECTRON, HEAT, NM
from tusk.solver.models.filament.neck import Neck
from tusk.solver.physics.constants import BOLTZMANN, CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE
from tusk.solver.physics.contact.master_equation import (
    SiteRates,
    event_numbers,
    evolve,
    transmissions,
)
from tusk.solver.physics.contact.switching import VoltageDrivenRates

Array = NDArray[np.float64]

EVENT_TOLERANCE = 0.02
"""An event ends a step when its integrated hazard is met this closely; the rest is carried over."""

EASING = 8
"""Solves that a site takes to switch where one does not converge."""

HALF_A_SITE = 0.5
"""A mean field below this many conducting sites lets go of the electrode."""

THINNEST_NECK = 0.5
"""Radius (nm) of the thinnest conducting neck that the front is cut down to."""

SITE_SHARE, SITE_MARGIN = 0.1, 0.2
"""Largest change of the conducting sites in one step: this share, and this many in any case."""

RECOIL_CAP = 10.0
"""Largest exponent of the recoil factor."""

QUANTILES = ndtri(0.5 + (np.arange(32) + 0.5) / 64)
"""Absolute values of a normal variable that stand for all of it in a mean field."""


@dataclass(frozen=True, slots=True)
class SiteLaw:
    """Numbers of the sites, SI.

    Attributes
    ----------
    atomic_volume
        Omega in m³; a0 = Omega^(2/3), d = Omega^(1/3).
    bond_energy
        E_bond in J, by which a conducting site is held.
    disorder
        Width of 1 - T_i.
    fermi_wavenumber
        k_F in 1/m, of the recoil; 0 without.
    phenomenological
        omega_S, omega_R from the voltage across the patch, or None: from the mesh.
    mode
        ``mean_field``, ``distribution`` or ``stochastic``.
    seed, member
        Of the random numbers.
    """

    atomic_volume: float
    bond_energy: float
    disorder: float
    fermi_wavenumber: float
    phenomenological: VoltageDrivenRates | None
    mode: str
    seed: int
    member: int

    @property
    def site_area(self) -> float:
        """Area a0 of a site, nm²."""
        return float(self.atomic_volume ** (2 / 3)) / NM**2

    @property
    def site_volume(self) -> float:
        """Volume Omega of an atom, nm³."""
        return self.atomic_volume / NM**3

    def recoil_force(self, voltage: float, transmission: Array) -> Array:
        """Return F = (2/pi) e |V| k_F (1 - T) on sites (n,), N ([K 12, 13], magnitude)."""
        scale = 2.0 / np.pi * ELEMENTARY_CHARGE * abs(voltage) * self.fermi_wavenumber
        return np.asarray(scale * (1.0 - transmission))

    def recoil_factor(self, voltage: float, temperature: float, transmission: Array) -> Array:
        """Return exp(F d/2kT) of sites (n,), bounded: what the force does to their rates."""
        work = self.recoil_force(voltage, transmission) * self.atomic_volume ** (1 / 3) / 2.0
        return np.asarray(np.exp(np.minimum(work / (BOLTZMANN * temperature), RECOIL_CAP)))


class SitePatch(HeldFront):
    """A patch of sites under the narrowest part of the gap.

    Parameters
    ----------
    gap
        Contact gap, nm.
    stack
        Layer thicknesses.
    dissolution_ratio
        v*.
    law
        Numbers of the sites.
    """

    def __init__(self, gap: float, stack: Stack, dissolution_ratio: float, law: SiteLaw) -> None:
        super().__init__(gap, stack, dissolution_ratio)
        self.law = law
        self.drawn = law.mode == "stochastic"

    columns = (
        "sites",
        "sites_conducting",
        "sites_variance",
        "contact_conductance_G0",
        "gap_conductance_G0",
        "set_rate_per_s",
        "reset_rate_per_s",
        "contact_voltage_V",
        "contact_temperature_K",
        "patch_radius_m",
        "recoil_force_eV_per_A",
        "events",
    )

    def report(self, state: ContactState | None, current: float) -> tuple[float, ...]:
        """Return a row of ``contact.csv``; plateaus are steps of the contact's conductance."""
        assert state is not None
        n = np.arange(len(state.probabilities))
        mean = self.transmission(state).mean() if len(self.transmission(state)) else 1.0
        met = state.voltage != 0.0 and state.area > 0.0
        through = current / (state.voltage * CONDUCTANCE_QUANTUM) if met else float("nan")
        return (
            self.sites(state),
            state.conducting,
            float(n**2 @ state.probabilities - (n @ state.probabilities) ** 2),
            float(state.conducting * mean),
            through,
            state.set_rate,
            state.reset_rate,
            state.voltage,
            state.temperature,
            float(np.sqrt(state.area / np.pi)) * NM,
            self.recoil_force(state) / ELEMENTARY_CHARGE * 1e-10,
            float(state.event),
        )

    def site_area(self) -> float:
        """Return the area of a site, m²."""
        return self.law.site_area * NM**2

    # --- sites ----------------------------------------------------------------------------------

    def sites(self, state: ContactState) -> float:
        """Return N; whole where sites are counted."""
        count = state.area / self.law.site_area
        return count if self.law.mode == "mean_field" else float(np.floor(count + 1e-9))

    def is_closed(self, state: ContactState | None) -> bool:
        """Return whether a site conducts."""
        assert state is not None
        return state.conducting >= (1.0 if self.drawn else HALF_A_SITE)

    def holding(self, state: ContactState) -> Array:
        """Return the share of the front that sites A hold (n,); the rest may retreat."""
        return state.anchored if self.is_closed(state) else np.zeros_like(state.anchored)

    def _kept(self, state: ContactState, curve: Points) -> tuple[int, Neck | None]:
        """Return the last node that sites A hold, -1 for none, and their neck if one conducts.

        They hold the middle of the patch, over their area and one site more, but never less than
        the curve can follow.  The edge lies between nodes, so that it stays where nodes change.
        """
        weight = state.frozen * flat_areas(curve)
        kept = max((state.conducting + 1.0) * self.law.site_area, np.pi * THINNEST_NECK**2)
        left = kept - (np.cumsum(weight) - weight)
        share = np.clip(left / np.maximum(weight, 1e-300), 0.0, 1.0)
        share = np.minimum(share, state.frozen / max(float(state.frozen.max()), 1e-300))
        held = np.flatnonzero(share > 0.5)
        if not held.size:
            return -1, None
        k = int(held[-1])
        beyond = (share[k] - 0.5) / (share[k] - share[k + 1])
        edge = curve[k] + beyond * (curve[k + 1] - curve[k])
        return k, Neck(edge) if self.is_closed(state) else None

    def _anchored(self, state: ContactState, curve: Points) -> ContactState:
        """Return the state with its sites A under the middle of the patch, on their neck.

        Columns leave from the rim, and with them sites B.
        """
        last, neck = self._kept(state, curve)
        held = (np.arange(len(curve)) <= last).astype(float)
        if neck is not None:
            held = np.maximum(held, neck.carries(curve))
        return replace(state, anchored=held)

    def withheld(self, state: ContactState | None, old: Points, new: Points) -> Points:
        """Return the moved curve with the nodes that would enter the neck put on its surface."""
        assert state is not None
        last, neck = self._kept(state, old)
        return new if neck is None else neck.withheld(old, new, last + 1)

    def settled(self, state: ContactState | None, old: Points, new: Points) -> Points:
        """Return the redistributed nodes; splines overshoot on both sides of the neck's edge."""
        level = np.column_stack((new[:, 0], np.minimum(new[:, 1], old[:, 1].max())))
        return self.withheld(self.carried(state, old, level), level, level)

    def _occupation(self, state: ContactState) -> float:
        """Return rho of the patch: conducting sites over its area in sites."""
        return state.conducting * self.law.site_area / state.area if state.area > 0.0 else 0.0

    def transmission(self, state: ContactState) -> Array:
        """Return T_i of the conducting sites, or what stands for all of them (n,)."""
        if self.drawn:
            return state.transmissions
        return np.asarray(np.clip(1.0 - self.law.disorder * QUANTILES, 0.0, 1.0))

    def _recoil(self, state: ContactState) -> Array:
        return self.law.recoil_factor(state.voltage, state.temperature, self.transmission(state))

    def hazard_rates(self, state: ContactState) -> tuple[float, float]:
        """Return the rates of all set and all reset events of the patch, 1/s."""
        factor = self._recoil(state)
        mean = float(factor.mean()) if len(factor) else 1.0
        free = max(self.sites(state) - state.conducting, 0.0)
        return free * state.set_rate, state.conducting * mean * state.reset_rate

    # --- data of the forms ----------------------------------------------------------------------

    def apply(self, domain: Domain, held: np.ndarray, state: ContactState | None) -> None:
        """Tell the equations which part of the patch conducts and what its ions do."""
        assert state is not None
        share, conductance = self.site_share(state, len(state.frozen))
        anodic, cathodic = self.front(state, np.ones_like(share), np.ones_like(share))
        if self.law.phenomenological is None:
            anodic = anodic + share * state.anodic
            cathodic = cathodic + (state.frozen - share) * state.available
        none = np.zeros_like(share)
        self.set_coefficients(domain, held, (anodic, cathodic, share, none, conductance))

    def site_share(self, state: ContactState | None, count: int) -> tuple[Array, float]:  # noqa: ARG002
        """Return the area share of conducting sites (n,) and their conductance, S/m²."""
        assert state is not None
        transmission = self.transmission(state)
        mean = float(transmission.mean()) if len(transmission) else 1.0
        quantum = CONDUCTANCE_QUANTUM / (self.law.site_area * NM**2)
        return state.frozen * self._occupation(state), mean * quantum

    # --- rates ----------------------------------------------------------------------------------

    def observed(
        self, domain: Domain, solution: Array, state: ContactState | None
    ) -> ContactState | None:
        """Return the state with the area-averaged rates of its sites."""
        assert state is not None
        weight = state.frozen * flat_areas(domain.shape.curve)
        total = float(weight.sum())
        columns = domain.cell.columns
        if total <= 0.0 or not columns.size:
            none, all_ = np.zeros_like(weight), np.ones_like(weight)
            return replace(state, set_rate=0.0, reset_rate=0.0, anodic=none, available=all_)
        count = len(columns)
        ends = solution[columns[:, [0, -1]]]
        inner = weight[:count] / total
        voltage = float(inner @ (ends[:, 1, ELECTRON] - ends[:, 0, ELECTRON]))
        temperature = float(inner @ ends[:, 0, HEAT])
        state = replace(state, voltage=voltage, temperature=temperature)
        if self.law.phenomenological is not None:
            rates = SiteRates(*self.law.phenomenological.at(voltage))
            return replace(state, set_rate=rates.set_rate, reset_rate=rates.reset_rate)
        anodic, cathodic = branches(domain, solution)
        leaving, _ = branches(domain, solution, void=False)
        # Where sites A hold a front that would retreat, the atoms of sites B come and go with it.
        dissolved = anodic / np.maximum(anodic + cathodic, 1e-300)
        available = 1.0 - self.holding(state) * dissolved
        local = solution[domain.cell.filament_nodes, HEAT]
        leaving = leaving * np.exp(-self.law.bond_energy / (BOLTZMANN * local))
        per_site = self._atoms_per_density(domain, state.frozen) / (total / self.law.site_area)
        return replace(
            state,
            set_rate=float(per_site @ (available * cathodic)),
            reset_rate=float(per_site @ leaving),
            anodic=leaving / np.maximum(anodic, 1e-300),
            available=available,
        )

    def _atoms_per_density(self, domain: Domain, frozen: Array) -> Array:
        """Return atoms per second of the patch for 1 A/m² at each node (n,)."""
        volume_per_charge = domain.tools.physics.growth.volume_per_charge
        areas = nodal_areas(domain.shape.curve) * NM**2
        return np.asarray(frozen * areas * volume_per_charge / self.law.atomic_volume)

    # --- in time --------------------------------------------------------------------------------

    def advanced(
        self, state: ContactState | None, step: float, shape: Shape, columns: int
    ) -> ContactState | None:
        """Return the state a step later: sites come and go with the area, and switch."""
        assert state is not None
        frozen = self.refrozen(state, shape, columns)
        new = replace(state, frozen=frozen, area=float(flat_areas(shape.curve) @ frozen))
        return self._anchored(self._switched(state, new, step), shape.curve)

    def _switched(self, state: ContactState, new: ContactState, step: float) -> ContactState:
        """Return ``new``, the patch of a step later, with its sites set and reset meanwhile."""
        if self.drawn:
            hazard = 0.5 * step * (sum(self.hazard_rates(state)) + sum(self.hazard_rates(new)))
            return self._fitted(replace(new, hazard=state.hazard + hazard))
        factor = float(self._recoil(state).mean())
        rates = SiteRates(state.set_rate, state.reset_rate * factor)
        if self.law.mode == "mean_field":
            before = self.sites(state)
            share = rates.fraction(state.conducting / before, step) if before > 0.0 else 0.0
            return self._fitted(replace(new, conducting=before * share))
        spread = evolve(state.probabilities, rates, step)
        return self._fitted(replace(new, probabilities=spread))

    def _fitted(self, state: ContactState) -> ContactState:
        """Return the state with as many sites as its area has: new ones in B, B leave first."""
        if self.drawn:
            kept = state.transmissions[: int(self.sites(state))]
            return replace(state, transmissions=kept, conducting=float(len(kept)))
        if self.law.mode == "mean_field":
            return replace(state, conducting=min(state.conducting, self.sites(state)))
        count, p = int(self.sites(state)) + 1, state.probabilities
        if count >= len(p):
            p = np.concatenate((p, np.zeros(count - len(p))))
        else:
            p = np.append(p[: count - 1], p[count - 1 :].sum())
        return replace(state, probabilities=p, conducting=float(np.arange(count) @ p))

    def midway(
        self, first: ContactState | None, second: ContactState | None
    ) -> ContactState | None:
        """Return ``first`` with the mean of both states' rates."""
        assert first is not None
        assert second is not None
        return replace(
            first,
            set_rate=0.5 * (first.set_rate + second.set_rate),
            reset_rate=0.5 * (first.reset_rate + second.reset_rate),
        )

    def carried(self, state: ContactState | None, old: Points, new: Points) -> ContactState | None:
        """Return the state on redistributed nodes of the curve."""
        moved = super().carried(state, old, new)
        assert moved is not None
        fitted = self._fitted(replace(moved, area=float(flat_areas(new) @ moved.frozen)))
        return self._anchored(fitted, new)

    def longest_step(self, state: ContactState | None) -> float:
        """Return the longest step (s): to the next event, or a small change of the mean."""
        assert state is not None
        rate = sum(self.hazard_rates(state))
        if self.drawn:
            left = self._threshold(state) - state.hazard
            return max(left, EVENT_TOLERANCE / 2) / max(rate, 1e-300)
        return (SITE_SHARE * state.conducting + SITE_MARGIN) / max(rate, 1e-300)

    def error(self, rough: ContactState | None, fine: ContactState | None) -> float:
        """Return the difference of the conducting sites over their number and one."""
        assert rough is not None
        assert fine is not None
        return abs(rough.conducting - fine.conducting) / (fine.conducting + 1.0)

    # --- events ---------------------------------------------------------------------------------

    def _threshold(self, state: ContactState) -> float:
        stream = event_numbers(self.law.seed, self.law.member, state.event)
        return float(stream.standard_exponential())

    def overshoot(self, before: ContactState | None, after: ContactState | None) -> float | None:
        """Return the share of a step at which its event happens, None if it does not overshoot."""
        assert before is not None
        assert after is not None
        if not self.drawn:
            return None
        threshold = max(self._threshold(before), before.hazard)
        if after.hazard <= threshold + EVENT_TOLERANCE:
            return None
        left = max(threshold - before.hazard, EVENT_TOLERANCE / 2)
        return min(left / (after.hazard - before.hazard), 0.9)

    def event_due(self, before: ContactState | None, after: ContactState | None) -> bool:
        """Return whether the next event happens at the end of the step, and not within it."""
        assert after is not None
        if not self.drawn or self.overshoot(before, after) is not None:
            return False
        return after.hazard >= self._threshold(after) - EVENT_TOLERANCE

    def fired(self, state: ContactState | None) -> ContactState | None:
        """Return the state after its event: a site set with a transmission drawn, or one reset."""
        assert state is not None
        stream = event_numbers(self.law.seed, self.law.member, state.event)
        rest = state.hazard - float(stream.standard_exponential())
        setting, resetting = self.hazard_rates(state)
        sites = state.transmissions
        if stream.random() * (setting + resetting) < setting:
            sites = np.append(sites, transmissions(stream, 1, self.law.disorder))
        else:
            weight = np.cumsum(self._recoil(state))
            gone = int(np.searchsorted(weight, stream.random() * weight[-1], side="right"))
            sites = np.delete(sites, min(gone, len(sites) - 1))
        return replace(
            state,
            transmissions=sites,
            conducting=float(len(sites)),
            hazard=rest,
            event=state.event + 1,
        )

    def eased(
        self, before: ContactState | None, after: ContactState | None
    ) -> Iterator[ContactState | None]:
        """Yield states with a part of a site, from before an event to after it."""
        assert before is not None
        assert after is not None
        change = after.conducting - before.conducting
        for part in np.arange(1, EASING + 1) / EASING:
            yield replace(after, conducting=before.conducting + float(part) * change)

    # --- ledger and reports ---------------------------------------------------------------------

    def volume(self, state: ContactState | None, curve: Points) -> float:  # noqa: ARG002
        """Return the metal of the conducting sites (nm³)."""
        assert state is not None
        return state.conducting * self.law.site_volume

    def expected_volume_rate(self, state: ContactState | None) -> float:
        """Return the metal (nm³/s) that the sites' mean ionic current is worth, if events count."""
        assert state is not None
        if not self.drawn or self.law.phenomenological is not None:
            return 0.0
        free = state.area / self.law.site_area - state.conducting
        growth = free * state.set_rate - state.conducting * state.reset_rate
        return growth * self.law.site_volume

    def event_volume(self, before: ContactState | None, after: ContactState | None) -> float:
        """Return the metal (nm³) that events, not the mean ionic current, moved in between."""
        assert before is not None
        assert after is not None
        if not self.drawn and self.law.phenomenological is None:
            return 0.0
        return (after.conducting - before.conducting) * self.law.site_volume

    def recoil_force(self, state: ContactState) -> float:
        """Return the force on all conducting sites together, N."""
        force = self.law.recoil_force(state.voltage, self.transmission(state))
        return float(force.sum() if self.drawn else force.mean() * state.conducting)
