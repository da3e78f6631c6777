"""``tusk configs``: list the configs that come with the program, and copy one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import InputError, OutputError

Name = Annotated[
    str | None, typer.Argument(metavar="NAME", help="Config to copy; all are listed without one.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="File to write. [default: NAME.yaml in this folder]")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def configs(name: Name = None, out: Out = None, quiet: Quiet = False) -> None:
    """List the configs that come with the program, or copy one to start from."""
    from ..config.shipped import first_comment, shipped_configs

    known = shipped_configs()
    if name is None:
        if out is not None:
            raise InputError("--out: wants the NAME of a config to copy there")
        width = max(map(len, known))
        for each, path in known.items():
            typer.echo(f"{each:<{width}}  {first_comment(path)}")
        return
    source = known.get(name.removesuffix(".yaml"))
    if source is None:
        raise InputError(f"NAME: no such config, allowed {', '.join(known)}, got {name}")
    target = Path(source.name) if out is None else out
    _copy(source, target)
    if not quiet:
        typer.echo(str(target))


def _copy(source: Path, target: Path) -> None:
    """Copy a config; a file that stands there is left alone.

    Raises
    ------
    InputError
        If there is something of that name.
    OutputError
        If it cannot be written.
    """
    try:
        with target.open("xb") as stream:
            stream.write(source.read_bytes())
    except FileExistsError:
        raise InputError(f"--out: {target} exists, allowed a new file") from None
    except OSError as error:
        raise OutputError(f"--out: {target} cannot be written ({error.strerror})") from error
