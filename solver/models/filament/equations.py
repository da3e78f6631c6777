"""The equations of the cell, written once as they stand in the paper.

Everything here is symbolic: the forms are compiled once per set of closures and bound to each new
mesh afterwards.  Unknowns are the electronic potential phi_e (V), the ionic potential phi_i (V) and
the temperature T (K); lengths are in nm, so that currents come out in A and powers in W.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import basix.ufl
import ufl

from tusk.meshes.cell import ACTIVE_ELECTRODE, COUNTER_ELECTRODE, FILAMENT, GAP, OXIDE
from tusk.solver.axisymmetry import Axisymmetric, reference_domain

if TYPE_CHECKING:
    from tusk.solver.models.filament.closures import FilamentPhysics

FILAMENT_OXIDE, ELECTRODE_OXIDE, FILAMENT_GAP, ELECTRODE_GAP, TOP = 11, 12, 13, 14, 15
"""Interface tags; facets belong to their oxide cell, ``TOP`` to the active electrode."""

METALS = (COUNTER_ELECTRODE, FILAMENT, ACTIVE_ELECTRODE)
ELECTRON, ION, HEAT = 0, 1, 2
"""Components of the solution vector."""

NM = 1e-9

type Symbol = Any  # UFL ships without types


@cache
def lagrange(degree: int, shape: tuple[int, ...] = ()) -> Any:
    """Return the continuous element of a degree on triangles, for values of the given shape."""
    return basix.ufl.element("Lagrange", "triangle", degree, shape=shape)


class Symbols:
    """Placeholders for the unknowns and data of the forms; each mesh binds them to its own.

    Parameters
    ----------
    degree
        Polynomial degree of the unknowns.  Runs bind degree 1 (:mod:`.discrete`); the forms hold
        for any, as the verification with degree 2 shows.  Geometric data stay linear.

    Attributes
    ----------
    solution
        (phi_e, phi_i, T) as one vector-valued field: V, V, K.
    gap
        Gap width in nm (P1); in a column all nodes hold the same value.
    span
        Width in nm of the column that a triangle's vertical edge lies in (cellwise).
    cut
        0 on the filament, 1 on the electrode, linear across the gap (P1): the test function whose
        residual is the current through the gap.
    dissolvable
        1 where the filament surface may dissolve, 0 on points held at the nucleus (P1).
    depositable, closed, site_share, site_conductance
        Of a contact: factor of the cathodic branch (P1), part of the gap in nm that is metal (P1),
        area share of conducting sites (P1) and their conductance in S/m².
    size_effect
        Filament conductivity over the bulk conductivity (cellwise).
    mesh_velocity, stored_heat
        nm/s (P1 vector) and the history part of dT/dt in K/s (of the unknowns' degree).
    source_current, source_conductance, source_voltage, top_area
        The source linearised about a cell voltage (A, S, V) and the contact area (nm²).
    heat_scale
        Makes the areal tunnel heat integrate to the dissipation in the gap; close to 1.
    storage_rate
        Coefficient of T in the discrete dT/dt (1/s).
    """

    def __init__(self, degree: int = 1) -> None:
        self.domain = reference_domain()
        vector = ufl.FunctionSpace(self.domain, lagrange(degree, (3,)))
        scalar = ufl.FunctionSpace(self.domain, lagrange(1))
        self.solution = ufl.Coefficient(vector)
        self.test = ufl.TestFunction(vector)
        self.trial = ufl.TrialFunction(vector)
        self.gap = ufl.Coefficient(scalar)
        self.cut = ufl.Coefficient(scalar)
        self.dissolvable = ufl.Coefficient(scalar)
        self.depositable = ufl.Coefficient(scalar)
        self.closed = ufl.Coefficient(scalar)
        self.site_share = ufl.Coefficient(scalar)
        self.stored_heat = ufl.Coefficient(ufl.FunctionSpace(self.domain, lagrange(degree)))
        cellwise = ufl.FunctionSpace(self.domain, basix.ufl.element("DG", "triangle", 0))
        self.size_effect = ufl.Coefficient(cellwise)
        self.span = ufl.Coefficient(cellwise)
        self.mesh_velocity = ufl.Coefficient(ufl.FunctionSpace(self.domain, lagrange(1, (2,))))
        self.source_current = ufl.Constant(self.domain)
        self.source_conductance = ufl.Constant(self.domain)
        self.source_voltage = ufl.Constant(self.domain)
        self.top_area = ufl.Constant(self.domain)
        self.heat_scale = ufl.Constant(self.domain)
        self.site_conductance = ufl.Constant(self.domain)
        self.storage_rate = ufl.Constant(self.domain)


@dataclass(frozen=True)
class Equations:
    """The residual of the coupled system and the integrals reported of its solution.

    Parameters
    ----------
    physics
        The closures.
    symbols
        The placeholders.
    """

    physics: FilamentPhysics
    symbols: Symbols = field(default_factory=Symbols)

    @property
    def space(self) -> Axisymmetric:
        """Coordinates and measures."""
        return Axisymmetric(self.symbols.domain)

    # --- closures at the unknowns -------------------------------------------------------------

    def metal_conductivity(self, region: int) -> Symbol:
        """Return sigma(T) in S/m of a metal region (Buttberg 2025, eqs. 6 and 8)."""
        temperature = self.symbols.solution[HEAT]
        bulk = self.physics.metal_conductivity(region, temperature)
        return self.symbols.size_effect * bulk if region == FILAMENT else bulk

    def thermal_conductivity(self, region: int) -> Symbol:
        """Return kappa(T) in W/(m K) (Buttberg 2025, eq. 8)."""
        return self.physics.material(region).thermal_conductivity(self.symbols.solution[HEAT])

    def ionic_conductivity(self) -> Symbol:
        """Return the Mott-Gurney conductivity in S/m (Buttberg 2025, eq. 4)."""
        _, phi_i, temperature = ufl.split(self.symbols.solution)
        field_squared = ufl.inner(ufl.grad(phi_i), ufl.grad(phi_i)) / NM**2
        return self.physics.hopping.conductivity(field_squared, temperature)

    def tunnel_voltage(self) -> Symbol:
        """Return V_Tu, positive when the active electrode is positive (V)."""
        return self.voltage_across(self.symbols.solution[ELECTRON])

    def tunnel_conductance(self) -> Symbol:
        """Return J_Tu/V_Tu in S/m² (Buttberg 2025, eq. 5)."""
        s, law = self.symbols, self.physics.tunnelling
        voltage, temperature = self.tunnel_voltage(), s.solution[HEAT]
        if not self.physics.has_contact:
            return law.conductance_per_area(s.gap * NM, voltage, temperature)
        open_gap = law.conductance_per_area((s.gap - s.closed) * NM, voltage, temperature)
        return (1.0 - s.site_share) * open_gap + s.site_share * s.site_conductance

    def across_gap(self, u: Symbol, v: Symbol) -> Symbol:
        """Return the product of two voltages across the gap, per gap width (1/nm).

        Integrated over the gap it is the integral of V[u] V[v] over its area: a current density
        J = G V[phi_e] tested with V[v] acts between the two surfaces.  In a column the voltage is
        exactly the difference between its ends, and columns do not conduct sideways.  The nearest
        gap has no columns; its exchange is in `tusk.solver.models.filament.nearest_gap`.
        """
        # A triangle is as high as its vertical edge: over that width both edges of a strip count
        # linearly across it, over the gap the longer one counts more, 1 % where a gap closes.
        width = self.symbols.span if self.physics.has_contact else self.symbols.gap
        return self.voltage_across(u) * self.voltage_across(v) / width

    def voltage_across(self, u: Symbol) -> Symbol:
        """Return the difference of ``u`` between the electrode's and the filament's surface."""
        return self.symbols.span * ufl.grad(u)[1]

    def charge_transfer(self, on_filament: bool) -> Symbol:
        """Return J_BV in A/m², positive = oxidation (Buttberg 2025, eqs. 2, 3, 9, 11, 12)."""
        phi_e, phi_i, temperature = ufl.split(self.symbols.solution)
        r, z = self.space.coordinates
        kinetics = self.physics.charge_transfer
        barrier = (
            self.physics.filament_barrier(r * NM, z * NM)
            if on_filament
            else self.physics.electrode_barrier(r * NM, z * NM)
        )
        anodic, cathodic = kinetics.branches(
            kinetics.overpotential(phi_e, phi_i), temperature, barrier
        )
        if not on_filament:
            return anodic - cathodic
        if self.physics.has_contact:
            cathodic = self.symbols.depositable * cathodic
        return self.symbols.dissolvable * anodic - cathodic

    def tunnel_heat(self, on_filament: bool) -> Symbol:
        """Return q_Tu in W/m² on one side of the gap (Buttberg 2025, eq. 10)."""
        normal = ufl.FacetNormal(self.symbols.domain)
        voltage = self.tunnel_voltage()
        shares = self.physics.barrier_heating.shares(voltage, self.symbols.gap * NM)
        share = shares[1] if on_filament else shares[0]
        power = self.tunnel_conductance() * voltage**2 * abs(normal[1])
        return self.symbols.heat_scale * share * power

    def heating_rate(self, region: int) -> Symbol:
        """Return rho c_p dT/dt in W/m³ seen from nodes that move with the mesh."""
        s = self.symbols
        rate = s.storage_rate * s.solution[HEAT] + s.stored_heat
        rate -= ufl.dot(s.mesh_velocity, ufl.grad(s.solution[HEAT]))
        return self.physics.material(region).heat_capacity * rate

    # --- the residual -------------------------------------------------------------------------

    def electrons(self) -> Symbol:
        """Return the weak form of charge conservation of electrons, in A."""
        phi_e, v = self.symbols.solution[ELECTRON], self.symbols.test[ELECTRON]
        dV, dA = self.space.volume, self.space.surface
        s = self.symbols
        limiter = (
            s.source_current + s.source_conductance * (s.source_voltage - phi_e)
        ) / s.top_area
        form = sum(
            (self.metal_conductivity(region) * NM * ufl.inner(ufl.grad(phi_e), ufl.grad(v)))
            * dV(region)
            for region in METALS
        )
        form += (self.tunnel_conductance() * NM**2 * self.across_gap(phi_e, v)) * dV(GAP)
        form += (self.charge_transfer(True) * NM**2 * v) * dA(FILAMENT_OXIDE, FILAMENT_GAP)
        form += (self.charge_transfer(False) * NM**2 * v) * dA(ELECTRODE_OXIDE, ELECTRODE_GAP)
        return form - (limiter * v) * dA(TOP)

    def ions(self) -> Symbol:
        """Return the weak form of charge conservation of ions in the oxide, in A."""
        phi_i, w = self.symbols.solution[ION], self.symbols.test[ION]
        dV, dA = self.space.volume, self.space.surface
        drift = self.ionic_conductivity() * NM * ufl.inner(ufl.grad(phi_i), ufl.grad(w))
        form = drift * dV(OXIDE, GAP)
        form -= (self.charge_transfer(True) * NM**2 * w) * dA(FILAMENT_OXIDE, FILAMENT_GAP)
        return form - (self.charge_transfer(False) * NM**2 * w) * dA(ELECTRODE_OXIDE, ELECTRODE_GAP)

    def heat(self) -> Symbol:
        """Return the weak form of the heat equation, in W."""
        s = self.symbols
        phi_e, temperature, v = s.solution[ELECTRON], s.solution[HEAT], s.test[HEAT]
        dV, dA = self.space.volume, self.space.surface
        form = 0
        for region in (*METALS, OXIDE, GAP):
            flux = self.thermal_conductivity(region) * NM * ufl.grad(temperature)
            form += ufl.inner(flux, ufl.grad(v)) * dV(region)
            if self.physics.transient:
                form += (self.heating_rate(region) * NM**3 * v) * dV(region)
        for region in METALS:
            joule = (
                self.metal_conductivity(region) * NM * ufl.inner(ufl.grad(phi_e), ufl.grad(phi_e))
            )
            form -= (joule * v) * dV(region)
        form -= (self.tunnel_heat(True) * NM**2 * v) * dA(FILAMENT_GAP)
        return form - (self.tunnel_heat(False) * NM**2 * v) * dA(ELECTRODE_GAP)

    def residual(self) -> Symbol:
        """Return the residual of the coupled system."""
        return self.electrons() + self.ions() + self.heat()

    def jacobian(self) -> Symbol:
        """Return the exact derivative of the residual."""
        return ufl.derivative(self.residual(), self.symbols.solution, self.symbols.trial)

    # --- reported integrals -------------------------------------------------------------------

    def integrals(self) -> dict[str, Symbol]:
        """Return the scalar forms of the ledgers: currents in A, powers in W."""
        s = self.symbols
        phi_e, phi_i = s.solution[ELECTRON], s.solution[ION]
        dV, dA = self.space.volume, self.space.surface
        kinetics = self.physics.charge_transfer
        over = kinetics.overpotential(phi_e, phi_i)
        conductance = self.tunnel_conductance() * NM**2
        j_filament, j_electrode = (self.charge_transfer(side) * NM**2 for side in (True, False))
        filament, electrode = dA(FILAMENT_OXIDE, FILAMENT_GAP), dA(ELECTRODE_OXIDE, ELECTRODE_GAP)
        joule = sum(
            (self.metal_conductivity(k) * NM * ufl.inner(ufl.grad(phi_e), ufl.grad(phi_e))) * dV(k)
            for k in METALS
        )
        drift = self.ionic_conductivity() * NM * ufl.inner(ufl.grad(phi_i), ufl.grad(phi_i))
        reported = {
            "tunnel_current": (conductance * self.across_gap(phi_e, s.cut)) * dV(GAP),
            "gap_dissipation": (conductance * self.across_gap(phi_e, phi_e)) * dV(GAP),
            "filament_ion_current": j_filament * filament,
            "electrode_ion_current": j_electrode * electrode,
            "joule_power": joule,
            "ionic_dissipation": drift * dV(OXIDE, GAP),
            "overpotential_dissipation": (over * j_filament) * filament
            + (over * j_electrode) * electrode,
            "electromotive_power": (self.physics.equilibrium_offset * j_filament) * filament
            + (self.physics.equilibrium_offset * j_electrode) * electrode,
            "tunnel_heat": (self.tunnel_heat(True) * NM**2) * dA(FILAMENT_GAP)
            + (self.tunnel_heat(False) * NM**2) * dA(ELECTRODE_GAP),
        }
        if self.physics.transient:
            reported["stored_power"] = sum(
                (self.heating_rate(region) * NM**3) * dV(region) for region in (*METALS, OXIDE, GAP)
            )
        return reported
