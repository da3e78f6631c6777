"""A made-up run directory of the contract's shape: no solver, no mesh generator needed."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.interpolate import PchipInterpolator
from scipy.spatial import Delaunay

OXIDE = 10.0  # nm
DOMAIN = 25.0  # nm
ELECTRODE = 10.0  # nm
RECESS_RATIO = 0.05

# time (s): height (nm), radius (nm), log10(I/A), temperature (K)
_STORY = {
    1e-6: (0.256, 0.256, -15.0, 300.0),
    1.0: (0.30, 0.29, -14.5, 300.0),
    1.14: (0.50, 0.40, -14.0, 300.0),
    1.40: (3.2, 0.9, -13.6, 300.0),
    1.60: (7.8, 1.20, -11.8, 300.0),
    1.66: (9.75, 1.28, -8.5, 300.1),
    1.679: (10.15, 1.31, -5.6, 304.0),
    1.72: (10.24, 1.9, -4.7, 330.0),
    1.765: (10.30, 2.75, -4.05, 402.0),
    1.776: (10.40, 3.05, -3.3, 723.0),
    1.7800: (10.45, 3.20, -3.01, 880.0),
    1.85: (10.462, 3.26, -3.0003, 700.0),
    2.24: (10.464, 3.28, -3.0002, 660.0),
    3.0: (10.465, 3.29, -3.0002, 655.0),
    3.5: (10.465, 3.29, -3.3, 350.0),
    4.0: (10.465, 3.29, -9.0, 300.0),
}
_MARKS: dict[str, float | None] = {
    "growth_start_s": 1.14,
    "gamma_s": 1.679,
    "upsilon_s": 1.78,
    "lambda_s": 2.239,
    "temperature_max_K": 880.0,
    "gap_min_m": 6e-11,
    "radius_max_m": 3.29e-9,
    "lrs_ohm": 880.0,
    "filament_resistance_3p5uA_ohm": 1010.0,
    "set_energy_J": 1e-4,
}
HEADER = (
    "time_s,applied_voltage_V,cell_voltage_V,current_A,gap_min_m,gap_min_radius_m,gap_axis_m,"
    "tip_height_m,radius_max_m,temperature_max_K,filament_resistance_ohm,tunnel_power_W,"
    "joule_power_W,ion_current_A,charge_error,faraday_error,energy_error,newton_iterations,"
    "vertices,regime,share_gap,share_area,share_temperature,share_voltage"
)
SHARES = {"": (0.0, 0.0), "A": (0.9, 0.1), "B": (0.4, 0.6), "C": (0.7, 0.3)}  # gap, area


@dataclass(frozen=True)
class State:
    """The made-up cell at one time; lengths in nm."""

    time: float
    height: float
    radius: float
    current: float
    temperature: float

    @property
    def voltage(self) -> float:
        return self.time if self.time <= 2.0 else 4.0 - self.time

    def curve(self, points: int = 90, dent: float = 0.0) -> np.ndarray:
        """A rounded post (r, z) from the axis to the contact line, nm; maybe with a dented tip."""
        ends = np.geomspace(1e-12, np.pi / 4, 1500)
        angle = np.concatenate([[0.0], ends, np.pi / 2 - ends[::-1], [np.pi / 2]])
        power = 2.0 / (1.0 + 6.0 * min(1.0, self.height / 10.0))
        radius = self.radius * np.sin(angle) ** power
        height = self.height * np.cos(angle) ** power
        height -= dent * np.exp(-((radius / (0.4 * self.radius)) ** 2))
        radius[0], height[-1] = 0.0, 0.0
        way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(radius), np.diff(height)))])
        even = np.linspace(0.0, way[-1], points)
        return np.column_stack([np.interp(even, way, radius), np.interp(even, way, height)])


def state_at(time: float) -> State:
    """Interpolate the story."""
    times = np.array(list(_STORY))
    values = PchipInterpolator(times, np.array(list(_STORY.values())))(np.clip(time, 1e-6, 4.0))
    return State(time, float(values[0]), float(values[1]), float(10.0 ** values[2]), values[3])


def story_times(rows: int) -> np.ndarray:
    """Accepted steps: crowded where the current rises."""
    full = np.unique(
        np.concatenate(
            [
                [0.0, 1e-4, 1e-2],
                np.linspace(0.1, 1.6, 40),
                np.linspace(1.6, 1.9, 90),
                np.linspace(1.9, 4.0, 60),
                [1.679, 1.7657, 1.7768, 1.78, 2.0],
            ]
        )
    )
    return full if rows < 0 else full[:rows]


def _recess_surface(state: State, radius: np.ndarray) -> np.ndarray:
    """Height of the active electrode's surface over some radii, nm."""
    curve = state.curve()[::-1]
    order = np.argsort(curve[:, 0])
    column = np.interp(radius, curve[order, 0], curve[order, 1], right=0.0)
    return np.asarray(OXIDE + RECESS_RATIO * column)


