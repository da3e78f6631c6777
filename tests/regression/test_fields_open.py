"""Fields and elephant plot of a short run open in PyVista, and their geometry moves with time."""

from pathlib import Path

import numpy as np
import pytest
import pyvista

from tusk.postprocess import make_figures, open_run
from tusk.solver import run
from tusk.solver.config import load_config

STEPS = 60
POINT_DATA = {"electric_potential_V", "ionic_potential_V", "temperature_K"}
CELL_DATA = {
    "conductivity_S_per_m": 1,
    "current_density_A_per_m2": 3,
    "field_V_per_m": 1,
    "material": 1,
}
COUNTER_ELECTRODE, FILAMENT, OXIDE, ACTIVE_ELECTRODE = 1, 2, 3, 4


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thin oxide is crossed within few steps."""
    folder = tmp_path_factory.mktemp("fields")
    (folder / "cell.yaml").write_text(
        "stack: {oxide_thickness: 2 nm, domain_radius: 10 nm}\n"
        "mesh: {preset: draft}\n"
        "output: {fields_every: 10}\n"
    )
    out = run(load_config(folder / "cell.yaml"), folder / "run", max_steps=STEPS)
    make_figures(out, quiet=True)
    return out


@pytest.fixture(scope="module")
def series(run_dir: Path) -> pyvista.PVDReader:
    return pyvista.PVDReader(str(run_dir / "fields.pvd"))


def meshes(series: pyvista.PVDReader) -> list[pyvista.UnstructuredGrid]:
    out = []
    for time in series.time_values:
        series.set_active_time_value(time)
        (mesh,) = series.read()
        assert mesh.field_data["TimeValue"][0] == time
        out.append(mesh)
    return out


def volume(mesh: pyvista.UnstructuredGrid, material: int) -> float:
    """Volume of a material by revolution about the axis, nm³ (Pappus)."""
    cells = mesh.cells.reshape(-1, 4)[mesh.cell_data["material"] == material, 1:]
    corners = mesh.points[cells].astype(float)
    (ax, ay), (bx, by) = (corners[:, k, :2].T - corners[:, 0, :2].T for k in (1, 2))
    return float(np.sum(2 * np.pi * corners[:, :, 0].mean(axis=1) * abs(ax * by - ay * bx) / 2))


def test_times_are_those_of_steps(run_dir: Path, series: pyvista.PVDReader) -> None:
    steps = open_run(run_dir).timeseries["time_s"].to_numpy()
    assert len(series.time_values) == STEPS // 10 + 1
    assert set(series.time_values) <= set(steps)
    assert series.time_values[0] == 0.0
    assert series.time_values[-1] == steps[-1]


def test_every_time_has_every_array(series: pyvista.PVDReader) -> None:
    for mesh in meshes(series):
        assert set(mesh.point_data.keys()) == POINT_DATA
        assert {
            name: 1 if mesh.cell_data[name].ndim == 1 else mesh.cell_data[name].shape[1]
            for name in mesh.cell_data
        } == CELL_DATA
        assert set(mesh.cell_data["material"]) == {1, 2, 3, 4}
        assert mesh.field_data["length_unit"][0] == "nm"
        for data in (mesh.point_data, mesh.cell_data):
            assert all(np.isfinite(data[name]).all() for name in data)
        assert mesh.point_data["temperature_K"].min() > 299.0
        assert mesh.celltypes.tolist() == [pyvista.CellType.TRIANGLE] * mesh.n_cells
        assert mesh.bounds[1] == pytest.approx(10.0)


def test_geometry_changes_in_time(series: pyvista.PVDReader) -> None:
    grids = meshes(series)
    filament = [volume(mesh, FILAMENT) for mesh in grids]
    assert np.all(np.diff(filament) > 0)
    assert filament[-1] > 2 * filament[0]
    assert len({mesh.n_points for mesh in grids}) > 2
    whole = [sum(volume(mesh, material) for material in (1, 2, 3, 4)) for mesh in grids]
    assert whole == pytest.approx([whole[0]] * len(whole), rel=1e-6)
    oxide = [volume(mesh, OXIDE) for mesh in grids]
    assert oxide[-1] < oxide[0]


def test_elephant_plot(run_dir: Path, series: pyvista.PVDReader) -> None:
    surface = pyvista.read(run_dir / "elephant.vtp")
    table = open_run(run_dir).timeseries
    assert {"current_A", "applied_voltage_V", "temperature_K"} <= set(surface.point_data.keys())
    assert surface.bounds[1] == pytest.approx(np.log10(table["time_s"].iloc[-1]), abs=1e-5)
    assert surface.bounds[3] == pytest.approx(1e9 * table["radius_max_m"].max(), rel=1e-3)
    assert surface.bounds[5] == pytest.approx(1e9 * table["tip_height_m"].max(), rel=1e-3)
    assert surface.n_cells > 0
