"""How filament and electrode meet: not at all, as a gap that closes, or as a patch of sites.

The mesh never closes.  Where the front comes to the contact it is frozen, smoothly over the last
tenth of the way; what the ions still bring there is kept per node of the filament curve: as metal
beyond the frozen front (`ClosingGap`), or as sites that conduct or not (`.site_patch.SitePatch`).
"""

# ruff: noqa: ARG002  (the null member has no use for its arguments)

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tusk.meshes.cell import Stack
from tusk.meshes.curve import Points, nodal_areas
from tusk.solver.models.filament.domain import Domain, Shape
from tusk.solver.models.filament.equations import ELECTRON, HEAT, ION, NM

Array = NDArray[np.float64]

RAMP = 0.1
"""Share of the contact gap over which the front comes to rest."""

CLEARANCE = 0.01
"""Physical gap (nm) below which a closing column slows down, so that it closes without a jolt."""

CLOSED = 5e-3
"""Physical gap (nm) below which a column counts as closed."""

CLOSING_SHARE, CLOSING_MARGIN = 0.3, 0.002
"""Largest closing in one step: this share of the physical gap, and this much in any case (nm)."""


@dataclass(frozen=True, slots=True)
class ContactState:
    """What the contact remembers; nothing in it is ever changed in place.

    Attributes
    ----------
    frozen
        Share of the front that the contact holds, at each node of the filament curve (n,).
    closed, closing
        Filament metal beyond the frozen front at each node (n,), nm, and its rate, nm/s.
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

    frozen: Array
    closed: Array
    closing: Array
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


class Contact:
    """No contact: the law of the gap is all there is.  Base of the members that hold a state."""

    physical_end = True
    """Whether the run ends where the gap becomes narrower than the mesh may be."""

    columns: tuple[str, ...] = ()
    """What `report` returns, by name: columns of ``contact.csv``."""

    def report(self, state: ContactState | None, current: float) -> tuple[float, ...]:
        """Return a row of ``contact.csv`` for a current in A."""
        return ()

    def site_area(self) -> float:
        """Return the area of a site, m²."""
        return float("nan")

    def begin(self, count: int) -> ContactState | None:
        """Return the state of an open gap under a filament curve of ``count`` nodes."""
        return None

    def front(
        self,
        state: ContactState | None,
        anodic: Array,
        cathodic: Array,
    ) -> tuple[Array, Array]:
        """Return the parts of both branches (n,) that move the front of the mesh."""
        return anodic, cathodic

    def apply(self, domain: Domain, held: np.ndarray, state: ContactState | None) -> None:
        """Tell the equations; nodes that are ``held`` on the nucleus do not dissolve."""
        domain.hold(held)

    def observed(
        self,
        domain: Domain,
        solution: Array,
        state: ContactState | None,
    ) -> ContactState | None:
        """Return the state with the rates that the solution (n, 3) at its geometry makes."""
        return state

    def advanced(
        self,
        state: ContactState | None,
        step: float,
        shape: Shape,
        columns: int,
    ) -> ContactState | None:
        """Return the state ``step`` seconds later, at the rates of ``state``, under ``shape``."""
        return state

    def midway(
        self, first: ContactState | None, second: ContactState | None
    ) -> ContactState | None:
        """Return ``first`` with the mean of both states' rates."""
        return first

    def carried(self, state: ContactState | None, old: Points, new: Points) -> ContactState | None:
        """Return the state on redistributed nodes of the curve."""
        return state

    def withheld(self, state: ContactState | None, old: Points, new: Points) -> Points:
        """Return a moved curve with the nodes that the contact does not let go put back."""
        return new

    def settled(self, state: ContactState | None, old: Points, new: Points) -> Points:
        """Return the redistributed nodes of a curve, clear of what the contact holds."""
        return new

    def longest_step(self, state: ContactState | None) -> float:
        """Return the longest step (s) that follows the contact."""
        return np.inf

    def overshoot(self, before: ContactState | None, after: ContactState | None) -> float | None:
        """Return the share of a step at which an event should have ended it, else None."""
        return None

    def event_due(self, before: ContactState | None, after: ContactState | None) -> bool:
        """Return whether an event happens at the end of this step."""
        return False

    def fired(self, state: ContactState | None) -> ContactState | None:
        """Return the state after its event."""
        return state

    def eased(
        self, before: ContactState | None, after: ContactState | None
    ) -> Iterator[ContactState | None]:
        """Yield states that lead from before an event to after it."""
        yield after

    def error(self, rough: ContactState | None, fine: ContactState | None) -> float:
        """Return the embedded error of the contact's own variables, relative."""
        return 0.0

    def volume(self, state: ContactState | None, curve: Points) -> float:
        """Return the metal (nm³) that the contact holds beyond the curve."""
        return 0.0

    def expected_volume_rate(self, state: ContactState | None) -> float:
        """Return what the ledger must not take from the ionic current, nm³/s: events bring it."""
        return 0.0

    def event_volume(self, before: ContactState | None, after: ContactState | None) -> float:
        """Return the metal (nm³) that events brought in between."""
        return 0.0

    def physical_gap(self, state: ContactState | None, gap: Array) -> Array:
        """Return the gap that electrons see (n,) for that of the mesh, nm."""
        return gap

    def site_share(self, state: ContactState | None, count: int) -> tuple[Array, float]:
        """Return the area share of conducting sites (n,) and their conductance, S/m²."""
        return np.zeros(count), 0.0

    def is_closed(self, state: ContactState | None) -> bool:
        """Return whether metal touches metal."""
        return False


