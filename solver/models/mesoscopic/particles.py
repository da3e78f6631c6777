"""N sites of the mesoscopic cell that switch one by one (Gillespie, [M 11-16])."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.hazard import Hazard, event_rates, tabulate
from tusk.solver.models.mesoscopic.memory import State, Track
from tusk.solver.physics.contact.master_equation import EventNumbers, transmissions

Array = NDArray[np.float64]

_MOST_TABLES = 500


class _Piece(NamedTuple):
    """A stretch of the drive: times (s), sizes of the drive at both ends, sign."""

    start: float
    end: float
    first: float
    last: float
    sign: float


class Particles:
    """Moves the state event by event: the mean of many paths is `MeanField`.

    An event happens when the integrated hazard reaches a threshold that is drawn, as what the
    event meets, from (seed, member, number of the event) alone. Between events the state stands
    still, so that the hazard is a function of the drive: it is tabulated once for each state.

    Parameters
    ----------
    cell
        The cell.
    seed, member
        Keys of the random numbers.
    """

    def __init__(self, cell: Cell, seed: int, member: int) -> None:
        self.cell = cell
        self._numbers = EventNumbers(seed, member)
        self._held: dict[tuple[int, float, float], tuple[float, float]] = {}
        self._tables: dict[tuple[int, float, float], Hazard] = {}
        self._reach = 0.0

    def start(self, transparency: float) -> State:
        """Return the state at rest with the nearest whole number of sites conducting."""
        sites = self.cell.device.sites
        count = round(transparency * sites)
        stream = self._numbers.of(0)
        threshold = float(stream.standard_exponential())
        each = tuple(map(float, transmissions(stream, count, self.cell.disorder)))
        return State(count / sites, math.fsum(each), 0, threshold, each)

    def advance(self, state: State, times: Array, drives: Array) -> tuple[State, Track]:
        """Return the state at the last node and the track at all nodes but the first."""
        self._widen(float(np.max(np.abs(drives))))
        moments, states = [-math.inf], [state]
        sizes = np.abs(drives).tolist()
        signs = np.where(drives[1:] + drives[:-1] < 0.0, -1.0, 1.0).tolist()
        clock = times.tolist()
        for piece in zip(clock, clock[1:], sizes, sizes[1:], signs, strict=False):
            state = self._cross(state, _Piece(*piece), moments, states)
        now = np.searchsorted(moments, times[1:], side="right") - 1
        columns = (
            np.array([s.transparency for s in states]),
            np.array([s.channels for s in states]),
        )
        return state, Track(*(column[now] for column in columns))

    def _cross(
        self, state: State, piece: _Piece, moments: list[float], states: list[State]
    ) -> State:
        """Return the state at the end of a piece; note the events on the way."""
        moment, size = piece.start, piece.first
        while moment < piece.end:
            left, way = piece.end - moment, abs(piece.last - size)
            if way == 0.0:
                hazard = sum(self._rates(state, piece.sign * size)) * left
            else:
                table = self._table(state, piece.sign)
                begin, end = (table.at(table.place(x)) for x in (size, piece.last))
                hazard = abs(end - begin) * left / way
            if hazard < state.threshold:
                return state._replace(threshold=state.threshold - hazard)
            if way == 0.0:
                moment += left * state.threshold / hazard
            else:
                risen = math.copysign(state.threshold * way / left, end - begin)
                met = table.size(table.where(begin + risen))
                size = min(max(met, min(size, piece.last)), max(size, piece.last))
                moment = piece.end - abs(piece.last - size) / way * left
            state = self._event(state, piece.sign * size)
            moments.append(moment)
            states.append(state)
        return state

    def _event(self, state: State, drive: float) -> State:
        """Switch one site; whichever it is follows from the number of the event."""
        number = state.event + 1
        stream = self._numbers.of(number)
        threshold, chance, place = stream.standard_exponential(), stream.random(), stream.random()
        if self._sets(state, drive, chance):
            disorder = self.cell.disorder
            new = float(transmissions(stream, 1, disorder)[0]) if disorder > 0.0 else 1.0
            each = (*state.each, new)
        else:
            lost = min(int(place * len(state.each)), len(state.each) - 1)
            each = state.each[:lost] + state.each[lost + 1 :]
        share = len(each) / self.cell.device.sites
        return State(share, math.fsum(each), number, float(threshold), each)

    def _sets(self, state: State, drive: float, chance: float) -> bool:
        """Return whether an event sets a site: by its sign where the voltage drives all of them."""
        if self.cell.rates.is_voltage_driven and drive != 0.0:
            return drive > 0.0
        setting, resetting = self._rates(state, drive)
        return chance * (setting + resetting) < setting

    def _widen(self, reach: float) -> None:
        """Let the tables go on to a drive (V or A), and somewhat further."""
        if reach > self._reach or self._reach == 0.0:
            self._reach = 1.25 * reach if reach > 0.0 else 1.0
            self._tables.clear()

    def _key(self, state: State) -> tuple[int, float]:
        """Return what the rates depend on: one channel knows how many sites conduct, not which."""
        return len(state.each), 0.0 if self.cell.device.conduction == "gap" else state.channels

    def _table(self, state: State, sign: float) -> Hazard:
        key = (*self._key(state), sign)
        if key not in self._tables:
            if len(self._tables) > _MOST_TABLES:
                self._tables.clear()
            self._tables[key] = tabulate(self.cell, key[0], key[1], sign, self._reach)
        return self._tables[key]

    def _rates(self, state: State, drive: float) -> tuple[float, float]:
        """Return the rates (1/s) at which a site is set and reset, where the drive stands still."""
        key = (*self._key(state), drive)
        if key not in self._held:
            if len(self._held) > _MOST_TABLES:
                self._held.clear()
            setting, resetting = event_rates(self.cell, *key)
            self._held[key] = float(setting), float(resetting)
        return self._held[key]
