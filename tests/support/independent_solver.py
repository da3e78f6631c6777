"""The frozen cell solved once more with scikit-fem: same mesh and elements, nothing else shared.

Closures, assembly, interfaces, gap columns, the limiter and Newton's method are written here anew
from the equations; derivatives of closures are taken by the complex step. Lengths in nm, potentials
in V, temperatures in K, so that currents come out in A and powers in W.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants
from scipy.sparse import bmat, csr_matrix
from scipy.sparse.linalg import splu
from skfem import (
    Basis,
    BilinearForm,
    BoundaryFacetBasis,
    ElementTriP0,
    ElementTriP1,
    InteriorFacetBasis,
    LinearForm,
    MeshTri,
)

from tusk.solver.config import FilamentConfig

Array = NDArray[np.float64]

CE, CF, SL, AE, GAP = 1, 2, 3, 4, 5  # region tags of the exported mesh
ORDER = 4
NM, E, K = 1e-9, constants.e, constants.k
TINY = 1e-30
MOST_ITERATIONS = 40
CONVERGED = (1e-12, 1e-12, 1e-7)
"""Last Newton update: V, V, K."""


def slope(function: Callable[..., Any], *arguments: Any, by: int) -> Any:
    """Return the derivative of an analytic function by its argument ``by``: complex step."""
    moved = [np.asarray(a, dtype=complex) for a in arguments]
    moved[by] = moved[by] + 1j * TINY
    return np.imag(function(*moved)) / TINY


@dataclass(frozen=True)
class FrozenCell:
    """An exported geometry: nodes (n, 2), nm, triangles (m, 3), region and size effect of each."""

    points: Array
    cells: NDArray[np.int64]
    regions: NDArray[np.int64]
    size_effect: Array
    config: FilamentConfig
    applied: float


@dataclass(frozen=True)
class Laws:
    """The closures in SI, from the numbers of the configuration; every function is analytic."""

    config: FilamentConfig

    def metal(self, region: int, T: Any) -> Any:
        """Return sigma(T), S/m."""
        c = self.config
        name = c.stack.counter_electrode if region == CE else c.stack.active_electrode
        m: Any = c.materials[name]
        rise = T - 300.0
        return m.electrical_conductivity / (
            1 + m.electrical_linear * rise + m.electrical_quadratic * rise**2
        )

    def heat(self, region: int, T: Any) -> Any:
        """Return kappa(T), W/m/K."""
        stack = self.config.stack
        names = {CE: stack.counter_electrode, SL: stack.oxide, GAP: stack.oxide}
        m = self.config.materials[names.get(region, stack.active_electrode)]
        rise = T - 300.0
        return m.thermal_conductivity / (
            1 + m.thermal_linear * rise + m.thermal_quadratic * rise**2
        )

    def ions(self, squared: Any, T: Any) -> Any:
        """Return the Mott-Gurney conductivity (S/m) for |E|² in V²/m²; series where E vanishes."""
        k, h = self.config.kinetics, self.config.hopping
        q = k.charge_number * E * h.distance
        x2 = squared * (q / (2 * K * T)) ** 2
        x = np.sqrt(np.where(np.real(x2) > 1e-3, x2, 1.0))
        sinhc = np.where(
            np.real(x2) > 1e-3, np.sinh(x) / x, 1 + x2 / 6 * (1 + x2 / 20 * (1 + x2 / 42))
        )
        scale = k.ion_concentration * h.attempt_frequency * q**2 / (K * T)
        return scale * np.exp(-h.barrier / (K * T)) * sinhc

    def transfer(self, eta: Any, T: Any, barrier: Any) -> Any:
        """Return J_BV in A/m² for an extra barrier in J."""
        k = self.config.kinetics
        z, alpha = k.charge_number, k.transfer_coefficient
        exchange = z * E * k.ion_concentration * k.rate_constant
        energy = k.activation_energy + barrier
        driving = z * E * (eta - k.equilibrium_offset)
        return exchange * (
            np.exp(((1 - alpha) * driving - energy) / (K * T))
            - np.exp((-alpha * driving - energy) / (K * T))
        )

    def barrier(self, r: Any, z: Any) -> Any:
        """Return the stress and void barrier of the filament at (r, z) in nm, J."""
        c = self.config
        deform = c.stress.energy * np.expm1(r * NM / c.stress.radius)
        return deform + c.void.energy * np.exp((z * NM - c.stack.oxide_thickness) / c.void.length)

    def tunnel(self, gap: Any) -> Any:
        """Return G_Tu in S/m² for a gap in nm, linear Simmons."""
        t = self.config.tunnel
        momentum = np.sqrt(2 * t.effective_mass * constants.m_e * t.barrier)
        scale = t.prefactor * momentum / (gap * NM) * (E / constants.h) ** 2
        return scale * np.exp(-4 * np.pi * gap * NM / constants.h * momentum)

    def limiter(self, voltage: float) -> tuple[float, float]:
        """Return I (A) and its slope (S) for the voltage over the limiter, forward only."""
        source: Any = self.config.source
        decay = np.exp(-voltage / source.limiter_voltage)
        return (
            source.compliance_current * (1 - decay),
            source.compliance_current / source.limiter_voltage * decay,
        )


class IndependentSolver:
    """Newton's method on (phi_e, phi_i, T), one block of unknowns after the other."""

    def __init__(self, cell: FrozenCell) -> None:
        self.cell, self.laws = cell, Laws(cell.config)
        order = np.where(_orientation(cell) > 0, 1, -1)
        cells = np.where(order[:, None] > 0, cell.cells, cell.cells[:, ::-1])
        self.mesh = MeshTri(cell.points.T.copy(), cells.T.copy(), sort_t=False)
        assert np.array_equal(np.sort(self.mesh.t.T), np.sort(cell.cells))
        self.element = ElementTriP1()
        self.count = len(cell.points)
        self.gap, self.span = _columns(cell)
        self.volumes = {
            k: Basis(self.mesh, self.element, elements=np.flatnonzero(cell.regions == k),
                     intorder=ORDER)
            for k in (CE, CF, SL, AE, GAP) if np.any(cell.regions == k)
        }  # fmt: skip
        self.faces = [
            (metal, oxide, basis)
            for metal in (CF, AE)
            for oxide in (SL, GAP)
            for basis in self._interface(metal, oxide)
        ]
        top = cell.points[:, 1].max()
        facets = self.mesh.facets_satisfying(lambda x: np.abs(x[1] - top) < 1e-6, True)
        self.top = BoundaryFacetBasis(self.mesh, self.element, facets=facets, intorder=ORDER)
        self.weights = LinearForm(lambda v, w: 2 * np.pi * w.x[0] * v).assemble(self.top)
        self.heat_scale = 1.0
        self.currents: dict[str, float] = {}

    def _interface(self, metal: int, oxide: int) -> list[InteriorFacetBasis]:
        """Return facet bases seen from the oxide: one per side that the oxide may lie on."""
        regions, f2t = self.cell.regions, self.mesh.f2t
        out = []
        for side in (0, 1):
            inside, outside = f2t[side], f2t[1 - side]
            chosen = (f2t[1] >= 0) & (regions[inside] == oxide) & (regions[outside] == metal)
            if chosen.any():
                facets = np.flatnonzero(chosen)
                out.append(
                    InteriorFacetBasis(
                        self.mesh, self.element, facets=facets, side=side, intorder=ORDER
                    )
                )
        return out

    # --- assembly -----------------------------------------------------------------------------

    def system(self, u: Array) -> tuple[Array, csr_matrix]:
        """Return residual (3 n,) and Jacobian at (3, n) nodal values."""
        self._residual = np.zeros((3, self.count))
        self._blocks = [[csr_matrix((self.count, self.count)) for _ in range(3)] for _ in range(3)]
        self.currents = dict.fromkeys(("tunnel", "filament ions", "electrode ions"), 0.0)
        for region, basis in self.volumes.items():
            self._conduct_heat(region, basis, u)
            if region in (CE, CF, AE):
                self._conduct_electrons(region, basis, u)
            else:
                self._conduct_ions(basis, u)
        self._tunnel(u)
        for metal, oxide, basis in self.faces:
            self._transfer(metal, basis, u)
            if oxide == GAP:
                self._tunnel_heat(metal, basis, u)
        self._source(u)
        return self._residual.ravel(), bmat(self._blocks, format="csr")

    def _row(self, row: int, basis: Any, form: Callable[[Any, Any], Any], **data: Any) -> Array:
        vector = LinearForm(lambda v, w: 2 * np.pi * w.x[0] * form(v, w)).assemble(basis, **data)
        self._residual[row] += vector
        return np.asarray(vector)

    def _block(
        self, row: int, column: int, basis: Any, form: Callable[[Any, Any, Any], Any], **data: Any
    ) -> None:
        weighted = BilinearForm(lambda u, v, w: 2 * np.pi * w.x[0] * form(u, v, w))
        self._blocks[row][column] += weighted.assemble(basis, **data)

    def _conduct_heat(self, region: int, basis: Any, u: Array) -> None:
        T = basis.interpolate(u[2])
        kappa = self.laws.heat(region, T) * NM
        change = slope(lambda t: self.laws.heat(region, t), T, by=0) * NM
        self._row(2, basis, lambda v, w: w.k * _dot(w.T, v), k=kappa, T=T)
        self._block(2, 2, basis, lambda d, v, w: w.k * _dot(d, v) + w.c * d * _dot(w.T, v),
                    k=kappa, c=change, T=T)  # fmt: skip

    def _conduct_electrons(self, region: int, basis: Any, u: Array) -> None:
        p, T = basis.interpolate(u[0]), basis.interpolate(u[2])
        size = self.cell.size_effect if region == CF else np.ones(len(self.cell.cells))
        factor = basis.with_element(ElementTriP0()).interpolate(size) * NM
        s = factor * self.laws.metal(region, T)
        c = factor * slope(lambda t: self.laws.metal(region, t), T, by=0)
        data = {"s": s, "c": c, "p": p}
        self._row(0, basis, lambda v, w: w.s * _dot(w.p, v), **data)
        self._row(2, basis, lambda v, w: -w.s * _dot(w.p, w.p) * v, **data)
        self._block(0, 0, basis, lambda d, v, w: w.s * _dot(d, v), **data)
        self._block(0, 2, basis, lambda d, v, w: w.c * d * _dot(w.p, v), **data)
        self._block(2, 0, basis, lambda d, v, w: -2 * w.s * _dot(w.p, d) * v, **data)
        self._block(2, 2, basis, lambda d, v, w: -w.c * _dot(w.p, w.p) * d * v, **data)

    def _conduct_ions(self, basis: Any, u: Array) -> None:
        q, T = basis.interpolate(u[1]), basis.interpolate(u[2])
        squared = _dot(q, q) / NM**2
        s = self.laws.ions(squared, np.asarray(T)) * NM
        ds = slope(self.laws.ions, squared, T, by=0) / NM
        c = slope(self.laws.ions, squared, T, by=1) * NM
        data = {"s": s, "d": ds, "c": c, "q": q}
        self._row(1, basis, lambda v, w: w.s * _dot(w.q, v), **data)
        self._block(1, 1, basis, lambda d, v, w: w.s * _dot(d, v)
                    + 2 * w.d * _dot(w.q, d) * _dot(w.q, v), **data)  # fmt: skip
        self._block(1, 2, basis, lambda d, v, w: w.c * d * _dot(w.q, v), **data)

    def _tunnel(self, u: Array) -> None:
        """Couple the two ends of every column: G_Tu V over its area."""
        basis = self.volumes[GAP]
        gap = basis.interpolate(self.gap)
        span = basis.with_element(ElementTriP0()).interpolate(self.span)
        data = {"g": self.laws.tunnel(np.asarray(gap)) * NM**2 * span**2 / gap,
                "p": basis.interpolate(u[0])}  # fmt: skip
        vector = self._row(0, basis, lambda v, w: w.g * w.p.grad[1] * v.grad[1], **data)
        self._block(0, 0, basis, lambda d, v, w: w.g * d.grad[1] * v.grad[1], **data)
        face = np.unique(self.mesh.t[:, self.cell.regions == AE])
        self.currents["tunnel"] = float(vector[face].sum())
        self.dissipated = float(vector @ u[0])

    def _transfer(self, metal: int, basis: Any, u: Array) -> None:
        p, q, T = (basis.interpolate(field) for field in u)
        r, z = basis.global_coordinates()
        barrier = self.laws.barrier(r, z) if metal == CF else 0.0 * r
        arguments = (np.asarray(p - q), np.asarray(T), np.asarray(barrier))
        j = self.laws.transfer(*arguments) * NM**2
        by_eta, by_heat = (slope(self.laws.transfer, *arguments, by=k) * NM**2 for k in (0, 1))
        vector = self._row(0, basis, lambda v, w: w.j * v, j=j)
        self._row(1, basis, lambda v, w: -w.j * v, j=j)
        self.currents["filament ions" if metal == CF else "electrode ions"] += float(vector.sum())
        for row, sign in ((0, 1.0), (1, -1.0)):
            for column, change in ((0, by_eta), (1, -by_eta), (2, by_heat)):
                self._block(row, column, basis, lambda d, v, w: w.c * d * v, c=sign * change)

    def _tunnel_heat(self, metal: int, basis: Any, u: Array) -> None:
        """Put the tunnel heat on a face, scaled to the dissipation in the gap."""
        p, gap = basis.interpolate(u[0]), basis.interpolate(self.gap)
        span = self.span[basis.tind][:, None]
        voltage = np.asarray(span * p.grad[1])
        share = self.cell.config.tunnel.collector_share
        collector = (metal == AE) == (self.cell.applied > 0)
        part = share if collector else 1 - share
        c = part * self.laws.tunnel(np.asarray(gap)) * NM**2 * np.abs(basis.normals[1])
        data = {"c": self.heat_scale * c * voltage, "s": span + 0.0 * voltage, "V": voltage}
        self.areal += -self._row(2, basis, lambda v, w: -w.c * w.V * v, **data).sum()
        self._block(2, 0, basis, lambda d, v, w: -2 * w.c * w.s * d.grad[1] * v, **data)

    def _source(self, u: Array) -> None:
        """Let the limiter's current in through the top, linear about the mean voltage there."""
        area = self.weights.sum()
        mean = float(self.weights @ u[0]) / area
        current, conductance = self.laws.limiter(self.cell.applied - mean)
        p = self.top.interpolate(u[0])
        flux = (current + conductance * (mean - np.asarray(p))) / area
        self._row(0, self.top, lambda v, w: -w.f * v, f=flux)
        self._block(0, 0, self.top, lambda d, v, w: conductance / area * d * v)
        self.currents["top"], self.cell_voltage = current, mean

    # --- Newton's method ------------------------------------------------------------------------

    def solve(self, start: Array) -> Array:
        """Return the solution (n, 3) from start values (n, 3)."""
        free = self._free()
        u = np.where(free, start.T, 0.0)
        u[2][~free[2]] = self.cell.config.thermal.ambient_temperature
        chosen = np.flatnonzero(free.ravel())
        for _ in range(MOST_ITERATIONS):
            self.areal = 0.0
            residual, matrix = self.system(u)
            self.heat_scale *= self.dissipated / self.areal
            if abs(self.dissipated / self.areal - 1) > 1e-3:
                residual, matrix = self.system(u)
            matrix = matrix[chosen][:, chosen]
            scale = 1.0 / np.abs(matrix).max(axis=1).toarray().ravel()
            step = np.zeros(u.size)
            step[chosen] = splu(matrix.multiply(scale[:, None]).tocsc()).solve(
                scale * residual[chosen]
            )
            step = step.reshape(3, -1)
            change = np.abs(step).max(axis=1)
            factor = np.minimum(1.0, 0.1 / change[:2].max()) * np.ones((3, 1))
            factor[2] = 0.0 if change[:2].max() > 1e-2 else np.minimum(1.0, 100.0 / change[2])
            u = u - factor * step
            if np.all(change < CONVERGED):
                self.system(u)
                return np.asarray(u.T)
        raise AssertionError(f"not converged: {change} (V, V, K)")

    def _free(self) -> NDArray[np.bool_]:
        """Return which unknowns are solved for (3, n)."""
        cell, z = self.cell, self.cell.points[:, 1]
        out = np.zeros((3, self.count), dtype=bool)
        out[0, cell.cells[np.isin(cell.regions, (CE, CF, AE, GAP))].ravel()] = True
        out[1, cell.cells[np.isin(cell.regions, (SL, GAP))].ravel()] = True
        out[2] = z < z.max() - 1e-6
        out[:, z < z.min() + 1e-6] = False
        return out


