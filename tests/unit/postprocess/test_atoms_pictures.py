"""Pictures of atoms: what they show, on a run of two atoms that never was."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess.atoms_figures import atoms_snapshots
from tusk.postprocess.atoms_film import AtomsFilm
from tusk.postprocess.atoms_scene import (
    RADIUS,
    atoms_points,
    balls,
    limits,
    properties,
    write_points,
)
from tusk.postprocess.atoms_trajectory import snapshots
from tusk.postprocess.run import Run, open_run
from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.files import xyz_frame

PLACES = np.array([[0.0, 0.0, -2.0], [0.0, 0.0, 2.0]])
FORCES = np.array([[0.0, 0.3, 0.4], [0.0, 0.0, -0.1]])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    columns = ("x_A", "y_A", "z_A", "force_x_eV_per_A", "force_y_eV_per_A", "force_z_eV_per_A")
    table = pd.DataFrame(np.hstack([PLACES, FORCES]), columns=columns)
    table["charge_e"], table["layer"] = [0.5, -0.2], [-1, 1]
    table.to_csv(tmp_path / "atoms.csv", index=False)
    series = {"time_s": [0.0, 1e-12, 2e-12], "conductance_G0": [0.0, 0.5, 1.0]}
    pd.DataFrame(series).to_csv(tmp_path / "timeseries.csv", index=False)
    text = ""
    for number in range(3):
        comment = {"time_ps": number, "conductance": 0.5 * number}
        columns = {"forces": FORCES, "charge": np.array([0.5, -0.2]), "layer": np.array([-1.0, 1])}
        text += xyz_frame("Ag", PLACES + 0.1 * number, comment, columns)
    (tmp_path / "trajectory.xyz").write_text(text)
    (tmp_path / "config.resolved.yaml").write_text("model: atomistic\n")
    (tmp_path / "run.json").write_text(json.dumps({"model": "atomistic", "status": "finished"}))
    return open_run(tmp_path)


def test_what_is_written_is_read(run: Run) -> None:
    found = snapshots(run)
    assert [(each.time, each.conductance) for each in found] == [(0.0, 0.0), (1.0, 0.5), (2.0, 1.0)]
    assert np.allclose(found[2].positions, PLACES + 0.2)
    assert np.allclose(found[0].forces, FORCES)
    assert (list(found[1].charges), list(found[1].layers)) == ([0.5, -0.2], [-1.0, 1.0])


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda text: text.replace("time_ps=1 ", ""), 5),
        (lambda text: text[: text.rindex("Ag")], 9),
        (lambda text: text.replace("2\n", "x\n", 1), 1),
        (lambda _: "", 1),
    ],
)
def test_damage_is_told(run: Run, change, line: int) -> None:
    path = run.path / "trajectory.xyz"
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=rf"trajectory\.xyz: damaged at line {line}$"):
        snapshots(run)
    path.unlink()
    with pytest.raises(InputError, match=r"atoms at rest have none$"):
        snapshots(run)


def test_balls_stand_where_the_atoms_are() -> None:
    colours = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    scene = balls(PLACES, colours)
    half = len(scene.points) // 2
    for number, place in enumerate(PLACES):
        part = slice(number * half, (number + 1) * half)
        assert np.linalg.norm(scene.points[part] - place, axis=1) == pytest.approx(RADIUS)
        assert (scene.colours[part] == colours[number]).all()
    assert scene.quads.min() == 0
    assert scene.quads.max() == len(scene.points) - 1
    assert (scene.quads < half).all(axis=1).sum() == len(scene.quads) // 2


def test_colours_tell_force_charge_and_layer(run: Run) -> None:
    found = properties(pd.read_csv(run.path / "atoms.csv"))
    assert found["force"][1] == pytest.approx([0.5, 0.1])
    norm = limits(found["charge"][1], found["charge"][2])
    assert (norm.vmin, norm.vmax) == (-0.5, 0.5)
    assert limits(np.zeros(2), found["force"][2]).vmax > 0.0


def test_points_for_paraview(run: Run) -> None:
    import pyvista

    points = atoms_points(run)
    assert np.allclose(points.points, PLACES)
    assert np.allclose(pyvista.read(write_points(run, run.path / "a.vtp"))["force"], FORCES)


def test_course_and_snapshots_and_film(run: Run) -> None:
    course, *sides = atoms_snapshots(run).axes
    assert list(course.lines[0].get_ydata()) == [0.0, 0.5, 1.0]
    assert [axes.get_title() for axes in sides][-1] == "2 ps\n1.00 G$_0$"
    film = AtomsFilm(run)
    assert list(film.frames) == [0, 1, 2]
    atoms, dot, title = film.show(1)
    assert np.allclose(atoms.get_offsets(), PLACES[:, [0, 2]] + 0.1)
    assert dot.get_xydata().tolist() == [[1.0, 0.5]]
    assert "0.50 G0   2 atoms" in title.get_text()
