"""A new number compiles nothing: forms know which law they are made of, not its numbers."""

from __future__ import annotations

from pathlib import Path

import frozen_cells
import pytest
import ufl
from ffcx.codegeneration import jit
from mpi4py import MPI

from tusk.solver.fields.parameters import symbolic
from tusk.solver.fields.symbols import Symbols
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.setup import build_simulation

NUMBERS = (
    "tunnel.effective_mass=0.44",
    "kinetics.transfer_coefficient=0.12",
    "kinetics.charge_number=1",
    "hopping.barrier=0.31 eV",
    "stress.energy=0.06 eV",
    "void.length=0.11 nm",
    "materials={SiO2: {thermal_conductivity: 1.1 W/m/K}, Cu: {electrical_linear: 3e-3 1/K}}",
    "thermal.ambient_temperature=320 K",
)
COLLECTOR_SHARE = "tunnel.collector_share=0.7"  # a number of the constant heating alone
LAWS = {
    "default": (),
    "full, langevin, transient": (
        "tunnel.model=simmons_full", "tunnel.heating=langevin", "thermal.model=transient",
    ),
    "handover": ("contact={model: handover}",),
    "qpc": ("contact={model: qpc}",),
    "nearest": ("tunnel.gap=nearest",),
}  # fmt: skip


@pytest.fixture
def compiles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what this process compiles from now on; others fill the same cache beside it."""
    names: list[str] = []
    compile_objects = jit._compile_objects

    def noted(*arguments: object, **options: object) -> object:
        names.append(str(arguments[3]))
        return compile_objects(*arguments, **options)

    monkeypatch.setattr(jit, "_compile_objects", noted)
    return names


@pytest.mark.parametrize("name", LAWS)
def test_changed_numbers_compile_nothing(name: str, compiles: list[str]) -> None:
    laws = LAWS[name]
    build_simulation(frozen_cells.configure(*laws), MPI.COMM_SELF).advance()
    compiles.clear()
    numbers = NUMBERS if "tunnel.heating=langevin" in laws else (*NUMBERS, COLLECTOR_SHARE)
    for number in numbers:
        build_simulation(frozen_cells.configure(*laws, number), MPI.COMM_SELF).advance()
        assert not compiles, number


def test_a_compile_is_noted(compiles: list[str], tmp_path: Path) -> None:
    """An empty cache has to be filled, and the tests above would see it."""
    from dolfinx import fem
    from dolfinx.mesh import create_unit_interval

    mesh = create_unit_interval(MPI.COMM_SELF, 2)
    fem.form(ufl.CellVolume(mesh) * ufl.dx, jit_options={"cache_dir": str(tmp_path)})
    assert len(compiles) == 1


def test_every_number_of_a_law_is_bound() -> None:
    """Nothing but choices and texts is left in the symbolic copy of the closures."""
    symbols, values = Symbols(), {}
    physics = build_physics(frozen_cells.configure("contact={model: handover}"))
    copy = symbolic(physics, symbols.domain, values)
    assert values[copy.tunnelling.tunnelling.effective_mass] == 0.42
    assert values[copy.charge_transfer.charge_number] == 2.0
    assert values[copy.active_electrode.electrical_conductivity.linear] > 0.0
    assert copy.charge_transfer.barriers == "both"
    assert copy.electrode_barriers is False
