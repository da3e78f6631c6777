"""Surface diffusion and Gibbs-Thomson on curves against what is known exactly or printed."""

from collections.abc import Callable

import numpy as np
import pytest
from front_shapes import cap, cap_volume, charged, cylinder, diffusing, rod, sphere
from scipy import constants
from scipy.optimize import brentq

from tusk.solver.front.mechanics.curvature import curvature
from tusk.solver.front.mechanics.curves import Curve, Front
from tusk.solver.front.mechanics.events import EventKind, Limits
from tusk.solver.front.mechanics.evolution import Evolution
from tusk.solver.front.mechanics.necks import narrowest_neck
from tusk.solver.front.mechanics.spacing import Spacing
from tusk.solver.front.mechanics.surface import Surface
from tusk.solver.front.mechanics.surface_diffusion import Accuracy, advance
from tusk.solver.physics.capillarity import SurfaceTension
from tusk.solver.physics.charge_transfer import ButlerVolmer
from tusk.solver.physics.constants import EV

Record = Callable[[str, object], None]

EXACT_STEPS = Accuracy(error=np.inf, motion=np.inf)
"""The step asked for is the step taken."""


def amplitude(curve: Curve, wavenumber: float) -> float:
    """Return the amplitude of the cosine in the radius, by projection."""
    r, z = curve.points[::-1].T
    return float(2.0 * wavenumber / np.pi * np.trapezoid(r * np.cos(wavenumber * z), z))


def growth_rate(wavenumber: float, elements: int, step: float) -> float:
    """Return the rate of a small wave on a cylinder of radius 1; ``step`` is in units of 1/rate."""
    curve = cylinder(wavenumber, 1e-5, elements)
    expected = wavenumber**2 - wavenumber**4
    before = amplitude(curve, wavenumber)
    steps = round(1.0 / step)
    for _ in range(steps):
        duration = step / abs(expected)
        curve = advance(curve, duration, diffusing(curve), EXACT_STEPS).curve
    return float(np.log(amplitude(curve, wavenumber) / before) / (steps * step / abs(expected)))


@pytest.mark.parametrize("wavenumber", [0.4, 0.5**0.5, 0.9, 1.2, 2.0])
def test_waves_on_a_cylinder_grow_and_decay(wavenumber: float, record_property: Record) -> None:
    # Nichols and Mullins 1965: B/R^4 [(kR)^2 - (kR)^4]
    expected = wavenumber**2 - wavenumber**4
    ratio = growth_rate(wavenumber, 80, 0.05) / expected
    record_property("rate over the exact one", f"{ratio:.5f}")
    assert ratio == pytest.approx(1.0, abs=2e-3)


def test_second_order_in_space(record_property: Record) -> None:
    wavenumber = 0.5**0.5
    elements = np.array([10, 20, 40])
    errors = [abs(growth_rate(wavenumber, n, 0.02) / 0.25 - 1.0) for n in elements]
    order = -np.polyfit(np.log(elements), np.log(errors), 1)[0]
    record_property("order in space, Rayleigh-Plateau", f"{order:.2f}")
    assert order == pytest.approx(2.0, abs=0.15)


def test_second_order_in_time(record_property: Record) -> None:
    flat = cap(np.pi / 2.0)
    start = Curve(flat.points * (1.0, 1.5))
    heights = []
    for steps in (10, 20, 40, 80):
        curve, time = start, 0.02
        for _ in range(steps):
            curve = advance(curve, time / steps, diffusing(curve), EXACT_STEPS).curve
        heights.append(curve.points[0, 1])
    changes = np.abs(np.diff(heights))
    order = float(np.mean(np.log2(changes[:-1] / changes[1:])))
    record_property("order in time, half an ellipsoid", f"{order:.2f}")
    assert order == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("degrees", [60.0, 90.0, 120.0])
def test_a_cap_at_its_young_angle_stays(degrees: float, record_property: Record) -> None:
    angle = np.radians(degrees)
    start = cap(angle)
    surface = diffusing(start, angle)
    result = advance(start, 10.0, surface)  # ten R^4/B, 240 times the slowest mode of a sphere
    centre = np.array((0.0, -np.cos(angle)))
    moved = np.hypot(*(result.curve.points - centre).T) - 1.0
    drift = abs(result.curve.volume / start.volume - 1.0)
    record_property("largest motion over R in 10 R⁴/B", f"{np.abs(moved).max():.0e}")
    record_property("change of volume", f"{drift:.0e}")
    assert np.abs(moved).max() <= 1e-4
    assert drift <= 1e-6


