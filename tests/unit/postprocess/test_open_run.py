"""Reading run directories: finished, running, cut off, damaged."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tusk.postprocess import open_run
from tusk.solver.errors import InputError


def test_finished_run_is_read_completely(make_run):
    run = open_run(make_run())
    assert (run.status, run.reason) == ("finished", "")
    assert run.config["stack"]["oxide"] == "SiO2"
    assert run.quantity("stack", "oxide_thickness", "length") == 1e-8
    assert run.marks["gamma_s"] == 1.679
    assert len(run.timeseries) == len(run.filament)
    assert run.timeseries["time_s"].iloc[-1] == 4.0
    assert set(run.timeseries["regime"]) == {"", "A", "B", "C"}
    assert run.timeseries.drop(columns="regime").dtypes.eq(float).all()


def test_curves_run_from_the_contact_line_to_the_axis(make_run):
    run = open_run(make_run())
    curve = run.filament.at(1.6789)
    assert curve[0, 1] == 0.0
    assert curve[-1, 0] == 0.0
    row = run.timeseries.set_index("time_s").loc[1.679]
    assert curve[:, 1].max() == pytest.approx(row["tip_height_m"])
    assert curve[:, 0].max() == pytest.approx(row["radius_max_m"], rel=1e-3)
    assert run.filament.heights()[-1] == pytest.approx(10.465e-9)
    assert run.filament.radii()[-1] == pytest.approx(3.29e-9)
    assert [time for time, _ in run.filament] == run.timeseries["time_s"].tolist()


def test_fields_are_read_by_nearest_time(make_run):
    run = open_run(make_run())
    assert run.field_times.tolist() == [1.0, 1.7657, 1.7768, 1.782, 4.0]
    mesh = run.fields(1.777)
    assert mesh.point_data["temperature_K"].max() == pytest.approx(757, abs=3)
    assert set(np.unique(mesh.cell_data["material"])) == {1, 2, 3, 4}
    assert mesh.cell_data["current_density_A_per_m2"].shape[1] == 3
    assert mesh.points[:, 0].max() == 25.0


def test_half_written_last_lines_are_left_out(make_run):
    folder = make_run(rows=30, status="running", field_times=())
    for name in ("timeseries.csv", "filament.csv"):
        path = folder / name
        path.write_text(path.read_text()[:-7])
    run = open_run(folder)
    assert len(run.timeseries) == 29
    # The last curve lacks its end on the counter electrode.
    assert len(run.filament) == 29
    assert run.field_times.size == 0


def test_half_written_curve_counts_only_as_such_while_running(make_run):
    folder = make_run(rows=5, status="failed", field_times=())
    path = folder / "filament.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines[:-40]))
    assert len(open_run(folder).filament) == 4


def test_collection_file_that_is_not_closed_yet(make_run):
    folder = make_run(rows=5, status="running", field_times=(1.0, 1.78))
    path = folder / "fields.pvd"
    text = path.read_text()
    path.write_text(text[: text.index("</Collection>")] + '<DataSet timestep="1.79" fi')
    assert open_run(folder).field_times.tolist() == [1.0, 1.78]


def test_field_files_that_are_gone_are_not_offered(make_run):
    folder = make_run(rows=5, field_times=(1.0, 1.78))
    (folder / "fields" / "fields_000000.vtu").unlink()
    assert open_run(folder).field_times.tolist() == [1.78]


@pytest.mark.parametrize("name", ["run.json", "config.resolved.yaml", "timeseries.csv"])
def test_missing_file_is_named(make_run, name):
    folder = make_run(rows=3, field_times=())
    (folder / name).unlink()
    with pytest.raises(InputError, match=name) as caught:
        open_run(folder)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 1


def test_missing_directory_is_named(tmp_path):
    with pytest.raises(InputError, match="nowhere"):
        open_run(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("run.json", '{"status": "runn', "damaged or truncated"),
        ("run.json", "[1, 2]", "a mapping is wanted, got list"),
        ("config.resolved.yaml", "stack: {oxide: [", "damaged or truncated"),
        ("config.resolved.yaml", "", "a mapping is wanted, got NoneType"),
        ("timeseries.csv", "", "empty or truncated"),
        ("timeseries.csv", "time_s,curr", "empty or truncated"),
        ("timeseries.csv", "seconds,current_A\n1,2\n", "column time_s is wanted"),
        ("timeseries.csv", "time_s,current_A\n1,2\n3,four\n", "line 3, current_A"),
        ("timeseries.csv", "time_s,current_A\n1,2\n3,4,5\n", "Expected 2 fields"),
        ("timeseries.csv", b"\xff\xfe\x00time_s\n", "not UTF-8"),
    ],
)
def test_damaged_file_is_one_line_of_explanation(make_run, name, text, message):
    folder = make_run(rows=3, field_times=())
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=message) as caught:
        open_run(folder)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_curves_and_fields_are_errors_only_when_asked_for(make_run):
    folder = make_run(rows=3, field_times=())
    (folder / "filament.csv").unlink()
    run = open_run(folder)
    with pytest.raises(InputError, match=r"filament\.csv"):
        _ = run.filament
    with pytest.raises(InputError, match="at least one field file"):
        run.fields(0.0)


def test_cut_off_field_file_is_an_input_error(make_run, capfd):
    folder = make_run(rows=3, field_times=(1.0,))
    path = folder / "fields" / "fields_000000.vtu"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match=r"fields_000000.vtu: .*damaged or truncated"):
        open_run(folder).fields(1.0)
    assert capfd.readouterr().err == ""


def test_fields_in_another_unit_are_refused(make_run, field_writer):
    folder = make_run(rows=3, field_times=(1.0,))
    field_writer(folder / "fields" / "fields_000000.vtu", 1.0, length_unit="m")
    with pytest.raises(InputError, match="length_unit: nm is wanted, got m"):
        open_run(folder).fields(1.0)


def test_empty_run_opens_and_says_that_it_has_no_step(make_run, no_marks):
    run = open_run(make_run(rows=0, marks=no_marks, field_times=(), status="running"))
    assert run.timeseries.empty
    assert run.marks["gamma_s"] is None
    with pytest.raises(InputError, match="at least one accepted step"):
        run.column("current_A")


def test_unknown_column_and_wrong_quantity_are_named(make_run):
    run = open_run(make_run(rows=3, field_times=()))
    with pytest.raises(InputError, match="column conductance_G0"):
        run.column("conductance_G0")
    with pytest.raises(InputError, match=r"stack\.oxide: a length is wanted, got 'SiO2'"):
        run.quantity("stack", "oxide", "length")


def test_marks_that_a_running_run_has_not_written(make_run):
    folder: Path = make_run(rows=3, field_times=())
    (folder / "run.json").write_text(json.dumps({"status": "running"}))
    run = open_run(folder)
    assert (run.marks, run.reason) == ({}, "")


def test_a_run_shows_itself(make_run):
    run = open_run(make_run(name="a<b", rows=20, field_times=()))
    assert repr(run) == f"Run({str(run.path)!r}, finished, 20 rows)"
    page = run._repr_html_()
    assert "<th>gamma</th><td>1.679 s</td>" in page
    assert "a&lt;b" in page
    shown = io.StringIO()
    Console(width=100, file=shown).print(run)
    assert "set_energy" in shown.getvalue()
    assert "100 µJ" in shown.getvalue()
