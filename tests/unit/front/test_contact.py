"""The contact's memory: sites of a patch, events, closing gaps; without any solve."""

from dataclasses import replace

import numpy as np
import pytest

from tusk.meshes.cell import ElectrodeSurface, Stack
from tusk.meshes.curve import hemisphere
from tusk.solver.checkpoint import pack, unpack
from tusk.solver.front.closing_gap import ClosingGap
from tusk.solver.front.contact import OpenGap, flat_areas
from tusk.solver.front.process import Processes
from tusk.solver.front.site_law import SiteLaw
from tusk.solver.front.site_patch import THINNEST_NECK, SitePatch
from tusk.solver.front.sites import EVENT_TOLERANCE
from tusk.solver.front.surface import Branches, Shape, Solved, Weights
from tusk.solver.physics.charge_transfer import ButlerVolmer
from tusk.solver.physics.constants import BOLTZMANN, CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE
from tusk.solver.physics.contact.master_equation import SiteRates, distribution
from tusk.solver.physics.growth import FaradayGrowth

STACK = Stack(10.0, 10.0, 10.0, 25.0)
VOLUME = 63.546 * 1.66053907e-27 / 8960.0
GROWTH = FaradayGrowth(2, 63.546 * 1.66053907e-27, 8960.0)


def law(mode="stochastic", recoil=0.0, disorder=0.03, member=0, measured=()):
    energy = 0.3 * ELEMENTARY_CHARGE
    return SiteLaw(VOLUME, energy, disorder, recoil, None, mode, 7, member, measured)


def flat_top(height, radius=2.0, count=21):
    """A cylinder with a flat top, 0.1 nm between its nodes there."""
    top = np.column_stack((np.linspace(0.0, radius, count), np.full(count, height)))
    return Shape(np.vstack((top, [[radius, 0.0]])), ElectrodeSurface(0.05))


def patch(mode="stochastic", **numbers):
    contact = SitePatch(0.15, STACK, 0.05, GROWTH, law(mode, **numbers))
    return contact, contact.begin(flat_top(9.0))


def front(contact, memory, count=22):
    """The shares of the anodic and the cathodic branch that move the front."""
    weights = contact.weigh(memory, flat_top(10.4), Weights.free(count))
    return weights.retreating, weights.advancing


def sites_of(contact, memory):
    weights = contact.weigh(memory, flat_top(10.4), Weights.free(22))
    return weights.site_share, weights.site_conductance


def closed_in(contact, state, rates=(1.0, 0.5)):
    """The state under a flat top well inside the contact gap."""
    new = contact.advanced(state, 0.0, flat_top(10.4), 21)
    return replace(new, set_rate=rates[0], reset_rate=rates[1])


class Bare:
    """Butler-Volmer branches at nodes, with a void that counts at the tip alone."""

    law = ButlerVolmer(2, 0.1, 1e26, 2.052e3, 0.763 * ELEMENTARY_CHARGE, barriers="free_energy")
    energy = 0.05 * ELEMENTARY_CHARGE

    def branches(self, curve, fields, void=True):
        barrier = np.where(curve[:, 1] > 10.0, self.energy if void else 0.0, 0.0)
        return Branches(*self.law.branches(fields[:, 0] - fields[:, 1], fields[:, 2], barrier))


@pytest.mark.parametrize("eta", [-0.05, 0.0, 0.03])
def test_rates_with_one_energy_obey_boltzmann(eta):
    """omega_R/omega_S = exp((z e eta + W - E_bond)/kT) to 1e-12; split energies do not."""
    shape = flat_top(10.4)
    fields = np.tile((eta, 0.0, 320.0), (len(shape.curve), 1))
    seen = Solved(shape, fields, fields[:21], Bare())
    found = {}
    for one in (True, False):
        numbers = replace(law(), one_energy=one)
        contact = SitePatch(0.15, STACK, 0.05, GROWTH, numbers)
        state = replace(closed_in(contact, contact.begin(shape)), transmissions=np.ones(3))
        state = contact.observed(replace(state, conducting=3.0), seen)
        found[one] = state.reset_rate / state.set_rate
    energy = 2 * ELEMENTARY_CHARGE * eta + Bare.energy - 0.3 * ELEMENTARY_CHARGE
    wanted = np.exp(energy / (BOLTZMANN * 320.0))
    assert found[True] == pytest.approx(wanted, rel=1e-12)
    assert abs(found[False] / wanted - 1.0) > 0.1


