"""The nucleus, which is there from the start and does not dissolve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tusk.meshes.curve import Points
from tusk.solver.front.faraday import FaradayGrowth
from tusk.solver.front.process import Process
from tusk.solver.front.surface import Shape, Solved, Weights

ON_NUCLEUS = 1.0 + 1e-3
"""Distance, in nucleus radii, up to which a dissolving node rests on the nucleus.

Held nodes still deposit a little: they must not drift off, be freed and dissolve in turn.
"""


@dataclass(frozen=True, slots=True)
class Held:
    """Which nodes of the curve rest on the nucleus and would dissolve (n,), bool."""

    nodal: ClassVar[tuple[str, ...]] = ("nodes",)

    nodes: np.ndarray


class Nucleus(Process[Held]):
    """A hemisphere that the surface never enters; where it rests there nothing dissolves.

    Parameters
    ----------
    radius
        In nm.
    growth
        By which the surface would dissolve.
    still
        Where it rests it does not grow either, and it rests from the start: a surface that would
        dissolve at any time would be freed by a little growth and jump back.
    """

    name = "nucleus"
    memory = Held

    def __init__(self, radius: float, growth: FaradayGrowth, still: bool = False) -> None:
        self.radius = radius
        self._still = still
        self._growth = growth

    def begin(self, shape: Shape) -> Held:
        """Return what is held at the start."""
        return Held(self._reached(shape.curve) & self._still)

    def carried(self, memory: Held, old: Points, new: Points) -> Held:  # noqa: ARG002
        """Return what rests on the nucleus, if anything was held there."""
        return Held(self._reached(new) & bool(memory.nodes.any()))

    def kept(self, memory: Held, old: Points, new: Points) -> Points:  # noqa: ARG002
        """Return the curve with points inside the hemisphere put on its surface."""
        distance = np.hypot(*new.T)
        pushed = self.radius / np.maximum(distance, 1e-12)
        return np.asarray(new * np.where(distance < self.radius, pushed, 1.0)[:, None])

    def settled(self, memory: Held, old: Points, new: Points) -> Points:
        """Return the redistributed nodes outside the hemisphere."""
        return self.kept(memory, old, new)

    def weigh(self, memory: Held, shape: Shape, weights: Weights) -> Weights:  # noqa: ARG002
        """Return the factors with dissolution off where the nucleus is reached."""
        return weights.held(memory.nodes, self._still)

    def concluded(self, memory: Held, at: Solved) -> Held:  # noqa: ARG002
        """Return the nodes on the nucleus that would dissolve: these are held."""
        on = self._reached(at.shape.curve)
        if not on.any():
            return Held(on)
        free = Weights.free(len(on))
        velocity = self._growth.velocity(self._growth.begin(at.shape), at, free)
        return Held(np.asarray(on & (velocity < 0.0)))

    def _reached(self, curve: Points) -> np.ndarray:
        return np.asarray(np.hypot(*curve.T) <= self.radius * ON_NUCLEUS)
