import numpy as np
import pytest
from front_shapes import cap, cylinder, sphere

from tusk.solver.front.mechanics.curvature import curvature, local_size, principal_curvatures
from tusk.solver.front.mechanics.curves import Curve, End


@pytest.mark.parametrize("curve", [sphere(2.0, 11), cap(0.7, 2.0, 9), cap(2.5, 2.0, 9)])
def test_exact_on_spheres_also_at_poles_and_contact_lines(curve: Curve) -> None:
    bend, around = principal_curvatures(curve)
    assert bend == pytest.approx(0.5, rel=1e-12)
    assert around == pytest.approx(0.5, rel=1e-12)
    assert curvature(curve) == pytest.approx(1.0, rel=1e-12)


def test_exact_on_spheres_with_uneven_nodes() -> None:
    angle = np.pi * np.array([0.0, 0.05, 0.2, 0.25, 0.5, 0.6, 0.9, 1.0])
    points = np.column_stack((np.sin(angle), np.cos(angle)))
    points[0, 0] = points[-1, 0] = 0.0
    assert curvature(Curve(points, End.AXIS, End.AXIS)) == pytest.approx(2.0, rel=1e-12)


def test_exact_on_a_cylinder() -> None:
    bend, around = principal_curvatures(cylinder(1.0, 0.0, 10))
    assert bend == pytest.approx(0.0, abs=1e-12)
    assert around == pytest.approx(1.0, rel=1e-12)


def test_a_concave_waist_has_one_curvature_of_each_sign() -> None:
    # r = 1 - a cos(k (z - L)): r'' = a k^2 > 0 at the waist, so -a k^2 and 1/(1 - a)
    bend, around = principal_curvatures(cylinder(2.0, 0.1, 200))
    assert bend[-3] == pytest.approx(0.4, rel=0.01)  # crest at z = 0
    assert bend[2] == pytest.approx(-0.4, rel=0.01)  # waist at the top
    assert around[2] == pytest.approx(1.0 / 0.9, rel=0.01)


def test_the_local_size_is_that_of_the_sharper_curvature() -> None:
    assert local_size(sphere(3.0)) == pytest.approx(3.0, rel=1e-12)
    assert local_size(cylinder(1.0, 0.0, 40)) == pytest.approx(1.0, rel=1e-12)
