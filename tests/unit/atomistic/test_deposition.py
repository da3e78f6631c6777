"""Driven growth: where atoms are put, and that the contact grows by them."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tusk.solver.config import build_config
from tusk.solver.config.atomistic import AtomisticConfig
from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.atomistic import molecular
from tusk.solver.models.atomistic.deposition import Deposition
from tusk.solver.models.atomistic.launch import build_system
from tusk.solver.models.atomistic.molecular import Thermostat
from tusk.solver.models.atomistic.occupation import window
from tusk.solver.models.atomistic.potential import SILVER
from tusk.solver.models.atomistic.recoil_run import Drives, RecoilRun, Timing

RULE = Deposition(every=0.1, radius=4.0, spacing=SILVER.lattice_constant / 2.0**0.5)
TIPS = {"model": "atomistic", "parameters": "milano2024_md", "structure": {"layers": 9}}


def has_lammps() -> bool:
    try:
        molecular.lammps_library()
    except InputError:
        return False
    return True


def tips(**structure: int) -> AtomisticConfig:
    built = build_config(TIPS | {"structure": {"layers": 9} | structure})
    assert isinstance(built, AtomisticConfig)
    return built


def test_tips_end_in_single_atoms_a_gap_apart() -> None:
    """Four layers of silver from tip to tip, 0.818 nm; the paper has 0.83 nm."""
    atoms = build_system(tips()).positions
    heights, counts = np.unique(atoms[:, 2].round(6), return_counts=True)
    assert counts.tolist() == [9, 4, 1, 1, 4, 9]
    assert heights[3] - heights[2] == pytest.approx(8.18, abs=0.01)
    touching = build_system(tips(gap_layers=0)).positions
    assert len(touching) == 1 + 2 * (4 + 9 + 16 + 25)


@pytest.mark.parametrize(
    ("structure", "message"),
    [
        ({"gap_layers": 2}, "structure.gap_layers: not symmetric"),
        ({"gap_layers": 9}, "structure.gap_layers: no layer left, allowed <= 7"),
        ({"layers": 8}, "structure.gap_layers: not symmetric"),
        ({"shape": "neck"}, "structure.gap_layers: a neck has no gap, allowed 0"),
    ],
)
def test_gaps_that_do_not_fit(structure: dict, message: str) -> None:
    with pytest.raises(InputError) as refused:
        tips(**structure)
    assert str(refused.value).startswith(message)


def test_a_place_touches_atoms_next_to_the_axis() -> None:
    atoms = build_system(tips()).positions
    places = np.array([RULE.place(atoms, np.random.default_rng(seed)) for seed in range(30)])
    distance = cKDTree(atoms).query(places)[0] / RULE.spacing
    assert np.all((distance >= 0.9) & (distance <= 1.15))
    assert np.hypot(places[:, 0], places[:, 1]).max() <= RULE.radius
    assert (places[:, 2] > 0.0).any()
    assert (places[:, 2] < 0.0).any()
    assert np.array_equal(RULE.place(atoms, np.random.default_rng(0)), places[0])


def test_where_the_axis_is_filled_atoms_go_further_out() -> None:
    grid = np.arange(-12.0, 13.0, 2.0)
    x, y, z = np.meshgrid(grid, grid, np.arange(-20.0, 21.0, 2.0), indexing="ij")
    post = np.column_stack([x.ravel(), y.ravel(), z.ravel()])
    post = post[np.hypot(post[:, 0], post[:, 1]) <= 5.0]
    place = RULE.place(post, np.random.default_rng(0))
    assert RULE.radius < np.hypot(place[0], place[1]) <= 2.25 * RULE.radius


def test_no_place_left() -> None:
    far = np.array([[30.0, 0.0, 0.0]])
    with pytest.raises(SolveError, match=r"^deposition: no atom is near the axis$"):
        RULE.place(far, np.random.default_rng(0))
    grid = np.arange(-20.0, 21.0, 2.0)
    full = np.stack(np.meshgrid(grid, grid, grid, indexing="ij"), axis=-1).reshape(-1, 3)
    with pytest.raises(SolveError, match=r"^deposition: no place is left next to the axis$"):
        RULE.place(full, np.random.default_rng(0))


@pytest.mark.skipif(not has_lammps(), reason="wants the extra atoms (LAMMPS)")
def test_the_contact_grows_atom_by_atom() -> None:
    system = build_system(tips())
    run = RecoilRun(
        system, window(0.1, 1.65), Thermostat(300.0, 0.1), Timing(interval=0.05, warming=0.015),
        "none", (1, 0), Drives(RULE),
    )  # fmt: skip
    counts = [run.frame.atoms, *(run.advance().atoms for _ in range(5))]
    start = len(system.positions)
    assert counts == [start, start, start, start + 1, start + 1, start + 2]
    assert run.positions.shape == (start + 2, 3)
    assert run.frame.work == 0.0
    run.close()


@pytest.mark.skipif(not has_lammps(), reason="wants the extra atoms (LAMMPS)")
def test_no_more_atoms_than_wanted() -> None:
    rule = Deposition(RULE.every, RULE.radius, RULE.spacing, most=1)
    run = RecoilRun(
        build_system(tips()), window(0.1, 1.65), Thermostat(300.0, 0.1),
        Timing(interval=0.1, warming=0.01), "none", (1, 0), Drives(rule),
    )  # fmt: skip
    start = run.frame.atoms
    assert [run.advance().atoms - start for _ in range(4)] == [0, 1, 1, 1]
    run.close()
