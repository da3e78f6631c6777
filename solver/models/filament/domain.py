"""A meshed cell that can be placed at any nearby filament shape and solved there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray
from scipy.optimize import brentq

from tusk.meshes.cell import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    GAP,
    OXIDE,
    CellMesh,
    Stack,
)
from tusk.meshes.curve import (
    arc_length,
    curvature,
    graded,
    nodal_areas,
    outer_radius,
    resample,
    segment_lengths,
)
from tusk.meshes.generate import STEEPEST_COLUMN, column_count, generate, layer_count
from tusk.meshes.motion import MeshMotion
from tusk.meshes.sizes import Sizes
from tusk.meshes.transfer import Search
from tusk.solver.checkpoint import Tree, pack, unpack
from tusk.solver.errors import MeshTangled
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.fields.surface_kinetics import Surface
from tusk.solver.front.kinetics import potential
from tusk.solver.front.surface import Shape, Weights
from tusk.solver.models.filament.closures import FilamentPhysics
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.discrete import DiscreteEquations
from tusk.solver.models.filament.problem import CoupledProblem, NewtonOptions
from tusk.solver.parallel import collective
from tusk.solver.physics.constants import NM
from tusk.solver.timing import Timer

Array = NDArray[np.float64]

QUADRATURE = np.eye(3) / 2.0 + 1.0 / 6.0
"""Barycentric points (3, 3) of equal weight that integrate quadratics over a triangle."""

WIDEST_SPACING, NARROWEST_SPACING = 1.6, 0.35
"""Surface spacing, in units of the wanted one, outside of which the nodes are redistributed."""

WORST_QUALITY = 0.12
"""Quality below which a mesh is replaced, unless it was made so."""


SOUND, MOST_SPARED = 0.02, 4
"""A new mesh of worse quality is tried again with fewer gap columns, down to so many less."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What every mesh of a run shares; no filament is thinner than ``atom_size`` (nm)."""

    comm: MPI.Comm
    compiled: CompiledEquations
    physics: FilamentPhysics
    stack: Stack
    sizes: Sizes
    newton: NewtonOptions
    timer: Timer
    nucleus_radius: float
    atom_size: float
    side_ambient: bool = False


