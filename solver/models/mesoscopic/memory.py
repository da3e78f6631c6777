"""The state of the mesoscopic cell and how it moves in time ([M 11-19])."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tusk.solver.errors import StepTooSmall
from tusk.solver.models.mesoscopic.device import Device, TwoNodes, cell_voltage
from tusk.solver.physics.contact.master_equation import (
    SiteRates,
    event_numbers,
    transmissions,
)
from tusk.solver.physics.contact.switching import VoltageDrivenRates
from tusk.solver.physics.protocols import Source

_SMALLEST_SHARE = 1e-12
_SAFETY = 0.85
_EVENT_TOLERANCE = 1e-10


class State(NamedTuple):
    """What the cell remembers.

    Attributes
    ----------
    transparency
        rho, share of the sites that conduct.
    channels
        Transmissions of the conducting sites, summed.
    voltage
        Cell voltage, V: where the search for the next one begins.
    event
        Number of events so far.
    threshold
        Integrated hazard that is left until the next event.
    each
        Transmission of every conducting site; empty in the mean field.
    """

    transparency: float
    channels: float
    voltage: float = 0.0
    event: int = 0
    threshold: float = math.inf
    each: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """Device, source and rates of one member.

    Parameters
    ----------
    device
        Current and heat.
    source
        Element between the drive and the cell.
    rates
        Set and reset rates of a site.
    thermal
        Temperatures of both ends.
    disorder
        Width of the transmissions of conducting sites below 1.
    """

    device: Device
    source: Source
    rates: VoltageDrivenRates
    thermal: TwoNodes
    disorder: float = 0.0

    def voltage(self, drive: float, state: State) -> float:
        """Return the cell voltage (V) at a drive (V or A)."""
        if self.source.is_ideal:
            return drive
        parts = self.device.parts(state.transparency, state.channels)
        return cell_voltage(self.source, parts, drive, state.voltage)


class Memory(Protocol):
    """Moves the state along a stretch in which the drive is linear and keeps its sign.

    The state that comes in has the cell voltage of the beginning, the one that goes out that of
    the end.
    """

    def start(self, transparency: float) -> State:
        """Return the state at rest with a share of the sites conducting."""
        ...

    def advance(self, state: State, duration: float, first: float, last: float) -> State:
        """Return the state after ``duration`` (s), the drive going from first to last (V or A)."""
        ...


@dataclass(frozen=True, slots=True)
class MeanField:
    """d rho/dt = omega_S (1 - rho) - omega_R rho ([M 19], rho = 1 - g~).

    Exact in one step if the drive is the cell voltage. Otherwise the rates of a step are the means
    between its ends, the end predicted with those of the start; steps are halved until predictor
    and corrector agree.

    Parameters
    ----------
    cell
        The cell.
    tolerance
        Difference of rho allowed between predictor and corrector.
    """

    cell: Cell
    tolerance: float

    def start(self, transparency: float) -> State:
        """Return the state at rest with a share of the sites conducting."""
        return self._with(transparency, 0.0)

    def advance(self, state: State, duration: float, first: float, last: float) -> State:
        """Return the state after ``duration`` (s), the drive going from first to last (V or A).

        Raises
        ------
        StepTooSmall
            If no step is short enough.
        """
        cell = self.cell
        if cell.source.is_ideal and cell.rates.is_voltage_driven:
            rates = SiteRates(*cell.rates.mean(first, last))
            return self._with(rates.fraction(state.transparency, duration), last)
        done, share = 0.0, 1.0
        while done < 1.0:
            share = min(share, 1.0 - done)
            drive = first + (done + share) * (last - first)
            following, error = self._try(state, share * duration, drive)
            if error <= self.tolerance:
                state, done = following, done + share
            elif share < _SMALLEST_SHARE:
                raise StepTooSmall(f"stepping.tolerance: not reached with {share * duration:g} s")
            # The difference of predictor and corrector is of second order in the step.
            growth = _SAFETY * math.sqrt(self.tolerance / max(error, 1e-30))
            share *= min(max(growth, 0.1), 4.0)
        return state

    def _try(self, state: State, duration: float, drive: float) -> tuple[State, float]:
        """Take one step; return the new state and the size of the correction."""
        rates = self.cell.rates
        before = SiteRates(*rates.at(state.voltage))
        guess = self._with(before.fraction(state.transparency, duration), state.voltage)
        voltage = self.cell.voltage(drive, guess)
        mean = SiteRates(*rates.mean(state.voltage, voltage))
        transparency = mean.fraction(state.transparency, duration)
        following = self._with(transparency, voltage)
        error = abs(transparency - guess.transparency)
        return following._replace(voltage=self.cell.voltage(drive, following)), error

    def _with(self, transparency: float, voltage: float) -> State:
        mean = 1.0 - self.cell.disorder * math.sqrt(2.0 / math.pi)
        return State(transparency, transparency * self.cell.device.sites * mean, voltage)


@dataclass(frozen=True, slots=True)
class Particles:
    """N sites that switch one by one (Gillespie), exactly: the mean of many is `MeanField`.

    An event happens when the integrated hazard reaches a threshold that is drawn, as what the
    event meets, from (seed, member, number of the event) alone.

    Parameters
    ----------
    cell
        The cell.
    seed, member
        Keys of the random numbers.
    resolution
        Largest change of the cell voltage, in units of the smaller of V_0S and V_0R, over which
        the cell voltage counts as linear in time.
    """

    cell: Cell
    seed: int
    member: int
    resolution: float = 0.25

    def start(self, transparency: float) -> State:
        """Return the state at rest with the nearest whole number of sites conducting."""
        sites = self.cell.device.sites
        count = round(transparency * sites)
        stream = event_numbers(self.seed, self.member, 0)
        threshold = float(stream.standard_exponential())
        each = tuple(map(float, transmissions(stream, count, self.cell.disorder)))
        return State(count / sites, math.fsum(each), 0.0, 0, threshold, each)

    def advance(self, state: State, duration: float, first: float, last: float) -> State:
        """Return the state after ``duration`` (s), the drive going from first to last (V or A)."""
        cell = self.cell
        scale = self.resolution * min(cell.rates.set_voltage, cell.rates.reset_voltage)
        done = 0.0
        while done < 1.0:
            now = cell.voltage(first + done * (last - first), state)
            end, voltage = 1.0, cell.voltage(last, state)
            if not cell.source.is_ideal:
                while abs(voltage - now) > scale and end - done > 1e-9:
                    end = done + 0.5 * (end - done)
                    voltage = cell.voltage(first + end * (last - first), state)
            length = (end - done) * duration
            hazard = self._hazard(state, now, voltage) * length
            if hazard < state.threshold:
                left = state.threshold - hazard
                state, done = state._replace(threshold=left, voltage=voltage), end
                continue
            part = self._share(state, now, voltage, state.threshold / length)
            met = now + part * (voltage - now)
            state = self._event(state._replace(voltage=met), met)
            done += part * (end - done)
        return state

    def _hazard(self, state: State, first: float, last: float) -> float:
        """Return the mean rate (1/s) of events while the cell voltage moves linearly."""
        sites = self.cell.device.sites
        rates = SiteRates(*self.cell.rates.mean(first, last))
        return rates.events(sites, len(state.each))

    def _share(self, state: State, first: float, last: float, wanted: float) -> float:
        """Return the part of a stretch after which its integrated hazard is ``wanted`` (1/s)."""
        return _root(
            lambda part: part * self._hazard(state, first, first + part * (last - first)) - wanted
        )

    def _event(self, state: State, voltage: float) -> State:
        """Switch one site; whichever it is follows from the number of the event."""
        sites, number = self.cell.device.sites, state.event + 1
        rates = SiteRates(*self.cell.rates.at(voltage))
        setting = (sites - len(state.each)) * rates.set_rate
        stream = event_numbers(self.seed, self.member, number)
        threshold, chance, place = stream.standard_exponential(), stream.random(), stream.random()
        if chance * rates.events(sites, len(state.each)) < setting:
            (new,) = transmissions(stream, 1, self.cell.disorder)
            each = (*state.each, float(new))
        else:
            lost = min(int(place * len(state.each)), len(state.each) - 1)
            each = state.each[:lost] + state.each[lost + 1 :]
        return State(len(each) / sites, math.fsum(each), voltage, number, float(threshold), each)


def _root(function: Callable[[float], float]) -> float:
    """Return where a function that rises from below 0 at 0 to above 0 at 1 crosses zero."""
    from scipy.optimize import brentq

    if function(1.0) <= 0.0:  # to round-off
        return 1.0
    return float(brentq(function, 0.0, 1.0, xtol=_EVENT_TOLERANCE))
