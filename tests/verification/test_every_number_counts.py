"""Every number of a configuration changes a result, or is listed here as inert, with the reason.

Each number is changed alone, in the first setting below in which it should matter. One that enters
the equations must leave a residual at the solution of the unchanged ones; any other must change the
course of a few steps, of the drive, or what a short run leaves behind.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import frozen_cells
import numpy as np
import pytest
from configured_numbers import changed, numbers
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.meshes.cell import ElectrodeSurface
from tusk.solver.config import FilamentConfig
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.contact import build_contact
from tusk.solver.models.filament.domain import Domain
from tusk.solver.models.filament.equations import Equations
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.setup import (
    build_control,
    build_setting,
    build_simulation,
)
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Table

pytestmark = pytest.mark.slow

Array = NDArray[np.float64]

INERT = {
    "members": "how many are run, not how each goes",
    "seed": "without a contact that draws nothing is drawn",
    "solver.max_iterations": "a limit that only failing solves meet (test_stepping)",
    "stepping.minimum_step": "a limit that only failing steps meet (test_stepping)",
    "stepping.max_steps": "stops a run and changes no step (tests/cli)",
    "output.read_voltage": "read beside the run (tests/unit/solver/test_cycles.py)",
    "materials.Pt.atomic_mass": "the counter electrode does not dissolve",
    "materials.Pt.mean_free_path": "the default of filament.mean_free_path is the filament's metal",
}


@dataclass(frozen=True)
class Setting:
    """A base configuration, the drive (V or A) of its solved cell, and the keys it is there for."""

    overrides: tuple[str, ...]
    applied: float
    keys: str = "$."


PATCH = ("contact.model=master_equation",)
BY_VOLTAGE = (
    "contact={model: master_equation, rates: phenomenological, set_rate: 1 kHz, "
    "set_voltage: 100 mV, reset_rate: 10 Hz, reset_voltage: 100 mV}",
)
RAMP = "drive=[{ramp: {to: 0.2 V, rate: 1 V/s}}]"
SETTINGS = (
    Setting((), 1.7, r"(?!contact|capillarity|nucleation|kinetics\.barrier_)"),
    Setting((), -0.6),
    Setting(("thermal.model=transient",), 1.7),
    Setting(("filament.conductivity=nordheim",), 1.7, r"filament\."),
    Setting(("filament.conductivity=mayadas_shatzkes", "filament.grain_size=5 nm"), 1.7,
            r"filament\."),
    Setting(("filament.thermal=wiedemann_franz",), 1.7, r"filament\.lattice"),
    Setting(("filament.thermal=constant", "filament.filament_thermal_conductivity=30 W/m/K"), 1.7,
            r"filament\.filament"),
    Setting(("kinetics.barriers=free_energy",), 1.7, r"kinetics\.barrier_"),
    Setting(("source={kind: resistor, resistance: 1 kohm}",), 1.7, r"source\."),
    Setting(("source={kind: none, series_resistance: 1 kohm}",), 1.7, r"source\."),
    Setting(("contact.model=qpc", "contact.radius=0.3 nm"), 1.7, r"contact\.(radius|eff)"),
    Setting(PATCH, 1.2, r"contact\.(gap|bond)"),
    Setting((*BY_VOLTAGE, "contact.mode=stochastic"), 1.2, r"contact\.disorder|seed"),
    Setting(BY_VOLTAGE, 1.2, r"contact\.set_"),
    Setting(BY_VOLTAGE, -0.8, r"contact\.reset_"),
    Setting(("drive=[{ramp: {to: 0.2 V, rate: 1 V/s}}, {hold: {for: 1 ms}}]",), 0.0, r"drive"),
    Setting(("drive=[{pulse: {amplitude: 0.1 V, width: 1 ms, rise: 1 ms, fall: 1 ms, "
             "count: 2, period: 5 ms}}]",), 0.0, r"drive"),
    Setting(("drive=[{table: {points: [[0 s, 0 V], [1 s, 0.2 V]]}}]",), 0.0, r"drive"),
    Setting(("drive=[{ramp: {to: 0.2 V, rate: 1 V/s, until: {quantity: applied_voltage_V, "
             "above: 0.1 V}}}]",), 0.0, r"drive.*until"),
    Setting(("capillarity.model=surface_tension",), 1.7, r"capillarity"),
    Setting(("nucleation.mode=mean", RAMP), 0.0, r"nucleation"),
)  # fmt: skip


def override(setting: Setting, key: str, value: Any) -> FilamentConfig:
    """Return the configuration of a setting with one number changed."""
    text = changed(key, value)
    part = re.match(r"drive\[(\d+)\]\.(.*)", key)
    if part is None:
        return frozen_cells.configure(*setting.overrides, f"{key}={text}")
    drive = copy.deepcopy(frozen_cells.configure(*setting.overrides).resolved()["drive"])
    place = drive[int(part[1])]
    *parents, last = part[2].split(".")
    for parent in parents:
        place = place[parent]
    if last == "points":
        place[last] = [["0 s", "0 V"], ["1 s", "0.3 V"]]
    else:
        place[last] = int(text) if text.isdigit() else text
    return frozen_cells.configure(*setting.overrides, f"drive={json.dumps(drive)}")


KEYS = sorted(
    {
        (index, key)
        for index, setting in enumerate(SETTINGS)
        for key, _ in numbers(frozen_cells.configure(*setting.overrides).resolved())
        if re.match(setting.keys, key)
    }
)


# --- what a number may change ---------------------------------------------------------------------


@cache
def solved(setting: Setting) -> tuple[Simulation, Array]:
    """Return the solved narrow cell of a setting and the residual left at its solution."""
    config = frozen_cells.configure(*frozen_cells.TIGHT, *setting.overrides)
    simulation = frozen_cells.frozen(config, frozen_cells.narrow(), setting.applied)
    return simulation, _left(simulation.domain, simulation, setting)


def _left(domain: Domain, base: Simulation, setting: Setting) -> Array:
    """Return the largest residual of each field at the solution of ``base`` (A, A, W)."""
    problem, d = domain.problem, domain.discrete
    for name, constant in base.domain.discrete.constants.items():
        d.constants[name].value = constant.value
    d.set_nodal(d.solution, base.state.solution)
    if not problem.source.is_ideal:
        current, slope = problem.source.evaluate(setting.applied, problem.cell_voltage())
        d.constants["source_current"].value = current
        d.constants["source_conductance"].value = slope
        d.constants["source_voltage"].value = problem.cell_voltage()
    if domain.tools.physics.transient:  # a cell that warms from 300 K
        d.constants["storage_rate"].value = 1e9
        d.set_nodal(d.stored_heat, np.full(len(domain.points), -3e11))
    rows = d.nodal(d.assemble_residual().array)
    low, high = domain.points[:, 1].min(), domain.points[:, 1].max()
    inner = (domain.points[:, 1] > low + 1e-6) & (domain.points[:, 1] < high - 1e-6)
    top = domain.points[:, 1] >= high - 1e-6
    out = np.abs(rows[inner]).max(axis=0)
    out[0] = max(out[0], 0.0 if problem.source.is_ideal else np.abs(rows[top, 0]).max())
    return np.asarray(out)


def changes_the_equations(setting: Setting, config: FilamentConfig) -> bool:
    """Return whether the solution of the unchanged numbers no longer solves the equations."""
    base, left = solved(setting)
    physics = build_physics(config)
    compiled = CompiledEquations(MPI.COMM_SELF, Equations(physics))
    tools = replace(base.tools, compiled=compiled, physics=physics, atom_size=_atom(config))
    domain = Domain(tools, base.domain.shape)
    if not np.array_equal(domain.points, base.domain.points):
        return True
    now = _left(domain, base, setting)
    domain.destroy()
    if physics.transient:  # no solution at rest to compare with: the rows themselves
        return bool(np.any(np.abs(now / left - 1.0) > 1e-6))
    return bool(np.any(now > 100.0 * left))


def _atom(config: FilamentConfig) -> float:
    return frozen_cells.tools(config).atom_size


def course(config: FilamentConfig, applied: float) -> list[float]:
    """Return what a few steps from a narrow gap lead to."""
    depth = np.inf if config.void.max_depth is None else config.void.max_depth * 1e9
    shape = Shape(
        frozen_cells.narrow().curve, ElectrodeSurface(config.void.dissolution_ratio, depth)
    )
    drive = Drive([Table((0.0, 10.0), (applied, applied))])
    tools = frozen_cells.tools(config)
    contact = build_contact(config, tools, 0)
    simulation = Simulation(build_setting(tools, drive, shape, build_control(config), contact))
    for _ in range(4):
        simulation.advance()
    state = simulation.state
    met = [
        float(value) for name in fields(simulation.touch)
        for value in np.ravel(getattr(simulation.touch, name.name))
    ]  # fmt: skip
    return [
        *met,state.time, state.current, state.deposited, *state.shape.curve[:8].ravel(),
            *state.shape.gap(simulation.tools.stack)[:8], float(simulation.domain.points.sum()),
            float(state.solution.max())]  # fmt: skip


def short_run(config: FilamentConfig, directory: Path, steps: int = 12) -> list[float]:
    """Return what a run from the nucleus leaves behind after some steps, or at its end."""
    directory.mkdir()
    run = FilamentRun(config, build_simulation(config, MPI.COMM_SELF), directory)
    end = None
    for _ in range(steps):
        end = end or run.step()
    run.close()
    rows = run.rows
    files = [path.name for path in sorted(directory.rglob("*"))]
    out = [float(len(rows)), float(len(files))]
    for row in rows[-2:]:
        out += [row.time_s, row.applied_voltage_V, row.current_A, row.gap_axis_m, row.tip_height_m]
    return out


def narrow_run(config: FilamentConfig, directory: Path) -> list[float]:
    """Return how far a run from a narrow gap gets within four steps, and what it leaves."""
    directory.mkdir()
    simulation = frozen_cells.moving(config, frozen_cells.narrow(), 1.7)
    run = FilamentRun(config, simulation, directory)
    checkpoint, written, ended = directory / "checkpoint" / "state.h5", 0, 0
    for number in range(1, 5):
        if run.step() and not ended:
            ended = number
        written += checkpoint.exists()
    run.close()
    lines = len((directory / "filament.csv").read_text().splitlines())
    return [written, ended, len(list(directory.rglob("*.vtu"))), lines]


def waveform(config: FilamentConfig) -> list[float]:
    drive = Drive(config.drive)
    position, out = drive.start(), [drive.total_time(drive.start())]
    while position is not None:
        end = drive.corners(position)[0][-1]
        times = np.linspace(0.0, end, 97)
        out += [drive.value(position, float(time)) for time in times] + [end]
        position = drive.leave(position, end)
    return out


def differ(one: list[float], other: list[float]) -> bool:
    """Return whether two results differ; equal runs agree bit for bit."""
    return one != other


PROBES: tuple[Callable[[Setting, FilamentConfig, FilamentConfig, Path], bool], ...] = (
    lambda setting, _, new, path: changes_the_equations(setting, new),
    lambda setting, old, new, path: differ(
        course(old, setting.applied), course(new, setting.applied)
    ),
    lambda setting, old, new, path: differ(
        narrow_run(old, path / "a"), narrow_run(new, path / "b")
    ),
    lambda setting, old, new, path: differ(short_run(old, path / "c"), short_run(new, path / "d")),
)
PROBE_OF = {
    "mesh": 1, "stepping": 1, "stepping.voltage_step": 3, "solver": 1, "void": 1, "stack": 1,
    "stack.nucleus_radius": 3,
    "mesh.minimum_gap": 2, "output.fields_every": 2, "output.rows_every": 3,
    "output.curves_every": 2, "output.fields_at_currents": 3, "checkpoint": 2, "capillarity": 1,
    "nucleation": 3,
    "circuit": 1,
    "contact": 1, "contact.radius": 0, "contact.effective_mass": 0, "seed": 1,
}  # fmt: skip
"""Probe by section or key; 0, the equations, for all others."""


@pytest.mark.parametrize(("index", "key"), KEYS, ids=[f"{k} [{i}]" for i, k in KEYS])
def test_a_number_changes_a_result(index: int, key: str, tmp_path: Path) -> None:
    if index == 0 and key in INERT:
        pytest.skip(f"inert: {INERT[key]}")
    number = PROBE_OF.get(key, PROBE_OF.get(key.partition(".")[0], 0))
    steady_or_all = SETTINGS[: 2 if number else 3]  # no run starts with a jump in transient heat
    settings = steady_or_all if index == 0 else (SETTINGS[index],)
    for setting in settings:
        old = frozen_cells.configure(*setting.overrides)
        value = dict(numbers(old.resolved()))[key]
        new = override(setting, key, value)
        if key.startswith("drive") and "until" not in key:
            assert differ(waveform(old), waveform(new)), "the drive is as before"
            return
        if "until" in key:
            assert differ(short_run(old, tmp_path / "a", 60), short_run(new, tmp_path / "b", 60))
            return
        if PROBES[number](setting, old, new, tmp_path):
            return
        for path in tmp_path.iterdir():
            path.rename(path.with_name(f"{path.name}_done_{setting.applied}"))
    raise AssertionError(f"{key}: {value} -> {changed(key, value)} changes nothing")


def test_what_is_listed_as_inert_exists() -> None:
    keys = {key for _, key in KEYS}
    assert set(INERT) <= keys
