"""Wall time of the main job on one core, compiled forms warm: median of several runs.

Every run is a process of its own, ``tusk run`` as a user starts it, pinned to one core. The first
one is short and not counted: it compiles what is not compiled yet. Prints JSON: times, where they
were spent, and the host, without which times mean nothing. A loaded machine shows as wall time
well above processor time.

    .venv/bin/python benchmarks/run_time.py [--presets draft reference] [--runs 3] [--out FILE]
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parents[1] / "configs/buttberg2025_set_1mA.yaml"
TUSK = (sys.executable, "-m", "tusk.solver.cli", "run")
STOPPED = 3

KERNELS = ("gmsh", "mesh motion", "assembly", "factorisation", "solve")
"""Phases that are work of libraries on the numbers of a run; the mesh is moved by a matrix that is
assembled, factorised and solved as well."""


def host() -> dict[str, Any]:
    """Return what the times depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), "")
    return {
        "processor": model or platform.machine(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "load_1min": round(os.getloadavg()[0], 1),
        "tusk": version("tusk-fem"),
    }


def pin() -> None:
    """Keep the run on one core and without threads."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run(out: Path, preset: str, *words: str, code: int = 0) -> dict[str, float]:
    """Run once; return wall and processor time of the process (s)."""
    command = (*TUSK, str(CONFIG), "--set", f"mesh.preset={preset}", "--out", str(out), "--quiet")
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run((*command, *words), env=environment, preexec_fn=pin, check=False)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != code:
        raise SystemExit(f"tusk run ended with exit code {done.returncode}")
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": round(wall, 2), "processor_s": round(used, 2)}


def outside(record: dict[str, Any], wall: float) -> float:
    """Return the seconds of a run that were spent on nothing that is named in `KERNELS`."""
    return wall - sum(record["timings_s"][name] for name in KERNELS)


def measure(preset: str, runs: int, folder: Path) -> dict[str, Any]:
    """Return the times of `runs` runs, their medians, and what the last one counted."""
    run(folder / f"{preset}_warm", preset, "--max-steps", "2", code=STOPPED)
    times, records = [], []
    for number in range(runs):
        where = folder / f"{preset}_{number}"
        spent = run(where, preset)
        records.append(json.loads((where / "run.json").read_text()))
        times.append(spent | {"outside_s": round(outside(records[-1], spent["wall_s"]), 2)})
        print(f"{preset} {number + 1}/{runs}: {spent['wall_s']:.1f} s", file=sys.stderr)
    record = records[-1]
    with (where / "timeseries.csv").open(newline="") as file:
        vertices = max(int(row["vertices"]) for row in csv.DictReader(file))
    phases = {name: statistics.median(r["timings_s"][name] for r in records)
              for name in record["timings_s"]}  # fmt: skip
    middle = {f"median_{name}": statistics.median(entry[name] for entry in times)
              for name in ("wall_s", "processor_s", "outside_s")}  # fmt: skip
    return {
        **middle,
        "runs": times,
        "phases_s": phases,
        "counters": record["counters"],
        "marks": record["marks"],
        "ledgers": record["ledgers"],
        "largest_vertices": vertices,
        "peak_memory_bytes": record["peak_memory_bytes"],
    }


def start_up(runs: int) -> dict[str, float]:
    """Return the median wall time of commands that solve nothing, by command line."""
    out = {}
    for words in (("--help",), ("validate", str(CONFIG))):
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            subprocess.run((*TUSK[:-1], *words), stdout=subprocess.DEVNULL, check=True,
                           preexec_fn=pin)  # fmt: skip
            times.append(time.perf_counter() - start)
        out[f"tusk {words[0]}"] = round(statistics.median(times), 3)
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--presets", nargs="+", default=["draft", "reference"])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--out", type=Path, help="write the JSON to this file as well")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tusk-bench-") as folder:
        presets = {name: measure(name, arguments.runs, Path(folder)) for name in arguments.presets}
    text = json.dumps({"host": host(), "config": CONFIG.name, "presets": presets}, indent=2)
    print(text)
    if arguments.out is not None:
        arguments.out.write_text(text + "\n")


if __name__ == "__main__":
    main()
