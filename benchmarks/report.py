"""Write ``docs/performance.md`` and its figure from a result of ``bench.py``.

.venv/bin/python benchmarks/report.py [RESULT.json]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
import matplotlib.pyplot as plt

KERNELS = ("assembly", "factorisation", "solve")
TEXT = """# Performance

Written by `make bench ARGS=--store` (`benchmarks/bench.py`) from one run of it; raw numbers are in
`benchmarks/result.json`. Times of another machine, or of a loaded one, do not compare.

Host: {processor}, {cores} cores, {system}, Python {python}; load {load} when it began.
One core, `OMP_NUM_THREADS=1`, compiled forms warm. Medians of {runs} (runs) and {repeats} (single
steps).{note}

## The main job

`configs/buttberg2025_set_1mA.yaml` by `tusk run`, from start to figures. "Outside" is what is left
of the wall time without meshing, assembly, factorisation and solves: start-up, output and figures
included.

{runs_table}

Seconds by phase:

{phase_table}

## One Newton step

Assemble residual and Jacobian, factorise, solve: three fields on one frozen geometry with a gap of
0.12 nm. "Bare" is a script that does only this with the same compiled forms and MUMPS. The other
programs take the same step on the exported mesh (same P1 elements, same unknowns, quadrature of
degree 4, one thread): scikit-fem with SuperLU, NGSolve with compiled coefficients and the fastest
of its direct solvers that solves a non-symmetric matrix. All updates agree to the last column.

{step_table}

Cost of a step grows as unknowns to the power {ours:.2f}; that of the bare kernels to the power
{bare:.2f} (from 5000 unknowns on).

## Cost

![Time of a Newton step, wall time of a run, memory](images/performance.png)

{tolerance_text}
"""


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def outside(preset: dict[str, Any]) -> float:
    """Return the seconds that are neither meshing nor a kernel."""
    phases = preset["phases_of_last_run_s"]
    return float(preset["median_wall_s"] - sum(phases[k] for k in ("meshing", *KERNELS)))


def runs_table(presets: dict[str, Any]) -> str:
    """Return wall time, steps and memory by preset."""
    rows = []
    for name, preset in presets.items():
        counters, steps = preset["counters"], preset["counters"]["accepted"]
        rows.append([
            f"`{name}`", f"{preset['median_wall_s']:.1f} s",
            f"{preset['median_processor_s']:.1f} s",
            str(steps), str(counters["newton_iterations"]), str(counters["meshes"]),
            f"{3 * preset['largest_vertices']}", f"{outside(preset):.1f} s",
            f"{1e3 * max(outside(preset) - 5.0, 0.0) / steps:.1f} ms",
            f"{preset['peak_memory_bytes'] / 1e6:.0f} MB",
        ])  # fmt: skip
    header = ["preset", "wall", "processor", "steps", "Newton iterations", "meshes", "most dofs",
              "outside", "outside per step beyond 5 s", "memory"]  # fmt: skip
    return table(header, rows)


def phase_table(presets: dict[str, Any]) -> str:
    """Return the seconds of every phase of the last run."""
    names = ["meshing", "transfer", "form set-up", *KERNELS, "output"]
    rows = [
        [f"`{name}`", *(f"{preset['phases_of_last_run_s'].get(k, 0.0):.2f}" for k in names)]
        for name, preset in presets.items()
    ]
    return table(["preset", *names], rows)


def step_table(steps: list[dict[str, Any]]) -> str:
    """Return the time of one Newton step by program."""
    rows = []
    for step in steps:
        peers = step["peers"]
        cells = [
            f"{1e3 * peers[name]['step_s']:.0f} ms" if "step_s" in peers.get(name, {}) else "-"
            for name in ("scikit-fem", "NGSolve")
        ]
        gaps = [p["largest_difference"] for p in peers.values() if "largest_difference" in p]
        kernels = ", ".join(f"{1e3 * step['bare_kernels_s'][k]:.1f}" for k in KERNELS)
        rows.append([
            str(step["vertices"]), str(step["unknowns"]), f"{1e3 * step['ours_s']:.1f} ms",
            f"{1e3 * step['bare_s']:.1f} ms ({kernels})", f"{step['ours_over_bare']:.2f}", *cells,
            f"{max(gaps):.0e}" if gaps else "-",
        ])  # fmt: skip
    header = ["vertices", "unknowns", "ours", "bare (assembly, factorisation, solve)", "ours/bare",
              "scikit-fem", "NGSolve", "difference"]  # fmt: skip
    return table(header, rows)


def tolerance_text(scan: list[dict[str, float]]) -> str:
    """Return the fitted power of the wall time in the tolerance."""
    if not scan:
        return ""
    x, y = (np.log([entry[name] for entry in scan]) for name in ("tolerance", "loop_s"))
    power = np.polyfit(x, y, 1)[0]
    return (
        f"Wall time of a draft run grows as `stepping.tolerance` to the power {power:.2f} between "
        f"{scan[0]['tolerance']:g} and {scan[-1]['tolerance']:g}."
    )


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw cost against unknowns and tolerance, and memory against unknowns."""
    steps, scan = result["newton"]["steps"], result.get("tolerance", [])
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    unknowns = [step["unknowns"] for step in steps]
    for key, label in (("ours_s", "this solver"), ("bare_s", "bare kernels")):
        axes[0].loglog(unknowns, [step[key] for step in steps], "o-", label=label)
    for name in ("scikit-fem", "NGSolve"):
        there = [s for s in steps if "step_s" in s["peers"].get(name, {})]
        axes[0].loglog([s["unknowns"] for s in there],
                       [s["peers"][name]["step_s"] for s in there], "s--", label=name)  # fmt: skip
    axes[0].set(xlabel="unknowns", ylabel="one Newton step (s)")
    axes[0].legend(frameon=False)
    if scan:
        axes[1].loglog([e["tolerance"] for e in scan], [e["loop_s"] for e in scan], "o-")
    axes[1].set(xlabel="stepping.tolerance", ylabel="draft run (s)")
    axes[2].loglog(unknowns, [step["peak_bytes"] / 1e6 for step in steps], "o-")
    axes[2].set(xlabel="unknowns", ylabel="peak memory (MB)")
    figure.savefig(path, dpi=150)
    plt.close(figure)


def write(result: dict[str, Any], docs: Path) -> None:
    """Write the page and its figure into a folder."""
    host, newton, presets = result["host"], result["newton"], result["presets"]
    page = TEXT.format(
        **{name: host[name] for name in ("processor", "cores", "system", "python")},
        load=host["load_1min"],
        runs=min((len(preset["runs"]) for preset in presets.values()), default=0),
        repeats=newton["repeats"],
        runs_table=runs_table(presets),
        phase_table=phase_table(presets),
        step_table=step_table(newton["steps"]),
        ours=newton["ours_exponent"],
        bare=newton["bare_exponent"],
        note=f"\n\n{result['note']}" if "note" in result else "",
        tolerance_text=tolerance_text(result.get("tolerance", [])),
    )
    (docs / "performance.md").write_text(page.rstrip() + "\n")
    draw(result, docs / "images" / "performance.png")


if __name__ == "__main__":
    HERE = Path(__file__).parent
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "result.json"
    write(json.loads(source.read_text()), HERE.parent / "docs")
