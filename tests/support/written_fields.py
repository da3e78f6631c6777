"""Runs from a narrow gap, and the currents of the field files that they write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import frozen_cells
import numpy as np
import pyvista
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.solver.models.filament.contact import build_contact
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import build_control, build_setting
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Table

Array = NDArray[np.float64]

SITES = "contact={model: master_equation, mode: mean_field, gap: 0.3 nm}"
CASES = {
    "none": (),
    "qpc": ("contact={model: qpc}",),
    "handover": ("contact={model: handover}", "mesh.minimum_gap=0.13 nm"),
    "master_equation": (SITES,),
    "nearest": ("tunnel.gap=nearest",),
    "no tunnelling": ("tunnel.model=none",),
}
CLOSED = {"handover", "master_equation"}
STEPS = 21


def narrow_run(name: str, comm: MPI.Comm, out: Path) -> FilamentRun:
    """Return a run from a gap of 0.12 nm that writes its fields at three moments."""
    config = frozen_cells.configure(*CASES[name], f"output.fields_every={STEPS // 3}")
    tools = frozen_cells.tools(config, comm)
    drive = Drive([Table((0.0, 10.0), (1.7, 1.7))])
    shape, control = frozen_cells.narrow(), build_control(config)
    setting = build_setting(tools, drive, shape, control, build_contact(config, tools, member=0))
    simulation = Simulation(setting)
    if name == "handover":
        close(simulation, 0.06)
    return FilamentRun(config, simulation, out)


def close(simulation: Simulation, length: float) -> None:
    """Fill a length (nm) of the gap at the axis with metal, less of it outwards."""
    state, cell = simulation.state, simulation.cell
    closed = length * np.exp(-((state.shape.curve[:, 0] / 0.3) ** 2))
    touch = replace(simulation.touch, closed=closed)
    memories = {**state.memories, simulation.contact.name: touch}
    cell.weigh(memories)
    simulation.state = cell.solved(state, cell.solve(state.solution, state.drive), memories)


# --- from nothing but what stands in a file -------------------------------------------------------

FILAMENT, OXIDE, ACTIVE_ELECTRODE = 2, 3, 4


def currents(path: Path) -> dict[str, float]:
    """Return the current (A, downwards) through cuts of a cell.

    A cut is a function that is one on the nodes on its upper side and zero on the others: the
    current through it is the integral of -J . grad over the volume that the triangles sweep.
    """
    mesh = pyvista.read(path)
    points = np.asarray(mesh.points, dtype=float)[:, :2]
    cells = mesh.cells.reshape(-1, 4)[:, 1:]
    density = np.asarray(mesh.cell_data["current_density_A_per_m2"])[:, :2]
    material = np.asarray(mesh.cell_data["material"])
    height = points[:, 1]
    tip = height[np.unique(cells[material == FILAMENT])].max()
    levels = {
        "bottom": height.min() + 1e-6,
        "counter electrode": 0.5 * height.min(),
        "foot": 0.1 * tip,
        "middle": 0.5 * tip,
        "tip": 0.98 * tip,
        "top": height.max() - 1e-6,
    }
    upper = {name: (height > level).astype(float) for name, level in levels.items()}
    electrode = np.zeros(len(points))
    electrode[np.unique(cells[material == ACTIVE_ELECTRODE])] = 1.0
    upper["gap"] = electrode
    return {name: _through(points, cells, density, above) for name, above in upper.items()}


def _through(points: Array, cells: NDArray[np.int64], density: Array, above: Array) -> float:
    a, b, c = (points[cells[:, k]] for k in range(3))
    double = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    u = above[cells]
    first, second = u[:, 1] - u[:, 0], u[:, 2] - u[:, 0]
    slope = np.column_stack((
        first * (c - a)[:, 1] - second * (b - a)[:, 1],
        second * (b - a)[:, 0] - first * (c - a)[:, 0],
    )) / double[:, None]  # fmt: skip
    volume = np.pi * np.abs(double) * points[cells, 0].mean(axis=1)  # nm³, by Pappus
    return float(-np.sum(np.einsum("mk,mk->m", density, slope) * volume) * 1e-18)
