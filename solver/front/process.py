"""What moves or remembers the surface: one object per mechanism, and all of them together.

A process owns a memory of its own type, a frozen dataclass that travels with the state of the run:
accepted, taken back, carried to new nodes and written to checkpoints like everything else. Whatever
a process does not say is that of the null process, which does nothing.
"""

# ruff: noqa: ARG002  (what the null process is asked, it has no use for)

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, cast

import numpy as np

from tusk.meshes.curve import Points
from tusk.solver.core.stepper import Limit
from tusk.solver.front.mechanics.surface import Surface
from tusk.solver.front.surface import Array, Shape, Solved, Weights


@dataclass(frozen=True, slots=True)
class Nothing:
    """The memory of a process that remembers nothing.

    Every memory names in ``nodal`` which of its arrays have an entry per node of the curve.
    """

    nodal: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True)
class Event[S]:
    """Something that happens at once, in a step or at its end.

    Attributes
    ----------
    memory
        Of the process that it happens to, afterwards.
    between
        Memories that lead there little by little, where the jump is too much for one solve.
    share
        Share of the step at which it should have ended; 1 if it happens at the end.
    """

    memory: S
    between: tuple[S, ...] = ()
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Booked:
    """What the ledger of metal must know of a process.

    Attributes
    ----------
    volume
        Metal beyond the curve, nm³.
    expected_rate
        What must not be taken from the ionic current, nm³/s: events bring it.
    sites, site_volume
        What events brought so far: sites, and the metal of each in nm³.
    """

    volume: float = 0.0
    expected_rate: float = 0.0
    sites: float = 0.0
    site_volume: float = 0.0

    def brought_since(self, before: Booked) -> float:
        """Return the metal (nm³) that events, not the mean ionic current, moved in between."""
        return (self.sites - before.sites) * self.site_volume


class Process[S]:
    """The null process; others override what they have to say.

    Attributes
    ----------
    name
        Under which its memory is kept; unique among the processes of a run.
    memory
        The type of its memory.
    """

    name: str = "nothing"
    memory: type[object] = Nothing

    # --- geometry -------------------------------------------------------------------------------

    def begin(self, shape: Shape) -> S:
        """Return the memory at the start of a run."""
        return cast(S, self.memory())

    def carried(self, memory: S, old: Points, new: Points) -> S:
        """Return the memory on redistributed nodes of the curve."""
        return memory

    def kept(self, memory: S, old: Points, new: Points) -> Points:
        """Return a moved curve with the nodes that the process does not let go put back."""
        return new

    def settled(self, memory: S, old: Points, new: Points) -> Points:
        """Return the redistributed nodes of a curve, clear of what the process holds."""
        return new

    # --- at a solution --------------------------------------------------------------------------

    def weigh(self, memory: S, shape: Shape, weights: Weights) -> Weights:
        """Return the factors of charge transfer and conduction, the process among them."""
        return weights

    def observed(self, memory: S, at: Solved) -> S:
        """Return the memory with the rates that a solution makes."""
        return memory

    def velocity(self, memory: S, at: Solved, weights: Weights) -> Array | float:
        """Return the normal velocity that the process gives the nodes (n,), nm/s."""
        return 0.0

    def concluded(self, memory: S, at: Solved) -> S:
        """Return the memory at the end of a step, when its last solution is known."""
        return memory

    def implicit(self, memory: S, at: Solved, weights: Weights) -> Surface | None:
        """Return what moves the surface implicitly, None for nothing."""
        return None

    # --- in time --------------------------------------------------------------------------------

    def advanced(self, memory: S, step: float, shape: Shape, columns: int) -> S:
        """Return the memory ``step`` seconds later under ``shape`` with so many gap columns."""
        return memory

    def midway(self, first: S, second: S) -> S:
        """Return ``first`` with the mean of the rates of both."""
        return first

    def limit(self, memory: S) -> float:
        """Return the longest step (s) that follows the process."""
        return np.inf

    def error(self, rough: S, fine: S) -> float:
        """Return the embedded error of the process's own variables, relative."""
        return 0.0

    def event(self, before: S, after: S) -> Event[S] | None:
        """Return what happens at the end of a step, or should have ended it."""
        return None

    # --- ledger ---------------------------------------------------------------------------------

    def booked(self, memory: S, curve: Points) -> Booked:
        """Return what the ledger must know."""
        return Booked()


