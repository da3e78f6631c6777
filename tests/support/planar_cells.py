"""A cell whose filament fills the whole radius: plane layers, for which solutions are exact."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import frozen_cells
import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.meshes.cell import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    GAP,
    CellMesh,
    ElectrodeNodes,
    Stack,
)
from tusk.solver.config import FilamentConfig
from tusk.solver.fields.field import ELECTRON
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.discrete import DiscreteEquations
from tusk.solver.models.filament.problem import CoupledProblem, NewtonOptions
from tusk.solver.timing import Timer

Array = NDArray[np.float64]

NEWTON = NewtonOptions(1e-13, 1e-9, 60)
LARGEST_STEP = 0.05  # V


@dataclass(frozen=True, slots=True)
class PlanarCell:
    """Layers of one radius; lengths in nm.

    Attributes
    ----------
    filament
        Thickness of the filament layer; above it the oxide fills the rest of the oxide layer.
    oxide_region
        ``GAP`` (electrons tunnel) or ``OXIDE`` (they do not).
    intervals
        Number of intervals of the mesh in r and in z of each of the four layers.
    """

    stack: Stack
    filament: float
    oxide_region: int = GAP
    intervals: tuple[int, int] = (4, 6)

    @property
    def gap(self) -> float:
        """Thickness of the oxide between filament and electrode, nm."""
        return self.stack.oxide_thickness - self.filament

    @property
    def levels(self) -> tuple[float, ...]:
        """Heights of the interfaces from the bottom up, nm."""
        stack = self.stack
        top = stack.oxide_thickness + stack.active_electrode_thickness
        bottom = -stack.counter_electrode_thickness
        return bottom, 0.0, self.filament, stack.oxide_thickness, top

    @property
    def area(self) -> float:
        """Cross section, nm²."""
        return float(np.pi * self.stack.domain_radius**2)

    def mesh(self) -> CellMesh:
        """Return a structured triangulation, diagonals alternating like a chequerboard."""
        across, along = self.intervals
        r = np.linspace(0.0, self.stack.domain_radius, across + 1)
        layers = [np.linspace(a, b, along + 1)[1:] for a, b in pairwise(self.levels)]
        z = np.concatenate(([self.levels[0]], *layers))
        points = np.stack(np.meshgrid(r, z), axis=-1).reshape(-1, 2)
        number = np.arange(len(points)).reshape(len(z), len(r))
        a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()
        c, d = number[1:, 1:].ravel(), number[1:, :-1].ravel()
        even = (np.add.outer(np.arange(len(z) - 1), np.arange(across)).ravel() % 2 == 0)[:, None]
        first = np.where(even, np.stack((a, b, c), -1), np.stack((a, b, d), -1))
        second = np.where(even, np.stack((a, c, d), -1), np.stack((b, c, d), -1))
        strip = np.repeat(np.arange(len(z) - 1), across)
        tags = np.array([COUNTER_ELECTRODE, FILAMENT, self.oxide_region, ACTIVE_ELECTRODE])
        regions = tags[strip // along]
        none = np.empty(0, dtype=int)
        return CellMesh(
            points,
            np.concatenate((first, second)),
            np.concatenate((regions, regions)),
            number[2 * along],
            ElectrodeNodes(none, none, np.empty(0), np.empty(0)),
            number[2 * along : 3 * along + 1].T,
        )


def problem(
    cell: PlanarCell, config: FilamentConfig, equations: CompiledEquations | None = None
) -> CoupledProblem:
    """Return the coupled problem on a planar cell; ``equations`` replaces the compiled ones."""
    tools = frozen_cells.tools(config, MPI.COMM_SELF)
    mesh = cell.mesh()
    discrete = DiscreteEquations(equations or tools.compiled, mesh, mesh.regions, cell.stack)
    if cell.oxide_region == GAP:
        inside = np.clip(mesh.points[:, 1] - cell.filament, 0.0, cell.gap)
        discrete.set_nodal(discrete.gap, np.full(len(mesh.points), cell.gap))
        discrete.set_nodal(discrete.cut, inside / cell.gap)
        discrete.set_cellwise(discrete.span, np.full(len(mesh.cells), cell.gap))
    source, ambient = tools.physics.source, tools.physics.ambient_temperature
    return CoupledProblem(discrete, cell.stack, source, ambient, NEWTON, Timer())


def solve(problem: CoupledProblem, cell: PlanarCell, voltage: float) -> Array:
    """Return the solution (n, 3) at a drive (V), reached from rest in small steps."""
    points = problem.discrete.cell.points
    share = np.clip((points[:, 1] - cell.filament) / cell.gap, 0.0, 1.0)
    solution = np.tile((0.0, 0.0, 300.0), (len(points), 1))
    solution = problem.solve(solution, 0.0)
    steps = 1 + int(abs(voltage) / LARGEST_STEP)
    for value in np.linspace(0.0, voltage, steps + 1)[1:]:
        solution[:, ELECTRON] += share * voltage / steps
        solution = problem.solve(solution, float(value))
    return solution
