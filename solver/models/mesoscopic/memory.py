"""The state of the mesoscopic cell, and its mean field in time ([M 11-19])."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import dtbtrs

from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.device import Number
from tusk.solver.models.mesoscopic.stepper import CircuitStepper

Array = NDArray[np.float64]


class State(NamedTuple):
    """What the cell remembers.

    Attributes
    ----------
    transparency
        rho, share of the sites that conduct.
    channels
        Transmissions of the conducting sites, summed.
    event
        Number of events so far.
    threshold
        Integrated hazard that is left until the next event.
    each
        Transmission of every conducting site; empty in the mean field.
    """

    transparency: float
    channels: float
    event: int = 0
    threshold: float = math.inf
    each: tuple[float, ...] = ()


class Track(NamedTuple):
    """Transparency and `State.channels` at the times that were asked for, both (n,)."""

    transparency: Array
    channels: Array


class Memory(Protocol):
    """Moves the state along a drive that is linear from node to node and keeps its sign there."""

    def start(self, transparency: float) -> State:
        """Return the state at rest with a share of the sites conducting."""
        ...

    def advance(self, state: State, times: Array, drives: Array) -> tuple[State, Track]:
        """Return the state at the last node and the track at all nodes but the first.

        Parameters
        ----------
        state
            At the first node.
        times, drives
            The nodes, in s and V or A, (n + 1,).
        """
        ...


@dataclass(frozen=True, slots=True)
class MeanField:
    """d rho/dt = omega_S (1 - rho) - omega_R rho ([M 19], rho = 1 - g~).

    Exact, and for all rows at once, if the drive is the cell voltage; in a circuit step by step,
    see `CircuitStepper`.

    Parameters
    ----------
    cell
        The cell.
    tolerance
        Error of rho allowed per step.
    """

    cell: Cell
    tolerance: float

    def start(self, transparency: float) -> State:
        """Return the state at rest with a share of the sites conducting."""
        return State(transparency, transparency * self._channels())

    def advance(self, state: State, times: Array, drives: Array) -> tuple[State, Track]:
        """Return the state at the last node and the track at all nodes but the first.

        Raises
        ------
        StepTooSmall
            If no step is short enough.
        """
        cell = self.cell
        if cell.source.is_ideal and cell.rates.is_voltage_driven:
            rates = cell.rates.mean(drives[:-1], drives[1:])
            kept, gained = _exact(np.diff(times), *rates)
            forward = _forward(kept, gained, state.transparency)
            found = np.clip(forward, 0.0, 1.0)  # round-off may pass the ends
        else:
            stepper = CircuitStepper(cell, self._channels(), self.tolerance)
            found = stepper.advance(state.transparency, times, drives)
        track = Track(found, found * self._channels())
        return State(float(found[-1]), float(track.channels[-1])), track

    def _channels(self) -> float:
        mean = 1.0 - self.cell.disorder * math.sqrt(2.0 / math.pi)
        return self.cell.device.sites * mean


def _exact(length: Array, setting: Number, resetting: Number) -> tuple[Array, Array]:
    """Return a and b of rho(t + dt) = a rho(t) + b for constant rates (1/s) ([M 17, 19])."""
    total = np.add(setting, resetting) * length
    some = total > 0.0
    share = np.where(some, -np.expm1(-total) / np.where(some, total, 1.0), 1.0)
    return np.exp(-total), np.asarray(setting * length * share)


def _forward(kept: Array, gained: Array, start: float) -> Array:
    """Return x_k = kept_k x_(k-1) + gained_k behind x_(-1) = start, all (n,)."""
    band = np.vstack((np.ones(len(kept)), np.append(-kept[1:], 0.0)))
    right = gained.copy()
    right[0] += kept[0] * start
    return np.asarray(dtbtrs(band, right, uplo="L")[0])
