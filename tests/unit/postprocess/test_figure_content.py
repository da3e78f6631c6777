"""What the figures show: labels, units, numbers of curves, values."""

import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, TriMesh
from matplotlib.figure import Figure

from tusk.postprocess import open_run
from tusk.postprocess.contact_figures import contact_heat, contact_memory
from tusk.postprocess.current_voltage import current_voltage
from tusk.postprocess.elephant_figure import elephant
from tusk.postprocess.evolution import evolution
from tusk.postprocess.movie import Film
from tusk.postprocess.outlines import filament_outlines
from tusk.postprocess.regimes import regime_stretches, rising_rows, set_window
from tusk.postprocess.resolved import resolved_curve
from tusk.postprocess.run import Run
from tusk.postprocess.style import (
    COLUMN_WIDTH,
    MILLIMETRE,
    RESOLUTION,
    RESOLVED_CURRENT,
    current_norm,
    largest_prefix,
    save_figure,
)
from tusk.postprocess.temperature_maps import choose_snapshots, temperature_maps
from tusk.solver.errors import InputError

ALL = (current_voltage, evolution, filament_outlines, temperature_maps, elephant)


def texts(figure: Figure) -> list[str]:
    """All annotation and title texts of a figure."""
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def line(axes, label):
    """The line of a label."""
    return next(line for line in axes.lines if line.get_label() == label)


def test_current_voltage_shows_both_scales_regimes_and_marks(make_run):
    run = open_run(make_run(field_times=()))
    log, linear, time = current_voltage(run).axes
    assert (log.get_yscale(), linear.get_yscale(), time.get_yscale()) == ("log",) + ("linear",) * 2
    assert (log.get_xlabel(), log.get_ylabel()) == ("voltage (V)", "|current| (A)")
    assert (linear.get_xlabel(), linear.get_ylabel()) == ("applied voltage (V)", "current (mA)")
    assert (time.get_xlabel(), time.get_ylabel()) == ("time (s)", "current (mA)")
    curve = line(log, "applied voltage").get_xydata()
    shown = run.timeseries[run.timeseries["current_A"] >= RESOLVED_CURRENT]
    for point in shown[["applied_voltage_V", "current_A"]].to_numpy():
        assert np.isclose(curve, point, rtol=1e-12).all(axis=1).any()
    assert np.nanmin(curve[:, 1]) >= RESOLVED_CURRENT
    np.testing.assert_allclose(linear.lines[0].get_ydata(), 1e3 * run.timeseries["current_A"])
    for axes, letters in ((log, "ABCΓYΛ"), (linear, "ΓYΛ"), (time, "ABCΓY")):
        assert {text.get_text() for text in axes.texts if len(text.get_text()) == 1} == set(letters)
        assert len(axes.patches) == 3
    # Regime B of the linear panel spans the voltages at which it reigns.
    span = linear.patches[1].get_extents().transformed(linear.transData.inverted())
    assert (span.x0, span.x1) == pytest.approx((1.679, 1.7657), abs=4e-3)


def test_the_way_to_zero_volt_is_that_of_a_resistance():
    """58 uA at 50 mV and nothing at 0 V: 5.8 uA at 5 mV, where a straight log line has 3e-15 A."""
    voltage, current = resolved_curve(np.array([0.1, 0.05, 0.0]), np.array([116e-6, 58e-6, 1e-17]))
    drawn = np.isfinite(current)
    np.testing.assert_allclose(current[drawn] / voltage[drawn], 1.16e-3)
    assert 1e-13 <= current[drawn].min() < 1.01e-13
    assert np.diff(np.log10(current[drawn])).min() > -0.31
    assert (np.diff(voltage[drawn]) < 0.0).all()
    # and on through 0 V, without a row there
    voltage, current = resolved_curve(np.array([0.05, -0.05]), np.array([58e-6, -58e-6]))
    drawn = np.isfinite(current)
    np.testing.assert_allclose(current[drawn] / voltage[drawn], 1.16e-3)
    assert (np.diff(voltage[drawn]) < 0.0).all()
    # unresolved currents are not drawn, and nothing is made of them
    voltage, current = resolved_curve(np.array([0.0, 1e-3, 1.0]), np.array([0.0, 1e-22, 1e-14]))
    assert len(voltage) == 3
    assert np.isnan(current).all()


