"""One geometry that does not move, 0.12 nm short of closing, at any number of vertices.

The steps of Newton's method that the benchmarks time start from its solution at 1.5 V with every
potential scaled by 0.99. ``export`` writes what another program needs to take the same step.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tusk.solver.backend as backend

import numpy as np

from tusk.solver.config import FilamentConfig, load_config

CONFIG = Path(__file__).parents[1] / "configs/buttberg2025_set_1mA.yaml"
VOLTAGE = 1.5
OFFSET = 0.99
SIZES = {325: 5.0, 511: 3.0, 1000: 1.5, 5000: 0.46, 20_000: 0.208, 100_000: 0.088, 330_000: 0.0475}
"""Factors of the reference preset's mesh sizes that give about so many vertices."""


def filament(nodes: int = 40) -> np.ndarray:
    """Return a curve (2 nodes, 2), nm: a spherical cap on a flank that widens downwards."""
    angle = np.linspace(0.0, 0.95 * np.pi / 2, nodes)
    cap = np.column_stack((np.sin(angle), np.cos(angle) - 1.0)) * 0.7 + (0.0, 10.4)
    flank = np.linspace(cap[-1], (1.3, 0.0), nodes + 1)[1:]
    curve = np.vstack((cap, flank))
    curve[0, 0] = curve[-1, 1] = 0.0
    return curve


def configuration(vertices: int) -> FilamentConfig:
    """Return the 1 mA SET with mesh sizes that give about this many vertices."""
    counts, factors = (np.log(list(values)) for values in (SIZES.keys(), SIZES.values()))
    factor = float(np.exp(np.interp(np.log(vertices), counts, factors)))
    config = load_config(CONFIG, [f"mesh.size_factor={factor}"])
    assert isinstance(config, FilamentConfig)
    return config


COARSE = 5000
"""Number of vertices above which the solution of a mesh with so many is where the solve begins."""


def tools(vertices: int, comm: Any) -> Any:
    """Return what a cell with about so many vertices needs on the ranks of a communicator."""
    backend.require_backend()
    from tusk.solver.models.filament.closures import build_physics
    from tusk.solver.models.filament.compiled import CompiledEquations
    from tusk.solver.models.filament.equations import Equations
    from tusk.solver.models.filament.setup import build_tools
    from tusk.solver.timing import Timer

    config = configuration(vertices)
    physics = build_physics(config)
    compiled = CompiledEquations(comm, Equations(physics))
    return build_tools(config, comm, compiled, physics, Timer())


def place(vertices: int) -> Any:
    """Return the cell with about so many vertices and its equations."""
    backend.require_backend()
    from mpi4py import MPI

    from tusk.meshes.cell import ElectrodeSurface
    from tusk.solver.front.surface import Shape
    from tusk.solver.models.filament.domain import Domain

    ratio = configuration(vertices).void.dissolution_ratio
    return Domain(tools(vertices, MPI.COMM_SELF), Shape(filament(), ElectrodeSurface(ratio)))


def solved(domain: Any) -> np.ndarray:
    """Return the solution (n, 3) in V, V, K, the voltage raised step by step."""
    from tusk.meshes.cell import ACTIVE_ELECTRODE
    from tusk.solver.fields.field import ELECTRON, ION

    electrode = np.unique(domain.cell.cells[domain.regions == ACTIVE_ELECTRODE])
    solution, present = domain.start_values(0.0), 0.0
    for value in np.linspace(0.0, VOLTAGE, 6)[1:]:
        solution[electrode, ELECTRON] += value - present
        solution[:, ION] += 0.9 * (value - present)
        solution, present = domain.problem.solve(solution, float(value)), value
    return np.asarray(solution)


def build(vertices: int) -> tuple[Any, np.ndarray]:
    """Return the domain and where Newton's method starts, (n, 3) in V, V, K."""
    domain = place(vertices)
    if vertices > COARSE:
        from tusk.solver.models.filament.domain import Passage

        coarse = place(COARSE)
        guess = Passage(coarse, domain).fields(solved(coarse))
        coarse.destroy()
        solution = domain.problem.solve(guess, VOLTAGE)
    else:
        solution = solved(domain)
    start = solution * OFFSET
    start[:, -1] = solution[:, -1]  # the temperature
    return domain, start


def export(domain: Any, start: np.ndarray, update: np.ndarray, path: Path) -> None:
    """Write geometry, data of the gap, start values and our update (n, 3) to an ``.npz``."""
    gap, _ = domain.gap_nodal()
    span = np.ones(len(domain.cell.cells))
    triangles, nodes = domain.cell.upright_edges()
    span[triangles] = gap[nodes]
    np.savez(
        path,
        points=domain.points,
        cells=domain.cell.cells,
        regions=domain.regions,
        size_effect=domain.size_effect_values,
        gap=gap,
        span=span,
        start=start,
        update=update,
        voltage=VOLTAGE,
    )
