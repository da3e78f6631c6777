"""The nodes move so that the volume changes by what is deposited."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tusk.meshes.curve import (
    arc_length,
    hemisphere,
    nodal_areas,
    nodal_velocity,
    resample,
    revolved_volume,
    spline,
    volume_gradient,
)

FEW = settings(max_examples=25, derandomize=True, deadline=None, database=None)
SPEEDS = npst.arrays(np.float64, 24, elements=st.floats(-2.0, 2.0))


def on_a_wall(points):
    """Return the curve raised on a vertical wall: the contact line moves along its normal."""
    return np.vstack((points + np.array([0.0, 0.3]), points[-1]))


def cylinder(radius, height, count):
    top = np.column_stack((np.linspace(0, radius, count), np.full(count, height)))
    side = np.column_stack((np.full(count, radius), np.linspace(height, 0, count)))[1:]
    return np.vstack((top, side))


def grow(points, speed, time, steps):
    """Return the curve after uniform growth, by Heun's method."""
    dt, speeds = time / steps, np.full(len(points), speed)
    for _ in range(steps):
        first = nodal_velocity(points, speeds)
        second = nodal_velocity(points + dt * first, speeds)
        points = points + 0.5 * dt * (first + second)
    return points


@FEW
@given(SPEEDS)
def test_volume_changes_by_the_deposit(toolbox, speeds):
    curve = on_a_wall(toolbox.filament(6.0, 1.2, 0.7, 12))
    rate = np.sum(volume_gradient(curve) * nodal_velocity(curve, speeds))
    scale = nodal_areas(curve) @ np.abs(speeds)
    assert rate == pytest.approx(nodal_areas(curve) @ speeds, abs=1e-12 * scale)


@FEW
@given(SPEEDS)
def test_only_the_contact_line_of_an_inclined_flank_misses_its_deposit(toolbox, speeds):
    curve = toolbox.filament(6.0, 1.2, 0.7, 12)
    speeds = np.resize(speeds, len(curve))
    speeds[-1] = 0.0
    rate = np.sum(volume_gradient(curve) * nodal_velocity(curve, speeds))
    assert rate == pytest.approx(nodal_areas(curve) @ speeds, abs=1e-11)


@pytest.mark.parametrize(("contact", "speed"), [(3.0, 1.0), (3.0, -1.0), (1.0, 1.0), (1.0, -1.0)])
def test_speed_of_the_contact_line(toolbox, contact, speed):
    curve = toolbox.filament(6.0, contact, 2.0, 12)  # tapers for 3, overhangs for 1
    speeds = np.zeros(len(curve))
    speeds[-1] = speed
    velocity = nodal_velocity(curve, speeds)
    step = curve[-1] - curve[-2]
    normal_r, normal_z = np.array([-step[1], step[0]]) / np.hypot(*step)
    overrun = normal_z * speed < 0  # the surface reaches the floor ahead of its contact line
    assert velocity[-1].tolist() == pytest.approx([speed / normal_r if overrun else speed, 0.0])
    deposit = nodal_areas(curve)[-1] * speed * (1.0 if overrun else normal_r)
    assert np.sum(volume_gradient(curve) * velocity) == pytest.approx(deposit, rel=1e-12)


def test_contact_line_of_a_flat_film_stays_bounded():
    film = np.array([(0.0, 0.01), (1.0, 0.01), (2.0, 0.0)])
    velocity = nodal_velocity(film, np.array([0.0, 0.0, -1.0]))
    assert -5.0 - 1e-12 <= velocity[-1, 0] < -1.0


def test_tip_stays_on_the_axis_and_contact_on_the_floor(toolbox):
    curve = toolbox.filament(9.0, 3.0, 1.0)
    velocity = nodal_velocity(curve, np.linspace(1.0, 2.0, len(curve)))
    assert velocity[0, 0] == 0.0
    assert velocity[-1, 1] == 0.0
    assert velocity[0, 1] > 0.0
    assert velocity[-1, 0] > 0.0


def test_cylinder_moves_at_its_normal_velocity():
    curve, count = cylinder(2.0, 5.0, 6), 6
    speeds = np.linspace(0.5, 1.5, len(curve))
    velocity = nodal_velocity(curve, speeds)
    top, side = slice(0, count - 1), slice(count, None)
    assert velocity[top, 0] == pytest.approx(0.0, abs=1e-14)
    assert velocity[top, 1] == pytest.approx(speeds[top], rel=1e-13)
    assert velocity[side, 0] == pytest.approx(speeds[side], rel=1e-13)
    assert velocity[side, 1] == pytest.approx(0.0, abs=1e-14)


def test_cylinder_flank_grows_by_the_prescribed_amount():
    curve = cylinder(2.0, 5.0, 6)
    speeds = np.where(np.arange(len(curve)) >= 5, 0.25, 0.0)  # flank only
    grown = curve + 2.0 * nodal_velocity(curve, speeds)
    assert grown[6:, 0] == pytest.approx(2.5, rel=1e-13)
    assert grown[:5] == pytest.approx(curve[:5])


def test_hemisphere_grows_uniformly_with_second_order():
    errors = []
    for count, steps in ((9, 10), (17, 20), (33, 40), (65, 80)):
        grown = grow(hemisphere(1.0, count), 1.0, 0.5, steps)
        errors.append(np.abs(np.hypot(*grown.T) - 1.5).max())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(2.0, abs=0.1)
    assert errors[-1] < 1e-4


def test_dissolution_undoes_growth_with_second_order():
    errors = []
    for count, steps in ((17, 10), (33, 20), (65, 40)):
        start = hemisphere(1.0, count)
        there_and_back = grow(grow(start, 1.0, 0.5, steps), -1.0, 0.5, steps)
        errors.append(np.abs(np.hypot(*there_and_back.T) - 1.0).max())
    assert np.log2(np.array(errors[:-1]) / errors[1:]).min() > 1.8
    assert errors[-1] < 1e-4


def test_faraday_holds_over_a_finite_growth():
    # Heun's method integrates the deposit; geometry and deposit agree to the order of the step
    misfits = []
    for steps in (10, 20, 40):
        points, deposited, dt = hemisphere(1.0, 17), 0.0, 0.5 / steps
        start = revolved_volume(points)
        for _ in range(steps):
            speeds = np.ones(len(points))
            middle = points + 0.5 * dt * nodal_velocity(points, speeds)
            deposited += dt * nodal_areas(middle) @ speeds
            points = points + dt * nodal_velocity(middle, speeds)
        misfits.append(abs(revolved_volume(points) - start - deposited) / deposited)
    assert misfits[-1] < 2e-4


def test_a_flat_foot_stays_above_the_counter_electrode() -> None:
    """The spline through a foot that is being cut dips below z = 0 between its last two nodes."""
    foot = [(0.4865, 0.0099), (0.4562, 0.0102), (0.4364, 0.0095), (0.4165, 0.0067),
            (0.3911, 0.0031), (0.3584, 0.0006), (0.2645, 0.0)]  # fmt: skip
    curve = np.array([(0.0, 1.0), (0.6, 0.8), (0.7, 0.4), (0.6, 0.05), *foot])
    size = np.full(len(curve), 0.03)
    along = spline(curve)(np.linspace(0.0, arc_length(curve)[-1], 400))
    assert along[:, 1].min() < 0.0
    even = resample(curve, size)
    assert np.all(even[:-1, 1] > 0.0)
    assert even[-1] == pytest.approx(curve[-1])
