"""``tusk conductance``: histogram, plateaus and spectrum of the conductance of a run."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import typer

RunDirectory = Annotated[Path, typer.Argument(metavar="RUN_DIR", help="Directory of a run.")]
Bin = Annotated[float, typer.Option("--bin", help="Width of a bin of the histogram, in G0.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]

LEVELS = 6


def conductance(run_dir: RunDirectory, bin_width: Bin = 0.05, quiet: Quiet = False) -> None:
    """Write histogram, plateaus and spectrum of G(t) over all members; draw them."""
    from tusk.postprocess.conductance import (
        LEAST_FOR_SPECTRUM,
        doubts,
        histogram,
        lifetimes,
        plateaus,
        traces,
        write_statistics,
    )
    from tusk.postprocess.conductance_figures import write_figures
    from tusk.postprocess.run import open_run

    run = open_run(run_dir)
    paths = [*write_statistics(run, bin_width), *write_figures(run, bin_width)]
    found = traces(run)
    counted = histogram(found, bin_width)
    for doubt in doubts(run, counted):
        warnings.warn(doubt, stacklevel=1)
    if quiet:
        return
    typer.echo(f"{counted.points} points of {len(found)} members")
    for level in range(1, LEVELS):
        peak = counted.peak_near(float(level))
        if peak is not None:
            share = 100.0 * peak[1] / counted.points
            typer.echo(f"  peak {level}: {peak[0]:.3g} G0, {share:.3g} % of the time in its bin")
    table = lifetimes([p for trace in found for p in plateaus(trace)])
    for name, row in table.iterrows():
        typer.echo(f"  level {name}: {row['count']:.0f} plateaus, {row['mean_s']:.4g} s on average")
    if not any(trace.has_spectrum for trace in found):
        longest = max(len(trace.time) for trace in found)
        typer.echo(f"  no spectrum: {LEAST_FOR_SPECTRUM} points are wanted, got {longest}")
    for path in paths:
        typer.echo(str(path))
