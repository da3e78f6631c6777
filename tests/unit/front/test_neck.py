"""The neck under conducting sites: where it holds, and what its wall looks like."""

import numpy as np
import pytest

from tusk.solver.front.neck import LOWEST, SIDE_DEPTH, SIDE_SLOPE, STEEPEST_WALL, Neck

EDGE = np.array([1.0, 10.0])
NECK = Neck(EDGE)


def below(*offsets: tuple[float, float]) -> np.ndarray:
    """Return points so far (nm) outwards of the edge and below it."""
    return EDGE + np.array(offsets) * (1.0, -1.0)


def test_side_holds_all_and_less_and_less_further_down() -> None:
    side = 0.5 / np.tan(SIDE_SLOPE)
    middle = (SIDE_DEPTH + LOWEST) / 2
    shares = NECK.carries(below((side, 0.5), (0.7, 1.001), (0.7, middle), (0.7, LOWEST)))
    assert shares == pytest.approx([1.0, 1.0, 0.5, 0.0], abs=1e-3)


def test_nothing_is_held_beside_the_neck() -> None:
    assert not NECK.carries(below((1.2, 0.3), (1.0, 1.5), (2.0, 2.0))).any()


def test_wall_does_not_overhang_where_the_top_ends_beyond_the_edge() -> None:
    old = np.vstack(((0.0, 10.0), below((0.05, 0.0), (0.06, 0.01), (0.1, 0.1), (0.5, 0.15))))
    new = old.copy()
    new[2] = below((0.045, 0.02))[0]
    wall = NECK.withheld(old, new, 2)
    step = np.diff(wall[1:3], axis=0)[0]
    assert np.arctan2(-step[1], step[0]) <= STEEPEST_WALL + 1e-9
    assert np.array_equal(wall[:2], new[:2])
