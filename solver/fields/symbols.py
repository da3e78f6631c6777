"""Placeholders for the unknowns and data of the forms; each mesh binds them to its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import basix.ufl
import ufl

from tusk.solver.axisymmetry import Axisymmetric, reference_domain
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.physics.constants import NM

type Symbol = Any  # UFL ships without types

FILAMENT_OXIDE, ELECTRODE_OXIDE, FILAMENT_GAP, ELECTRODE_GAP, TOP = 11, 12, 13, 14, 15
"""Interface tags; facets belong to their oxide cell, ``TOP`` to the active electrode."""

COEFFICIENTS = (
    "solution",
    "gap",
    "span",
    "cut",
    "dissolvable",
    "depositable",
    "tension",
    "closed",
    "site_share",
    "stored_heat",
    "size_effect",
    "mesh_velocity",
    "filament_side",
    "electrode_side",
    "filament_base",
)
"""Data that are functions on a mesh."""

CONSTANTS = (
    "source_current",
    "source_conductance",
    "source_voltage",
    "top_area",
    "heat_scale",
    "storage_rate",
    "site_conductance",
)
"""Data that are one number for a mesh and change while it is solved."""


@cache
def lagrange(degree: int, shape: tuple[int, ...] = ()) -> object:
    """Return the continuous element of a degree on triangles, for values of the given shape."""
    return basix.ufl.element("Lagrange", "triangle", degree, shape=shape)


class Symbols:
    """What the terms are written in.

    Parameters
    ----------
    degree
        Polynomial degree of the unknowns.  Runs bind degree 1; the forms hold for any, as the
        verification with degree 2 shows.  Geometric data stay linear.

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
    tension
        What surface tension adds to the overpotential of the filament, V (P1).
    dissolvable
        1 where the filament surface may dissolve, 0 on points held at the nucleus (P1).
    depositable, closed, site_share, site_conductance
        Of a contact: factor of the cathodic branch (P1), part of the gap in nm that is metal (P1),
        area share of conducting sites (P1) and their conductance in S/m².
    size_effect
        Filament conductivity over the bulk conductivity (cellwise).
    filament_side, electrode_side, filament_base
        1 at the nodes of a boundary, 0 at all others (P1): of the filament with the oxide, of the
        active electrode with the oxide, of the filament with the counter electrode.
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
        self.tension = ufl.Coefficient(scalar)
        self.depositable = ufl.Coefficient(scalar)
        self.closed = ufl.Coefficient(scalar)
        self.site_share = ufl.Coefficient(scalar)
        self.filament_side = ufl.Coefficient(scalar)
        self.electrode_side = ufl.Coefficient(scalar)
        self.filament_base = ufl.Coefficient(scalar)
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

    @property
    def space(self) -> Axisymmetric:
        """Coordinates, gradients and measures in SI units."""
        return Axisymmetric(self.domain, NM)

    @property
    def electronic_potential(self) -> Symbol:
        """phi_e, V."""
        return self.solution[ELECTRON]

    @property
    def ionic_potential(self) -> Symbol:
        """phi_i, V."""
        return self.solution[ION]

    @property
    def temperature(self) -> Symbol:
        """T, K."""
        return self.solution[HEAT]

    def tested(self, component: int) -> Symbol:
        """Return the test function of a field."""
        return self.test[component]
