"""Meshes of the cell: conforming, of exact volume, resolved across the gap, repeatable."""

from collections import Counter
from pathlib import Path

import gmsh
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tusk.meshes.cell import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    GAP,
    OXIDE,
    ElectrodeSurface,
    Stack,
)
from tusk.meshes.curve import resample, revolved_volume
from tusk.meshes.generate import WALL_CLEARANCE, generate
from tusk.meshes.sizes import PRESETS

RATIOS = (0.0, 0.05, 1.0)
WORST, USUAL = 0.03, 0.3
"""Least quality, and the quality that 95 % of the triangles exceed."""


@pytest.fixture(params=RATIOS, ids=lambda ratio: f"v{ratio:g}")
def cell(request, toolbox, shape):
    """Return the draft mesh of every shape under every electrode."""
    return toolbox.named(shape, request.param)


@pytest.fixture(params=["nucleus", "blunt", "overhang", "waist"])
def reference_cell(request, toolbox):
    return toolbox.named(request.param, 0.05, "reference")


def edges_of(mesh):
    """Return every edge as (low, high) with the number of triangles that share it."""
    count = Counter()
    for a, b, c in mesh.cells.tolist():
        count.update((min(p, q), max(p, q)) for p, q in ((a, b), (b, c), (c, a)))
    return count


def check_conforming(cell):
    mesh, stack, points = cell.mesh, cell.stack, cell.mesh.points
    count = edges_of(mesh)
    assert set(count.values()) == {1, 2}
    rim = np.array([edge for edge, number in count.items() if number == 1])
    top = stack.oxide_thickness + stack.active_electrode_thickness
    on_boundary = [
        np.abs(points[rim, axis] - value).max(axis=1) < 1e-12
        for axis, value in (
            (0, 0.0),
            (0, stack.domain_radius),
            (1, top),
            (1, -stack.counter_electrode_thickness),
        )
    ]
    assert np.any(on_boundary, axis=0).all()
    assert np.array_equal(np.unique(mesh.cells), np.arange(len(points)))
    assert len(np.unique(points, axis=0)) == len(points)


def check_volumes(toolbox, cell):
    points = cell.mesh.points
    exact = toolbox.polygon_volumes(cell, points, cell.curve)
    found = toolbox.mesh_volumes(cell.mesh, points)
    for region, volume in exact.items():
        assert found[region] == pytest.approx(volume, rel=1e-10, abs=1e-10), region


def check_columns(cell):
    mesh, points = cell.mesh, cell.mesh.points
    if not mesh.columns.size:
        assert mesh.layers == 0
        assert GAP not in mesh.regions
        return
    r, z = points[mesh.columns, 0], points[mesh.columns, 1]
    assert (r == r[:, :1]).all()  # bit for bit
    assert mesh.layers >= cell.sizes.elements_across_gap
    heights = np.diff(z, axis=1)
    assert (heights > 0).all()
    assert heights == pytest.approx(heights.mean(axis=1)[:, None] + 0 * heights, rel=1e-9)
    count = len(mesh.columns)
    assert np.array_equal(mesh.columns[:, 0], mesh.filament_nodes[:count])
    assert np.array_equal(mesh.columns[:, -1], mesh.electrode.nodes[:count])
    assert (mesh.regions == GAP).sum() == 2 * (count - 1) * mesh.layers
    assert set(np.unique(mesh.cells[mesh.regions == GAP])) == set(mesh.columns.ravel().tolist())


def test_conforming(cell):
    check_conforming(cell)


def test_volumes(toolbox, cell):
    check_volumes(toolbox, cell)


def test_columns(cell):
    check_columns(cell)


def test_reference_preset(toolbox, reference_cell):
    check_conforming(reference_cell)
    check_volumes(toolbox, reference_cell)
    check_columns(reference_cell)


def test_fine_preset(toolbox):
    cell = toolbox.named("overhang", 0.05, "fine")
    check_conforming(cell)
    check_volumes(toolbox, cell)
    check_columns(cell)