def test_channels_bound_what_a_site_conducts():
    state = closed_in(*patch())
    state = replace(state, transmissions=np.ones(3), conducting=3.0)
    whole, part = (
        SitePatch(0.15, STACK, 0.05, GROWTH, replace(law(), channels=share))
        .weigh(state, flat_top(10.4), Weights.free(22))
        .site_conductance
        for share in (1.0, 0.76)
    )
    assert part == pytest.approx(0.76 * whole, rel=1e-14)


def test_no_contact_keeps_nothing_and_changes_nothing():
    contact, shape, gap = OpenGap(), flat_top(9.0), np.ones(3)
    memory, free = contact.begin(shape), Weights.free(22)
    assert pack(memory) == {}
    assert contact.weigh(memory, shape, free) is free
    assert contact.limit(memory) == np.inf
    assert contact.physical_gap(memory, gap) is gap
    assert not contact.is_closed(memory)
    assert contact.event(memory, memory) is None


def test_sites_are_the_horizontal_area_over_that_of_an_atom():
    contact, state = patch()
    state = closed_in(contact, state)
    assert state.area == pytest.approx(np.pi * 2.0**2, rel=1e-12)
    assert contact.occupancy.sites(state) == np.floor(np.pi * 4.0 / 0.05177)
    assert np.sum(flat_areas(hemisphere(3.0, 41))) == pytest.approx(np.pi * 9.0, rel=1e-12)


def test_front_freezes_over_the_last_tenth_of_the_way():
    contact, state = patch()
    # gap = 10 + 0.05 h - h
    for gap, expected in ((0.17, 0.0), (0.1575, 0.5), (0.15, 1.0), (0.1, 1.0)):
        shape = flat_top((10.0 - gap) / 0.95)
        assert contact.advanced(state, 0.0, shape, 21).frozen[0] == pytest.approx(
            expected, abs=1e-9
        )


def test_held_front_cannot_retreat_until_its_last_site_is_gone():
    contact, state = patch()
    state = closed_in(contact, state)
    anodic, cathodic = front(contact, state)
    assert anodic[0] == 1.0
    assert cathodic[0] == 0.0
    held = replace(state, transmissions=np.ones(1), conducting=1.0)
    assert front(contact, held)[0][0] == 0.0
    away = flat_top(9.0)
    assert contact.advanced(held, 0.0, away, 21).frozen[0] == 1.0
    assert contact.advanced(state, 0.0, away, 21).frozen[0] == 0.0


def test_rim_of_a_patch_leaves_around_the_few_sites_that_hold():
    contact, state = patch()
    state = replace(closed_in(contact, state), transmissions=np.ones(3), conducting=3.0)
    state = contact.advanced(state, 0.0, flat_top(10.4), 21)
    radius = flat_top(10.4).curve[:, 0]
    anodic, _ = front(contact, state)
    share, _ = sites_of(contact, state)
    assert np.all(anodic[radius < 0.4] == 0.0)
    assert anodic[radius > 0.7] == pytest.approx(1.0 - share[radius > 0.7], abs=1e-12)
    away = contact.advanced(state, 0.0, flat_top(9.9), 21)
    # What is left is the thinnest neck, with all three sites in it.
    assert away.area == pytest.approx(np.pi * THINNEST_NECK**2, rel=0.3)
    assert away.conducting == 3.0
    share, conductance = sites_of(contact, away)
    carried = float(flat_areas(flat_top(9.9).curve) @ share) * 1e-18 * conductance
    assert carried == pytest.approx(3 * CONDUCTANCE_QUANTUM, rel=1e-9)


def necked():
    """A patch whose rim has left: the state, and a neck of 54.7 deg with a shoulder around it."""
    contact, _ = patch()
    r = np.array([*np.linspace(0.0, 0.4, 11), 0.5, 0.6, 0.8, 1.0, 1.1, 2.0, 2.0])
    z = 10.4 - np.sqrt(2.0) * np.clip(r - 0.4, 0.0, 0.4)
    z[-1] = 0.0
    begun = contact.begin(Shape(np.column_stack((r, z)), ElectrodeSurface(0.05)))
    state = replace(begun, transmissions=np.ones(3), conducting=3.0)
    frozen = np.where(r <= 0.4, 1.0, 0.0)
    return contact, replace(state, frozen=frozen), np.column_stack((r, z))


