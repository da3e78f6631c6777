import numpy as np
import pytest
from front_shapes import cap, sphere

from tusk.meshes.curve import nodal_areas
from tusk.solver.front.mechanics.curves import End
from tusk.solver.front.mechanics.surface import ContactLine, Surface, deposit_rates


def test_rates_add_up_to_what_the_elements_of_the_mesh_carry() -> None:
    points = cap(1.3, 1.0, 12).points
    velocity = np.cos(3.0 * points[:, 0])
    expected = nodal_areas(points) @ velocity
    assert deposit_rates(points, velocity).sum() == pytest.approx(expected, rel=1e-13)


def test_contact_lines_belong_to_electrodes() -> None:
    nothing = np.zeros(3)
    counter, active = ContactLine(1.0), ContactLine(2.0, 5.0)
    surface = Surface(nothing, nothing, nothing, counter, active)
    lines = [surface.line(end) for end in (End.AXIS, End.COUNTER, End.ACTIVE)]
    assert lines == [None, counter, active]


def test_nodal_values_are_carried_and_lines_kept() -> None:
    surface = Surface.diffusing(len(sphere().points), 3.0, 1.0)
    carried = surface.carried(lambda values: values[:5])
    assert [len(v) for v in (carried.mobility, carried.velocity, carried.damping)] == [5, 5, 5]
    assert carried.mobility[0] == 3.0
    assert carried.counter.angle == 1.0
