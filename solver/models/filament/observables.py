"""What is reported of an accepted state: one row of the time series, with its ledgers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.meshes.curve import envelope_end
from tusk.meshes.distance import nearest_on_polyline, polyline_distance
from tusk.solver.axisymmetry import trapezoid_annuli, trapezoid_revolved
from tusk.solver.errors import NewtonDiverged
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.models.filament.problem import electrical_balance
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.constants import NM

Array = NDArray[np.float64]

CURRENT_FLOOR = 1e-13
"""Terminal currents below this are under the resolution of double precision (A)."""

LEDGER_CURRENT = 1e-10
"""Energy ledgers are judged above this current (A)."""

NO_CURRENT = 1e-16
"""Current below which a resistance means nothing (A)."""

NO_IONS = 1e-30
"""Ionic current below which nothing limits it (A)."""

LIMITING = 0.8
"""Share of the overpotential by which a process alone limits the growth."""

SUBDIVISIONS = 8
"""Intervals per surface segment in the direct tunnel integral."""


@dataclass(frozen=True, slots=True)
class Row:
    """One accepted step; field names are the columns of ``timeseries.csv``.

    The errors are relative: ``charge_error`` is |I_top - I_bottom|/(|I| + 1e-7 A), so that 1e-6
    means 1e-6 of the current plus 1e-13 A; ``faraday_error`` compares the deposited volume with the
    volume of the filament; ``energy_error`` and ``heat_error`` are the electrical and the thermal
    balance; ``tunnel_error`` compares the FEM tunnel current with the direct surface integral.
    """

    time_s: float
    applied_voltage_V: float
    cell_voltage_V: float
    current_A: float
    gap_min_m: float
    gap_min_radius_m: float
    gap_axis_m: float
    tip_height_m: float
    radius_max_m: float
    temperature_max_K: float
    filament_resistance_ohm: float
    tunnel_power_W: float
    joule_power_W: float
    ion_current_A: float
    charge_error: float
    faraday_error: float
    energy_error: float
    newton_iterations: int
    vertices: int
    regime: str
    heat_error: float
    tunnel_error: float
    share_gap: float
    share_area: float
    share_temperature: float
    share_voltage: float
    tip_rate_m_per_s: float
    radius_rate_m_per_s: float

    @property
    def cell_resistance_ohm(self) -> float:
        """Cell voltage over current, a magnitude in ohm; NaN without a current to speak of."""
        if abs(self.current_A) < NO_CURRENT:
            return float("nan")
        return abs(self.cell_voltage_V / self.current_A)


@dataclass(frozen=True, slots=True)
class Channel:
    """The column that carries the largest tunnel current density: gap (m), V, K, A/m², A."""

    gap: float
    voltage: float
    temperature: float
    density: float
    current: float


def observe(simulation: Simulation, newton_iterations: int) -> tuple[Row, Channel]:
    """Return the row of the present accepted state and its strongest tunnelling channel."""
    state, domain = simulation.state, simulation.domain
    integral = domain.problem.integrals()
    terminals = domain.problem.terminals(state.drive)
    curve = state.shape.curve
    gaps, voltages = gap_profile(simulation)
    end = envelope_end(curve) + 1
    narrowest = int(np.argmin(gaps[:end]))
    nodal = state.solution[domain.cell.filament_nodes]
    current = state.current
    applied = domain.problem.source.applied_voltage(state.drive, terminals.cell_voltage, current)
    row = Row(
        time_s=state.time,
        applied_voltage_V=applied,
        cell_voltage_V=terminals.cell_voltage,
        current_A=current,
        gap_min_m=float(gaps[narrowest]) * NM,
        gap_min_radius_m=float(curve[narrowest, 0]) * NM,
        gap_axis_m=float(gaps[0]) * NM,
        tip_height_m=float(curve[:, 1].max()) * NM,
        radius_max_m=float(curve[:, 0].max()) * NM,
        temperature_max_K=float(state.solution[:, HEAT].max()),
        filament_resistance_ohm=_filament_resistance(simulation),
        tunnel_power_W=integral["gap_dissipation"],
        joule_power_W=integral["joule_power"],
        ion_current_A=integral["electrode_ion_current"],
        charge_error=abs(terminals.current_top - terminals.current_bottom) / (abs(current) + 1e-7),
        faraday_error=simulation.faraday_error(),
        energy_error=electrical_balance(state.drive, terminals, integral),
        newton_iterations=newton_iterations,
        vertices=len(domain.points),
        regime="",
        heat_error=_thermal_balance(terminals.heat_outflow, integral),
        tunnel_error=_relative(
            integral["tunnel_current"], _direct_current(simulation, gaps, voltages), CURRENT_FLOOR
        ),
        share_gap=0.0,
        share_area=0.0,
        share_temperature=0.0,
        share_voltage=0.0,
        tip_rate_m_per_s=float(state.normal_velocity[0]) * NM,
        radius_rate_m_per_s=float(state.normal_velocity[end - 1]) * NM,
    )
    return row, _channel(simulation, gaps[:end], voltages[:end], nodal[:end, HEAT], current)


def atom_imbalance(simulation: Simulation) -> float:
    """Return (electrode loss - filament gain) / gain in volume: v* breaks it on purpose."""
    shape = simulation.state.shape
    end = envelope_end(shape.curve) + 1
    radius, height = shape.curve[:end, 0], shape.curve[:end, 1]
    depth = shape.electrode.recess(height, radius)
    lost = float(np.pi * np.sum(np.diff(radius**2) * 0.5 * (depth[1:] + depth[:-1])))
    gained = simulation.state.deposited
    return float((lost - gained) / gained) if gained else float("nan")


def _filament_resistance(simulation: Simulation) -> float:
    """Return (phi_e(tip) - phi_e(0, 0))/I in ohm, NaN without a current to speak of."""
    state, domain = simulation.state, simulation.domain
    tip = domain.cell.filament_nodes[0]
    origin = int(np.argmin(np.hypot(*domain.points.T)))
    if abs(state.current) < NO_CURRENT:
        return float("nan")
    return float((state.solution[tip, ELECTRON] - state.solution[origin, ELECTRON]) / state.current)


def read_resistance(simulation: Simulation, voltage: float) -> float:
    """Return the resistance (ohm) of the present state at a read voltage (V), NaN if there is none.

    It is solved where it stands, in no time, behind the source of the run and without a
    capacitance. Afterwards the equations are what they were, to the last bit.
    """
    cell, state = simulation.cell, simulation.state
    discrete, problem = cell.domain.discrete, cell.domain.problem
    constants, values, source = discrete.state(), discrete.solution.x.array.copy(), problem.source
    cell.freeze(state.solution)
    problem.source = cell.tools.physics.source
    try:
        problem.solve(cell.leapt(state.solution, state.drive, voltage), voltage)
        current, across = cell.current(), problem.cell_voltage()
    except NewtonDiverged:
        current = across = 0.0
    problem.source = source
    discrete.restore(constants)
    discrete.solution.x.array[:] = values
    return abs(across / current) if current else float("nan")


def overpotentials(simulation: Simulation) -> tuple[float, float, str]:
    """Return what charge transfer and hopping take of the voltage (V), and which of them limits.

    Each is a power over the ionic current: of charge transfer at both interfaces together, and of
    ions in the oxide. ``charge_transfer`` or ``hopping`` limits if it takes `LIMITING` of both
    together, else ``mixed``; nothing without an ionic current.
    """
    integral = simulation.domain.problem.integrals()
    current = abs(integral["electrode_ion_current"])
    if current < NO_IONS:
        return float("nan"), float("nan"), ""
    transfer = abs(integral["overpotential_dissipation"]) / current
    hopping = abs(integral["ionic_dissipation"]) / current
    share = transfer / (transfer + hopping) if transfer + hopping > 0.0 else 0.5
    if share >= LIMITING:
        return transfer, hopping, "charge_transfer"
    return transfer, hopping, "hopping" if share <= 1.0 - LIMITING else "mixed"


def gap_profile(simulation: Simulation) -> tuple[Array, Array]:
    """Return gap (nm) and tunnel voltage (V) seen from every node of the filament curve (n,)."""
    state, domain = simulation.state, simulation.domain
    curve, phi = state.shape.curve, state.solution[:, ELECTRON]
    own = phi[domain.cell.filament_nodes]
    face = domain.electrode_curve()
    nodes = domain.electrode_face
    beyond = phi[domain.cell.electrode.face[-1]]
    if simulation.tools.physics.gap_measure == "nearest":
        gap = polyline_distance(curve, face)
        segment, fraction = nearest_on_polyline(curve, face)
        values = phi[nodes]
        opposite = values[segment] + fraction * (values[segment + 1] - values[segment])
    else:
        gap = simulation.contact.physical_gap(
            simulation.touch, state.shape.gap(simulation.tools.stack)
        )
        opposite = np.full(len(curve), beyond)
        facing = domain.cell.columns[:, -1] if domain.cell.columns.size else nodes[:0]
        opposite[: len(facing)] = phi[facing]
    return gap, opposite - own


def _direct_current(simulation: Simulation, gap: Array, voltage: Array) -> float:
    """Return the integral of J_Tu(g, V, T) over the filament surface, free of the mesh inside (A).

    Column gap: current density per horizontal area over the upper envelope; nearest gap: per area
    of the filament surface.
    """
    curve = simulation.state.shape.curve
    end = envelope_end(curve) + 1
    nearest = simulation.tools.physics.gap_measure == "nearest"
    count = len(curve) if nearest else end
    limit = np.inf if nearest else simulation.tools.sizes.column_gap_limit
    near = np.flatnonzero(gap[:count] < limit)
    if len(near) < 2 or near[0] != 0:
        return 0.0
    stop = int(near[-1]) + 1
    nodal_temperature = simulation.state.solution[simulation.domain.cell.filament_nodes, HEAT]
    index = np.linspace(0, stop - 1, SUBDIVISIONS * (stop - 1) + 1)
    weights = simulation.processes.weights(simulation.state.memories, simulation.state.shape)
    share, conductance = weights.site_share, weights.site_conductance
    fields = np.column_stack((curve, gap, voltage, nodal_temperature, share))[:stop]
    r, z, g, v, temperature, share = (
        np.interp(index, np.arange(stop), fields[:, k]) for k in range(fields.shape[1])
    )
    gap_conductor = simulation.tools.physics.gap_conductor
    through = gap_conductor.conductance(g * NM, v, temperature, share, conductance)
    density = np.asarray(through * v) * NM**2
    if nearest:
        return trapezoid_revolved(np.column_stack((r, z)), density)
    return trapezoid_annuli(r, density)


def _thermal_balance(outflow: float, integral: dict[str, float]) -> float:
    """Return the relative gap between heat made and heat stored or carried away."""
    made = integral["joule_power"] + integral["tunnel_heat"]
    stored = integral.get("stored_power", 0.0)
    largest = max(abs(made), abs(outflow), abs(stored))  # a cell that cools makes no heat
    return abs(outflow + stored - made) / largest if largest > 1e-300 else 0.0


def _relative(value: float, reference: float, floor: float) -> float:
    return abs(value - reference) / abs(reference) if abs(reference) > floor else 0.0


def _channel(
    simulation: Simulation, gap: Array, voltage: Array, temperature: Array, current: float
) -> Channel:
    through = simulation.tools.physics.gap_conductor.open(gap * NM, voltage, temperature)
    density = np.abs(np.asarray(through * voltage))
    k = int(np.argmax(density))
    return Channel(
        float(gap[k]) * NM,
        float(voltage[k]),
        float(temperature[k]),
        float(density[k]),
        abs(current),
    )
