"""What cannot be meshed is refused with a reason, at once, and leaves no trace."""

import gmsh
import numpy as np
import pytest

from tusk.meshes.cell import ElectrodeSurface, Stack
from tusk.meshes.curve import hemisphere
from tusk.meshes.generate import generate
from tusk.meshes.outline import first_crossing
from tusk.meshes.sizes import PRESETS

FOLLOW = ElectrodeSurface(0.05)
DRAFT = PRESETS["draft"]


def bulge(curve, index, r, z):
    """Return the curve with one node moved to (r, z)."""
    out = curve.copy()
    out[index] = r, z
    return out


def test_a_curve_that_crosses_itself(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0, 20)
    knot = curve.copy()
    knot[[10, 24]] = knot[[24, 10]]
    with pytest.raises(RuntimeError, match="surfaces cross near r = "):
        generate(knot, toolbox.stack, FOLLOW, DRAFT)


def test_a_mushroom_whose_widest_part_stands_in_its_recess(toolbox):
    # the wall gives way to it
    cell = toolbox.make(toolbox.filament(13.7, 1.6, 2.2), ElectrodeSurface(0.3))
    electrode, points = cell.mesh.electrode, cell.mesh.points
    wall = points[electrode.nodes[electrode.share < 1.0], 0]
    assert wall.min() > points[cell.mesh.filament_nodes, 0].max()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: bulge(c, 5, np.nan, 1.0), "not finite"),
        (lambda c: bulge(c, 5, -0.1, 4.0), "crosses the axis"),
        (lambda c: bulge(c, -3, 2.9, -0.1), "counter-electrode"),
        (lambda c: bulge(c, 20, 26.0, 4.0), "wider than the domain"),
        (lambda c: c * (1.0, 1.2), "touches the active electrode"),
        (lambda c: bulge(c, 10, 1.0, 10.7), "surfaces cross"),
    ],
)
def test_outlines_that_leave_the_cell(toolbox, change, reason):
    curve = change(toolbox.filament(9.0, 3.0, 1.0, 20))
    with pytest.raises(RuntimeError, match=reason):
        generate(curve, toolbox.stack, FOLLOW, DRAFT)


def test_a_recess_through_the_electrode(toolbox):
    stack = Stack(10.0, 2.0, 5.0, 25.0)
    with pytest.raises(RuntimeError, match="pierces the active electrode"):
        generate(toolbox.filament(9.0, 3.0, 1.0, 20), stack, ElectrodeSurface(0.5), DRAFT)


def test_a_refusal_leaves_no_trace(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0, 20)
    before = generate(curve, toolbox.stack, FOLLOW, DRAFT)
    with pytest.raises(RuntimeError):
        generate(bulge(curve, 5, 4.0, 0.5), toolbox.stack, FOLLOW, DRAFT)
    after = generate(curve, toolbox.stack, FOLLOW, DRAFT)
    assert np.array_equal(before.points, after.points)
    assert np.array_equal(before.cells, after.cells)


def test_an_error_of_gmsh_is_a_runtime_error(toolbox, monkeypatch):
    def fail(dimension):
        raise Exception("No elements in surface 3")  # a bare one, as gmsh does

    monkeypatch.setattr(gmsh.model.mesh, "generate", fail)
    with pytest.raises(RuntimeError, match="gmsh: No elements in surface 3"):
        generate(toolbox.filament(9.0, 3.0, 1.0, 20), toolbox.stack, FOLLOW, DRAFT)


def test_a_region_that_gmsh_left_empty(toolbox, monkeypatch):
    lines_only = gmsh.model.mesh.generate
    monkeypatch.setattr(gmsh.model.mesh, "generate", lambda dimension: lines_only(1))
    with pytest.raises(RuntimeError, match="no triangles in region"):
        generate(toolbox.filament(9.0, 3.0, 1.0, 20), toolbox.stack, FOLLOW, DRAFT)


def test_after_a_failure_of_gmsh_meshing_goes_on(toolbox):
    cell = toolbox.named("nucleus")
    again = generate(cell.curve, cell.stack, cell.electrode, cell.sizes)
    assert np.array_equal(again.points, cell.mesh.points)


# --- crossings of polygons ----------------------------------------------------------------------


def circle(count):
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.column_stack((np.cos(angle), np.sin(angle)))


def test_simple_polygons():
    assert first_crossing(np.array([(0, 0), (1, 0), (0, 1)], dtype=float)) is None
    assert first_crossing(circle(30)) is None
    comb = np.array([(0, 0), (3, 0), (3, 2), (2, 2), (2, 1), (1, 1), (1, 2), (0, 2)], dtype=float)
    assert first_crossing(comb) is None
    assert first_crossing(comb[::-1]) is None


@pytest.mark.parametrize("count", [5, 7, 9])
def test_stars_cross(count):
    assert first_crossing(circle(count)[(2 * np.arange(count)) % count]) == 0


def test_touching_counts():
    pinched = np.array([(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)], dtype=float)
    assert first_crossing(pinched) == 0
    retraced = np.array([(0, 0), (4, 0), (4, 1), (1, 0), (3, 0), (0, 3)], dtype=float)
    assert first_crossing(retraced) is not None


def test_neighbours_in_line_are_no_crossing():
    straight = np.array([(0, 0), (1, 0), (2, 0), (3, 0), (3, 3), (0, 3)], dtype=float)
    assert first_crossing(straight) is None


def test_a_crossing_anywhere_is_found():
    rng = np.random.default_rng(3)
    for _ in range(20):
        loop = circle(40)
        i, j = sorted(rng.choice(40, 2, replace=False))
        if 2 < j - i < 38:
            loop[[i, j]] = loop[[j, i]]
            assert first_crossing(loop) is not None


def test_a_hemisphere_alone_is_simple(toolbox):
    loop = np.vstack((hemisphere(1.0, 20)[::-1], (0.0, 9.0), (9.0, 9.0), (9.0, 0.0)))
    assert first_crossing(loop) is None
