"""The mesh follows the filament: surfaces exactly, columns upright, the rest without folding."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tusk.meshes.cell import ElectrodeSurface, column_gap
from tusk.meshes.curve import arc_length, nodal_velocity, segment_lengths
from tusk.meshes.motion import MeshMotion

FEW = settings(max_examples=15, derandomize=True, deadline=None, database=None)
LARGEST_STEP, GAP_FRACTION, GAP_MARGIN = 0.12, 0.06, 0.002
"""Caps of the motion in one time step (nm, fraction of the gap, nm)."""


class Moving:
    """A named cell with its motion; factorised once."""

    _made: dict[tuple[str, float, str], "Moving"] = {}  # noqa: RUF012

    def __init__(self, cell):
        self.cell, self.mesh = cell, cell.mesh
        self.motion = MeshMotion(cell.mesh, cell.stack)

    @classmethod
    def named(cls, toolbox, shape, ratio=0.05, preset="draft"):
        key = (shape, ratio, preset)
        if key not in cls._made:
            cls._made[key] = cls(toolbox.named(*key))
        return cls._made[key]

    def to(self, curve, electrode=None):
        return self.motion.positions(curve, electrode or self.cell.electrode)

    def grown(self, distance, steps=4):
        """Return the curve after uniform growth by ``distance`` (nm); negative dissolves."""
        curve = self.cell.curve
        for _ in range(steps):
            curve = curve + nodal_velocity(curve, np.full(len(curve), distance / steps))
        return curve

    def one_step(self):
        """Return the largest growth that a time step allows (nm)."""
        gap = column_gap(self.cell.curve, self.cell.stack, self.cell.electrode).min()
        return min(LARGEST_STEP, GAP_FRACTION * gap + GAP_MARGIN)


@pytest.fixture
def moving(toolbox, shape):
    return Moving.named(toolbox, shape)


def check_surfaces(moving, points, curve, electrode=None):
    mesh, cell = moving.mesh, moving.cell
    electrode = electrode or cell.electrode
    assert points[mesh.filament_nodes] == pytest.approx(curve, abs=1e-13)
    face = mesh.electrode.positions(curve, cell.stack, electrode)
    assert points[mesh.electrode.nodes] == pytest.approx(face, abs=1e-13)
    if mesh.columns.size:
        r, z = points[mesh.columns, 0], points[mesh.columns, 1]
        assert np.abs(r - r[:, :1]).max() < 1e-12
        layer = np.diff(z, axis=1)
        assert np.abs(layer - layer.mean(axis=1)[:, None]).max() < 1e-12


def check_planes(moving, points):
    before, stack = moving.mesh.points, moving.cell.stack
    top = stack.oxide_thickness + stack.active_electrode_thickness
    for axis, value in ((0, 0.0), (0, stack.domain_radius), (1, 0.0), (1, top),
                        (1, -stack.counter_electrode_thickness)):  # fmt: skip
        on = np.abs(before[:, axis] - value) < 1e-12
        assert on.any()
        assert np.abs(points[on, axis] - value).max() < 1e-12


def check_volumes(toolbox, moving, points, curve):
    exact = toolbox.polygon_volumes(moving.cell, points, curve)
    found = toolbox.mesh_volumes(moving.mesh, points)
    for region, volume in exact.items():
        assert found[region] == pytest.approx(volume, rel=1e-10, abs=1e-10), region


def test_no_displacement_is_the_identity(moving):
    points = moving.to(moving.cell.curve)
    assert np.abs(points - moving.mesh.points).max() < 1e-13


def test_growth_of_one_step(toolbox, moving):
    curve = moving.grown(moving.one_step())
    points = moving.to(curve)
    check_surfaces(moving, points, curve)
    check_planes(moving, points)
    check_volumes(toolbox, moving, points, curve)
    before = moving.mesh.quality(moving.mesh.points).min()
    assert moving.mesh.quality(points).min() > 0.5 * before


@pytest.mark.parametrize("shape", ["cylinder", "blunt", "overhang"])
@pytest.mark.parametrize("steps", [4, -4])
def test_growth_and_dissolution_over_several_steps(toolbox, shape, steps):
    moving = Moving.named(toolbox, shape, 0.05, "reference")
    curve = moving.grown(steps * moving.one_step())
    points = moving.to(curve)
    check_surfaces(moving, points, curve)
    check_planes(moving, points)
    check_volumes(toolbox, moving, points, curve)
    assert moving.mesh.quality(points).min() > 0.4 * moving.mesh.quality(moving.mesh.points).min()


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_growth_under_other_electrodes(toolbox, ratio):
    moving = Moving.named(toolbox, "blunt", ratio)
    curve = moving.grown(moving.one_step())
    points = moving.to(curve)
    check_surfaces(moving, points, curve)
    check_volumes(toolbox, moving, points, curve)
    assert moving.mesh.quality(points).min() > 0
    if ratio == 1.0:  # B30
        ends = points[moving.mesh.electrode.nodes[0]] - curve[0]
        assert ends.tolist() == pytest.approx([0.0, moving.cell.stack.oxide_thickness])


def test_stretching_along_the_axis(toolbox, moving):
    # as near to a translation as a filament that stands on the floor can come
    gap = column_gap(moving.cell.curve, moving.cell.stack, moving.cell.electrode).min()
    rise = 0.1 * gap / moving.cell.curve[0, 1]
    curve = moving.cell.curve * (1.0, 1.0 + min(rise, 0.05))
    points = moving.to(curve)
    check_surfaces(moving, points, curve)
    check_volumes(toolbox, moving, points, curve)
    assert moving.mesh.quality(points).min() > 0


def test_the_interior_moves_less_than_the_surface(moving):
    # a harmonic extension with positive weights has no overshoot worth speaking of
    curve = moving.grown(moving.one_step())
    displacement = np.abs(moving.to(curve) - moving.mesh.points)
    mesh = moving.mesh
    placed = np.concatenate((mesh.filament_nodes, mesh.electrode.nodes, mesh.columns.ravel()))
    assert (displacement.max(axis=0) <= 1.05 * displacement[placed].max(axis=0) + 1e-13).all()


def test_positions_depend_on_the_curve_alone(moving):
    there = moving.to(moving.grown(moving.one_step()))
    moving.to(moving.grown(-0.3 * moving.one_step()))
    assert np.array_equal(moving.to(moving.grown(moving.one_step())), there)
    assert np.abs(moving.to(moving.cell.curve) - moving.mesh.points).max() < 1e-13


def test_the_mesh_itself_is_left_alone(toolbox):
    moving = Moving.named(toolbox, "blunt")
    before = moving.mesh.points.copy()
    moving.to(moving.grown(0.05))[:] = 0.0
    assert np.array_equal(moving.mesh.points, before)


@FEW
@given(
    mode=st.integers(1, 4),
    phase=st.floats(0.0, 2 * np.pi),
    amplitude=st.floats(0.1, 1.0),
)
def test_gentle_waves_do_not_fold(toolbox, mode, phase, amplitude):
    moving = Moving.named(toolbox, "cylinder")
    curve = moving.cell.curve
    s = arc_length(curve) / arc_length(curve)[-1]
    speed = amplitude * np.sin(mode * np.pi * s + phase)
    size = 0.3 * min(segment_lengths(curve).min(), moving.one_step())
    moved = curve + nodal_velocity(curve, size * speed)
    points = moving.to(moved)
    check_surfaces(moving, points, moved)
    check_volumes(toolbox, moving, points, moved)
    assert moving.mesh.quality(points).min() > 0


def test_the_electrode_may_deepen_alone(toolbox):
    moving = Moving.named(toolbox, "blunt")
    deeper = ElectrodeSurface(0.052)
    points = moving.to(moving.cell.curve, deeper)
    check_surfaces(moving, points, moving.cell.curve, deeper)
    check_volumes(toolbox, moving, points, moving.cell.curve)
    assert moving.mesh.quality(points).min() > 0


@pytest.mark.parametrize("shape", ["blunt", "overhang"])
def test_a_recess_that_keeps_stays_while_the_filament_retreats(toolbox, shape):
    now = toolbox.shapes[shape]()
    electrode = ElectrodeSurface(0.05).remember(now * (1.6, 1.0))
    moving = Moving(toolbox.make(now, electrode))
    for steps in (1, -3):
        curve = moving.grown(steps * 0.5 * moving.one_step())
        points = moving.to(curve)
        static = moving.mesh.electrode.static
        assert len(static) > 0
        assert np.array_equal(points[static], moving.mesh.points[static])
        check_surfaces(moving, points, curve)
        check_volumes(toolbox, moving, points, curve)
        assert moving.mesh.quality(points).min() > 0


# --- tangles ------------------------------------------------------------------------------------


def push_through(moving):
    """The tip passes the electrode."""
    gap = column_gap(moving.cell.curve, moving.cell.stack, moving.cell.electrode)[0]
    height = moving.cell.curve[0, 1]
    return moving.cell.curve * (1.0, 1.0 + 1.2 * gap / height)


def swap(moving):
    """Two nodes of the flank trade places."""
    curve = moving.cell.curve.copy()
    k = 2 * len(curve) // 3
    curve[[k, k + 2]] = curve[[k + 2, k]]
    return curve


def sink(moving):
    """A tapered filament dissolves so far that its lowest flank node passes the floor."""
    curve = moving.cell.curve
    step = curve[-1] - curve[-2]
    down = step[0] / np.hypot(*step)
    return moving.grown(-1.5 * curve[-2, 1] / down, 1)


def cross_the_axis(moving):
    """The flank is pushed to negative radii."""
    curve = moving.cell.curve.copy()
    curve[len(curve) // 2, 0] *= -1.0
    return curve


@pytest.mark.parametrize("tangle", [push_through, swap, sink, cross_the_axis])
@pytest.mark.parametrize("shape", ["blunt", "wide"])
def test_tangles_are_seen(toolbox, shape, tangle):
    moving = Moving.named(toolbox, shape, 0.0)
    points = moving.to(tangle(moving))
    quality = moving.mesh.quality(points)
    assert not quality.min() > 0.0
    areas = moving.mesh.signed_areas(points)
    assert np.array_equal(np.sign(quality), np.sign(areas))


def test_a_curve_that_is_not_finite_is_no_sound_mesh(toolbox):
    moving = Moving.named(toolbox, "blunt")
    curve = moving.cell.curve.copy()
    curve[3] = np.nan
    assert not moving.mesh.quality(moving.to(curve)).min() > 0.0


def test_quality_of_known_triangles(toolbox):
    mesh = toolbox.named("nucleus").mesh
    assert mesh.quality(mesh.points).max() <= 1.0
    flipped = mesh.points * (1.0, -1.0)
    assert mesh.quality(flipped) == pytest.approx(-mesh.quality(mesh.points))
    assert mesh.signed_areas(2 * mesh.points) == pytest.approx(4 * mesh.signed_areas(mesh.points))
    right = type(mesh)(np.array([(0, 0), (1, 0), (0, 1), (0.5, np.sqrt(0.75))]),
                       np.array([(0, 1, 2), (0, 1, 3)]), np.array([3, 3]), np.empty(0, int),
                       mesh.electrode, np.empty((0, 0), int))  # fmt: skip
    assert right.quality(right.points) == pytest.approx([np.sqrt(0.75), 1.0])
    assert right.layers == 0