def _dot(a: Any, b: Any) -> Any:
    return a.grad[0] * b.grad[0] + a.grad[1] * b.grad[1]


def _orientation(cell: FrozenCell) -> Array:
    a, b, c = (cell.points[cell.cells[:, k]] for k in range(3))
    (x, y), (s, t) = (b - a).T, (c - a).T
    return np.asarray(x * t - y * s)


def _columns(cell: FrozenCell) -> tuple[Array, Array]:
    """Return the gap at every node and the width of each triangle's column (nm).

    A column is the set of gap nodes that lie straight above one another.
    """
    cells = np.flatnonzero(cell.regions == GAP)
    gap, span = np.ones(len(cell.points)), np.ones(len(cell.cells))
    nodes = np.unique(cell.cells[cells])
    r, column = np.unique(np.round(cell.points[nodes, 0], 9), return_inverse=True)
    low, high = np.full(len(r), np.inf), np.full(len(r), -np.inf)
    np.minimum.at(low, column, cell.points[nodes, 1])
    np.maximum.at(high, column, cell.points[nodes, 1])
    gap[nodes] = (high - low)[column]
    number = np.full(len(cell.points), -1)
    number[nodes] = column
    for k in cells:
        own = number[cell.cells[k]]
        twice = own[np.argmax(np.bincount(own)[own])]
        span[k] = (high - low)[twice]
    return gap, span
