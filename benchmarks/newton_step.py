"""One Newton step, assemble + factorise + solve: ours, the bare kernels, and other programs.

Ours is what the solver does at every iteration with a new Jacobian. "Bare" assembles the same forms
with DOLFINx, solves for the free unknowns with MUMPS, and does nothing else. Other programs take
the same step on the exported geometry (`benchmarks/peers`); their updates are compared with ours.
One core; medians.

    .venv/bin/python benchmarks/newton_step.py [--vertices 5000 20000] [--repeats 7]
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import frozen_cell
import numpy as np

PEERS = {"scikit-fem": "scikit_fem_step.py", "NGSolve": "ngsolve_step.py"}
PEER_SIZES = (5000, 20_000, 100_000)
"""Numbers of vertices at which the other programs take the step too."""

MANY = 150_000
"""Number of vertices above which fewer repeats do: a step takes seconds."""

SIZES = (350, 1000, 1900, 5000, 20_000, 100_000, 167_000, 333_000)
LONGEST = 1200.0
"""Wall time (s) after which one size, or one other program, is given up."""

FITTED = (5e3, 5.6e5)
"""Numbers of degrees of freedom, three at a vertex, between which the exponents are fitted."""


def seconds(actions: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the wall time of each action, run one after the other."""
    marks = [time.perf_counter()]
    for action in actions.values():
        action()
        marks.append(time.perf_counter())
    return dict(zip(actions, np.diff(marks).tolist(), strict=True))