def test_the_film_draws_no_line_below_the_resolution(make_run):
    run = open_run(make_run(field_times=()))
    film = Film(run)
    film.show(len(run.filament) - 1)
    shown = film.trace.get_ydata()
    assert np.nanmin(shown) >= RESOLVED_CURRENT
    assert np.isnan(shown).any()


def test_pulses_are_drawn_against_time_and_sweeps_against_voltage(tmp_path):
    for name, voltages, label in (
        ("pulse", np.repeat([0.0, 0.5, -0.5, 0.0], 30), "time (s)"),
        ("sweep", np.linspace(-1.0, 1.0, 120), "cell voltage (V)"),
    ):
        columns = ("current_A", "power_left_W", "power_right_W", "temperature_K", "transparency")
        volts = dict.fromkeys(("applied_voltage_V", "cell_voltage_V"), voltages)
        others = dict.fromkeys(columns, 1.0)
        table = pd.DataFrame({"time_s": np.arange(120.0), **volts, **others})
        run = Run(tmp_path / name, {}, {"model": "mesoscopic"}, table)
        assert [axes.get_xlabel() for axes in contact_heat(run).axes] == [label, label]
        assert contact_memory(run).axes[1].get_xlabel() == label


def test_negative_currents_are_dashed_on_the_log_axis(make_run):
    run = open_run(make_run(field_times=(), current_scale=-1.0))
    log, linear, _ = current_voltage(run).axes
    labels = {entry.get_label() for entry in log.lines}
    assert {"applied voltage, I < 0", "cell voltage, I < 0"} <= labels
    assert "applied voltage" not in labels
    dashed = line(log, "applied voltage, I < 0")
    assert dashed.get_linestyle() == "--"
    assert np.nanmax(dashed.get_ydata()) == pytest.approx(1e-3, rel=0.01)
    assert linear.lines[0].get_ydata().min() == pytest.approx(-1.0, rel=0.01)


def test_small_currents_get_their_prefix(make_run, no_marks):
    run = open_run(make_run(field_times=(), current_scale=1e-6, marks=no_marks))
    figure = current_voltage(run)
    assert figure.axes[1].get_ylabel() == "current (nA)"
    assert not {"Γ", "Y", "Λ"} & set(texts(figure))


def test_evolution_shows_whole_run_and_set(make_run):
    run = open_run(make_run(field_times=()))
    figure = evolution(run)
    left, right = figure.axes[0::2], figure.axes[1::2]
    assert [axes.get_ylabel() for axes in left] == [
        "gap (nm)",
        "filament size (nm)",
        "max. temperature (K)",
    ]
    assert left[2].get_xlabel() == right[2].get_xlabel() == "time (s)"
    assert left[0].get_yscale() == "log"
    assert left[2].get_xlim() == (0.0, 4.0)
    assert right[2].get_xlim() == pytest.approx((1.679 - 0.0404, 1.78 + 0.0404))
    np.testing.assert_allclose(
        line(left[0], "smallest").get_ydata(), 1e9 * run.timeseries["gap_min_m"]
    )
    assert max(line(left[1], "height").get_ydata()) == pytest.approx(10.465)
    assert max(line(left[1], "radius").get_ydata()) == pytest.approx(3.29)
    assert max(left[2].lines[0].get_ydata()) == pytest.approx(880.0)
    assert [text.get_text() for text in right[0].texts] == ["Γ", "Y"]
    assert [text.get_text() for text in left[0].texts] == ["Λ"]


def test_times_of_pulses_are_in_their_own_unit(make_run, no_marks):
    run = open_run(make_run(rows=3, field_times=(), marks=no_marks))
    run.timeseries["time_s"] *= 1e-6
    assert evolution(run).axes[4].get_xlabel() == "time (ns)"
    assert current_voltage(run).axes[2].get_xlabel() == "time (ns)"


