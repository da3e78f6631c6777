"""Heat of the tunnel barrier over a length: nothing is lost, and plane layers are as by hand."""

from __future__ import annotations

import frozen_cells
import numpy as np
import planar_cells
import pytest
from frozen_cells import configure
from mpi4py import MPI
from numpy.typing import NDArray
from planar_cells import PlanarCell

from tusk.meshes.cell import ACTIVE_ELECTRODE, FILAMENT, GAP, Stack
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.models.filament.deposition import Deposition, DepositionEquations

Array = NDArray[np.float64]

STACK = Stack(10.0, 10.0, 10.0, 2.0)
LENGTH = 5.0
SETTING = (
    "source={kind: none}",
    f"tunnel.deposition_length={LENGTH} nm",
    "filament.conductivity=bulk",
    "materials={Cu: {electrical_linear: 0 1/K}, Pt: {electrical_linear: 0 1/K}}",
)


def slab(intervals: int) -> float:
    """Return the error of heat spread in the electrode below its exact density, over the largest.

    q cosh((H - s)/l)/(l sinh(H/l)) at the depth s of a slab of height H heated by q on one face.
    """
    cell = PlanarCell(STACK, 9.8, GAP, (2, intervals))
    mesh = cell.mesh()
    deposition = Deposition(DepositionEquations(MPI.COMM_SELF, LENGTH * 1e-9), mesh)
    deposition.place(mesh.points, np.ones(len(mesh.cells)))
    r, z = mesh.points.T
    face = np.abs(z - STACK.oxide_thickness) < 1e-9
    radii = np.sort(r[face])
    width = np.diff(radii)
    areas = np.zeros(len(radii))
    areas[:-1] += width * (2 * radii[:-1] + radii[1:]) / 6
    areas[1:] += width * (radii[:-1] + 2 * radii[1:]) / 6
    heat = np.zeros(len(r))
    heat[np.flatnonzero(face)[np.argsort(r[face])]] = 2 * np.pi * areas
    out = deposition.spread(heat)
    assert out.sum() == pytest.approx(heat.sum(), rel=1e-12)
    height = STACK.active_electrode_thickness
    level = STACK.oxide_thickness + height * np.arange(intervals + 1) / intervals
    found = np.array([out[np.abs(z - each) < 1e-9].sum() for each in level])
    assert found.sum() == pytest.approx(heat.sum(), rel=1e-12), "none of it in the other metals"
    depth = level - STACK.oxide_thickness
    exact = np.cosh((height - depth) / LENGTH) / (LENGTH * np.sinh(height / LENGTH))
    step = height / intervals
    weights = np.full(intervals + 1, step)
    weights[[0, -1]] /= 2
    # What nodes receive is the density against their hat functions; its second difference counts.
    curved = exact * weights * (1 + np.where(weights < step, 0.0, (step / LENGTH) ** 2 / 12))
    return float(np.abs(found / cell.area - curved)[1:-1].max() / (exact[0] * step))


def test_a_slab_takes_the_heat_as_by_hand() -> None:
    coarse, fine = slab(8), slab(32)
    assert fine < 2e-4
    assert np.log(coarse / fine) / np.log(4) > 1.8


def test_nothing_is_lost_around_a_filament() -> None:
    """The sum is kept to 1e-12 on the mesh of a real shape; most goes on into what it stands on."""
    domain = frozen_cells.domain(configure("tunnel.deposition_length=59 nm"), frozen_cells.narrow())
    deposition, mesh = domain.discrete.deposition, domain.cell
    assert deposition is not None
    rng = np.random.default_rng(4)
    heat = np.zeros(len(domain.points))
    heat[mesh.filament_nodes] = rng.uniform(0.0, 1.0, len(mesh.filament_nodes))
    out = deposition.spread(heat)
    assert out.sum() == pytest.approx(heat.sum(), rel=1e-12)
    assert out.min() >= -1e-9 * out.max()
    electrode = np.unique(mesh.cells[mesh.regions == ACTIVE_ELECTRODE])
    assert not np.any(out[electrode])
    filament = np.unique(mesh.cells[mesh.regions == FILAMENT])
    assert out[filament].sum() < 0.5 * heat.sum()


@pytest.mark.parametrize("gap", ["column", "nearest"])
def test_the_ledgers_close(gap: str) -> None:
    """What the gap dissipates flows out at the top and the bottom, wherever it was given."""
    setting = ("tunnel.deposition_length=20 nm", f"tunnel.gap={gap}", "source={kind: none}")
    simulation = frozen_cells.frozen(configure(*setting), frozen_cells.narrow(), 0.3)
    problem = simulation.domain.problem
    integral = problem.integrals()
    assert integral["tunnel_heat"] == pytest.approx(integral["gap_dissipation"], rel=1e-6)
    made = integral["joule_power"] + integral["tunnel_heat"]
    assert problem.terminals(0.3).heat_outflow == pytest.approx(made, rel=1e-6)


def test_heat_over_a_length_warms_plane_layers_as_by_hand() -> None:
    """T over the electrode's outer face: int min(s', s) u ds'/kappa, plus Joule heat."""
    cell, voltage = PlanarCell(STACK, 9.8, GAP, (2, 24)), 0.3
    blocked = ("thermal.filament_oxide_conductance=1 W/m^2/K",)
    problem = planar_cells.problem(cell, configure(*SETTING, *blocked))
    solution = planar_cells.solve(problem, cell, voltage)
    z = problem.discrete.cell.points[:, 1]
    faces = [solution[np.abs(z - level) < 1e-9, ELECTRON].mean() for level in cell.levels[2:4]]
    area = cell.area * 1e-18
    density = problem.discrete.integral("tunnel_current") / area
    power = 0.82 * density * (faces[1] - faces[0])
    inside = z > STACK.oxide_thickness + 1e-9
    height, length = 10e-9, LENGTH * 1e-9
    x = (STACK.oxide_thickness + 10.0 - z[inside]) * 1e-9  # below the outer face
    # -kappa T'' = u = power cosh(x/l)/(l sinh(H/l)), T(x = 0) = 300 K, T'(H) = 0.
    spread = power * length / np.sinh(height / length)
    rise = power * x - spread * (np.cosh(x / length) - 1)
    joule = density**2 / 5.96e7 * (height * x - x**2 / 2)
    exact = (rise + joule) / 400.0
    assert solution[inside, HEAT] - 300.0 == pytest.approx(exact, rel=2e-3, abs=1e-3 * exact.max())
    assert exact.max() > 1.0
