import numpy as np
import pytest
from front_shapes import cap, charged, diffusing, dumbbell, rod, sphere

from tusk.meshes.curve import nodal_areas
from tusk.solver.front.mechanics.curves import Curve, End
from tusk.solver.front.mechanics.spacing import Spacing
from tusk.solver.front.mechanics.surface import Surface
from tusk.solver.front.mechanics.surface_diffusion import Accuracy, FrontStalled, advance


def test_one_big_step_rounds_a_body_off() -> None:
    start = Curve(sphere().points * (1.0, 1.5), End.AXIS, End.AXIS)
    result = advance(start, 1e6, diffusing(start))
    assert result.elapsed == 1e6
    assert not result.thin
    assert result.steps < 100
    assert np.ptp(np.hypot(*result.curve.points.T)) < 2e-3
    assert result.curve.volume == pytest.approx(start.volume, rel=1e-12)
    assert np.ptp(result.curvature) < 1e-6
    assert np.array_equal(result.origin, np.arange(61.0))


def test_accuracy_is_asked_for() -> None:
    start = Curve(cap(np.pi / 2.0).points * (1.0, 1.5))

    def height(error: float) -> float:
        result = advance(start, 0.02, diffusing(start), Accuracy(error=error))
        return float(result.curve.points[0, 1])

    exact = height(1e-6)
    rough, fine = abs(height(1e-2) - exact), abs(height(1e-4) - exact)
    assert rough < 1e-3
    assert fine < 0.1 * rough


def test_a_dissolving_body_pays_what_is_taken_with_and_without_new_nodes() -> None:
    start = cap(np.pi / 2.0)
    velocity = -1.0 - 0.5 * np.cos(3.0 * start.points[:, 1])
    surface = Surface(1e-3 + 0.0 * velocity, velocity, 0.0 * velocity)
    taken = 0.2 * (nodal_areas(start.points) @ velocity)
    for spacing in (None, Spacing(0.1, 1e-3, 0.1)):
        result = advance(start, 0.2, surface, None, spacing)
        assert result.curve.volume - start.volume == pytest.approx(taken, rel=1e-9)
        assert len(result.origin) == len(result.curve.points)


def test_thin_metal_ends_the_advance() -> None:
    curve = rod(8.0)
    spacing = Spacing(0.12, 1e-3, 0.12)
    result = advance(curve, 100.0, diffusing(curve), None, spacing, smallest_radius=0.3)
    assert result.thin
    assert 3.0 < result.elapsed < 4.0
    again = advance(result.curve, 1.0, diffusing(result.curve), smallest_radius=0.3)
    assert (again.thin, again.elapsed, again.steps) == (True, 0.0, 0)


def test_steps_go_on_where_they_left_off() -> None:
    start = Curve(sphere().points * (1.0, 1.5), End.AXIS, End.AXIS)
    first = advance(start, 0.01, diffusing(start))
    careful = advance(first.curve, 0.01, diffusing(start), first_step=first.next_step)
    assert careful.rejected == 0


def test_a_singularity_is_named_not_crawled_into() -> None:
    curve = dumbbell(0.1)
    with pytest.raises(FrontStalled, match=r"stalled after .* an island moves fastest near r = "):
        advance(curve, 100.0, diffusing(curve), Accuracy(most_steps=60))


def test_metal_that_is_all_taken_away_is_a_stall() -> None:
    start = sphere()
    surface = charged(start, np.full(61, -1.0), np.zeros(61))
    with pytest.raises(FrontStalled, match="radius of curvature"):
        advance(start, 10.0, surface)


def test_a_warm_side_diffuses_faster() -> None:
    start = Curve(sphere().points * (1.0, 1.5), End.AXIS, End.AXIS)
    z = start.points[:, 1]
    none = np.zeros(61)
    result = advance(start, 1e-3, Surface(np.exp(2.0 * z), none, none))
    moved = np.abs(result.curve.points - start.points)[:, 1]
    assert moved[0] > 10.0 * moved[-1] > 0.0
