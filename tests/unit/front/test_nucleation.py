"""The wait for a nucleus: its rate, when it ends, and that it begins again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tusk.meshes.cell import ElectrodeSurface
from tusk.meshes.curve import hemisphere
from tusk.solver.front.nucleation import TOLERANCE, Nucleation, NucleationLaw, Waiting
from tusk.solver.front.surface import Shape, Solved, Weights
from tusk.solver.physics.constants import BOLTZMANN, ELEMENTARY_CHARGE

EV = ELEMENTARY_CHARGE
LAW = NucleationLaw(2e-8, 0.8 * EV, 3.0, 0.3, 2.0)
RADIUS = 0.256


def shape(radius: float = RADIUS) -> Shape:
    return Shape(hemisphere(radius, 21), ElectrodeSurface(0.05))


def solved(overpotential: float, radius: float = RADIUS, temperature: float = 300.0) -> Solved:
    """phi_e = eta and phi_i = 0 everywhere."""
    fields = np.tile((overpotential, 0.0, temperature), (21, 1))
    return Solved(shape(radius), fields, fields[:0], None)  # type: ignore[arg-type]


def test_the_rate_is_the_textbook_one_and_needs_a_driving_force() -> None:
    thermal = BOLTZMANN * 350.0
    expected = np.exp((-0.8 * EV + 3.3 * 2 * EV * 0.1) / thermal) / 2e-8
    assert LAW.rate(-0.1, 350.0) == pytest.approx(expected, rel=1e-12)
    assert LAW.rate(0.0, 350.0) == LAW.rate(0.3, 350.0) == 0.0
    assert np.isfinite(LAW.rate(-50.0, 300.0))


def test_no_ions_cross_while_it_waits_and_all_do_after() -> None:
    process, free = Nucleation(LAW, RADIUS), Weights.free(21)
    waiting = process.begin(shape())
    assert waiting.waiting
    shut = process.weigh(waiting, shape(), free)
    for branch in (shut.dissolving, shut.depositing, shut.retreating, shut.advancing):
        assert not branch.any()
    assert process.weigh(Waiting(waiting=False), shape(), free) is free
    assert not process.begin(shape(1.0)).waiting


def test_the_wait_is_the_integral_of_the_rate() -> None:
    process = Nucleation(LAW, RADIUS)
    memory = process.observed(process.begin(shape()), solved(-0.05))
    assert memory.rate == LAW.rate(-0.05, 300.0)
    assert process.limit(memory) == pytest.approx(1.0 / memory.rate)
    half = process.advanced(memory, 0.5 / memory.rate, shape(), 0)
    assert half.hazard == pytest.approx(0.5)
    assert process.event(memory, half) is None
    end = process.advanced(half, process.limit(half), shape(), 0)
    event = process.event(half, end)
    assert event is not None
    assert (event.share, event.memory) == (1.0, Waiting(waiting=False, number=1))
    late = process.advanced(memory, 4.0 / memory.rate, shape(), 0)
    event = process.event(memory, late)
    assert event is not None
    assert event.share == pytest.approx(0.25)
    mean = process.midway(memory, replace(memory, rate=3.0 * memory.rate))
    assert mean.rate == pytest.approx(2.0 * memory.rate)
    assert process.error(half, end) == pytest.approx(0.5)


def test_drawn_waits_are_exponential_and_belong_to_seed_member_and_number() -> None:
    draws = np.array([replace(LAW, drawn=True, seed=seed).threshold(0) for seed in range(4000)])
    assert draws.mean() == pytest.approx(1.0, abs=4.0 / np.sqrt(4000))
    assert draws.std() == pytest.approx(1.0, abs=0.08)
    law = replace(LAW, drawn=True, seed=1)
    drawn = {law.threshold(0), law.threshold(1), replace(law, member=1).threshold(0)}
    assert len(drawn) == 3
    assert law.threshold(0) == replace(law, time=1.0).threshold(0)


def test_it_waits_again_once_all_metal_is_gone() -> None:
    process, memory = Nucleation(LAW, RADIUS), Waiting(waiting=False, number=1)
    still = process.concluded(memory, solved(-0.1))
    assert not still.waiting  # a nucleus that has not grown yet
    grown = process.concluded(still, solved(-0.1, 0.5))
    assert grown == Waiting(waiting=False, grown=True, number=1)
    assert process.concluded(grown, solved(0.1)) == Waiting(waiting=True, number=1)


def test_an_overshoot_within_the_tolerance_is_none() -> None:
    process, before = Nucleation(LAW, RADIUS), Waiting(waiting=True, hazard=0.5, rate=1.0)
    event = process.event(before, replace(before, hazard=1.0 + 0.5 * TOLERANCE))
    assert event is not None
    assert event.share == 1.0
