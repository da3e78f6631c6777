"""What moves a surface: diffusion along it, charge transfer, contact lines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from tusk.meshes.curve import Points, Values, segment_lengths
from tusk.solver.front.mechanics.curves import End, node_areas


@dataclass(frozen=True, slots=True)
class ContactLine:
    """How metal meets an electrode.

    Attributes
    ----------
    angle
        Young's contact angle θ inside the metal, rad: cosθ = (γ_electrode - γ_between)/γ.
    mobility
        m in dr/dt = m (cosθ - cosθ_now), length/s; infinite: Young's angle at once, 0: pinned.
    """

    angle: float = np.pi / 2
    mobility: float = np.inf


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """What moves a surface, node by node; the null member of everything is zero.

    Attributes
    ----------
    mobility
        B of surface diffusion v_n = B ∇_s²κ (n,), length⁴/s.
    velocity
        v_n by charge transfer on the curve as it is (n,), length/s, outward.
    damping
        M = -∂v/∂κ >= 0 of charge transfer (n,), length²/s.
    counter, active
        The contact lines.
    """

    mobility: Values
    velocity: Values
    damping: Values
    counter: ContactLine = field(default_factory=ContactLine)
    active: ContactLine = field(default_factory=ContactLine)

    def carried(self, onto: Callable[[Values], Values]) -> Surface:
        """Return the same on other nodes; ``onto`` takes nodal values there."""
        return replace(
            self,
            mobility=onto(self.mobility),
            velocity=onto(self.velocity),
            damping=onto(self.damping),
        )

    @classmethod
    def diffusing(cls, count: int, mobility: float, angle: float = np.pi / 2) -> Surface:
        """Return a surface of ``count`` nodes that does nothing but diffuse."""
        nothing = np.zeros(count)
        line = ContactLine(angle)
        return cls(np.full(count, mobility), nothing, nothing, line, line)

    def line(self, end: End) -> ContactLine | None:
        """Return the contact line of an end, None at a pole."""
        return {End.AXIS: None, End.COUNTER: self.counter, End.ACTIVE: self.active}[end]


def deposit_rates(points: Points, velocity: Values) -> Values:
    """Return the volume per time that piecewise linear ``velocity`` brings to each node (n,).

    The sum is the integral of the velocity over the surface, Σ v_j ∫ χ_j: what Faraday's law gives
    on the same elements; velocities are in length/s.
    """
    radius, length = points[:, 0], segment_lengths(points)
    rest = -np.pi / 12.0 * length * np.diff(radius) * np.diff(velocity)
    rates = node_areas(points) * velocity
    rates[:-1] += 0.5 * rest
    rates[1:] += 0.5 * rest
    return rates
