"""Leads, transmission and occupation against other programs, limits and exact relations."""

from collections.abc import Callable

import numpy as np
import pytest
from scipy.integrate import quad

from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.atomic_chain.chain import Chain
from tusk.solver.models.atomic_chain.run import atom_forces
from tusk.solver.models.atomistic.chain import chain_contact
from tusk.solver.models.atomistic.contact import Contact, Electrode, contact
from tusk.solver.models.atomistic.hopping import HALF_FILLING, Hopping
from tusk.solver.models.atomistic.junction import Elimination, Side, Whole
from tusk.solver.models.atomistic.leads import Face, SurfaceGreen
from tusk.solver.models.atomistic.occupation import (
    biased,
    conductance,
    fermi,
    grand_potential,
    resting,
    window,
)
from tusk.solver.models.atomistic.recoil import Terms, recoil_forces
from tusk.solver.models.atomistic.structures import Lattice, neck, numbers, squares

SPACING, HOPPING = 2.556, -1.8
COPPER = Hopping(HOPPING, SPACING, 1.0 / SPACING, 3.0, 3.45)
FERMI = HALF_FILLING * abs(HOPPING)
AXIS = (0.25, 0.25)
"""Where the axis of the necks goes through: between an atom, a hollow and two bridges."""


def between(
    positions: np.ndarray, lattice: Lattice, layers: int, grid: int = 64, twist: float = 0.5
) -> Contact:
    ends = (numbers(layers)[0] - 1, numbers(layers)[-1] + 1)
    electrodes = [
        Electrode(SurfaceGreen(lattice.face, HOPPING, grid, twist), lattice.offset(n), SPACING)
        for n in ends
    ]
    return contact(positions, COPPER, *electrodes)


def copper_neck(radius: float, jitter: float = 0.0) -> Contact:
    lattice = Lattice("001", SPACING, AXIS)
    return between(shaken(neck(lattice, 9, radius, 0.6), jitter), lattice, 9)


def shaken(positions: np.ndarray, jitter: float) -> np.ndarray:
    """Return atoms pushed off their places by numbers that any program can repeat."""
    count = np.arange(positions.size).reshape(positions.shape)
    return positions + jitter * np.sin(12.9898 * count + 1.0)


# --- leads ----------------------------------------------------------------------------------------

# sisl 0.20, RecursiveSI on 5 x 5 atoms per layer, untwisted, t = -1.8 eV:
# face, E, eta, g between an atom and itself, its neighbour along the first vector, and (2, 1).
SISL = [
    ("001", 0.5, 0.01, -0.05037332201535259 - 0.29619040923579304j,
     0.05659252179213655 + 0.003981446201306443j, -0.02370031091743269 - 0.03512135787865921j),
    ("001", 1.6, 0.3, 0.017346742052618765 - 0.27995679245935334j,
     0.053690052869592136 + 0.009522283145431819j, -0.005863924635584688 - 0.03743316579095303j),
    ("001", -9.0, 0.01, -0.09735024043729654 - 0.054658573412382776j,
     -0.0004520842950776641 - 0.029480962028476308j, 0.004406478274086761 + 0.006760764541373075j),
    ("111", 0.5, 0.01, -0.057430635171450264 - 0.21371436145925363j,
     0.06020003138134588 + 0.004106294281099381j, 0.0026717598197971357 - 0.02184861019843483j),
    ("111", 1.6, 0.3, -0.042990800554362454 - 0.21150442808914596j,
     0.06717122419573361 + 0.013879062845089774j, 0.011866375209355746 - 0.0210057021244239j),
    ("111", -9.0, 0.01, -0.08521217654674018 - 0.05726029068061081j,
     0.005141105080853937 - 0.03419377306439573j, -0.0003435910741086461 + 0.014458056213935007j),
]  # fmt: skip


@pytest.mark.parametrize(("face", "energy", "eta", "same", "next_", "far"), SISL)
def test_leads_against_sisl(
    face: Face, energy: float, eta: float, same: complex, next_: complex, far: complex
) -> None:
    table = SurfaceGreen(face, HOPPING, grid=5, twist=0.0).table(energy + 1j * eta)
    found = np.array([table[0, 0], table[1, 0], table[2, 1]])
    assert np.abs(found - [same, next_, far]).max() < 1e-12


