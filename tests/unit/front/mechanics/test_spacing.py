import numpy as np
import pytest
from front_shapes import cap, cylinder, dumbbell, sphere

from tusk.meshes.curve import segment_lengths
from tusk.solver.front.mechanics.spacing import Spacing, redistributed, restored

SPACING = Spacing(share=0.1, finest=1e-3, coarsest=0.2)


def test_nodes_gather_at_a_neck_and_stay_on_the_surface() -> None:
    start = dumbbell(0.05)
    curve, position = redistributed(start, SPACING)
    neck = curve.points[:, 0] < 0.06
    inner = neck & (np.abs(curve.points[:, 1]) < 1.0)
    assert segment_lengths(curve.points)[inner[1:] & inner[:-1]].max() < 0.01
    assert not SPACING.worn(curve)
    assert SPACING.worn(start)
    assert curve.volume == pytest.approx(start.volume, rel=1e-13)
    assert (position[0], position[-1]) == (0.0, len(start.points) - 1.0)
    assert np.all(np.diff(position) > 0.0)


def test_a_sphere_stays_a_sphere_to_fourth_order() -> None:
    def error(elements: int) -> float:
        curve, _ = redistributed(sphere(1.0, elements), Spacing(0.037, 1e-3, 1.0))
        radius = np.hypot(*curve.points.T)
        return float(np.ptp(radius))

    assert error(40) / error(20) < 1.0 / 10.0
    assert error(40) < 2e-5


def test_ends_stay_and_the_axis_is_crossed_at_right_angles() -> None:
    start = cap(2.0, 1.0, 30)
    curve, _ = redistributed(start, Spacing(0.03, 1e-3, 1.0))
    assert curve.points[-1, 1] == 0.0
    pole, inner, outer = curve.points[:3]
    assert (inner - pole)[1] == pytest.approx((outer - inner)[1] / 3.0, rel=0.01)


def test_volume_is_restored_along_the_normals() -> None:
    start = cylinder(1.0, 0.0)
    curve = restored(start, 1.21 * start.volume)
    assert curve.points[1:-1, 0] == pytest.approx(1.1, rel=1e-6)
    assert curve.points[:, 1] == pytest.approx(start.points[:, 1])
