"""``tusk regimes``: label the regimes of a measured current-voltage curve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

File = Annotated[Path, typer.Argument(metavar="FILE", help="A measured curve.")]
VoltageColumn = Annotated[
    str | None, typer.Option("--voltage-column", help="Its name or number. [default: as found]")
]
CurrentColumn = Annotated[
    str | None, typer.Option("--current-column", help="Its name or number. [default: as found]")
]
VoltageUnit = Annotated[
    str | None, typer.Option("--voltage-unit", help="Of the numbers. [default: of the header, V]")
]
CurrentUnit = Annotated[
    str | None, typer.Option("--current-unit", help="Of the numbers. [default: of the header, A]")
]
Direction = Annotated[str, typer.Option("--direction", help="Sweeps: auto, up or down.")]
Floor = Annotated[str, typer.Option("--floor", help="Currents below show the instrument only.")]
On = Annotated[
    Path | None, typer.Option("--on", metavar="RUN_DIR", help="A run to lay the curve over.")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of the results. [default: that of FILE]")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def regimes(
    file: File,
    voltage_column: VoltageColumn = None,
    current_column: CurrentColumn = None,
    voltage_unit: VoltageUnit = None,
    current_unit: CurrentUnit = None,
    direction: Direction = "auto",
    floor: Floor = "0.1 pA",
    simulation: On = None,
    out: Out = None,
    quiet: Quiet = False,
) -> None:
    """Label the regimes of a measured I-V curve: A exponential, B gradual, C exponential again."""
    from tusk.postprocess.measured import Columns, read_measured
    from tusk.postprocess.regime_figure import regime_figure, write_regimes
    from tusk.postprocess.run import open_run
    from tusk.postprocess.segments import find_regimes
    from tusk.postprocess.style import save_figure
    from tusk.postprocess.sweeps import rising_branch

    least = _current("--floor", floor)
    columns = Columns(voltage_column, current_column, voltage_unit, current_unit)
    curve = read_measured(file, columns)
    voltage, current = rising_branch(curve.voltage, curve.current, direction, least)
    found = find_regimes(voltage, current, least)
    run = None if simulation is None else open_run(simulation)
    folder = file.parent if out is None else out
    table = folder / f"{file.stem}_regimes.csv"
    picture = table.with_suffix(".png")
    save_figure(regime_figure(voltage, current, found, run), picture)
    write_regimes(table, found)
    if quiet:
        return
    for line in curve.report():
        typer.echo(line)
    for regime in found:
        typer.echo(
            f"{regime.name}  {regime.start_V:.4g} V to {regime.end_V:.4g} V"
            f"  {regime.start_A:.3g} A to {regime.end_A:.3g} A"
        )
    typer.echo(f"{table}, {picture}")


def _current(option: str, text: str) -> float:
    from tusk.solver.errors import InputError
    from tusk.solver.units import QuantityError, parse_quantity

    try:
        return parse_quantity(text, "current")
    except QuantityError as error:
        raise InputError(f"{option}: a current such as 0.1 pA, got {text}") from error
