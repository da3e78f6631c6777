import numpy as np
import pytest
from front_shapes import cap, cap_volume, dumbbell, rod, sphere

from tusk.solver.front.mechanics.curvature import principal_curvatures
from tusk.solver.front.mechanics.curves import Curve, End
from tusk.solver.front.mechanics.cuts import severed, trimmed, vanished
from tusk.solver.front.mechanics.events import EventKind, Limits

LIMITS = Limits(0.15, 1e-3, 0.1, floor=-10.0, ceiling=10.0)


def test_a_dumbbell_becomes_two_islands_of_the_same_metal() -> None:
    start = dumbbell(0.1)
    change = severed(start, LIMITS)
    assert change is not None
    (upper, lower), event = change
    assert upper.floats
    assert lower.floats
    assert event.kind is EventKind.SEVERED
    assert (event.radius, event.height) == (pytest.approx(0.1), pytest.approx(0.0, abs=1e-12))
    assert upper.volume + lower.volume + event.lost == pytest.approx(start.volume, rel=1e-14)
    assert abs(event.lost) < 1e-12 * start.volume  # there is room for all of it
    assert lower.points[0, 1] == pytest.approx(-upper.points[-1, 1])
    assert 2.0 * upper.points[-1, 1] > LIMITS.reach


def test_new_poles_meet_the_axis_at_right_angles() -> None:
    change = severed(dumbbell(0.1), LIMITS)
    assert change is not None
    upper, lower = change[0]
    for pole, inner, outer in ((upper.points[[-1, -2, -3]]), (lower.points[:3])):
        slope = np.abs((inner - pole)[1] / (inner - pole)[0])
        # even in r: the slope of a paraboloid's first chord is a third of that of the second
        assert slope == pytest.approx(np.abs((outer - inner)[1] / (outer - inner)[0]) / 3.0)


def test_metal_without_room_is_booked() -> None:
    # a wire of radius 0.1 and length 4 between two bodies: its caps cannot hold it
    ends = dumbbell(0.1).points
    half = len(ends) // 2
    wire = np.column_stack((np.full(39, 0.1), np.linspace(2.0, -2.0, 41)[1:-1]))
    up, down = np.array((0.0, 2.0)), np.array((0.0, -2.0))
    points = np.vstack((ends[: half + 1] + up, wire, ends[half:] + down))
    start = Curve(points, End.AXIS, End.AXIS)
    change = severed(start, LIMITS)
    assert change is not None
    pieces, event = change
    assert event.lost > 0.0
    assert sum(piece.volume for piece in pieces) + event.lost == pytest.approx(start.volume)


def test_ends_stay_where_they_stand() -> None:
    upper, lower = dumbbell(0.1).points[:61], dumbbell(0.1).points[60:-30]
    foot = np.array((lower[-1, 0], lower[-1, 1] - 0.5))
    change = severed(Curve(np.vstack((upper, lower[1:], foot)), End.AXIS, End.COUNTER), LIMITS)
    assert change is not None
    assert [piece.ends for piece in change[0]] == [(End.AXIS, End.AXIS), (End.AXIS, End.COUNTER)]
    assert change[0][1].points[-1] == pytest.approx(foot)


def test_thick_metal_is_not_cut() -> None:
    assert severed(dumbbell(0.2), LIMITS) is None
    assert severed(rod(5.0), LIMITS) is None


def test_a_whisker_is_removed_and_booked() -> None:
    body = cap(np.pi / 2.0, 2.0).points
    needle = np.array([[0.0, 4.0], [0.05, 3.5], [0.08, 2.5]])
    start = Curve(np.vstack((needle, body[3:])))
    change = trimmed(start, LIMITS)
    assert change is not None
    (rest,), event = change
    assert event.kind is EventKind.TRIMMED
    assert rest.volume + event.lost == pytest.approx(start.volume, rel=1e-14)
    # the cones of the needle down to the body's node, less the paraboloid that comes there
    rim, height = body[3]
    needle_volume = (
        np.pi
        / 3.0
        * (
            0.5 * 0.05**2
            + 1.0 * (0.05**2 + 0.05 * 0.08 + 0.08**2)
            + (2.5 - height) * (0.08**2 + 0.08 * rim + rim**2)
        )
    )
    expected = needle_volume - 0.25 * np.pi * rim**3
    assert event.lost == pytest.approx(expected, rel=0.02)
    assert rest.points[0, 1] == pytest.approx(height + 0.5 * rim)
    assert trimmed(rest, LIMITS) is None


def test_a_whisker_that_hangs_is_removed_alike() -> None:
    body = cap(np.pi / 2.0, 2.0).points
    points = np.vstack(([[0.0, 4.0], [0.05, 3.5], [0.08, 2.5]], body[3:]))
    standing = trimmed(Curve(points), LIMITS)
    hanging = trimmed(Curve(points[::-1] * (1.0, -1.0), End.ACTIVE, End.AXIS), LIMITS)
    assert standing is not None
    assert hanging is not None
    assert hanging[0][0].points == pytest.approx(standing[0][0].points[::-1] * (1.0, -1.0))
    assert hanging[1].height == pytest.approx(-standing[1].height)


@pytest.mark.parametrize(
    ("curve", "gone"),
    [(sphere(0.05), True), (sphere(0.3), False), (cap(np.pi / 2.0, 0.3), False)],
)
def test_specks_vanish(curve: Curve, gone: bool) -> None:
    # an atom of 1e-3 has a radius of 0.062
    change = vanished(curve, LIMITS)
    assert (change is not None) == gone
    if change is not None:
        assert change[0] == ()
        assert change[1].lost == curve.volume


def test_wires_thinner_than_an_atom_vanish_whatever_their_length() -> None:
    wire = rod(40.0, 0.05, 0.05)
    assert wire.volume > LIMITS.smallest_volume
    change = vanished(wire, LIMITS)
    assert change is not None
    assert change[1].kind is EventKind.REMOVED


def test_caps_are_convex_where_they_begin() -> None:
    change = severed(dumbbell(0.05), Limits(0.06, 1e-4, 0.02, floor=-10.0))
    assert change is not None
    bend, _ = principal_curvatures(change[0][0])
    assert bend[-1] > 0.0
    assert cap_volume(np.pi) == pytest.approx(4.0 / 3.0 * np.pi)
