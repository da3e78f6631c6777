"""The cell voltage that a source leaves on the device, for many states at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import wrightomega

from tusk.solver.errors import SolveError
from tusk.solver.models.mesoscopic.device import Parts, current
from tusk.solver.physics.protocols import Source
from tusk.solver.physics.source import CurrentLimiter, CurrentSource

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

_MOST_ITERATIONS = 200
_TOLERANCE = 1e-8
"""Last change, relative: Newton's method leaves about its square."""


def voltage_of(parts: Parts, flowing: ArrayLike) -> Array:
    """Return the voltages (V) at which currents (A) flow through devices, any shape.

    Raises
    ------
    SolveError
        If the iteration does not end: only for a device that conducts nothing.
    """
    return cell_voltage(CurrentSource(), parts, flowing)


def cell_voltage(
    source: Source, parts: Parts, drive: ArrayLike, guess: ArrayLike | None = None
) -> Array:
    """Return the cell voltages (V) at which source and devices carry the same current.

    Newton's method on the current of the device minus that of the source, which is convex and
    rises with the voltage: from at or above the root it comes down without a miss.

    Parameters
    ----------
    source
        Element between the drive and the cell.
    parts
        See `Device.parts`; numbers or arrays of the shape of the drive.
    drive
        V or A, any shape.
    guess
        Voltages near the solution, V.

    Raises
    ------
    SolveError
        If the iteration does not end: only for a device that conducts nothing.
    """
    drive = np.asarray(drive, dtype=float)
    if source.is_ideal:
        return drive
    size, forward = np.abs(drive), drive >= 0.0
    zero = np.zeros_like(size)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        highest = _ceiling(parts, supply(source, size, zero, forward)[0])
        if not isinstance(source, CurrentSource):
            highest = np.minimum(highest, size)
        voltage = highest
        if guess is not None:
            voltage = np.clip(np.where(forward, guess, np.negative(guess)), 0.0, highest)
            change = _change(source, parts, size, voltage, forward)
            # Left of the root one step of Newton leads to its right.
            voltage = np.where(change < 0.0, np.minimum(voltage - change, highest), voltage)
        for _ in range(_MOST_ITERATIONS):
            change = _change(source, parts, size, voltage, forward)
            voltage = np.maximum(voltage - change, 0.0)
            if np.all(np.abs(change) <= _TOLERANCE * voltage + np.finfo(float).tiny):
                return np.asarray(np.where(forward, voltage, -voltage))
    raise SolveError("source: the cell voltage could not be found")


def _change(source: Source, parts: Parts, size: Array, voltage: Array, forward: Mask) -> Array:
    flowing, slope = current(parts, voltage)
    supplied, conductance = supply(source, size, voltage, forward)
    return np.asarray((flowing - supplied) / (slope + conductance))


def _ceiling(parts: Parts, flowing: Array) -> Array:
    """Return voltages (V) at or above those at which currents >= 0 (A) flow."""
    ohmic, gap, steepness = parts
    linear = flowing / (ohmic + gap)
    tunnel = np.arcsinh(steepness * flowing / gap) / steepness
    return np.asarray(np.fmin(linear, tunnel))


def supply(
    source: Source, size: Array, voltage: Array, forward: Mask
) -> tuple[Array, Array | float]:
    """Return the current (A) a source supplies and -dI/dV_cell (S), sizes of all three.

    Parameters
    ----------
    source
        As `cell_voltage`; what `Source.evaluate` says of one number.
    size
        Absolute value of the drive, V or A.
    voltage
        Absolute value of the cell voltage, at most that of a voltage drive, V.
    forward
        Whether the drive is positive.
    """
    if not isinstance(source, CurrentLimiter):
        return source.evaluate(size, voltage)  # type: ignore[arg-type, return-value]
    _, backward = source.evaluate(-1.0, 0.0)
    excess = np.maximum(size - voltage, 0.0)
    scale = source.compliance_current / source.limiter_voltage
    drop = _scaled_drop(excess / source.limiter_voltage, source.series_resistance * scale)
    slope = scale * np.exp(-drop)
    flowing = np.where(forward, -source.compliance_current * np.expm1(-drop), backward * excess)
    conductance = np.where(forward, slope / (1.0 + source.series_resistance * slope), backward)
    return flowing, conductance


def _scaled_drop(excess: Array, rho: float) -> Array:
    """Solve x + rho (1 - exp(-x)) = excess for the drop x over the limiter, in V_0."""
    if rho == 0.0:
        return excess
    offset = excess - rho
    drop = np.maximum(offset + wrightomega(np.log(rho) - offset), 0.0)
    for _ in range(2):  # restores the digits lost where the drop is small against rho
        residual = drop - rho * np.expm1(-drop) - excess
        drop = np.maximum(drop - residual / (1.0 + rho * np.exp(-drop)), 0.0)
    return np.asarray(drop)
