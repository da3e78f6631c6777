"""The mean field of a cell in a circuit, step by step ([M 19] with [M 8] and a source)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import StepTooSmall
from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE

Array = NDArray[np.float64]

_SMALLEST_SHARE = 1e-12
_MOST_ITERATIONS = 12
_SETTLED = 1e-4
_NOTHING = 1e-9
"""Cell voltage (V) below which digits do not matter."""

_SHARE = 1e-2
"""What is left by the iteration, of the tolerance."""

_FLAT = 1e-4
_STEEPEST = 200.0
_LARGEST_RATE, _LARGEST_BEND = 600.0, 100.0
_SLACK = 0.05
"""Least stiffness left to the circuit, of that at a fixed state: below, it is about to snap."""


class _End(NamedTuple):
    """One end of a step: rho, size V of the cell voltage, and dV/dt = (push du/dt - pull)/fixed."""

    transparency: float
    voltage: float
    push: float
    pull: float
    fixed: float

    def slope(self, speed: float) -> float:
        """Return dV/dt in V/s while the drive moves at a speed (V/s or A/s)."""
        return (self.push * speed - self.pull) / self.fixed


class CircuitStepper:
    """Steps d rho/dt = omega_S (1 - rho) - omega_R rho with the cell voltage of a circuit.

    Within a step the cell voltage runs linearly from end to end, for which the equation is solved
    exactly; what it deviates, h (dV/dt_0 - dV/dt_1)/12 in the mean, is added to both ends, which
    makes the step one of fourth order. The voltage at its end is found by Newton's method on the
    current, rho being a function of it. The size of the addition, times the change of rho for it,
    is the error that is held below the tolerance.

    Plain numbers throughout: one step follows the other.

    Parameters
    ----------
    cell
        The cell.
    channels
        Transmission of all sites together.
    tolerance
        Error of rho allowed per step.
    """

    def __init__(self, cell: Cell, channels: float, tolerance: float) -> None:
        device, rates = cell.device, cell.rates
        self._cell, self._source, self._tolerance = cell, cell.source, tolerance
        self._single = device.conduction == "gap"
        self._widest, self._span = device.gap_max, device.gap_max - device.gap_min
        self._decay = device.constriction.decay_length
        self._per_gap = 0.5 * ELEMENTARY_CHARGE * device.constriction.alpha_per_length
        self._through = CONDUCTANCE_QUANTUM * math.exp(-self._widest / self._decay) * device.sites
        self._ohmic = CONDUCTANCE_QUANTUM * channels
        self._driven = {
            1.0: (rates.set_rate, 1.0 / rates.set_voltage),
            -1.0: (rates.reset_rate, 1.0 / rates.reset_voltage),
        }
        self._mixed = not rates.is_voltage_driven
        self._always = rates.spontaneous_set_rate, rates.spontaneous_reset_rate

    def advance(self, start: float, times: Array, drives: Array) -> Array:
        """Return rho at all nodes but the first; the drive keeps its sign between two nodes.

        Raises
        ------
        StepTooSmall
            If no step is short enough.
        """
        out = []
        time, drive = times.tolist(), drives.tolist()
        sign = 1.0 if drive[0] + drive[1] >= 0.0 else -1.0
        channels = start * self._ohmic / CONDUCTANCE_QUANTUM
        now = self._end(
            start, abs(float(self._cell.voltage(drive[0], start, channels))), drive[0], sign
        )
        for k in range(len(time) - 1):
            turned = drive[k] + drive[k + 1]
            if turned * sign < 0.0:
                sign = -sign
                now = self._end(now.transparency, now.voltage, drive[k], sign)
            now = self._cross(
                now, time[k + 1] - time[k], sign * drive[k], sign * drive[k + 1], sign
            )
            out.append(now.transparency)
        return np.array(out)

    def _cross(self, now: _End, duration: float, first: float, last: float, sign: float) -> _End:
        """Return the end of a stretch; the drive is given by its size (V or A)."""
        if duration <= 0.0:  # the drive changed its sign within round-off of a node
            return now
        speed = (last - first) / duration
        done, share = 0.0, 1.0
        while done < 1.0:
            if share > 1.0 - done:
                share = 1.0 - done
            drive = first + (done + share) * (last - first)
            following, error = self._step(now, share * duration, drive, speed, sign)
            if error <= self._tolerance:
                now, done = following, done + share
                if done >= 1.0:
                    break
            elif share < _SMALLEST_SHARE:
                raise StepTooSmall(f"stepping.tolerance: not reached with {share * duration:g} s")
            growth = 0.85 * (self._tolerance / max(error, 1e-30)) ** (1.0 / 3.0)
            share *= min(max(growth, 0.25), 4.0)
        return now

    def _step(
        self, now: _End, length: float, drive: float, speed: float, sign: float
    ) -> tuple[_End, float]:
        """Take one step; return its end and the error of rho, infinite if there is no end."""
        rho, begin, start = now.transparency, now.voltage, now.slope(speed)
        voltage = begin + start * length
        if voltage < 0.0:
            voltage = 0.0
        gain = 0.5 * length * ((1.0 - rho) if sign > 0.0 else -rho)
        bend = 0.0
        for _ in range(_MOST_ITERATIONS):
            up, down = self._rates(begin + bend, voltage + bend, sign)
            total = up + down
            kept = math.exp(-total * length)
            twist = self._twist(begin, voltage, sign) * length if self._mixed else 0.0
            level = (up + twist) / total if total > 0.0 else rho
            after = level + (rho - level) * kept
            moved = gain * kept * self._steepness(0.5 * (begin + voltage), sign)
            end, excess, by_rho = self._end_and_excess(after, voltage, drive, sign)
            free = end.fixed + by_rho * moved  # d excess/d voltage
            if free < _SLACK * end.fixed:
                return now, math.inf
            change = excess / free
            before, bend = bend, length * (start - end.slope(speed)) / 12.0
            voltage -= change
            if voltage < 0.0:
                voltage = 0.0
            missed = abs(moved) * (abs(change) + abs(bend - before))
            if (
                abs(change) <= _SETTLED * (voltage + _NOTHING)
                and missed <= _SHARE * self._tolerance
            ):
                after = min(max(after - moved * change, 0.0), 1.0)
                end = _End(after, voltage, end.push, end.pull, end.fixed)
                off = abs(moved * bend) + abs(twist) * min(length, 1.0 / (total or 1.0))
                return end, 0.5 * off
        return now, math.inf

    def _end(self, rho: float, voltage: float, drive: float, sign: float) -> _End:
        return self._end_and_excess(rho, voltage, abs(drive), sign)[0]

    def _end_and_excess(
        self, rho: float, voltage: float, drive: float, sign: float
    ) -> tuple[_End, float, float]:
        """Return the end, the current (A) there is too much, and dI/d rho (A)."""
        if self._source.is_ideal:
            return _End(rho, voltage, 1.0, 0.0, 1.0), voltage - drive, 0.0
        flowing, slope, by_rho = self._current(voltage, rho)
        supplied, conductance = self._source.evaluate(sign * drive, sign * voltage)
        up, down = self._rates(voltage, voltage, sign)
        pull = by_rho * (up * (1.0 - rho) - down * rho)
        # A voltage source knows the difference of both voltages alone, a current source neither.
        push = conductance if conductance > 0.0 else 1.0
        end = _End(rho, voltage, push, pull, slope + conductance)
        return end, flowing - sign * supplied, by_rho

    def _rates(self, first: float, last: float, sign: float) -> tuple[float, float]:
        """Return the mean omega_S, omega_R (1/s) between two sizes of the cell voltage (V)."""
        rate, steepness = self._driven[sign]
        middle, half = 0.5 * steepness * (first + last), 0.5 * steepness * (last - first)
        if not 0.0 < middle < _LARGEST_RATE:
            middle = 0.0 if middle <= 0.0 else _LARGEST_RATE
        mean = rate * math.sinh(middle)
        if not -1e-3 < half < 1e-3:
            half = min(max(half, -_LARGEST_BEND), _LARGEST_BEND)
            mean *= math.sinh(half) / half
        up, down = self._always
        return (up + mean, down) if sign > 0.0 else (up, down + mean)

    def _twist(self, first: float, last: float, sign: float) -> float:
        """Return what the mean omega_S lacks where both rates act and change, in 1/s per s."""
        (up, down), (after, below) = (self._rates(v, v, sign) for v in (first, last))
        return (after * down - up * below) / 12.0

    def _steepness(self, voltage: float, sign: float) -> float:
        """Return d omega/dV (1/(V s)) of the rate that the voltage drives."""
        rate, steepness = self._driven[sign]
        x = steepness * voltage
        return rate * steepness * math.cosh(x if x < _LARGEST_RATE else _LARGEST_RATE)

    def _current(self, voltage: float, rho: float) -> tuple[float, float, float]:
        """Return I (A), dI/dV (S) and dI/d rho (A) at a size of the voltage (V).

        What `device.current` says of many numbers, and the slope in rho beside it.
        """
        gap = self._widest - self._span * rho if self._single else self._widest
        if self._single:
            through = CONDUCTANCE_QUANTUM * math.exp(-gap / self._decay)
        else:
            through = self._through
        x = self._per_gap * gap * voltage
        if x < _FLAT:
            flowing, slope = through * voltage * (1.0 + x * x / 6.0), through * (1.0 + 0.5 * x * x)
            bent = through * voltage * x * x / 3.0
        else:
            inside = x if x < _STEEPEST else _STEEPEST
            slope = through * math.cosh(inside)
            flowing = (through * math.sinh(inside) + slope * (x - inside)) * voltage / x
            bent = slope * voltage - flowing
        if self._single:
            shrunk = -flowing / self._decay + (bent / gap if gap > 0.0 else 0.0)
            return flowing, slope, -self._span * shrunk
        ohmic, rest = self._ohmic, 1.0 - rho
        return (
            ohmic * rho * voltage + rest * flowing,
            ohmic * rho + rest * slope,
            ohmic * voltage - flowing,
        )
