"""All figures at once, the film, and the lightness of the import."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from tusk.postprocess import figures, make_figures, make_movie, movie
from tusk.solver.cli import main
from tusk.solver.errors import InputError, OutputError

NAMES = [
    "current_voltage",
    "regime_shares",
    "evolution",
    "filament_outlines",
    "temperature_maps",
    "elephant",
]


def test_figures_go_where_they_are_wanted(make_run, tmp_path, no_vtk, capsys):
    folder, out = make_run(rows=60, field_times=()), tmp_path / "elsewhere"
    assert main(["plot", str(folder), "--out", str(out), "--interactive"]) == 0
    assert {"current_voltage.png", "elephant.vtp", "elephant.html"} <= {
        p.name for p in out.iterdir()
    }
    assert not (folder / "figures").exists()
    assert not (folder / "elephant.vtp").exists()
    assert f"{out / 'current_voltage.png'}: written" in capsys.readouterr().out


def test_every_figure_is_made_and_named(make_run, capsys):
    folder = make_run()
    written = make_figures(folder)
    expected = [folder / "figures" / f"{name}.png" for name in NAMES] + [folder / "elephant.vtp"]
    assert written == expected
    for path in written[:-1]:
        picture = np.asarray(Image.open(path).convert("L"))
        assert picture.std() > 10.0, f"{path.name} is blank"
    assert capsys.readouterr().out.splitlines() == [
        f"{path.relative_to(folder)}: written" for path in written
    ]


def test_figures_without_data_are_left_out_with_a_reason(make_run, no_marks, no_vtk, capsys):
    folder = make_run(rows=3, marks=no_marks, field_times=(), status="failed")
    names = [path.stem for path in make_figures(folder)]
    assert names == ["current_voltage", "evolution", "filament_outlines", "elephant", "elephant"]
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "left out" in line] == [
        f"figures/regime_shares.png: left out, {folder}: a rise of the current is wanted, got none",
        "figures/temperature_maps.png: left out, "
        f"{folder}/fields.pvd: at least one field file is wanted, got none",
    ]


def test_quiet_prints_nothing_and_an_empty_run_gives_nothing(make_run, no_marks, capsys):
    folder = make_run(rows=0, marks=no_marks, field_times=())
    assert make_figures(folder, quiet=True) == []
    assert capsys.readouterr().out == ""
    assert not (folder / "figures").exists()


def test_a_fault_in_one_figure_does_not_cost_the_others(make_run, monkeypatch, capsys):
    def fault(run):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(figures, "FIGURES", {"bad": fault, "evolution": figures.evolution})
    written = make_figures(make_run(rows=8, field_times=()))
    assert [path.name for path in written] == ["evolution.png", "elephant.vtp"]
    out = capsys.readouterr().out
    assert "figures/bad.png: could not be drawn (ZeroDivisionError: oops)" in out
    assert "Traceback" not in out


def test_a_place_that_cannot_be_written_is_an_output_error(make_run):
    folder = make_run(rows=8, field_times=())
    (folder / "figures").write_text("in the way")
    with pytest.raises(OutputError, match=r"figures/current_voltage\.png: cannot be written"):
        make_figures(folder, quiet=True)


def test_not_a_run_directory(tmp_path):
    for make in (make_figures, make_movie):
        with pytest.raises(InputError, match=r"run\.json"):
            make(tmp_path)


def test_film_grows_the_filament(make_run, monkeypatch):
    monkeypatch.setattr(movie, "FRAMES", 7)
    monkeypatch.setattr(movie, "RESOLUTION", 60)
    folder = make_run(field_times=())
    path = make_movie(folder)
    assert path == folder / "figures" / "filament.gif"
    with Image.open(path) as film:
        assert 6 <= film.n_frames <= 8
        assert film.info["duration"] == pytest.approx(1000 / 12, abs=10)
    assert [entry.name for entry in path.parent.iterdir()] == ["filament.gif"]


def test_film_frame_shows_curve_recess_and_numbers(make_run):
    from tusk.postprocess import open_run

    run = open_run(make_run(field_times=()))
    film = movie.Film(run)
    index = int(np.flatnonzero(run.filament.times == 1.679)[0])
    film.show(index)
    assert film.body.get_xy()[:, 1].max() == pytest.approx(10.15)
    assert np.sort(film.electrode.get_xy()[:, 1])[0] == 10.0
    assert " ".join(film.title.get_text().split()) == "t = 1.679 s V = 1.679 V I = 2.51 µA"
    assert film.trace.get_xdata()[-1] == film.dot.get_xdata()[0] == 1.679
    assert film.dot.get_ydata()[0] == pytest.approx(10**-5.6, rel=1e-6)
    film.show(0)
    assert film.title.get_text().rstrip().endswith("|I| < 100 fA")


def test_import_is_light_and_reading_needs_neither_vtk_nor_dolfinx(make_run):
    folder = make_run(rows=3, field_times=())
    program = f"""
import sys
import tusk.postprocess
heavy = {{"pandas", "matplotlib", "pyvista", "vtkmodules", "scipy", "dolfinx", "pint"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
tusk.postprocess.open_run({str(folder)!r})
heavy = {{"matplotlib", "pyvista", "vtkmodules", "scipy", "dolfinx", "gmsh", "meshio"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
import tusk.postprocess.figures
heavy = {{"pyvista", "vtkmodules", "dolfinx", "gmsh", "matplotlib.pyplot"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_unknown_name_is_an_attribute_error():
    import tusk.postprocess

    with pytest.raises(AttributeError, match="draw_all"):
        _ = tusk.postprocess.draw_all
