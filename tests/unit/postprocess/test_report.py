"""The report, the page that turns, and revolved results."""

import json
import re

import numpy as np
import pytest

from tusk.postprocess import make_elephant_page, open_run
from tusk.postprocess.citations import bibtex, library, used_keys
from tusk.postprocess.report import write_report
from tusk.postprocess.revolve import revolved_fields, revolved_filament
from tusk.solver.cli import main
from tusk.solver.errors import InputError, OutputError

# Whatever would make a browser ask another file or server.
OUTSIDE = re.compile(
    r"""<(?:link|script|img|iframe|object|embed|source)\b[^>]*\b(?:src|href)\s*=\s*(?!["']?data:)"""
    r"""|@import|url\((?!data:)|\bfetch\(|XMLHttpRequest|import\s*\(|WebSocket|https?://""",
    re.IGNORECASE,
)


def test_the_pattern_sees_references():
    for text in (
        '<img src="a.png">',
        "<script src=x.js>",
        "<link rel=stylesheet href='a.css'>",
        "background: url(a.png)",
        "fetch('x')",
        '<a href="https://example.org">',
    ):
        assert OUTSIDE.search(text), text
    assert not OUTSIDE.search('<img alt="" src="data:image/png;base64,aaaa">')


def test_one_file_about_many_runs(make_run, tmp_path, no_vtk):
    folders = [make_run(name="one"), make_run(name="two", current_scale=0.5)]
    text = (folders[1] / "config.resolved.yaml").read_text()
    (folders[1] / "config.resolved.yaml").write_text(text.replace("1 mA", "<3 mA>"))
    page = write_report(folders, tmp_path / "new" / "report.html").read_text()
    assert not OUTSIDE.search(page)
    for wanted in ("Config differences", "&lt;3 mA&gt;", "R_LRS", "1.679", "Citations"):
        assert wanted in page, wanted
    assert page.count("<figure>") == 12
    assert page.count("data:image/png;base64,") == 12


def of_two(make_run, tmp_path, **changes):
    """The page about two runs, the summaries of which are changed: lists of two each."""
    folders = [make_run(name=name, rows=20, field_times=()) for name in ("one", "two")]
    for k, folder in enumerate(folders):
        record = json.loads((folder / "run.json").read_text())
        record |= {key: values[k] for key, values in changes.items()}
        (folder / "run.json").write_text(json.dumps(record))
    return write_report(folders, tmp_path / "report.html").read_text()


def test_equations_and_parameters_of_every_run_are_there(make_run, tmp_path, no_vtk):
    rows = [{"key": "tunnel.prefactor", "value": value, "source": "eq. 5 <b>", "tag": "P"}
            for value in ("0.5", "0.75")]  # fmt: skip
    page = of_two(
        make_run,
        tmp_path,
        equations=[{"tunnelling": "J = first"}, {"tunnelling": "J = second"}],
        parameters=[rows[:1], rows[1:]],
        tags=[{"P": "printed in the paper"}] * 2,
    )
    for wanted in (
        "Equations of one",
        "J = first",
        "Equations of two",
        "J = second",
        "Parameters of two",
        "0.75",
        "eq. 5 &lt;b&gt;",
        "P printed in the paper",
    ):
        assert wanted in page, wanted


def test_what_runs_share_is_told_once(make_run, tmp_path, no_vtk):
    law = {"tunnelling": "J = both"}
    page = of_two(make_run, tmp_path, equations=[law, law])
    assert page.count("J = both") == 1
    assert "<h2>Equations</h2>" in page


def test_phases_and_rest_make_up_the_wall_time(make_run, tmp_path, no_vtk):
    page = of_two(make_run, tmp_path, timings_s=[{"solve": 2.0, "gmsh": 3.0, "wall": 7.5}] * 2)
    assert "<tr><th>rest</th><td>2.5</td><td>2.5</td></tr>" in page


def test_members_of_an_ensemble_are_told_apart_from_the_first(make_run, tmp_path, no_vtk):
    spread = {"conductance_G0": {"mean": 3.56533, "standard_deviation": 1.8523}}
    page = of_two(make_run, tmp_path, ensemble=[{"members": 116, "spread": spread}, None])
    assert "one, 116 members" in page
    assert "3.565 ± 1.9 G0" in page
    assert "Marks of an ensemble are those of member 0" in page


