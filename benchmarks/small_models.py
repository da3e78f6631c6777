"""Processor time of the models without a mesh: cycles per second, paths, one energy of a neck.

Prints JSON. One process, one thread; processor time, which a loaded machine makes up to twice as
long as an idle one does. ``--milano`` adds the 116 sweeps of the shipped config, from start to
histogram, in wall time.

    .venv/bin/python benchmarks/small_models.py [--cycles 300] [--milano] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import run_time

from tusk.solver import runner
from tusk.solver.config import build_config
from tusk.solver.models.atomic_chain.negf import Lead, System, tight_binding
from tusk.solver.models.mesoscopic.launch import build_simulation
from tusk.solver.models.mesoscopic.simulation import observe
from tusk.solver.physics.contact.master_equation import SiteRates, gillespie, member_stream

HERE = Path(__file__).parent
LIMITER = {"kind": "limiter", "compliance_current": "20 uA", "limiter_voltage": "50 mV"}
CIRCUITS: dict[str, dict[str, Any]] = {
    "none": {"kind": "none"},
    "5 kohm in series": {"kind": "none", "series_resistance": "5 kohm"},
    "20 kohm in series": {"kind": "none", "series_resistance": "20 kohm"},
    "limiter": LIMITER,
    "limiter, 1 kohm in series": {**LIMITER, "series_resistance": "1 kohm"},
    "current source": {"kind": "current"},
}


def processor_time(work: Callable[[], object], repeats: int = 3) -> float:
    """Return the shortest of some runs, s."""
    spent = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        spent.append(time.process_time() - start)
    return min(spent)


def cycles_per_second(source: dict[str, Any], conduction: str, mode: str, cycles: int) -> float:
    """Return how many cycles of a sine, 100 rows each, one member goes through per second."""
    top = "40 uA" if source["kind"] == "current" else "1 V"
    sine = {"amplitude": top, "frequency": "1 Hz", "cycles": cycles, "points": 100}
    memory = {"mode": mode, "particles": 20}
    raw = {"drive": [{"sine": sine}], "source": source, "conduction": conduction}
    config = build_config({"model": "mesoscopic", **raw, "memory": memory})

    def work() -> None:
        simulation = build_simulation(config)
        for block in simulation.blocks():
            observe(simulation.cell, block)

    return cycles / processor_time(work)


def neck(width: int, middle: int, layers: int) -> tuple[System, int]:
    """Return a square neck between two bars, one orbital per atom, and how many atoms it has."""
    places = []
    for z in range(layers):
        margin = 0 if min(z, layers - 1 - z) < 2 else (width - middle) // 2
        span = range(margin, width - margin)
        places += [(x, y, z) for x in span for y in span]
    positions = 2.5 * np.array(places, dtype=float)
    height = positions[:, 2]
    hamiltonian = tight_binding(positions, -1.0, 2.5, 0.4, 2.6)
    leads = []
    for end in (height.min(), height.max()):
        atoms = np.flatnonzero(height == end)
        coupling = np.zeros((len(positions), len(atoms)))
        coupling[atoms, np.arange(len(atoms))] = -1.0
        leads.append(Lead(hamiltonian[np.ix_(atoms, atoms)], -1.0, coupling))
    return System(hamiltonian, *leads), len(positions)


def green_functions() -> dict[str, Any]:
    """Return the time of one energy: transmission, and the density of one lead."""
    system, atoms = neck(6, 4, 14)
    energies = np.linspace(-2.0, 2.0, 20).tolist()
    works = {
        "transmission_s": lambda: [system.transmission(e) for e in energies],
        "density_s": lambda: [system.spectral(e, "left") for e in energies],
    }
    return {"atoms": atoms, **{k: processor_time(w) / 20 for k, w in works.items()}}


def milano() -> dict[str, Any]:
    """Return wall time, sweeps and points of the shipped config with its histogram and figures."""
    from tusk.postprocess import make_figures
    from tusk.postprocess.conductance import histogram, traces, write_statistics
    from tusk.postprocess.run import open_run

    with tempfile.TemporaryDirectory(prefix="tusk-bench-") as name:
        start = time.perf_counter()
        config = HERE.parent / "configs/milano2024_current_sweeps.yaml"
        run = open_run(runner.run(config, Path(name) / "run", quiet=True))
        write_statistics(run)
        make_figures(run.path, quiet=True)
        wall = time.perf_counter() - start
        found = traces(run)
        return {
            "wall_s": wall,
            "sweeps": len(found),
            "points": int(histogram(found).counts.sum()),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--milano", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    rates, stream = [SiteRates(0.7, 0.3)], member_stream(11, 0)
    result: dict[str, Any] = {"host": run_time.host()}
    result["cycles_per_second"] = {
        f"{mode}, {conduction}, {name}": round(
            cycles_per_second(source, conduction, mode, arguments.cycles)
        )
        for mode in ("mean_field", "stochastic")
        for conduction in ("gap", "sites")
        for name, source in CIRCUITS.items()
    }
    result["gillespie_s"] = processor_time(
        lambda: gillespie(50, 0, rates, [3.0], 100_000, stream), 1
    )
    result["negf"] = green_functions()
    if arguments.milano:
        result["milano"] = milano()
    text = json.dumps(result, indent=2) + "\n"
    if arguments.out is not None:
        arguments.out.write_text(text)
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
