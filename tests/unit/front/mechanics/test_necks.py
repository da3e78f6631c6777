import numpy as np
import pytest
from front_shapes import cap, dumbbell, rod, sphere

from tusk.solver.front.mechanics.curves import Curve, End
from tusk.solver.front.mechanics.necks import is_thin, narrowest_neck, whisker


def outline(*points: tuple[float, float]) -> Curve:
    return Curve(np.array(points), End.AXIS, End.COUNTER)


def test_the_neck_between_two_bodies() -> None:
    neck = narrowest_neck(dumbbell(0.1, height=2.0))
    assert neck is not None
    assert neck.radius == pytest.approx(0.1, abs=1e-12)
    assert neck.height == pytest.approx(2.0, abs=1e-12)
    assert is_thin(dumbbell(0.1), 0.11)
    assert not is_thin(dumbbell(0.1), 0.09)


def test_roughness_is_no_neck() -> None:
    start = rod(5.0)
    noise = 1e-3 * np.sin(37.0 * np.arange(len(start.points)))
    points = start.points.copy()
    points[1:-1, 0] += noise[1:-1] * (points[1:-1, 0] > 0.5)
    assert narrowest_neck(Curve(points, End.AXIS, End.AXIS)) is None
    assert narrowest_neck(sphere()) is None


def test_a_slight_waist_under_a_bulge_is_no_neck() -> None:
    # 0.2317 nm below a bulge of 0.2329 nm
    curve = outline((0, 9), (0.15, 8.9), (0.2329, 8.6), (0.2317, 8.2), (0.5, 7.0), (0.8, 0))
    assert narrowest_neck(curve) is None


def test_the_lip_of_a_hollow_tip_is_no_neck() -> None:
    # a lip of 5 pm around a pit at r = 0.055 nm
    curve = outline(
        (0, 8.0), (0.03, 8.05), (0.055, 8.1), (0.06, 8.12), (0.055, 8.08), (0.2, 8.0), (1.0, 0.0)
    )
    assert narrowest_neck(curve) is None
    assert not is_thin(curve, 0.064)


def test_an_overhanging_rim_around_a_pit_is_not_solid() -> None:
    # the waist of the outer wall at z = 7 surrounds oxide: the pit reaches down to z = 4
    curve = outline(
        (0, 4.0), (0.3, 5.0), (0.3, 8.0), (0.9, 8.5), (1.0, 8.0), (0.5, 7.0), (1.5, 5.0), (1.5, 0)
    )
    assert narrowest_neck(curve) is None


def test_whiskers_are_slender_and_end_at_a_pole() -> None:
    needle = outline((0, 9.0), (0.02, 8.98), (0.03, 8.0), (0.05, 7.0), (1.0, 6.5), (1.0, 0.0))
    assert whisker(needle, 0.06) == (0, 4)
    assert whisker(needle, 0.04) == (0, 3)
    assert whisker(needle, 0.025) == (0, 2)
    blunt = outline((0, 6.6), (0.05, 6.55), (1.0, 6.0), (1.0, 0.0))
    assert whisker(blunt, 0.06) is None
    upside_down = needle.points[::-1] * (1.0, -1.0)
    assert whisker(Curve(upside_down, End.ACTIVE, End.AXIS), 0.06) == (1, 5)
    assert is_thin(needle, 0.06)


def test_a_needle_is_slender_at_its_own_radius() -> None:
    tip = outline((0, 6.7), (0.01, 6.65), (0.015, 6.55), (0.1, 6.53), (1.0, 6.0), (1.0, 0.0))
    assert whisker(tip, 0.1) == (0, 2)
    assert whisker(Curve(tip.points[::-1] * (1.0, -1.0), End.ACTIVE, End.AXIS), 0.1) == (3, 5)
    cone = outline((0, 6.7), (0.01, 6.69), (0.05, 6.65), (0.1, 6.6), (1.0, 6.0), (1.0, 0.0))
    assert whisker(cone, 0.1) is None


def test_nothing_is_thinner_than_nothing() -> None:
    assert not is_thin(dumbbell(0.1), 0.0)
    assert not is_thin(cap(1.5), 0.0)
