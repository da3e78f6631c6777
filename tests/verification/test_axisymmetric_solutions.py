"""Laplace's and Poisson's equation in cylindrical coordinates against their exact solutions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx import mesh as dmesh
from dolfinx.fem import petsc as fem_petsc
from mpi4py import MPI
from numpy.typing import NDArray
from petsc4py import PETSc

from tusk.solver.axisymmetry import Axisymmetric, reference_domain

Array = NDArray[np.float64]

SPACE = Axisymmetric(reference_domain())
LAGRANGE = ufl.FunctionSpace(SPACE.domain, basix.ufl.element("Lagrange", "triangle", 1))
U, V = ufl.TrialFunction(LAGRANGE), ufl.TestFunction(LAGRANGE)
STIFFNESS = ufl.inner(ufl.grad(U), ufl.grad(V)) * SPACE.volume(1)
LOAD = V * SPACE.volume(1)


def _solve(
    mesh: dmesh.Mesh,
    source: float,
    boundary: Callable[[Array], Array],
    value: Callable[[Array], Array],
) -> tuple[Array, Array, PETSc.Mat]:
    """Return coordinates, solution and stiffness of a problem with imposed boundary values."""
    space = fem.functionspace(mesh, ("Lagrange", 1))
    cells = np.arange(mesh.topology.index_map(2).size_local, dtype=np.int32)
    subdomains = {fem.IntegralType.cell: [(1, cells)]}

    def bind(form: ufl.Form, count: int) -> Any:
        compiled = fem.compile_form(MPI.COMM_SELF, form)
        return fem.create_form(compiled, [space] * count, mesh, subdomains, {}, {})

    imposed = fem.Function(space)
    imposed.interpolate(value)
    condition = fem.dirichletbc(imposed, fem.locate_dofs_geometrical(space, boundary))
    stiffness = bind(STIFFNESS, 2)
    free = fem_petsc.assemble_matrix(stiffness)
    free.assemble()
    matrix = fem_petsc.assemble_matrix(stiffness, bcs=[condition])
    matrix.assemble()
    right = fem_petsc.assemble_vector(bind(LOAD, 1))
    right.scale(source)
    fem_petsc.apply_lifting(right, [stiffness], bcs=[[condition]])
    condition.set(right.array_w)
    solver = PETSc.KSP().create(MPI.COMM_SELF)
    solver.setOperators(matrix)
    solver.setType("preonly")
    solver.getPC().setType("lu")
    out = right.duplicate()
    solver.solve(right, out)
    return space.tabulate_dof_coordinates()[:, :2], out.array.copy(), free


def _rectangle(inner: float, outer: float, height: float, count: int) -> dmesh.Mesh:
    return dmesh.create_rectangle(
        MPI.COMM_SELF,
        [[inner, 0.0], [outer, height]],
        (count, count),
        diagonal=dmesh.DiagonalType.left_right,
    )


def test_a_heated_wire_is_a_parabola() -> None:
    """-lap u = 1 inside r = R, which touches the axis: u = (R² - r²)/4."""
    radius, errors = 1.5, []
    for count in (8, 16, 32):
        mesh = _rectangle(0.0, radius, 0.8, count)
        x, u, _ = _solve(mesh, 1.0, lambda x: np.isclose(x[0], radius), lambda x: 0.0 * x[0])
        errors.append(np.abs(u - (radius**2 - x[:, 0] ** 2) / 4).max())
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2.0, abs=0.3)
    assert errors[2] < 1e-3


def test_the_flux_between_coaxial_cylinders_is_logarithmic() -> None:
    """The consistent flux through r = a is 2 pi L/ln(b/a); the potential is ln(r/a)/ln(b/a)."""
    inner, outer, height = 0.5, 2.0, 0.7
    exact, errors = 2 * np.pi * height / np.log(outer / inner), []
    for count in (8, 16, 32):
        mesh = _rectangle(inner, outer, height, count)
        x, u, free = _solve(
            mesh,
            0.0,
            lambda x: np.isclose(x[0], inner) | np.isclose(x[0], outer),
            lambda x: (x[0] > 1.0).astype(float),
        )
        vector = free.createVecLeft()
        vector.array[:] = u
        reaction = (free * vector).array
        into, out = (reaction[np.isclose(x[:, 0], r)].sum() for r in (outer, inner))
        assert into == pytest.approx(-out, rel=1e-12)
        potential = np.log(x[:, 0] / inner) / np.log(outer / inner)
        errors.append([abs(into / exact - 1.0), np.abs(u - potential).max()])
    rates = np.log2(np.array(errors[1]) / errors[2])
    assert rates == pytest.approx([2.0, 2.0], abs=0.2)
    assert max(errors[2]) < 2e-3


def test_a_harmonic_polynomial_has_no_source_on_the_axis() -> None:
    """z² - r²/2 is harmonic in space: imposed at the boundary it must come out inside."""
    errors = []
    for count in (8, 16, 32):
        mesh = _rectangle(0.0, 1.0, 1.0, count)
        x, u, _ = _solve(
            mesh,
            0.0,
            lambda x: np.isclose(x[0], 1.0) | np.isclose(x[1], 0.0) | np.isclose(x[1], 1.0),
            lambda x: x[1] ** 2 - 0.5 * x[0] ** 2,
        )
        errors.append(np.abs(u - x[:, 1] ** 2 + 0.5 * x[:, 0] ** 2).max())
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2.0, abs=0.3)
    assert errors[2] < 1e-3
