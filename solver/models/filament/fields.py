"""Fields of an accepted state as they are written for ParaView: SI units, points in nm.

Each triangle holds the mean of its current density over the volume that it sweeps about the axis,
from the expressions that were solved, at the quadrature points at which they were solved.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import basix
import numpy as np
from numpy.typing import NDArray

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.meshes.transfer import containing
from tusk.solver.axisymmetry import QUADRATURE_DEGREE
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.front.surface import Shape, Weights
from tusk.solver.models.filament.domain import Domain
from tusk.solver.models.filament.nearest_gap import NearestGap
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.constants import NM

Array = NDArray[np.float64]

METALS = (COUNTER_ELECTRODE, FILAMENT, ACTIVE_ELECTRODE)

PARTS = 400
"""Parts into which the shortest way across a gap is cut to find the triangles that it crosses."""


@contextmanager
def between(simulation: Simulation, share: float) -> Iterator[None]:
    """Show a simulation between its last two states, which stand on one mesh; collective.

    Surface, potentials and temperature are interpolated linearly. Afterwards the simulation is
    what it was, to the last bit.

    Parameters
    ----------
    simulation
        The simulation, after a step.
    share
        Part of the step that is done, 0 to 1.
    """
    before, after = simulation.previous, simulation.state

    def mixed(old: Array, new: Array) -> Array:
        return old + share * (new - old)

    curve = mixed(before.shape.curve, after.shape.curve)
    simulation.state = replace(
        after,
        time=before.time + share * (after.time - before.time),
        current=before.current + share * (after.current - before.current),
        shape=Shape(curve, after.shape.electrode),
        solution=mixed(before.solution, after.solution),
    )
    try:
        simulation.domain.place(simulation.state.shape)
        yield
    finally:
        simulation.state = after
        simulation.domain.place(after.shape)


def point_fields(simulation: Simulation) -> dict[str, Array]:
    """Return nodal fields (n,): potentials in V and temperature in K."""
    solution = simulation.state.solution
    return {
        "electric_potential_V": solution[:, ELECTRON],
        "ionic_potential_V": solution[:, ION],
        "temperature_K": solution[:, HEAT],
    }


def cell_fields(simulation: Simulation) -> dict[str, Array]:
    """Return fields per triangle: conductivity, current density (m, 3), field strength, material.

    In metals field and current are electronic; in the oxide the field drives ions, and tunnelling
    electrons add to the current in the gap.
    """
    state, domain = simulation.state, simulation.domain
    cells = _Cells(domain, state.solution)
    weights = simulation.processes.weights(state.memories, state.shape)
    conductivity, field = cells.conductivity(), cells.field()
    current = conductivity[:, None] * field + cells.tunnelling(weights)
    gap = domain.regions == GAP
    return {
        "conductivity_S_per_m": conductivity,
        "current_density_A_per_m2": np.column_stack((current, np.zeros(len(gap)))),
        "field_V_per_m": np.hypot(*field.T),
        "material": np.where(gap, OXIDE, domain.regions).astype(np.int32),
    }


@dataclass(frozen=True)
class _Cells:
    """A solution (n, 3) on the triangles of a mesh."""

    domain: Domain
    solution: Array

    @cached_property
    def shares(self) -> Array:
        """Barycentric coordinates of the quadrature points (q, 3)."""
        points, _ = basix.make_quadrature(basix.CellType.triangle, QUADRATURE_DEGREE)
        return np.column_stack((1.0 - points.sum(axis=1), points))

    @cached_property
    def swept(self) -> Array:
        """Share of each quadrature point in the volume that its triangle sweeps (m, q)."""
        _, weights = basix.make_quadrature(basix.CellType.triangle, QUADRATURE_DEGREE)
        part = weights * self.at_points(self.domain.points[:, 0])
        return np.asarray(part / part.sum(axis=1, keepdims=True))

    def at_points(self, nodal: Array) -> Array:
        """Return a nodal field (n,) at the quadrature points of every triangle (m, q)."""
        return np.asarray(nodal[self.domain.cell.cells] @ self.shares.T)

    def mean(self, values: Array, kept: NDArray[np.bool_]) -> Array:
        """Return the mean over the swept volume of values (k, q) on triangles that are kept."""
        return np.asarray(np.einsum("kq,kq->k", values, self.swept[kept]))

    @cached_property
    def temperature(self) -> Array:
        """T at the quadrature points (m, q), K."""
        return self.at_points(self.solution[:, HEAT])

    def gradient(self, component: int) -> Array:
        """Return the gradient of a component on every triangle (m, 2), V/m."""
        points, cells = self.domain.points, self.domain.cell.cells
        return gradient(points, cells, self.solution[:, component]) / NM

    def field(self) -> Array:
        """Return the field that drives electrons in metals and ions in the oxide (m, 2), V/m."""
        oxide = np.isin(self.domain.regions, (OXIDE, GAP))
        return -np.where(oxide[:, None], self.gradient(ION), self.gradient(ELECTRON))

    def conductivity(self) -> Array:
        """Return the conductivity that goes with it (m,), S/m."""
        domain, regions = self.domain, self.domain.regions
        physics = domain.tools.physics
        out = np.empty(len(regions))
        for region in METALS:
            here = regions == region
            out[here] = self.mean(physics.metal_conductivity(region, self.temperature[here]), here)
        out[regions == FILAMENT] *= domain.size_effect_values[regions == FILAMENT]
        oxide = np.isin(regions, (OXIDE, GAP))
        squared = np.einsum("mk,mk->m", self.field(), self.field())[oxide, None]
        out[oxide] = self.mean(
            physics.hopping.conductivity(squared, self.temperature[oxide]), oxide
        )
        return out

    def tunnelling(self, weights: Weights) -> Array:
        """Return the current density of tunnelling electrons (m, 2), A/m²."""
        nearest = self.domain.discrete.nearest_gap
        if nearest is not None:
            return self._along_shortest_ways(nearest)
        return self._along_columns(weights)

    def _along_columns(self, weights: Weights) -> Array:
        """Return what `Equations.across_gap` makes of the conductance in gap columns."""
        domain, physics = self.domain, self.domain.tools.physics
        here = domain.regions == GAP
        out = np.zeros((len(here), 2))
        if not here.any():
            return out
        span = domain.span()[here]
        gap = self.at_points(domain.gap_nodal()[0])[here]
        voltage = span * NM * self.gradient(ELECTRON)[here, 1]
        closed, share = (
            self.at_points(domain.in_columns(values))[here]
            for values in (weights.closed, weights.site_share)
        )
        conductance = physics.gap_conductor.conductance(
            (gap - closed) * NM,
            voltage[:, None],
            self.temperature[here],
            share,
            weights.site_conductance,
        )
        width = span[:, None] if physics.has_contact else gap
        out[here, 1] = -self.mean(conductance * span[:, None] / width, here) * voltage
        return out

    def _along_shortest_ways(self, nearest: NearestGap) -> Array:
        """Return the currents between surfaces, each spread over the triangles on its way.

        A current I along a way of length l in a triangle is a current density I l/V on average.
        """
        domain = self.domain
        points, cells = domain.points, domain.cell.cells
        current = -nearest.exchange(self.solution).current
        carries = np.abs(current) > 1e-9 * np.abs(current).max(initial=1e-300)
        start, way = points[nearest.filament][carries], nearest.way[carries]
        part = (np.arange(PARTS) + 0.5) / PARTS
        places = start[:, None, :] + part[None, :, None] * way[:, None, :]
        oxide = np.flatnonzero(np.isin(domain.regions, (OXIDE, GAP)))
        found = oxide[containing(points, cells[oxide], places.reshape(-1, 2))]
        moments = np.repeat(current[carries, None] * way / PARTS, PARTS, axis=0)
        out = np.zeros((len(cells), 2))
        np.add.at(out, found, moments)
        radius = points[cells, 0].mean(axis=1)
        volume = 2.0 * np.pi * radius * np.abs(domain.cell.signed_areas(points))
        return np.asarray(out / volume[:, None] / NM**2)


def gradient(points: Array, cells: NDArray[np.int64], values: Array) -> Array:
    """Return the gradient of a P1 field on every triangle (m, 2), per unit of ``points``."""
    a, b, c = (points[cells[:, k]] for k in range(3))
    u = values[cells]
    edge_1, edge_2 = b - a, c - a
    area = edge_1[:, 0] * edge_2[:, 1] - edge_2[:, 0] * edge_1[:, 1]
    d1, d2 = u[:, 1] - u[:, 0], u[:, 2] - u[:, 0]
    radial = (d1 * edge_2[:, 1] - d2 * edge_1[:, 1]) / area
    axial = (d2 * edge_1[:, 0] - d1 * edge_2[:, 0]) / area
    return np.column_stack((radial, axial))
