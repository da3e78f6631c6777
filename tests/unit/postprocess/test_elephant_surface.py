"""The elephant surface, its VTK file and the two ways to draw it."""

import subprocess
import sys

import numpy as np
import pytest
import pyvista

from tusk.postprocess import open_run, view
from tusk.postprocess.elephant import (
    CAP_POINTS,
    FLANK_POINTS,
    elephant_surface,
    grid_quads,
    write_elephant,
)
from tusk.postprocess.view import Projection, Scene, render_offscreen
from tusk.solver.errors import InputError, OutputError

SHEET = Scene(
    points=np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 1], [1, 0, 1]]),
    quads=grid_quads(2, 2),
    colours=np.tile([1.0, 0.0, 0.0], (4, 1)),
    rings=np.array([[[0.0, 0, 0.5], [1, 0, 0.5]]]),
)
FRONT = Projection.from_eye((0.0, -1.0, 0.0))
FRAME = (-0.5, 1.5, -0.5, 1.5)


def test_file_follows_the_contract(make_run):
    run = open_run(make_run(field_times=()))
    path = write_elephant(elephant_surface(run), run.path / "elephant.vtp")
    mesh = pyvista.read(path)
    times = run.timeseries["time_s"].to_numpy()
    times = times[times > 0.0]
    np.testing.assert_allclose(np.unique(mesh.points[:, 0]), np.log10(times), atol=1e-6)
    assert mesh.points[:, 1].min() == 0.0
    assert mesh.points[:, 1].max() == pytest.approx(3.29, rel=1e-3)
    assert mesh.points[:, 2].max() == pytest.approx(10.465, rel=1e-5)
    assert set(mesh.point_data) == {"current_A", "applied_voltage_V", "temperature_K"}
    at_gamma = np.isclose(mesh.points[:, 0], np.log10(1.679), atol=1e-6)
    row = run.timeseries.set_index("time_s").loc[1.679]
    for name, column in (
        ("current_A", "current_A"),
        ("applied_voltage_V", "applied_voltage_V"),
        ("temperature_K", "temperature_max_K"),
    ):
        np.testing.assert_allclose(mesh.point_data[name][at_gamma], row[column], rtol=1e-6)
    assert mesh.points[at_gamma, 2].max() == pytest.approx(1e9 * row["tip_height_m"], rel=1e-5)
    assert mesh.n_cells == (len(times) - 1) * (at_gamma.sum() - 1)
    assert (mesh.regular_faces.shape[1], mesh.is_all_triangles) == (4, False)
    assert [entry.name for entry in run.path.glob("*.vtp")] == ["elephant.vtp"]


def test_dented_tip_reaches_the_axis(make_run):
    dented = elephant_surface(open_run(make_run(field_times=(), dent=0.15)))
    assert dented.radius.shape[1] == FLANK_POINTS + CAP_POINTS
    assert dented.radius[-1, -1] == 0.0
    assert dented.height[-1, -1] == pytest.approx(10.465 - 0.15, abs=0.01)
    assert dented.height[-1].max() > 10.40


def test_two_curves_after_the_start_are_needed(make_run, no_marks):
    run = open_run(make_run(rows=2, marks=no_marks, field_times=()))
    with pytest.raises(InputError, match="two or more curves at t > 0 are wanted, got 1"):
        elephant_surface(run)


def test_unwritable_place_is_an_output_error(make_run, tmp_path):
    surface = elephant_surface(open_run(make_run(rows=5, field_times=())))
    with pytest.raises(OutputError, match=r"elephant\.vtp: cannot be written"):
        write_elephant(surface, tmp_path / "nowhere" / "elephant.vtp")


def test_projection_is_orthonormal_and_upright():
    eye = Projection.from_eye((-0.6, -1.0, 0.5))
    frame = np.stack([eye.right, eye.up, eye.towards])
    np.testing.assert_allclose(frame @ frame.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(frame) == pytest.approx(1.0)
    assert eye.page(np.array([0.0, 0.0, 1.0]))[0] == pytest.approx(0.0)
    assert eye.page(np.array([0.0, 0.0, 1.0]))[1] > 0.0


def test_off_screen_picture_lies_where_the_projection_says():
    image = render_offscreen(SHEET, FRONT, FRAME)
    if image is None:
        pytest.skip("no off-screen OpenGL here")
    rows, columns = np.nonzero(image[..., 3] > 0.5)
    height, width = image.shape[:2]
    for found, size in ((rows, height), (columns, width)):
        assert found.min() / size == pytest.approx(0.25, abs=0.01)
        assert found.max() / size == pytest.approx(0.75, abs=0.01)
    pixel = image[int(0.35 * height), width // 2]
    assert pixel[0] > 0.5
    assert pixel[1] < 0.1
    # The line across the middle is black.
    assert image[height // 2, width // 2, :3].max() < 0.2


@pytest.mark.parametrize(
    "program", ["import os; os.kill(os.getpid(), 11)", "raise SystemExit(1)", "pass"]
)
def test_crash_of_the_renderer_is_survived(monkeypatch, program):
    run = subprocess.run

    def crash(command, **options):
        return run([sys.executable, "-c", program], **options)

    monkeypatch.setattr(view.subprocess, "run", crash)
    assert render_offscreen(SHEET, FRONT, FRAME) is None


def test_matplotlib_takes_over_when_rendering_fails(monkeypatch):
    from matplotlib.figure import Figure

    monkeypatch.setattr(view, "render_offscreen", lambda *_: None)
    axes = Figure().subplots()
    assert view.draw_body(axes, SHEET, FRONT, FRAME) == "matplotlib"
    (cells,) = axes.collections
    corners = cells.get_paths()[0].vertices
    np.testing.assert_allclose(np.ptp(corners, axis=0), [1.0, 1.0])
    assert len(axes.lines) == 1
