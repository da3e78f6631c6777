import numpy as np
import pytest
from front_shapes import cylinder, diffusing, dumbbell, sphere

from tusk.solver.front.mechanics.curves import Curve, End, Front
from tusk.solver.front.mechanics.events import EventKind, Limits
from tusk.solver.front.mechanics.evolution import Evolution
from tusk.solver.front.mechanics.spacing import Spacing
from tusk.solver.front.mechanics.surface import Surface


def evolution(limits: Limits, stretch: float = np.inf) -> Evolution:
    return Evolution(diffusing, limits, Spacing(0.15, 2e-3, 0.15), stretch=stretch)


def test_a_thin_neck_severs_and_both_bodies_round_off() -> None:
    start = dumbbell(0.1)
    limits = Limits(0.03, 1e-4, 0.03, floor=-10.0, ceiling=10.0)
    result = evolution(limits).run(Front((start,)), 1.0)
    assert [event.kind for _, event in result.events] == [EventKind.SEVERED]
    assert 0.0 < result.events[0][0] < 0.1
    assert len(result.front.curves) == 2
    for curve in result.front.curves:
        centre = np.array((0.0, 0.5 * (curve.points[0, 1] + curve.points[-1, 1])))
        radius = np.hypot(*(curve.points - centre).T)
        assert np.ptp(radius) < 0.02 * radius.mean()


def test_a_bridge_that_breaks_leaves_metal_on_both_electrodes() -> None:
    length = 2.0 * np.pi / 0.7
    z = np.linspace(length, 0.0, 90)
    radius = 1.0 + 0.05 * np.cos(0.7 * z)
    start = Curve(np.column_stack((radius, z)), End.ACTIVE, End.COUNTER)
    limits = Limits(0.03, 1e-4, 0.03, floor=0.0, ceiling=length)
    result = evolution(limits).run(Front((start,)), 100.0)
    assert [curve.ends for curve in result.front.curves] == [
        (End.ACTIVE, End.AXIS),
        (End.AXIS, End.COUNTER),
    ]
    assert result.front.volume + result.events[0][1].lost == pytest.approx(start.volume)


def test_two_spheres_coalesce() -> None:
    limits = Limits(0.05, 1e-4, 0.1, floor=-10.0, ceiling=10.0)
    front = Front((sphere(1.0, 60, 1.04), sphere(1.0, 60, -1.0)))
    result = evolution(limits).run(front, 30.0)
    assert [event.kind for _, event in result.events] == [EventKind.MERGED]
    (one,) = result.front.curves
    assert one.area == pytest.approx((36.0 * np.pi * one.volume**2) ** (1 / 3), rel=2e-3)


def test_a_body_that_dissolves_vanishes_in_the_end() -> None:
    def dissolving(curve: Curve) -> Surface:
        return Surface(*np.outer((0.0, -1.0, 0.0), np.ones(len(curve.points))))

    limits = Limits(0.05, 1e-3, 0.05, floor=-10.0, ceiling=10.0)
    life = Evolution(dissolving, limits, Spacing(0.15, 1e-3, 0.15), stretch=0.004)
    result = life.run(Front((sphere(0.5),)), 1.0)
    assert result.front.curves == ()
    assert [event.kind for _, event in result.events] == [EventKind.REMOVED]
    # 4/3 pi r^3 = 1e-3 at r = 0.062: 0.438 s
    assert result.events[0][0] == pytest.approx(0.438, abs=0.008)


def test_a_stable_cylinder_lives_on() -> None:
    start = cylinder(1.3, 0.05)
    limits = Limits(0.05, 1e-3, 0.05, floor=0.0, ceiling=float(start.points[0, 1]))
    result = evolution(limits).run(Front((start,)), 100.0)
    assert result.events == ()
    assert np.ptp(result.front.curves[0].points[:, 0]) < 1e-5
