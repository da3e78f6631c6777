"""Atoms cut out of shapes: counts, registry with the electrode, bridges and what they conduct."""

import math

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.bridge import Cut, electrons, place
from tusk.solver.models.atomistic.carve import Shape, Window, carve
from tusk.solver.models.atomistic.contact import contact
from tusk.solver.models.atomistic.energy import EmbeddedAtoms
from tusk.solver.models.atomistic.junction import narrowest
from tusk.solver.models.atomistic.leads import Face
from tusk.solver.models.atomistic.potential import COPPER
from tusk.solver.models.atomistic.structures import Lattice, neck, squares

CUT = Cut(COPPER)
LAYER = CUT.spacing * math.sqrt(0.5)
SITE = CUT.spacing**2
"""Area of an atom of the (001) face."""


def post(radius: float, gap: float, sites: int = 0, height: float = 60.0) -> Shape:
    """A flat-topped filament below a flat electrode, and so many bridging (001) atoms."""
    outline = np.array([[radius, 0.0], [radius, height], [0.0, height]])
    return Shape(outline, np.array([[0.0, height + gap]]), sites * SITE)


def window(shape: Shape, face: Face = "001") -> Window:
    lattice = Lattice(face, CUT.spacing, (0.25, 0.4))
    return carve(shape, lattice, 15.0, 8.0, COPPER.cutoff)


@pytest.mark.parametrize(
    ("gap", "layers"), [(0.1, 0), (0.45 * LAYER, 0), (0.83 * LAYER, 1), (1.6 * LAYER, 2)]
)
def test_gap_in_layers(gap: float, layers: int) -> None:
    found = window(post(10.0, gap))
    assert found.gap_layers == layers
    z = np.unique(found.positions[:, 2].round(6))
    assert np.diff(z).max() == pytest.approx((layers + 1) * LAYER)
    assert z[-1] == pytest.approx(LAYER)


@pytest.mark.parametrize("face", ["001", "111"])
def test_filament_keeps_its_volume(face: Face) -> None:
    """Atoms of the filament per layer: its cross-section over the area of an atom."""
    found = window(post(12.0, 1.5), face)
    height = found.lattice.height
    below = found.positions[found.positions[:, 2] < -1.5 * height]
    layers = len(np.unique(below[:, 2].round(6)))
    volume = COPPER.lattice_constant**3 / 4.0
    expected = math.pi * 12.0**2 * layers * height / volume
    assert len(below) == pytest.approx(expected, rel=0.05)  # a rim of a few atoms


@pytest.mark.parametrize("face", ["001", "111"])
def test_all_atoms_lie_on_one_crystal(face: Face) -> None:
    found = window(post(10.0, 1.5, sites=7), face)
    assert found.bridges == round(7 * SITE / (SITE * (1.0 if face == "001" else math.sqrt(0.75))))
    distance = cKDTree(found.all).query(found.all, k=2)[0][:, 1]
    assert distance == pytest.approx(CUT.spacing, abs=1e-9)
    inner = np.linalg.norm(found.all - [0.0, 0.0, 2.0 * found.lattice.height], axis=1) < 2.0
    neighbours = cKDTree(found.all).query_ball_point(found.all[inner], 1.01 * CUT.spacing)
    assert [len(each) - 1 for each in neighbours] == [12] * int(inner.sum())


def test_bridges_stand_next_to_the_axis() -> None:
    bare, bridged = window(post(10.0, 1.5)), window(post(10.0, 1.5, sites=5))
    extra = bridged.positions[cKDTree(bare.positions).query(bridged.positions)[0] > 1e-6]
    assert extra[:, 2] == pytest.approx(-LAYER)
    radii = np.hypot(extra[:, 0], extra[:, 1])
    plane = bridged.lattice.disc(-1, 15.0)
    assert np.sort(radii) == pytest.approx(np.sort(np.hypot(plane[:, 0], plane[:, 1]))[:5])


