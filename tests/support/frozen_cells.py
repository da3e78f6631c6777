"""Cells with a filament of a given shape, solved but not grown: what the solver's tests share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.meshes.cell import ACTIVE_ELECTRODE, ElectrodeSurface
from tusk.solver.config import FilamentConfig, load_config
from tusk.solver.fields.field import ELECTRON, ION
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.closures import FilamentPhysics, build_physics
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.domain import Domain, Tools
from tusk.solver.models.filament.equations import Equations
from tusk.solver.models.filament.setup import build_control, build_setting, build_tools
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Hold, Table
from tusk.solver.timing import Timer

Array = NDArray[np.float64]

CONFIG = Path(__file__).resolve().parents[2] / "configs" / "buttberg2025_set_1mA.yaml"
COARSE = ("mesh.preset=draft", "mesh.size_factor=1.5")
TIGHT = ("solver.tolerance_potential=1e-12 V", "solver.tolerance_temperature=1e-9 K")
DISSOLUTION_RATIO = 0.05
LARGEST_STEP = 0.3  # V

_COMPILED: dict[tuple[int, FilamentPhysics], CompiledEquations] = {}


def configure(*overrides: str) -> FilamentConfig:
    """Return the configuration of the 1 mA SET on a coarse mesh, with overrides."""
    return load_config(CONFIG, (*COARSE, *overrides))


def compiled(comm: MPI.Comm, physics: FilamentPhysics) -> CompiledEquations:
    """Return the compiled equations, once per set of closures."""
    key = (comm.handle, physics)
    if key not in _COMPILED:
        _COMPILED[key] = CompiledEquations(comm, Equations(physics))
    return _COMPILED[key]


def tools(config: FilamentConfig, comm: MPI.Comm = MPI.COMM_SELF) -> Tools:
    """Return what a mesh of this configuration needs."""
    physics = build_physics(config)
    return build_tools(config, comm, compiled(comm, physics), physics, Timer())


def spike(height: float, radius: float, contact: float, nodes: int = 40) -> Array:
    """Return a filament curve (2 nodes, 2), nm: a spherical cap of ``radius`` on a straight flank.

    The flank leads down to the contact line at ``contact``; the curve runs from the tip on.
    """
    angle = np.linspace(0.0, 0.95 * np.pi / 2, nodes)
    cap = np.column_stack((np.sin(angle), np.cos(angle) - 1.0)) * radius + (0.0, height)
    flank = np.linspace(cap[-1], (contact, 0.0), nodes + 1)[1:]
    curve = np.vstack((cap, flank))
    curve[0, 0] = curve[-1, 1] = 0.0
    return curve


def early() -> Shape:
    """Return a filament 2 nm high: no gap columns, no tunnelling."""
    return Shape(spike(2.0, 0.5, 0.9), ElectrodeSurface(DISSOLUTION_RATIO))


def narrow() -> Shape:
    """Return a filament 0.12 nm short of the electrode, its tip in the recess."""
    return Shape(spike(10.4, 0.7, 1.3), ElectrodeSurface(DISSOLUTION_RATIO))


def frozen(
    config: FilamentConfig, shape: Shape, applied: float, comm: MPI.Comm = MPI.COMM_SELF
) -> Simulation:
    """Return a simulation that stands at ``shape``, solved at the drive ``applied`` (V)."""
    rest = Drive([Hold(1.0)])
    simulation = Simulation(build_setting(tools(config, comm), rest, shape, build_control(config)))
    set_voltage(simulation, applied)
    return simulation


def set_voltage(simulation: Simulation, applied: float) -> None:
    """Bring a frozen simulation to another drive (V) in small steps; its shape stays."""
    state, domain = simulation.state, simulation.domain
    discrete = domain.discrete
    electrode = np.unique(domain.cell.cells[domain.regions == ACTIVE_ELECTRODE])
    cathodic = 0.9 if applied > 0 else 0.1  # part of the voltage that the slow branch takes
    count = 1 + int(abs(applied - state.drive) / LARGEST_STEP)
    solution = state.solution.copy()
    for value in np.linspace(state.drive, applied, count + 1)[1:]:
        solution[electrode, ELECTRON] += (applied - state.drive) / count
        solution[:, ION] += cathodic * (applied - state.drive) / count
        solution = domain.problem.solve(solution, float(value))
    simulation.state = replace(
        state,
        drive=applied,
        solution=solution,
        normal_velocity=velocity(simulation, solution),
        current=discrete.integral("tunnel_current") + discrete.integral("electrode_ion_current"),
    )


def velocity(simulation: Simulation, solution: Array) -> Array:
    """Return the normal velocity (n,), nm/s, that a solution makes at the present state."""
    cell, state = simulation.cell, simulation.state
    return cell.processes.velocity(state.memories, cell.seen(state.shape, solution))


def moving(
    config: FilamentConfig, shape: Shape, applied: float, comm: MPI.Comm = MPI.COMM_SELF
) -> Simulation:
    """Return a simulation that starts to grow at ``shape`` under a constant drive (V)."""
    drive = Drive([Table((0.0, 10.0), (applied, applied))])
    return Simulation(build_setting(tools(config, comm), drive, shape, build_control(config)))


def domain(config: FilamentConfig, shape: Shape, comm: MPI.Comm = MPI.COMM_SELF) -> Domain:
    """Return a mesh around ``shape`` with its equations, unsolved."""
    return Domain(tools(config, comm), shape)
