"""Observation changes nothing: a run that is asked for everything again goes the same way."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mpi4py import MPI
from written_fields import narrow_run

from tusk.solver.models.filament.fields import cell_fields, point_fields
from tusk.solver.models.filament.observables import observe
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.models.filament.simulation import Simulation

STEPS = 4


def look(simulation: Simulation) -> list[Any]:
    """Ask a simulation for all that can be asked."""
    problem, state = simulation.domain.problem, simulation.state
    return [
        observe(simulation, 0),
        point_fields(simulation),
        cell_fields(simulation),
        problem.integrals(),
        problem.terminals(state.drive),
        problem.cell_voltage(),
        simulation.faraday_error(),
        simulation.cell.current(),
        simulation.cell.volume(state),
        simulation.contact.report(simulation.touch, state.current),
    ]


def look_at_run(run: FilamentRun) -> list[Any]:
    """Ask a run for all that can be asked."""
    snapshot = leaves(run.snapshot().tree())
    asked = [run.summary(), run.outcome(), run.status(), run.progress(), snapshot]
    return [*look(run.simulation), *asked]


def written(found: list[Any]) -> str:
    """Return all numbers with all their digits."""
    with np.printoptions(threshold=sys.maxsize, floatmode="unique"):
        return repr(found)


def leaves(tree: Any, path: str = "") -> dict[str, bytes]:
    """Return every number of a tree bit by bit, but for the seconds that the run took."""
    if isinstance(tree, Mapping):
        out: dict[str, bytes] = {}
        for name, branch in tree.items():
            out |= leaves(branch, f"{path}/{name}") if name != "seconds" else {}
        return out
    whole = np.asarray(tree)
    return {path: repr(tree).encode() if whole.dtype == object else whole.tobytes()}


def memory(simulation: Simulation) -> dict[str, bytes]:
    """Return what the next step sets out from: state, mesh, and the data of the forms."""
    d = simulation.domain.discrete
    data = {name: part.x.array for name, part in vars(d).items() if hasattr(part, "x")}
    assert "solution" in data
    constants = {name: float(constant.value) for name, constant in d.constants.items()}
    points = simulation.domain.points
    return leaves({"run": simulation.snapshot(), "data": data, "constants": constants,
                   "points": points, "mesh": d.mesh.geometry.x})  # fmt: skip


CASES = ("none", "handover", "master_equation", "nearest")


@pytest.mark.parametrize("name", CASES)
def test_observation_changes_nothing(name: str, tmp_path: Path) -> None:
    simulation = narrow_run(name, MPI.COMM_SELF, tmp_path).simulation
    for _ in range(2):
        simulation.advance()
        before = memory(simulation)
        first = written(look(simulation))
        assert memory(simulation) == before
        assert written(look(simulation)) == first


@pytest.mark.parametrize("name", CASES)
def test_a_run_observed_twice_is_the_same_run(name: str, tmp_path: Path) -> None:
    once, twice = (tmp_path / part for part in ("once", "twice"))
    for directory in (once, twice):
        directory.mkdir()
    plain, watched = narrow_run(name, MPI.COMM_SELF, once), narrow_run(name, MPI.COMM_SELF, twice)
    for _ in range(STEPS):
        plain.step()
        watched.step()
        assert written(look_at_run(watched)) == written(look_at_run(watched))
    assert memory(plain.simulation) == memory(watched.simulation)
    for run in (plain, watched):
        run.close()
    fields = sorted(f"fields/{path.name}" for path in (once / "fields").iterdir())
    assert len(fields) > 1
    for file in ("timeseries.csv", "filament.csv", "fields.pvd", *fields):
        assert (once / file).read_bytes() == (twice / file).read_bytes()
