"""How much faster a sweep of 24 draft runs is on all cores than on one.

Every case is the SET of a cell with a thin oxide, a few seconds each. Both sweeps are warmed by the
same first runs, not counted. Prints JSON; above 0.9 times the number of cores is what to expect on
an idle machine.

    .venv/bin/python benchmarks/sweep_throughput.py [--cases 24] [--jobs N]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CONFIG = """\
mesh: {preset: draft}
stack: {oxide_thickness: 3 nm}
drive:
  - triangle: {amplitude: 1 V, rate: 1 V/s}
"""
TUSK = (sys.executable, "-m", "tusk.solver.cli")


def sweep(folder: Path, name: str, cases: int, jobs: int) -> float:
    """Return the wall time (s) of a sweep over the compliance current."""
    currents = ",".join(f"{10.0 ** (1 + 2 * k / max(cases - 1, 1)):.4g} uA" for k in range(cases))
    words = ("--grid", f"source.compliance_current={currents}", "--jobs", str(jobs), "--quiet")
    command = (*TUSK, "sweep", str(folder / "cell.yaml"), "--out", str(folder / name), *words)
    start = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--cases", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tusk-bench-") as name:
        folder = Path(name)
        (folder / "cell.yaml").write_text(CONFIG)
        sweep(folder, "warm", 1, 1)
        many = sweep(folder, "many", arguments.cases, arguments.jobs)
        one = sweep(folder, "one", arguments.cases, 1)
    print(
        json.dumps(
            {
                "cases": arguments.cases,
                "jobs": arguments.jobs,
                "wall_one_s": round(one, 1),
                "wall_jobs_s": round(many, 1),
                "speed_up": round(one / many, 2),
                "load_1min": os.getloadavg()[0],
            },
            indent=2,
        )
    )


if __name__ == "__main__":
    main()