def _mesh_arrays(state: State) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Triangulate the half plane: points (n, 2) in nm, triangles, material."""
    curve = state.curve(160)
    across = np.concatenate(
        [np.linspace(0.0, 1.2 * state.radius, 40), np.linspace(4.2, DOMAIN, 60)]
    )
    surface = np.column_stack([across, _recess_surface(state, across)])
    plane = np.column_stack([across, np.zeros_like(across)])
    grid_r, grid_z = np.meshgrid(
        np.concatenate([np.linspace(0.0, 6.0, 25), np.linspace(7.0, DOMAIN, 12)]),
        np.concatenate([np.linspace(-10.0, -1.0, 6), np.linspace(0.4, 20.0, 50)]),
    )
    points = np.vstack([curve, surface, plane, np.column_stack([grid_r.ravel(), grid_z.ravel()])])
    fixed = len(curve) + len(surface) + len(plane)
    near = np.array(
        [np.hypot(*(points[:fixed] - point).T).min() < 0.35 for point in points[fixed:]]
    )
    points = np.vstack([points[:fixed], points[fixed:][~near]])
    points = np.unique(points.round(6), axis=0)
    triangles = np.asarray(Delaunay(points).simplices)
    centre = points[triangles].mean(axis=1)
    by_height = curve[::-1]
    wall = np.interp(centre[:, 1], by_height[:, 1], by_height[:, 0], left=0.0, right=0.0)
    material = np.full(len(triangles), 3)
    material[centre[:, 1] > _recess_surface(state, centre[:, 0])] = 4
    material[centre[:, 0] < wall] = 2
    material[centre[:, 1] < 0.0] = 1
    return points, triangles, material


def write_fields(path: Path, state: State, length_unit: str = "nm") -> None:
    """Write one .vtu file of the contract."""
    import pyvista

    points, triangles, material = _mesh_arrays(state)
    cells = np.column_stack([np.full(len(triangles), 3), triangles])
    mesh = pyvista.UnstructuredGrid(
        cells.ravel(),
        np.full(len(triangles), pyvista.CellType.TRIANGLE),
        np.column_stack([points, np.zeros(len(points))]),
    )
    distance = np.hypot(points[:, 0] / max(state.radius, 1.0), points[:, 1] - state.height)
    mesh.point_data["temperature_K"] = 300.0 + (state.temperature - 300.0) * np.exp(-distance / 3.0)
    mesh.point_data["electric_potential_V"] = state.voltage * (points[:, 1] > OXIDE)
    mesh.point_data["ionic_potential_V"] = np.full(len(points), 0.5 * state.voltage)
    mesh.cell_data["conductivity_S_per_m"] = np.where(material == 3, 1e-3, 6e7)
    mesh.cell_data["current_density_A_per_m2"] = np.zeros((len(material), 3))
    mesh.cell_data["field_V_per_m"] = np.zeros(len(material))
    mesh.cell_data["material"] = material.astype(np.int32)
    mesh.field_data["length_unit"] = [length_unit]
    mesh.save(path, binary=True)


def _write_tables(folder: Path, states: list[State], current_scale: float, dent: float) -> None:
    """Write timeseries.csv and filament.csv."""
    rows, curves, last = [HEADER], ["time_s,r_m,z_m"], 0.0
    for state in states:
        gap = max(OXIDE + RECESS_RATIO * state.height - state.height, 0.06)
        regime = "" if state.time < 1.14 else "A"
        if state.time >= 1.679:
            regime = "B" if state.time < 1.765 else "C"
        if state.time > 1.781:
            regime = ""
        current = current_scale * (0.0 if state.time == 0.0 else state.current)
        cell = state.voltage - 0.9 * min(1.0, abs(current) / 1e-3)
        numbers = [
            state.time, state.voltage, cell, current, gap * 1e-9, 0.0, 1.05 * gap * 1e-9,
            state.height * 1e-9, state.radius * 1e-9, state.temperature, 1010.0,
            0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 4, 2500,
        ]  # fmt: skip
        rise = np.log(current / last) if last > 0.0 else 0.0
        parts = [rise * share for share in SHARES[regime]]
        last = current
        rows.append(
            ",".join(f"{number:.10g}" for number in numbers)
            + f",{regime},{parts[0]:.6g},{parts[1]:.6g},0,0"
        )
        curves += [f"{state.time:.10g},{r:.8g},{z:.8g}" for r, z in 1e-9 * state.curve(dent=dent)]
    (folder / "timeseries.csv").write_text("\n".join(rows) + "\n")
    (folder / "filament.csv").write_text("\n".join(curves) + "\n")


def _write_fields(folder: Path, times: tuple[float, ...]) -> None:
    """Write fields.pvd and its files."""
    if not times:
        return
    (folder / "fields").mkdir()
    entries = []
    for number, time in enumerate(times):
        name = f"fields/fields_{number:06d}.vtu"
        write_fields(folder / name, state_at(time))
        entries.append(f'<DataSet timestep="{time:.10g}" group="" part="0" file="{name}"/>')
    text = "\n    ".join(entries)
    (folder / "fields.pvd").write_text(
        '<?xml version="1.0"?>\n<VTKFile type="Collection" version="0.1">\n  <Collection>\n    '
        f"{text}\n  </Collection>\n</VTKFile>\n"
    )


RunFactory = Callable[..., Path]


@pytest.fixture
def make_run(tmp_path: Path) -> RunFactory:
    """Return a function that writes a run directory and returns its path."""

    def make(
        rows: int = -1,
        marks: dict[str, float | None] | None = None,
        field_times: tuple[float, ...] = (1.0, 1.7657, 1.7768, 1.782, 4.0),
        status: str = "finished",
        current_scale: float = 1.0,
        dent: float = 0.0,
        name: str = "run",
    ) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        config: dict[str, Any] = {
            "model": "filament_fem",
            "stack": {
                "oxide": "SiO2",
                "oxide_thickness": "10 nm",
                "active_electrode": "Cu",
                "counter_electrode": "Pt",
                "domain_radius": "25 nm",
            },
            "void": {"dissolution_ratio": RECESS_RATIO, "max_depth": None, "healing": "follow"},
            "source": {"kind": "limiter", "compliance_current": "1 mA"},
            "output": {"fields_every": 20, "fields_at_currents": ["100 uA", "603 uA"]},
        }
        (folder / "config.resolved.yaml").write_text(yaml.safe_dump(config))
        summary = {"status": status, "reason": None, "marks": _MARKS if marks is None else marks}
        (folder / "run.json").write_text(json.dumps(summary))
        _write_tables(folder, [state_at(t) for t in story_times(rows)], current_scale, dent)
        _write_fields(folder, field_times)
        return folder

    return make


@pytest.fixture
def no_marks() -> dict[str, float | None]:
    """Marks of a run that reached none."""
    return dict.fromkeys(_MARKS)


@pytest.fixture
def field_writer() -> Callable[..., None]:
    """Return a function that writes one field file: path, time, length_unit."""

    def write(path: Path, time: float, length_unit: str = "nm") -> None:
        write_fields(path, state_at(time), length_unit)

    return write


@pytest.fixture
def no_vtk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the elephant with matplotlib alone, which is faster."""
    monkeypatch.setattr("tusk.postprocess.view.render_offscreen", lambda *_: None)
