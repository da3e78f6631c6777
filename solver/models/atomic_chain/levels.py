"""The levels of a system between leads: poles of its Green's function close to the real axis."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tusk.solver.models.atomic_chain.energy import Complex, Level

type Matrix = Callable[[complex, float], Complex]
"""Of an energy as offset and reference, eV; (n, n)."""

_ENERGIES = 8
_NARROW = 0.25
_CONVERGED = 1e-6
_STEPS = 60
_ROUND_OFF = 1e-12


def find_levels(inverse: Matrix, slope: Matrix, edges: Sequence[float]) -> list[Level]:
    """Return the narrow solutions of det(E - H - Sigma(E)) = 0 below the real axis.

    At some energies of each band the eigenvalues of H + Sigma are found, Sigma held fixed; from
    those close to that energy Newton's method on the determinant goes to the solution. A weakly
    coupled level depends weakly on Sigma: its beginning is close to it. A level whose width is lost
    in the round-off of H counts as bound to the system; a warning names it.

    Parameters
    ----------
    inverse
        E - H - Sigma(E), eV, continued from above through the bands.
    slope
        Its derivative in E.
    edges
        Band edges in order, eV; none of the solutions crosses one.
    """
    found: list[Level] = []
    for low, high in itertools.pairwise(edges):
        for start in _beginnings(inverse, low, high):
            level = _solution(inverse, slope, start, (low, high))
            if level is not None:
                found.append(level)
    return found


def _beginnings(inverse: Matrix, low: float, high: float) -> Iterator[complex]:
    """Yield eigenvalues of H + Sigma(E), each close to its E and to the real axis, eV."""
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    angles = np.pi * (np.arange(_ENERGIES + 2) - 0.5) / _ENERGIES
    energies = middle - half * np.cos(np.clip(angles, 0.0, np.pi))
    for before, energy, after in zip(energies, energies[1:], energies[2:], strict=False):
        for value in np.linalg.eigvals(-inverse(0.0, float(energy))) + energy:
            if before <= value.real <= after and abs(value.imag) < _NARROW * half:
                yield complex(value)


def _solution(
    inverse: Matrix, slope: Matrix, start: complex, band: tuple[float, float]
) -> Level | None:
    """Return the solution that Newton's method reaches; None if there is none in the band."""
    reference, offset, step = start.real, complex(0.0, start.imag), 0j
    for _ in range(_STEPS):
        try:
            relative = np.linalg.solve(inverse(offset, reference), slope(offset, reference))
            step = 1.0 / complex(np.trace(relative))
        except np.linalg.LinAlgError:  # on a pole to the last digit
            step = 0j
        # The reference takes over what it can hold, so that the offset keeps all digits.
        place = reference + (offset - step).real
        if not band[0] < place < band[1]:
            return None
        offset, reference = offset - step - (place - reference), place
        if abs(step) <= _CONVERGED * abs(offset.imag):
            return Level(reference, offset) if offset.imag < 0.0 else None
    if abs(step) < _ROUND_OFF * (band[1] - band[0]):
        what = f"level at {reference:g} eV: its coupling to the leads is lost in round-off"
        warnings.warn(f"{what}; it is left out, as bound states are", stacklevel=2)
    return None
