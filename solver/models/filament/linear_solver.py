"""Solve the linear system of one Newton iteration for the unknowns that are free."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from petsc4py import PETSc

from tusk.solver.timing import Timer

PREFIX = "tusk_"
ITERATIVE = {
    "ksp_type": "gmres",
    "ksp_gmres_restart": 200,
    "ksp_rtol": 1e-12,
    "ksp_max_it": 1000,
    "ksp_diagonal_scale": True,
    "ksp_diagonal_scale_fix": True,
    "pc_type": "fieldsplit",
    "pc_fieldsplit_type": "multiplicative",
}
"""PETSc's options of ``solver.linear: iterative``; rows span 1e17 and are scaled first."""

FIELDS = ("electron", "ion", "heat")

MUMPS_CONTROLS = {14: 200, 7: 2, 6: 0}
"""Room for pivots (%); ordering by AMF; no permutation by values: the analysis then depends on the
pattern alone, and a restart repeats the trajectory."""

BLOCK = {
    "ksp_type": "preonly",
    "pc_type": "lu",
    "pc_factor_mat_solver_type": "mumps",
    **{f"mat_mumps_icntl_{number}": value for number, value in MUMPS_CONTROLS.items()},
}
"""Options for the block of each field: factors, for coefficients that jump by 1e17 cost algebraic
multigrid hundreds of iterations."""


@dataclass(frozen=True, slots=True)
class _System:
    """The free rows and columns of one matrix, and what solves them."""

    matrix: PETSc.Mat
    rows: PETSc.IS
    part: PETSc.Mat
    ksp: PETSc.KSP

    def refill(self) -> None:
        """Take the present values of the matrix."""
        self.matrix.createSubMatrix(self.rows, self.rows, self.part)

    def destroy(self) -> None:
        """Free what was made of the matrix."""
        for thing in (self.ksp, self.part, self.rows):
            thing.destroy()


class LinearSolver:
    """One KSP per matrix; a failed factorisation resets it.

    A third of the rows belongs to imposed values and is the identity's, yet the pattern holds
    zeros beside their diagonals. The factors of the other rows take half the time and memory.

    Parameters
    ----------
    free
        Rows of this rank without imposed values (k,), ascending, counted from its first one.
    kind
        ``iterative``, or anything else for a direct solver.
    """

    def __init__(self, free: np.ndarray, kind: str) -> None:
        self._free = free
        self._kind = kind
        self._system: _System | None = None

    def factorise(self, matrix: PETSc.Mat, timer: Timer) -> None:
        """Factorise the Jacobian as it stands; a failure shows in the solve that follows.

        Its rows and columns of imposed values are the identity's. The analysis of its pattern
        serves all calls with the same matrix.
        """
        with timer("factorisation"), suppress(PETSc.Error):
            system = self._system
            if system is not None and system.matrix is matrix:
                system.refill()
            else:
                self.destroy()
                system = self._system = self._create(matrix)
            system.ksp.setOperators(system.part)
            system.ksp.setUp()

    def _create(self, matrix: PETSc.Mat) -> _System:
        own = (matrix.getOwnershipRange()[0] + self._free).astype(PETSc.IntType)
        rows = PETSc.IS().createGeneral(own, comm=matrix.comm)
        part = matrix.createSubMatrix(rows, rows)
        return _System(matrix, rows, part, self._create_ksp(part))

    def _create_ksp(self, part: PETSc.Mat) -> PETSc.KSP:
        ksp = PETSc.KSP().create(part.comm)
        ksp.setOperators(part)
        if self._kind == "iterative":
            self._set_up_iterations(ksp)
            return ksp
        ksp.setType("preonly")
        pc = ksp.getPC()
        pc.setType("lu")
        pc.setFactorSolverType("mumps")
        pc.setFactorSetUpSolverType()
        for number, value in MUMPS_CONTROLS.items():
            pc.getFactorMatrix().setMumpsIcntl(number, value)
        return ksp

    def _set_up_iterations(self, ksp: PETSc.KSP) -> None:
        options = PETSc.Options()
        for name, value in ITERATIVE.items():
            options[PREFIX + name] = value
        for field in FIELDS:
            for name, value in BLOCK.items():
                options[f"{PREFIX}fieldsplit_{field}_{name}"] = value
        first = ksp.getOperators()[0].getOwnershipRange()[0]
        rows = [
            (first + np.flatnonzero(self._free % len(FIELDS) == k)).astype(PETSc.IntType)
            for k in range(len(FIELDS))
        ]
        ksp.setOptionsPrefix(PREFIX)
        ksp.getPC().setType("fieldsplit")
        ksp.getPC().setFieldSplitIS(
            *((name, PETSc.IS().createGeneral(mine, comm=ksp.comm))
              for name, mine in zip(FIELDS, rows, strict=True))
        )  # fmt: skip
        ksp.setFromOptions()

    def solve(self, b: PETSc.Vec, x: PETSc.Vec, timer: Timer) -> None:
        """Solve with the last factors; imposed rows of ``x`` are zero, NaN in it is a failure."""
        try:
            with timer("solve"):
                failed = not self._solve_free(b, x)
        except PETSc.Error:
            failed = True
        if failed:
            x.set(np.nan)
            self.destroy()

    def _solve_free(self, b: PETSc.Vec, x: PETSc.Vec) -> bool:
        """Return whether the free rows were solved."""
        system = self._system
        if system is None:
            return False
        left, right = system.part.createVecs()
        right.array_w[:] = b.array_r[self._free]
        system.ksp.solve(right, left)
        x.set(0.0)
        x.array_w[self._free] = left.array_r
        for vector in (left, right):
            vector.destroy()
        return bool(system.ksp.getConvergedReason() > 0)

    def destroy(self) -> None:
        """Free the solver; the next factorisation makes a new one."""
        if self._system is not None:
            self._system.destroy()
        self._system = None