def overhang(curve):
    """The largest way back towards the axis from the tip to the rim, nm."""
    return -float(np.diff(curve[: np.argmax(curve[:, 0]) + 1, 0]).min())


def test_front_that_retreats_does_not_undercut_its_sites():
    contact, state, curve = necked()
    last, neck = contact._kept(state, curve)
    assert curve[last, 0] == 0.4
    assert 0.4 < neck.edge[0] < 0.5
    inwards = curve.copy()
    inwards[last + 1 : -1] -= (0.15, 0.1)  # as a wall does that retreats in its normal direction
    assert overhang(inwards) > 0.0
    left = contact.kept(state, curve, inwards)
    assert overhang(left) < 0.0
    depth, _ = neck.depth(left)
    assert np.abs(depth[11:13]).max() < 1e-12  # nodes on the side stay on it
    assert depth[11:].max() < 1e-12
    assert np.array_equal(left[15:], inwards[15:])  # the shoulder goes where it goes
    # Without a site that conducts, and outwards, nothing is held.
    free = replace(state, transmissions=np.empty(0), conducting=0.0)
    assert contact.kept(free, curve, inwards) is inwards
    outwards = curve + np.array([0.0, 0.01])
    assert contact.kept(state, curve, outwards) == pytest.approx(outwards, abs=1e-12)


def test_side_of_the_neck_does_not_dissolve_while_a_site_conducts():
    contact, state, curve = necked()
    state = contact._anchored(state, curve)
    _, neck = contact._kept(state, curve)
    rests = np.abs(neck.depth(curve)[0]) < 1e-3
    assert rests[10:13].all()
    anodic, _ = front(contact, state, len(curve))
    assert np.all(anodic[:13] == 0.0)
    assert np.all(anodic[14:] == 1.0)
    free = replace(state, transmissions=np.empty(0), conducting=0.0)
    assert front(contact, free, len(curve))[0].min() == 1.0
    # The neck stays where it is when nodes are redistributed.
    place, k = np.linspace(0, 17, 171), np.arange(18)
    finer = np.column_stack([np.interp(place, k, column) for column in curve.T])
    moved = contact.carried(state, curve, finer)
    assert contact._kept(moved, finer)[1].edge == pytest.approx(neck.edge, abs=0.03)
    assert np.all(moved.anchored[:121] == 1.0)


def test_no_wall_around_the_neck_becomes_a_crevice():
    contact, state, curve = necked()
    pitted = curve.copy()
    pitted[14, 1] -= 0.25
    left = contact.kept(state, curve, pitted)
    rise = np.diff(left[14:16], axis=0)[0]
    assert rise[1] / rise[0] == pytest.approx(np.sqrt(2.0), rel=1e-9)
    assert left[14, 0] == pitted[14, 0]
    assert np.delete(left, 14, axis=0) == pytest.approx(np.delete(pitted, 14, axis=0), abs=1e-12)


def test_conducting_sites_carry_a_quantum_each():
    contact, state = patch(disorder=0.0)
    state = replace(closed_in(contact, state), transmissions=np.ones(3), conducting=3.0)
    share, conductance = sites_of(contact, state)
    total = float(flat_areas(flat_top(10.4).curve) @ share) * 1e-18 * conductance
    assert total == pytest.approx(3 * CONDUCTANCE_QUANTUM, rel=1e-12)


@pytest.mark.parametrize("mode", ["mean_field", "distribution"])
def test_sites_of_atoms_conduct_their_mean(mode):
    """Three measured transmissions stand for all sites, whatever the disorder."""
    contact, state = patch(mode, disorder=0.5, measured=(1.0, 0.5, 0.0))
    state = replace(closed_in(contact, state), conducting=4.0)
    share, conductance = sites_of(contact, state)
    total = float(flat_areas(flat_top(10.4).curve) @ share) * 1e-18 * conductance
    assert total == pytest.approx(4 * 0.5 * CONDUCTANCE_QUANTUM, rel=1e-12)