@pytest.mark.parametrize("degrees", [50.0, 130.0])
def test_a_hemisphere_takes_the_young_angle(degrees: float, record_property: Record) -> None:
    angle, start = np.radians(degrees), cap(np.pi / 2.0)
    result = advance(start, 10.0, diffusing(start, angle))
    radius = (start.volume / cap_volume(angle)) ** (1.0 / 3.0)
    error = result.curve.points[-1, 0] / (radius * np.sin(angle)) - 1.0
    record_property("error of the contact line's radius", f"{error:.0e}")
    assert error == pytest.approx(0.0, abs=1e-3)
    assert curvature(result.curve) == pytest.approx(2.0 / radius, rel=3e-3)
    assert result.curve.volume == pytest.approx(start.volume, rel=1e-10)


def time_to_sever(radius: float, spacing: Spacing) -> float:
    curve = rod(8.0, radius, spacing.coarsest)
    limit = 0.02 * radius
    result = advance(curve, 100.0 * radius**4, diffusing(curve), None, spacing, limit)
    assert result.thin
    return result.elapsed


def test_twice_the_size_takes_sixteen_times_as_long(record_property: Record) -> None:
    # Herring 1950; the nodes are as far apart in both, so that scales do not cancel
    spacing = Spacing(0.12, 1e-3, 0.1)
    ratio = time_to_sever(2.0, spacing) / time_to_sever(1.0, spacing)
    record_property("time of twice the size over that of once", f"{ratio:.3f}")
    assert ratio == pytest.approx(16.0, rel=0.01)


@pytest.mark.parametrize(("slenderness", "bodies"), [(6.5, 1), (8.0, 2)])
def test_a_rod_breaks_beyond_the_limit_of_nichols(
    slenderness: float, bodies: int, record_property: Record
) -> None:
    # Nichols 1976: 7.2
    start = rod(slenderness)
    limits = Limits(0.02, 1e-4, 0.02, floor=-100.0, ceiling=100.0)
    evolution = Evolution(diffusing, limits, Spacing(0.12, 1e-3, 0.12))
    result = evolution.run(Front((start,)), 30.0)
    record_property("bodies", len(result.front.curves))
    assert len(result.front.curves) == bodies
    assert [event.kind for _, event in result.events] == [EventKind.SEVERED] * (bodies - 1)
    lost = sum(event.lost for _, event in result.events)
    assert result.front.volume + lost == pytest.approx(start.volume, rel=1e-9)
    each = (3.0 * result.front.volume / bodies / (4.0 * np.pi)) ** (1.0 / 3.0)
    for curve in result.front.curves:
        assert curvature(curve) == pytest.approx(2.0 / each, rel=2e-2)


@pytest.fixture(scope="module")
def pinching() -> tuple[np.ndarray, Curve]:
    """Return times and neck radii of a rod that pinches off, and its shape at the last one."""
    curve = rod(8.0)
    spacing, history, time, step = Spacing(0.12, 1e-6, 0.1, 0.15), [], 0.0, np.inf
    for radius in np.geomspace(0.2, 1e-3, 60):
        result = advance(curve, 100.0, diffusing(curve), None, spacing, float(radius), step)
        curve, step, time = result.curve, result.next_step, time + result.elapsed
        neck = narrowest_neck(curve)
        assert neck is not None
        history.append((time, neck.radius))
    return np.array(history), curve


def test_a_neck_closes_with_the_fourth_root_of_time(
    pinching: tuple[np.ndarray, Curve], record_property: Record
) -> None:
    time, radius = pinching[0].T
    # the end from the last decade of the radius, the exponent from the one before
    last = radius < 0.01
    slope, offset = np.polyfit(time[last] - time[-1], radius[last] ** 4, 1)
    left = time[-1] - offset / slope - time
    apart = (radius < 0.1) & (radius > 0.01)
    exponent = float(np.polyfit(np.log(left[apart]), np.log(radius[apart]), 1)[0])
    record_property("exponent", f"{exponent:.4f}")
    assert exponent == pytest.approx(0.25, rel=0.03)


