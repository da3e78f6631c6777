import numpy as np
import pytest
from front_shapes import cap, cap_volume, cylinder, sphere

from tusk.solver.front.mechanics.curves import Curve, End, Front, FrontError, node_areas


def test_measures_of_a_sphere() -> None:
    curve = sphere(2.0, 200)
    assert curve.volume == pytest.approx(4.0 / 3.0 * np.pi * 8.0, rel=2e-4)
    assert curve.area == pytest.approx(16.0 * np.pi, rel=2e-4)
    assert node_areas(curve.points).sum() == pytest.approx(curve.area, rel=1e-14)
    # the disc around a pole: half an element, pi (0.01 pi)^2/4 of radius 1 with 100 elements
    assert node_areas(sphere(1.0, 100).points)[0] == pytest.approx(np.pi * 0.015708**2, rel=1e-3)


def test_measures_of_a_cap_and_a_front() -> None:
    curve = cap(np.radians(60.0), 1.0, 400)
    assert curve.volume == pytest.approx(cap_volume(np.radians(60.0)), rel=1e-5)
    front = Front((sphere(1.0, 60, 5.0), curve))
    assert front.volume == front.curves[0].volume + curve.volume
    assert front.area == front.curves[0].area + curve.area
    assert front.islands == front.curves[:1]


@pytest.mark.parametrize(
    ("curve", "floats", "bridges", "kind"),
    [
        (sphere(), True, False, "an island"),
        (cap(1.0), False, False, "the metal on the counter-electrode"),
        (cylinder(1.0, 0.1), False, True, "the bridge between the electrodes"),
    ],
)
def test_kinds(curve: Curve, floats: bool, bridges: bool, kind: str) -> None:
    assert (curve.floats, curve.bridges, curve.kind()) == (floats, bridges, kind)


@pytest.mark.parametrize(
    ("row", "value", "message"),
    [
        (3, (-0.1, 0.5), "crosses the axis at z = 0.5"),
        (3, (np.nan, 0.5), "not finite"),
        (0, (0.1, 1.0), "end on the axis has r = 0.1"),
        (-1, (0.0, 0.0), "end on the counter-electrode has r = 0"),
    ],
)
def test_what_is_no_curve_is_refused(row: int, value: tuple[float, float], message: str) -> None:
    points = cap(1.5).points.copy()
    points[row] = value
    with pytest.raises(FrontError, match=message):
        Curve(points)


def test_few_nodes_and_exchanged_ends_are_refused() -> None:
    with pytest.raises(FrontError, match="needs 4 nodes"):
        Curve(np.array([[0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]))
    with pytest.raises(FrontError, match="cannot run from axis to active electrode"):
        Curve(cap(1.5).points, End.AXIS, End.ACTIVE)
