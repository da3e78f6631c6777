"""Upper envelope, width, recess and gap, with and without overhang."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tusk.meshes.cell import ElectrodeNodes, ElectrodeSurface, column_gap
from tusk.meshes.curve import (
    envelope_end,
    envelope_height,
    hemisphere,
    outer_radius,
    pit_depth,
)

FEW = settings(max_examples=25, derandomize=True, deadline=None, database=None)
MUSHROOM = np.array([(0, 5), (2, 4), (3, 3), (2, 2), (1, 1), (1, 0)], dtype=float)


def test_envelope_ends_at_the_widest_node(toolbox):
    assert envelope_end(MUSHROOM) == 2
    assert envelope_end(toolbox.filament(5.0, 1.0, 0.5, 10)) == 18
    assert envelope_end(hemisphere(1.0, 9)) == 8


def test_envelope_height_of_an_overhang():
    radius = np.array([0.0, 1.0, 2.5, 3.0, 3.0 + 1e-9, 10.0])
    assert envelope_height(MUSHROOM, radius).tolist() == [5.0, 4.5, 3.5, 3.0, 0.0, 0.0]


def test_envelope_height_above_a_waist(toolbox):
    curve = toolbox.shapes["waist"]()
    radius = np.linspace(0.0, 4.0, 301)
    height = envelope_height(curve, radius)
    assert (np.diff(height) <= 1e-12).all()
    # brute force: the highest crossing of the vertical line at each radius
    (r0, z0), (r1, z1) = curve[:-1].T, curve[1:].T
    inside = (np.minimum(r0, r1) <= radius[:, None]) & (radius[:, None] <= np.maximum(r0, r1))
    share = (radius[:, None] - r0) / np.where(r1 != r0, r1 - r0, 1.0)
    highest = np.where(inside, z0 + share * (z1 - z0), 0.0).max(axis=1)
    assert height == pytest.approx(highest, abs=1e-9)


def test_outer_radius():
    height = np.array([0.0, 0.5, 1.5, 3.0, 4.5, 5.0, 6.0])
    assert outer_radius(MUSHROOM, height).tolist() == [1.0, 1.0, 1.5, 3.0, 1.0, 0.0, 0.0]
    assert outer_radius(MUSHROOM, np.float64(3.0)).shape == ()
    slab = np.array([(0, 2), (1.5, 2), (1.5, 0)], dtype=float)
    assert outer_radius(slab, np.array([2.0])) == pytest.approx([1.5])


@FEW
@given(
    curve=npst.arrays(np.float64, (7, 2), elements=st.floats(0.0, 5.0, allow_subnormal=False)),
    height=st.floats(0.05, 4.95),
)
def test_outer_radius_is_the_widest_crossing(curve, height):
    widest = 0.0
    for (r0, z0), (r1, z1) in pairwise(curve):
        if (z0 - height) * (z1 - height) < 0:
            widest = max(widest, r0 + (r1 - r0) * (height - z0) / (z1 - z0))
        elif height in (z0, z1):
            widest = max(widest, *(r for r, z in ((r0, z0), (r1, z1)) if z == height))
    assert outer_radius(curve, np.array([height])) == pytest.approx([widest], abs=1e-9)


# --- recess and gap -----------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [0.0, 0.05, 1.0])
def test_recess_mirrors_the_filament(ratio):
    electrode = ElectrodeSurface(ratio)
    height = np.array([-1.0, 0.0, 4.0, 10.0])
    expected = ratio * np.array([0.0, 0.0, 4.0, 10.0])
    assert electrode.recess(height, np.arange(4.0)) == pytest.approx(expected)


def test_recess_is_capped():
    electrode = ElectrodeSurface(0.05, max_depth=0.3)
    assert electrode.recess(np.array([2.0, 6.0, 10.0]), np.zeros(3)).tolist() == [0.1, 0.3, 0.3]


def test_column_gap(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0)
    height = curve[:, 1]
    gap = column_gap(curve, toolbox.stack, ElectrodeSurface(0.05))
    assert gap == pytest.approx(10.0 - 0.95 * height, rel=1e-13)
    assert column_gap(curve, toolbox.stack, ElectrodeSurface(0.0)) == pytest.approx(10.0 - height)
    # B30: an electrode that dissolves as fast as the filament grows keeps the gap
    assert column_gap(curve, toolbox.stack, ElectrodeSurface(1.0)) == pytest.approx(10.0)
    capped = column_gap(curve, toolbox.stack, ElectrodeSurface(0.05, 0.2))
    assert capped == pytest.approx(10.0 - height + np.minimum(0.05 * height, 0.2))


def test_a_recess_that_keeps_never_heals(toolbox):
    small, tall = toolbox.filament(5.0, 1.5, 1.0, 30), toolbox.filament(9.0, 3.0, 1.0, 30)
    follow = ElectrodeSurface(0.05)
    keep = follow.remember(small).remember(tall).remember(small)
    radius = np.linspace(0.0, 4.0, 201)
    deepest = np.maximum(
        follow.recess(envelope_height(small, radius), radius),
        follow.recess(envelope_height(tall, radius), radius),
    )
    assert keep.recess(envelope_height(small, radius), radius) == pytest.approx(deepest, abs=1e-9)
    assert keep.recess(np.zeros(201), radius) == pytest.approx(deepest, abs=1e-9)
    assert follow.recess(np.zeros(201), radius).max() == 0.0
    assert (np.diff(keep.memory_radius) > 0).all()


def test_remembering_twice_changes_nothing(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0, 30)
    once = ElectrodeSurface(0.05, 0.4).remember(curve)
    twice = once.remember(curve)
    assert twice.memory_radius.tolist() == once.memory_radius.tolist()
    assert twice.memory_depth.tolist() == once.memory_depth.tolist()
    assert once.memory_depth.max() == 0.4


def test_remembering_leaves_the_surface_itself_alone(toolbox):
    electrode = ElectrodeSurface(0.05)
    electrode.remember(toolbox.filament(9.0, 3.0, 1.0))
    assert len(electrode.memory_radius) == 0


def test_profile_beyond(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0, 30)
    electrode = ElectrodeSurface(0.05)
    assert electrode.profile_beyond(0.0).shape == (0, 2)
    profile = electrode.remember(curve).profile_beyond(1.0)
    assert (profile[:, 0] > 1.0).all()
    assert profile[:, 1] == pytest.approx(0.05 * envelope_height(curve, profile[:, 0]), abs=1e-9)
    assert electrode.remember(curve).profile_beyond(3.5).shape == (0, 2)


# --- nodes that follow the filament -------------------------------------------------------------


def test_electrode_nodes_face_points_of_the_curve(toolbox):
    curve = np.array([(0, 8), (1, 6), (2, 0)], dtype=float)
    nodes = ElectrodeNodes(
        nodes=np.arange(4),
        segment=np.array([0, 0, 1, 1]),
        fraction=np.array([0.0, 0.5, 0.5, 0.5]),
        share=np.array([1.0, 1.0, 1.0, 0.5]),
    )
    placed = nodes.positions(curve, toolbox.stack, ElectrodeSurface(0.1))
    assert placed == pytest.approx(
        np.array([(0, 10.8), (0.5, 10.7), (1.5, 10.3), (1.5, 10.15)]), rel=1e-14
    )
    assert nodes.face.tolist() == [0, 1, 2, 3]


def test_electrode_above_a_waist_is_a_wall(toolbox):
    curve = np.array([(0, 8), (2, 7), (1, 5), (3, 1), (3, 0)], dtype=float)
    nodes = ElectrodeNodes(np.arange(5), np.arange(4).repeat((1, 1, 1, 2)),
                           np.array([0.0, 0.0, 0.0, 0.0, 1.0]), np.ones(5))  # fmt: skip
    placed = nodes.positions(curve, toolbox.stack, ElectrodeSurface(0.1))
    assert placed[:, 0].tolist() == [0.0, 2.0, 2.0, 3.0, 3.0]
    assert placed[:, 1] == pytest.approx([10.8, 10.7, 10.5, 10.1, 10.0])


# --- pits -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", [MUSHROOM, hemisphere(2.0, 40)])
def test_what_falls_away_outwards_has_no_pits(curve):
    assert np.array_equal(pit_depth(curve, 0.3), np.zeros(len(curve)))


@pytest.mark.parametrize("centre", [0.0, 1.5])
def test_a_pit_counts_where_it_is_narrower_than_the_width(centre):
    r = np.linspace(0.0, 3.0, 301)
    curve = np.column_stack((r, 9.0 - 0.4 * (np.abs(r - centre) < 0.105)))
    assert pit_depth(curve, 0.25).max() == pytest.approx(0.4)
    assert pit_depth(curve, 0.25)[np.abs(r - centre) > 0.2].max() == 0.0
    assert pit_depth(curve, 0.1)[np.abs(r - centre) < 1e-9] == 0.0
