"""Growth and dissolution by charge transfer (Buttberg 2025, eq. 1)."""

from __future__ import annotations

import numpy as np

from tusk.solver.front.process import Nothing, Process
from tusk.solver.front.surface import Array, Solved, Weights
from tusk.solver.physics.constants import NM
from tusk.solver.physics.protocols import Growth


class FaradayGrowth(Process[Nothing]):
    """What ions bring or take moves the front.

    Parameters
    ----------
    growth
        Volume per charge.
    """

    name = "growth"

    def __init__(self, growth: Growth) -> None:
        self.growth = growth

    def velocity(self, memory: Nothing, at: Solved, weights: Weights) -> Array:  # noqa: ARG002
        """Return v_n = -(m/(z e rho)) J of the branches that move the front (n,), nm/s."""
        flow = at.charge_transfer
        density = weights.retreating * flow.anodic - weights.advancing * flow.cathodic
        return np.asarray(self.growth.normal_velocity(density)) / NM
