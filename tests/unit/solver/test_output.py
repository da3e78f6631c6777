"""Files of a run directory: whole lines or none, complete files or the old ones."""

from __future__ import annotations

import json
import math
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import pyvista

from tusk.solver.errors import OutputError
from tusk.solver.output import (
    FieldSeries,
    Reserve,
    Table,
    disk_errors,
    format_value,
    write_atomically,
    write_json,
)


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes: the kernel writes what fits and then refuses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_reads_back_as_written(tmp_path: Path) -> None:
    table = Table(tmp_path / "t.csv", ("time_s", "regime", "steps", "resistance_ohm"))
    table.write([(0.1 + 0.2, "A", 3, float("nan")), (np.float64(1e-18), "", 4, 2.5)])
    table.write([(1.0, "B", 5, -0.0)])
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[0] == "time_s,regime,steps,resistance_ohm"
    assert lines[1:] == ["0.30000000000000004,A,3,", "1e-18,,4,2.5", "1.0,B,5,-0.0"]


def test_every_line_is_on_disk_at_once(tmp_path: Path) -> None:
    table = Table(tmp_path / "t.csv", ("a",))
    for k in range(3):
        table.write([(k,)])
        assert (tmp_path / "t.csv").read_text().splitlines() == ["a", *map(str, range(k + 1))]


@pytest.mark.parametrize("room", [0, 1, 7, 20], ids=lambda n: f"{n} bytes left")
def test_a_table_takes_back_what_does_not_fit(tmp_path: Path, room: int) -> None:
    path = tmp_path / "t.csv"
    table = Table(path, ("a", "b"))
    table.write([(1, 2), (3, 4)])
    before = path.read_bytes()
    with file_size_limit(len(before) + room), pytest.raises(OutputError, match=r"t\.csv"):
        table.write([(5, "x" * 10), (7, "y" * 10)])
    assert path.read_bytes() == before
    table.write([(5, 6)])
    assert path.read_bytes() == before + b"5,6\n"


def test_a_table_does_not_replace_a_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("mine")
    with pytest.raises(OutputError):
        Table(path, ("a",))
    assert path.read_text() == "mine"


def test_a_table_that_vanished_is_an_output_error(tmp_path: Path) -> None:
    table = Table(tmp_path / "t.csv", ("a",))
    (tmp_path / "t.csv").unlink()
    with pytest.raises(OutputError):
        table.write([(1,)])


@pytest.mark.parametrize(
    ("value", "text"),
    [(math.pi, "3.141592653589793"), (math.nan, ""), (math.inf, "inf"), (7, "7"), ("B", "B")],
)
def test_values_read_back_to_the_same_number(value: float | str, text: str) -> None:
    assert format_value(value) == text


# --- whole files ----------------------------------------------------------------------------------


def test_a_file_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")
    write_atomically(path, b"new and longer")
    assert path.read_bytes() == b"new and longer"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_does_not_fit_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "f"
    write_atomically(path, b"old")
    with file_size_limit(10), pytest.raises(OutputError):
        write_atomically(path, b"x" * 100)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_errors_name_the_file_and_the_reason(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_atomically(tmp_path / "missing" / "f", b"")
    message = str(caught.value)
    assert "missing/f" in message
    assert "No such file" in message
    assert "\n" not in message
    assert caught.value.exit_code == 2


def test_other_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), disk_errors(Path("f")):
        _ = 1 / 0


def test_json_takes_numpy_and_turns_nan_into_null(tmp_path: Path) -> None:
    content = {
        "marks": {"gamma_s": np.float64(1.5), "lambda_s": None, "lrs_ohm": math.nan},
        "list": [np.int64(3), math.inf, (True, "x")],
    }
    write_json(tmp_path / "run.json", content)
    assert json.loads((tmp_path / "run.json").read_text()) == {
        "marks": {"gamma_s": 1.5, "lambda_s": None, "lrs_ohm": None},
        "list": [3, None, [True, "x"]],
    }