class HeldFront(Contact, ABC):
    """What both kinds of contact share: a front that comes to rest, and data for the forms.

    Parameters
    ----------
    gap
        Mesh gap at which the front rests, nm.
    stack
        Layer thicknesses.
    dissolution_ratio
        v*, by which the electrode recedes from a growing filament.
    """

    physical_end = False

    def __init__(self, gap: float, stack: Stack, dissolution_ratio: float) -> None:
        self.gap = gap
        self.stack = stack
        self.approach = 1.0 - dissolution_ratio

    def begin(self, count: int) -> ContactState:
        """Return the state of an open gap under a filament curve of ``count`` nodes."""
        zero, one, none = np.zeros(count), np.ones(count), np.empty(0)
        nodal = (zero, zero, zero, zero, one, zero)
        return ContactState(
            *nodal, 0.0, 0.0, 0.0, 0.0, 300.0, 0.0, none, 0.0, 0, np.ones(1)
        )  # fmt: skip

    @abstractmethod
    def holding(self, state: ContactState) -> Array:
        """Return the share of the front at each node that may not retreat (n,)."""

    def front(
        self, state: ContactState | None, anodic: Array, cathodic: Array
    ) -> tuple[Array, Array]:
        """Return the parts of both branches (n,) that move the front of the mesh."""
        assert state is not None
        share, _ = self.site_share(state, len(state.frozen))
        held = np.maximum(self.holding(state), share)
        return anodic * (1.0 - held), cathodic * (1.0 - state.frozen)

    def refrozen(self, state: ContactState, shape: Shape, columns: int) -> Array:
        """Return the frozen share under ``shape``: what is held lets go of nothing."""
        gap = shape.gap(self.stack)
        near = np.clip(((1.0 + RAMP) * self.gap - gap) / (RAMP * self.gap), 0.0, 1.0)
        near[columns:] = 0.0
        return np.maximum(np.minimum(state.frozen, self.holding(state)), near)

    def carried(self, state: ContactState | None, old: Points, new: Points) -> ContactState | None:
        """Return the state on redistributed nodes of the curve, place by place."""
        assert state is not None
        s, t = (
            np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(c, axis=0).T)))) for c in (old, new)
        )
        position = t * (s[-1] / t[-1])

        def moved(values: Array) -> Array:
            return np.asarray(np.interp(position, s, values))

        return replace(
            state,
            frozen=moved(state.frozen),
            closed=moved(state.closed),
            closing=moved(state.closing),
            anodic=moved(state.anodic),
            available=moved(state.available),
            anchored=moved(state.anchored),
        )

    def set_coefficients(
        self, domain: Domain, held: np.ndarray, weights: tuple[Array, Array, Array, Array, float]
    ) -> None:
        """Hand the forms their data.

        Parameters
        ----------
        domain
            The mesh.
        held
            Nodes of the curve that rest on the nucleus.
        weights
            Per node of the curve the factors of the anodic and the cathodic branch, the share of
            conducting sites, the part of the gap that is closed (nm); and the sites' S/m².
        """
        anodic, cathodic, share, closed, conductance = weights
        discrete, columns = domain.discrete, domain.cell.columns
        nodes = domain.cell.filament_nodes
        dissolvable, depositable = np.ones(len(domain.points)), np.ones(len(domain.points))
        dissolvable[nodes] = np.where(held, 0.0, anodic)
        depositable[nodes] = cathodic
        discrete.set_nodal(discrete.dissolvable, dissolvable)
        discrete.set_nodal(discrete.depositable, depositable)
        for function, values in ((discrete.site_share, share), (discrete.closed, closed)):
            nodal = np.zeros(len(domain.points))
            if columns.size:
                nodal[columns] = values[: len(columns), None]
            discrete.set_nodal(function, nodal)
        discrete.constants["site_conductance"].value = conductance


