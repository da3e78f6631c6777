"""Manufactured fields on a plane-layered cell that touches its axis, and the sources they need.

Sources are the strong form of the equations, written here by hand in cylindrical coordinates: a
missing weight, a wrong sign or a lost unit in the weak form keeps the error from shrinking.
Materials are chosen so that every term counts: metals about as resistive as the gap, ions that
carry about as much current as electrons, tunnel heat as large as Joule heat.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import frozen_cells
import numpy as np
import ufl
from numpy.typing import NDArray
from planar_cells import PlanarCell

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, CellMesh, Stack
from tusk.solver.axisymmetry import Axisymmetric
from tusk.solver.config import FilamentConfig
from tusk.solver.fields.field import ELECTRON, HEAT, ION, METALS
from tusk.solver.fields.surface_kinetics import Surface
from tusk.solver.fields.symbols import ELECTRODE_GAP, FILAMENT_GAP, TOP, Symbols
from tusk.solver.models.filament.equations import Equations

Array = NDArray[np.float64]

NM = 1e-9
LOW, FILAMENT_TOP, OXIDE_TOP, HIGH, RADIUS = -3.0, 2.0, 2.4, 6.0, 2.5
WIDTH = OXIDE_TOP - FILAMENT_TOP
STACK = Stack(OXIDE_TOP, HIGH - OXIDE_TOP, -LOW, RADIUS)
AREA = np.pi * RADIUS**2
DRIVE = 0.35  # V
SIZE_EFFECT, DISSOLVABLE = 0.8, 0.7
SOURCE = {"source_current": 1e-8, "source_conductance": 5e-7, "source_voltage": 0.2}
SHARE = 0.82
METAL = (
    "{{electrical_conductivity: {} S/m, electrical_linear: 2e-3 1/K, "
    "thermal_conductivity: {} W/m/K, thermal_linear: -1e-3 1/K, "
    "density: 5000 kg/m^3, heat_capacity: 400 J/kg/K}}"
)
CONFIG = (
    "source={kind: none}",
    "kinetics.rate_constant=1e15 m/s",
    "kinetics.transfer_coefficient=0.3",
    "hopping.barrier=0.1 eV",
    "stress.radius=3 nm",
    "thermal.model=transient",
    f"tunnel.collector_share={SHARE}",
    f"materials={{Cu: {METAL.format(600, 0.6)}, Pt: {METAL.format(300, 0.4)}}}",
)


def configuration() -> FilamentConfig:
    """Return the configuration whose closures the study uses."""
    return frozen_cells.configure(*CONFIG)


@dataclass(frozen=True)
class Exact:
    """The manufactured fields as functions of (r, z) in nm, for UFL or NumPy.

    ``slope`` inclines both faces of the gap; ``amplitude`` scales the temperature rise.
    """

    r: Any
    z: Any
    cosine: Any
    slope: float = 0.0
    amplitude: Any = 1.0

    @property
    def _wave(self) -> Any:
        return self.cosine(np.pi * self.r / RADIUS)

    def _low(self, z: Any) -> Any:
        return 0.1 * (1 + 0.3 * self._wave) * (1 - (z / LOW) ** 2)

    def _high(self, z: Any) -> Any:
        part = (HIGH - z) / (HIGH - OXIDE_TOP)
        return DRIVE - 0.12 * part * (1 + 0.2 * part) * (1 + 0.3 * self._wave)

    def phi_e(self, region: int) -> Any:
        """Continuous; zero at the bottom, DRIVE at the top, no flux through z = 0 and r = R."""
        if region == ACTIVE_ELECTRODE:
            return self._high(self.z)
        if region == GAP:
            bottom = FILAMENT_TOP + self.slope * self.r
            low, high = self._low(bottom), self._high(bottom + WIDTH)
            return low + (high - low) * (self.z - bottom) / WIDTH
        return self._low(self.z)

    def phi_i(self) -> Any:
        share = (self.z - FILAMENT_TOP) / WIDTH
        return 0.04 + 0.1 * share + 0.02 * self._wave * (0.5 + share)

    @property
    def rise(self) -> Any:
        """T - 300 K at amplitude 1: zero at bottom and top, no flux through z = 0 and r = R."""
        shape = (1 - (self.z / LOW) ** 2) * (1 - (self.z / HIGH) ** 2)
        return 40.0 * shape * (1 + 0.3 * self._wave)

    def temperature(self) -> Any:
        return 300.0 + self.amplitude * self.rise


class TimedSymbols(Symbols):
    """More constants: amplitude of the temperature rise, its rate (1/s), tunnel heat (0, 1)."""

    def __init__(self, degree: int) -> None:
        super().__init__(degree)
        self.amplitude = ufl.Constant(self.domain)
        self.amplitude_rate = ufl.Constant(self.domain)
        self.heating = ufl.Constant(self.domain)


class SteadySymbols(Symbols):
    """The same as plain numbers, for the solver of the runs, which knows no such constants."""

    amplitude, amplitude_rate, heating = 1.0, 0.0, 1.0


@dataclass(frozen=True)
class Manufactured(Equations):
    """The equations with sources that make :class:`Exact` their solution."""

    symbols: TimedSymbols | SteadySymbols
    slope: float = 0.0

    @property
    def space(self) -> Axisymmetric:
        """Coordinates and measures in nm."""
        return Axisymmetric(self.symbols.domain)

    @property
    def exact(self) -> Exact:
        r, z = self.space.coordinates
        return Exact(r, z, ufl.cos, self.slope, self.symbols.amplitude)

    def residual(self) -> Any:
        return super().residual() - self._bulk_sources() - self._gap_sources() - self._top_source()

    def _sigma(self, region: int) -> Any:
        bulk = self.physics.material(region).electrical_conductivity
        assert bulk is not None
        return bulk(self.exact.temperature()) * (SIZE_EFFECT if region == FILAMENT else 1.0)

    def _kappa(self, region: int) -> Any:
        return self.physics.material(region).thermal_conductivity(self.exact.temperature())

    def _ionic(self) -> Any:
        slope = ufl.grad(self.exact.phi_i()) / NM
        return self.physics.hopping.conductivity(ufl.inner(slope, slope), self.exact.temperature())

    def _bulk_sources(self) -> Any:
        r, _ = self.space.coordinates
        dV, exact = self.space.volume, self.exact
        v_e, v_i, v_t = (self.symbols.test[k] for k in (ELECTRON, ION, HEAT))

        def outflow(coefficient: Any, u: Any) -> Any:
            """Return -div(coefficient grad u) in cylindrical coordinates, per nm²."""
            flux = coefficient * ufl.grad(u)
            return -(ufl.div(flux) + flux[0] / r)

        form = (NM * outflow(self._ionic(), exact.phi_i()) * v_i) * dV(GAP)
        for region in (COUNTER_ELECTRODE, FILAMENT, GAP, ACTIVE_ELECTRODE):
            heat = NM * outflow(self._kappa(region), exact.temperature())
            rate = self.symbols.amplitude_rate * exact.rise
            heat += self.physics.material(region).heat_capacity * NM**3 * rate
            form += (heat * v_t) * dV(region)
        for region in METALS:
            phi_e = exact.phi_e(region)
            form += (NM * outflow(self._sigma(region), phi_e) * v_e) * dV(region)
            joule = self._sigma(region) * ufl.inner(ufl.grad(phi_e), ufl.grad(phi_e))
            form -= (NM * joule * v_t) * dV(region)
        return form

    def _gap_sources(self) -> Any:
        """Return what fluxes and exchange currents leave over at the two faces of the gap."""
        exact, laws, dA = self.exact, self.physics, self.space.surface
        (r, z), n = self.space.coordinates, ufl.FacetNormal(self.symbols.domain)
        T, phi_i = exact.temperature(), exact.phi_i()
        v_e, v_i, v_t = (self.symbols.test[k] for k in (ELECTRON, ION, HEAT))
        across = exact.phi_e(GAP).dx(1) * WIDTH  # linear in z, so that this is the voltage
        tunnel = laws.tunnelling.conductance_per_area(WIDTH * NM, across, T) * across * NM**2
        form = 0
        for interface, metal, share in (
            (FILAMENT_GAP, FILAMENT, 1 - SHARE),
            (ELECTRODE_GAP, ACTIVE_ELECTRODE, SHARE),
        ):
            phi_e = exact.phi_e(metal)
            lower = metal == FILAMENT
            side = Surface.FILAMENT if lower else Surface.ELECTRODE
            barrier = laws.surface_kinetics.barrier(side, r * NM, z * NM)
            anodic, cathodic = laws.charge_transfer.branches(phi_e - phi_i, T, barrier)
            transfer = ((DISSOLVABLE if lower else 1.0) * anodic - cathodic) * NM**2
            into = self._sigma(metal) * NM * ufl.dot(ufl.grad(phi_e), n)
            drift = self._ionic() * NM * ufl.dot(ufl.grad(phi_i), n)
            heat = (self._kappa(GAP) - self._kappa(metal)) * NM * ufl.dot(ufl.grad(T), n)
            form += ((tunnel * n[1] - into + transfer) * v_e) * dA(interface)
            form += ((drift - transfer) * v_i) * dA(interface)
            power = self.symbols.heating * tunnel * across * abs(n[1])
            form += ((heat - share * power) * v_t) * dA(interface)
        return form

    def _top_source(self) -> Any:
        exact, v_e = self.exact, self.symbols.test[ELECTRON]
        phi_e = exact.phi_e(ACTIVE_ELECTRODE)
        into = self._sigma(ACTIVE_ELECTRODE) * NM * phi_e.dx(1)
        given = SOURCE["source_current"] + SOURCE["source_conductance"] * (
            SOURCE["source_voltage"] - phi_e
        )
        return ((into - given / AREA) * v_e) * self.space.surface(TOP)


def inclined_mesh(count: int, slope: float) -> CellMesh:
    """Return ``count`` intervals across and along each layer, the gap's faces inclined."""
    cell = PlanarCell(STACK, FILAMENT_TOP, GAP, (count, count)).mesh()
    levels = (LOW, 0.0, FILAMENT_TOP, OXIDE_TOP, HIGH)
    lift = np.interp(cell.points[:, 1], levels, (0.0, 0.0, 1.0, 1.0, 0.0))
    raised = cell.points[:, 1] + slope * cell.points[:, 0] * lift
    return replace(cell, points=np.column_stack((cell.points[:, 0], raised)))
