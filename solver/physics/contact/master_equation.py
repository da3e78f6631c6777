"""Two-state sites of a contact: mean field, exact distribution and Gillespie paths ([M 11-19]).

N sites are each conducting (A) or not (B).  A site of state B is set at the rate ``set_rate``, one
of state A is reset at ``reset_rate``, independently of all others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlog1py, xlogy

from tusk.solver.physics.checks import ParameterError, inside, not_negative

__all__ = [
    "EventNumbers",
    "SiteRates",
    "binomial",
    "distribution",
    "event_numbers",
    "evolve",
    "gillespie",
    "member_stream",
    "transmissions",
]

Array = NDArray[np.float64]
Counts = NDArray[np.int64]

_EVENT_STREAM, _PATH_STREAM = 1, 2
"""First words of the counters, so that events and whole paths never share random numbers."""


@dataclass(frozen=True, slots=True)
class SiteRates:
    """Rates of one site, constant in time.

    Parameters
    ----------
    set_rate
        omega_S, from B to A, in 1/s.
    reset_rate
        omega_R, from A to B, in 1/s.

    Raises
    ------
    InputError
        If a rate is negative or not finite.
    """

    set_rate: float
    reset_rate: float

    def __post_init__(self) -> None:
        not_negative("SiteRates.set_rate", self.set_rate, "1/s")
        not_negative("SiteRates.reset_rate", self.reset_rate, "1/s")

    @property
    def total(self) -> float:
        """Omega = omega_S + omega_R in 1/s."""
        return self.set_rate + self.reset_rate

    def fraction(self, initial: float, time: float) -> float:
        """Return rho(t) = omega_S/omega (1 - exp(-omega t)) + rho_0 exp(-omega t) ([M 17, 19]).

        Parameters
        ----------
        initial
            rho_0, share of the sites in state A.
        time
            s, at least 0.
        """
        if self.total == 0.0:
            return initial
        gone = -math.expm1(-self.total * time)
        return initial + (self.set_rate / self.total - initial) * gone


def binomial(sites: int, probability: float) -> Array:
    """Return the binomial probabilities of 0 ... ``sites`` successes (sites + 1,)."""
    k = np.arange(sites + 1)
    choose = gammaln(sites + 1) - gammaln(k + 1) - gammaln(sites - k + 1)
    p = min(max(probability, 0.0), 1.0)
    return np.asarray(np.exp(choose + xlogy(k, p) + xlog1py(sites - k, -p)))


def distribution(sites: int, initial: int, rates: SiteRates, time: float) -> Array:
    """Return P(n, t) for n = 0 ... N, the exact solution of [M 11].

    Sites that began in A and those that began in B are two binomials; n is their sum.  With
    ``initial = 0`` it is the one binomial of [M 14].

    Parameters
    ----------
    sites
        N.
    initial
        Sites in state A at t = 0.
    rates
        Constant rates; for rates that vary use `evolve` step by step.
    time
        s.

    Raises
    ------
    InputError
        If there is no site or ``initial`` is not between 0 and N.
    """
    _check_sites(sites)
    inside("distribution.initial", initial, 0, sites)
    stayed = binomial(initial, rates.fraction(1.0, time))
    came = binomial(sites - initial, rates.fraction(0.0, time))
    return np.asarray(np.convolve(stayed, came))


def evolve(probabilities: Array, rates: SiteRates, time: float) -> Array:
    """Return P(n, t + dt) of any P(n, t), exact for rates that are constant meanwhile.

    The generating function sum P(n) s^n goes over into sum P(n) (1 - a + a s)^n (1 - b + b s)^(N-n)
    with a, b the probabilities that a site of state A, B is in state A afterwards; it is evaluated
    on the unit circle and transformed back.

    Parameters
    ----------
    probabilities
        P(n), (N + 1,).
    rates
        Rates meanwhile.
    time
        dt in s.
    """
    n = np.arange(len(probabilities))
    kept, gained = rates.fraction(1.0, time), rates.fraction(0.0, time)
    s = np.exp(-2j * np.pi * n / len(n))
    conducting, other = 1.0 - kept + kept * s, 1.0 - gained + gained * s
    powers = conducting[:, None] ** n * other[:, None] ** n[::-1]
    out = np.fft.ifft(powers @ probabilities).real
    return np.asarray(np.maximum(out, 0.0) / np.maximum(out, 0.0).sum())


def member_stream(seed: int, member: int) -> np.random.Generator:
    """Return the random numbers of whole paths of one member of an ensemble."""
    return np.random.Generator(
        np.random.Philox(key=[seed, member], counter=[0, 0, 0, _PATH_STREAM])
    )


def event_numbers(seed: int, member: int, event: int) -> np.random.Generator:
    """Return the random numbers of one event of one member, whatever was drawn before.

    The integrated hazard at which an event happens, and which site it meets, depend on (seed,
    member, number of the event) alone: not on the steps, the rejected steps or a restart.
    """
    counter = [0, 0, event, _EVENT_STREAM]
    return np.random.Generator(np.random.Philox(key=[seed, member], counter=counter))


class EventNumbers:
    """The random numbers of `event_numbers` for one member, of one event after the other.

    A generator is made once and set to the event that is asked for, which takes a third of the
    time of making one.

    Parameters
    ----------
    seed, member
        As `event_numbers`.
    """

    def __init__(self, seed: int, member: int) -> None:
        self._bits = np.random.Philox(key=[seed, member], counter=[0, 0, 0, _EVENT_STREAM])
        self._stream = np.random.Generator(self._bits)
        self._begin = self._bits.state

    def of(self, event: int) -> np.random.Generator:
        """Return the random numbers of an event; those handed out before are no longer valid."""
        self._begin["state"]["counter"][2] = event
        self._bits.state = self._begin
        return self._stream


def transmissions(stream: np.random.Generator, count: int, disorder: float) -> Array:
    """Return the transmissions T_i = 1 - |x_i|, x_i normal with width ``disorder`` (count,)."""
    return np.clip(1.0 - disorder * np.abs(stream.standard_normal(count)), 0.0, 1.0)


def gillespie(
    sites: int,
    initial: int,
    rates: Sequence[SiteRates],
    durations: Sequence[float],
    paths: int,
    stream: np.random.Generator,
) -> Counts:
    """Return n of independent paths at the end of each interval, (intervals, paths).

    Waiting times are exponential with the rate of all events of a path; for they have no memory
    an interval may begin anew with rates of its own.  All paths take their next event at once.

    Parameters
    ----------
    sites, initial
        N, and the sites in state A at the start.
    rates, durations
        Rates and length (s) of each interval.
    paths
        Number of paths.
    stream
        Random numbers: see `member_stream`.

    Raises
    ------
    InputError
        If there is no site or ``initial`` is not between 0 and N.
    """
    _check_sites(sites)
    inside("gillespie.initial", initial, 0, sites)
    out = np.empty((len(rates), paths), dtype=np.int64)
    conducting = np.full(paths, initial, dtype=np.int64)
    for k, (rate, duration) in enumerate(zip(rates, durations, strict=True)):
        conducting = _run(sites, conducting, rate, duration, stream)
        out[k] = conducting
    return out


def _run(
    sites: int, start: Counts, rates: SiteRates, duration: float, stream: np.random.Generator
) -> Counts:
    """Return n of every path after ``duration``."""
    final = start.copy()
    path = np.arange(len(start))
    conducting = start.astype(np.float64)
    left = np.full(len(start), duration)
    while len(path):
        setting = rates.set_rate * (sites - conducting)
        total = setting + rates.reset_rate * conducting
        with np.errstate(divide="ignore"):
            left -= stream.standard_exponential(len(path)) / total
        going = left > 0.0
        if not going.all():
            done = ~going
            final[path[done]] = conducting[done]
            path, left, conducting = path[going], left[going], conducting[going]
            setting, total = setting[going], total[going]
        up = stream.random(len(path)) * total < setting
        conducting += np.where(up, 1.0, -1.0)
    return final


def _check_sites(sites: int) -> None:
    if sites < 1:
        raise ParameterError("sites", f"must be at least 1, got {sites}")
