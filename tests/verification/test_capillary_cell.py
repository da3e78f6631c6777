"""Surface tension in the cell: the potential of balance, ledgers, relaxation and its lifetime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI
from scipy import constants

from tusk.meshes.cell import ElectrodeSurface
from tusk.meshes.curve import hemisphere, revolved_volume
from tusk.solver.config import FilamentConfig
from tusk.solver.front.capillarity import SurfaceForces
from tusk.solver.front.faraday import FaradayGrowth
from tusk.solver.front.process import Nothing
from tusk.solver.front.surface import Shape, Weights
from tusk.solver.models.filament.setup import build_control, build_setting
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.capillarity import Capillarity
from tusk.solver.physics.waveform import Drive, Hold

type Record = Callable[[str, object], None]

RADIUS = 2.0
"""Of the hemisphere, nm."""

COPPER = ("capillarity.model=surface_tension",)
SMALL = ("stack.nucleus_radius=0.1 nm",)
BALANCE = 1.8 * 63.546 * constants.atomic_mass / 8960.0 * (2.0 / (RADIUS * 1e-9)) / (
    2.0 * constants.elementary_charge
)  # fmt: skip
"""gamma Omega kappa/(z e) of it, V: 0.0663 V."""


@cache
def config(*changes: str) -> FilamentConfig:
    return frozen_cells.configure(*COPPER, *SMALL, *changes)


def shape(curve: np.ndarray) -> Shape:
    return Shape(curve, ElectrodeSurface(0.0))


@pytest.mark.parametrize("barriers", ["both", "growth"])
def test_a_hemisphere_is_balanced_by_gibbs_and_thomson(barriers: str, record_property: Record):
    """At balance no current flows, so that the cell voltage is the potential of curvature."""
    if barriers == "both":
        chosen, expected = config(), BALANCE
    else:  # then the barrier is stored energy as well: without it
        chosen, expected = config("kinetics.barriers=growth", "stress.model=none"), BALANCE
    cell = frozen_cells.frozen(chosen, shape(hemisphere(RADIUS, 41)), 0.0)

    def growth(voltage: float) -> float:
        frozen_cells.set_voltage(cell, voltage)
        return cell.cell.deposition_rate(cell.state.memories)

    below, above = growth(0.99 * expected), growth(1.01 * expected)
    assert below < 0.0 < above
    balance = 0.99 - 0.02 * below / (above - below)
    record_property("cell voltage of balance over γΩκ/(z e)", f"{balance:.4f}")


def test_the_answer_of_charge_transfer_is_the_slope_of_its_law():
    """M = (Omega/(z e)) (gamma Omega/kT) ((1 - alpha) J_a + alpha J_c), in units of the mesh."""
    chosen = config()
    cell = frozen_cells.frozen(chosen, shape(hemisphere(RADIUS, 41)), 0.05)
    physics, state = cell.tools.physics, cell.state
    law = physics.capillarity
    assert isinstance(law, Capillarity)
    at = cell.cell.seen(state.shape, state.solution)
    forces = SurfaceForces(law, FaradayGrowth(physics.growth))
    surface = forces.implicit(Nothing(), at, Weights.free(len(state.shape.curve)))
    volume, charge = law.tension.atomic_volume, 2.0 * constants.elementary_charge
    thermal = constants.Boltzmann * at.fields[:, 2]
    flow, alpha = at.charge_transfer, chosen.kinetics.transfer_coefficient
    slope = (1.0 - alpha) * flow.anodic + alpha * flow.cathodic
    expected = volume / charge * law.tension.surface_energy * volume / thermal * slope * 1e18
    assert surface.damping == pytest.approx(expected, rel=1e-4)
    diffusivity = 1e-7 * np.exp(-0.9 * constants.elementary_charge / thermal)
    mobility = diffusivity * 1.8 * volume ** (4 / 3) / thermal * 1e36
    assert surface.mobility == pytest.approx(mobility, rel=1e-9)


def resting(chosen: FilamentConfig, curve: np.ndarray, time: float) -> Simulation:
    """Return a cell at 0 V for some time, s; it is at its start."""
    tools = frozen_cells.tools(chosen, MPI.COMM_SELF)
    return Simulation(
        build_setting(tools, Drive([Hold(time)]), shape(curve), build_control(chosen))
    )


def test_a_bump_is_paid_for_and_becomes_a_hemisphere(record_property: Record):
    """In milliseconds at 0 V, in which charge transfer takes 3e-4 nm."""
    chosen = config(
        "capillarity.activation_energy=0.47 eV",
        "stack.oxide_thickness=6 nm",
    )
    curve = hemisphere(1.5, 41)
    curve[:, 1] *= 1.3
    mobility = 8.9e-5 * np.exp((0.9 - 0.47) / 0.025852)  # nm⁴/s, of copper with that barrier
    cell = resting(chosen, curve, 0.5 * 1.5**4 / mobility)
    start = cell.initial_volume
    while not cell.drive.is_over(cell.state.position, cell.state.offset):
        cell.advance()
    final = cell.state.shape.curve
    radius = np.hypot(*final.T)
    sphere = (1.5 * revolved_volume(final) / np.pi) ** (1 / 3)
    record_property("radius of the tip over that of the hemisphere", f"{radius[0] / sphere:.4f}")
    assert np.abs(radius / sphere - 1.0).max() < 5e-3
    assert revolved_volume(final) == pytest.approx(start, rel=1e-3)
    assert cell.counters.accepted < 60


def lifetime(size: float) -> float:
    """Return the time (s) in which a bump of a radius (nm), 1.3 times as high, is half levelled."""
    chosen = config("capillarity.activation_energy=0.47 eV", "stack.oxide_thickness=8 nm")
    curve = size * hemisphere(1.0, 41)
    curve[:, 1] *= 1.3
    cell = resting(chosen, curve, 1.0)
    aspects, times = [], []
    while not aspects or aspects[-1] > 1.15:
        final = cell.state.shape.curve
        aspects.append(float(final[0, 1] / final[-1, 0]))
        times.append(cell.state.time)
        cell.advance(longest=2e-5 * size**4)
    return float(np.interp(-1.15, -np.array(aspects), times))


def test_lifetimes_of_similar_shapes_scale_as_the_fourth_power(record_property: Record):
    ratio = lifetime(2.0) / lifetime(1.0)
    record_property("lifetime of twice the radius over 2⁴ lifetimes", f"{ratio / 16.0:.4f}")
    assert ratio == pytest.approx(16.0, rel=0.05)


def test_a_curved_filament_grows_with_its_ledgers_in_balance(record_property: Record):
    """The current of the weak form and the velocity of the front see the same curvature."""
    chosen = config("mesh.size_factor=0.5")
    for voltage in (1.2, -0.1):
        cell = frozen_cells.moving(chosen, shape(hemisphere(1.0, 41)), voltage)
        for _ in range(15):
            cell.advance()
        grown = cell.cell.volume(cell.state) - cell.initial_volume
        record_property(f"volume over charge at {voltage} V", f"{grown / cell.state.deposited:.5f}")
        assert np.sign(grown) == np.sign(voltage)
        assert abs(grown) > 0.05 * cell.initial_volume
        assert cell.faraday_error() < 2e-3
        terminals = cell.domain.problem.terminals(cell.state.drive)
        net = abs(terminals.current_top - terminals.current_bottom)
        assert net < 1e-6 * (abs(cell.state.current) + 1e-7)


def test_without_tension_nothing_depends_on_curvature():
    cell = frozen_cells.frozen(frozen_cells.configure(*SMALL), shape(hemisphere(RADIUS, 41)), 0.05)
    state = cell.state
    at = cell.cell.seen(state.shape, state.solution)
    assert cell.processes.implicit(state.memories, at) is None
    flat = replace(at, shape=Shape(state.shape.curve * (1.0, 1.0), state.shape.electrode))
    assert np.array_equal(at.charge_transfer.anodic, flat.charge_transfer.anodic)
