"""Volumes and areas of revolved bodies against elementary geometry."""

from __future__ import annotations

from dataclasses import replace

import basix.ufl
import frozen_cells
import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from mpi4py import MPI

from tusk.meshes.cell import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    GAP,
    OXIDE,
    CellMesh,
    ElectrodeSurface,
    column_gap,
)
from tusk.meshes.curve import hemisphere, nodal_areas, nodal_velocity, revolved_volume
from tusk.meshes.generate import generate
from tusk.solver.axisymmetry import (
    Axisymmetric,
    reference_domain,
    trapezoid_annuli,
    trapezoid_revolved,
)
from tusk.solver.fields.symbols import (
    ELECTRODE_GAP,
    ELECTRODE_OXIDE,
    FILAMENT_GAP,
    FILAMENT_OXIDE,
    TOP,
)
from tusk.solver.front.surface import Shape

SPACE = Axisymmetric(reference_domain())
WHOLE, BOTTOM, SIDE = 1, 1, 2


def _integral(form: ufl.Form, mesh: dmesh.Mesh) -> float:
    """Assemble a form over the whole mesh; facets with z = 0 are BOTTOM, the others SIDE."""
    mesh.topology.create_connectivity(1, 2)
    mesh.topology.create_connectivity(2, 1)
    cells = np.arange(mesh.topology.index_map(2).size_local, dtype=np.int32)
    outer = dmesh.exterior_facet_indices(mesh.topology)
    middles = dmesh.compute_midpoints(mesh, 1, outer)
    facets = []
    for tag, chosen in ((BOTTOM, middles[:, 1] < 1e-12), (SIDE, middles[:, 1] >= 1e-12)):
        entities = fem.compute_integration_domains(
            fem.IntegralType.exterior_facet, mesh.topology, outer[chosen]
        )
        facets.append((tag, entities.ravel()))
    subdomains = {
        fem.IntegralType.cell: [(WHOLE, cells)],
        fem.IntegralType.exterior_facet: facets,
    }
    compiled = fem.compile_form(MPI.COMM_SELF, form)
    return float(fem.assemble_scalar(fem.create_form(compiled, [], mesh, subdomains, {}, {})))


def _triangles(points: np.ndarray, cells: np.ndarray) -> dmesh.Mesh:
    element = basix.ufl.element("Lagrange", "triangle", 1, shape=(2,))
    return dmesh.create_mesh(MPI.COMM_SELF, cells, element, points)


def _cap_mesh(radius: float, height: float, rings: int) -> dmesh.Mesh:
    """Return the cap of a ball, z >= 0: a fan of rings about the centre of its base."""
    edge = np.sqrt(radius**2 - (radius - height) ** 2)
    angle = np.linspace(0.0, np.arcsin(edge / radius), rings + 1)
    rim = np.column_stack((np.sin(angle), np.cos(angle))) * radius + (0.0, height - radius)
    points = np.concatenate([rim * k / rings for k in range(1, rings + 1)] + [np.zeros((1, 2))])
    at = np.arange(rings * (rings + 1)).reshape(rings, rings + 1)
    inner = np.vstack((np.full((1, rings + 1), len(points) - 1), at[:-1]))
    a, b, c, d = inner[:, :-1], inner[:, 1:], at[:, 1:], at[:, :-1]
    cells = np.concatenate([np.stack((a, d, c), -1), np.stack((a, c, b), -1)]).reshape(-1, 3)
    flat = (cells[:, 0] == cells[:, 1]) | (cells[:, 1] == cells[:, 2]) | (
        cells[:, 0] == cells[:, 2])  # fmt: skip
    return _triangles(points, cells[~flat])