def test_outlines_are_mirrored_coloured_and_to_scale(make_run):
    run = open_run(make_run(field_times=()))
    figure = filament_outlines(run)
    cell, tip, bar = figure.axes
    outlines = next(c for c in cell.collections if isinstance(c, LineCollection))
    segments = outlines.get_segments()
    assert 10 <= len(segments) <= 14
    for segment in segments:
        np.testing.assert_allclose(segment[:, 0], -segment[::-1, 0])
    assert segments[-1][:, 0].max() == pytest.approx(3.29, rel=0.01)
    assert segments[-1][:, 1].max() == pytest.approx(10.465, rel=0.01)
    colours = outlines.get_array()
    assert (np.diff(colours) >= 0.0).all()
    assert colours[-1] == pytest.approx(1e-3, rel=0.03)
    assert cell.get_aspect() == tip.get_aspect() == 1.0
    assert (cell.get_xlabel(), cell.get_ylabel()) == ("r (nm)", "z (nm)")
    assert bar.get_xlabel() == "|current| (A)"
    assert texts(figure)[:2] == ["Pt", "Cu"]
    # The tip and the electrode above it are inside the enlargement.
    low, high = tip.get_ylim()
    assert low < 10.0 < 10.99 < high
    recess = max(max(entry.get_ydata()) for entry in tip.lines)
    assert recess == pytest.approx(10.0 + 0.05 * 10.465)


def test_temperature_maps_stand_at_the_wanted_currents(make_run):
    run = open_run(make_run())
    assert [snapshot.time for snapshot in choose_snapshots(run)] == [1.7657, 1.7768, 1.782]
    figure = temperature_maps(run)
    maps = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title().split("\n")[0] for axes in maps] == ["93.9 µA", "584 µA", "979 µA"]
    assert maps[2].get_title().endswith("max. 880 K")
    assert figure.axes[-1].get_xlabel() == "temperature (K)"
    images = [c for axes in maps for c in axes.collections if isinstance(c, TriMesh)]
    limits = {image.get_clim() for image in images}
    assert len(images) == 3
    assert len(limits) == 1
    assert limits.pop() == pytest.approx((300.0, 880.0), abs=1.0)
    interfaces = [c for c in maps[2].collections if isinstance(c, LineCollection)]
    filament, electrodes = (np.concatenate(c.get_segments()) for c in interfaces)
    assert np.abs(filament[:, 0]).max() == pytest.approx(3.2, abs=0.05)
    assert filament[:, 1].max() == pytest.approx(10.45, abs=0.02)
    assert electrodes[:, 1].max() == pytest.approx(10.0 + 0.05 * 10.45, abs=0.01)
    assert electrodes[:, 1].min() == 0.0


def test_temperature_map_without_wanted_currents_shows_the_hottest(make_run, no_marks):
    run = open_run(make_run(marks=no_marks, field_times=(1.0, 1.79, 4.0), current_scale=1e-3))
    assert [snapshot.time for snapshot in choose_snapshots(run)] == [1.79]
    run.config["output"]["fields_at_currents"] = ["3 V"]
    with pytest.raises(InputError, match=r"output\.fields_at_currents: currents are wanted"):
        choose_snapshots(run)


def test_oxide_in_parts_counts_as_oxide(make_run):
    import pyvista

    folder = make_run(field_times=(1.78,))
    path = folder / "fields" / "fields_000000.vtu"
    mesh = pyvista.read(path)
    above = (mesh.cell_centers().points[:, 1] > 10.0) & (mesh.cell_data["material"] == 3)
    mesh.cell_data["material"][above] = 5
    mesh.save(path)
    figure = temperature_maps(open_run(folder))
    filament = next(c for c in figure.axes[0].collections if isinstance(c, LineCollection))
    assert np.concatenate(filament.get_segments())[:, 1].max() == pytest.approx(10.45, abs=0.02)


