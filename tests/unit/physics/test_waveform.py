"""Drives: values, slopes, corners to the last bit, early ends, bad input."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from tusk.solver.errors import InputError
from tusk.solver.physics.waveform import (
    Drive,
    Hold,
    Position,
    Pulse,
    Ramp,
    Repeat,
    Table,
    Triangle,
)

PULSE = Pulse(1.0, 10e-9, 1e-9, 2e-9, 3, 100e-9)


def corners(drive):
    """Walk through the whole drive the way a time integrator does."""
    position, offset = drive.start(), 0.0
    found = [(0.0, drive.value(position, offset))]
    while position is not None:
        corner = drive.next_corner(position, offset)
        if corner == math.inf:
            assert drive.is_over(position, offset)
            position, offset = drive.leave(position, offset), 0.0
            continue
        assert corner > offset
        found.append((drive.time(position, corner), drive.value(position, corner)))
        position, offset = drive.settled(position, corner)
    return found


def end(drive, position):
    """Return when a step of one frame ends."""
    return drive.time(position, drive.corners(position)[0][-1])


def test_triangle():
    drive = Drive([Triangle(2.0, 1.0)])
    assert corners(drive) == [(0.0, 0.0), (2.0, 2.0), (4.0, 0.0)]
    start = drive.start()
    assert start == Position(0, 0.0, 0.0)
    assert drive.value(start, 1.122) == pytest.approx(1.122, rel=1e-15)
    assert drive.value(start, 3.0) == pytest.approx(1.0)
    assert drive.slope(start, 0.0) == 1.0
    assert drive.slope(start, 2.0) == -1.0
    assert end(drive, start) == 4.0


def test_negative_and_off_zero_triangles():
    assert corners(Drive([Triangle(-1.0, 0.5)])) == [(0.0, 0.0), (2.0, -1.0), (4.0, 0.0)]
    drive = Drive([Ramp(1.0, 1.0), Triangle(-1.0, 1.0)])
    assert corners(drive)[1:] == [(1.0, 1.0), (3.0, -1.0), (4.0, 0.0)]


def test_ramp_down_and_hold():
    drive = Drive([Ramp(0.5, 1.0), Hold(3.0), Ramp(-1.0, 2.0)])
    assert corners(drive) == [(0.0, 0.0), (0.5, 0.5), (3.5, 0.5), (4.25, -1.0)]
    position = Position(1, 0.5, 0.5)
    assert drive.slope(position, 0.5) == 0.0
    assert drive.slope(Position(2, 3.5, 0.5), 0.1) == -2.0


def test_pulses():
    found = corners(Drive([PULSE]))
    times = [0.0]
    for i in range(3):
        times += [i * 100e-9 + dt for dt in (1e-9, 11e-9, 13e-9, 100e-9)]
    assert [t for t, _ in found] == pytest.approx(times, rel=1e-14)
    assert [v for _, v in found] == [0.0, *([1.0, 1.0, 0.0, 0.0] * 3)]


def test_pulses_ride_on_the_present_value():
    drive = Drive([Ramp(0.2, 1.0), PULSE])
    values = [v for _, v in corners(drive)]
    assert values == [0.0, 0.2, *([1.0, 1.0, 0.2, 0.2] * 3)]
    position = drive.leave(drive.start(), 0.2)
    assert drive.slope(position, 0.5e-9) == pytest.approx(0.8 / 1e-9)
    assert drive.slope(position, 12e-9) == pytest.approx(-0.8 / 2e-9)


def test_back_to_back_pulses_have_no_rest():
    drive = Drive([Pulse(1.0, 1.0, 0.5, 0.5, 2, 2.0)])
    assert [t for t, _ in corners(drive)] == [0.0, 0.5, 1.5, 2.0, 2.5, 3.5, 4.0]


def test_corners_after_a_late_start_come_back_exactly():
    """start + offset is rounded; the corner handed out must be a corner when it comes back."""
    start = 4.0 / 3.0
    drive = Drive([Hold(start), Pulse(1.0, 7e-9, 0.3e-9, 0.7e-9, 200, 33e-9)])
    values = [v for _, v in corners(drive)][2:]
    assert values == [1.0, 1.0, 0.0, 0.0] * 200


def test_table():
    drive = Drive([Ramp(0.5, 1.0), Table((1.0, 2.0, 4.0), (1.0, -1.0, 0.0))])
    assert corners(drive) == [(0.0, 0.0), (0.5, 0.5), (1.5, 1.0), (2.5, -1.0), (4.5, 0.0)]
    assert drive.value(Position(1, 0.5, 0.5), 0.5) == pytest.approx(0.75)
    from_zero = Drive([Table((0.0, 1.0), (0.3, 0.4))])
    assert from_zero.value(from_zero.start(), 0.0) == 0.3


def test_table_accepts_arrays():
    drive = Drive([Table(np.array([0.0, 1.0]), np.array([0.0, 2.0]))])
    assert drive.value(drive.start(), 0.25) == 0.5
    assert drive == Drive([Table((0.0, 1.0), (0.0, 2.0))])


def test_value_agrees_with_interpolation():
    drive = Drive([Pulse(0.7, 3.0, 1.0, 2.0, 4, 9.0)])
    position = drive.start()
    times, values = zip(*corners(drive), strict=True)
    sample = np.linspace(0.0, 36.0, 1001)
    ours = [drive.value(position, float(t)) for t in sample]
    assert ours == pytest.approx(np.interp(sample, times, values), abs=1e-14)


def test_slope_is_the_right_sided_derivative():
    drive = Drive([Pulse(0.7, 3.0, 1.0, 2.0, 2, 9.0)])
    position = drive.start()
    for t in (0.0, 0.5, 1.0, 4.0, 5.9, 6.0, 9.0, 17.5):
        rise = (drive.value(position, t + 1e-6) - drive.value(position, t)) / 1e-6
        assert drive.slope(position, t) == pytest.approx(rise, abs=1e-8)


def test_outside_the_step():
    drive = Drive([Ramp(1.0, 1.0)])
    position = drive.start()
    assert drive.next_corner(position, 1.0) == math.inf
    assert drive.next_corner(position, 5.0) == math.inf
    assert drive.value(position, 5.0) == 1.0
    assert drive.value(position, -1.0) == 0.0
    assert drive.slope(position, 1.0) == 0.0
    assert drive.is_over(position, 1.0)
    assert drive.leave(position, 1.0) is None


def test_a_step_can_be_left_early():
    drive = Drive([Ramp(2.0, 1.0), Ramp(0.0, 4.0)])
    position = drive.leave(drive.start(), 1.25)
    assert position == Position(1, 1.25, 1.25)
    assert end(drive, position) == pytest.approx(1.25 + 1.25 / 4.0)
    assert drive.value(position, 0.0) == 1.25


def test_steps_without_length_are_skipped():
    drive = Drive([Ramp(0.0, 1.0), Ramp(1.0, 1.0), Ramp(1.0, 3.0), Hold(2.0), Ramp(1.0, 1.0)])
    assert drive.start() == Position(1, 0.0, 0.0)
    position = drive.leave(drive.start(), 1.0)
    assert position == Position(3, 1.0, 1.0)
    assert drive.leave(position, 2.0) is None


def test_start_elsewhere():
    drive = Drive([Ramp(1.0, 1.0)])
    assert drive.start(5.0, 0.5) == Position(0, 5.0, 0.5)
    assert end(drive, drive.start(5.0, 0.5)) == 5.5


def test_config_models_are_accepted_by_their_attributes():
    model = SimpleNamespace(amplitude=2.0, rate=1.0, until=None)
    hold = SimpleNamespace(duration=1.0, until=None)
    pulse = SimpleNamespace(
        amplitude=1.0, width=1e-8, rise=1e-9, fall=1e-9, count=2, period=1e-7, until=None
    )
    table = SimpleNamespace(file="w.csv", times=[0.0, 1.0], values=[0.0, 1.0])
    ramp = SimpleNamespace(to=1.0, rate=1.0)
    drive = Drive([model, hold, pulse, table, ramp])
    kinds = [type(drive.step(Position(n, 0.0, 0.0))) for n in range(5)]
    assert kinds == [Triangle, Hold, Pulse, Table, Ramp]


@pytest.mark.parametrize(
    ("make", "key"),
    [
        (lambda: Drive([]), "at least one step"),
        (lambda: Drive([SimpleNamespace(speed=1.0)]), "no triangle"),
        (lambda: Drive([Ramp(0.0, 1.0)]).start(), "no step takes any time"),
        (lambda: Triangle(2.0, 0.0), "Triangle.rate"),
        (lambda: Triangle(math.nan, 1.0), "Triangle.amplitude"),
        (lambda: Ramp(1.0, -1.0), "Ramp.rate"),
        (lambda: Ramp(math.inf, 1.0), "Ramp.to"),
        (lambda: Hold(0.0), "Hold.duration"),
        (lambda: Pulse(1.0, 1.0, 0.0, 1.0, 1, 9.0), "Pulse.rise"),
        (lambda: Pulse(1.0, 1.0, 1.0, 0.0, 1, 9.0), "Pulse.fall"),
        (lambda: Pulse(1.0, 0.0, 1.0, 1.0, 1, 9.0), "Pulse.width"),
        (lambda: Pulse(1.0, 1.0, 1.0, 1.0, 0, 9.0), "Pulse.count"),
        (lambda: Pulse(1.0, 1.0, 1.0, 1.0, 1, 2.9), "Pulse.period"),
        (lambda: Table((), ()), "as many as the values"),
        (lambda: Table((0.0, 1.0), (0.0,)), "as many as the values"),
        (lambda: Table((0.0,), (1.0,)), "end after 0 s"),
        (lambda: Table((0.0, 2.0, 1.0), (0.0, 1.0, 2.0)), "increase"),
        (lambda: Table((-1.0, 2.0), (0.0, 1.0)), "increase"),
        (lambda: Table((0.0, 1.0), (0.0, math.nan)), "finite"),
    ],
)
def test_bad_input(make, key):
    with pytest.raises(InputError, match=key):
        make()


# --- what is short beside what is long ------------------------------------------------------------


def test_pulses_after_long_pauses_are_as_sharp_as_the_first():
    pulse = Pulse(2.0, 5e-9, 1e-9, 1e-9, 3, 1e10)
    position, offset, drive = None, 0.0, Drive([pulse])
    position = drive.start()
    for number in range(3):
        times, values = drive.corners(position)
        assert times == pytest.approx([0.0, 1e-9, 6e-9, 7e-9], rel=1e-12)
        assert values == [0.0, 2.0, 2.0, 0.0]
        assert drive.time(position, 0.0) == number * 1e10
        assert drive.slope(position, 0.5e-12) == pytest.approx(2e9)  # resolved to a picosecond
        position, offset = drive.settled(position, times[-1])
        assert offset == 0.0
        times, values = drive.corners(position)
        assert values == [0.0, 0.0]
        assert times == [0.0, 1e10 - 7e-9]
        position, offset = drive.settled(position, times[-1])
    assert drive.is_over(position, offset)


def test_late_points_of_a_table_keep_their_distance():
    late = (0.0, 1e4, 10000.000000001, 10000.000000006, 10000.000000007)
    drive = Drive([Table(late, (0.0, 0.0, 2.0, 2.0, 0.0))])
    position, offset = drive.settled(drive.start(), 1e4)
    assert (position.frame, offset) == (1, 0.0)
    times, values = drive.corners(position)
    assert times == [0.0, 1e-9, 6e-9, 7e-9]
    assert values == [0.0, 2.0, 2.0, 0.0]


def test_a_step_after_a_long_hold_begins_anew():
    drive = Drive([Hold(1e10), PULSE])
    position = drive.leave(drive.start(), 1e10)
    assert drive.value(position, 1e-12) == pytest.approx(1e-3, rel=1e-12)
    assert drive.time(position, 1e-12) == 1e10  # what one number can say


def test_a_train_is_repeated_not_tabulated():
    train = Pulse(1.0, 1e-6, 1e-6, 1e-6, 10**9, 3e-6)
    drive = Drive([train])
    position = drive.start()
    assert len(drive.corners(position)[0]) <= 100_001
    assert drive.total_time(position) == pytest.approx(3000.0, rel=1e-12)
    last = Position(0, 0.0, 0.0, train.layout(0.0).count - 1)
    times, _ = drive.corners(last)
    assert drive.is_over(last, times[-1])
    assert drive.time(last, times[-1]) == pytest.approx(3000.0, rel=1e-12)


def test_long_trains_in_frames_are_what_short_ones_are_in_one():
    """Frames of 33 333 pulses meet where a pulse ends."""
    drive = Drive([Pulse(1.0, 1e-6, 1e-6, 1e-6, 40_000, 3e-6)])
    position = drive.start()
    times, values = drive.corners(position)
    assert len(times) == 3 * 33_333 + 1
    following, offset = drive.settled(position, times[-1])
    assert (following.frame, offset) == (1, 0.0)
    assert drive.time(following, 0.0) == pytest.approx(33_333 * 3e-6, rel=1e-12)
    assert drive.value(following, 1.5e-6) == 1.0
    assert values[-1] == 0.0


# --- repeats --------------------------------------------------------------------------------------


def loop(count, *steps, until=None):
    return SimpleNamespace(count=count, steps=steps, until=until)


def walk(drive):
    """Return number, start and value of every step as it comes."""
    position, found = drive.start(), []
    while position is not None:
        found.append((position.step_index, position.start_time, position.start_value))
        offset = drive.corners(position)[0][-1]
        assert drive.is_over(position, offset)
        position = drive.leave(position, offset)
    return found


def test_repeats_come_round_and_nest():
    drive = Drive([Ramp(1.0, 1.0), loop(2, Ramp(2.0, 1.0), loop(2, Hold(0.5)), Ramp(0.0, 1.0))])
    assert walk(drive) == [
        (0, 0.0, 0.0),
        (1, 1.0, 1.0), (2, 2.0, 2.0), (3, 2.5, 2.0), (4, 3.0, 2.0),
        (5, 5.0, 0.0), (6, 7.0, 2.0), (7, 7.5, 2.0), (8, 8.0, 2.0),
    ]  # fmt: skip
    assert drive.total_time(drive.start()) == pytest.approx(10.0)
    assert drive.total_time(Position(5, 5.0, 0.0)) == pytest.approx(10.0)


def test_a_thousand_million_turns_cost_nothing_to_look_at():
    drive = Drive([loop(10**9, Ramp(1.0, 1.0), loop(5, Hold(2.0)), Ramp(0.0, 1.0))])
    assert drive.total_time(drive.start()) == pytest.approx(12e9)
    position = Position(7 * (10**9 - 1) + 6, 0.0, 1.0)
    assert drive.step(position) == Ramp(0.0, 1.0)
    assert drive.leave(position, 1.0) is None


def test_a_condition_leaves_its_step_and_that_of_a_loop_the_loop():
    inner = SimpleNamespace(duration=1.0, until="inner")
    drive = Drive([loop(3, inner, Ramp(1.0, 1.0), until="loop"), Ramp(2.0, 1.0)])
    position = drive.start()
    assert drive.conditions(position) == [("inner", 1), ("loop", 6)]
    assert drive.leave(position, 0.25, 1) == Position(1, 0.25, 0.0)
    assert drive.leave(position, 0.25, 6) == Position(6, 0.25, 0.0)
    assert drive.conditions(Position(1, 0.25, 0.0)) == [("loop", 6)]
    assert drive.conditions(Position(6, 0.25, 0.0)) == []


def test_a_loop_needs_a_count():
    with pytest.raises(InputError, match=r"Repeat\.count"):
        Repeat(0, (Hold(1.0),))


def until(leaves: str = "step"):
    return SimpleNamespace(leaves=leaves)


def test_a_read_that_verifies_leaves_its_repeat():
    """Pulse, then a read: its condition ends the innermost loop, or the read alone."""
    for leaves, after in (("step", 3), ("repeat", 11)):
        condition = until(leaves)
        write = SimpleNamespace(to=2.0, rate=1.0, until=None)
        read = SimpleNamespace(to=0.1, rate=1.0, until=condition)
        inner = SimpleNamespace(steps=(write, read), count=5, until=None)
        outer = SimpleNamespace(steps=(Ramp(0.5, 1.0), inner), count=3, until=None)
        drive = Drive([outer, Hold(1.0)])
        first = drive.start()
        assert drive.conditions(first) == []
        reading = drive.leave(drive.leave(first, 0.5), 1.5)
        assert reading.step_index == 2
        assert drive.conditions(reading) == [(condition, after)]
        assert drive.leave(reading, 0.3, after).step_index == after


def test_a_condition_of_a_loop_may_leave_the_loop_around_it():
    condition = until("repeat")
    inner = SimpleNamespace(steps=(Ramp(1.0, 1.0), Ramp(0.0, 1.0)), count=4, until=condition)
    outer = SimpleNamespace(steps=(inner, Hold(1.0)), count=3, until=None)
    drive = Drive([outer, Hold(2.0)])
    assert drive.conditions(drive.start()) == [(condition, 27)]
