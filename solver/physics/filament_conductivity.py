"""Size effect on the conductivity of a thin filament: the Fuchs-Sondheimer family ([B 6])."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from tusk.solver.physics.checks import ParameterError, inside, positive

__all__ = ["Bulk", "ExactFilm", "ExactWire", "MayadasShatzkes", "Nordheim", "ThinWire"]

type Array = NDArray[np.float64]

_TABLE_LOW, _TABLE_HIGH, _TABLE_PER_DECADE = 1e-6, 1e4, 40


@dataclass(frozen=True, slots=True)
class _SizeEffect:
    """Parameters all members share.

    Parameters
    ----------
    specularity
        p, the part of the electrons that the surface reflects like a mirror, 0 to 1.
    mean_free_path
        lambda of the bulk metal in m.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    specularity: float
    mean_free_path: float

    def __post_init__(self) -> None:
        inside(f"{type(self).__name__}.specularity", self.specularity, 0.0, 1.0)
        positive(f"{type(self).__name__}.mean_free_path", self.mean_free_path, "m")

    def _scaled(self, diameter: Array) -> Array:
        """Return k = d/lambda, dimensionless."""
        return np.asarray(diameter, dtype=float) / self.mean_free_path

    def _describe(self, formula: str) -> str:
        return (
            f"sigma/sigma_bulk = {formula}, p = {self.specularity:g}, "
            f"lambda = {self.mean_free_path * 1e9:g} nm"
        )


@dataclass(frozen=True, slots=True)
class ThinWire(_SizeEffect):
    """sigma/sigma_bulk = min(1, (1 + p)/(1 - p) d/lambda), the thin-wire limit clipped at bulk.

    The form printed as [B 6], (1 + p d/lambda)/(1 - p d/lambda), exceeds the bulk value and has a
    pole; this is the limit it must mean.
    """

    def ratio(self, diameter: Array) -> Array:
        """Return sigma/sigma_bulk (dimensionless) for diameters in m, any shape."""
        if self.specularity == 1.0:
            return np.ones_like(np.asarray(diameter, dtype=float))
        slope = (1.0 + self.specularity) / (1.0 - self.specularity)
        return np.minimum(1.0, slope * self._scaled(diameter))

    def __str__(self) -> str:
        return self._describe("min(1, (1 + p)/(1 - p) d/lambda)")


@dataclass(frozen=True, slots=True)
class Nordheim(_SizeEffect):
    """sigma/sigma_bulk = 1/(1 + (lambda/d)(1 - p)/(1 + p)), added scattering rates."""

    def ratio(self, diameter: Array) -> Array:
        """Return sigma/sigma_bulk (dimensionless) for diameters in m, any shape."""
        if self.specularity == 1.0:
            return np.ones_like(np.asarray(diameter, dtype=float))
        scaled = self._scaled(diameter)
        return scaled / (scaled + (1.0 - self.specularity) / (1.0 + self.specularity))

    def __str__(self) -> str:
        return self._describe("1/(1 + (lambda/d)(1 - p)/(1 + p))")


@dataclass(frozen=True, slots=True)
class ExactWire(_SizeEffect):
    """The Boltzmann equation in a round wire (Dingle 1950, Chambers 1950).

    sigma/sigma_bulk = 1 - (12/pi)(1 - p)^2 int_0^1 du sqrt(1 - u^2) int_1^inf dt
    sqrt(t^2 - 1)/t^4 exp(-k t u)/(1 - p exp(-k t u))^2, k = d/lambda.
    """

    def ratio(self, diameter: Array) -> Array:
        """Return sigma/sigma_bulk (dimensionless) for diameters in m, any shape."""
        return _interpolate(_wire_table(self.specularity), self._scaled(diameter))

    def __str__(self) -> str:
        return self._describe("Dingle-Chambers integral of a wire")


@dataclass(frozen=True, slots=True)
class ExactFilm(_SizeEffect):
    """The Boltzmann equation in a film as thick as the filament is wide (Fuchs 1938).

    sigma/sigma_bulk = 1 - (3/2k)(1 - p) int_1^inf (1/t^3 - 1/t^5)
    (1 - exp(-k t))/(1 - p exp(-k t)) dt, k = d/lambda.
    """

    def ratio(self, diameter: Array) -> Array:
        """Return sigma/sigma_bulk (dimensionless) for diameters in m, any shape."""
        return _interpolate(_film_table(self.specularity), self._scaled(diameter))

    def __str__(self) -> str:
        return self._describe("Fuchs integral of a film")


@dataclass(frozen=True, slots=True)
class MayadasShatzkes(ExactWire):
    """The wire of `ExactWire` with grain boundaries across it (Mayadas and Shatzkes 1970).

    1/ratio = 1/ratio_wire + 1/ratio_grains - 1 (added resistivities), with
    ratio_grains = 3 (1/3 - a/2 + a^2 - a^3 ln(1 + 1/a)), a = (lambda/D) R/(1 - R).

    Parameters
    ----------
    specularity, mean_free_path
        As for every member.
    reflection
        R, the part of the electrons that a grain boundary sends back, 0 to below 1.
    grain_size
        D in m, or ``diameter``: grains as large as the wire is wide.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """

    reflection: float
    grain_size: float | str

    def __post_init__(self) -> None:
        _SizeEffect.__post_init__(self)
        inside("MayadasShatzkes.reflection", self.reflection, 0.0, 1.0)
        if self.reflection == 1.0:
            raise ParameterError("MayadasShatzkes.reflection", "must be below 1, got 1")
        if not isinstance(self.grain_size, str):
            positive("MayadasShatzkes.grain_size", self.grain_size, "m")

    def ratio(self, diameter: Array) -> Array:
        """Return sigma/sigma_bulk (dimensionless) for diameters in m, any shape."""
        across = np.asarray(diameter, dtype=float)
        size = across if isinstance(self.grain_size, str) else self.grain_size
        grains = _grain_ratio(self.mean_free_path / size * self.reflection / (1 - self.reflection))
        # Not by super(): a slotted dataclass is made anew, and that would mean the one before.
        return np.asarray(1.0 / (1.0 / ExactWire.ratio(self, across) + 1.0 / grains - 1.0))

    def __str__(self) -> str:
        size = "d" if isinstance(self.grain_size, str) else f"{self.grain_size * 1e9:g} nm"
        return self._describe(
            f"1/(1/wire + 1/grains - 1), R = {self.reflection:g}, grains of {size}"
        )


