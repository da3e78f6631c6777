"""Surface tension moves the front: surface diffusion, Young's angle, and charge transfer's answer.

What curvature does to charge transfer itself is in its overpotential, see `.kinetics`.
"""

from __future__ import annotations

import numpy as np

from tusk.solver.fields.field import HEAT
from tusk.solver.front.faraday import FaradayGrowth
from tusk.solver.front.mechanics.surface import ContactLine, Surface
from tusk.solver.front.process import Nothing, Process
from tusk.solver.front.surface import Array, Solved, Weights
from tusk.solver.physics.capillarity import Capillarity
from tusk.solver.physics.constants import NM

PROBE = 1e-4
"""Change of the overpotential (V) by which the slope of charge transfer is found."""


class SurfaceForces(Process[Nothing]):
    """A surface with tension, treated implicitly: its equation is of fourth order.

    Parameters
    ----------
    law
        Surface energy, diffusion and contact angle.
    growth
        By which charge transfer moves the surface.
    """

    name = "capillarity"

    def __init__(self, law: Capillarity, growth: FaradayGrowth) -> None:
        self.law = law
        self._growth = growth

    def implicit(self, memory: Nothing, at: Solved, weights: Weights) -> Surface:  # noqa: ARG002
        """Return B (nm^4/s), M (nm^2/s) and the contact line; what is held does not diffuse."""
        diffusing = np.asarray(self.law.mobility(at.fields[:, HEAT])) / NM**4
        still = np.zeros(len(at.shape.curve))
        line = ContactLine(self.law.contact_angle, self.law.contact_mobility / NM)
        return Surface(diffusing * weights.advancing, still, self._damping(at, weights), line, line)

    def _damping(self, at: Solved, weights: Weights) -> Array:
        """Return M = -dv/dkappa >= 0 of charge transfer (n,), nm^2/s."""
        more, less = (
            self._growth.velocity(Nothing(), at.shifted(shift), weights)
            for shift in (PROBE, -PROBE)
        )
        per_volt = (more - less) / (2.0 * PROBE)
        return np.maximum(-per_volt * float(self.law.potential(1.0 / NM)), 0.0)