class Domain:
    """One mesh topology with its bound equations.

    Parameters
    ----------
    tools
        What every mesh of the run shares.
    shape
        Shape to mesh; its nodes are redistributed first.
    saved
        Take the mesh of a checkpoint, what `state` returned, and place it at ``shape``.
    settled
        What becomes of the redistributed nodes of the curve.

    Raises
    ------
    MeshTangled
        On every rank, if gmsh cannot mesh the shape.
    """

    def __init__(
        self,
        tools: Tools,
        shape: Shape,
        saved: Tree | None = None,
        settled: Callable[[Array], Array] = np.asarray,
    ) -> None:
        self.tools = tools
        with tools.timer("meshing"):
            if saved is None:
                self.cell, curve = collective(tools.comm, lambda: _mesh(tools, shape, settled))
                self.shape = Shape(curve, shape.electrode)
            else:
                self.cell, self.shape = unpack(CellMesh, saved["cell"]), shape
            with tools.timer("mesh motion"):
                self.motion = MeshMotion(self.cell, tools.stack)
            self.points = self.cell.points
            self._fresh_quality = float(self.cell.quality(self.points).min())
        with tools.timer("form set-up"):
            self.regions = self._conducting_regions() if saved is None else saved["regions"]
            discrete = DiscreteEquations(tools.compiled, self.cell, self.regions, tools.stack)
            self.problem = CoupledProblem(
                discrete,
                tools.stack,
                tools.physics.source,
                tools.physics.ambient_temperature,
                tools.newton,
                tools.timer,
                tools.side_ambient,
            )
        self.discrete = discrete
        self._upright = self.cell.upright_edges()
        self.electrode_face = self.cell.electrode_face()
        self._cells_of = {k: np.flatnonzero(self.regions == k) for k in range(1, 6)}
        self.place(self.shape)
        if saved is not None:
            discrete.restore(saved["discrete"])

    def state(self) -> Tree:
        """Return the mesh as it was made, and what its equations remember between solves."""
        return {
            "cell": pack(self.cell),
            "regions": self.regions,
            "discrete": self.discrete.state(),
        }

    @property
    def is_fresh(self) -> bool:
        """True while the mesh stands where it was made."""
        return bool(np.array_equal(self.points, self.cell.points))

    # --- geometry -------------------------------------------------------------------------------

    def place(self, shape: Shape) -> None:
        """Move the mesh to ``shape`` (same node count).

        Raises
        ------
        MeshTangled
            If a triangle would invert.
        """
        with self.tools.timer("mesh motion"):
            points = self.motion.positions(shape.curve, shape.electrode)
        worst = float(self.cell.quality(points).min())
        if not worst > 0.0:
            raise MeshTangled(f"mesh: a triangle inverts (quality {worst:.3g})")
        self.shape = shape
        self.points = points
        self.discrete.move(points)
        self._set_gap()
        self._set_size_effect()
        self._set_tension()

    def weigh(self, weights: Weights) -> None:
        """Hand the equations what weighs charge transfer and conduction at the curve's nodes."""
        discrete = self.discrete
        nodes, count = self.cell.filament_nodes, len(self.points)
        dissolvable = np.ones(count)
        dissolvable[nodes] = weights.dissolving
        discrete.set_nodal(discrete.dissolvable, dissolvable)
        physics = self.tools.physics
        if physics.weighs_deposit:
            depositable = np.ones(count)
            depositable[nodes] = weights.depositing
            discrete.set_nodal(discrete.depositable, depositable)
        if not physics.has_contact:
            return
        discrete.set_nodal(discrete.site_share, self.in_columns(weights.site_share))
        discrete.set_nodal(discrete.closed, self.in_columns(weights.closed))
        discrete.constants["site_conductance"].value = weights.site_conductance

    def in_columns(self, values: Array) -> Array:
        """Return nodal values (n,): those of curve nodes in the gap columns over them, 0 beside."""
        out, columns = np.zeros(len(self.points)), self.cell.columns
        if columns.size:
            out[columns] = values[: len(columns), None]
        return out

    def span(self) -> Array:
        """Return the width (nm) of the column of each triangle's vertical edge (m,), else 1."""
        out = np.ones(len(self.cell.cells))
        triangles, nodes = self._upright
        out[triangles] = self.gap_nodal()[0][nodes]
        return out

    def gap_nodal(self) -> tuple[Array, Array]:
        """Return gap (nm) and cut (0 filament, 1 electrode) at every node."""
        gap = np.full(len(self.points), 1e3)
        cut = np.zeros(len(self.points))
        columns = self.cell.columns
        if columns.size:
            ends = self.points[columns[:, -1], 1] - self.points[columns[:, 0], 1]
            gap[columns] = ends[:, None]
            cut[columns] = np.linspace(0.0, 1.0, columns.shape[1])[None, :]
        return gap, cut

    def _set_gap(self) -> None:
        gap, cut = self.gap_nodal()
        self.discrete.set_nodal(self.discrete.gap, gap)
        self.discrete.set_nodal(self.discrete.cut, cut)
        self.discrete.set_cellwise(self.discrete.span, self.span())

    def _set_size_effect(self) -> None:
        """Average the size effect at the local diameter of the filament over each triangle."""
        cells = self._cells_of[FILAMENT]
        height = self.points[self.cell.cells[cells], 1] @ QUADRATURE.T
        radius = outer_radius(self.shape.curve, height.ravel()).reshape(height.shape)
        diameter = np.maximum(2 * radius, self.tools.atom_size)
        values = np.ones(len(self.cell.cells))
        values[cells] = self.tools.physics.size_effect.ratio(diameter * NM).mean(axis=1)
        self.size_effect_values = values
        self.discrete.set_cellwise(self.discrete.size_effect, values)
        if self.discrete.deposition is not None:
            self.discrete.deposition.place(self.points, values)

    def _set_tension(self) -> None:
        """Set what surface tension adds to the overpotential at the nodes of the curve."""
        if self.tools.physics.has_tension:
            values = np.zeros(len(self.points))
            values[self.cell.filament_nodes] = potential(
                self.tools.physics.capillarity, self.shape.curve
            )
            self.discrete.set_nodal(self.discrete.tension, values)

    def electrode_curve(self) -> Array:
        """Return the electrode face as a polyline from the axis outwards (k, 2), nm."""
        return np.asarray(self.points[self.electrode_face])

    def _conducting_regions(self) -> np.ndarray:
        """Return the regions; ``GAP`` is left where electrons tunnel along columns."""
        physics, regions = self.tools.physics, self.cell.regions
        columns = physics.gap_measure == "column"
        if columns and physics.gap_conductor.conducts:
            return regions.copy()
        return np.where(regions == GAP, OXIDE, regions)

    def worn(self) -> bool:
        """Return whether quality, spacing or gap resolution ask for a new mesh."""
        curve, sizes, stack = self.shape.curve, self.tools.sizes, self.tools.stack
        quality = float(self.cell.quality(self.points).min())
        if quality < min(WORST_QUALITY, 0.6 * self._fresh_quality):
            return True
        wanted = graded(arc_length(curve), sizes.on_filament(curve, stack, self.shape.electrode))
        spacing = segment_lengths(curve)
        local = np.minimum(wanted[1:], wanted[:-1])
        if np.any(spacing > WIDEST_SPACING * local) or np.any(spacing < NARROWEST_SPACING * local):
            return True
        gap = self.shape.gap(stack)
        columns = len(self.cell.columns)
        if not columns:
            return column_count(curve, gap, sizes) > 0
        step = np.diff(curve[:columns], axis=0)
        steepest = np.arctan2(-step[:, 1], step[:, 0]).max()
        layers = layer_count(float(gap[0]), sizes)
        return bool(
            steepest > STEEPEST_COLUMN + 0.07
            or layers > self.cell.layers
            or 1.5 * layers < self.cell.layers
        )

    # --- fields ---------------------------------------------------------------------------------

    def start_values(self, cell_voltage: float) -> Array:
        """Return start values (n, 3) from a scalar balance: uniform potentials in each part.

        At high ionic conductivity the ionic potential is nearly uniform at the value where the
        total anodic current of the electrode equals the total cathodic current of the filament.
        """
        physics, curve = self.tools.physics, self.shape.curve
        areas = nodal_areas(curve)
        face = self.electrode_curve()
        electrode_area = float(nodal_areas(face).sum())
        kinetics, temperature = physics.surface_kinetics, physics.ambient_temperature
        r, z = curve.T * NM
        rim = (float(face[-1, 0]) * NM, physics.oxide_thickness)

        def imbalance(phi_i: float) -> float:
            gained, lost = kinetics.branches(
                Surface.FILAMENT, (r, z), (0.0, phi_i), np.full(len(curve), temperature)
            )
            supplied, taken = kinetics.branches(
                Surface.ELECTRODE, rim, (cell_voltage, phi_i), temperature
            )
            growth, supply = gained - lost, supplied - taken
            return float(np.arcsinh(1e6 * (areas @ growth + electrode_area * supply)))

        low, high = min(0.0, cell_voltage) - 1.0, max(0.0, cell_voltage) + 1.0
        values = np.zeros((len(self.points), 3))
        values[:, ION] = brentq(imbalance, low, high) if imbalance(low) > 0 > imbalance(high) else 0
        values[:, HEAT] = temperature
        values[np.unique(self.cell.cells[self._cells_of[ACTIVE_ELECTRODE]]), ELECTRON] = (
            cell_voltage
        )
        return self.across_gap(values)

    def across_gap(self, values: Array) -> Array:
        """Fill the electronic potential of inner gap nodes linearly between the two faces."""
        columns = self.cell.columns
        if columns.size:
            bottom, top = values[columns[:, 0], ELECTRON], values[columns[:, -1], ELECTRON]
            share = np.linspace(0.0, 1.0, columns.shape[1])
            values[columns, ELECTRON] = bottom[:, None] + share * (top - bottom)[:, None]
        return values

    def store_heat(self, rate: float, stored: Array, velocity: Array) -> None:
        """Set dT/dt = rate T + stored (1/s, K/s) at nodes moving with ``velocity`` (nm/s)."""
        discrete = self.discrete
        discrete.constants["storage_rate"].value = rate
        discrete.set_nodal(discrete.stored_heat, stored)
        discrete.set_nodal(discrete.mesh_velocity, velocity)

    def destroy(self) -> None:
        """Free the PETSc objects of this mesh."""
        self.problem.destroy()