@pytest.mark.parametrize("face", ["001", "111"])
def test_surface_holds_one_state_per_atom(face: Face) -> None:
    """The density of states integrates to 1: the sum rule, along a line far from the band."""
    surface = SurfaceGreen(face, HOPPING)
    angle, weight = np.polynomial.legendre.leggauss(40)
    radius, theta = 40.0, 0.5 * np.pi * (angle + 1.0)
    # The half circle above the axis, from +R to -R, replaces the axis.
    z = radius * np.exp(1j * theta)
    values = np.array([surface.table(complex(e))[0, 0] for e in z]) * 1j * z
    assert np.sum(0.5 * np.pi * weight * values).imag / np.pi == pytest.approx(1.0, abs=1e-10)


def test_a_contact_wider_than_the_period_is_refused() -> None:
    lattice = Lattice("001", SPACING, AXIS)
    with pytest.raises(InputError, match=r"^electrons.grid: must be > \d+ for this contact, got 8"):
        between(neck(lattice, 5, 2.5, 0.6), lattice, 5, grid=8)


@pytest.mark.parametrize("face", ["001", "111"])
def test_half_filling_of_the_band(face: Face) -> None:
    """Layer by layer the crystal is a set of chains, of which acos counts the filled states."""
    onsite, between_layers = SurfaceGreen(face, -1.0, 400).bands
    height = np.clip((HALF_FILLING - onsite) / (2.0 * between_layers), -1.0, 1.0)
    assert 1.0 - np.mean(np.arccos(height)) / np.pi == pytest.approx(0.5, abs=1e-5)


# --- transmission ---------------------------------------------------------------------------------

# Kwant 1.5.0, leads of 9 x 9 atoms per layer, untwisted; energies and total transmissions.
KWANT = {
    "001": {-8.5: 0.9979012697760374, -3.0: 1.6523108484650086, 0.5: 2.140951033481181,
            1.6: 1.9844256258740605, 4.0: 1.44807701698102},
    "111": {-8.5: 0.9181663830263348, -3.0: 1.1910590294168444, 0.5: 2.613386278259389,
            1.6: 2.394377315634617, 4.0: 1.3759620461817337},
}  # fmt: skip


@pytest.mark.parametrize("face", ["001", "111"])
def test_transmission_against_kwant(face: Face) -> None:
    lattice = Lattice(face, SPACING, AXIS)
    atoms = shaken(neck(lattice, 5, 1.05, 0.35), 0.08)
    junction = contact(
        atoms,
        Hopping(HOPPING, SPACING, 0.4, 3.0, 3.45),
        *(
            Electrode(SurfaceGreen(face, HOPPING, 9, 0.0), lattice.offset(n), SPACING)
            for n in (-3, 3)
        ),
    ).junction
    found = [junction.transmission(energy) for energy in KWANT[face]]
    assert found == pytest.approx(list(KWANT[face].values()), rel=1e-10, abs=1e-10)


def test_necks_of_three_channels_and_of_one() -> None:
    """Nine (001) layers of radius sqrt(r^2 + (0.6 l)^2), and two pyramids: 4-3-2-1-2-3-4."""
    wide = copper_neck(1.2)
    assert wide.atoms == 106
    assert wide.junction.channels(FERMI)[:4] == pytest.approx([1.0, 1.0, 1.0, 0.06], abs=0.01)
    assert wide.junction.transmission(FERMI) == pytest.approx(3.06, abs=0.02)
    assert copper_neck(0.6).junction.transmission(FERMI) == pytest.approx(0.999, abs=0.002)
    lattice = Lattice("001", SPACING)
    pyramids = between(squares(lattice, [4, 3, 2, 1, 2, 3, 4]), lattice, 7)
    assert pyramids.junction.transmission(FERMI) == pytest.approx(0.96, abs=0.002)


def test_the_period_of_the_leads_does_not_matter() -> None:
    lattice = Lattice("001", SPACING, AXIS)
    atoms = neck(lattice, 9, 1.2, 0.6)
    coarse, fine = (between(atoms, lattice, 9, grid).junction for grid in (64, 192))
    assert coarse.transmission(FERMI) == pytest.approx(fine.transmission(FERMI), abs=1e-4)