def test_surfaces_are_the_given_ones(cell):
    mesh = cell.mesh
    assert np.array_equal(mesh.points[mesh.filament_nodes], cell.curve)
    assert np.array_equal(
        mesh.points[mesh.electrode.nodes],
        mesh.electrode.positions(cell.curve, cell.stack, cell.electrode),
    )


def test_electrode_face_is_single_valued(toolbox, cell):
    face = toolbox.electrode_face(cell, cell.mesh.points)
    assert face[0, 0] == 0.0
    assert face[-1].tolist() == [cell.stack.domain_radius, cell.stack.oxide_thickness]
    assert (np.diff(face[:, 0]) >= 0).all()
    assert (np.diff(face[:, 1]) <= 1e-12).all()


def test_triangles_are_positive_and_sound(cell):
    mesh = cell.mesh
    quality = mesh.quality(mesh.points)
    assert (mesh.signed_areas(mesh.points) > 0).all()
    assert quality.max() <= 1 + 1e-12
    if cell.electrode.recess(cell.curve[:1, 1], cell.curve[:1, 0])[0] < 9.0:  # electrode left
        assert quality.min() > WORST
        assert np.quantile(quality, 0.05) > USUAL


def test_regions_lie_in_their_layers(cell):
    mesh, stack = cell.mesh, cell.stack
    centre = mesh.points[mesh.cells].mean(axis=1)[:, 1]
    assert (centre[mesh.regions == COUNTER_ELECTRODE] < 0).all()
    assert (centre[mesh.regions == ACTIVE_ELECTRODE] > stack.oxide_thickness).all()
    assert (centre[np.isin(mesh.regions, (FILAMENT, OXIDE, GAP))] > 0).all()


def test_nucleus_at_every_preset(toolbox):
    for preset in PRESETS:
        cell = toolbox.named("nucleus", 0.05, preset)
        assert cell.mesh.quality(cell.mesh.points).min() > 0.4
        assert not cell.mesh.columns.size
        check_volumes(toolbox, cell)


@settings(max_examples=20, derandomize=True, deadline=None, database=None)
@given(
    gap=st.floats(0.03, 6.0),
    contact=st.floats(0.26, 8.0),
    roundness=st.floats(0.05, 0.99),
    ratio=st.sampled_from((0.0, 0.05)),
)
def test_any_filament(toolbox, gap, contact, roundness, ratio):
    height = (10.0 - gap) / (1.0 - ratio)
    largest = (contact**2 + height**2) / (2 * height)  # the dome that meets the floor itself
    dome = max(0.2, roundness * largest)
    assume(dome < 0.99 * largest)
    cell = toolbox.make(toolbox.filament(height, contact, dome), ElectrodeSurface(ratio))
    check_conforming(cell)
    check_volumes(toolbox, cell)
    check_columns(cell)
    assert (cell.mesh.signed_areas(cell.mesh.points) > 0).all()
    assert cell.mesh.quality(cell.mesh.points).min() > 0.3 * WORST


# --- the gap ------------------------------------------------------------------------------------


@pytest.mark.parametrize("gap", [0.02, 0.05, 0.1, 0.5, 2.0])
@pytest.mark.parametrize("ratio", [0.0, 0.05])
@pytest.mark.parametrize("preset", ["draft", "reference"])
def test_elements_across_a_narrow_gap(toolbox, gap, ratio, preset):
    height = (10.0 - gap) / (1.0 - ratio)
    cell = toolbox.make(toolbox.filament(height, 3.0, 2.5), ElectrodeSurface(ratio),
                        PRESETS[preset])  # fmt: skip
    points, columns = cell.mesh.points, cell.mesh.columns
    assert cell.mesh.layers >= cell.sizes.elements_across_gap
    assert len(columns) >= 4
    ends = points[columns[:, -1], 1] - points[columns[:, 0], 1]
    assert ends[0] == pytest.approx(gap, rel=1e-9)
    assert (ends >= gap * (1 - 1e-9)).all()
    check_columns(cell)
    check_conforming(cell)


