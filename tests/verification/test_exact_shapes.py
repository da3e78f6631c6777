"""Exact solutions on coaxial cylinders and on discs: curved surfaces, with and without edges."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import frozen_cells
import gmsh
import numpy as np
import pytest
import ufl
from bound_equations import BoundEquations, Forms, within
from numpy.typing import NDArray
from scipy import constants
from scipy.integrate import quad
from scipy.optimize import brentq

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, OXIDE
from tusk.solver.axisymmetry import Axisymmetric
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.fields.symbols import TOP, Symbols
from tusk.solver.models.filament.closures import build_physics
from tusk.solver.models.filament.equations import Equations

Array = NDArray[np.float64]

NM = 1e-9
SIGMA_CU, SIGMA_PT, KAPPA = 5.96e7, 9.4e6, 71.0
LAWS = (
    "source={kind: none}",
    "stress.model=none",
    "void.model=none",
    "materials={Cu: {electrical_linear: 0 1/K}, "
    "Pt: {electrical_linear: 0 1/K, thermal_linear: 0 1/K, thermal_quadratic: 0 1/K^2}}",
)


class DiscSymbols(Symbols):
    """One more constant: the heat flux into a disc (W/m²)."""

    def __init__(self, degree: int) -> None:
        super().__init__(degree)
        self.heat_flux = ufl.Constant(self.domain)


@dataclass(frozen=True)
class DiscHeated(Equations):
    """The equations with a heat flux through the part of the top that lies within `DISC`."""

    @property
    def space(self) -> Axisymmetric:
        """Coordinates and measures in nm."""
        return Axisymmetric(self.symbols.domain)

    @property
    def on_disc(self) -> Any:
        return ufl.conditional(ufl.lt(self.space.coordinates[0], DISC), 1.0, 0.0)

    def residual(self) -> Any:
        assert isinstance(self.symbols, DiscSymbols)
        flux = self.symbols.heat_flux * NM**2 * self.on_disc
        return super().residual() - (flux * self.symbols.test[HEAT]) * self.space.surface(TOP)

    def mean(self) -> Any:
        """Return the integral of T over the disc (K nm²)."""
        return (self.on_disc * self.symbols.solution[HEAT]) * self.space.surface(TOP)


@cache
def forms(degree: int, *laws: str) -> Forms:
    physics = build_physics(frozen_cells.configure(*LAWS, *laws))
    equations = DiscHeated(physics, DiscSymbols(degree))
    return Forms(equations, equations.integrals() | {"disc": equations.mean()})


# --- coaxial cylinders ----------------------------------------------------------------------------

HEIGHT = 3.0  # nm
RADII = (0.0, 0.8, 2.4, 3.2)
"""Filament up to 0.8 nm, oxide (or the other metal) up to 2.4 nm, electrode beyond; nm."""


def coaxial(count: int, *regions: int) -> tuple[Array, Array, Array]:
    """Return nodes, triangles and regions of rings about the axis."""
    rings = [np.linspace(a, b, count + 1)[1:] for a, b in itertools.pairwise(RADII)]
    r = np.concatenate(([0.0], *rings))
    z = np.linspace(0.0, HEIGHT, count // 2 + 1)
    points = np.stack(np.meshgrid(r, z), axis=-1).reshape(-1, 2)
    number = np.arange(len(points)).reshape(len(z), len(r))
    a, b, c, d = number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]
    cells = np.concatenate([np.stack(t, -1).reshape(-1, 3) for t in ((a, b, c), (a, c, d))])
    ring = np.tile(np.repeat(np.arange(3), count), len(z) - 1)
    return points, cells, np.tile(np.array(regions)[ring], 2)


def butler_volmer(overpotential: float) -> float:
    """Return J_BV in A/m² at 300 K (eqs. [B 2, 3])."""
    x = 2 * overpotential * constants.e / (constants.k * 300.0)
    exchange = 2 * constants.e * 1e26 * 2.052e3 * np.exp(-0.763 * constants.e / (constants.k * 300))
    return float(exchange * (np.exp(0.9 * x) - np.exp(-0.1 * x)))


def overpotential(density: float) -> float:
    """Return eta (V) at which J_BV is ``density`` (A/m²)."""
    scaled = np.arcsinh(1e9 * density)
    return float(brentq(lambda x: np.arcsinh(1e9 * butler_volmer(x)) - scaled, -9.0, 9.0))


def coaxial_ions(voltage: float, barrier: float) -> float:
    """Return the ionic current (A) inwards: two interfaces and drift with E(J(r)) between."""
    inner, outer = RADII[1] * NM, RADII[2] * NM
    rate = 4 * constants.e * 1e26 * 1e13 * 0.25e-9
    rate *= np.exp(-barrier * constants.e / (constants.k * 300.0))
    thermal = constants.k * 300.0 / constants.e

    def excess(log_current: float) -> float:
        per_length = np.exp(log_current) / (2 * np.pi * HEIGHT * NM)  # A/m over 2 pi
        field = lambda r: np.arcsinh(per_length / r / rate) * thermal / 0.25e-9  # noqa: E731
        drop = quad(field, inner, outer, epsrel=1e-12)[0]
        drop += overpotential(per_length / outer) - overpotential(-per_length / inner)
        return float(drop - voltage)

    return float(np.exp(brentq(excess, np.log(1e-30), np.log(1e-6), xtol=1e-13)))


@pytest.mark.parametrize("degree", [1, 2])
@pytest.mark.parametrize("barrier", [0.35, 0.85], ids=["interfaces limit", "bulk limits"])
def test_ions_between_coaxial_cylinders(
    barrier: float, degree: int, record_property: Callable[[str, object], None]
) -> None:
    voltage, errors, counts = 0.9, [], (8, 16, 32)
    exact = coaxial_ions(voltage, barrier)
    for count in counts:
        points, cells, regions = coaxial(count, FILAMENT, OXIDE, ACTIVE_ELECTRODE)
        study = BoundEquations(
            forms(degree, f"hopping.barrier={barrier} eV"), points, cells, regions
        )
        values = study.nodal(
            lambda region, r, _: np.full_like(r, voltage * (region == ACTIVE_ELECTRODE)),
            lambda region, r, _: np.full_like(r, 0.8 * voltage * (region == OXIDE)),
            lambda region, r, _: np.full_like(r, 300.0),
        )
        values[study.nodes_of(ACTIVE_ELECTRODE), ELECTRON] = voltage
        values[study.nodes_of(OXIDE), ION] = 0.8 * voltage
        free = np.zeros(values.shape, dtype=bool)
        free[study.nodes_of(OXIDE), ION] = True
        study.solve(values, free)
        arrived, left = (study.scalar(f"{k}_ion_current") for k in ("filament", "electrode"))
        assert arrived == pytest.approx(-left, rel=1e-9)
        errors.append(abs(left / exact - 1.0))
    if errors[-1] > 1e-10:  # two interfaces alone are exact on any mesh
        rate = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
        assert rate >= degree + 0.9, f"rate {rate} of errors {errors}"
    assert errors[-1] < {1: 3e-3, 2: 1e-5}[degree], f"{errors}"
    record_property("error of the current", f"{errors[-1]:.0e}")


@pytest.mark.parametrize("degree", [1, 2])
def test_a_coaxial_resistor(degree: int, record_property: Callable[[str, object], None]) -> None:
    """Two metals about each other: I = 2 pi L V/(ln(r1/r0)/sigma_1 + ln(r2/r1)/sigma_2)."""
    voltage, errors, counts = 0.2, [], (8, 16, 32)
    logs = np.log(RADII[2] / RADII[1]) / SIGMA_PT + np.log(RADII[3] / RADII[2]) / SIGMA_CU
    exact = 2 * np.pi * HEIGHT * NM * voltage / logs
    for count in counts:
        mesh = coaxial(count, FILAMENT, COUNTER_ELECTRODE, ACTIVE_ELECTRODE)
        study = BoundEquations(forms(degree), *mesh)
        inner, outer = study.nodes_of(FILAMENT), within(study.positions[:, 0], RADII[3])
        values = np.tile((0.0, 0.0, 300.0), (len(inner), 1))
        values[outer, ELECTRON] = voltage
        free = np.zeros(values.shape, dtype=bool)
        free[~(inner | outer), ELECTRON] = True
        values = study.solve(values, free)
        current = study.residual(values)[outer, ELECTRON].sum()
        assert study.scalar("joule_power") == pytest.approx(current * voltage, rel=1e-9)
        errors.append(abs(current / exact - 1.0))
    rate = -np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert rate >= 2 * degree - 0.1, f"rate {rate} of errors {errors}"  # an energy norm squared
    assert errors[-1] < {1: 1e-3, 2: 1e-6}[degree], f"{errors}"
    record_property("error of the current", f"{errors[-1]:.0e}")


# --- discs on a half space ------------------------------------------------------------------------

DISC, FAR = 1.0, 60.0
"""Radius of the disc and of the hemisphere that stands for the half space below it (nm)."""

SPREADING = 1.0 / (2 * np.pi * KAPPA * FAR * NM)
"""Resistance (K/W) from the hemisphere to infinity, which the exact values include."""


@cache
def half_ball(edge: float) -> tuple[Array, Array, Array]:
    """Return a mesh of the hemisphere, of size ``edge`` (nm) at the rim of the disc."""
    own = not gmsh.isInitialized()  # a session of the product's has its own options
    if own:
        gmsh.initialize(interruptible=False)
    sizes = {
        name: gmsh.option.getNumber(name)
        for name in ("Mesh.MeshSizeFromPoints", "Mesh.MeshSizeExtendFromBoundary")
    }
    gmsh.clear()
    for name in sizes:
        gmsh.option.setNumber(name, 1)
    gmsh.option.setNumber("General.Terminal", 0)
    try:
        corners = ((0.0, 0.0, 0.03), (DISC, 0.0, edge), (FAR, 0.0, 3.0), (0.0, -FAR, 3.0))
        a, b, c, d = (gmsh.model.geo.addPoint(x, y, 0.0, size) for x, y, size in corners)
        lines = [gmsh.model.geo.addLine(a, b), gmsh.model.geo.addLine(b, c)]
        lines += [gmsh.model.geo.addCircleArc(c, a, d), gmsh.model.geo.addLine(d, a)]
        gmsh.model.geo.addPlaneSurface([gmsh.model.geo.addCurveLoop(lines)])
        gmsh.model.geo.synchronize()
        gmsh.model.mesh.generate(2)
        tags, nodes, _ = gmsh.model.mesh.getNodes()
        _, triangles = gmsh.model.mesh.getElementsByType(2)
    finally:
        gmsh.clear()
        for name, value in sizes.items():
            gmsh.option.setNumber(name, value)
        if own:
            gmsh.finalize()
    number = np.zeros(int(tags.max()) + 1, dtype=int)
    number[tags] = np.arange(len(tags))
    cells = number[triangles].reshape(-1, 3)
    points = nodes.reshape(-1, 3)[:, :2]
    used = np.unique(cells)
    return points[used], np.searchsorted(used, cells), np.full(len(cells), COUNTER_ELECTRODE)


def disc(degree: int, edge: float) -> tuple[BoundEquations, Array, NDArray[np.bool_], Any]:
    """Return a study at 300 K, its values, what is free, and which nodes lie on the disc."""
    study = BoundEquations(forms(degree), *half_ball(edge))
    r, z = study.positions.T
    values = np.tile((0.0, 0.0, 300.0), (len(r), 1))
    free = np.zeros(values.shape, dtype=bool)
    rim = np.hypot(r, z) > FAR * (1 - 1e-3)
    free[~rim, HEAT] = True
    return study, values, free, within(z, 0.0) & (r < DISC + 1e-9)


@pytest.mark.parametrize(("degree", "bound"), [(1, 3e-3), (2, 1e-3)])
def test_an_isothermal_disc(
    degree: int, bound: float, record_property: Callable[[str, object], None]
) -> None:
    """Its resistance to a half space is 1/(4 kappa a)."""
    study, values, free, on_disc = disc(degree, 1e-3)
    values[on_disc, HEAT] = 310.0
    free[on_disc] = False
    values = study.solve(values, free)
    heat = study.residual(values)[on_disc, HEAT].sum()
    exact = 1.0 / (4 * KAPPA * DISC * NM)
    measured = 10.0 / heat + SPREADING
    record_property("error of the resistance", f"{measured / exact - 1.0:.0e}")
    assert measured == pytest.approx(exact, rel=bound)


@pytest.mark.parametrize(("degree", "bound"), [(1, 2e-3), (2, 2e-4)])
def test_a_disc_of_uniform_flux(
    degree: int, bound: float, record_property: Callable[[str, object], None]
) -> None:
    """Its mean temperature rises by 8/(3 pi² kappa a) per watt."""
    study, values, free, _ = disc(degree, 2e-2)
    flux = 1e9  # W/m²
    study.constants["heat_flux"].value = flux
    study.solve(values, free)
    heat = flux * np.pi * (DISC * NM) ** 2
    rise = study.scalar("disc") / (np.pi * DISC**2) - 300.0
    exact = 8.0 / (3 * np.pi**2 * KAPPA * DISC * NM)
    measured = rise / heat + SPREADING
    record_property("error of the resistance", f"{measured / exact - 1.0:.0e}")
    assert measured == pytest.approx(exact, rel=bound)