@pytest.mark.parametrize("energy", [-9.0, 0.3, FERMI])
def test_layers_equal_the_whole(energy: float) -> None:
    junction = copper_neck(1.2, jitter=0.08).junction
    assert len(junction.layers) > 5
    for side in ("left", "right"):
        layered = Elimination(junction, energy).columns(side)
        assert np.abs(layered - Whole(junction, energy).columns(side)).max() < 1e-10


@pytest.mark.parametrize("energy", [-9.0, 0.3, FERMI])
def test_states_from_both_leads_are_all_states(energy: float) -> None:
    """A_L + A_R = i (G - G^+), on the atoms of the junction."""
    made = copper_neck(1.2, jitter=0.08)
    green = np.linalg.inv(made.junction.inverse(energy))
    parts = [made.states(energy, side)[: made.atoms] for side in ("left", "right")]
    total = sum(part @ part.conj().T for part in parts)
    assert np.abs(total - 1j * (green - green.conj().T)).max() < 1e-13


def test_channels_add_up_and_the_current_is_the_same_across_every_layer() -> None:
    made = copper_neck(1.2, jitter=0.08)
    junction, bonds = made.junction, made.bonds
    channels = junction.channels(FERMI)
    assert np.all(channels > -1e-12)
    assert np.all(channels < 1.0 + 1e-12)
    transmission = junction.transmission(FERMI)
    assert channels.sum() == pytest.approx(transmission, abs=1e-12)
    # T = sum of 2 t_ij Im(psi_i psi_j^*) over the bonds cut, whichever lead the states come from.
    for cut in (-3.0, 4.1):
        assert current(made, "left", cut) == pytest.approx(transmission, abs=1e-10)
        assert current(made, "right", cut) == pytest.approx(-transmission, abs=1e-10)
    assert len(bonds.first) > made.atoms


def current(made: Contact, side: Side, cut: float) -> float:
    """Return 2 pi times the current of the states of one lead and energy through a plane."""
    bonds = made.bonds
    psi = made.states(FERMI, side)
    z = np.concatenate([made.positions[:, 2], np.full(len(psi) - made.atoms, np.nan)])
    z[made.lead_sites[0]], z[made.lead_sites[1]] = -1e3, 1e3
    product = np.sum(psi[bonds.first] * psi[bonds.second].conj(), axis=1)
    upward = np.sign(z[bonds.second] - cut) - np.sign(z[bonds.first] - cut)
    return float(np.sum(bonds.hopping * upward * product.imag))


def test_a_state_that_no_lead_reaches_does_no_harm() -> None:
    """At E = 0 the neck of one channel has one: T there is T beside it."""
    junction = copper_neck(0.6).junction
    beside = [junction.transmission(e) for e in (-1e-4, 1e-4)]
    assert junction.transmission(0.0) == pytest.approx(np.mean(beside), abs=1e-6)


def test_no_path_no_current() -> None:
    """Leads that no hopping joins: T is 0, and loose atoms take no part."""
    lattice = Lattice("001", SPACING)
    ends = np.concatenate([lattice.square(-4, 3), lattice.square(4, 3)])
    loose = np.array([[0.0, 0.0, 0.0], [SPACING, 0.0, 0.0]])
    made = between(np.concatenate([ends, loose]), lattice, 9)
    assert not made.junction.connected
    assert made.junction.transmission(FERMI) == 0.0
    assert sum(map(len, made.junction.layers)) == len(ends)
    forces = recoil_forces(made, biased(made, window(1.0, FERMI)))
    assert np.isfinite(forces).all()
    assert np.array_equal(forces[-2:], np.zeros((2, 3)))


def test_a_transmission_above_one_is_an_error() -> None:
    class Gain:
        """A lead whose coupling comes out larger than its function says."""

        coupling = np.array([[1.0]])

        def __init__(self) -> None:
            self.asked = 0

        def green(self, energy: complex) -> np.ndarray:
            self.asked += 1
            return np.array([[-1.0j if self.asked == 1 else -0.1j]])

    from tusk.solver.models.atomistic.junction import Junction

    with pytest.raises(SolveError, match=r"transport at 0\.5 eV: a channel transmits"):
        Junction(np.zeros((1, 1)), Gain(), Gain()).transmission(0.5)


# --- conductance and occupation -------------------------------------------------------------------


