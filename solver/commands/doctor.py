"""``tusk doctor``: whether everything Tusk needs of a machine works."""

from __future__ import annotations

from typing import Annotated

import typer

Quiet = Annotated[bool, typer.Option("--quiet", help="Print failures only.")]


def doctor(quiet: Quiet = False) -> None:
    """Check compiler, compiled forms, MPI, gmsh, rendering and field files; name the fixes."""
    from ..doctor import examine

    failed = 0
    for finding in examine():
        failed += bool(finding.fix)
        if finding.fix or not quiet:
            state = "FAILED" if finding.fix else "ok"
            typer.echo(f"{state:<7} {finding.name:<15} {finding.text}")
        if finding.fix:
            typer.echo(f"{'':<7} {'':<15} fix: {finding.fix}")
    if failed:
        raise typer.Exit(1)
