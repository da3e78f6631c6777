"""The exchange along shortest lines between surfaces whose distance is known."""

from __future__ import annotations

import frozen_cells
import numpy as np
import pytest
from mpi4py import MPI
from numpy.typing import NDArray

from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.nearest_gap import NearestGap, NearestGapEquations
from tusk.solver.physics.constants import NM

Array = NDArray[np.float64]

GAP = 0.4  # nm
VOLTAGE = 0.7
RADIUS = 2.0  # nm
PHYSICS = build_physics(frozen_cells.configure("tunnel.gap=nearest"))
EQUATIONS = NearestGapEquations(MPI.COMM_SELF, PHYSICS)


def _between(filament: Array, electrode: Array) -> tuple[NearestGap, Array]:
    """Return the exchange between two polylines and a state with V across it, 300 K."""
    points = np.vstack((filament, electrode))
    lower = np.arange(len(filament))
    upper = len(filament) + np.arange(len(electrode))
    solution = np.zeros((len(points), 3))
    solution[upper, ELECTRON] = VOLTAGE
    solution[:, HEAT] = 300.0
    return NearestGap(EQUATIONS, lower, upper, points), solution


def _discs() -> tuple[Array, Array]:
    lower, upper = np.linspace(0.0, RADIUS, 21), np.linspace(0.0, 1.5 * RADIUS, 37)
    return (
        np.column_stack((lower, np.zeros(21))),
        np.column_stack((upper, np.full(37, GAP))),
    )


def _spheres() -> tuple[Array, Array]:
    angle = np.linspace(0.0, np.pi / 3, 121)
    wider = np.linspace(0.0, np.pi / 2, 501)
    tip = RADIUS * np.column_stack((np.sin(angle), np.cos(angle)))
    cup = (RADIUS + GAP) * np.column_stack((np.sin(wider), np.cos(wider)))
    return tip, cup


@pytest.mark.parametrize(
    ("surfaces", "area", "accuracy"),
    [(_discs, np.pi * RADIUS**2, 1e-12), (_spheres, np.pi * RADIUS**2, 1e-3)],
    ids=["discs", "concentric spheres"],
)
def test_equal_gaps_carry_the_density_times_the_area(surfaces, area, accuracy) -> None:
    gap, solution = _between(*surfaces())
    density = VOLTAGE * float(PHYSICS.gap_conductor.open(GAP * NM, VOLTAGE, 300.0)) * NM**2
    totals = gap.exchange(solution).totals()
    assert totals["tunnel_current"] == pytest.approx(density * area, rel=accuracy)
    assert totals["gap_dissipation"] == pytest.approx(density * area * VOLTAGE, rel=accuracy)
    assert totals["tunnel_heat"] == pytest.approx(totals["gap_dissipation"], rel=1e-12)


def test_what_leaves_one_surface_enters_the_other() -> None:
    gap, solution = _between(*_spheres())
    rng = np.random.default_rng(5)
    solution[:, ELECTRON] += rng.uniform(-0.1, 0.1, len(solution))
    residual = gap.residual(solution)
    lower, upper = residual[gap.filament, ELECTRON], residual[gap.electrode, ELECTRON]
    assert lower.sum() < 0.0 < upper.sum()
    assert upper.sum() == pytest.approx(-lower.sum(), rel=1e-12)
    heat = -residual[:, HEAT]
    collector = heat[gap.electrode].sum() / heat.sum()
    assert collector == pytest.approx(PHYSICS.barrier_heating.shares(VOLTAGE, GAP * NM)[0])


def test_feet_follow_the_surfaces() -> None:
    gap, solution = _between(*_discs())
    before = gap.exchange(solution).current.sum()
    points = np.vstack(_discs())
    points[gap.electrode, 1] += 0.1
    gap.place(points)
    law = PHYSICS.gap_conductor.open
    expected = float(law((GAP + 0.1) * NM, VOLTAGE, 300.0) / law(GAP * NM, VOLTAGE, 300.0))
    assert gap.exchange(solution).current.sum() / before == pytest.approx(expected, rel=1e-10)
