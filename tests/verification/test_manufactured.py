"""Convergence to manufactured solutions on a domain with its axis, unknowns of degree 1 and 2.

Studies that lie are guarded against: errors are integrated (not nodal), at the time of the state;
the fitted rate and the absolute error are both judged; every iteration starts off the solution;
and a final test shows that a small fault in any coefficient is seen.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import manufactured
import numpy as np
import planar_cells
import pytest
import ufl
from bound_equations import BoundEquations, Forms
from manufactured import (
    DRIVE,
    HIGH,
    LOW,
    SOURCE,
    Exact,
    Manufactured,
    SteadySymbols,
    TimedSymbols,
)
from mpi4py import MPI
from numpy.typing import NDArray
from planar_cells import PlanarCell

from tusk.meshes.cell import ACTIVE_ELECTRODE, FILAMENT, GAP
from tusk.solver.fields.field import ELECTRON, HEAT, ION, METALS
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.heat_history import HeatHistory

Array = NDArray[np.float64]

SLOPE = 0.15
ERROR_DEGREE = 8
THERMAL_TIME = 3e-11
"""Square of 8 nm over the diffusivity: time scale of the cell (s)."""

STUDIES = {
    "electrons": (ELECTRON,),
    "ions": (ION,),
    "heat": (HEAT,),
    "coupled": (ELECTRON, ION, HEAT),
}
FIELDS = {ELECTRON: "phi_e", ION: "phi_i", HEAT: "T"}
COUNTS = {1: (8, 16, 32), 2: (4, 8, 16)}
"""Mesh intervals per layer by degree."""

FINEST = {1: (5e-5, 1e-4, 0.1), 2: (5e-6, 1e-6, 1e-3)}
HEATED = {1: FINEST[1], 2: (1e-5, 5e-5, 0.05)}
"""Bounds of the finest L2 errors over the root of the volume (V, V, K); with tunnel heat below."""


def theory(degree: int, heated: bool) -> tuple[float, float]:
    """Return the orders of the errors in value and slope.

    The areal tunnel heat is made of the gradient at the face, which a field of degree 2 has to
    second order only.  In columns of linear triangles that gradient is the exact difference.
    """
    return (2.0, 2.0) if heated and degree == 2 else (degree + 1.0, float(degree))


def _error_forms(equations: Manufactured) -> dict[str, Any]:
    """Return squared errors by field, in value (``phi_e 0``) and in slope (``phi_e 1``)."""
    r, _ = equations.space.coordinates
    dx = ufl.Measure("dx", equations.symbols.domain, metadata={"quadrature_degree": ERROR_DEGREE})
    exact, solution = equations.exact, equations.symbols.solution
    parts = {
        "phi_e": (METALS, lambda k: exact.phi_e(k) - solution[ELECTRON]),
        "phi_i": ((GAP,), lambda _: exact.phi_i() - solution[ION]),
        "T": ((*METALS, GAP), lambda _: exact.temperature() - solution[HEAT]),
    }
    out: dict[str, Any] = {}
    for name, (regions, difference) in parts.items():
        for order, square in enumerate(
            (lambda u: u**2, lambda u: ufl.inner(ufl.grad(u), ufl.grad(u)))
        ):
            out[f"{name} {order}"] = sum(
                2 * np.pi * r * square(difference(k)) * dx(k) for k in regions
            )
    return out


@cache
def forms(degree: int) -> Forms:
    equations = Manufactured(
        physics=build_physics(manufactured.configuration()),
        symbols=TimedSymbols(degree),
        slope=SLOPE,
    )
    return Forms(equations, _error_forms(equations))


def bound(count: int, degree: int, heated: bool = True) -> BoundEquations:
    """Return the study's equations on one mesh, at rest in time; the tunnel current may heat."""
    cell = manufactured.inclined_mesh(count, SLOPE)
    out = BoundEquations(forms(degree), cell.points, cell.cells, cell.regions)
    for name, value in {
        "gap": manufactured.WIDTH,
        "span": manufactured.WIDTH,
        "size_effect": manufactured.SIZE_EFFECT,
        "dissolvable": manufactured.DISSOLVABLE,
    }.items():
        out.functions[name].x.array[:] = value
    out.functions["size_effect"].x.array[out.regions != FILAMENT] = 1.0
    for name, value in {
        **SOURCE,
        "top_area": manufactured.AREA,
        "amplitude": 1.0,
        "heat_scale": float(heated),
        "heating": float(heated),
    }.items():
        out.constants[name].value = value
    return out


