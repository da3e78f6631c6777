"""Integrals over revolved domains: the only place that knows the weight 2 pi r.

Coordinates are (r, z) in nm with the axis at r = 0.  Multiplying the equations by 2 pi r leaves no
1/r anywhere and makes r = 0 a natural boundary.  The quadrature degree is fixed for every measure:
UFL estimates it separately for a residual and its derivative, and with exponentials across an
element the Jacobian would then not be the derivative of the residual.
"""

from __future__ import annotations

from dataclasses import dataclass

import basix.ufl
import numpy as np
import ufl
from numpy.typing import NDArray

QUADRATURE_DEGREE = 4


@dataclass(frozen=True, slots=True)
class RevolvedMeasure:
    """``integrand * measure`` integrates over the body or surface swept by revolution."""

    radius: ufl.core.expr.Expr
    measure: ufl.Measure
    scale: float = 1.0

    def __rmul__(self, integrand: ufl.core.expr.Expr) -> ufl.Form:
        return 2 * np.pi * self.scale * self.radius * integrand * self.measure


@dataclass(frozen=True, slots=True)
class Axisymmetric:
    """Coordinates, gradients and measures of an axisymmetric domain.

    Parameters
    ----------
    domain
        UFL mesh with coordinates (r, z).
    unit
        Length of a unit of its coordinates in m; 1 leaves all in units of the mesh.
    """

    domain: ufl.Mesh
    unit: float = 1.0

    @property
    def coordinates(self) -> tuple[ufl.core.expr.Expr, ufl.core.expr.Expr]:
        """Return (r, z), m."""
        r, z = ufl.SpatialCoordinate(self.domain)
        return (r, z) if self.unit == 1.0 else (self.unit * r, self.unit * z)

    def gradient(self, value: ufl.core.expr.Expr) -> ufl.core.expr.Expr:
        """Return the gradient of a field, per m."""
        slope = ufl.grad(value)
        return slope if self.unit == 1.0 else (1.0 / self.unit) * slope

    def volume(self, *regions: int) -> RevolvedMeasure:
        """Return the volume measure over cells with the given tags, m³."""
        return self._revolved(ufl.dx, regions, self.unit**3)

    def surface(self, *interfaces: int) -> RevolvedMeasure:
        """Return the area measure over facets with the given tags, m²."""
        return self._revolved(ufl.ds, interfaces, self.unit**2)

    def _revolved(
        self, kind: ufl.Measure, regions: tuple[int, ...], scale: float
    ) -> RevolvedMeasure:
        measure = kind(domain=self.domain, metadata={"quadrature_degree": QUADRATURE_DEGREE})
        # The radius stays in units of the mesh; its metres are in the scale.
        return RevolvedMeasure(ufl.SpatialCoordinate(self.domain)[0], measure(regions), scale)


def revolved_curve(domain: ufl.Mesh, degree: int) -> RevolvedMeasure:
    """Return the area measure, nm², of the surface that a mesh of a curve in (r, z) sweeps."""
    r, _ = ufl.SpatialCoordinate(domain)
    measure = ufl.dx(domain=domain, metadata={"quadrature_degree": degree})
    return RevolvedMeasure(r, measure)


def reference_domain() -> ufl.Mesh:
    """Return a UFL domain of straight triangles in the plane, bound to no mesh."""
    return ufl.Mesh(basix.ufl.element("Lagrange", "triangle", 1, shape=(2,)))


def trapezoid_annuli(radius: NDArray[np.float64], density: NDArray[np.float64]) -> float:
    """Return the integral of a piecewise linear density over annuli in the plane.

    Parameters
    ----------
    radius, density
        Nodes (n,) from the axis outwards and the density there, per unit area.
    """
    r0, r1, q0, q1 = radius[:-1], radius[1:], density[:-1], density[1:]
    moments = (r1 - r0) * (q0 * (2 * r0 + r1) + q1 * (r0 + 2 * r1)) / 6
    return float(2 * np.pi * np.sum(moments))


def trapezoid_revolved(points: NDArray[np.float64], density: NDArray[np.float64]) -> float:
    """Return the integral of a density given at the nodes (n, 2) of a revolved polyline."""
    length = np.hypot(*np.diff(points, axis=0).T)
    r0, r1, q0, q1 = points[:-1, 0], points[1:, 0], density[:-1], density[1:]
    return float(2 * np.pi * np.sum(length * (q0 * (2 * r0 + r1) + q1 * (r0 + 2 * r1)) / 6))
