"""``tusk certify``: the error bars of a config, from a ladder of finer runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from tusk.solver.certificate import Certificate

PLAIN_WIDTH = 110
"""Width of the table where there is no terminal."""

Config = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file of the run.")]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder. [default: runs/<config name>_certificate]")
]
Jobs = Annotated[int | None, typer.Option("--jobs", min=1, help="Runs at once. [default: cores]")]
Sets = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a config key; repeatable."),
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Run the Python files that the config names.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def certify(
    config: Config,
    out: Out = None,
    jobs: Jobs = None,
    changes: Sets = None,
    allow_code: AllowCode = False,
    quiet: Quiet = False,
) -> None:
    """Estimate the errors of a config by finer meshes and shorter steps; minutes.

    Finished runs of the ladder are used again. Copied into the directory of a run of the same
    physics, certificate.json puts error bars on its figures.
    """
    from rich.console import Console

    from tusk.solver.studies.ladder import BASE, Ladder
    from tusk.solver.studies.pool import available_cores

    console = Console(highlight=False, markup=False, soft_wrap=True, quiet=quiet)
    folder = Path("runs") / f"{config.stem}_certificate" if out is None else out
    ladder = Ladder(config, changes or (), folder, allow_code, console.print)
    ladder.climb(jobs or available_cores())
    certificate = ladder.certificate()
    path = ladder.write(certificate)
    if not quiet:
        Console(width=None if console.is_terminal else PLAIN_WIDTH).print(table(certificate))
    from tusk.postprocess import make_figures

    make_figures(folder / BASE, quiet=True)
    console.print(f"{path}")


def table(certificate: Certificate) -> Table:
    """Return the certificate as a table with error bars."""
    from rich.table import Table

    from tusk.solver.certificate import HEADLINES, with_error

    table = Table(
        "quantity",
        "value ± error",
        "relative",
        "mesh",
        "order",
        "steps",
        "order",
        title=f"Certificate of {certificate.config}",
        caption="* not regular: 1.5 times the largest difference of the ladder",
    )
    for key, quantity in certificate.quantities.items():
        shown = HEADLINES[key]
        number = with_error(quantity.value / shown.scale, quantity.error / shown.scale)
        cells = [shown.symbol, f"{number} {shown.unit}", f"{100 * quantity.relative_error:.2g} %"]
        for part in (quantity.mesh, quantity.step):
            share = 100 * part.error / abs(quantity.value) if quantity.value else 0.0
            cells.append(f"{share:.2g} %{'' if part.regular else ' *'}")
            cells.append("-" if part.order is None else f"{part.order:.1f}")
        table.add_row(*cells)
    for key in certificate.missing:
        table.add_row(HEADLINES[key].symbol, "not reached", *[""] * 5)
    return table
