"""The contact as a patch of two-state sites that reaction rates of the mesh drive.

The patch is where the gap is at most the contact gap; its N sites are its horizontal area over a0.
A site is set by the cathodic and reset by the anodic Butler-Volmer branch, read as the velocities
at which one atomic layer d = Omega/a0 comes and goes; each event moves one atom, z_c e and Omega.
Conducting sites carry T_i G0 each, in the same implicit gap conductor as the gap around them.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tusk.meshes.cell import Stack
from tusk.meshes.curve import Points, nodal_areas
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.front.contact import HeldFront, flat_areas, moved
from tusk.solver.front.neck import Neck
from tusk.solver.front.process import Booked, Event
from tusk.solver.front.site_law import SiteLaw
from tusk.solver.front.sites import OCCUPANCIES, Sites
from tusk.solver.front.surface import Array, Shape, Solved, Weights
from tusk.solver.physics.constants import BOLTZMANN, CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE, NM
from tusk.solver.physics.contact.master_equation import SiteRates
from tusk.solver.physics.protocols import Growth

THINNEST_NECK = 0.5
"""Radius (nm) of the thinnest conducting neck that the front is cut down to."""


class SitePatch(HeldFront[Sites]):
    """A patch of sites under the narrowest part of the gap.

    Parameters
    ----------
    gap, stack, dissolution_ratio
        As for `HeldFront`; the gap is the contact gap.
    growth
        Volume per charge.
    law
        Numbers of the sites.
    """

    memory = Sites

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

    def __init__(
        self, gap: float, stack: Stack, dissolution_ratio: float, growth: Growth, law: SiteLaw
    ) -> None:
        super().__init__(gap, stack, dissolution_ratio)
        self.growth = growth
        self.law = law
        self.occupancy = OCCUPANCIES[law.mode](law)

    def begin(self, shape: Shape) -> Sites:
        """Return the memory of an open gap."""
        count = len(shape.curve)
        zero, none = np.zeros(count), np.empty(0)
        return Sites(
            frozen=zero,
            anodic=zero,
            available=np.ones(count),
            anchored=zero,
            area=0.0,
            set_rate=0.0,
            reset_rate=0.0,
            voltage=0.0,
            temperature=300.0,
            conducting=0.0,
            transmissions=none,
            hazard=0.0,
            event=0,
            probabilities=np.ones(1),
        )

    def report(self, memory: Sites, current: float) -> tuple[float, ...]:
        """Return a row of ``contact.csv``; plateaus are steps of the contact's conductance."""
        n = np.arange(len(memory.probabilities))
        transmission = self.occupancy.transmission(memory)
        mean = transmission.mean() if len(transmission) else 1.0
        met = memory.voltage != 0.0 and memory.area > 0.0
        through = current / (memory.voltage * CONDUCTANCE_QUANTUM) if met else float("nan")
        return (
            self.occupancy.sites(memory),
            memory.conducting,
            float(n**2 @ memory.probabilities - (n @ memory.probabilities) ** 2),
            float(memory.conducting * mean * self.law.channels),
            through,
            memory.set_rate,
            memory.reset_rate,
            memory.voltage,
            memory.temperature,
            float(np.sqrt(memory.area / np.pi)) * NM,
            self._recoil_force(memory) / ELEMENTARY_CHARGE * 1e-10,
            float(memory.event),
        )

    def _recoil_force(self, memory: Sites) -> float:
        """Return the force on all conducting sites together, N."""
        force = self.law.recoil_force(memory.voltage, self.occupancy.transmission(memory))
        drawn = self.occupancy.counts_events
        return float(force.sum() if drawn else force.mean() * memory.conducting)

    # --- what sites A hold ----------------------------------------------------------------------

    def is_closed(self, memory: Sites) -> bool:
        """Return whether a site conducts."""
        return memory.conducting >= self.occupancy.least

    def _holding(self, memory: Sites) -> Array:
        """Return the share of the front that sites A hold (n,); the rest may retreat."""
        return memory.anchored if self.is_closed(memory) else np.zeros_like(memory.anchored)

    def _kept(self, memory: Sites, curve: Points) -> tuple[int, Neck | None]:
        """Return the last node that sites A hold, -1 for none, and their neck if one conducts.

        They hold the middle of the patch, over their area and one site more, but never less than
        the curve can follow.  The edge lies between nodes, so that it stays where nodes change.
        """
        weight = memory.frozen * flat_areas(curve)
        kept = max((memory.conducting + 1.0) * self.law.site_area, np.pi * THINNEST_NECK**2)
        left = kept - (np.cumsum(weight) - weight)
        share = np.clip(left / np.maximum(weight, 1e-300), 0.0, 1.0)
        share = np.minimum(share, memory.frozen / max(float(memory.frozen.max()), 1e-300))
        held = np.flatnonzero(share > 0.5)
        if not held.size:
            return -1, None
        k = int(held[-1])
        beyond = (share[k] - 0.5) / (share[k] - share[k + 1])
        edge = curve[k] + beyond * (curve[k + 1] - curve[k])
        return k, Neck(edge) if self.is_closed(memory) else None

    def _anchored(self, memory: Sites, curve: Points) -> Sites:
        """Return the memory with its sites A under the middle of the patch, on their neck.

        Columns leave from the rim, and with them sites B.
        """
        last, neck = self._kept(memory, curve)
        held = (np.arange(len(curve)) <= last).astype(float)
        if neck is not None:
            held = np.maximum(held, neck.carries(curve))
        return replace(memory, anchored=held)

    def kept(self, memory: Sites, old: Points, new: Points) -> Points:
        """Return the moved curve with the nodes that would enter the neck put on its surface."""
        last, neck = self._kept(memory, old)
        return new if neck is None else neck.withheld(old, new, last + 1)

    def settled(self, memory: Sites, old: Points, new: Points) -> Points:
        """Return the redistributed nodes; splines overshoot on both sides of the neck's edge."""
        level = np.column_stack((new[:, 0], np.minimum(new[:, 1], old[:, 1].max())))
        return self.kept(self.carried(memory, old, level), level, level)

    def carried(self, memory: Sites, old: Points, new: Points) -> Sites:
        """Return the memory on redistributed nodes of the curve."""
        frozen, anodic, available, anchored = moved(
            old, new, memory.frozen, memory.anodic, memory.available, memory.anchored
        )
        placed = replace(
            memory, frozen=frozen, anodic=anodic, available=available, anchored=anchored,
            area=float(flat_areas(new) @ frozen),
        )  # fmt: skip
        return self._anchored(self.occupancy.fitted(placed), new)

    # --- at a solution --------------------------------------------------------------------------

    def weigh(self, memory: Sites, shape: Shape, weights: Weights) -> Weights:  # noqa: ARG002
        """Return the factors: which part of the patch conducts and what its ions do."""
        share = memory.frozen * self._occupied(memory)
        retreating = 1.0 - np.maximum(self._holding(memory), share)
        advancing = 1.0 - memory.frozen
        dissolving, depositing = retreating, advancing
        if self.law.phenomenological is None:
            dissolving = dissolving + share * memory.anodic
            depositing = depositing + (memory.frozen - share) * memory.available
        transmission = self.occupancy.transmission(memory)
        mean = float(transmission.mean()) if len(transmission) else 1.0
        quantum = self.law.channels * CONDUCTANCE_QUANTUM / (self.law.site_area * NM**2)
        return replace(
            weights,
            dissolving=weights.dissolving * dissolving,
            depositing=weights.depositing * depositing,
            retreating=weights.retreating * retreating,
            advancing=weights.advancing * advancing,
            site_share=share,
            site_conductance=mean * quantum,
        )

    def _occupied(self, memory: Sites) -> float:
        """Return rho of the patch: conducting sites over its area in sites."""
        return memory.conducting * self.law.site_area / memory.area if memory.area > 0.0 else 0.0

    def observed(self, memory: Sites, at: Solved) -> Sites:
        """Return the memory with the area-averaged rates of its sites."""
        weight = memory.frozen * flat_areas(at.shape.curve)
        total, count = float(weight.sum()), len(at.facing)
        if weight[count:].any():  # beyond the columns there is no electrode in front of a site
            weight = np.where(np.arange(len(weight)) < count, weight, 0.0)
            total = float(weight.sum())
        if total <= 0.0 or not count:
            none, all_ = np.zeros_like(weight), np.ones_like(weight)
            return replace(memory, set_rate=0.0, reset_rate=0.0, anodic=none, available=all_)
        inner = weight[:count] / total
        voltage = float(inner @ (at.facing[:, ELECTRON] - at.fields[:count, ELECTRON]))
        temperature = float(inner @ at.fields[:count, HEAT])
        memory = replace(memory, voltage=voltage, temperature=temperature)
        if self.law.phenomenological is not None:
            rates = SiteRates(*self.law.phenomenological.at(voltage))
            return replace(memory, set_rate=rates.set_rate, reset_rate=rates.reset_rate)
        anodic, cathodic = at.charge_transfer.anodic, at.charge_transfer.cathodic
        # Where sites A hold a front that would retreat, the atoms of sites B come and go with it.
        dissolved = anodic / np.maximum(anodic + cathodic, 1e-300)
        available = np.ones_like(dissolved)
        if not self.law.one_energy:
            available = 1.0 - self._holding(memory) * dissolved
        bond = np.exp(-self.law.bond_energy / (BOLTZMANN * at.fields[:, HEAT]))
        leaving = (anodic if self.law.one_energy else at.leaving.anodic) * bond
        per_site = self._atoms_per_density(at, memory.frozen) / (total / self.law.site_area)
        return replace(
            memory,
            set_rate=float(per_site @ (available * cathodic)),
            reset_rate=float(per_site @ leaving),
            anodic=leaving / np.maximum(anodic, 1e-300),
            available=available,
        )

    def _atoms_per_density(self, at: Solved, frozen: Array) -> Array:
        """Return atoms per second of the patch for 1 A/m² at each node (n,)."""
        areas = nodal_areas(at.shape.curve) * NM**2
        return np.asarray(frozen * areas * self.growth.volume_per_charge / self.law.atomic_volume)

    # --- in time --------------------------------------------------------------------------------

    def advanced(self, memory: Sites, step: float, shape: Shape, columns: int) -> Sites:
        """Return the memory a step later: sites come and go with the area, and switch."""
        frozen = self.refrozen(memory.frozen, self._holding(memory), shape, columns)
        new = replace(memory, frozen=frozen, area=float(flat_areas(shape.curve) @ frozen))
        return self._anchored(self.occupancy.switched(memory, new, step), shape.curve)

    def midway(self, first: Sites, second: Sites) -> Sites:
        """Return ``first`` with the mean of the rates of both."""
        return replace(
            first,
            set_rate=0.5 * (first.set_rate + second.set_rate),
            reset_rate=0.5 * (first.reset_rate + second.reset_rate),
        )

    def limit(self, memory: Sites) -> float:
        """Return the longest step (s): to the next event, or a small change of the mean."""
        return self.occupancy.limit(memory)

    def error(self, rough: Sites, fine: Sites) -> float:
        """Return the difference of the conducting sites over their number and one."""
        return abs(rough.conducting - fine.conducting) / (fine.conducting + 1.0)

    def event(self, before: Sites, after: Sites) -> Event[Sites] | None:
        """Return the next event if it happens in the step or at its end."""
        return self.occupancy.event(before, after)

    # --- ledger ---------------------------------------------------------------------------------

    def booked(self, memory: Sites, curve: Points) -> Booked:  # noqa: ARG002
        """Return the metal of the conducting sites, and what their mean ionic current is worth."""
        metal = self.law.site_volume
        volume = memory.conducting * metal
        if self.law.phenomenological is not None:
            return Booked(volume, sites=memory.conducting, site_volume=metal)
        if not self.occupancy.counts_events:
            return Booked(volume)
        free = memory.area / self.law.site_area - memory.conducting
        growth = free * memory.set_rate - memory.conducting * memory.reset_rate
        return Booked(volume, growth * metal, memory.conducting, metal)
