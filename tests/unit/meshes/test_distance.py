"""Distances to polylines against brute force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tusk.meshes.distance import nearest_on_polyline, polyline_distance

FEW = settings(max_examples=30, derandomize=True, deadline=None, database=None)
COORDINATES = st.floats(-5.0, 5.0, allow_subnormal=False)


def test_elbow():
    line = np.array([(0, 0), (2, 0), (2, 2)], dtype=float)
    points = np.array([(1, 1), (1, -3), (3, 3), (-3, 4), (2, 1), (2, 0)], dtype=float)
    assert polyline_distance(points, line) == pytest.approx([1, 3, np.sqrt(2), 5, 0, 0])
    segment, fraction = nearest_on_polyline(points, line)
    assert segment[[1, 2, 4]].tolist() == [0, 1, 1]
    assert fraction[[1, 2, 4]].tolist() == [0.5, 1.0, 0.5]


def test_repeated_nodes_do_no_harm():
    line = np.array([(0, 0), (0, 0), (1, 0), (1, 0)], dtype=float)
    assert polyline_distance(np.array([(0.5, 2.0), (4.0, 4.0)]), line) == pytest.approx([2, 5])


@FEW
@given(
    line=npst.arrays(np.float64, st.tuples(st.integers(2, 6), st.just(2)), elements=COORDINATES),
    points=npst.arrays(np.float64, (4, 2), elements=COORDINATES),
)
def test_against_brute_force(line, points):
    share = np.linspace(0.0, 1.0, 2001)[:, None, None]
    dense = ((1 - share) * line[:-1] + share * line[1:]).reshape(-1, 2)
    brute = np.hypot(*(points[:, None] - dense[None]).transpose(2, 0, 1)).min(axis=1)
    distance = polyline_distance(points, line)
    assert (distance <= brute + 1e-12).all()
    assert distance == pytest.approx(brute, abs=8e-3)  # half a sample of the longest segment

    segment, fraction = nearest_on_polyline(points, line)
    foot = line[segment] + fraction[:, None] * (line[segment + 1] - line[segment])
    assert ((fraction >= 0) & (fraction <= 1)).all()
    assert np.hypot(*(points - foot).T) == pytest.approx(distance, abs=1e-12)
