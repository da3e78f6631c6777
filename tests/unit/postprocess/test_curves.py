"""Geometry of outlines: mirroring, resampling, choice, recess of the active electrode."""

import numpy as np
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.curves import (
    FilamentCurves,
    mirrored,
    resample,
    shrinking,
    telling_indices,
)
from tusk.postprocess.recess import electrode_surface

HALF_CIRCLE = np.column_stack(
    [np.cos(np.linspace(0, np.pi / 2, 400)), np.sin(np.linspace(0, np.pi / 2, 400))]
)
HALF_CIRCLE[-1, 0] = 0.0


def test_mirrored_curve_is_symmetric_and_meets_the_axis_once():
    both = mirrored(HALF_CIRCLE)
    assert len(both) == 2 * len(HALF_CIRCLE) - 1
    np.testing.assert_array_equal(both[:, 0], -both[::-1, 0])
    assert (both[:, 0] == 0.0).sum() == 1
    assert (np.diff(both[:, 0]) > 0.0).all()


def test_resampling_keeps_a_sphere():
    fractions = np.linspace(0.0, 1.0, 21)
    profile = resample(HALF_CIRCLE, fractions, np.empty(0))
    np.testing.assert_allclose(profile[:, 1], fractions, atol=1e-12)
    np.testing.assert_allclose(profile[:, 0], np.sqrt(1.0 - fractions**2), atol=1e-3)


def test_resampling_takes_the_outer_side_of_an_overhang():
    mushroom = np.array([[1.0, 0.0], [1.0, 4.0], [3.0, 4.5], [2.0, 6.0], [0.0, 6.0]])
    profile = resample(mushroom, np.array([0.0, 0.5, 0.75, 1.0]), np.empty(0))
    np.testing.assert_allclose(profile[:, 0], [1.0, 1.0, 3.0, 2.0])
    np.testing.assert_allclose(profile[:, 1], [0.0, 3.0, 4.5, 6.0])


def test_resampling_follows_a_dent_to_the_axis():
    dented = np.array([[2.0, 0.0], [2.0, 8.0], [1.0, 10.0], [0.0, 9.0]])
    profile = resample(dented, np.array([0.0, 1.0]), np.array([0.5, 0.0]))
    np.testing.assert_allclose(profile, [[2.0, 0.0], [1.0, 10.0], [0.5, 9.5], [0.0, 9.0]])


def test_choice_of_curves_follows_shape_not_time():
    heights = np.concatenate([np.full(50, 1.0), np.linspace(1.0, 10.0, 11), np.full(50, 10.0)])
    curves = FilamentCurves(
        times=np.arange(111.0),
        points=tuple(np.array([[1.0, 0.0], [0.0, h]]) for h in heights),
    )
    chosen = telling_indices(curves, 4)
    np.testing.assert_allclose(heights[chosen], [1.0, 4.0, 7.0, 10.0], atol=0.91)
    # Of equal shapes the first.
    assert chosen[0] == 0
    assert chosen[-1] == 60


def test_recess_mirrors_the_filament(make_run):
    run = open_run(make_run(field_times=()))
    surface = electrode_surface(run, len(run.filament) - 1, reach=25.0)
    height = 10.465
    assert surface[:, 1].max() == pytest.approx(10.0 + 0.05 * height)
    assert (surface[[0, -1]] == [[-25.0, 10.0], [25.0, 10.0]]).all()
    beside = np.abs(surface[:, 0]) > 3.3
    assert (surface[beside, 1] == 10.0).all()


def test_recess_cap_memory_and_absence(make_run):
    run = open_run(make_run(field_times=()))
    void = run.config["void"]
    void["max_depth"] = "0.2 nm"
    assert electrode_surface(run, len(run.filament) - 1, 25.0)[:, 1].max() == pytest.approx(10.2)
    shrunk = run.filament.points[-1] * 0.5
    run.__dict__["filament"] = FilamentCurves(
        np.array([0.0, 1.0]), (run.filament.points[-1], shrunk)
    )
    void["max_depth"] = None
    assert electrode_surface(run, 1, 25.0)[:, 1].max() == pytest.approx(10.0 + 0.025 * 10.465)
    void["healing"] = "keep"
    assert electrode_surface(run, 1, 25.0)[:, 1].max() == pytest.approx(10.0 + 0.05 * 10.465)
    del run.config["void"]
    assert (electrode_surface(run, 1, 25.0)[:, 1] == 10.0).all()


def test_dissolution_is_told_from_growth():
    heights = [1.0, 5.0, 10.0, 9.9, 6.0, 10.0]
    curves = FilamentCurves(
        times=np.arange(6.0),
        points=tuple(np.array([[1.0, 0.0], [0.0, height]]) for height in heights),
    )
    assert shrinking(curves).tolist() == [False, False, False, False, True, False]
