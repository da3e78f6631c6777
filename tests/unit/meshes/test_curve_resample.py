"""Nodes are redistributed without moving the surface."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tusk.meshes.curve import (
    arc_length,
    graded,
    hemisphere,
    resample,
    revolved_volume,
    segment_lengths,
    spline,
    spread,
)
from tusk.meshes.distance import polyline_distance

FEW = settings(max_examples=25, derandomize=True, deadline=None, database=None)


def ellipse(count):
    """Return half an ellipsoid of height 4 on a base of radius 2; its volume is 32 pi/3."""
    return hemisphere(2.0, count) * (1.0, 2.0)


def test_refining_keeps_the_volume_of_the_smooth_surface():
    volume = 32 * np.pi / 3
    errors = []
    for count in (21, 41, 81):
        coarse = ellipse(count)
        fine = resample(coarse, np.full(count, arc_length(coarse)[-1] / 1e5))
        errors.append(abs(revolved_volume(fine) / volume - 1))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders.min() > 3.0
    assert errors[0] < 1e-6


def test_redistributing_keeps_the_volume_with_second_order():
    changes = []
    for count in (20, 40, 80, 160):
        before = ellipse(count)
        after = resample(before, np.full(count, 1.37 * segment_lengths(before).mean()))
        changes.append(abs(revolved_volume(after) / revolved_volume(before) - 1))
    assert np.log2(np.array(changes[:-1]) / changes[1:]).min() > 1.8
    assert changes[-1] < 3e-5


def test_ends_stay_exactly(toolbox, shape):
    curve = toolbox.shapes[shape]()
    out = resample(curve, np.full(len(curve), 0.1))
    assert out[0].tolist() == [0.0, curve[0, 1]]
    assert out[-1].tolist() == curve[-1].tolist()
    assert (out[1:, 0] > 0).all()
    assert (out[:-1, 1] > 0).all()


@FEW
@given(
    height=st.floats(1.0, 10.0),
    contact=st.floats(0.5, 6.0),
    slender=st.floats(0.2, 0.95),
    size=st.floats(0.03, 0.3),
)
def test_any_filament_keeps_its_surface(toolbox, height, contact, slender, size):
    dome = slender * (contact**2 + height**2) / (2 * height)
    curve = toolbox.filament(height, contact, dome)
    wanted = np.full(len(curve), min(size, dome / 4))
    out = resample(curve, wanted)
    assert out[0, 0] == out[-1, 1] == 0.0
    assert segment_lengths(out).max() <= 1.01 * wanted.max()
    assert segment_lengths(out).min() >= 0.5 * wanted.min()
    assert polyline_distance(out, curve).max() < 2e-3 * contact
    assert revolved_volume(out) == pytest.approx(revolved_volume(curve), rel=1e-2)


def test_spacing_follows_the_sizes():
    curve = hemisphere(3.0, 101)
    s = arc_length(curve)
    wanted = np.interp(s, (0.0, s[-1]), (0.05, 0.4))
    lengths = segment_lengths(resample(curve, wanted))
    middle = 0.5 * (np.cumsum(lengths) + np.concatenate(([0.0], np.cumsum(lengths)[:-1])))
    assert lengths == pytest.approx(np.interp(middle, s, wanted), rel=0.05)


def test_resampling_again_changes_little(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0)
    once = resample(curve, np.full(len(curve), 0.1))
    again = resample(once, np.full(len(once), 0.1))
    assert len(again) == len(once)
    assert np.abs(again - once).max() < 1e-3


def test_spline_interpolates_and_is_even_about_the_axis():
    curve = ellipse(21)
    smooth = spline(curve)
    assert smooth(arc_length(curve)) == pytest.approx(curve, abs=1e-12)
    at_tip = smooth(0.0, 1)
    assert at_tip[1] == pytest.approx(0.0, abs=1e-3)
    assert at_tip[0] == pytest.approx(1.0, abs=1e-2)


@pytest.mark.parametrize("count", [2, 3, 4])
def test_spline_of_few_nodes(count):
    curve = hemisphere(1.0, count)
    assert spline(curve)(arc_length(curve)) == pytest.approx(curve, abs=1e-12)


@FEW
@given(
    start=st.floats(-5.0, 5.0),
    span=st.floats(0.01, 20.0),
    first=st.floats(0.05, 2.0),
    last=st.floats(0.05, 2.0),
)
def test_spread_is_monotone_and_follows_the_size(start, span, first, last):
    end = start + span

    def size(x):
        return first + (last - first) * (x - start) / span

    positions = spread(start, end, size)
    steps = np.diff(positions)
    assert positions[0] == start
    assert positions[-1] == end
    assert (steps > 0).all()
    low, high = size(positions[:-1]), size(positions[1:])
    assert (steps <= np.maximum(low, high) * (1 + 1e-3)).all()


def test_spread_of_a_short_span_is_one_interval():
    assert spread(1.0, 1.2, lambda x: np.full_like(x, 0.5)).tolist() == [1.0, 1.2]


def test_graded_limits_the_growth_both_ways():
    s = np.linspace(0.0, 10.0, 101)
    size = np.where(np.abs(s - 5.0) < 1e-9, 0.1, 9.0)
    out = graded(s, size, growth=0.3)
    assert out == pytest.approx(0.1 + 0.3 * np.abs(s - 5.0), rel=1e-12)
    assert graded(s, np.full(101, 0.2)) == pytest.approx(0.2)
    assert size.max() == 9.0  # the argument is left alone
