"""The stages of rewiring, told from where atoms stand."""

import numpy as np
import pytest

from tusk.solver.models.atomistic.stages import STAGES, Growth, growth

STEP = 2.9


def row(count: int, z: float = 0.0) -> np.ndarray:
    return STEP * np.column_stack([np.arange(count), np.zeros(count), np.full(count, z / STEP)])


@pytest.mark.parametrize(
    ("atoms", "narrowest", "found", "name"),
    [
        (row(4, 9.0), 0, (0, 0), "open"),
        (row(2), 0, (2, 2), "adatoms"),
        (np.concatenate([row(2), row(2) + np.array([30.0, 0.0, 0.0])]), 0, (4, 2), "adatoms"),
        (row(3), 0, (3, 3), "islands"),
        (row(5), 1, (5, 5), "bridge"),
        (row(5), 2, (5, 5), "enlarged"),
    ],
)
def test_stage(atoms: np.ndarray, narrowest: int, found: tuple[int, int], name: str) -> None:
    seen = growth(atoms, 4.0, 3.95, narrowest)
    assert (seen.gap_atoms, seen.island) == found
    assert STAGES[seen.stage] == name


def test_without_a_gap_only_the_narrowest_counts() -> None:
    assert growth(row(5), 0.0, 3.95, 4) == Growth(0, 0, 4)
    assert [Growth(0, 0, n).stage for n in (0, 1, 2)] == [0, 3, 4]
