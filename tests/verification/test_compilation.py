"""A new number compiles nothing: forms know which law they are made of, not its numbers."""

from __future__ import annotations

from pathlib import Path

import frozen_cells
import pytest
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
    "tunnel.collector_share=0.7",
    "materials={SiO2: {thermal_conductivity: 1.1 W/m/K}, Cu: {electrical_linear: 3e-3 1/K}}",
    "thermal.ambient_temperature=320 K",
)
LAWS = {
    "default": (),
    "full, langevin, transient": (
        "tunnel.model=simmons_full", "tunnel.heating=langevin", "thermal.model=transient",
    ),
    "handover": ("contact={model: handover}",),
    "qpc": ("contact={model: qpc}",),
    "nearest": ("tunnel.gap=nearest",),
}  # fmt: skip


def libraries(cache: Path) -> set[str]:
    """Return the names of the compiled forms."""
    return {path.name for path in cache.rglob("*.so")}


@pytest.mark.parametrize("name", LAWS)
def test_changed_numbers_compile_nothing(name: str) -> None:
    from dolfinx.jit import get_options

    cache = Path(get_options()["cache_dir"]).expanduser()
    build_simulation(frozen_cells.configure(*LAWS[name]), MPI.COMM_SELF)
    before = libraries(cache)
    assert before
    for number in NUMBERS:
        simulation = build_simulation(frozen_cells.configure(*LAWS[name], number), MPI.COMM_SELF)
        simulation.advance()
        assert libraries(cache) == before, number


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