def test_drawn_sites_have_one_of_the_measured_transmissions():
    measured = (0.9, 0.4)
    contact, state = patch(measured=measured)
    state = closed_in(contact, state, (1.0, 0.0))
    shape = flat_top(10.4)
    for _ in range(30):
        state = contact.advanced(state, contact.limit(state), shape, 21)
        while (event := contact.event(state, state)) is not None:
            state = event.memory
    assert len(state.transmissions) > 20
    assert set(state.transmissions) == set(measured)
    assert np.mean(state.transmissions == 0.9) == pytest.approx(0.5, abs=0.25)


def test_events_do_not_depend_on_the_steps_between_them():
    def run(steps):
        contact, state = patch()
        state = closed_in(contact, state)
        shape, times, time = flat_top(10.4), [], 0.0
        while len(times) < 40:
            step = contact.limit(state) / steps
            state = contact.advanced(state, step, shape, 21)
            time += step
            while (event := contact.event(state, state)) is not None:
                state = event.memory
                times.append(time)
        return np.array(times), state

    (one, last), (many, again) = run(1), run(7)
    assert np.array_equal(last.transmissions, again.transmissions)
    assert many == pytest.approx(one, rel=2 * EVENT_TOLERANCE)
    assert len(set(np.diff(one).round(12))) > 30


def test_a_step_that_runs_over_its_event_is_cut_at_it():
    contact, state = patch()
    state = closed_in(contact, state)
    step = 3.0 * contact.limit(state)
    after = contact.advanced(state, step, flat_top(10.4), 21)
    share = contact.event(state, after).share
    assert share == pytest.approx(1 / 3, rel=1e-9)
    landed = contact.advanced(state, share * step, flat_top(10.4), 21)
    event = contact.event(state, landed)
    assert (event.memory.event, event.share) == (1, 1.0)
    assert event.between[-1].conducting == event.memory.conducting


def test_an_event_that_is_overdue_happens_after_a_short_step():
    contact, state = patch()
    state = replace(closed_in(contact, state), hazard=50.0)  # carried over a small threshold
    after = contact.advanced(state, 0.2 * contact.limit(state), flat_top(10.4), 21)
    event = contact.event(state, after)
    assert (event.memory.event, event.share) == (1, 1.0)


def test_members_and_seeds_differ():
    thresholds = set()
    for member in range(4):
        contact, state = patch(member=member)
        thresholds.add(contact.limit(closed_in(contact, state)))
    assert len(thresholds) == 4


def test_mean_field_and_distribution_share_their_mean():
    shape, rates = flat_top(10.4), SiteRates(1.0, 0.5)
    means = {}
    for mode in ("mean_field", "distribution"):
        contact, state = patch(mode)
        state = closed_in(contact, state)
        for _ in range(5):
            state = contact.advanced(state, 0.1, shape, 21)
        means[mode] = state.conducting / contact.occupancy.sites(state)
    assert means["distribution"] == pytest.approx(means["mean_field"], rel=1e-9)
    count = len(state.probabilities) - 1
    assert state.probabilities == pytest.approx(distribution(count, 0, rates, 0.5), abs=1e-12)


def test_shrinking_patch_loses_empty_sites_first():
    contact, state = patch(disorder=0.0)
    state = replace(closed_in(contact, state), transmissions=np.ones(30), conducting=30.0)
    fitted = contact.occupancy.fitted(replace(state, area=40 * 0.05177))
    assert fitted.conducting == 30.0
    assert contact.occupancy.fitted(replace(state, area=20.5 * 0.05177)).conducting == 20.0


def test_recoil_is_zero_for_open_channels_and_speeds_up_the_others():
    numbers = law(recoil=13.6e9)
    force = numbers.recoil_force(0.5, np.array([1.0, 0.5]))
    # (2/pi) 0.5 eV 13.6/nm 0.5 = 2.165 eV/nm
    assert force[0] == 0.0
    assert force[1] / ELEMENTARY_CHARGE * 1e-9 == pytest.approx(2.1645, rel=1e-4)
    factor = numbers.recoil_factor(0.5, 300.0, np.array([1.0, 0.98]))
    work = 0.02 * 2 * force[1] * VOLUME ** (1 / 3) / 2
    assert factor.tolist() == pytest.approx([1.0, np.exp(work / (BOLTZMANN * 300.0))], rel=1e-9)
    contact, state = patch(recoil=13.6e9)
    state = replace(
        closed_in(contact, state), voltage=0.5, transmissions=np.array([1.0, 0.9]), conducting=2.0
    )
    assert contact.occupancy.hazard_rates(state)[1] > 1.5 * 2.0 * state.reset_rate


