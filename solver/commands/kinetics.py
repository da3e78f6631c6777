"""``tusk kinetics``: the time of the SET against the voltage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file of the run.")]
Voltages = Annotated[
    str, typer.Option("--voltages", metavar="A,B,C", help="Voltages, such as '0.8 V,1 V,2 V'.")
]
Current = Annotated[
    str | None,
    typer.Option("--current", help="Current at which the cell is set. [default: I_CC/2]"),
]
Longest = Annotated[str, typer.Option("--longest", help="Time after which it is given up.")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a config key; repeatable."),
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder. [default: runs/kinetics_<config name>]")
]
Jobs = Annotated[
    int | None, typer.Option("--jobs", min=1, help="Runs at the same time. [default: cores]")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def kinetics(
    config: ConfigFile,
    voltages: Voltages,
    current: Current = None,
    longest: Longest = "1e6 s",
    changes: Sets = None,
    out: Out = None,
    jobs: Jobs = None,
    quiet: Quiet = False,
) -> None:
    """Hold a cell at each voltage until it is set: t_SET(V), its slopes, and what limits it."""
    from tusk.solver.commands.switching_times import Holds, measure
    from tusk.solver.studies.pool import available_cores

    def say(text: str) -> None:
        if not quiet:
            typer.echo(text)

    holds = Holds.read(config, tuple(changes or ()), voltages, current, longest)
    folder = Path("runs") / f"kinetics_{config.stem}" if out is None else out
    measure(holds, folder, jobs or available_cores(), say)
