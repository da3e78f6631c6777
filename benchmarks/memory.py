"""Memory of a process that remeshes again and again.

Grows a filament for some steps, then replaces its mesh many times and watches the resident memory.
A leak shows as growth from remesh to remesh; the first ones fill caches and do not count.

    .venv/bin/python benchmarks/memory.py [--preset reference] [--steps 100] [--remeshes 300]
"""

from __future__ import annotations

import argparse
import json
import resource
from pathlib import Path

import tusk.solver.backend as backend

from tusk.solver.config import load_config

CONFIG = Path(__file__).parents[1] / "configs/buttberg2025_set_1mA.yaml"
WARM_UP = 20
"""Remeshes before the memory counts."""


def resident_bytes() -> int:
    """Return the memory of this process that is in use now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def measure(preset: str, steps: int, remeshes: int) -> dict[str, object]:
    """Return resident memory (bytes) after the warm-up and during the remeshes, and the peak."""
    backend.require_backend()
    from mpi4py import MPI

    from tusk.solver.models.filament.setup import build_simulation

    config = load_config(CONFIG, [f"mesh.preset={preset}"])
    simulation = build_simulation(config, MPI.COMM_SELF)
    for _ in range(steps):
        simulation.advance()
    samples = []
    for _ in range(WARM_UP + remeshes):
        simulation.remesh()
        samples.append(resident_bytes())
    first, last = samples[WARM_UP - 1], samples[-1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {
        "preset": preset,
        "remeshes": remeshes,
        "vertices": len(simulation.domain.points),
        "gap_nm": float(simulation.state.shape.gap(simulation.tools.stack).min()),
        "resident_bytes": samples[WARM_UP - 1 :: max(1, remeshes // 10)],
        "growth": (last - first) / first,
        "peak_bytes": peak,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--preset", default="reference", choices=("draft", "reference", "fine"))
    parser.add_argument("--steps", type=int, default=100, help="steps before the first remesh")
    parser.add_argument("--remeshes", type=int, default=300)
    arguments = parser.parse_args()
    result = measure(arguments.preset, arguments.steps, arguments.remeshes)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
