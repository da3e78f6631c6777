"""A gap that closes to nothing: metal grows on beyond the narrowest gap of the mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tusk.meshes.cell import Stack
from tusk.meshes.curve import Points, nodal_areas
from tusk.solver.front.contact import HeldFront, flat_areas, moved
from tusk.solver.front.process import Booked
from tusk.solver.front.surface import Array, Shape, Solved, Weights
from tusk.solver.physics.constants import NM
from tusk.solver.physics.protocols import Growth

CLEARANCE = 0.01
"""Physical gap (nm) below which a closing column slows down, so that it closes without a jolt."""

CLOSED = 5e-3
"""Physical gap (nm) below which a column counts as closed."""

CLOSING_SHARE, CLOSING_MARGIN = 0.3, 0.002
"""Largest closing in one step: this share of the physical gap, and this much in any case (nm)."""


@dataclass(frozen=True, slots=True)
class Beyond:
    """Metal beyond the front; nothing in it is ever changed in place.

    Attributes
    ----------
    frozen
        Share of the front that is at rest, at each node of the filament curve (n,).
    closed, closing
        Filament metal beyond the frozen front at each node (n,), nm, and its rate, nm/s.
    """

    nodal: ClassVar[tuple[str, ...]] = ("frozen", "closed", "closing")

    frozen: Array
    closed: Array
    closing: Array


class ClosingGap(HeldFront[Beyond]):
    """Metal beyond the front, per node of the curve.

    The physical gap of a column is the mesh gap less (1 - v*) times that metal; it never becomes
    negative, for the cathodic branch fades out over the last hundredth of a nanometre.

    Parameters
    ----------
    gap, stack, dissolution_ratio
        As for `HeldFront`.
    growth
        Volume per charge.
    """

    memory = Beyond
    columns = ("closed_max_m",)

    def __init__(self, gap: float, stack: Stack, dissolution_ratio: float, growth: Growth) -> None:
        super().__init__(gap, stack, dissolution_ratio)
        self.growth = growth

    def begin(self, shape: Shape) -> Beyond:
        """Return the memory of an open gap."""
        zero = np.zeros(len(shape.curve))
        return Beyond(zero, zero, zero)

    def carried(self, memory: Beyond, old: Points, new: Points) -> Beyond:
        """Return the memory on redistributed nodes of the curve."""
        return Beyond(*moved(old, new, memory.frozen, memory.closed, memory.closing))

    def report(self, memory: Beyond, current: float) -> tuple[float, ...]:  # noqa: ARG002
        """Return the largest length of metal beyond the front, m, as a row of ``contact.csv``."""
        return (float(memory.closed.max()) * NM,)

    def _holding(self, memory: Beyond) -> Array:
        """Return the frozen share where there is metal beyond the front, else 0 (n,)."""
        return np.where(memory.closed > 0.0, memory.frozen, 0.0)

    def _room(self, memory: Beyond, shape: Shape) -> Array:
        """Return the factor of the cathodic branch at each node (n,): 0 where the gap is closed."""
        gap = shape.gap(self.stack) - self.approach * memory.closed
        return 1.0 - memory.frozen * (1.0 - np.clip(gap / CLEARANCE, 0.0, 1.0))

    def weigh(self, memory: Beyond, shape: Shape, weights: Weights) -> Weights:
        """Return the factors with what is closed and where nothing more can grow."""
        gap = np.maximum(shape.gap(self.stack), 0.0)
        return replace(
            weights,
            depositing=weights.depositing * self._room(memory, shape),
            retreating=weights.retreating * (1.0 - self._holding(memory)),
            advancing=weights.advancing * (1.0 - memory.frozen),
            closed=np.minimum(self.approach * memory.closed, gap),
        )

    def observed(self, memory: Beyond, at: Solved) -> Beyond:
        """Return the memory with the rate at which metal comes to or leaves the frozen part."""
        free = 1.0 - memory.frozen
        gone = at.charge_transfer.anodic * self._holding(memory)
        came = at.charge_transfer.cathodic * (self._room(memory, at.shape) - free)
        speed = np.asarray(self.growth.normal_velocity(gone - came)) / NM
        curve = at.shape.curve
        flat = flat_areas(curve)
        ratio = np.where(flat > 0.0, nodal_areas(curve) / np.where(flat > 0.0, flat, 1.0), 0.0)
        return replace(memory, closing=speed * ratio)

    def advanced(self, memory: Beyond, step: float, shape: Shape, columns: int) -> Beyond:
        """Return the memory a step later; the electrode bounds the metal."""
        most = shape.gap(self.stack) / max(self.approach, 1e-9)
        closed = np.clip(memory.closed + step * memory.closing, 0.0, np.maximum(most, 0.0))
        closed[columns:] = 0.0
        frozen = self.refrozen(memory.frozen, self._holding(memory), shape, columns)
        return replace(memory, closed=closed, frozen=frozen)

    def midway(self, first: Beyond, second: Beyond) -> Beyond:
        """Return ``first`` with the mean of both rates."""
        return replace(first, closing=0.5 * (first.closing + second.closing))

    def limit(self, memory: Beyond) -> float:
        """Return the longest step (s): a share of the physical gap, and some margin."""
        left = np.maximum(self.gap - self.approach * memory.closed, 0.0)
        rate = np.abs(memory.closing) / (CLOSING_SHARE * left + CLOSING_MARGIN)
        return 1.0 / max(float(rate.max()), 1e-300)

    def error(self, rough: Beyond, fine: Beyond) -> float:
        """Return the largest difference of the closed metal over its scale."""
        return float(np.abs(rough.closed - fine.closed).max()) / (self.gap + 0.05)

    def booked(self, memory: Beyond, curve: Points) -> Booked:
        """Return the metal beyond the front."""
        return Booked(float(flat_areas(curve) @ memory.closed))

    def physical_gap(self, memory: Beyond, gap: Array) -> Array:
        """Return the gap that electrons see (n,), nm."""
        return np.maximum(gap - self.approach * memory.closed, 0.0)

    def is_closed(self, memory: Beyond) -> bool:
        """Return whether a column is closed."""
        return bool(np.any(self.gap - self.approach * memory.closed < CLOSED))
