"""What a step remembers of the state before the present one, to foresee the next.

The surface is predicted by the second-order formula of Adams and Bashforth, the fields by a
straight line through the last two states: the solve at the predicted surface starts close to its
solution, and what the implicit correction then changes measures the error of the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FASTEST_SHRINKING = 0.5
"""A step that had to shrink is expected to shrink again, but by no more than this factor."""


@dataclass(frozen=True, slots=True)
class History:
    """The state before the present one.

    Attributes
    ----------
    solution, velocity
        Nodal fields (n, 3) in V, V, K and node velocities of the curve (k, 2) in nm/s, in present
        node numbers.
    step
        Time between it and the present state, s; 0 where there is nothing to go by: at the start,
        and after a corner of the drive.
    """

    solution: Array
    velocity: Array
    step: float

    @property
    def order(self) -> int:
        """Order of the predicted surface."""
        return 1 if self.step == 0.0 else 2

    def error_share(self, step: float) -> float:
        """Return the error of a corrected step over what the correction changed.

        The local errors of prediction and trapezoidal rule are -(1/6 + 1/(4 w)) and 1/12 of
        h^3 times the third derivative, w the ratio of the steps; without a former state the
        change itself is taken.
        """
        if self.step == 0.0:
            return 1.0
        return 1.0 / (3.0 + 3.0 * self.step / step)

    def shrinking(self, step: float) -> float:
        """Return the factor by which steps are shrinking: a runaway goes on shrinking them."""
        if self.step == 0.0:
            return 1.0
        return min(1.0, max(FASTEST_SHRINKING, step / self.step))

    def displacement(self, velocity: Array, step: float) -> Array:
        """Return the displacement of the curve nodes (k, 2) that is expected in ``step``, nm."""
        if self.step == 0.0:
            return step * velocity
        return step * (velocity + 0.5 * step / self.step * (velocity - self.velocity))

    def extrapolated(self, solution: Array, step: float) -> Array:
        """Return the nodal fields (n, 3) that are expected after ``step``."""
        if self.step == 0.0:
            return solution
        return solution + step / self.step * (solution - self.solution)
