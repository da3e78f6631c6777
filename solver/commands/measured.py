"""``tusk measured``: read measured curves and say what was taken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from tusk.postprocess.measured import Measured

Files = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Measured curves.")]
VoltageColumn = Annotated[
    str | None, typer.Option("--voltage-column", help="Its name, or its number from 1.")
]
CurrentColumn = Annotated[
    str | None, typer.Option("--current-column", help="Its name, or its number from 1.")
]
VoltageUnit = Annotated[
    str | None, typer.Option("--voltage-unit", help="Of the numbers. [default: of the header, V]")
]
CurrentUnit = Annotated[
    str | None, typer.Option("--current-unit", help="Of the numbers. [default: of the header, A]")
]
SheetName = Annotated[
    str | None, typer.Option("--sheet", help="Of a workbook. [default: the first with a curve]")
]
Read = Annotated[str, typer.Option("--read", help="Voltage at which resistances are taken.")]
Threshold = Annotated[
    str | None, typer.Option("--threshold", help="Current that is a SET. [default: the jump]")
]
Out = Annotated[
    Path | None, typer.Option("--out", help="Folder of the results. [default: that of FILE]")
]
Drive = Annotated[
    bool, typer.Option("--drive", help="Write FILE_drive.csv as well: a `drive: table` for a run.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the cycles as JSON and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def measured(
    files: Files,
    voltage_column: VoltageColumn = None,
    current_column: CurrentColumn = None,
    voltage_unit: VoltageUnit = None,
    current_unit: CurrentUnit = None,
    sheet: SheetName = None,
    read: Read = "0.1 V",
    threshold: Threshold = None,
    out: Out = None,
    drive: Drive = False,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read measured I-V curves: columns, units and cycles as found, tables and a figure."""
    from tusk.postprocess.measured import Columns, cycle_table, read_measured

    at = _quantity("--read", read, "voltage")
    least = None if threshold is None else _quantity("--threshold", threshold, "current")
    columns = Columns(voltage_column, current_column, voltage_unit, current_unit)
    # All are read before anything is written.
    found = [(file, read_measured(file, columns, sheet)) for file in files]
    tables = [(file, curve, cycle_table(curve, at, least)) for file, curve in found]
    drives = {file: curve.drive() for file, curve in found} if drive else {}
    for file, curve, table in tables:
        folder = file.parent if out is None else out
        written = _write(folder, file.stem, curve, table, drives.get(file))
        if as_json:
            typer.echo(table.to_json(orient="records"))
        elif not quiet:
            _say(curve, table)
            typer.echo(", ".join(str(path) for path in written))


def _quantity(option: str, text: str, dimension: str) -> float:
    from tusk.solver.errors import InputError
    from tusk.solver.units import QuantityError, parse_quantity

    try:
        value = parse_quantity(text, dimension)
    except QuantityError as error:
        raise InputError(f"{option}: a {dimension} is wanted, got {text}") from error
    if not value > 0.0:
        raise InputError(f"{option}: a {dimension} above 0 is wanted, got {text}")
    return value


def _write(
    folder: Path, stem: str, curve: Measured, cycles: pd.DataFrame, drive: pd.DataFrame | None
) -> list[Path]:
    from tusk.postprocess.measured.figure import measured_figure
    from tusk.postprocess.style import save_figure
    from tusk.solver.errors import OutputError

    tables = {"curve": curve.table(), "cycles": cycles, "drive": drive}
    paths = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in tables.items():
            if table is not None:
                paths.append(folder / f"{stem}_{name}.csv")
                table.to_csv(paths[-1], index=False)
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written ({error.strerror})") from error
    return [*paths, save_figure(measured_figure(curve, cycles), folder / f"{stem}_measured.png")]


def _say(curve: Measured, table: pd.DataFrame) -> None:
    for line in curve.report():
        typer.echo(line)
    kinds = ", ".join(f"{count} {kind}" for kind, count in table["kind"].value_counts().items())
    typer.echo(f"loops: {len(table)} ({kinds})")
    for polarity, name in ((1, "positive"), (-1, "negative")):
        ours = table[table["polarity"] == polarity]
        for column, label in (
            ("v_set_V", "V_SET"),
            ("v_reset_V", "V_RESET"),
            ("v_hold_V", "V_hold"),
        ):
            values = ours[column].dropna()
            if len(values):
                spread = f" ± {values.std():.2g}" if len(values) > 1 else ""
                typer.echo(f"{label}, {name}: {values.mean():.4g}{spread} V ({len(values)})")
    held = table["compliance_A"].dropna()
    if len(held):
        typer.echo(f"compliance seen: {json.dumps(float(f'{held.median():.4g}'))} A")