@pytest.mark.parametrize(("mode", "brought"), [("stochastic", 3.0), ("mean_field", 0.0)])
def test_the_ledger_knows_what_events_brought(mode, brought):
    """Of sites that fill as a mean the ionic current tells; drawn ones come beside it."""
    contact, state = patch(mode)
    before = replace(closed_in(contact, state), conducting=2.0)
    after = replace(before, conducting=5.0)
    curve = flat_top(10.4).curve
    moved = contact.booked(after, curve).brought_since(contact.booked(before, curve))
    assert moved == brought * contact.law.site_volume
    together = Processes([contact]).booked({"contact": after}, curve)
    assert together == contact.booked(after, curve)


def test_closing_gap_stops_at_nothing_and_opens_again():
    contact = ClosingGap(0.02, STACK, 0.05, GROWTH)
    shape = flat_top((10.0 - 0.02) / 0.95)
    state = contact.advanced(contact.begin(shape), 0.0, shape, 21)
    assert state.frozen[0] == pytest.approx(1.0)
    growing = replace(state, closing=np.full(22, 0.5))
    closed = contact.advanced(growing, 1.0, shape, 21)
    assert contact.physical_gap(closed, shape.gap(STACK))[0] == pytest.approx(0.0, abs=1e-12)
    assert contact.is_closed(closed)
    assert not contact.is_closed(state)
    assert contact.booked(closed, shape.curve).volume == pytest.approx(
        np.pi * 4 * 0.02 / 0.95, rel=0.06
    )
    shrinking = replace(closed, closing=np.full(22, -0.5))
    assert contact.advanced(shrinking, 1.0, shape, 21).closed.max() == 0.0


class EvenBranches:
    """Charge transfer of 1 A/m² each way at every node."""

    def branches(self, curve, fields, void=True):
        return Branches(np.ones(len(curve)), np.ones(len(curve)))


def test_sites_beyond_the_columns_have_no_electrode_in_front():
    contact, state = patch("mean_field")
    state, shape = closed_in(contact, state), flat_top(10.4)
    fields = np.column_stack((np.zeros(22), np.zeros(22), np.full(22, 350.0)))
    at = Solved(shape, fields, fields[:5] + np.array((0.1, 0.0, 0.0)), EvenBranches())
    seen = contact.observed(state, at)
    assert seen.temperature == pytest.approx(350.0)
    assert seen.voltage == pytest.approx(0.1)
    assert seen.reset_rate > 0.0
    outside = replace(state, frozen=np.where(np.arange(22) < 5, 0.0, state.frozen))
    assert contact.observed(outside, at).reset_rate == 0.0


def test_sites_survive_new_nodes_and_a_checkpoint():
    contact, state = patch()
    state = replace(closed_in(contact, state), available=np.linspace(0.1, 0.0, 22))
    finer = flat_top(10.4, count=41).curve
    moved = contact.carried(state, flat_top(10.4).curve, finer)
    assert len(moved.frozen) == len(finer)
    assert moved.available[:41:2] == pytest.approx(state.available[:21], abs=1e-9)
    back = unpack(contact.memory, pack(state))
    assert back.event == state.event
    assert np.array_equal(back.frozen, state.frozen)


def test_closing_metal_survives_new_nodes_and_a_checkpoint():
    contact = ClosingGap(0.15, STACK, 0.05, GROWTH)
    state = contact.advanced(contact.begin(flat_top(10.4)), 0.0, flat_top(10.4), 21)
    state = replace(state, closed=np.linspace(0.1, 0.0, 22))
    finer = flat_top(10.4, count=41).curve
    moved = contact.carried(state, flat_top(10.4).curve, finer)
    assert moved.closed[:41:2] == pytest.approx(state.closed[:21], abs=1e-9)
    back = unpack(contact.memory, pack(state))
    assert np.array_equal(back.closed, state.closed)
    assert np.array_equal(back.frozen, state.frozen)
