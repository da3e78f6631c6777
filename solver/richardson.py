"""Discretisation error of a number from runs of ever finer resolution (Richardson)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

THEORY = 2.0
"""Order of the elements and of the stepper; a higher one observed is luck, and not used."""

LOWEST_ORDER, HIGHEST_ORDER = 0.5, 4.0
"""Observed orders outside of these say that the ladder does not converge regularly."""

MARGIN = 1.5
"""Error over the largest difference of a ladder that does not converge regularly."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """Error of the coarsest of three numbers.

    Attributes
    ----------
    error
        Absolute error, >= 0, in the unit of the numbers.
    order
        Observed order of convergence, None where differences vanish or change sign.
    limit
        Extrapolated number, None where the ladder is irregular.
    """

    error: float
    order: float | None
    limit: float | None

    @property
    def regular(self) -> bool:
        """Whether the numbers converge as Richardson's extrapolation supposes."""
        return self.limit is not None


def estimate(values: Sequence[float], ratio: float) -> Estimate:
    """Return the error of the first of three numbers.

    With differences d1 = f1 - f0 and d2 = f2 - f1 at sizes h, q h, q² h the order is
    p = ln(d1/d2)/ln(1/q) and the limit f2 + d2 q^p/(1 - q^p), with p at most 2.  Where d1 and d2
    differ in sign, or p lies outside 0.5 to 4, the error is 1.5 times the largest difference.

    Parameters
    ----------
    values
        The number at sizes h, q h and q² h.
    ratio
        q, between 0 and 1.

    Raises
    ------
    ValueError
        If there are not three numbers, or the ratio is not between 0 and 1.
    """
    if len(values) != 3 or not 0.0 < ratio < 1.0:
        raise ValueError(f"three numbers and a ratio of 0 to 1 are wanted, got {values}, {ratio}")
    first, second, third = values
    before, after = second - first, third - second
    if before == after == 0.0:
        return Estimate(0.0, None, first)
    if before * after > 0.0:
        order = math.log(before / after) / math.log(1.0 / ratio)
        if LOWEST_ORDER <= order <= HIGHEST_ORDER:
            shrink = ratio ** min(order, THEORY)
            limit = third + after * shrink / (1.0 - shrink)
            return Estimate(abs(limit - first), order, limit)
        return Estimate(MARGIN * (max(values) - min(values)), order, None)
    return Estimate(MARGIN * (max(values) - min(values)), None, None)
