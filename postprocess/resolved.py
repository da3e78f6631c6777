"""Currents as a logarithmic axis can show them: resolved ones only, and what happens near 0 V."""

import numpy as np

from tusk.postprocess.style import RESOLVED_CURRENT

PER_DECADE = 8
"""Samples of a straight I(V) per decade of the voltage."""

AT_ZERO = 1e-3
"""A step leads to 0 V if its voltage falls below this share of what it was, or changes sign."""


def resolved_curve(voltage: np.ndarray, current: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a curve whose logarithm can be drawn: points between its rows are on it too.

    Through 0 V a cell is a resistance. Two rows, one of them at 0 V, are joined by that straight
    line, which a logarithmic axis bends: it is sampled down to the resolved current. Currents
    below that are no numbers to draw.

    Parameters
    ----------
    voltage, current
        V and A, shape (rows,), in the order of time.

    Returns
    -------
    voltage, current
        Shape (n,), n >= rows; the current is NaN where it is not resolved.
    """
    volts, amperes = [voltage[:1]], [current[:1]]
    for k in range(1, len(voltage)):
        ends = (voltage[k - 1], current[k - 1]), (voltage[k], current[k])
        for (here, flowing), (there, _), falling in ((*ends, True), (*reversed(ends), False)):
            if abs(there) > AT_ZERO * abs(here) and there * here >= 0.0:
                continue
            share = _shares(flowing)[:: 1 if falling else -1]
            volts.append(share * here)
            amperes.append(share * flowing)
        volts.append(voltage[k : k + 1])
        amperes.append(current[k : k + 1])
    flat = np.concatenate(amperes)
    return np.concatenate(volts), np.where(np.abs(flat) >= RESOLVED_CURRENT, flat, np.nan)


def _shares(current: float) -> np.ndarray:
    """Return the shares of a current at which its way to zero is sampled, falling below 1."""
    decades = np.log10(max(abs(float(current)) / RESOLVED_CURRENT, 1.0))
    if decades == 0.0:
        return np.empty(0)
    # The last one keeps clear of the resolution, which rounding may cross.
    steps = np.arange(1, int(np.ceil(decades * PER_DECADE)))
    return np.asarray(10.0 ** -np.append(steps / PER_DECADE, decades * (1.0 - 1e-12)))
