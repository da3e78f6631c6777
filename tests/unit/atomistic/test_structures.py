"""Structures lie on the crystal that their electrodes continue."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.leads import Face
from tusk.solver.models.atomistic.structures import Lattice, neck, numbers, squares, wire

SPACING = 2.5


@pytest.mark.parametrize("face", ["001", "111"])
@pytest.mark.parametrize("centre", [(0.0, 0.0), (0.25, 0.25)])
def test_inner_atoms_have_twelve_neighbours(face: Face, centre: tuple[float, float]) -> None:
    lattice = Lattice(face, SPACING, centre)
    layers = numbers(7)
    atoms = wire(lattice, len(layers), 3.0)
    inner = (np.hypot(atoms[:, 0], atoms[:, 1]) < 1.9 * SPACING) & (
        np.abs(atoms[:, 2]) < 2.5 * lattice.height
    )
    distance = cKDTree(atoms).query(atoms[inner], k=14)[0]
    assert distance[:, 1:13] == pytest.approx(SPACING, abs=1e-9)
    assert distance[:, 13].min() > 1.4 * SPACING


@pytest.mark.parametrize("face", ["001", "111"])
def test_electrodes_continue_the_crystal(face: Face) -> None:
    """An atom of the last layer has as many neighbours in the electrode as in the layer before."""
    lattice = Lattice(face, SPACING, (0.25, 0.25))
    atoms = neck(lattice, 5, 1.0, 0.2)
    for last, first in ((-2, -3), (2, 3)):
        _, places = lattice.electrode(first, -1.0, 32).atoms(atoms, 1.2 * SPACING)
        mine = atoms[np.abs(atoms[:, 2] - last * lattice.height) < 1e-6]
        counts = [len(found) for found in cKDTree(places).query_ball_point(mine, 1.01 * SPACING)]
        assert counts == [4 if face == "001" else 3] * len(mine)


def test_electrode_lists_every_atom_within_reach() -> None:
    lattice = Lattice("111", SPACING)
    atoms = neck(lattice, 3, 1.0, 0.3)
    numbers_, places = lattice.electrode(2, -1.0, 32).atoms(atoms, 3.4)
    plane = lattice.layer(2, lambda p: np.full(len(p), True), 30.0)
    expected = plane[cKDTree(atoms).query(plane)[0] < 3.4]
    assert len(numbers_) == len(np.unique(numbers_, axis=0)) == len(expected)
    assert cKDTree(places).query(expected)[0] == pytest.approx(0.0, abs=1e-9)


def test_squares_are_centred_as_far_as_the_crystal_allows() -> None:
    atoms = squares(Lattice("001", SPACING), [4, 3, 2, 1, 2, 3, 4])
    assert len(atoms) == 2 * (16 + 9 + 4) + 1
    assert atoms.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-9)
    assert cKDTree(atoms).query(atoms, k=2)[0][:, 1] == pytest.approx(SPACING, abs=1e-9)


def test_layer_numbers() -> None:
    assert list(numbers(3)) == [-1, 0, 1]
    assert list(numbers(4)) == [-1, 0, 1, 2]
    with pytest.raises(InputError, match=r"^layers: must be >= 1, got 0$"):
        numbers(0)