def test_a_cylinder_is_exact() -> None:
    radius, height = 1.7, 2.3
    mesh = dmesh.create_rectangle(MPI.COMM_SELF, [[0.0, 0.0], [radius, height]], (3, 4))
    assert _integral(1.0 * SPACE.volume(WHOLE), mesh) == pytest.approx(
        np.pi * radius**2 * height, rel=1e-13
    )
    assert _integral(1.0 * SPACE.surface(BOTTOM), mesh) == pytest.approx(
        np.pi * radius**2, rel=1e-13
    )
    mantle = 2 * np.pi * radius * height
    assert _integral(1.0 * SPACE.surface(SIDE), mesh) == pytest.approx(
        mantle + np.pi * radius**2, rel=1e-13
    )
    assert _integral(1.0 * SPACE.surface(BOTTOM, SIDE), mesh) == pytest.approx(
        mantle + 2 * np.pi * radius**2, rel=1e-13
    )


def test_a_cone_is_exact() -> None:
    radius, height = 1.2, 3.1
    corners = np.array([[0.0, 0.0], [radius, 0.0], [0.0, height]])
    mesh = _triangles(corners, np.array([[0, 1, 2]]))
    assert _integral(1.0 * SPACE.volume(WHOLE), mesh) == pytest.approx(
        np.pi * radius**2 * height / 3, rel=1e-13
    )
    slant = np.hypot(radius, height)
    assert _integral(1.0 * SPACE.surface(SIDE), mesh) == pytest.approx(
        np.pi * radius * slant, rel=1e-13
    )


def test_moments_of_a_cylinder_are_exact() -> None:
    """The coordinates are (r, z) in this order, and the weight is r and not r squared."""
    radius, height = 1.7, 2.3
    mesh = dmesh.create_rectangle(MPI.COMM_SELF, [[0.0, 0.0], [radius, height]], (2, 2))
    r, z = SPACE.coordinates
    assert _integral(r**2 * SPACE.volume(WHOLE), mesh) == pytest.approx(
        np.pi * radius**4 * height / 2, rel=1e-13
    )
    assert _integral(z * SPACE.volume(WHOLE), mesh) == pytest.approx(
        np.pi * radius**2 * height**2 / 2, rel=1e-13
    )


@pytest.mark.parametrize("height", [0.4, 1.5, 3.0], ids=["flat", "half", "whole"])
def test_a_spherical_cap_converges_with_the_square_of_the_size(height: float) -> None:
    radius = 1.5
    volume = np.pi * height**2 * (3 * radius - height) / 3
    area = 2 * np.pi * radius * height
    errors = []
    for rings in (8, 16):
        mesh = _cap_mesh(radius, height, rings) if height < 2 * radius else _ball(radius, rings)
        mantle = 1.0 * SPACE.surface(SIDE)
        errors.append(
            [
                abs(_integral(1.0 * SPACE.volume(WHOLE), mesh) / volume - 1.0),
                abs(_integral(mantle, mesh) / area - 1.0),
            ]
        )
    rate = np.log2(np.array(errors[0]) / errors[1])
    assert rate == pytest.approx([2.0, 2.0], abs=0.1)
    assert max(errors[1]) < 0.02


def _ball(radius: float, rings: int) -> dmesh.Mesh:
    """Return a whole ball that touches z = 0 in one point only."""
    angle = np.linspace(0.0, np.pi, 2 * rings + 1)
    rim = np.column_stack((np.sin(angle), 1.0 - np.cos(angle))) * radius
    rim[[0, -1], 0] = 0.0
    points = np.vstack((rim, [[0.0, radius]]))
    last = len(points) - 1
    cells = np.column_stack((np.full(last - 1, last), np.arange(last - 1), np.arange(1, last)))
    return _triangles(points, cells)


# --- the mesh of a cell ---------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["early", "narrow"])
def shape(request: pytest.FixtureRequest) -> Shape:
    shape: Shape = getattr(frozen_cells, request.param)()
    return shape