def medians(samples: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of every entry."""
    return {name: statistics.median(s[name] for s in samples) for name in samples[0]}


def our_step(problem: Any, start: np.ndarray) -> Callable[[], np.ndarray]:
    """Return the step as `CoupledProblem.solve` takes it."""
    discrete = problem.discrete
    values = problem._impose(start, frozen_cell.VOLTAGE)[discrete.dof_nodes].ravel()

    def step() -> np.ndarray:
        discrete.solution.x.array[:] = values
        problem._linearise_source(frozen_cell.VOLTAGE)
        problem._scale_heat()
        problem._assemble_residual(impose=True)
        problem._factorise()
        update = problem._update()
        problem._apply(update)
        return np.asarray(update)

    return step


def assemble_matrix(matrix: Any, form: Any, conditions: list[Any]) -> None:
    """Assemble a Jacobian anew."""
    from dolfinx.fem import petsc as fem_petsc

    matrix.zeroEntries()
    fem_petsc.assemble_matrix(matrix, form, bcs=conditions)
    matrix.assemble()


def bare_step(problem: Any, start: np.ndarray) -> tuple[dict[str, Callable[[], object]], Any]:
    """Return the three kernels on the same forms with their own matrix, vectors and factors."""
    from dolfinx.fem import petsc as fem_petsc
    from petsc4py import PETSc

    discrete = problem.discrete
    discrete.solution.x.array[:] = start[discrete.dof_nodes].ravel()
    matrix, vector = fem_petsc.create_matrix(discrete.jacobian_form), discrete.vector.duplicate()
    free = np.flatnonzero(~problem._imposed.ravel()).astype(PETSc.IntType)
    rows = PETSc.IS().createGeneral(free, comm=matrix.comm)
    assemble_matrix(matrix, discrete.jacobian_form, problem._conditions)
    part = matrix.createSubMatrix(rows, rows)
    right, solution = part.createVecs()
    solver = PETSc.KSP().create(matrix.comm)
    solver.setType("preonly")
    solver.setOperators(part)
    solver.getPC().setType("lu")
    solver.getPC().setFactorSolverType("mumps")
    solver.getPC().setFactorSetUpSolverType()
    for option, value in ((14, 200), (7, 2), (6, 0)):
        solver.getPC().getFactorMatrix().setMumpsIcntl(option, value)

    def assemble() -> None:
        vector.set(0.0)
        fem_petsc.assemble_vector(vector, discrete.residual_form)
        assemble_matrix(matrix, discrete.jacobian_form, problem._conditions)

    def factorise() -> None:
        matrix.createSubMatrix(rows, rows, part)
        solver.setOperators(part)
        solver.setUp()

    def solve() -> None:
        right.array_w[:] = vector.array_r[free]
        solver.solve(right, solution)

    return {"assembly": assemble, "factorisation": factorise, "solve": solve}, solver


def measure(vertices: int, repeats: int, folder: Path) -> dict[str, Any]:
    """Return the seconds of one step at about this many vertices, by program."""
    domain, start = frozen_cell.build(vertices)
    step = our_step(domain.problem, start)
    update = step()
    nodal = domain.discrete.nodal(update.ravel())
    kernels, _solver = bare_step(domain.problem, start)
    seconds(kernels)
    gc.disable()
    # In turns, so that a loaded machine slows both alike.
    samples = [{**seconds({"ours": step}), **seconds(kernels)} for _ in range(repeats)]
    gc.enable()
    middle = medians(samples)
    bare = [sum(sample[name] for name in kernels) for sample in samples]
    result: dict[str, Any] = {
        "vertices": len(domain.points),
        "dofs": 3 * len(domain.points),
        "unknowns": int((~domain.problem._imposed).sum()),
        "repeats": repeats,
        "ours_s": middle["ours"],
        "bare_s": statistics.median(bare),
        "bare_kernels_s": {name: middle[name] for name in kernels},
        "ours_over_bare": statistics.median(
            sample["ours"] / total for sample, total in zip(samples, bare, strict=True)
        ),
        "peak_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    path = folder / f"cell_{vertices}.npz"
    frozen_cell.export(domain, start, nodal, path)
    result["peers"] = {
        name: peer(script, path, repeats) for name, script in PEERS.items()
    } if vertices in PEER_SIZES else {}  # fmt: skip
    return result


def peer(script: str, path: Path, repeats: int) -> dict[str, Any]:
    """Return what a peer's script prints, or why there is nothing."""
    command = (sys.executable, str(Path(__file__).parent / "peers" / script), str(path))
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    try:
        done = subprocess.run(
            (*command, str(repeats)), env=environment, capture_output=True, text=True,
            check=False, timeout=LONGEST / 3,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"missing": f"no result in {LONGEST / 3:.0f} s"}
    if done.returncode != 0:
        return {"missing": (done.stderr.strip().splitlines() or ["no output"])[-1]}
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def exponent(results: list[dict[str, Any]], key: str) -> float:
    """Return the fitted power of the degrees of freedom that an entry grows with; 0 from one."""
    large = [r for r in results if FITTED[0] <= r["dofs"] <= FITTED[1]]
    if len(large) < 2:
        return 0.0
    x, y = (np.log([r[name] for r in large]) for name in ("dofs", key))
    return float(np.polyfit(x, y, 1)[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--vertices", nargs="+", type=int, default=list(SIZES))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--single", action="store_true", help="one size, in this process")
    arguments = parser.parse_args()
    if arguments.single:
        with tempfile.TemporaryDirectory(prefix="tusk-step-") as folder:
            print(json.dumps(measure(arguments.vertices[0], arguments.repeats, Path(folder))))
        return
    results = []
    for vertices in arguments.vertices:  # one process each, so that peak memory is its own
        command = (sys.executable, __file__, "--single", "--vertices", str(vertices))
        repeats = arguments.repeats if vertices < MANY else min(arguments.repeats, 5)
        try:
            done = subprocess.run(
                (*command, "--repeats", str(repeats)),
                stdout=subprocess.PIPE, text=True, check=True, timeout=LONGEST,
            )  # fmt: skip
        except subprocess.SubprocessError as error:  # the other sizes are worth having
            print(f"about {vertices} vertices: left out, {error}", file=sys.stderr)
            continue
        results.append(json.loads(done.stdout.splitlines()[-1]))
        print(f"{results[-1]['vertices']} vertices: {results[-1]['ours_s']:.3f} s", file=sys.stderr)
    fits = {f"{key}_exponent": exponent(results, f"{key}_s") for key in ("ours", "bare")}
    fits["memory_exponent"] = exponent(results, "peak_bytes")
    print(json.dumps({"repeats": arguments.repeats, "steps": results, **fits}, indent=2))


if __name__ == "__main__":
    main()
