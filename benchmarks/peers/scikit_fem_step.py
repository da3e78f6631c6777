"""The same Newton step with scikit-fem and SuperLU: ``scikit_fem_step.py CELL.npz REPEATS``.

The equations are those of the solver that checks ours (tests/support/independent_solver.py): NumPy
assembles one form at a time, vectorised over all triangles.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np
from scipy.sparse.linalg import splu

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "benchmarks"), str(REPOSITORY / "tests" / "support")]

import frozen_cell  # noqa: E402
from independent_solver import FrozenCell, IndependentSolver  # noqa: E402


def main() -> None:
    """Print the medians of a step and how far its update is from ours as one line of JSON."""
    data = np.load(sys.argv[1])
    cell = FrozenCell(
        data["points"], data["cells"], data["regions"], data["size_effect"],
        frozen_cell.configuration(2000), float(data["voltage"]),
    )  # fmt: skip
    solver = IndependentSolver(cell)
    free = solver._free()
    chosen = np.flatnonzero(free.ravel())
    u = np.where(free, data["start"].T, 0.0)
    u[2][~free[2]] = cell.config.thermal.ambient_temperature
    times = []
    for _ in range(int(sys.argv[2]) + 1):
        marks = [time.perf_counter()]
        solver.areal = 0.0
        residual, matrix = solver.system(u)
        solver.heat_scale *= solver.dissipated / solver.areal
        matrix = matrix[chosen][:, chosen]
        marks.append(time.perf_counter())
        scale = 1.0 / np.abs(matrix).max(axis=1).toarray().ravel()
        factors = splu(matrix.multiply(scale[:, None]).tocsc())
        marks.append(time.perf_counter())
        step = np.zeros(u.size)
        step[chosen] = -factors.solve(scale * residual[chosen])
        marks.append(time.perf_counter())
        times.append(np.diff(marks))
    kernels = [statistics.median(kernel) for kernel in zip(*times[1:], strict=True)]
    wanted = np.where(free, data["update"].T, 0.0)
    gap = np.abs(step.reshape(3, -1) - wanted).max(axis=1) / np.abs(wanted).max(axis=1)
    names = ("assembly", "factorisation", "solve")
    result = {
        "step_s": statistics.median(map(sum, times[1:])),
        "kernels_s": dict(zip(names, kernels, strict=True)),
        "largest_difference": float(gap.max()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
