"""The terms of an element: derivatives against differences, and what their sums must be."""

from collections.abc import Callable

import numpy as np
import pytest
from front_shapes import cap, sphere
from numpy.typing import NDArray

from tusk.meshes.curve import revolved_volume, segment_lengths
from tusk.solver.front.mechanics.elements import (
    balanced_lengths,
    outflow,
    shares,
    swept_volume,
    tension,
)

Array = NDArray[np.float64]

RANDOM = np.random.default_rng(1)
OLD = RANDOM.random((5, 2)) + 0.5
UNKNOWN = np.column_stack((OLD + 0.1 * RANDOM.random((5, 2)), RANDOM.random(5)))
WANTED, MOBILITY = RANDOM.random(4) + 0.5, RANDOM.random(4)


@pytest.mark.parametrize(
    "term",
    [
        lambda unknown: tension(unknown, WANTED),
        lambda unknown: tuple(part[None] for part in outflow(unknown, MOBILITY)),
        lambda unknown: swept_volume(unknown[:, :2], OLD),
    ],
)
def test_derivatives_equal_differences(term: Callable[[Array], tuple[Array, Array]]) -> None:
    _, slopes = term(UNKNOWN)
    for node, part in np.ndindex(UNKNOWN.shape):
        step = np.zeros_like(UNKNOWN)
        step[node, part] = 1e-6
        change = (term(UNKNOWN + step)[0] - term(UNKNOWN - step)[0]) / 2e-6
        for element in range(4):
            column = 3 * (node - element) + part
            expected = slopes[:, column, element] if 0 <= column < 6 else 0.0
            assert change[:, element] == pytest.approx(expected, abs=1e-8)


def test_swept_volumes_add_up_to_the_change_of_volume() -> None:
    old = cap(1.3).points
    new = old * (1.2, 1.1)
    halves, _ = swept_volume(new, old)
    assert 2.0 * np.pi * halves.sum() == pytest.approx(
        revolved_volume(new) - revolved_volume(old), rel=1e-12
    )


def test_shares_are_the_areas_of_halves_times_their_normals() -> None:
    # a flat element from r = 1 to 3: the areas of its halves over 2 pi are 3/2 and 5/2
    first, last = shares(np.array([[1.0, 0.0], [3.0, 0.0]]))
    assert first[0] == pytest.approx((0.0, 1.5))
    assert last[0] == pytest.approx((0.0, 2.5))


def test_tension_is_the_derivative_of_the_area() -> None:
    points = cap(1.3).points
    lengths = segment_lengths(points)
    residual, _ = tension(np.column_stack((points, np.zeros(len(points)))), lengths)

    def area(shape: Array) -> float:
        return float(0.5 * (shape[1:, 0] + shape[:-1, 0]) @ segment_lengths(shape))

    pull = np.zeros_like(points)
    pull[:-1] += residual[:2].T
    pull[1:] += residual[2:].T
    for node, part in ((0, 1), (7, 0), (7, 1), (-1, 0)):
        step = np.zeros_like(points)
        step[node, part] = 1e-6
        change = (area(points + step) - area(points - step)) / 2e-6
        assert pull[node, part] == pytest.approx(change, abs=1e-8)


def test_balanced_lengths_leave_no_pull_along_the_surface() -> None:
    points = sphere().points * (1.0, 1.4)
    lengths = balanced_lengths(points)
    assert lengths == pytest.approx(segment_lengths(points), rel=0.02)
    residual, _ = tension(np.column_stack((points, np.zeros(len(points)))), lengths)
    first, last = shares(points)
    pull, normal = residual[2:, :-1].T + residual[:2, 1:].T, last[:-1] + first[1:]
    aside = pull[:, 0] * normal[:, 1] - pull[:, 1] * normal[:, 0]
    assert aside == pytest.approx(0.0, abs=1e-7)
