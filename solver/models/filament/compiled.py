"""Forms compiled to machine code once, free of any mesh, and bound to one mesh after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from mpi4py import MPI
from ufl.algorithms.analysis import extract_coefficients, extract_constants

from tusk.solver.fields.parameters import Values, symbolic
from tusk.solver.models.filament.deposition import deposition_equations
from tusk.solver.models.filament.equations import Equations
from tusk.solver.models.filament.nearest_gap import NearestGapEquations

type Subdomains = dict[fem.IntegralType, list[tuple[int, np.ndarray]]]
"""Integration entities by tag, of cells and of facets."""


class CompiledForm:
    """One compiled form and the symbols it reads, found once: a new mesh only fills them in."""

    def __init__(self, comm: MPI.Comm, form: ufl.Form) -> None:
        self._compiled = fem.compile_form(comm, form)
        ufcx, ffi = self._compiled.ufcx_form, self._compiled.module.ffi
        coefficients = extract_coefficients(form)
        positions = ufcx.original_coefficient_positions[0 : ufcx.num_coefficients]
        self._coefficients = [coefficients[k] for k in positions]
        self._constants = extract_constants(form)
        self._address = ffi.cast("uintptr_t", ffi.addressof(ufcx))

    def bind(
        self,
        spaces: list[fem.FunctionSpace],
        mesh: dmesh.Mesh,
        subdomains: Subdomains,
        coefficients: Mapping[ufl.Coefficient, fem.Function],
        constants: Mapping[ufl.Constant, fem.Constant],
    ) -> fem.Form:
        """Return the form on a mesh: what ``fem.create_form`` does, without a walk of the form."""
        bound = fem.forms.form_cpp_creator(self._compiled.dtype)(
            self._address,
            [space._cpp_object for space in spaces],
            {f"w{k}": coefficients[c]._cpp_object for k, c in enumerate(self._coefficients)},
            {f"c{k}": constants[c]._cpp_object for k, c in enumerate(self._constants)},
            subdomains,
            [],
            mesh._cpp_object,
        )
        return fem.Form(bound, self._compiled.ufcx_form, self._compiled.code)


class CompiledEquations:
    """The forms compiled to machine code once, free of any mesh.

    Parameters
    ----------
    comm
        Communicator of the just-in-time compiler.
    equations
        What to compile.

    Attributes
    ----------
    numbers
        Those of the closures, by their symbols: the same on every mesh.
    """

    def __init__(self, comm: MPI.Comm, equations: Equations) -> None:
        self.comm = comm
        self.equations = equations
        values: Values = {}
        physics = symbolic(equations.physics, equations.symbols.domain, values)
        equations = replace(equations, physics=physics)
        self.numbers = {c: fem.Constant(c.ufl_domain(), value) for c, value in values.items()}
        self.residual = CompiledForm(comm, equations.residual())
        self.jacobian = CompiledForm(comm, equations.jacobian())
        self.integrals = {
            name: CompiledForm(comm, form) for name, form in equations.integrals().items()
        }
        physics = self.equations.physics
        nearest = physics.gap_conductor.conducts and physics.gap_measure == "nearest"
        self.nearest_gap = NearestGapEquations(comm, physics) if nearest else None
        self.deposition = deposition_equations(comm, physics.boundaries.deposition)
        self.face_heat = CompiledForm(comm, equations.face_heat()) if self.deposition else None
        tense = physics.has_tension
        self.filament_ions = CompiledForm(comm, equations.filament_ions()) if tense else None
