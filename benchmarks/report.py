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
from newton_step import FITTED

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

KERNELS = ("assembly", "factorisation", "solve")
PHASES = ("gmsh", "meshing", "mesh motion", "transfer", "form set-up", *KERNELS, "output")
NESTED = ("gmsh", "mesh motion")
"""Phases that older results also count in another one."""
CERTIFICATES = Path(__file__).parents[1] / "configs" / "certificates"
TEXT = """# Performance

Written by `make bench ARGS=--store` (`benchmarks/bench.py`) from one run of it; raw numbers are in
`benchmarks/result.json`. Times of another machine, or of a loaded one, do not compare.

Host: {processor}, {cores} cores, {system}, Python {python}; load {load} when it began, {load_end}
when it ended, {minutes:.0f} minutes later. One core, `OMP_NUM_THREADS=1`, compiled forms warm.
Medians of at least {runs} runs and {repeats} single steps.{note}

## The main job

`configs/{config}` by `tusk run`, from start to figures. "Outside" is what
is left of the wall time without gmsh, assembly, factorisation and solves, those of the mesh motion
included: start-up, output and figures are in it. "Before" is the wall time over that of the result
stored before.

{runs_table}

Seconds by phase. Meshing contains gmsh and the matrix of the mesh motion; "rest" is all that is in
no other column: start-up, figures, the work of the steps themselves, moving the mesh.

{phase_table}

Commands that solve nothing: {start_up}.

Errors of the certificate of the `reference` preset (`tusk certify`), and how far the marks of these
runs are from the certified values:

{accuracy_table}

## One Newton step

Assemble residual and Jacobian, factorise, solve: three fields on one frozen geometry with a gap of
0.12 nm. "Bare" is a script that does only this with the same compiled forms and MUMPS. The other
programs take the same step on the exported mesh (same P1 elements, same unknowns, quadrature of
degree 4, one thread): scikit-fem with SuperLU, NGSolve with compiled coefficients and the fastest
of its direct solvers that solves a non-symmetric matrix. All updates agree to the last column.

{step_table}

## Cost

With the degrees of freedom (three at a vertex), between {fitted_from:.0f} and {fitted_to:.0f} of
them, the time of a step grows to the power {ours:.2f}, that of the bare kernels to the power
{bare:.2f}, and the peak memory of the process to the power {memory:.2f}.

![Time of a Newton step, wall time of a run, memory](images/performance.png)

{tolerance_text}
"""


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def runs_table(presets: dict[str, Any], over: dict[str, float]) -> str:
    """Return wall time, steps and memory by preset."""
    rows = []
    for name, preset in presets.items():
        counters, steps = preset["counters"], preset["counters"]["accepted"]
        outside = preset["median_outside_s"]
        ratio = over.get(f"presets.{name}.median_wall_s")
        rows.append([
            f"`{name}`", f"{preset['median_wall_s']:.1f} s ({len(preset['runs'])})",
            "-" if ratio is None else f"{ratio:.2f}",
            f"{preset['median_processor_s']:.1f} s",
            str(steps), str(counters["newton_iterations"]), str(counters["meshes"]),
            f"{3 * preset['largest_vertices']}", f"{outside:.1f} s",
            f"{1e3 * max(outside - 5.0, 0.0) / steps:.1f} ms",
            f"{preset['peak_memory_bytes'] / 1e6:.0f} MB",
        ])  # fmt: skip
    header = ["preset", "wall (runs)", "before", "processor", "steps", "Newton iterations",
              "meshes", "most dofs", "outside", "per step beyond 5 s", "memory"]  # fmt: skip
    return table(header, rows)


def phase_table(presets: dict[str, Any], nested: tuple[str, ...]) -> str:
    """Return the median seconds of every phase; those ``nested`` are part of another one."""
    rows = []
    for name, preset in presets.items():
        phases = preset["phases_s"]
        counted = sum(phases.get(k, 0.0) for k in PHASES if k not in nested)
        rest = preset["median_wall_s"] - counted
        rows.append([f"`{name}`", *(f"{phases.get(k, 0.0):.2f}" for k in PHASES), f"{rest:.2f}"])
    return table(["preset", *PHASES, "rest"], rows)