def test_every_layer_of_a_cell_has_its_volume(shape: Shape) -> None:
    tools = frozen_cells.tools(frozen_cells.configure())
    cell = generate(shape.curve, tools.stack, shape.electrode, tools.sizes)
    radius, height = tools.stack.domain_radius, tools.stack.oxide_thickness
    disc = np.pi * radius**2
    filament = revolved_volume(shape.curve)
    volume = {k: _volume(cell, k) for k in range(1, 6)}
    assert volume[COUNTER_ELECTRODE] == pytest.approx(disc * 10.0, rel=1e-12)
    assert volume[FILAMENT] == pytest.approx(filament, rel=1e-9)
    assert sum(volume.values()) == pytest.approx(disc * 30.0, rel=1e-12)
    recess = disc * 10.0 - volume[ACTIVE_ELECTRODE]
    assert volume[OXIDE] + volume[GAP] == pytest.approx(
        disc * height + recess - filament, rel=1e-12
    )
    if cell.layers:  # far away the electrode does not resolve its shallow recess
        assert recess == pytest.approx(shape.electrode.ratio * filament, rel=0.02)


def test_volumes_survive_a_translation_and_any_motion_of_inner_nodes(shape: Shape) -> None:
    tools = frozen_cells.tools(frozen_cells.configure())
    cell = generate(shape.curve, tools.stack, shape.electrode, tools.sizes)
    before = [_volume(cell, region) for region in range(1, 6)]
    raised = replace(cell, points=cell.points + np.array((0.0, 7.3)))
    assert [_volume(raised, k) for k in range(1, 6)] == pytest.approx(before, rel=1e-12)

    owners = [np.unique(cell.cells[cell.regions == k]) for k in range(1, 6)]
    shared = np.bincount(np.concatenate(owners), minlength=len(cell.points)) > 1
    low, high = cell.points.min(axis=0), cell.points.max(axis=0)
    outer = np.any((cell.points < low + 1e-9) | (cell.points > high - 1e-9), axis=1)
    inner = np.flatnonzero(~(shared | outer))
    assert len(inner) > 0.5 * len(cell.points)
    room = np.full(len(cell.points), np.inf)
    for a, b in ((0, 1), (1, 2), (2, 0)):
        length = np.hypot(*(cell.points[cell.cells[:, a]] - cell.points[cell.cells[:, b]]).T)
        np.minimum.at(room, cell.cells[:, a], length)
        np.minimum.at(room, cell.cells[:, b], length)
    points = cell.points.copy()
    shift = np.random.default_rng(6).uniform(-0.1, 0.1, (len(inner), 2))
    points[inner] += shift * room[inner, None]
    assert cell.quality(points).min() > 0.0
    moved = replace(cell, points=points)
    assert [_volume(moved, k) for k in range(1, 6)] == pytest.approx(before, rel=1e-12)


def _volume(cell: CellMesh, region: int) -> float:
    chosen = cell.cells[cell.regions == region]
    if not len(chosen):
        return 0.0
    mesh = _triangles(cell.points, chosen)
    return _integral(1.0 * SPACE.volume(WHOLE), mesh)


def test_interfaces_of_a_cell_have_their_areas(shape: Shape) -> None:
    """Facet tags are complete: no facet of a surface is missing, none is counted twice."""
    domain = frozen_cells.domain(frozen_cells.configure(), shape)
    area = {tag: _tagged_area(domain.discrete, tag) for tag in range(FILAMENT_OXIDE, TOP + 1)}
    curve = domain.shape.curve
    assert area[FILAMENT_OXIDE] + area[FILAMENT_GAP] == pytest.approx(
        nodal_areas(curve).sum(), rel=1e-12
    )
    face = domain.electrode_curve()
    assert area[ELECTRODE_OXIDE] + area[ELECTRODE_GAP] == pytest.approx(
        nodal_areas(face).sum(), rel=1e-12
    )
    assert area[TOP] == pytest.approx(np.pi * domain.tools.stack.domain_radius**2, rel=1e-12)
    assert domain.discrete.constants["top_area"].value == pytest.approx(area[TOP], rel=1e-12)
    has_columns = domain.cell.layers > 0
    assert (area[FILAMENT_GAP] > 0.0) is has_columns
    if has_columns:
        count = len(domain.cell.columns)
        assert area[FILAMENT_GAP] == pytest.approx(nodal_areas(curve[:count]).sum(), rel=1e-12)
        assert area[ELECTRODE_GAP] == pytest.approx(nodal_areas(face[:count]).sum(), rel=1e-12)