def test_elephant_names_axes_and_marks(make_run, no_vtk):
    figure = elephant(open_run(make_run(field_times=())))
    words = texts(figure)
    assert {"log₁₀(t/s)", "r (nm)", "z (nm)", "Γ", "Y", "Λ"} <= set(words)
    assert {"0.1", "0.6", "10"} <= set(words)
    assert figure.axes[1].get_xlabel() == "|current| (A)"
    assert len(figure.axes[0].collections) == 1


@pytest.mark.parametrize("rows", [1, 2, 3])
@pytest.mark.parametrize("figure_of", ALL)
def test_short_runs_give_a_figure_or_a_reason(make_run, no_marks, no_vtk, figure_of, rows):
    run = open_run(make_run(rows=rows, marks=no_marks, field_times=(), status="running"))
    enough = {temperature_maps: 99, elephant: 3}
    if rows < enough.get(figure_of, 1):
        with pytest.raises(InputError, match="wanted, got"):
            figure_of(run)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = figure_of(run)
        figure.draw_without_rendering()
    assert figure.axes


def test_saved_figure_fits_one_column(make_run, tmp_path):
    from matplotlib.image import imread

    figure = current_voltage(open_run(make_run(field_times=())))
    path = save_figure(figure, tmp_path / "a" / "b.png")
    width = imread(path).shape[1]
    assert width == pytest.approx(COLUMN_WIDTH * MILLIMETRE * RESOLUTION, abs=1)
    assert [entry.name for entry in path.parent.iterdir()] == ["b.png"]


def test_no_text_leaves_its_figure_or_covers_another(make_run, no_vtk):
    run = open_run(make_run())
    for figure_of in (current_voltage, evolution, filament_outlines, temperature_maps):
        figure = figure_of(run)
        figure.draw_without_rendering()
        page = figure.bbox
        for axes in figure.axes:
            boxes = [
                text.get_window_extent()
                for text in [*axes.texts, axes.title, axes.xaxis.label, axes.yaxis.label]
                if text.get_text() and text.get_visible()
            ]
            for number, box in enumerate(boxes):
                assert page.x0 <= box.x0
                assert box.x1 <= page.x1
                assert page.y0 <= box.y0
                assert box.y1 <= page.y1
                assert not any(box.overlaps(other) for other in boxes[number + 1 :])


def test_regimes_and_windows(make_run):
    run = open_run(make_run(field_times=()))
    rows = rising_rows(run.column("current_A"))
    time = run.column("time_s")
    assert time[rows.stop - 1] == pytest.approx(1.78, abs=1e-3)
    stretches = regime_stretches(run, slice(None))
    assert [stretch.regime for stretch in stretches] == ["A", "B", "C"]
    assert time[stretches[0].last] == time[stretches[1].first] == 1.679
    run.timeseries["regime"] = ""
    assert regime_stretches(run, slice(None)) == []
    start, stop = set_window(run)
    assert start < 1.679 < 1.78 < stop


def test_scales_of_zero_and_tiny_currents():
    norm = current_norm(np.zeros(3))
    assert norm.vmin < norm.vmax
    norm = current_norm(np.array([1e-20, 2e-13, -1e-3]))
    assert (norm.vmin, norm.vmax) == pytest.approx((1e-12, 1e-3))
    assert largest_prefix(np.array([9.997e-4]), "A") == (1e3, "mA")
    assert largest_prefix(np.array([-2e-9, 0.0]), "A")[1] == "nA"
    assert largest_prefix(np.zeros(2), "A") == (1.0, "A")
    assert largest_prefix(np.array([1e-14]), "s")[1] == "fs"


def test_outlines_of_a_dissolving_filament_are_dashed(make_run):
    run = open_run(make_run(field_times=()))
    grown = run.filament
    back = tuple(curve * np.array([1.0, 0.5]) for curve in grown.points[-3:])
    times = np.concatenate([grown.times, [5.0, 6.0, 7.0]])
    run.__dict__["filament"] = type(grown)(times, grown.points + back)
    axes = filament_outlines(run).axes[0]
    styles = next(c for c in axes.collections if isinstance(c, LineCollection)).get_linestyles()
    dashed = [dashes is not None for _, dashes in styles]
    assert dashed[-1]
    assert sum(dashed) == 1