def test_a_neck_opens_into_the_universal_cone(
    pinching: tuple[np.ndarray, Curve], record_property: Record
) -> None:
    # Wong, Miksis, Voorhees, Davis 1998: half angle 46.04 degrees
    curve, neck = pinching[1], narrowest_neck(pinching[1])
    assert neck is not None
    step, middle = np.diff(curve.points, axis=0), 0.5 * (curve.points[1:] + curve.points[:-1])
    angle = np.degrees(np.arctan2(np.abs(step[:, 0]), np.abs(step[:, 1])))
    near = np.abs(middle[:, 1] - neck.height) < 0.1
    for multiple in (4.0, 8.0, 16.0):
        there = near & (np.abs(middle[:, 0] / neck.radius / multiple - 1.0) < 0.25)
        half_angle = float(angle[there].mean())
        record_property(f"half angle at {multiple:g} radii of the neck", f"{half_angle:.2f}°")
        assert half_angle == pytest.approx(46.04, rel=0.03)


def test_area_decreases_and_volume_stays() -> None:
    angle = np.linspace(0.0, np.pi, 121)
    radius = 1.0 + 0.2 * np.cos(3.0 * angle) + 0.1 * np.cos(7.0 * angle)
    points = radius[:, None] * np.column_stack((np.sin(angle), np.cos(angle)))
    points[0, 0] = points[-1, 0] = 0.0
    curve = Curve(points, *sphere().ends)
    volume, areas = curve.volume, [curve.area]
    for duration in np.geomspace(1e-6, 1.0, 40):
        curve = advance(curve, float(duration), diffusing(curve)).curve
        areas.append(curve.area)
    # Once round, nodes that settle along the polygon change its area in the last digits.
    rounding = np.array(areas[:-1]) < (1.0 + 1e-6) * areas[-1]
    assert np.all(np.diff(areas)[~rounding] < 0.0)
    assert np.all(np.diff(areas)[rounding] < 1e-8 * areas[-1])
    assert curve.volume == pytest.approx(volume, rel=1e-10)
    assert areas[-1] == pytest.approx((36.0 * np.pi * volume**2) ** (1.0 / 3.0), rel=1e-3)


COPPER = SurfaceTension(1.8, 2, 1.18e-29)
KINETICS = ButlerVolmer(2, 0.5, 1e26, 1e3, 0.5 * EV)
NM, ROOM = 1e-9, 300.0


def metal(curve: Curve, overpotential: float) -> Surface:
    """Return a copper surface at one overpotential (V) everywhere, lengths in nm."""
    per_charge = COPPER.atomic_volume / (COPPER.charge_number * constants.elementary_charge) / NM

    def velocity(kappa: np.ndarray) -> np.ndarray:
        driven = overpotential + COPPER.potential(kappa / NM)
        return np.asarray(-per_charge * KINETICS.current_density(driven, ROOM))

    kappa, small = curvature(curve), 1e-6
    damping = -(velocity(kappa + small) - velocity(kappa - small)) / (2.0 * small)
    return charged(curve, velocity(kappa), damping)


def test_a_sphere_is_balanced_by_gibbs_and_thomson(record_property: Record) -> None:
    # -eta = gamma Omega (2/R)/(2 e) = 0.132562 V for R = 1 nm
    expected = 1.8 * 1.18e-29 * 2e9 / (2.0 * 1.602176634e-19)
    start = sphere()

    def growth(overpotential: float) -> float:
        result = advance(start, 1e-3, metal(start, overpotential))
        return result.curve.volume / start.volume - 1.0

    balance = -brentq(growth, -1.2 * expected, -0.8 * expected)
    record_property("potential of balance over γΩκ/(z_c e)", f"{balance / expected:.5f}")
    assert balance == pytest.approx(expected, rel=0.01)
    assert growth(-0.99 * expected) < 0.0 < growth(-1.01 * expected)


def test_gibbs_thomson_damps_short_waves_alone(record_property: Record) -> None:
    """On r = 1 + a cos kz, κ = 1 + (k² - 1) a cos kz; v = M (1 - κ) damps it with M (k² - 1)."""
    wavenumber = 4.0
    curve = cylinder(wavenumber, 1e-5, 80)
    before, steps, duration = amplitude(curve, wavenumber), 20, 0.1
    unit = np.ones(len(curve.points))
    for _ in range(steps):
        surface = charged(curve, unit - curvature(curve), unit)
        curve = advance(curve, duration / steps, surface, EXACT_STEPS).curve
    rate = np.log(amplitude(curve, wavenumber) / before) / duration
    record_property("rate over the exact one", f"{-rate / 15.0:.4f}")
    assert rate == pytest.approx(-15.0, rel=0.01)