def test_room_can_be_kept_and_given_back(tmp_path: Path) -> None:
    reserve = Reserve(tmp_path)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) == Reserve.SIZE
    assert reserve.release()
    assert not list(tmp_path.iterdir())
    assert not reserve.release()


def test_room_that_is_not_there_leaves_nothing(tmp_path: Path) -> None:
    with file_size_limit(Reserve.SIZE // 2), pytest.raises(OutputError):
        Reserve(tmp_path)
    assert not list(tmp_path.iterdir())


# --- fields ---------------------------------------------------------------------------------------


def _square(count: int, height: float) -> tuple[np.ndarray, np.ndarray]:
    """Return points (n, 2) in nm and triangles of a structured mesh of a rectangle."""
    grid = np.stack(np.meshgrid(np.linspace(0, 1, count), np.linspace(0, height, count)), axis=-1)
    number = np.arange(count**2).reshape(count, count)
    a, b = number[:-1, :-1].ravel(), number[:-1, 1:].ravel()
    c, d = number[1:, 1:].ravel(), number[1:, :-1].ravel()
    return grid.reshape(-1, 2), np.vstack((np.stack((a, b, c), -1), np.stack((a, c, d), -1)))


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Two times: the mesh grows in height and in number of points."""
    fields = FieldSeries(tmp_path)
    for time, count, height in ((0.0, 3, 1.0), (1.25e-9, 5, 2.0)):
        points, cells = _square(count, height)
        fields.write(
            time,
            points,
            cells,
            {"temperature_K": 300.0 + points[:, 1]},
            {
                "current_density_A_per_m2": np.ones((len(cells), 3)),
                "material": np.full(len(cells), 2, dtype=np.int32),
            },
        )
    return tmp_path


def test_the_series_opens_in_pyvista_with_changing_geometry(series: Path) -> None:
    reader = pyvista.get_reader(series / "fields.pvd")
    assert reader.time_values == [0.0, 1.25e-9]
    for time, count, height in ((0.0, 3, 1.0), (1.25e-9, 5, 2.0)):
        reader.set_active_time_value(time)
        grid = reader.read()[0]
        assert grid.n_points == count**2
        assert grid.n_cells == 2 * (count - 1) ** 2
        assert grid.bounds[:4] == pytest.approx((0.0, 1.0, 0.0, height))
        assert grid.bounds[4:] == (0.0, 0.0)
        assert grid.point_data["temperature_K"] == pytest.approx(300.0 + grid.points[:, 1])
        assert grid.cell_data["current_density_A_per_m2"].shape == (grid.n_cells, 3)
        assert set(grid.cell_data["material"]) == {2}
        assert list(grid.field_data["length_unit"]) == ["nm"]
        assert grid.area == pytest.approx(height)


def test_numbers_survive_in_full_precision(series: Path) -> None:
    grid = pyvista.read(series / "fields" / "fields_00001.vtu")
    assert grid.points.dtype == np.float64
    assert np.array_equal(grid.point_data["temperature_K"], 300.0 + grid.points[:, 1])
    assert grid.field_data["TimeValue"][0] == 1.25e-9


def test_a_series_without_fields_is_readable(tmp_path: Path) -> None:
    FieldSeries(tmp_path)
    assert "<DataSet" not in (tmp_path / "fields.pvd").read_text()


def test_a_field_file_that_does_not_fit_is_not_listed(series: Path) -> None:
    index = (series / "fields.pvd").read_bytes()
    fields = FieldSeries(series)
    points, cells = _square(40, 1.0)
    fields.write(0.0, *_square(3, 1.0), {}, {})
    listed = (series / "fields.pvd").read_bytes()
    with file_size_limit(3000), pytest.raises(OutputError):
        fields.write(1.0, points, cells, {"temperature_K": points[:, 0]}, {})
    assert (series / "fields.pvd").read_bytes() == listed != index
    reader = pyvista.get_reader(series / "fields.pvd")
    assert reader.time_values == [0.0]
