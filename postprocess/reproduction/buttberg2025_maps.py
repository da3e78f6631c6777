"""Figures of Buttberg 2025 that show fields: the voltage along the filament, temperatures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from tusk.postprocess.reproduction.checks import Studies
from tusk.postprocess.run import FIELDS_NAME, Run
from tusk.postprocess.snapshots import FILAMENT, Snapshot, nearest_snapshot, read_mesh
from tusk.postprocess.style import colour_map, figure_style, one_panel
from tusk.postprocess.temperature_maps import choose_snapshots, temperature_figure
from tusk.solver.errors import InputError
from tusk.solver.units import format_si

PROBE_CURRENT = 3.5e-6  # A
PANELS = (3.5e-6, 1e-4, 603e-6)  # A; the last panel follows when the limiter holds the current
HELD = 0.999  # share of the largest current from which on it counts as held
POTENTIAL_MAP = ("viridis", 0.0, 0.95)


def snapshot_at(run: Run, current: float) -> Snapshot:
    """Return the field file written where the rising current first reaches a value.

    Raises
    ------
    InputError
        If the run never carries that current.
    """
    rows = np.flatnonzero(run.column("current_A") >= current * (1.0 - 1e-6))
    if not rows.size:
        raise InputError(f"{run.path}: a current of {current:g} A is wanted, got less")
    return nearest_snapshot(
        run.snapshots, float(run.column("time_s")[rows[0]]), run.path / FIELDS_NAME
    )


def _settled(run: Run) -> list[Snapshot]:
    """Return the first field file after Y whose current the limiter holds, if there is one."""
    upsilon, top = run.marks.get("upsilon_s"), HELD * run.column("current_A").max()
    found = [s for s in run.snapshots if upsilon is not None and s.time >= upsilon]
    return [s for s in found if run.value_at("current_A", s.time) >= top][:1]


def filament_voltage(studies: Studies) -> tuple[Figure, pd.DataFrame]:
    """Fig. 1d: the electronic potential in the filament at 3.5 µA, against its base, in mV."""
    run = studies["1mA"]
    snapshot = snapshot_at(run, PROBE_CURRENT)
    mesh = read_mesh(snapshot)
    triangles = np.asarray(mesh.cells_dict[5])[np.asarray(mesh.cell_data["material"]) == FILAMENT]
    points = np.asarray(mesh.points[:, :2], dtype=float)
    potential = np.asarray(mesh.point_data["electric_potential_V"], dtype=float)
    base = potential[np.hypot(*points.T).argmin()]
    drop = 1e3 * (potential - base)
    count = len(points)
    both = np.vstack([points, points * [-1.0, 1.0]])
    with figure_style():
        figure, axes = one_panel(80.0, "r (nm)", "z (nm)")
        image = axes.tripcolor(
            Triangulation(both[:, 0], both[:, 1], np.vstack([triangles, triangles + count])),
            np.tile(drop, 2),
            shading="gouraud",
            cmap=colour_map(POTENTIAL_MAP),
            vmin=0.0,
            vmax=float(drop[triangles].max()),
            rasterized=True,
        )
        axes.set_aspect("equal")
        axes.set_xlim(-4.0, 4.0)
        axes.set_ylim(0.0, 11.0)
        current = float(run.value_at("current_A", snapshot.time))
        axes.set_title(f"I = {format_si(current, 'A', 2)}")
        figure.colorbar(image, ax=axes, aspect=30).set_label("voltage drop (mV)")
    inside = np.unique(triangles)
    data = {
        "r_m": 1e-9 * points[inside, 0],
        "z_m": 1e-9 * points[inside, 1],
        "drop_V": 1e-3 * drop[inside],
    }
    return figure, pd.DataFrame(data)


def temperatures(studies: Studies) -> tuple[Figure, pd.DataFrame]:
    """Fig. 3a-d: temperature at growing currents and after the compliance current is reached."""
    run = studies["1mA"]
    shown = choose_snapshots(run, PANELS)[: len(PANELS)] + _settled(run)
    rows = []
    for snapshot in shown:
        mesh = read_mesh(snapshot)
        axis = np.flatnonzero(np.abs(mesh.points[:, 0]) < 1e-9)
        axis = axis[np.argsort(mesh.points[axis, 1])]
        for point in axis:
            height, heat = mesh.points[point, 1], mesh.point_data["temperature_K"][point]
            rows.append((snapshot.time, 1e-9 * height, heat))
    data = pd.DataFrame(rows, columns=["time_s", "z_on_axis_m", "temperature_K"])
    data["current_A"] = run.value_at("current_A", data["time_s"].to_numpy())
    return temperature_figure(run, shown), data
