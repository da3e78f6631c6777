"""``tusk reproduce``: the figures and statements of a paper, from its runs to the verdicts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MISSED = 2

Name = Annotated[str, typer.Argument(metavar="NAME", help="Paper, by its parameter set.")]
Preset = Annotated[str, typer.Option("--preset", help="Mesh preset: draft, reference or fine.")]
Out = Annotated[Path | None, typer.Option("--out", help="Folder. [default: runs/reproduce_NAME]")]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Runs at the same time. [default: cores]")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def reproduce(
    name: Name,
    preset: Preset = "reference",
    out: Out = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Make the runs and figures of a paper, and judge its statements."""
    from tusk.solver.commands import reproduction as study
    from tusk.solver.studies.pool import available_cores

    def say(text: str) -> None:
        if not quiet:
            typer.echo(text)

    paper = study.paper_named(name)
    study.with_preset(paper.studies, preset)
    folder = Path("runs") / f"reproduce_{name}" if out is None else out
    verdicts = study.reproduce(paper, folder, preset, jobs or available_cores(), say)
    for verdict in verdicts:
        say(f"{verdict.label}: {verdict.verdict}")
    say(f"results in {folder}")
    raise typer.Exit(MISSED if any(verdict.missed for verdict in verdicts) else 0)
