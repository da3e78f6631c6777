"""``tusk report``: one HTML file about one or many runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RunDirs = Annotated[list[Path], typer.Argument(metavar="RUN_DIR...", help="Directories of runs.")]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="HTML file. [default: RUN_DIR/report.html, report.html for many]"),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def report(run_dirs: RunDirs, out: Out = None, quiet: Quiet = False) -> None:
    """Write one HTML file, without outside references, about one or many runs."""
    from tusk.postprocess.report import write_report

    alone = len(run_dirs) == 1
    target = out or (run_dirs[0] / "report.html" if alone else Path("report.html"))
    path = write_report(run_dirs, target)
    if not quiet:
        typer.echo(str(path))
