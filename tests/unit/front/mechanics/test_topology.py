import numpy as np
import pytest
from front_shapes import cap, dumbbell, sphere

from tusk.solver.errors import InputError
from tusk.solver.front.mechanics.curves import Curve, End, Front, FrontError
from tusk.solver.front.mechanics.events import Event, EventKind, Limits
from tusk.solver.front.mechanics.topology import reconnected

LIMITS = Limits(0.15, 1e-3, 0.1, floor=-10.0, ceiling=10.0)


def test_a_front_to_which_nothing_happens_is_itself() -> None:
    front = Front((sphere(1.0, 60, 5.0), sphere(2.0)))
    assert reconnected(front, LIMITS) == (front, ())


def test_everything_due_happens_and_metal_is_booked() -> None:
    front = Front((sphere(0.05, 20, 6.0), dumbbell(0.1, height=2.0), sphere(1.0, 120, -9.05)))
    after, events = reconnected(front, LIMITS)
    assert [event.kind for event in events] == [
        EventKind.REMOVED,
        EventKind.SEVERED,
        EventKind.LANDED,
    ]
    assert [curve.ends for curve in after.curves] == [
        (End.AXIS, End.AXIS),
        (End.AXIS, End.AXIS),
        (End.AXIS, End.COUNTER),
    ]
    lost = sum(event.lost for event in events)
    assert after.volume + lost == pytest.approx(front.volume, rel=1e-13)
    assert reconnected(after, LIMITS) == (after, ())


def test_the_same_front_gives_the_same_result() -> None:
    one, other = (reconnected(Front((dumbbell(0.1),)), LIMITS) for _ in range(2))
    assert one[1] == other[1]
    for first, second in zip(one[0].curves, other[0].curves, strict=True):
        assert np.array_equal(first.points, second.points)


def test_metal_behind_an_electrode_is_refused() -> None:
    pierced = cap(np.pi / 2.0).points.copy()
    pierced[0, 1] = -0.2
    limits = Limits(0.01, 1e-6, 0.01, floor=0.0, ceiling=5.0)
    with pytest.raises(FrontError, match="beyond the electrodes at 0 and 5"):
        reconnected(Front((Curve(pierced),)), limits)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0.0, 1.0, 1.0), "smallest_radius: must be above 0, got 0"),
        ((1.0, -1.0, 1.0), "smallest_volume: must be above 0, got -1"),
        ((1.0, 1.0, np.nan), "reach: must be above 0, got nan"),
        ((1.0, 1.0, 2.0, 0.0, 1.0), "ceiling: must lie above 2, got 1"),
    ],
)
def test_impossible_limits_are_refused(values: tuple[float, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Limits(*values)


def test_events_say_what_happened_where() -> None:
    lost, gained = (Event(EventKind.SEVERED, 0.1, 2.0, volume) for volume in (1e-3, -1e-3))
    assert str(lost) == "severed at r = 0.1, z = 2; 0.001 of volume lost"
    assert str(gained).endswith("gained")