def test_conductance_is_the_thermal_mean_of_the_transmission() -> None:
    """Of the chain, whose transmission is known in closed form."""
    junction, kT = chain_contact(CHAIN, 1).junction, 0.025852

    def mean(share: Callable[[float], float]) -> float:
        def weighed(energy: float) -> float:
            return share(energy) * float(CHAIN.transmission(energy))

        return float(quad(weighed, -1.5, 1.5, points=[-0.25, 0.25], epsabs=1e-12, limit=200)[0])

    assert conductance(junction, window(0.0, 0.0, thermal_energy=kT)) == pytest.approx(
        mean(lambda e: fermi(e, kT) * fermi(-e, kT) / kT), abs=1e-9
    )
    assert conductance(junction, window(0.5, 0.0, thermal_energy=kT)) == pytest.approx(
        mean(lambda e: (fermi(e - 0.25, kT) - fermi(e + 0.25, kT)) / 0.5), abs=1e-9
    )
    neck_ = copper_neck(1.2).junction
    sharp = conductance(neck_, window(0.5, FERMI))
    assert sharp == pytest.approx(conductance(neck_, window(0.5, FERMI, points=12)), abs=1e-5)
    assert conductance(neck_, window(0.0, FERMI)) == neck_.transmission(FERMI)


def test_current_flips_with_the_bias() -> None:
    junction = copper_neck(0.6, jitter=0.08).junction
    forth, back = (conductance(junction, window(v, FERMI)) for v in (0.5, -0.5))
    assert forth == pytest.approx(back, abs=1e-9)


def test_a_little_temperature_changes_little() -> None:
    made = chain_contact(CHAIN, 3)
    sharp = biased(made, window(0.5, 0.0, points=20))
    smooth = biased(made, window(0.5, 0.0, thermal_energy=4e-3))
    # Sommerfeld: (pi^2/6) (kT)^2 dA/dE, and A changes by its own size, 1/|t|, over |t|.
    assert 0.0 < np.abs(sharp.sites - smooth.sites).max() < 2.0 * (4e-3) ** 2
    assert 0.0 < np.abs(sharp.bonds - smooth.bonds).max() < 2.0 * (4e-3) ** 2


def test_bond_force_is_the_gradient_of_the_grand_potential() -> None:
    lattice = Lattice("001", SPACING, AXIS)
    atoms = shaken(neck(lattice, 9, 0.6, 0.6), 0.08)
    made = between(atoms, lattice, 9)
    forces = recoil_forces(made, resting(made, FERMI), "bond")
    for atom, axis in ((5, 2), (39, 0), (78, 2)):
        ends = []
        for sign in (1.0, -1.0):
            moved = atoms.copy()
            moved[atom, axis] += sign * 1e-3
            ends.append(grand_potential(between(moved, lattice, 9).junction, FERMI))
        assert forces[atom, axis] == pytest.approx(-(ends[0] - ends[1]) / 2e-3, abs=1e-6)


def test_loop_work() -> None:
    """Of a broken contact the bond force does no work around a loop at 1 V; eq. 4 does."""
    lattice = Lattice("001", SPACING, AXIS)
    atoms = shaken(neck(lattice, 9, 0.6, 0.6), 0.08)
    broken = atoms[np.abs(atoms[:, 2]) > 2.5]
    assert between(broken, lattice, 9).junction.connected is False
    assert work_of_a_loop(broken, lattice, "bond") == pytest.approx(0.0, abs=1e-4)
    assert abs(work_of_a_loop(atoms, lattice, "full")) > 1e-3


def work_of_a_loop(atoms: np.ndarray, lattice: Lattice, terms: Terms) -> float:
    """Return the work (eV) of the recoil at 1 V on an atom near the middle, once around."""
    middle = int(np.argmin(np.linalg.norm(atoms, axis=1)))
    angle = 2.0 * np.pi * np.arange(12) / 12
    radius, work = 0.1, 0.0
    for theta in angle.tolist():
        moved = atoms.copy()
        moved[middle] += radius * np.array([0.0, np.cos(theta), np.sin(theta)])
        made = between(moved, lattice, 9, grid=32)
        force = recoil_forces(made, biased(made, window(1.0, FERMI)), terms)[middle]
        work += radius * float(force @ [0.0, -np.sin(theta), np.cos(theta)])
    return work * 2.0 * np.pi / len(angle)