def accuracy_table(presets: dict[str, Any], certificate: dict[str, Any]) -> str:
    """Return the certified errors and the distance of every preset's marks, in %."""
    rows = []
    for name, quantity in certificate["quantities"].items():
        value = quantity["value"]
        marks = [preset["marks"].get(name) for preset in presets.values()]
        rows.append([
            f"`{name}`", f"{100 * quantity['relative_error']:.2f} %",
            *("-" if mark is None else f"{100 * (mark / value - 1):+.3f} %" for mark in marks),
        ])  # fmt: skip
    return table(["mark", "certified error", *(f"`{name}`" for name in presets)], rows)


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
            str(step["vertices"]), str(step["dofs"]), str(step["unknowns"]),
            f"{1e3 * step['ours_s']:.1f} ms",
            f"{1e3 * step['bare_s']:.1f} ms ({kernels})", f"{step['ours_over_bare']:.2f}", *cells,
            f"{max(gaps):.0e}" if gaps else "-", f"{step['peak_bytes'] / 1e6:.0f} MB",
        ])  # fmt: skip
    header = ["vertices", "dofs", "unknowns", "ours", "bare (assembly, factorisation, solve)",
              "ours/bare", "scikit-fem", "NGSolve", "difference", "memory"]  # fmt: skip
    return table(header, rows)


def tolerance_text(scan: list[dict[str, float]]) -> str:
    """Return the fitted power of the wall time in the tolerance."""
    if not scan:
        return ""
    x, y = (np.log([entry[name] for entry in scan]) for name in ("tolerance", "loop_s"))
    power = np.polyfit(x, y, 1)[0]
    table_of = table(
        ["`stepping.tolerance`", "steps", "seconds of stepping"],
        [[f"{e['tolerance']:g}", str(e["steps"]), f"{e['loop_s']:.1f}"] for e in scan],
    )
    return (
        f"{table_of}\n\nStepping in a draft run takes a time that grows as `stepping.tolerance` to "
        f"the power {power:.2f} between {scan[0]['tolerance']:g} and {scan[-1]['tolerance']:g}."
    )


def draw(result: dict[str, Any], path: Path) -> None:
    """Draw cost against unknowns and tolerance, and memory against unknowns."""
    steps, scan = result["newton"]["steps"], result.get("tolerance", [])
    figure, axes = plt.subplots(1, 3, figsize=(11, 3.4), layout="constrained")
    dofs = [step["dofs"] for step in steps]
    for key, label in (("ours_s", "this solver"), ("bare_s", "bare kernels")):
        axes[0].loglog(dofs, [step[key] for step in steps], "o-", label=label)
    for name in ("scikit-fem", "NGSolve"):
        there = [s for s in steps if "step_s" in s["peers"].get(name, {})]
        axes[0].loglog([s["dofs"] for s in there],
                       [s["peers"][name]["step_s"] for s in there], "s--", label=name)  # fmt: skip
    axes[0].set(xlabel="degrees of freedom", ylabel="one Newton step (s)")
    axes[0].legend(frameon=False)
    if scan:
        axes[1].loglog([e["tolerance"] for e in scan], [e["loop_s"] for e in scan], "o-")
    axes[1].set(xlabel="stepping.tolerance", ylabel="draft run (s)")
    axes[2].loglog(dofs, [step["peak_bytes"] / 1e6 for step in steps], "o-")
    axes[2].set(xlabel="degrees of freedom", ylabel="peak memory (MB)")
    # A decade or less: powers of ten would leave one number or none.
    for panel, locator in (
        (axes[1], MaxNLocator(6, steps=[1, 2, 5, 10])),
        (axes[2], LogLocator(subs=(1.0, 2.0, 5.0))),
    ):
        panel.yaxis.set_major_locator(locator)
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_formatter(NullFormatter())
    figure.savefig(path, dpi=150)
    plt.close(figure)


def write(result: dict[str, Any], docs: Path) -> None:
    """Write the page and its figure into a folder."""
    host, newton, presets = result["host"], result["newton"], result["presets"]
    fitted = [s["dofs"] for s in newton["steps"] if FITTED[0] <= s["dofs"] <= FITTED[1]]
    certificate = json.loads((CERTIFICATES / result["config"]).with_suffix(".json").read_text())
    page = TEXT.format(
        **{name: host[name] for name in ("processor", "cores", "system", "python")},
        load=host["load_1min"],
        load_end=host["load_1min_end"],
        minutes=result["minutes"],
        config=result["config"],
        start_up=", ".join(f"`{k}` {v:.2f} s" for k, v in result["start_up_s"].items()),
        accuracy_table=accuracy_table(presets, certificate),
        fitted_from=min(fitted, default=0),
        fitted_to=max(fitted, default=0),
        memory=newton["memory_exponent"],
        runs=min((len(preset["runs"]) for preset in presets.values()), default=0),
        repeats=min(step["repeats"] for step in newton["steps"]),
        runs_table=runs_table(presets, result.get("over_stored", {})),
        phase_table=phase_table(presets, () if result.get("phases_apart") else NESTED),
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
