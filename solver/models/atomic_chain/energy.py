"""Integrals over energy that step over no level, however narrow.

A level weakly coupled to the leads is a peak as narrow as its coupling squared. An adaptive rule
that puts no node there reports convergence to what is left. Hence the poles of the Green's function
are found first (`System.levels`). The axis is cut half way between neighbouring edges of bands and
levels, and each piece is integrated in the distance from its own edge or level,

- E = edge + h x^2, which takes away roots and inverse roots, finer and finer towards the edge;
- E = level + w sinh(s), w the half width, on which a Lorentzian is as wide as its logarithmic tail.

Energies are pairs (reference, offset), E = reference + offset: a level narrower than the last digit
of its energy is still resolved in the offset.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import quad_vec

from tusk.solver.errors import SolveError

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

RELATIVE_ERROR = 1e-10
"""Asked for, relative to the largest element of the integral."""

_ACCEPTED_ERROR = 1e-7
# A state that all but leaves the band hides in a sliver at its edge: cuts at h 16^-k.
_CUTS = [0.0, *(4.0**-k for k in range(9, -1, -1))]
_STRETCH = 3.0  # in s, so that every piece sees factors of about e^3 of distance
_BISECTIONS = 1000


@dataclass(frozen=True, slots=True)
class Level:
    """A pole of the retarded Green's function at reference + offset.

    Attributes
    ----------
    reference
        Energy, eV.
    offset
        What the reference lacks, eV; the imaginary part is minus the half width.
    """

    reference: float
    offset: complex

    @property
    def half_width(self) -> float:
        """Half of the width at half height, eV."""
        return abs(self.offset.imag)


@dataclass(frozen=True, slots=True)
class Piece:
    """Energies near one band edge or level: E = reference + shift + width f(x).

    Attributes
    ----------
    reference, shift
        Where the distance is counted from, eV.
    width
        Unit of the distance, eV; negative downwards.
    low, high
        Limits of the variable x.
    square
        Whether f = x^2, of an edge; sinh(x), of a level, otherwise.
    """

    reference: float
    shift: float
    width: float
    low: float
    high: float
    square: bool

    def at(self, fraction: float) -> tuple[float, float]:
        """Return offset (eV) and dE/d(fraction) at a fraction of the way from low to high."""
        x = self.low + (self.high - self.low) * fraction
        value, slope = (x * x, 2.0 * x) if self.square else (math.sinh(x), math.cosh(x))
        return self.shift + self.width * value, abs(self.width) * slope * (self.high - self.low)


def pieces(low: float, high: float, edges: Sequence[float], levels: Sequence[Level]) -> list[Piece]:
    """Return the pieces that cover a window of energies inside the bands.

    Parameters
    ----------
    low, high
        The window, eV.
    edges
        Band edges in order, eV; nothing is outside the first and the last.
    levels
        Poles near the real axis.
    """
    low, high = max(low, edges[0]), min(high, edges[-1])
    homes: list[Level | float] = sorted([*edges, *_distinct(levels, edges)], key=_place)
    places = [_place(home) for home in homes]
    middles = [0.5 * (a + b) for a, b in itertools.pairwise(places)]
    cells = zip(homes, [-math.inf, *middles], [*middles, math.inf], strict=True)
    found: list[Piece] = []
    for home, left, right in cells:
        start, end = max(low, left), min(high, right)
        if start >= end:
            continue
        if isinstance(home, Level):
            found += _around_level(home, start, end)
        else:
            found += _beside_edge(home, max(start, home), end, right, 1.0)
            found += _beside_edge(home, start, min(end, home), left, -1.0)
    return found


def _place(home: Level | float) -> float:
    return home.reference if isinstance(home, Level) else home


def _distinct(levels: Sequence[Level], edges: Sequence[float]) -> list[Level]:
    """Leave out levels that a narrower one, or an edge, resolves: those closer than their width."""
    kept: list[Level] = []
    taken = list(edges)
    for level in sorted(levels, key=lambda found: found.half_width):
        width = max(level.half_width, 1e-300)
        if min(abs(level.reference - place) for place in taken) > width:
            kept.append(level)
            taken.append(level.reference)
    return kept


def _around_level(level: Level, start: float, end: float) -> Iterator[Piece]:
    shift, width = level.offset.real, level.half_width
    low, high = (math.asinh((e - level.reference - shift) / width) for e in (start, end))
    count = max(1, math.ceil((high - low) / _STRETCH))
    for a, b in itertools.pairwise(np.linspace(low, high, count + 1).tolist()):
        yield Piece(level.reference, shift, width, a, b, square=False)


def _beside_edge(
    edge: float, start: float, end: float, border: float, sign: float
) -> Iterator[Piece]:
    if start >= end:
        return
    reach = abs(border - edge)
    low, high = sorted(math.sqrt(abs(e - edge) / reach) for e in (start, end))
    cuts = [low, *(x for x in _CUTS if low < x < high), high]
    for a, b in itertools.pairwise(cuts):
        yield Piece(edge, 0.0, sign * reach, a, b, square=True)


def integral_of_array(
    function: Callable[[float, float], Complex | Array],
    over: Sequence[Piece],
    tolerance: float = RELATIVE_ERROR,
) -> Complex:
    """Integrate an array over energy, point by point.

    Parameters
    ----------
    function
        Of offset and reference, eV; returns arrays of one shape.
    over
        The pieces; at least one.
    tolerance
        Relative to the largest element.

    Raises
    ------
    SolveError
        If the estimated error stays above 1e-7 of the largest element.
    """

    def integrand(u: float) -> Complex:
        index = min(int(u), len(over) - 1)
        offset, slope = over[index].at(u - index)
        return np.asarray(function(offset, over[index].reference) * slope, dtype=complex)

    return _checked(integrand, float(len(over)), list(range(1, len(over))), tolerance)


def integral(
    function: Callable[[Array, Array], Array], over: Sequence[Piece], negligible: float = 0.0
) -> float:
    """Integrate a number over energy, all pieces at once.

    Parameters
    ----------
    function
        Takes offsets and references, eV, (n,), and returns (n,).
    over
        The pieces.
    negligible
        An error that does not matter, in the unit of the result: the terms of an integrand may
        cancel to nothing but round-off.

    Raises
    ------
    SolveError
        If the estimated error stays above 1e-7 of the largest piece.
    """
    if not over:
        return 0.0
    columns = np.array([(p.reference, p.shift, p.width, p.low, p.high - p.low) for p in over])
    reference, shift, width, low, length = columns.T
    square = np.array([piece.square for piece in over])

    def integrand(fraction: float) -> Array:
        x = low + length * fraction
        value = np.where(square, x * x, np.sinh(x))
        slope = np.where(square, 2.0 * x, np.cosh(x)) * np.abs(width) * length
        return np.asarray(function(shift + width * value, reference) * slope)

    return math.fsum(_checked(integrand, 1.0, [], RELATIVE_ERROR, negligible).real.tolist())


def _checked(
    function: Callable[[float], Complex | Array],
    end: float,
    points: list[int],
    tolerance: float,
    negligible: float = 0.0,
) -> Complex:
    value, error, info = quad_vec(
        function,
        0.0,
        end,
        epsabs=max(negligible, 1e-200),
        epsrel=tolerance,
        norm="max",
        limit=len(points) + _BISECTIONS,
        points=points,
        full_output=True,
    )
    largest = float(np.max(np.abs(value)))
    allowed = max(tolerance, _ACCEPTED_ERROR)
    if not (info.success or error <= max(allowed * largest, negligible)):
        got = f"{error / max(largest, 1e-300):.1e} after {info.neval} energies"
        raise SolveError(
            f"atomic_chain: error of an integral over energy: allowed {allowed}, got {got}"
        )
    return np.asarray(value)
