"""Numbers that are bound at run time act as if they had been compiled, ours and those of others."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI

from tusk.solver.models.filament import discrete, nearest_gap
from tusk.solver.models.filament.closures import FilamentPhysics, build_physics
from tusk.solver.models.filament.compiled import CompiledEquations
from tusk.solver.models.filament.domain import Domain
from tusk.solver.models.filament.equations import Equations
from tusk.solver.physics.functions import Value, exp, sqrt

NUMBERS = (
    "tunnel.effective_mass=0.43",
    "kinetics.transfer_coefficient=0.11",
    "kinetics.charge_number=1",
    "kinetics.equilibrium_offset=10 mV",
    "hopping.barrier=0.36 eV",
    "materials.Cu.electrical_linear=4e-3 1/K",
)
SETTINGS = {
    "default": (),
    "full, langevin, transient": (
        "tunnel.model=simmons_full", "tunnel.heating=langevin", "thermal.model=transient",
    ),
    "handover": ("contact.model=handover",),
    "nearest": ("tunnel.gap=nearest",),
}  # fmt: skip


def at_a_guess(physics: FilamentPhysics, *setting: str) -> tuple[np.ndarray, list[float]]:
    """Return residual rows (n, 3) and reported integrals at fields of no particular kind."""
    tools = frozen_cells.tools(frozen_cells.configure(*setting))
    compiled = CompiledEquations(MPI.COMM_SELF, Equations(physics))
    domain = Domain(replace(tools, compiled=compiled, physics=physics), frozen_cells.narrow())
    d, count = domain.discrete, len(domain.points)
    wave = np.sin(np.outer(np.arange(count), (1.0, 2.0, 3.0)))
    d.set_nodal(d.solution, wave * (0.02, 0.02, 30.0) + (0.5, 0.3, 400.0))
    rows = d.nodal(d.assemble_residual().array)
    return rows, list(d.integrals().values())


def same(found: tuple[np.ndarray, list[float]], wanted: tuple[np.ndarray, list[float]]) -> bool:
    scale = np.abs(wanted[0]).max(axis=0)
    rows = np.abs(found[0] - wanted[0]).max(axis=0) < 1e-13 * scale
    return bool(np.all(rows)) and found[1] == pytest.approx(wanted[1], rel=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("name", SETTINGS)
def test_constants_act_as_numbers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    setting = (*SETTINGS[name], *NUMBERS)
    physics = build_physics(frozen_cells.configure(*setting))
    found = at_a_guess(physics, *setting)
    for module in (discrete, nearest_gap):
        monkeypatch.setattr(module, "symbolic", lambda law, *_: law)
    assert same(found, at_a_guess(physics, *setting))


@dataclass(frozen=True)
class BySymbols:
    """A law from outside with a root in it, as the documentation tells to write it."""

    length: float

    def root(self) -> Value:
        return sqrt(self.length)

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        return 1e13 * exp(-gap / self.root() ** 2)


class ByNumbers(BySymbols):
    """The same, written for plain numbers."""

    def root(self) -> Any:
        return math.sqrt(self.length) if self.length > 0.0 else 1.0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["default", "nearest"])
def test_a_law_of_plain_numbers_says_the_same(name: str) -> None:
    physics = build_physics(frozen_cells.configure(*SETTINGS[name]))
    one, other = (
        at_a_guess(replace(physics, tunnelling=kind(1.1e-10)), *SETTINGS[name])
        for kind in (BySymbols, ByNumbers)
    )
    assert same(one, other)
    assert not same(one, at_a_guess(physics, *SETTINGS[name])), "the law acts"