def _tagged_area(discrete: object, tag: int) -> float:
    from tusk.solver.models.filament.discrete import DiscreteEquations

    assert isinstance(discrete, DiscreteEquations)
    subdomains = discrete._subdomains(frozen_cells.tools(frozen_cells.configure()).stack)
    compiled = fem.compile_form(MPI.COMM_SELF, 1.0 * SPACE.surface(tag))
    form = fem.create_form(compiled, [], discrete.mesh, subdomains, {}, {})
    return float(fem.assemble_scalar(form))


# --- integrals over curves ------------------------------------------------------------------------


def test_annuli_integrate_linear_densities_exactly() -> None:
    radius = np.array([0.0, 0.3, 0.9, 1.4])
    density = 2.0 - 0.5 * radius
    exact = 2 * np.pi * (radius[-1] ** 2 - 0.5 * radius[-1] ** 3 / 3)
    assert trapezoid_annuli(radius, density) == pytest.approx(exact, rel=1e-14)


def test_revolved_polylines_integrate_linear_densities_exactly() -> None:
    """A cone with a density that falls linearly along the slant to zero at the tip."""
    radius, height = 1.2, 3.1
    share = np.array([0.0, 0.2, 0.7, 1.0])
    cone = np.column_stack((share * radius, height * (1.0 - share)))
    slant = np.hypot(radius, height)
    assert trapezoid_revolved(cone, np.ones(4)) == pytest.approx(np.pi * radius * slant, rel=1e-14)
    exact = 2 * np.pi * radius * slant / 3
    assert trapezoid_revolved(cone, share) == pytest.approx(exact, rel=1e-14)


def test_volume_and_area_of_the_nucleus_converge() -> None:
    radius = 0.256
    errors = []
    for count in (11, 21):
        curve = hemisphere(radius, count)
        errors.append(
            [
                abs(revolved_volume(curve) / (2 * np.pi / 3 * radius**3) - 1.0),
                abs(nodal_areas(curve).sum() / (2 * np.pi * radius**2) - 1.0),
            ]
        )
    assert np.log2(np.array(errors[0]) / errors[1]) == pytest.approx([2.0, 2.0], abs=0.05)


@pytest.mark.parametrize("contact_moves", [False, True], ids=["pinned", "sliding"])
def test_motion_deposits_the_volume_it_should(shape: Shape, contact_moves: bool) -> None:
    """dV/dt is the surface integral of v_n: exact but for the contact line, which only slides."""
    curve = shape.curve
    velocity = 0.1 + 0.05 * np.cos(np.linspace(0.0, 3.0, len(curve)))
    velocity[-1] *= contact_moves
    deposited = nodal_areas(curve) @ velocity
    motion, step = nodal_velocity(curve, velocity), 1e-4
    rate = (revolved_volume(curve + step * motion) - revolved_volume(curve - step * motion)) / (
        2 * step
    )
    assert rate == pytest.approx(deposited, rel=1e-3 if contact_moves else 1e-6)
    assert motion[0, 0] == 0.0
    assert motion[-1, 1] == 0.0


def test_an_electrode_that_dissolves_as_fast_as_the_filament_grows_keeps_the_gap() -> None:
    electrode = ElectrodeSurface(1.0)
    stack = frozen_cells.tools(frozen_cells.configure()).stack
    for height in (0.3, 5.0, 12.0):
        gap = column_gap(frozen_cells.spike(height, 0.2, 0.9), stack, electrode)
        assert gap == pytest.approx(np.full(len(gap), stack.oxide_thickness), rel=1e-14)