def test_columns_cover_where_the_current_flows(toolbox):
    # the current density falls by e every 0.05 nm or so: beyond 0.5 nm more gap nothing is left
    for name in ("blunt", "wide"):
        cell = toolbox.named(name)
        ends = np.diff(cell.mesh.points[cell.mesh.columns[:, [0, -1]], 1])[:, 0]
        assert ends.max() > ends.min() + 0.5


@pytest.mark.parametrize("shape", ["wide", "nucleus", "blunt"])
def test_an_oxide_thinner_than_the_reach_of_tunnelling(toolbox, shape):
    # every node of the curve may carry a column, the contact line included
    stack = Stack(2.0, 5.0, 5.0, 25.0)
    curves = {
        "wide": toolbox.filament(1.2, 6.0, 3.0),
        "nucleus": toolbox.filament(0.256, 0.256, 0.256),
        "blunt": toolbox.filament(1.8, 1.0, 0.8),
    }
    for ratio in RATIOS:
        cell = toolbox.make(curves[shape], ElectrodeSurface(ratio), stack=stack)
        assert len(cell.mesh.columns) >= 3
        check_conforming(cell)
        check_volumes(toolbox, cell)
        check_columns(cell)
    if shape == "wide":
        assert len(cell.mesh.columns) == len(cell.curve)


def test_upright_edges(toolbox):
    mesh = toolbox.named("blunt").mesh
    cells, nodes = mesh.upright_edges()
    assert np.array_equal(cells, np.flatnonzero(mesh.regions == GAP))
    column_of = {node: k for k, column in enumerate(mesh.columns.tolist()) for node in column}
    for cell, node in zip(mesh.cells[cells].tolist(), nodes.tolist(), strict=True):
        columns = [column_of[n] for n in cell]
        assert node in cell
        assert columns.count(column_of[node]) == 2
        radii = {mesh.points[n, 0] for n in cell if column_of[n] == column_of[node]}
        assert radii == {mesh.points[node, 0]}


def test_no_columns_have_no_upright_edges(toolbox):
    cells, nodes = toolbox.named("nucleus").mesh.upright_edges()
    assert len(cells) == len(nodes) == 0


# --- the wall and a recess that keeps -----------------------------------------------------------


def test_an_overhang_leaves_a_wall(toolbox):
    cell = toolbox.named("overhang", 1.0, "reference")
    nodes = cell.mesh.electrode
    wall = cell.mesh.points[nodes.nodes[nodes.share < 1.0]]
    assert len(wall) >= 2
    assert np.ptp(wall[:, 0]) == 0.0
    assert (np.diff(wall[:, 1]) < 0).all()
    assert wall[-1, 1] == cell.stack.oxide_thickness
    assert wall[0, 0] == pytest.approx(cell.curve[:, 0].max(), rel=5e-3)


def test_the_wall_keeps_clear_of_the_columns(toolbox):
    # columns that reach almost to the widest node of a steep head
    cell = toolbox.make(toolbox.filament(6.585, 0.536, 1.114), ElectrodeSurface(0.3),
                        stack=Stack(5.0, 10.0, 10.0, 25.0))  # fmt: skip
    electrode, points = cell.mesh.electrode, cell.mesh.points
    wall = points[electrode.nodes[electrode.share < 1.0], 0]
    last = points[cell.mesh.columns[-1, -1], 0]
    assert len(wall)
    assert wall.min() >= last + WALL_CLEARANCE * cell.sizes.finest * (1 - 1e-9)
    check_conforming(cell)
    check_volumes(toolbox, cell)
    check_columns(cell)


def test_a_wall_lower_than_the_mesh_becomes_a_slope(toolbox):
    cell = toolbox.named("nucleus", 0.05, "fine")
    face = cell.mesh.points[cell.mesh.electrode.face]
    assert face[-1, 1] == cell.stack.oxide_thickness
    assert face[-2, 0] < face[-1, 0]


