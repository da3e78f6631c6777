"""P1 interpolation between meshes: exact inside, bounded outside."""

import numpy as np
import pytest

from tusk.meshes.cell import FILAMENT, GAP, OXIDE
from tusk.meshes.transfer import Search

SLOPES = np.array([[3.0, 0.5], [-2.0, 1.0]])


def interpolate(
    points: np.ndarray, cells: np.ndarray, values: np.ndarray, targets: np.ndarray
) -> np.ndarray:
    return Search(points, cells, targets).interpolation(values)


def linear(points):
    """Return two linear fields (n, 2)."""
    return points @ SLOPES + (1.0, -4.0)


def inside(mesh, cells, seed=0):
    """Return one random point in each triangle."""
    weights = np.random.default_rng(seed).dirichlet(np.ones(3), len(cells))
    return np.einsum("mk,mkc->mc", weights, mesh.points[cells])


def test_linear_fields_are_exact_inside(toolbox, shape):
    mesh = toolbox.named(shape).mesh
    targets = inside(mesh, mesh.cells)
    found = interpolate(mesh.points, mesh.cells, linear(mesh.points), targets)
    assert found == pytest.approx(linear(targets), abs=1e-9)


@pytest.mark.parametrize("shape", ["thin", "blunt"])
def test_linear_fields_are_exact_among_needles(toolbox, shape):
    # steep gap columns: the triangle that holds a point is not among the nearest by centre
    mesh = toolbox.named(shape, 0.05, "reference").mesh
    for seed in range(3):
        targets = inside(mesh, mesh.cells[mesh.regions == GAP], seed)
        found = interpolate(mesh.points, mesh.cells, linear(mesh.points), targets)
        assert found == pytest.approx(linear(targets), abs=1e-9)


def test_nodes_keep_their_values(toolbox):
    mesh = toolbox.named("overhang").mesh
    values = np.random.default_rng(1).normal(size=(len(mesh.points), 3))
    assert interpolate(mesh.points, mesh.cells, values, mesh.points) == pytest.approx(
        values, abs=1e-9
    )


def test_from_one_mesh_to_another(toolbox):
    old, new = toolbox.named("blunt").mesh, toolbox.named("overhang").mesh
    found = interpolate(old.points, old.cells, linear(old.points), new.points)
    assert found == pytest.approx(linear(new.points), abs=1e-8)


@pytest.mark.parametrize("regions", [(FILAMENT,), (OXIDE, GAP)])
def test_outside_a_material_the_nearest_of_it_counts(toolbox, regions):
    cell = toolbox.named("blunt")
    mesh = cell.mesh
    cells = mesh.cells[np.isin(mesh.regions, regions)]
    # a material that has moved by 0.1 nm: its new nodes lie up to so far outside the old ones
    moved = np.unique(cells)[:, None]
    targets = mesh.points[moved[:, 0]] + np.random.default_rng(2).uniform(-0.07, 0.07, (1, 2))
    values = linear(mesh.points)
    found = interpolate(mesh.points, cells, values, targets)
    own = values[np.unique(cells)]
    assert (found >= own.min(axis=0) - 1e-12).all()
    assert (found <= own.max(axis=0) + 1e-12).all()
    longest = 1.5  # nm, of the edges at the surface of either material
    assert np.abs(found - linear(targets)).max() < np.abs(SLOPES).sum(axis=0).max() * longest


def test_no_value_comes_from_another_material(toolbox):
    cell = toolbox.named("overhang")
    mesh = cell.mesh
    values = np.where(np.isin(np.arange(len(mesh.points)), mesh.cells[mesh.regions == FILAMENT]),
                      1.0, np.nan)[:, None]  # fmt: skip
    cells = mesh.cells[mesh.regions == FILAMENT]
    far = np.array([(20.0, 9.0), (0.0, 30.0), (24.0, -9.0)])
    assert interpolate(mesh.points, cells, values, far).tolist() == [[1.0], [1.0], [1.0]]


def test_a_single_triangle():
    points = np.array([(0, 0), (1, 0), (0, 1)], dtype=float)
    cells = np.array([[0, 1, 2]])
    values = np.array([[0.0], [1.0], [2.0]])
    targets = np.array([(0.25, 0.25), (0.5, 0.0), (-1.0, -1.0), (5.0, 0.0)])
    assert interpolate(points, cells, values, targets)[:, 0] == pytest.approx([0.75, 0.5, 0.0, 1.0])


def test_no_targets():
    points = np.array([(0, 0), (1, 0), (0, 1)], dtype=float)
    out = interpolate(points, np.array([[0, 1, 2]]), np.zeros((3, 2)), np.empty((0, 2)))
    assert out.shape == (0, 2)