class Passage:
    """Carries nodal fields from one mesh to another; a node is looked up once, on interfaces twice.

    Parameters
    ----------
    old, new
        Where the fields are known and where they are wanted.
    """

    def __init__(self, old: Domain, new: Domain) -> None:
        self._new = new
        search = Search(old.points, old.cell.cells, new.points)
        self._everywhere = search.interpolation
        self._within = []
        for component, group in (
            (ELECTRON, (COUNTER_ELECTRODE,)),
            (ELECTRON, (FILAMENT,)),
            (ELECTRON, (ACTIVE_ELECTRODE,)),
            (ION, (OXIDE, GAP)),
        ):
            nodes = np.unique(new.cell.cells[np.isin(new.regions, group)])
            within = search.within(np.isin(old.regions, group), nodes)
            self._within.append((component, nodes, within))

    def fields(self, values: Array) -> Array:
        """Return phi_e, phi_i, T (n_old, 3) on the new mesh, material by material."""
        out = self._everywhere(values)
        for component, nodes, within in self._within:
            out[nodes, component] = within(values[:, [component]])[:, 0]
        return self._new.across_gap(out)

    def anywhere(self, values: Array) -> Array:
        """Return nodal values (n_old, k) on the new mesh, whatever the material."""
        return self._everywhere(values)


def _mesh(tools: Tools, shape: Shape, settled: Callable[[Array], Array]) -> tuple[CellMesh, Array]:
    """Redistribute the nodes of the curve and mesh the cell; on one rank."""
    curve = shape.curve
    for _ in range(2):
        size = tools.sizes.on_filament(curve, tools.stack, shape.electrode)
        curve = resample(curve, size)
    curve = settled(curve)
    if not np.all(np.isfinite(curve)) or not np.isfinite(curvature(curve)).all():
        raise MeshTangled("mesh: the filament curve is not finite")
    best, worst, failure = None, -np.inf, "gmsh returned an inverted triangle"
    for spared in range(MOST_SPARED + 1):
        try:
            cell = generate(curve, tools.stack, shape.electrode, tools.sizes, tools.timer, spared)
        except RuntimeError as error:
            failure = str(error)
            continue
        quality = float(cell.quality(cell.points).min())
        if quality > worst:
            best, worst = cell, quality
        if quality > SOUND or not len(cell.columns):
            break
    if best is None or not worst > 0.0:
        raise MeshTangled(f"mesh: {failure}")
    return best, curve