@pytest.mark.parametrize("shape", ["nucleus", "blunt", "overhang"])
@pytest.mark.parametrize("grown", [1.0, 1.02, 1.6])
def test_a_recess_that_keeps(toolbox, shape, grown):
    # the filament was once wider than it is now
    now = toolbox.shapes[shape]()
    electrode = ElectrodeSurface(0.05).remember(now * (grown, 1.0))
    cell = toolbox.make(now, electrode)
    check_conforming(cell)
    check_volumes(toolbox, cell)
    check_columns(cell)
    points, static = cell.mesh.points, cell.mesh.electrode.static
    assert cell.mesh.quality(points).min() > 0.1
    if grown == 1.6 and shape != "nucleus":
        assert len(static) > 1
        outer = electrode.memory_radius.max()
        assert points[static[-1]].tolist() == [outer, cell.stack.oxide_thickness]
        inside = static[points[static, 0] < outer]
        recess = electrode.recess(np.zeros(len(inside)), points[inside, 0])
        assert points[inside, 1] - cell.stack.oxide_thickness == pytest.approx(recess, abs=0.01)


def test_a_remembered_recess_finer_than_the_mesh_is_left_out(toolbox):
    curve = toolbox.shapes["blunt"]()
    barely = ElectrodeSurface(0.05).remember(curve * (1.001, 1.0))
    nothing = ElectrodeSurface(0.0).remember(curve * (1.5, 1.0))
    for electrode in (barely, nothing):
        assert len(toolbox.make(curve, electrode).mesh.electrode.static) == 0


# --- repeatability ------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["nucleus", "overhang"])
def test_two_calls_agree_bit_for_bit(toolbox, shape):
    cell = toolbox.named(shape)
    toolbox.make(toolbox.filament(6.0, 2.0, 1.0), ElectrodeSurface(0.05))  # another in between
    again = generate(cell.curve, cell.stack, cell.electrode, cell.sizes)
    assert np.array_equal(again.points, cell.mesh.points)
    assert np.array_equal(again.cells, cell.mesh.cells)
    assert np.array_equal(again.regions, cell.mesh.regions)
    assert np.array_equal(again.columns, cell.mesh.columns)


def test_what_gmsh_meshed_before_does_not_matter(toolbox):
    """Neither does that it meshed nothing: a restarted run makes the meshes of the whole one."""
    cell = toolbox.named("waist", 0.05, "reference")

    def again():
        return generate(cell.curve, cell.stack, cell.electrode, cell.sizes).points.tobytes()

    gmsh.finalize()
    first = again()
    assert again() == first
    wide = Stack(40.0, 40.0, 40.0, 100.0)
    toolbox.make(toolbox.filament(6.0, 2.0, 1.0), cell.electrode, PRESETS["draft"], wide)
    assert again() == first == cell.mesh.points.tobytes()


def test_halving_the_sizes_makes_about_four_times_the_triangles(toolbox):
    curve, electrode = toolbox.shapes["cylinder"](), ElectrodeSurface(0.05)
    sizes = PRESETS["draft"]
    counts = [len(toolbox.make(curve, electrode, s).mesh.cells) for s in (sizes, sizes.scaled(0.5))]
    assert 2.5 < counts[1] / counts[0] < 6.0


def test_gap_and_oxide_together_fill_the_layer(toolbox):
    cell = toolbox.named("cylinder", 0.0)
    volumes = toolbox.mesh_volumes(cell.mesh, cell.mesh.points)
    layer = np.pi * cell.stack.domain_radius**2 * cell.stack.oxide_thickness
    assert volumes["oxide"] + revolved_volume(cell.curve) == pytest.approx(layer, rel=1e-12)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_bulge_between_two_nodes_of_the_electrode(toolbox, preset):
    # a head that came out of a run: the face must not cut through what its nodes leave out
    path = Path(__file__).parent / "data" / "bulge_above_a_waist.csv"
    curve, sizes = np.loadtxt(path, delimiter=",", skiprows=1), PRESETS[preset]
    electrode = ElectrodeSurface(0.05)
    for _ in range(2):
        curve = resample(curve, sizes.on_filament(curve, toolbox.stack, electrode))
    mesh = generate(curve, toolbox.stack, electrode, sizes)
    assert mesh.quality(mesh.points).min() > 0.01
