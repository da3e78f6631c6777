"""Growth in time: a hemisphere under uniform overpotential, and the orders of the stepper."""

from __future__ import annotations

from collections.abc import Callable

import frozen_cells
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import constants
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from tusk.meshes.cell import ElectrodeSurface
from tusk.meshes.curve import hemisphere, nodal_areas, revolved_volume
from tusk.solver.fields.field import HEAT, ION
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.setup import build_control, build_setting
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.waveform import Drive, Table

Array = NDArray[np.float64]

# --- a hemisphere ---------------------------------------------------------------------------------

START, END, VOLTAGE = 0.256, 1.2, 1.1  # s, V; nm
UNIFORM = (
    "source={kind: none}",
    "stress.model=none",
    "void.model=none",
    "void.dissolution_ratio=0",
    "tunnel.model=none",
    "hopping.barrier=0.05 eV",  # the oxide is an ionic equipotential
    "mesh.preset=reference",
    "mesh.size_factor=1",
)
VOLUME_PER_CHARGE = 63.546e-3 / (2 * constants.N_A * constants.e * 8960.0)
"""Copper, two charges per ion (m³/C)."""


def reduction(overpotential: float) -> float:
    """Return -J_BV in A/m² at 300 K (eqs. [B 2, 3])."""
    x = 2 * overpotential * constants.e / (constants.k * 300.0)
    exchange = 2 * constants.e * 1e26 * 2.052e3 * np.exp(-0.763 * constants.e / (constants.k * 300))
    return float(exchange * (np.exp(-0.1 * x) - np.exp(0.9 * x)))


def ionic_potential(radius: float) -> float:
    """Return phi_i (V) at which what leaves the electrode arrives at the hemisphere (nm)."""
    hemisphere_area, electrode_area = 2 * np.pi * radius**2, np.pi * 25.0**2

    def imbalance(phi_i: float) -> float:
        arrives = hemisphere_area * reduction(-phi_i)
        leaves = -electrode_area * reduction(VOLTAGE - phi_i)
        return float(np.arcsinh(1e6 * arrives) - np.arcsinh(1e6 * leaves))

    return float(brentq(imbalance, 0.0, VOLTAGE, xtol=1e-14))


def radius_after(time: float) -> float:
    """Return r(t) in nm of dr/dt = Omega/(z e) J(phi_i(r))."""
    done = solve_ivp(
        lambda _, r: [VOLUME_PER_CHARGE * 1e9 * reduction(-ionic_potential(r[0]))],
        (0.0, time),
        [START],
        rtol=1e-10,
        atol=1e-12,
    )
    return float(done.y[0, -1])


def test_a_hemisphere_grows_as_its_radius_must(
    record_property: Callable[[str, object], None],
) -> None:
    config = frozen_cells.configure(*UNIFORM)
    setting = build_setting(
        frozen_cells.tools(config),
        Drive([Table((0.0, 10.0), (VOLTAGE, VOLTAGE))]),
        Shape(hemisphere(START, 41), ElectrodeSurface(0.0)),
        build_control(config),
    )
    simulation = Simulation(setting)
    while simulation.state.time < END:
        state = simulation.advance(longest=END - simulation.state.time)
    assert state.time == END
    oxide = simulation.domain.problem.active[:, ION]
    radius = radius_after(END)
    assert radius > 3 * START
    assert state.solution[oxide, ION] == pytest.approx(ionic_potential(radius), abs=1e-5)
    curve = state.shape.curve
    assert np.hypot(*curve.T) == pytest.approx(radius, rel=5e-3)
    assert curve[0, 1] == pytest.approx(radius, rel=2e-3)
    assert revolved_volume(curve) == pytest.approx(2 * np.pi / 3 * radius**3, rel=5e-3)
    assert nodal_areas(curve).sum() == pytest.approx(2 * np.pi * radius**2, rel=5e-3)
    record_property("error of the radius", f"{curve[0, 1] / radius - 1.0:.0e}")
    deposited = 2 * np.pi / 3 * (radius**3 - START**3)
    assert state.deposited == pytest.approx(deposited, rel=5e-3)


# --- orders in time -------------------------------------------------------------------------------


def _march(laws: tuple[str, ...], shape: Shape, applied: float, end: float, count: int) -> Array:
    """Return tip height (nm) and highest temperature (K) after ``count`` equal steps."""
    config = frozen_cells.configure(
        "stepping.tolerance=0.1", f"stepping.first_step={end} s", *frozen_cells.TIGHT, *laws
    )
    simulation = frozen_cells.moving(config, shape, applied)
    for _ in range(count):
        simulation.advance(longest=end / count)
    assert simulation.state.time == pytest.approx(end, rel=1e-9)
    assert simulation.counters.meshes == 1
    assert simulation.counters.rejected == 0
    state = simulation.state
    return np.array([state.shape.curve[0, 1], state.solution[:, HEAT].max()])


def _orders(values: Array) -> Array:
    """Return the orders that successive halvings of the step show."""
    steps = np.abs(np.diff(values))
    return np.asarray(np.log2(steps[:-1] / steps[1:]))


def test_growth_is_second_order_in_time(
    record_property: Callable[[str, object], None],
) -> None:
    counts = (16, 32, 64, 128)  # the first step alone, without one before it, is worse
    heights = np.array([_march((), frozen_cells.early(), 1.0, 0.05, n)[0] for n in counts])
    assert np.all(_orders(heights) >= 1.9), f"{heights}"
    record_property("order in time", f"{_orders(heights)[-1]:.2f}")
    assert abs(heights[-1] - heights[-2]) < 1e-5  # nm


def test_a_warming_cell_is_second_order_in_time(
    record_property: Callable[[str, object], None],
) -> None:
    counts, laws = (10, 20, 40, 80), ("thermal.model=transient",)
    shape, end = frozen_cells.narrow(), 1e-11
    hottest = np.array([_march(laws, shape, 1.2, end, n)[1] for n in counts])
    assert 310.0 < hottest[-1] < 321.1
    assert np.all(_orders(hottest) >= 1.9), f"{hottest}"
    record_property("order in time", f"{_orders(hottest)[-1]:.2f}")
    assert abs(hottest[-1] - hottest[-2]) < 0.05  # K
