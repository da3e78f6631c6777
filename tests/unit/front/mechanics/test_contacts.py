import numpy as np
import pytest
from front_shapes import cap, sphere

from tusk.solver.front.mechanics.contacts import landed, merged, unfolded
from tusk.solver.front.mechanics.curves import Curve, End, Front
from tusk.solver.front.mechanics.events import EventKind, Limits
from tusk.solver.front.mechanics.necks import is_thin

LIMITS = Limits(0.05, 1e-3, 0.1, floor=0.0, ceiling=10.0)


def test_spheres_that_meet_become_one_body() -> None:
    front = Front((sphere(1.0, 120, 6.04), sphere(1.0, 120, 4.0)))
    change = merged(front, LIMITS)
    assert change is not None
    whole, event = change
    assert len(whole.curves) == 1
    assert event.kind is EventKind.MERGED
    assert whole.volume + event.lost == pytest.approx(front.volume, rel=1e-13)
    assert event.lost < 0.0  # the gap is filled
    # within reach: 0.04 + r^2 < 0.1
    assert event.radius == pytest.approx(np.sqrt(0.06), abs=0.03)
    assert not is_thin(whole.curves[0], LIMITS.smallest_radius)


def test_bodies_apart_are_left_alone() -> None:
    assert merged(Front((sphere(1.0, 60, 6.2), sphere(1.0, 60, 4.0))), LIMITS) is None
    assert merged(Front((sphere(),)), LIMITS) is None


def test_an_island_lands_on_either_electrode() -> None:
    for height, ends in ((1.05, (End.AXIS, End.COUNTER)), (8.95, (End.ACTIVE, End.AXIS))):
        start = sphere(1.0, 120, height)
        change = landed(start, LIMITS)
        assert change is not None
        (stands,), event = change
        assert stands.ends == ends
        assert event.kind is EventKind.LANDED
        assert stands.volume + event.lost == pytest.approx(start.volume, rel=1e-13)
        # within reach of 0.1, 0.05 + r^2/2 < 0.1
        assert event.radius == pytest.approx(np.sqrt(0.1), abs=0.05)


def test_a_filament_becomes_a_bridge() -> None:
    start = Curve(cap(np.pi / 2.0, 9.95, 400).points)
    change = landed(start, LIMITS)
    assert change is not None
    assert change[0][0].bridges
    assert change[0][0].points[0, 1] == 10.0


def test_a_crack_under_the_base_closes() -> None:
    points = np.array([(0, 2), (1, 1.9), (1.8, 1), (2, 0.05), (1.7, 0.4), (1.5, 0.3), (1.4, 0)])
    start = Curve(points.astype(float))
    change = landed(start, LIMITS)
    assert change is not None
    (stands,), event = change
    assert stands.points[-1] == pytest.approx((2.0, 0.0))
    assert stands.ends == start.ends
    assert event.lost == pytest.approx(start.volume - stands.volume)
    assert event.lost < 0.0


def test_standing_metal_is_left_alone() -> None:
    assert landed(cap(np.pi / 2.0), LIMITS) is None
    assert landed(cap(2.5), LIMITS) is None
    assert unfolded(cap(2.5), LIMITS) is None


def test_a_pocket_between_a_cap_and_its_flank_is_filled() -> None:
    # a mushroom whose brim hangs down to within 0.05 of the foot at r = 2
    points = np.array(
        [(0, 4), (1, 3.9), (2, 3), (2.1, 2), (2.05, 1.0), (1.5, 2), (1, 2.5), (0.6, 2), (1, 1.2),
         (2.0, 1.0), (2.5, 0.5), (2.6, 0)]
    )  # fmt: skip
    start = Curve(points)
    change = unfolded(start, LIMITS)
    assert change is not None
    (rest,), event = change
    assert event.kind is EventKind.FILLED
    assert (event.radius, event.height) == (pytest.approx(2.025), pytest.approx(1.0))
    assert rest.volume + event.lost == pytest.approx(start.volume, rel=1e-13)
    assert unfolded(rest, LIMITS) is None


def test_a_thin_wall_is_cut_off() -> None:
    # a cup whose wall, 0.06 thick, stands between r = 1 and 1.06
    points = np.array(
        [(0, 1), (0.5, 1), (1, 1.1), (1.0, 2), (1.0, 3), (1.03, 3.1), (1.06, 3), (1.06, 2),
         (1.06, 1.1), (1.3, 0.5), (1.4, 0)]
    )  # fmt: skip
    start = Curve(points)
    change = unfolded(start, LIMITS)
    while change is not None:
        (rest,), event = change
        assert event.kind is EventKind.CUT
        assert event.lost > 0.0
        change = unfolded(rest, LIMITS)
    assert rest.points[:, 1].max() == pytest.approx(1.1)


def test_the_mouth_of_a_pit_closes() -> None:
    points = np.array(
        [(0, 4), (0.4, 4.2), (0.3, 5), (0.04, 5.5), (0.5, 6), (1.5, 5.5), (2, 3), (2, 0)]
    )
    start = Curve(points)
    change = unfolded(start, LIMITS)
    assert change is not None
    (rest,), event = change
    assert event.kind is EventKind.FILLED
    assert rest.points[0] == pytest.approx((0.0, 5.5))
    assert rest.volume + event.lost == pytest.approx(start.volume, rel=1e-13)


def test_a_pit_narrower_than_it_may_be_is_filled() -> None:
    """From above it is 0.12 deep and 0.08 wide, on the axis and beside it."""
    outside = [(0.2, 2.0), (0.5, 1.8), (0.7, 1.0), (0.7, 0.0)]
    on_axis = [(0.0, 1.88), (0.03, 1.88), (0.04, 2.0), *outside]
    beside = [(0.0, 2.0), (0.05, 2.0), (0.06, 1.88), (0.12, 1.88), (0.13, 2.0), *outside]
    for points in (on_axis, beside):
        pit = Curve(np.array(points))
        change = unfolded(pit, LIMITS)
        assert change is not None
        (flat,), event = change
        assert event.kind is EventKind.FILLED
        assert flat.volume + event.lost == pytest.approx(pit.volume, rel=1e-13)
        assert flat.points[0] == pytest.approx((0.0, 2.0))
        assert flat.points[:, 1].max() == 2.0
        assert unfolded(flat, LIMITS) is None
    shallow = np.array(on_axis)
    shallow[:2, 1] += 0.03
    assert unfolded(Curve(shallow), LIMITS) is None
