"""Wanted mesh sizes follow gap, curvature and width."""

import numpy as np
import pytest

from tusk.meshes.cell import ElectrodeSurface, column_gap
from tusk.meshes.curve import curvature, resample, segment_lengths
from tusk.meshes.generate import column_count, layer_count
from tusk.meshes.sizes import FINEST_BEND, PRESETS

FOLLOW = ElectrodeSurface(0.05)


def test_presets_refine():
    draft, reference, fine = (PRESETS[name] for name in ("draft", "reference", "fine"))
    for name in ("turn", "gap_ratio", "finest", "flank_ratio", "far"):
        values = [getattr(sizes, name) for sizes in (draft, reference, fine)]
        assert values[0] > values[1] > values[2] > 0, name
    assert reference.elements_across_gap >= 4
    assert fine.elements_across_gap >= reference.elements_across_gap


@pytest.mark.parametrize("preset", PRESETS)
def test_wanted_size_has_bounds(toolbox, preset):
    sizes = PRESETS[preset]
    for make in toolbox.shapes.values():
        curve = make()
        wanted = sizes.on_filament(curve, toolbox.stack, FOLLOW)
        assert wanted.shape == (len(curve),)
        assert (wanted > 0).all()
        assert (wanted <= sizes.flank_ratio * curve[:, 0].max() * (1 + 1e-12)).all()
        least = min(FINEST_BEND * sizes.finest, sizes.flank_ratio * curve[:, 0].max())
        assert (wanted >= least * (1 - 1e-12)).all()


def test_wanted_size_follows_the_gap(toolbox):
    sizes = PRESETS["reference"]
    curve = toolbox.filament(9.7, 8.0, 6.0)
    gap = column_gap(curve, toolbox.stack, FOLLOW)
    wanted = sizes.on_filament(curve, toolbox.stack, FOLLOW)
    assert wanted[0] == pytest.approx(max(sizes.gap_ratio * gap[0], sizes.finest), rel=1e-12)


@pytest.mark.parametrize("preset", PRESETS)
def test_segments_turn_little(toolbox, preset):
    cell = toolbox.named("blunt", 0.05, preset)
    turned = curvature(cell.curve)[1:-1] * segment_lengths(cell.curve)[1:]
    assert turned.max() < 1.5 * cell.sizes.turn


def test_scaled(toolbox):
    sizes = PRESETS["reference"]
    half = sizes.scaled(0.5)
    assert half.elements_across_gap == 2 * sizes.elements_across_gap
    for name in ("turn", "gap_ratio", "finest", "flank_ratio", "far"):
        assert getattr(half, name) == pytest.approx(getattr(sizes, name) / 2)
    assert half.column_gap_limit == sizes.column_gap_limit
    assert half.growth < sizes.growth
    assert sizes.scaled(100.0).elements_across_gap == 1
    assert sizes.scaled(2.0).growth <= 0.3
    curve = toolbox.filament(9.7, 3.0, 2.0)
    counts = [
        len(resample(curve, s.on_filament(curve, toolbox.stack, FOLLOW))) for s in (sizes, half)
    ]
    assert counts[1] == pytest.approx(2 * counts[0], rel=0.15)


# --- gap columns --------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_layers_never_fall_below_the_guarantee(preset):
    sizes = PRESETS[preset]
    gaps = np.geomspace(0.02, 3.0, 30)
    layers = [layer_count(gap, sizes) for gap in gaps]
    assert min(layers) == layers[0] == sizes.elements_across_gap
    assert max(layers) <= 4 * sizes.elements_across_gap
    assert (np.diff(layers) >= 0).all()


def test_columns_need_a_narrow_gap(toolbox):
    sizes = PRESETS["reference"]
    curve = toolbox.named("blunt", 0.05, "reference").curve
    gap = column_gap(curve, toolbox.stack, FOLLOW)
    assert column_count(curve, gap, sizes) > 2
    assert column_count(curve, gap + sizes.column_gap_limit, sizes) == 0


def test_columns_end_before_an_overhang(toolbox):
    cell = toolbox.named("overhang")
    count = len(cell.mesh.columns)
    radius = cell.curve[:count, 0]
    assert (np.diff(radius) > 0).all()
    assert radius[-1] < cell.curve[:, 0].max()


def test_a_needle_carries_no_columns(toolbox):
    needle = np.array([(0.0, 9.9), (0.01, 9.0), (0.5, 0.0)])
    gap = column_gap(needle, toolbox.stack, FOLLOW)
    assert column_count(needle, gap, PRESETS["reference"]) == 0
