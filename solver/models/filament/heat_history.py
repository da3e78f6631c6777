"""Storage term of transient heat on a moving mesh: variable-step BDF2, backward Euler at first.

Nodes carry their temperature along: the time derivative is taken at fixed nodes and corrected by
the mesh velocity, rho c_p (dT/dt|node - w . grad T), both by the same difference formula.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

FROZEN_RATE = 1e18
"""Storage rate (1/s) that pins the temperature when a state is only solved again."""


def difference(step: float, former_step: float) -> tuple[float, float, float]:
    """Return the weights (1/s) of the new, the present and the former value in d/dt.

    Parameters
    ----------
    step, former_step
        From the present value on and before it, s; 0 where there is no former one.
    """
    if former_step == 0.0:
        return 1.0 / step, -1.0 / step, 0.0
    ratio = step / former_step
    new = (1 + 2 * ratio) / (1 + ratio)
    former = ratio**2 / (1 + ratio)
    return new / step, -(1 + ratio) / step, former / step


@dataclass(frozen=True, slots=True)
class HeatHistory:
    """What the storage term remembers of the states before the present one.

    Attributes
    ----------
    temperature, positions
        The state before the present one: (n,) in K and (n, 2) in nm, in present node numbers.
    step
        Time between it and the present state, s; 0 at the start of a run.
    transferred
        The present state comes from another mesh: it relaxes at once from what interpolation did
        to it, which no shorter step could resolve.
    """

    temperature: Array
    positions: Array
    step: float
    transferred: bool = False

    def weights(self, step: float) -> tuple[float, float, float]:
        """Return the weights (1/s) of the new, the present and the former value in d/dt."""
        return difference(step, self.step)

    def extrapolated(self, temperature: Array, step: float) -> Array:
        """Return the temperature expected after ``step`` from the last two states (n,), K."""
        if self.step == 0.0:
            return temperature
        return temperature + step / self.step * (temperature - self.temperature)