@dataclass(frozen=True, slots=True)
class Bulk:
    """sigma = sigma_bulk: no size effect."""

    def ratio(self, diameter: Array) -> Array:
        """Return ones in the shape of ``diameter``."""
        return np.ones_like(np.asarray(diameter, dtype=float))

    def __str__(self) -> str:
        return "sigma/sigma_bulk = 1 (no size effect)"


def _grain_ratio(scattering: Array | float) -> Array:
    """Return 3 (1/3 - a/2 + a^2 - a^3 ln(1 + 1/a)) of a = ``scattering``, any shape.

    Beyond a = 10 by its series in 1/a, where the terms of the formula cancel.
    """
    a = np.asarray(scattering, dtype=float)
    small = np.minimum(a, 10.0)
    with np.errstate(divide="ignore"):
        cubed = np.where(small > 0.0, small**3 * np.log1p(1.0 / np.maximum(small, 1e-300)), 0.0)
    closed = 3.0 * (1.0 / 3.0 - small / 2.0 + small**2 - cubed)
    inverse = 1.0 / np.maximum(a, 10.0)
    series = 3.0 * sum((-1) ** k * inverse ** (k + 1) / (k + 4) for k in range(16))
    return np.asarray(np.where(a > 10.0, series, closed))


def _tanh_sinh(count: int, span: float) -> tuple[Array, Array]:
    """Return nodes and weights on (0, 1) that cope with end-point singularities.

    Nodes are given as they are, not as distance from an end, and lie inside (1e-300, 1).
    """
    y = np.linspace(-span, span, count)
    step = y[1] - y[0]
    argument = math.pi * np.sinh(y)
    nodes = 1.0 / (1.0 + np.exp(-argument))
    weights = step * math.pi * np.cosh(y) * nodes / (1.0 + np.exp(argument))
    return nodes, weights


def _wire_integral(scaled: float, specularity: float) -> float:
    """Return sigma/sigma_bulk of a wire at k = ``scaled`` by double quadrature.

    The leading one is drawn into the integral, (12/pi) int int sqrt(1 - u^2) sqrt(1 - s^2) s = 1
    with s = 1/t, so that no digits cancel in thin wires.
    """
    node, weight = _tanh_sinh(81, 3.0)
    u, s = node[:, None], node[None, :]
    lost = -np.expm1(-scaled * u / s)
    p = specularity
    bracket = lost * ((1.0 - p * p) + p * p * lost) / ((1.0 - p) + p * lost) ** 2
    value = np.sqrt((1.0 - u) * (1.0 + u)) * np.sqrt((1.0 - s) * (1.0 + s)) * s * bracket
    return float(12.0 / math.pi * (weight @ value @ weight))


def _film_integral(scaled: float, specularity: float) -> float:
    """Return sigma/sigma_bulk of a film at k = ``scaled`` by quadrature over s = 1/t."""
    s, weight = _tanh_sinh(161, 3.6)
    depth = scaled / s
    lost = -np.expm1(-depth)
    p = specularity
    bracket = ((1.0 - p) * (depth - lost) + p * lost * depth) / (depth * ((1.0 - p) + p * lost))
    return float(1.5 * (weight @ ((1.0 - s) * (1.0 + s) * bracket)))


def _table(integral: Callable[[float, float], float], specularity: float) -> CubicSpline:
    """Tabulate ln(ratio) against ln(k)."""
    decades = math.log10(_TABLE_HIGH / _TABLE_LOW)
    scaled = np.geomspace(_TABLE_LOW, _TABLE_HIGH, round(decades * _TABLE_PER_DECADE) + 1)
    ratio = np.array([integral(k, specularity) for k in scaled])
    return CubicSpline(np.log(scaled), np.log(ratio))


@functools.lru_cache(maxsize=8)
def _wire_table(specularity: float) -> CubicSpline:
    return _table(_wire_integral, specularity)


@functools.lru_cache(maxsize=8)
def _film_table(specularity: float) -> CubicSpline:
    return _table(_film_integral, specularity)


def _interpolate(table: CubicSpline, scaled: Array) -> Array:
    """Evaluate a table; proportional to k below it, 1 - constant/k above it."""
    inner: Array = np.exp(table(np.log(np.clip(scaled, _TABLE_LOW, _TABLE_HIGH))))
    below = inner * np.minimum(1.0, scaled / _TABLE_LOW)
    above = 1.0 - (1.0 - inner) * (_TABLE_HIGH / np.maximum(scaled, _TABLE_HIGH))
    ratio: Array = np.where(scaled > _TABLE_HIGH, above, below)
    return ratio
