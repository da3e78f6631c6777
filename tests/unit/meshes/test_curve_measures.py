"""Volume, area and curvature of revolved polylines against closed forms and differences."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tusk.meshes.curve import (
    arc_length,
    curvature,
    hemisphere,
    nodal_areas,
    revolved_volume,
    segment_lengths,
    volume_gradient,
)

FEW = settings(max_examples=25, derandomize=True, deadline=None, database=None)
CURVES = npst.arrays(
    np.float64,
    st.tuples(st.integers(2, 8), st.just(2)),
    elements=st.floats(0.01, 10.0, allow_subnormal=False),
)


def cap(radius, height, count):
    """Return a spherical cap of the given height, standing on z = 0."""
    angle = np.linspace(0.0, np.arccos(1 - height / radius), count)
    return np.column_stack((radius * np.sin(angle), radius * np.cos(angle) - radius + height))


def observed_orders(errors):
    errors = np.abs(errors)
    return np.log2(errors[:-1] / errors[1:])


def test_hemisphere_ends_on_axis_and_base():
    points = hemisphere(0.256, 9)
    assert points[0].tolist() == [0.0, 0.256]
    assert points[-1].tolist() == [0.256, 0.0]
    assert np.hypot(*points.T) == pytest.approx(0.256, rel=1e-15)


@pytest.mark.parametrize("count", [3, 7])
def test_cylinder(count):
    radius, height = 1.5, 4.0
    top = np.column_stack((np.linspace(0, radius, count), np.full(count, height)))
    side = np.column_stack((np.full(count, radius), np.linspace(height, 0, count)))[1:]
    points = np.vstack((top, side))
    assert revolved_volume(points) == pytest.approx(np.pi * radius**2 * height, rel=1e-14)
    assert nodal_areas(points).sum() == pytest.approx(
        np.pi * radius**2 + 2 * np.pi * radius * height, rel=1e-14
    )


@pytest.mark.parametrize("count", [2, 5, 30])
def test_cone(count):
    radius, height = 2.0, 3.0
    points = np.linspace((0.0, height), (radius, 0.0), count)
    assert revolved_volume(points) == pytest.approx(np.pi * radius**2 * height / 3, rel=1e-14)
    assert nodal_areas(points).sum() == pytest.approx(
        np.pi * radius * np.hypot(radius, height), rel=1e-14
    )


@pytest.mark.parametrize(("radius", "height"), [(1.0, 1.0), (2.0, 0.5), (1.0, 1.7)])
def test_spherical_cap_converges_with_second_order(radius, height):
    counts = [11, 21, 41, 81]
    curves = [cap(radius, height, n) for n in counts]
    volume = np.pi * height**2 * (3 * radius - height) / 3
    area = 2 * np.pi * radius * height
    volumes = np.array([revolved_volume(c) for c in curves]) / volume - 1
    areas = np.array([nodal_areas(c).sum() for c in curves]) / area - 1
    for errors in (volumes, areas):
        assert observed_orders(errors) == pytest.approx(2.0, abs=0.05)
        assert abs(errors[-1]) < 3e-4


def test_overhang_is_subtracted():
    # a slab of radius 2 between z = 2 and z = 3 on a stem of radius 1
    points = np.array([(0, 3), (2, 3), (2, 2), (1, 2), (1, 0)], dtype=float)
    assert revolved_volume(points) == pytest.approx(np.pi * (4 + 2), rel=1e-14)


@FEW
@given(CURVES)
def test_volume_gradient_is_the_derivative(points):
    gradient = volume_gradient(points)
    step = 1e-3  # the volume is quadratic in any one coordinate: central differences are exact
    for j, k in np.ndindex(points.shape):
        plus, minus = points.copy(), points.copy()
        plus[j, k] += step
        minus[j, k] -= step
        difference = (revolved_volume(plus) - revolved_volume(minus)) / (2 * step)
        assert gradient[j, k] == pytest.approx(difference, rel=1e-8, abs=1e-7)


@FEW
@given(CURVES)
def test_volume_scales_and_shifts(points):
    volume, gradient = revolved_volume(points), volume_gradient(points)
    assert np.sum(gradient * points) == pytest.approx(3 * volume, rel=1e-9, abs=1e-9)
    assert revolved_volume(2 * points) == pytest.approx(8 * volume, rel=1e-9, abs=1e-9)
    assert gradient[:, 1].sum() == pytest.approx(0.0, abs=1e-9)  # shifted along z: same volume


@FEW
@given(CURVES)
def test_nodal_areas_integrate_linear_densities(points):
    # the integral of r over a cone is 2 pi l (r0² + r0 r1 + r1²)/3
    (r0, _), (r1, _) = points[:-1].T, points[1:].T
    exact = 2 * np.pi * np.sum(segment_lengths(points) * (r0**2 + r0 * r1 + r1**2) / 3)
    assert nodal_areas(points) @ points[:, 0] == pytest.approx(exact, rel=1e-10, abs=1e-12)
    assert (nodal_areas(points) >= 0).all()


def test_arc_length():
    points = np.array([(0, 3), (4, 3), (4, 0)], dtype=float)
    assert segment_lengths(points).tolist() == [4.0, 3.0]
    assert arc_length(points).tolist() == [0.0, 4.0, 7.0]


@pytest.mark.parametrize("radius", [0.256, 3.0])
def test_curvature_of_a_circle(radius):
    assert curvature(hemisphere(radius, 41)) == pytest.approx(1 / radius, rel=1e-3)


def test_curvature_sees_a_corner_and_its_neighbours():
    points = np.array([(0, 1), (1, 1), (2, 1), (2, 0.5), (2, 0)], dtype=float)
    kappa = curvature(points)
    assert kappa[2] == pytest.approx(np.pi / 2 / 0.75)
    assert kappa[1] == kappa[3] == pytest.approx(kappa[2] / 2)
    assert kappa[0] == pytest.approx(0.0, abs=1e-12)


def test_curvature_of_a_dimple_is_finite():
    dimple = np.array([(0, 1), (0.5, 1.2), (1, 1), (1.2, 0)], dtype=float)
    kappa = curvature(dimple)
    assert np.isfinite(kappa).all()
    assert (kappa > 0).all()