def test_the_wall_of_a_recess_belongs_to_the_electrode() -> None:
    shape = post(10.0, 1.5)
    wall = np.array([[0.0, 61.5], [10.5, 61.5], [10.5, 55.0], [99.0, 55.0]])
    sunk = window(Shape(shape.filament, wall, 0.0)).positions
    assert len(sunk) > len(window(shape).positions)
    radius = np.hypot(sunk[:, 0], sunk[:, 1])
    assert radius.max() <= 15.0
    beside = sunk[(radius > 10.5) & (sunk[:, 2] < -0.5 * LAYER)]
    assert beside[:, 2].min() == pytest.approx(-4.0 * LAYER)  # 61.5 - 3.5 layers > 55 angstrom


def test_shapes_that_do_not_fit() -> None:
    with pytest.raises(InputError, match=r"^gap on the axis: must be > 0, got -0.05 nm$"):
        window(post(10.0, -0.5))
    with pytest.raises(InputError, match=r"^depth: at most .* the height of the filament, got 0.8"):
        window(post(10.0, 1.5, height=6.0))


# --- what the atoms conduct -----------------------------------------------------------------------


def test_one_bridging_atom_carries_one_quantum() -> None:
    """As the contact on the mesh says of a site."""
    member = place(post(9.0, 1.5, sites=1), CUT, seed=1, member=0)
    assert member.narrowest == 1
    assert member.transmission == pytest.approx(1.0, abs=0.05)
    assert member.open_channels == 1
    assert member.moved == 0.0


def test_no_bridge_no_hopping() -> None:
    member = place(post(9.0, 1.5), CUT, seed=1, member=0)
    assert (member.narrowest, member.transmission, len(member.channels)) == (0, 0.0, 0)


def test_members_differ_and_repeat() -> None:
    shape = post(8.0, 1.5, sites=4)
    first, second, again = (place(shape, CUT, 3, k) for k in (0, 1, 0))
    assert first.transmission != second.transmission
    assert np.array_equal(first.positions, again.positions)


def test_atoms_at_a_temperature_stand_beside_their_places() -> None:
    shape, warm = post(8.0, 1.5, sites=1), Cut(COPPER, temperature=300.0)
    cold = place(shape, CUT, 3, 0)
    members = [place(shape, warm, 3, k) for k in range(3)]
    moved = members[0].positions - members[0].window.positions
    # The same place in the crystal as without vibrations.
    assert np.array_equal(members[0].window.positions, cold.positions)
    assert moved.std() == pytest.approx(warm.vibration(), rel=0.1)
    assert moved.mean() == pytest.approx(0.0, abs=4.0 * warm.vibration() / np.sqrt(moved.size))
    assert members[0].transmission != pytest.approx(cold.transmission, abs=1e-4)
    assert members[0].transmission == pytest.approx(1.0, abs=0.4)
    assert Cut(COPPER).vibration() == 0.0


def test_relaxed_atoms_rest() -> None:
    cut = Cut(COPPER, relax=True, margin=3.0, depth=4.0, force=0.05)
    member = place(post(5.0, 1.5, sites=1), cut, seed=1, member=0)
    atoms = np.concatenate([member.positions, member.window.shell])
    forces = EmbeddedAtoms(COPPER).energy_and_forces(atoms)[1]
    assert np.abs(forces[member.window.mobile]).max() <= 0.05
    assert 0.0 < member.moved < 6.0
    assert electrons(member.window, member.positions, cut).channels(cut.fermi_level).max() <= 1.0


def test_narrowest_is_the_least_number_of_atoms_that_cut() -> None:
    lattice = Lattice("001", CUT.spacing)
    for counts, least in (([3, 2, 1, 2, 3], 1), ([3, 2, 3], 4), ([3, 3], 9)):
        ends = (-1 - (len(counts) - 1) // 2, len(counts) - (len(counts) - 1) // 2)
        leads = [lattice.electrode(n, CUT.hopping, 64) for n in ends]
        junction = contact(squares(lattice, counts), CUT.law, *leads).junction
        assert narrowest(junction) == least
    shifted = Lattice("001", CUT.spacing, (0.25, 0.25))
    leads = [shifted.electrode(n, CUT.hopping, 64) for n in (-5, 5)]
    assert narrowest(contact(neck(shifted, 9, 1.2, 0.6), CUT.law, *leads).junction) == 4
