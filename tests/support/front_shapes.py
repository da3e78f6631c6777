"""Curves whose measures are known: spheres, caps, cylinders, rods, dumb-bells."""

import numpy as np
from numpy.typing import NDArray

from tusk.solver.front.mechanics.curves import Curve, End
from tusk.solver.front.mechanics.surface import Surface

Array = NDArray[np.float64]


def sphere(radius: float = 1.0, elements: int = 60, height: float = 0.0) -> Curve:
    angle = np.linspace(0.0, np.pi, elements + 1)
    points = radius * np.column_stack((np.sin(angle), np.cos(angle)))
    points[0, 0] = points[-1, 0] = 0.0
    return Curve(points + np.array((0.0, height)), End.AXIS, End.AXIS)


def cap(angle: float, radius: float = 1.0, elements: int = 60) -> Curve:
    """Return part of a sphere that stands on z = 0 at the contact angle (rad)."""
    polar = np.linspace(0.0, angle, elements + 1)
    points = radius * np.column_stack((np.sin(polar), np.cos(polar) - np.cos(angle)))
    points[0, 0] = points[-1, 1] = 0.0
    return Curve(points)


def cap_volume(angle: float, radius: float = 1.0) -> float:
    c = np.cos(angle)
    return float(np.pi / 3.0 * radius**3 * (2.0 + c) * (1.0 - c) ** 2)


def cylinder(wavenumber: float, amplitude: float, elements: int = 60) -> Curve:
    """Return half a wave of a cylinder of radius 1 between two electrodes."""
    z = np.linspace(np.pi / wavenumber, 0.0, elements + 1)
    radius = 1.0 + amplitude * np.cos(wavenumber * z)
    return Curve(np.column_stack((radius, z)), End.ACTIVE, End.COUNTER)


def rod(slenderness: float, radius: float = 1.0, spacing: float = 0.05) -> Curve:
    """Return a rod with hemispherical ends; ``slenderness`` is length over diameter."""
    half = radius * (slenderness - 1.0)
    polar = np.linspace(0.0, np.pi / 2.0, int(np.ceil(np.pi / 2.0 * radius / spacing)) + 1)
    end = radius * np.column_stack((np.sin(polar), np.cos(polar))) + np.array((0.0, half))
    end[0, 0] = 0.0
    side = np.linspace(half, -half, int(np.ceil(2.0 * half / spacing)) + 1)[1:-1]
    wall = np.column_stack((np.full(len(side), radius), side))
    return Curve(np.vstack((end, wall, end[::-1] * (1.0, -1.0))), End.AXIS, End.AXIS)


def dumbbell(neck: float, elements: int = 120, height: float = 0.0) -> Curve:
    """Return an island of two bodies, 1 wide at most, around a neck at ``height``."""
    polar = np.linspace(0.0, np.pi, elements + 1)
    radius = np.sin(polar) * (neck + (1.0 - neck) * np.cos(polar) ** 2 * 2.0)
    points = np.column_stack((radius, 3.0 * np.cos(polar) + height))
    points[0, 0] = points[-1, 0] = 0.0
    return Curve(points, End.AXIS, End.AXIS)


def diffusing(curve: Curve, angle: float = np.pi / 2.0) -> Surface:
    """Return a surface with B = 1 and nothing else."""
    return Surface.diffusing(len(curve.points), 1.0, angle)


def charged(curve: Curve, velocity: Array, damping: Array) -> Surface:
    """Return a surface without diffusion."""
    return Surface(np.zeros(len(curve.points)), velocity, damping)