# --- recoil ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("radius", "full", "filament", "bond"),
    [(1.2, 5.56, 0.53, -1.08), (0.6, 4.09, -0.40, -1.04)],
)
def test_total_force_at_one_volt(radius: float, full: float, filament: float, bond: float) -> None:
    """Totals along z, positive towards the source of the electrons, as tried out beforehand."""
    made = copper_neck(radius)
    change = biased(made, window(1.0, FERMI))
    totals = {name: recoil_forces(made, change, name)[:, 2].sum() for name in ("full", "bond")}
    assert totals["full"] == pytest.approx(full, abs=0.02)
    assert totals["bond"] == pytest.approx(bond, abs=0.02)
    inner = recoil_forces(made, change, "filament")
    assert inner[:, 2].sum() == pytest.approx(filament, abs=0.02)
    largest = np.linalg.norm(recoil_forces(made, change), axis=1).max()
    assert 0.15 < largest < 0.4


def test_total_force_is_proportional_to_the_bias() -> None:
    made = copper_neck(1.2)
    quarter, whole = (
        recoil_forces(made, biased(made, window(v, FERMI)))[:, 2].sum() for v in (0.25, 1.0)
    )
    assert whole == pytest.approx(4.0 * quarter, rel=0.02)


def test_the_exact_part_bends_with_the_bias_whatever_the_grids() -> None:
    """F/V of the bond term is a + b V^2: 3 % less at 1 V, of the states, not of their sampling."""
    made = copper_neck(1.2)

    def slope(voltage: float, points: int = 6) -> float:
        change = biased(made, window(voltage, FERMI, points=points))
        return float(recoil_forces(made, change, "bond")[:, 2].sum() / voltage)

    quarter, half, whole = (slope(v) for v in (0.25, 0.5, 1.0))
    assert slope(1.0, points=20) == pytest.approx(whole, rel=1e-3)
    assert 0.025 < 1.0 - whole / quarter < 0.04
    bend = (half - quarter) / (0.5**2 - 0.25**2)
    assert whole == pytest.approx(quarter + bend * (1.0 - 0.25**2), rel=5e-3)


def test_forces_of_a_mirrored_neck_turn_with_the_bias() -> None:
    lattice = Lattice("001", SPACING)
    made = between(squares(lattice, [3, 2, 1, 2, 3]), lattice, 5)
    forth, back = (
        recoil_forces(made, biased(made, window(v, FERMI)))[:, 2].sum() for v in (0.5, -0.5)
    )
    assert forth == pytest.approx(-back, rel=1e-6)


# --- the chain as a special case ------------------------------------------------------------------

CHAIN = Chain(-1.8, 0.3, -2.52, -1.08, 2.5, 0.4)


@pytest.mark.parametrize("reach", [0, 1, 6])
def test_chain_transmits_as_before(reach: int) -> None:
    made = chain_contact(CHAIN, reach)
    energies = np.linspace(-3.55, 3.55, 25).tolist()
    before = [CHAIN.system(reach).transmission(e) for e in energies]
    assert [made.junction.transmission(e) for e in energies] == pytest.approx(before, abs=1e-10)


@pytest.mark.parametrize(("voltage", "division"), [(1.0, 0.5), (-0.7, 0.2)])
def test_chain_feels_the_same_change_of_forces(voltage: float, division: float) -> None:
    made = chain_contact(CHAIN, 3)
    change = biased(made, window(voltage, CHAIN.fermi_energy, division, points=40))
    (biased_forces, charges), (resting_forces, at_rest) = (
        atom_forces(CHAIN, 3, v, division) for v in (voltage, 0.0)
    )
    difference = recoil_forces(made, change)[:, 2] - (biased_forces - resting_forces)
    assert np.abs(difference).max() < 1e-10
    assert np.abs(-2.0 * change.sites[:7] - (charges - at_rest)).max() < 1e-10
    sharp = conductance(made.junction, window(voltage, CHAIN.fermi_energy, division, points=40))
    ends = sorted(CHAIN.potentials(voltage, division))
    assert sharp == pytest.approx(CHAIN.system(3).mean_transmission(*ends), abs=1e-10)