def exact_values(study: BoundEquations) -> Array:
    amplitude = float(study.constants["amplitude"].value)

    def at(r: Array, z: Array) -> Exact:
        return Exact(r, z, np.cos, SLOPE, amplitude)

    return study.nodal(
        lambda region, r, z: at(r, z).phi_e(region),
        lambda region, r, z: at(r, z).phi_i() if region == GAP else np.zeros_like(r),
        lambda region, r, z: at(r, z).temperature(),
    )


def free_unknowns(study: BoundEquations, fields: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return which unknowns are solved for: no ions in metals, nothing at the bottom."""
    z = study.positions[:, 1]
    out = np.zeros((len(z), 3), dtype=bool)
    out[:, list(fields)] = True
    out[~study.nodes_of(GAP), ION] = False
    out[z < LOW + 1e-9] = False
    out[z > HIGH - 1e-9, HEAT] = False
    return out


def disturbed(values: Array, free: NDArray[np.bool_]) -> Array:
    noise = np.random.default_rng(2).uniform(-1.0, 1.0, values.shape) * (5e-3, 5e-3, 3.0)
    return np.asarray(values + np.where(free, noise, 0.0))


def errors(study: BoundEquations, fields: tuple[int, ...]) -> Array:
    """Return L2 and H1 errors of the fields, (2 len(fields),), over the root of the volume."""
    volume = manufactured.AREA * (HIGH - LOW)
    return np.array(
        [np.sqrt(study.scalar(f"{FIELDS[k]} {order}") / volume) for k in fields for order in (0, 1)]
    )


def judge(values: list[Array], degree: int, fields: tuple[int, ...], heated: bool) -> str:
    """Check fitted rates against theory, and the finest errors against bounds; return the rates."""
    table, counts = np.array(values), COUNTS[degree]
    expected = np.tile(theory(degree, heated), len(fields))
    rates = -np.polyfit(np.log(counts), np.log(table), 1)[0]
    assert np.all(rates >= expected - 0.1), f"rates {rates} of errors {table}"
    last = np.log2(table[-2] / table[-1])
    assert np.all(last >= expected - 0.1), f"an error floor: last rates {last} of errors {table}"
    bounds = (HEATED if heated else FINEST)[degree]
    for k, error in zip(fields, table[-1, ::2], strict=True):
        assert 0.0 < error < bounds[k], f"{FIELDS[k]}: {error}"
    pairs = zip(fields, rates.reshape(-1, 2), strict=True)
    return ", ".join(f"{FIELDS[k]} {plain:.2f} and {slope:.2f}" for k, (plain, slope) in pairs)


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize(
    ("name", "heated"),
    [(name, heat) for name in STUDIES for heat in (True, False) if heat or HEAT in STUDIES[name]],
)
def test_steady_fields_converge(
    name: str, heated: bool, degree: int, record_property: Callable[[str, object], None]
) -> None:
    """sigma(T), Mott-Gurney, heat, Butler-Volmer, tunnelling and its heat, on inclined faces."""
    fields, values = STUDIES[name], []
    for count in COUNTS[degree]:
        study = bound(count, degree, heated)
        free = free_unknowns(study, fields)
        study.solve(disturbed(exact_values(study), free), free)
        values.append(errors(study, fields))
    rates = judge(values, degree, fields, heated and HEAT in fields)
    record_property("rates in L2 and H1:", rates)


# --- faults that must show ------------------------------------------------------------------------

FAULTS: dict[str, tuple[str, str, float]] = {
    "tunnel conductance": ("gap", "phi_e", 1.02),
    "column voltage": ("span", "phi_e", 1.02),
    "metal conductivity": ("size_effect", "phi_e", 1.02),
    "anodic branch": ("dissolvable", "phi_i", 0.9),
    "tunnel heat": ("heat_scale", "T", 1.02),
    "source": ("source_current", "phi_e", 1.05),
    "heat capacity": ("amplitude_rate", "T", 1.0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_small_fault_shows(fault: str) -> None:
    """Every term counts: a few per cent in one of them leave an error far above the mesh's."""
    name, field, factor = FAULTS[fault]
    study = bound(8, 2)
    free = free_unknowns(study, STUDIES["coupled"])
    start = exact_values(study)
    study.solve(start, free)
    honest = dict(zip(FIELDS.values(), errors(study, (0, 1, 2))[::2], strict=True))
    if name == "amplitude_rate":
        study.constants[name].value = 0.01 / THERMAL_TIME
    elif name in study.constants:
        study.constants[name].value *= factor
    else:
        study.functions[name].x.array[:] *= factor
    study.solve(start, free)
    faulty = dict(zip(FIELDS.values(), errors(study, (0, 1, 2))[::2], strict=True))
    assert faulty[field] > 3 * honest[field], f"{honest} {faulty}"


# --- stored heat ----------------------------------------------------------------------------------


@pytest.mark.parametrize("degree", [1, 2])
def test_transient_heat_converges_in_space(
    degree: int, record_property: Callable[[str, object], None]
) -> None:
    """A rise that is linear in time leaves the error of the mesh alone, at the right time."""
    steps, step, values = 3, 0.05 * THERMAL_TIME, []
    growth = 0.1 / step
    for count in COUNTS[degree]:
        study = bound(count, degree, heated=False)
        study.constants["amplitude_rate"].value = growth
        free = free_unknowns(study, (HEAT,))
        temperature = exact_values(study)[:, HEAT]
        history = HeatHistory(temperature, study.positions, 0.0)
        for number in range(1, steps + 1):
            new, present, former = history.weights(step)
            study.constants["storage_rate"].value = new
            stored = present * temperature + former * history.temperature
            study.functions["stored_heat"].x.array[:] = stored
            study.constants["amplitude"].value = 1.0 + growth * step * number
            solution = study.solve(disturbed(exact_values(study), free), free)
            history = HeatHistory(temperature, study.positions, step)
            temperature = solution[:, HEAT]
        values.append(errors(study, (HEAT,)))
        study.constants["amplitude"].value = 1.0 + growth * step * (steps - 1)
        assert errors(study, (HEAT,))[0] > 5 * values[-1][0], "the state of another time"
    record_property("rates in L2 and H1:", judge(values, degree, (HEAT,), heated=False))


def _quadratic(r: Array, z: Array) -> Array:
    """Return a temperature rise (K) that fields of degree 2 represent exactly."""
    return np.asarray(30.0 + 4.0 * r**2 - 1.5 * z**2 + 2.0 * z)


def _wandering(home: Array, phase: float) -> Array:
    """Return node positions (n, 2): inner nodes of the metals swing, interfaces stay."""
    levels = np.array([LOW, 0.0, manufactured.FILAMENT_TOP, manufactured.OXIDE_TOP, HIGH])
    r, z = home.T
    out = home.copy()
    for low, high in ((levels[0], levels[1]), (levels[3] + SLOPE * r, levels[4])):
        inside = (z > low) & (z < high)
        share = (z - low) / (high - low)
        out[:, 1] += np.where(inside, 0.6 * phase * share * (1.0 - share) * (high - low), 0.0)
        side = r / manufactured.RADIUS
        swing = 0.5 * phase * side * (1.0 - side) * share * (1.0 - share) * manufactured.RADIUS
        out[:, 0] += np.where(inside, swing, 0.0)
    return out


def _march(count: int) -> float:
    """Return the largest error (K) at the end of ``count`` uneven steps on a mesh that moves.

    The load of every step is the discrete residual of the exact nodal fields, so that nothing but
    the difference formula in time is left to err.
    """
    study, end = bound(3, 2), 0.4 * THERMAL_TIME
    home = manufactured.inclined_mesh(3, SLOPE).points
    rates = np.tile((1.3, 0.7), count // 2)
    times = np.concatenate(([0.0], np.cumsum(rates))) * end / count
    free = free_unknowns(study, STUDIES["coupled"])
    stored, storage = study.functions["stored_heat"], study.constants["storage_rate"]
    assert np.array_equal(stored.function_space.dofmap.list, study.dofs)

    def exact(time: float) -> Array:
        values = exact_values(study)
        values[:, HEAT] = 300.0 + np.cos(4.0 * time / end) * _quadratic(*study.positions.T)
        return values

    points = _wandering(home, 0.0)
    study.move(points)
    solution = exact(0.0)
    history = HeatHistory(solution[:, HEAT], points, 0.0)
    for time, step in zip(times[1:], np.diff(times), strict=True):
        moved = _wandering(home, np.sin(3.0 * time / end))
        study.move(moved)
        rise = _quadratic(*study.positions.T)
        storage.value = 0.0
        study.set_vertices("mesh_velocity", 0.0 * moved)
        stored.x.array[:] = -4.0 / end * np.sin(4.0 * time / end) * rise
        load = study.residual(exact(time))
        new, present, former = history.weights(step)
        storage.value = new
        stored.x.array[:] = present * solution[:, HEAT] + former * history.temperature
        velocity = new * moved + present * points + former * history.positions
        study.set_vertices("mesh_velocity", velocity)
        history = HeatHistory(solution[:, HEAT], points, step)
        start = solution.copy()
        start[~free] = exact(time)[~free]
        solution, points = study.solve(start, free, load), moved
    return float(np.abs(solution - exact(times[-1]))[:, HEAT].max())


def test_transient_heat_is_second_order_in_time_on_a_mesh_that_moves(
    record_property: Callable[[str, object], None],
) -> None:
    counts = (24, 48, 96)
    values = np.array([_march(count) for count in counts])
    rate = -np.polyfit(np.log(counts), np.log(values), 1)[0]
    record_property("rate in time", f"{rate:.2f}")
    assert rate >= 1.9, f"rate {rate} of errors {values}"
    assert np.log2(values[1] / values[2]) >= 1.9
    assert values[-1] < 0.1


# --- the solver of the runs -----------------------------------------------------------------------


def _run_errors(count: int, compiled: CompiledEquations) -> Array:
    """Return the errors of the solver of the runs: phi_e (metals), phi_i, T in V, V, K."""
    cell = _Inclined(manufactured.STACK, manufactured.FILAMENT_TOP, GAP, (count, count))
    problem = planar_cells.problem(cell, manufactured.configuration(), compiled)
    d = problem.discrete
    mesh, size = d.cell, np.ones(len(d.cell.cells))
    d.set_nodal(d.dissolvable, np.full(len(mesh.points), manufactured.DISSOLVABLE))
    d.set_nodal(d.cut, np.zeros(len(mesh.points)))
    size[mesh.regions == FILAMENT] = manufactured.SIZE_EFFECT
    d.set_cellwise(d.size_effect, size)
    d.constants["storage_rate"].value = 0.0
    exact = Exact(*mesh.points.T, np.cos, SLOPE)
    fields = np.column_stack((exact.phi_e(FILAMENT), exact.phi_i(), exact.temperature()))
    for region in (GAP, ACTIVE_ELECTRODE):
        nodes = np.unique(mesh.cells[mesh.regions == region])
        fields[nodes, ELECTRON] = exact.phi_e(region)[nodes]
    noise = np.random.default_rng(2).uniform(-1.0, 1.0, fields.shape) * (5e-3, 5e-3, 3.0)
    solution = problem.solve(fields + noise, DRIVE)
    assert float(d.constants["heat_scale"].value) == pytest.approx(1.0, abs=0.02)
    error = np.where(problem.active, solution - fields, 0.0)
    weight = mesh.points[:, 0] + 1e-3
    return np.asarray(np.sqrt((error**2 * weight[:, None]).sum(axis=0) / weight.sum()))


class _Inclined(PlanarCell):
    """A layered cell whose gap is inclined."""

    def mesh(self) -> Any:
        return manufactured.inclined_mesh(self.intervals[0], SLOPE)


def test_the_solver_of_the_runs_converges_with_the_square_of_the_size(
    record_property: Callable[[str, object], None],
) -> None:
    """The same sources through the binding, Newton's method and linear solver of every run."""
    equations = Manufactured(
        physics=build_physics(manufactured.configuration()),
        symbols=SteadySymbols(),
        slope=SLOPE,
    )
    compiled = CompiledEquations(MPI.COMM_SELF, equations)
    counts = (8, 16, 32)
    values = np.array([_run_errors(count, compiled) for count in counts])
    rates = -np.polyfit(np.log(counts), np.log(values), 1)[0]
    record_property("rates of phi_e, phi_i, T:", ", ".join(f"{rate:.2f}" for rate in rates))
    assert np.all(rates >= 1.9), f"rates {rates} of errors {values}"
    assert np.all(values[-1] < (1e-4, 1e-4, 0.1)), f"absolute errors {values[-1]} (V, V, K)"