type Memories = Mapping[str, object]
"""The memory of each process by its name."""


class Processes:
    """All processes of a run, asked as one.

    Parameters
    ----------
    members
        In the order in which they are asked.
    """

    def __init__(self, members: Sequence[Process[Any]]) -> None:
        self._members = tuple(members)

    def __iter__(self) -> Iterator[Process[object]]:
        return iter(self._members)

    def begin(self, shape: Shape) -> Memories:
        """Return the memories at the start of a run."""
        return {p.name: p.begin(shape) for p in self}

    def carried(self, memories: Memories, old: Points, new: Points) -> Memories:
        """Return the memories on redistributed nodes of the curve."""
        return {p.name: p.carried(memories[p.name], old, new) for p in self}

    def kept(self, memories: Memories, old: Points, new: Points) -> Points:
        """Return a moved curve with the nodes that are not let go put back."""
        for p in self:
            new = p.kept(memories[p.name], old, new)
        return new

    def settled(self, memories: Memories, old: Points, new: Points) -> Points:
        """Return the redistributed nodes of a curve, clear of what is held."""
        for p in self:
            new = p.settled(memories[p.name], old, new)
        return new

    def weights(self, memories: Memories, shape: Shape) -> Weights:
        """Return the factors of charge transfer and conduction under ``shape``."""
        weights = Weights.free(len(shape.curve))
        for p in self:
            weights = p.weigh(memories[p.name], shape, weights)
        return weights

    def observed(self, memories: Memories, at: Solved) -> Memories:
        """Return the memories with the rates that a solution makes."""
        return {p.name: p.observed(memories[p.name], at) for p in self}

    def concluded(self, memories: Memories, at: Solved) -> Memories:
        """Return the memories at the end of a step."""
        return {p.name: p.concluded(memories[p.name], at) for p in self}

    def velocity(self, memories: Memories, at: Solved) -> Array:
        """Return the outward normal velocity of the nodes of the curve (n,), nm/s."""
        weights = self.weights(memories, at.shape)
        parts = (p.velocity(memories[p.name], at, weights) for p in self)
        moving = [part for part in parts if isinstance(part, np.ndarray)]
        return sum(moving[1:], start=moving[0])

    def implicit(self, memories: Memories, at: Solved) -> Surface | None:
        """Return what moves the surface, with the velocity of `velocity`; None without tension."""
        weights = self.weights(memories, at.shape)
        parts = (p.implicit(memories[p.name], at, weights) for p in self)
        found = next((part for part in parts if part is not None), None)
        return found and replace(found, velocity=self.velocity(memories, at))

    def advanced(self, memories: Memories, step: float, shape: Shape, columns: int) -> Memories:
        """Return the memories ``step`` seconds later."""
        return {p.name: p.advanced(memories[p.name], step, shape, columns) for p in self}

    def midway(self, first: Memories, second: Memories) -> Memories:
        """Return ``first`` with the mean of the rates of both."""
        return {p.name: p.midway(first[p.name], second[p.name]) for p in self}

    def limit(self, memories: Memories) -> Limit:
        """Return the longest step (s) that follows all processes."""
        limits = [Limit(p.limit(memories[p.name]), f"the process {p.name}") for p in self]
        return min(limits, key=lambda limit: limit.step)

    def error(self, rough: Memories, fine: Memories) -> float:
        """Return the sum of the processes' own errors, relative."""
        return float(sum(p.error(rough[p.name], fine[p.name]) for p in self))

    def event(self, before: Memories, after: Memories) -> Event[Memories] | None:
        """Return the first event of a step, of the first process if several share its end."""
        first: Event[Memories] | None = None
        for p in self:
            event = p.event(before[p.name], after[p.name])
            if event is not None and (first is None or event.share < first.share):
                between = tuple({**after, p.name: memory} for memory in event.between)
                first = Event({**after, p.name: event.memory}, between, event.share)
        return first

    def booked(self, memories: Memories, curve: Points) -> Booked:
        """Return what the ledger must know of all processes."""
        parts = [p.booked(memories[p.name], curve) for p in self]
        return Booked(
            float(sum(part.volume for part in parts)),
            float(sum(part.expected_rate for part in parts)),
            float(sum(part.sites for part in parts)),
            max((part.site_volume for part in parts), default=0.0),
        )
