"""How many sites of a contact conduct: as a mean, as a distribution, or drawn one by one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tusk.solver.front.process import Event
from tusk.solver.front.site_law import SiteLaw
from tusk.solver.front.surface import Array
from tusk.solver.physics.contact.master_equation import (
    SiteRates,
    event_numbers,
    evolve,
)

EVENT_TOLERANCE = 0.02
"""An event ends a step when its integrated hazard is met this closely; the rest is carried over."""

EASING = 8
"""Solves that a site takes to switch where one does not converge."""

SITE_SHARE, SITE_MARGIN = 0.1, 0.2
"""Largest change of the conducting sites in one step: this share, and this many in any case."""


@dataclass(frozen=True, slots=True)
class Sites:
    """What the patch remembers; nothing in it is ever changed in place.

    Attributes
    ----------
    frozen
        Share of the front that the contact holds, at each node of the filament curve (n,).
    anodic
        Anodic branch of a conducting site over that of the bare front at each node (n,).
    available
        Share of the sites at each node (n,) that can be set, the others having dissolved.
    anchored
        Share of the front at each node (n,) that conducting sites hold.
    area
        Horizontal area of the patch, nm².
    set_rate, reset_rate
        omega_S and omega_R of one site, 1/s.
    voltage, temperature
        Means over the patch, V and K.
    conducting
        Sites in state A; a mean where the sites are not drawn one by one.
    transmissions
        T_i of the sites in state A that were drawn.
    hazard, event
        Integrated hazard since the last event, and the number of the next one.
    probabilities
        P(n), n = 0 ... N.
    """

    nodal: ClassVar[tuple[str, ...]] = ("frozen", "anodic", "available", "anchored")

    frozen: Array
    anodic: Array
    available: Array
    anchored: Array
    area: float
    set_rate: float
    reset_rate: float
    voltage: float
    temperature: float
    conducting: float
    transmissions: Array
    hazard: float
    event: int
    probabilities: Array


class Occupancy(ABC):
    """What sites conduct, of a patch whose area and rates are given.

    Parameters
    ----------
    law
        Numbers of the sites.
    """

    least = 0.5
    """A contact of fewer conducting sites lets go of the electrode."""

    counts_events = False
    """Whether sites switch one by one, and metal comes with each."""

    def __init__(self, law: SiteLaw) -> None:
        self.law = law

    def sites(self, memory: Sites) -> float:
        """Return N; whole where sites are counted."""
        return float(np.floor(memory.area / self.law.site_area + 1e-9))

    def transmission(self, memory: Sites) -> Array:  # noqa: ARG002
        """Return T_i of the conducting sites, or what stands for all of them (n,)."""
        return self.law.transmissions

    def recoil(self, memory: Sites) -> Array:
        """Return what the recoil does to the rates of the conducting sites (n,)."""
        return self.law.recoil_factor(memory.voltage, memory.temperature, self.transmission(memory))

    def hazard_rates(self, memory: Sites) -> tuple[float, float]:
        """Return the rates of all set and all reset events of the patch, 1/s."""
        factor = self.recoil(memory)
        mean = float(factor.mean()) if len(factor) else 1.0
        free = max(self.sites(memory) - memory.conducting, 0.0)
        return free * memory.set_rate, memory.conducting * mean * memory.reset_rate

    def rates(self, memory: Sites) -> SiteRates:
        """Return omega_S and omega_R of one site, with the mean recoil."""
        factor = float(self.recoil(memory).mean())
        return SiteRates(memory.set_rate, memory.reset_rate * factor)

    @abstractmethod
    def switched(self, before: Sites, new: Sites, step: float) -> Sites:
        """Return ``new``, the patch of a step later, with its sites set and reset meanwhile."""

    @abstractmethod
    def fitted(self, memory: Sites) -> Sites:
        """Return the memory with as many sites as its area has: new ones in B, B leave first."""

    def limit(self, memory: Sites) -> float:
        """Return the longest step (s): a small change of the mean."""
        rate = sum(self.hazard_rates(memory))
        return (SITE_SHARE * memory.conducting + SITE_MARGIN) / max(rate, 1e-300)

    def event(self, before: Sites, after: Sites) -> Event[Sites] | None:  # noqa: ARG002
        """Return the next event if it happens in the step or at its end."""
        return None


class MeanField(Occupancy):
    """The mean number of conducting sites."""

    def sites(self, memory: Sites) -> float:
        """Return N, a real number."""
        return memory.area / self.law.site_area

    def switched(self, before: Sites, new: Sites, step: float) -> Sites:
        """Return ``new`` with the exact solution of the rate equation over the step."""
        rates, count = self.rates(before), self.sites(before)
        share = rates.fraction(before.conducting / count, step) if count > 0.0 else 0.0
        return self.fitted(replace(new, conducting=count * share))

    def fitted(self, memory: Sites) -> Sites:
        """Return the memory with no more conducting sites than there are."""
        return replace(memory, conducting=min(memory.conducting, self.sites(memory)))


class Distribution(Occupancy):
    """The probabilities of every number of conducting sites."""

    def switched(self, before: Sites, new: Sites, step: float) -> Sites:
        """Return ``new`` with the probabilities a step later."""
        spread = evolve(before.probabilities, self.rates(before), step)
        return self.fitted(replace(new, probabilities=spread))

    def fitted(self, memory: Sites) -> Sites:
        """Return the memory with a probability for each number that the area can hold."""
        count, p = int(self.sites(memory)) + 1, memory.probabilities
        if count >= len(p):
            p = np.concatenate((p, np.zeros(count - len(p))))
        else:
            p = np.append(p[: count - 1], p[count - 1 :].sum())
        return replace(memory, probabilities=p, conducting=float(np.arange(count) @ p))


class Drawn(Occupancy):
    """Single sites that switch at random times, each with a transmission of its own."""

    least = 1.0
    counts_events = True

    def transmission(self, memory: Sites) -> Array:
        """Return T_i of the conducting sites (n,)."""
        return memory.transmissions

    def switched(self, before: Sites, new: Sites, step: float) -> Sites:
        """Return ``new`` with the hazard that has been collected."""
        hazard = 0.5 * step * (sum(self.hazard_rates(before)) + sum(self.hazard_rates(new)))
        return self.fitted(replace(new, hazard=before.hazard + hazard))

    def fitted(self, memory: Sites) -> Sites:
        """Return the memory with no more conducting sites than the area holds."""
        kept = memory.transmissions[: int(self.sites(memory))]
        return replace(memory, transmissions=kept, conducting=float(len(kept)))

    def _threshold(self, memory: Sites) -> float:
        stream = event_numbers(self.law.seed, self.law.member, memory.event)
        return float(stream.standard_exponential())

    def limit(self, memory: Sites) -> float:
        """Return the longest step (s): to the next event."""
        rate = sum(self.hazard_rates(memory))
        left = self._threshold(memory) - memory.hazard
        return max(left, EVENT_TOLERANCE / 2) / max(rate, 1e-300)

    def _late(self, before: Sites, after: Sites) -> float | None:
        """Return the share of a step at which its event happens, None if it does not overshoot."""
        threshold = max(self._threshold(before), before.hazard)
        if after.hazard <= threshold + EVENT_TOLERANCE:
            return None
        left = max(threshold - before.hazard, EVENT_TOLERANCE / 2)
        return min(left / (after.hazard - before.hazard), 0.9)

    def event(self, before: Sites, after: Sites) -> Event[Sites] | None:
        """Return the next event if it happens in the step or at its end."""
        late = self._late(before, after)
        if late is not None:
            return Event(after, share=late)
        if after.hazard < self._threshold(after) - EVENT_TOLERANCE:
            return None
        fired = self._fired(after)
        change = fired.conducting - after.conducting
        parts = np.arange(1, EASING + 1) / EASING
        return Event(
            fired,
            tuple(replace(fired, conducting=after.conducting + float(p) * change) for p in parts),
        )

    def _fired(self, memory: Sites) -> Sites:
        """Return the memory after its event: a site set with a transmission drawn, or one reset."""
        stream = event_numbers(self.law.seed, self.law.member, memory.event)
        rest = memory.hazard - float(stream.standard_exponential())
        setting, resetting = self.hazard_rates(memory)
        sites = memory.transmissions
        if stream.random() * (setting + resetting) < setting:
            sites = np.append(sites, self.law.drawn(stream))
        else:
            weight = np.cumsum(self.recoil(memory))
            gone = int(np.searchsorted(weight, stream.random() * weight[-1], side="right"))
            sites = np.delete(sites, min(gone, len(sites) - 1))
        return replace(
            memory,
            transmissions=sites,
            conducting=float(len(sites)),
            hazard=rest,
            event=memory.event + 1,
        )


OCCUPANCIES: dict[str, type[Occupancy]] = {
    "mean_field": MeanField,
    "distribution": Distribution,
    "stochastic": Drawn,
}
"""By the name of ``contact.mode``."""