class ClosingGap(HeldFront):
    """A gap that closes to nothing: metal grows on beyond the narrowest gap of the mesh.

    The physical gap of a column is the mesh gap less (1 - v*) times that metal; it never becomes
    negative, for the cathodic branch fades out over the last hundredth of a nanometre.
    """

    columns = ("closed_max_m",)

    def report(self, state: ContactState | None, current: float) -> tuple[float, ...]:
        """Return the largest length of metal beyond the front, m, as a row of ``contact.csv``."""
        assert state is not None
        return (float(state.closed.max()) * NM,)

    def holding(self, state: ContactState) -> Array:
        """Return the frozen share where there is metal beyond the front, else 0 (n,)."""
        return np.where(state.closed > 0.0, state.frozen, 0.0)

    def _room(self, domain: Domain, state: ContactState) -> Array:
        """Return the factor of the cathodic branch at each node (n,): 0 where the gap is closed."""
        gap = domain.shape.gap(self.stack) - self.approach * state.closed
        return 1.0 - state.frozen * (1.0 - np.clip(gap / CLEARANCE, 0.0, 1.0))

    def apply(self, domain: Domain, held: np.ndarray, state: ContactState | None) -> None:
        """Tell the equations what is closed and where nothing more can grow."""
        assert state is not None
        none, one = np.zeros_like(state.closed), np.ones_like(state.closed)
        room = self._room(domain, state)
        gap = np.maximum(domain.shape.gap(self.stack), 0.0)
        closed = np.minimum(self.approach * state.closed, gap)
        self.set_coefficients(domain, held, (one, room, none, closed, 0.0))

    def observed(
        self, domain: Domain, solution: Array, state: ContactState | None
    ) -> ContactState | None:
        """Return the state with the rate at which metal comes to or leaves the frozen part."""
        assert state is not None
        anodic, cathodic = branches(domain, solution)
        free = 1.0 - state.frozen
        gone = anodic * self.holding(state)
        came = cathodic * (self._room(domain, state) - free)
        growth = domain.tools.physics.growth
        speed = np.asarray(growth.normal_velocity(gone - came)) / NM
        curve = domain.shape.curve
        flat = flat_areas(curve)
        ratio = np.where(flat > 0.0, nodal_areas(curve) / np.where(flat > 0.0, flat, 1.0), 0.0)
        return replace(state, closing=speed * ratio)

    def advanced(
        self, state: ContactState | None, step: float, shape: Shape, columns: int
    ) -> ContactState | None:
        """Return the state a step later; the electrode bounds the metal."""
        assert state is not None
        most = shape.gap(self.stack) / max(self.approach, 1e-9)
        closed = np.clip(state.closed + step * state.closing, 0.0, np.maximum(most, 0.0))
        closed[columns:] = 0.0
        return replace(state, closed=closed, frozen=self.refrozen(state, shape, columns))

    def midway(
        self, first: ContactState | None, second: ContactState | None
    ) -> ContactState | None:
        """Return ``first`` with the mean of both rates."""
        assert first is not None
        assert second is not None
        return replace(first, closing=0.5 * (first.closing + second.closing))

    def longest_step(self, state: ContactState | None) -> float:
        """Return the longest step (s): a share of the physical gap, and some margin."""
        assert state is not None
        left = np.maximum(self.gap - self.approach * state.closed, 0.0)
        rate = np.abs(state.closing) / (CLOSING_SHARE * left + CLOSING_MARGIN)
        return 1.0 / max(float(rate.max()), 1e-300)

    def error(self, rough: ContactState | None, fine: ContactState | None) -> float:
        """Return the largest difference of the closed metal over its scale."""
        assert rough is not None
        assert fine is not None
        return float(np.abs(rough.closed - fine.closed).max()) / (self.gap + 0.05)

    def volume(self, state: ContactState | None, curve: Points) -> float:
        """Return the metal beyond the front (nm³)."""
        assert state is not None
        return float(flat_areas(curve) @ state.closed)

    def physical_gap(self, state: ContactState | None, gap: Array) -> Array:
        """Return the gap that electrons see (n,), nm."""
        assert state is not None
        return np.maximum(gap - self.approach * state.closed, 0.0)

    def is_closed(self, state: ContactState | None) -> bool:
        """Return whether a column is closed."""
        assert state is not None
        return bool(np.any(self.gap - self.approach * state.closed < CLOSED))


def branches(domain: Domain, solution: Array, void: bool = True) -> tuple[Array, Array]:
    """Return the anodic and the cathodic branch at the curve nodes (n,), A/m² (eqs. 2, 3, 12).

    Parameters
    ----------
    domain
        Mesh and shape of the solution.
    solution
        Nodal fields (n, 3).
    void
        With the barrier of the void; sites in a contact have none to leave through.
    """
    physics, curve = domain.tools.physics, domain.shape.curve
    values = solution[domain.cell.filament_nodes]
    kinetics = physics.charge_transfer
    r, z = curve.T * NM
    barrier = physics.filament_barrier(r, z) if void else physics.stress.energy_barrier(r)
    over = kinetics.overpotential(values[:, ELECTRON], values[:, ION])
    anodic, cathodic = kinetics.branches(over, values[:, HEAT], barrier)
    return np.asarray(anodic), np.asarray(cathodic)


def flat_areas(curve: Points) -> Array:
    """Return the integral of each node's hat function over the horizontal plane (n,), nm²."""
    radius = np.maximum.accumulate(curve[:, 0])
    width = np.diff(radius)
    areas = np.zeros(len(curve))
    areas[:-1] += width * (radius[:-1] / 3 + radius[1:] / 6)
    areas[1:] += width * (radius[1:] / 3 + radius[:-1] / 6)
    return 2 * np.pi * areas
