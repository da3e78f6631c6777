"""``tusk ablate``: each effect of a config switched off in turn."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file of the run.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a config key; repeatable."),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder. [default: runs/ablate_<config name>]")
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Runs at the same time. [default: cores]")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def ablate(
    config: ConfigFile,
    changes: Sets = None,
    out: Out = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Switch each effect of a config off in turn; draw what R_LRS, V(Γ) and T_max become."""
    from tusk.solver.commands.ablation import ablate as run_ablation
    from tusk.solver.commands.ablation import ablations
    from tusk.solver.studies.pool import available_cores

    def say(text: str) -> None:
        if not quiet:
            typer.echo(text)

    studies = ablations(config, tuple(changes or ()))
    folder = Path("runs") / f"ablate_{config.stem}" if out is None else out
    run_ablation(studies, folder, jobs or available_cores(), say)