def test_a_run_beyond_its_model_is_told_of(make_run, tmp_path, no_vtk):
    found = {"code": "melting", "message": "3010 K: Cu melts", "since_s": 1.7765, "value": 3010.0}
    page = of_two(make_run, tmp_path, warnings=[[], [found]])
    (row,) = re.findall(r"<tr>.*Cu melts.*</tr>", page)
    assert "two" in row
    assert "1.7765" in row


def test_odd_numbers_are_explained(make_run, tmp_path, no_vtk):
    page = of_two(make_run, tmp_path, ledgers=[{"atom_imbalance": -0.94}] * 2)
    assert "with v* = 0.05 it is about -0.95" in page
    assert "rows of the time series" in page
    assert "at Γ the filament begins to grow faster sideways than upwards" in page
    assert "± is the error of mesh and steps alone, not that of the model" in page


def test_other_pictures_of_a_run_are_shown_too(make_run, tmp_path, no_vtk):
    folder = make_run(rows=20, field_times=())
    before = write_report([folder], tmp_path / "a.html").read_text().count("<figure>")
    picture = next((folder / "figures").glob("*.png")).read_bytes()
    (folder / "figures" / "conductance_histogram.png").write_bytes(picture)
    page = write_report([folder], tmp_path / "b.html").read_text()
    assert page.count("<figure>") == before + 1
    assert "Conductance histogram." in page


def test_a_run_that_failed_early_is_reported_too(make_run, no_marks, tmp_path):
    folder = make_run(rows=0, marks=no_marks, field_times=(), status="failed")
    page = write_report([folder], tmp_path / "report.html").read_text()
    assert "failed" in page
    assert "not reached" in page
    assert "<figure>" not in page


def test_command_writes_into_the_run(make_run, capsys, no_vtk):
    folder = make_run(rows=20, field_times=())
    assert main(["report", str(folder)]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "report.html")
    assert main(["report", str(folder / "missing")]) == 1


def test_a_place_that_cannot_be_written(make_run, tmp_path, no_vtk):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_report([make_run(rows=3, field_times=())], tmp_path / "file" / "report.html")


def test_what_a_run_used_is_cited_once(make_run):
    run = open_run(make_run(rows=3, field_times=()))
    run.summary["parameter_set"] = {"name": "buttberg2025"}
    text = bibtex([run, run])
    assert text.count("@article{buttberg2025,") == 1
    assert "@article{gmsh," in text
    assert "miranda2024" not in text
    run.config["contact"] = {"model": "master_equation", "recoil": True}
    assert {"miranda2024", "kharlanov2023"} <= set(used_keys(run))
    assert set(used_keys(run)) <= set(library())


def test_the_page_that_turns_needs_nothing_else(make_run):
    path = make_elephant_page(make_run(field_times=()))
    text = path.read_text()
    assert not OUTSIDE.search(text)
    assert "$" not in re.sub(r"\$\{", "", text.partition("<script>")[0])
    assert '"Γ": "1.679 s"' in text
    assert text.count("atob") == 1


def test_the_filament_is_revolved(make_run):
    run = open_run(make_run(field_times=()))
    curve = 1e9 * run.filament.at(2.0)
    closed = revolved_filament(run, 2.0, sectors=128).clean()
    r, z = curve.T
    volume = abs(np.trapezoid(np.pi * r**2, z))
    assert closed.fill_holes(1e3).volume == pytest.approx(volume, rel=0.01)
    open_side = revolved_filament(run, 2.0, opening=180.0)
    assert open_side.points[:, 1].min() == pytest.approx(0.0, abs=1e-6)


def test_fields_are_revolved_with_their_data(make_run):
    run = open_run(make_run(field_times=(1.7657,)))
    flat = run.fields(1.7657)
    solid = revolved_fields(run, 1.7657, sectors=90, opening=0.0)
    assert solid.n_cells == 90 * flat.n_cells
    radius, height = 25.0, np.ptp(flat.points[:, 1])
    assert solid.volume == pytest.approx(np.pi * radius**2 * height, rel=0.01)
    assert solid["temperature_K"].max() == flat["temperature_K"].max()
    assert set(flat.cell_data) <= set(solid.cell_data)


def test_too_short_a_run_has_no_page(make_run):
    with pytest.raises(InputError, match="two or more curves"):
        make_elephant_page(make_run(rows=1, field_times=()))
