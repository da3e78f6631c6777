import numpy as np
import pytest
from front_shapes import cap, charged, cylinder, diffusing, sphere

from tusk.meshes.curve import nodal_areas
from tusk.solver.front.mechanics.curves import Curve, End
from tusk.solver.front.mechanics.scheme import (
    NotConverged,
    explicit_velocity,
    implicit_step,
    reference_curvature,
    scheme_curvature,
)
from tusk.solver.front.mechanics.surface import ContactLine, Surface, deposit_rates


@pytest.mark.parametrize("curve", [sphere(), cap(np.pi / 2.0)])
def test_a_sphere_has_the_same_curvature_everywhere_and_rests(curve: Curve) -> None:
    surface, count = diffusing(curve), len(curve.points)
    kappa = scheme_curvature(curve, surface)
    assert kappa == pytest.approx(2.0, rel=2e-3)
    assert np.ptp(kappa) < 1e-10
    new = implicit_step(curve, 1.0, surface, np.zeros(count), np.zeros(count))
    assert new == pytest.approx(curve.points, abs=1e-12)


def test_curvature_converges_with_the_square_of_the_size_also_at_poles() -> None:
    def error(elements: int) -> float:
        stretched = Curve(sphere(1.0, elements).points * (1.0, 1.5), End.AXIS, End.AXIS)
        # a pole of x^2 + z^2/c^2 = 1 has two curvatures c
        return float(scheme_curvature(stretched, diffusing(stretched))[0] - 3.0)

    assert error(80) / error(40) == pytest.approx(0.25, abs=0.03)


def test_a_contact_line_off_its_angle_is_pulled_but_charge_transfer_does_not_see_it() -> None:
    curve = cap(np.pi / 2.0)
    surface = diffusing(curve, np.radians(60.0))
    assert scheme_curvature(curve, surface)[-1] < -10.0  # spreads: metal is wanted there
    assert reference_curvature(curve, surface) == pytest.approx(2.0, rel=2e-3)


def test_a_uniform_velocity_grows_a_sphere() -> None:
    curve = sphere()
    velocity = np.ones(len(curve.points))
    surface = charged(curve, velocity, 0.0 * velocity)
    deposit = 0.01 * deposit_rates(curve.points, velocity)
    assert explicit_velocity(curve, surface, deposit / 0.01) == pytest.approx(1.0, rel=1e-3)
    new = implicit_step(curve, 0.01, surface, deposit, 0.0 * velocity)
    assert np.hypot(*new.T) == pytest.approx(1.01, abs=2e-4)


def test_volume_changes_by_the_deposit_and_the_damping_alone() -> None:
    curve = Curve(cap(np.pi / 2.0).points * (1.0, 1.5))
    velocity = np.cos(2.0 * curve.points[:, 1])
    surface = Surface(1.0 + velocity**2, velocity, 0.0 * velocity)
    deposit = 0.01 * deposit_rates(curve.points, velocity)
    new = implicit_step(curve, 0.01, surface, deposit, 0.0 * velocity)
    brought = 0.01 * (nodal_areas(curve.points) @ velocity)
    assert Curve(new).volume - curve.volume == pytest.approx(brought, rel=1e-11)


def test_a_pinned_contact_line_stays_and_a_slow_one_moves_by_its_mobility() -> None:
    curve, angle = cap(np.pi / 2.0), np.radians(60.0)
    none = np.zeros(len(curve.points))
    for mobility, expected in ((0.0, 0.0), (1e-3, 1e-3 * 0.5)):
        surface = Surface(none + 1.0, none, none, ContactLine(angle, mobility))
        new = implicit_step(curve, 0.01, surface, none, none)
        # dr/dt = m (cos 60° - cos 90°) while the profile is upright
        assert (new[-1, 0] - 1.0) / 0.01 == pytest.approx(expected, rel=0.02)


def test_both_electrodes_attract_alike() -> None:
    curve = cylinder(1.0, 0.1)
    surface = diffusing(curve, 1.2)
    upside_down = Curve(
        np.column_stack((curve.points[::-1, 0], np.pi - curve.points[::-1, 1])),
        End.ACTIVE,
        End.COUNTER,
    )
    none = np.zeros(len(curve.points))
    one, other = (implicit_step(c, 1e-3, surface, none, none) for c in (curve, upside_down))
    assert one[:, 0] == pytest.approx(other[::-1, 0], rel=1e-9)


def test_an_impossible_step_is_refused() -> None:
    curve = sphere()
    removal = -2.0 * deposit_rates(curve.points, np.ones(len(curve.points)))
    with pytest.raises(NotConverged, match="too long"):
        implicit_step(curve, 1.0, diffusing(curve), removal, 0.0 * removal)
