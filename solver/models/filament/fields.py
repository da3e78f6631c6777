"""Fields of an accepted state as they are written for ParaView: SI units, points in nm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.equations import ELECTRON, HEAT, ION, NM
from tusk.solver.models.filament.simulation import Simulation

Array = NDArray[np.float64]


@contextmanager
def between(simulation: Simulation, share: float) -> Iterator[None]:
    """Show a simulation between its last two states, which stand on one mesh; collective.

    Surface, potentials and temperature are interpolated linearly. Afterwards the simulation is
    what it was, to the last bit.

    Parameters
    ----------
    simulation
        The simulation, after a step.
    share
        Part of the step that is done, 0 to 1.
    """
    before, after = simulation.previous, simulation.state

    def mixed(old: Array, new: Array) -> Array:
        return old + share * (new - old)

    curve = mixed(before.shape.curve, after.shape.curve)
    simulation.state = replace(
        after,
        time=before.time + share * (after.time - before.time),
        current=before.current + share * (after.current - before.current),
        shape=Shape(curve, after.shape.electrode),
        solution=mixed(before.solution, after.solution),
    )
    try:
        simulation.domain.place(simulation.state.shape)
        yield
    finally:
        simulation.state = after
        simulation.domain.place(after.shape)


def point_fields(simulation: Simulation) -> dict[str, Array]:
    """Return nodal fields (n,): potentials in V and temperature in K."""
    solution = simulation.state.solution
    return {
        "electric_potential_V": solution[:, ELECTRON],
        "ionic_potential_V": solution[:, ION],
        "temperature_K": solution[:, HEAT],
    }


def cell_fields(simulation: Simulation) -> dict[str, Array]:
    """Return fields per triangle: conductivity, current density (m, 3), field strength, material.

    In metals field and current are electronic; in the oxide the field drives ions, and tunnelling
    electrons add to the current in the gap.
    """
    domain, physics = simulation.domain, simulation.tools.physics
    regions = domain.regions
    solution = simulation.state.solution
    temperature = solution[domain.cell.cells, HEAT].mean(axis=1)
    electronic = -gradient(domain.points, domain.cell.cells, solution[:, ELECTRON]) / NM
    ionic = -gradient(domain.points, domain.cell.cells, solution[:, ION]) / NM
    oxide = np.isin(regions, (OXIDE, GAP))
    field = np.where(oxide[:, None], ionic, electronic)
    conductivity = np.empty(len(regions))
    for region in (COUNTER_ELECTRODE, FILAMENT, ACTIVE_ELECTRODE):
        here = regions == region
        conductivity[here] = physics.metal_conductivity(region, temperature[here])
    conductivity[regions == FILAMENT] *= domain.size_effect_values[regions == FILAMENT]
    squared = np.einsum("mk,mk->m", field, field)
    conductivity[oxide] = physics.hopping.conductivity(squared[oxide], temperature[oxide])
    current = conductivity[:, None] * field
    gap = regions == GAP
    width = domain.gap_nodal()[0][domain.cell.cells[gap]].mean(axis=1)
    voltage = -electronic[gap, 1] * width * NM
    current[gap, 1] -= physics.tunnelling.current_density(width * NM, voltage, temperature[gap])
    return {
        "conductivity_S_per_m": conductivity,
        "current_density_A_per_m2": np.column_stack((current, np.zeros(len(regions)))),
        "field_V_per_m": np.sqrt(squared),
        "material": np.where(gap, OXIDE, regions).astype(np.int32),
    }


def gradient(points: Array, cells: NDArray[np.int64], values: Array) -> Array:
    """Return the gradient of a P1 field on every triangle (m, 2), per unit of ``points``."""
    a, b, c = (points[cells[:, k]] for k in range(3))
    u = values[cells]
    edge_1, edge_2 = b - a, c - a
    area = edge_1[:, 0] * edge_2[:, 1] - edge_2[:, 0] * edge_1[:, 1]
    d1, d2 = u[:, 1] - u[:, 0], u[:, 2] - u[:, 0]
    radial = (d1 * edge_2[:, 1] - d2 * edge_1[:, 1]) / area
    axial = (d2 * edge_1[:, 0] - d1 * edge_2[:, 0]) / area
    return np.column_stack((radial, axial))
