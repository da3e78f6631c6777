"""Measure run time, Newton steps and cost; compare with the stored result; write the report.

One command, one host, one core: whole runs of the main job, one Newton step against bare kernels
and other programs, wall time against tolerance, memory. Writes ``--out`` (JSON), and with
``--store`` also ``benchmarks/result.json``, ``docs/performance.md`` and its figure.

    .venv/bin/python benchmarks/bench.py [--presets draft reference fine] [--runs 5] [--store]
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
from typing import Any

import newton_step
import report
import run_time

HERE = Path(__file__).parent
STORED = HERE / "result.json"
TOLERANCES = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)
"""``stepping.tolerance`` of the draft runs whose wall time is fitted."""


def newton_steps(vertices: list[int], repeats: int) -> dict[str, Any]:
    """Return what ``newton_step.py`` prints."""
    words = ("--vertices", *map(str, vertices), "--repeats", str(repeats))
    done = subprocess.run(
        (sys.executable, str(HERE / "newton_step.py"), *words),
        stdout=subprocess.PIPE, text=True, check=True, preexec_fn=run_time.pin,
    )  # fmt: skip
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def tolerance_scan(folder: Path) -> list[dict[str, float]]:
    """Return wall time and steps of draft runs by tolerance."""
    out = []
    for tolerance in TOLERANCES:
        where = folder / f"tolerance_{tolerance}"
        spent = run_time.run(where, "draft", "--set", f"stepping.tolerance={tolerance}")
        record = json.loads((where / "run.json").read_text())
        seconds = record["timings_s"]["wall"]
        print(f"tolerance {tolerance:g}: {seconds:.1f} s", file=sys.stderr)
        out.append({"tolerance": tolerance, "steps": record["counters"]["accepted"],
                    "loop_s": seconds, **spent})  # fmt: skip
    return out


def ratios(new: Any, old: Any, path: tuple[str, ...] = ()) -> dict[str, float]:
    """Return new over old for every time and memory that both results hold."""
    new, old = by_name(new), by_name(old)
    if isinstance(new, dict) and isinstance(old, dict):
        out: dict[str, float] = {}
        for key in new:
            if key in old and key not in ("marks", "runs"):
                out |= ratios(new[key], old[key], (*path, str(key)))
        return out
    measured = any(part.endswith(("_s", "_bytes")) for part in path)
    if measured and isinstance(new, int | float) and isinstance(old, int | float) and old > 0:
        return {".".join(path): round(new / old, 3)}
    return {}


def by_name(entries: Any) -> Any:
    """Return the entries of a list by what tells them apart; anything else as it is."""
    if not isinstance(entries, list):
        return entries
    return {str(entry.get("vertices", entry.get("tolerance"))): entry for entry in entries
            if isinstance(entry, dict)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--presets", nargs="*", default=["draft", "reference", "fine"])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--vertices", nargs="*", type=int, default=list(newton_step.SIZES))
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, default=HERE.parent / "build" / "bench.json")
    parser.add_argument("--store", action="store_true", help="keep the result; write the report")
    arguments = parser.parse_args()
    began = time.monotonic()
    result: dict[str, Any] = {"host": run_time.host(), "config": run_time.CONFIG.name,
                              "phases_apart": True}  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="tusk-bench-") as name:
        folder = Path(name)
        result["start_up_s"] = run_time.start_up(arguments.repeats)
        result["presets"] = {
            preset: run_time.measure(preset, arguments.runs, folder) for preset in arguments.presets
        }
        if "draft" in arguments.presets:
            result["tolerance"] = tolerance_scan(folder)
    result["newton"] = newton_steps(arguments.vertices, arguments.repeats)
    result["minutes"] = round((time.monotonic() - began) / 60, 1)
    result["host"]["load_1min_end"] = round(os.getloadavg()[0], 1)
    if STORED.exists():
        result["over_stored"] = ratios(result, json.loads(STORED.read_text()))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps(result.get("over_stored", {}), indent=2))
    if arguments.store:
        STORED.write_text(json.dumps(result, indent=2) + "\n")
        report.write(result, HERE.parent / "docs")


if __name__ == "__main__":
    main()
