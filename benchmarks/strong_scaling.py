"""One large Newton solve on one core, as two copies at once, and on two ranks, back to back.

Two copies at once are what the memory of the machine allows two cores to do together: the speed-up
of two ranks is to be compared with theirs. All solve the same frozen cell, from the same start
values and with a new symbolic factorisation. Prints a table; ``--out`` keeps the numbers.

    .venv/bin/python benchmarks/strong_scaling.py [--vertices 250000] [--repeats 3] [--linear auto]
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import frozen_cell
import run_time

LAYOUTS = {"1 copy": (1, "--alone"), "2 copies": (2, "--alone"), "2 ranks": (2, "--together")}
PHASES = ("assembly", "analysis", "numeric factorisation", "solve", "rest")


def prepare(vertices: int, path: Path) -> int:
    """Mesh the cell and store it with start values; return the number of vertices."""
    domain, start = frozen_cell.build(vertices)
    path.write_bytes(pickle.dumps((domain.state(), domain.shape, start)))
    return len(start)


def work(vertices: int, path: Path, repeats: int, alone: bool, linear: str) -> dict[str, Any]:
    """Solve on all ranks together, or on each one alone; return the slowest rank's seconds."""
    from tusk.solver.backend import require_backend

    require_backend()
    from mpi4py import MPI
    from petsc4py import PETSc

    from tusk.solver.models.filament.domain import Domain

    world = MPI.COMM_WORLD
    tools = frozen_cell.tools(vertices, MPI.COMM_SELF if alone else world)
    tools = replace(tools, newton=replace(tools.newton, linear=linear))
    state, shape, start = pickle.loads(path.read_bytes())  # noqa: S301  (written by this program)
    domain = Domain(tools, shape, state)
    PETSc.Log.begin()
    analysis = PETSc.Log.Event("MatLUFactorSym")
    samples = []
    for _ in range(repeats):
        domain.problem._solver.destroy()
        tools.timer.seconds.clear()
        before = analysis.getPerfInfo()["time"]
        world.barrier()
        began = time.perf_counter()
        domain.problem.solve(start, frozen_cell.VOLTAGE)
        total = time.perf_counter() - began
        spent = dict(tools.timer.seconds)
        symbolic = analysis.getPerfInfo()["time"] - before
        factorisation = spent["factorisation"] - symbolic
        phases = (spent["assembly"], symbolic, factorisation, spent["solve"])
        mine = (total, *phases, total - sum(phases))
        slowest = max(world.allgather(mine))
        samples.append(dict(zip(("total", *PHASES), slowest, strict=True)))
    problem = domain.problem
    return {
        **{name: statistics.median(s[name] for s in samples) for name in samples[0]},
        "samples": samples,
        "iterations": problem.iterations,
        "factorisations": problem.factorisations // repeats,
        "unknowns": int(problem.active.sum()),
    }


def measure(layout: str, words: list[str]) -> dict[str, Any]:
    """Return what the processes of one layout measure."""
    ranks, mode = LAYOUTS[layout]
    launcher = str(Path(sys.executable).with_name("mpiexec"))
    command = (launcher, "-launcher", "fork", "-n", str(ranks), sys.executable, __file__, mode)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "MPIR_CVAR_CH4_CMA_ENABLE": "0"}
    done = subprocess.run(
        (*command, *words), env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(results: dict[str, dict[str, Any]]) -> str:
    """Return seconds by phase and layout, and the speed-ups, in Markdown."""
    one, copies, ranks = (results[layout] for layout in LAYOUTS)
    lines = ["| s | " + " | ".join((*LAYOUTS, "copies", "ranks")) + " | ranks/copies |"]
    lines.append("|---" * 7 + "|")
    for name in ("total", *PHASES):
        apart, together = 2 * one[name] / copies[name], one[name] / ranks[name]
        seconds = " | ".join(f"{results[layout][name]:.2f}" for layout in LAYOUTS)
        speed = f"{apart:.2f} | {together:.2f} | {together / apart:.2f}"
        lines.append(f"| {name} | {seconds} | {speed} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--vertices", type=int, default=250_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--linear", default="auto", choices=("auto", "direct", "iterative"))
    parser.add_argument("--out", type=Path, help="write the numbers as JSON")
    parser.add_argument("--cell", type=Path, help=argparse.SUPPRESS)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    mode.add_argument("--together", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cell is not None:
        found = work(given.vertices, given.cell, given.repeats, given.alone, given.linear)
        if os.environ.get("PMI_RANK", "0") == "0":
            print(json.dumps(found))
        return
    with tempfile.TemporaryDirectory(prefix="tusk-scaling-") as folder:
        cell = Path(folder) / "cell.pickle"
        count = prepare(given.vertices, cell)
        words = ["--vertices", str(given.vertices), "--repeats", str(given.repeats)]
        words += ["--linear", given.linear, "--cell", str(cell)]
        results = {layout: measure(layout, words) for layout in LAYOUTS}
    one = results["1 copy"]
    print(f"{count} vertices, {3 * count} degrees of freedom, {one['unknowns']} of them unknown;")
    print(f"{one['iterations']} iterations with {one['factorisations']} factorisations\n")
    print(table(results))
    if given.out is not None:
        record = {"host": run_time.host(), "vertices": count, "layouts": results}
        given.out.write_text(json.dumps(record, indent=2) + "\n")


if __name__ == "__main__":
    main()
