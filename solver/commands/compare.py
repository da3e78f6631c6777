"""``tusk compare``: two runs, and maybe a measurement, over each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

First = Annotated[Path, typer.Argument(metavar="A", help="Directory of a run.")]
Second = Annotated[Path, typer.Argument(metavar="B", help="Directory of another run.")]
Measured = Annotated[
    Path | None, typer.Option("--measured", metavar="FILE", help="A measured curve.")
]
Out = Annotated[Path, typer.Option("--out", help="Folder of comparison.png and comparison.csv.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the outcome as JSON and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print errors only.")]


def compare(
    first: First,
    second: Second,
    measured: Measured = None,
    out: Out = Path("comparison"),
    quiet: Quiet = False,
    as_json: AsJson = False,
) -> None:
    """Show what two runs differ in: config, marks and curves."""
    from tusk.postprocess import compare as side_by_side
    from tusk.postprocess.measured import read_measured
    from tusk.postprocess.run import open_run
    from tusk.postprocess.style import save_figure

    runs = open_run(first), open_run(second)
    labels = side_by_side.labels_of([first, second])
    curve = None if measured is None else read_measured(measured)
    points = None if curve is None else (curve.voltage, curve.current)
    figure = side_by_side.comparison((labels[0], labels[1]), runs, points)
    picture = save_figure(figure, out / "comparison.png")
    marks = side_by_side.mark_differences(*runs)
    table = _save(marks, picture.with_suffix(".csv"))
    configs = side_by_side.config_differences(dict(zip(labels, runs, strict=True)))
    distance = side_by_side.curve_distance(*runs)
    if as_json:
        files = {"figure": str(picture), "table": str(table)}
        others: dict[str, float | str] = {"mean_abs_dlnI": distance, **files}
        typer.echo(_json({"config": configs, "marks": marks}, others))
        return
    if quiet:
        return
    for title, rows in (("config", configs), ("marks", marks)):
        typer.echo(f"{title}:")
        typer.echo(rows.to_string(float_format=lambda v: f"{v:.6g}") if len(rows) else "  equal")
    typer.echo(f"mean |Δ ln I|: {distance:.4g}")
    typer.echo(f"{picture}, {table}")


def _json(tables: Mapping[str, pd.DataFrame], others: Mapping[str, float | str]) -> str:
    """Return tables, row by row, and single values as JSON; what is no number is null."""
    rows = {name: json.loads(table.to_json(orient="index")) for name, table in tables.items()}
    return json.dumps({**rows, **others}, indent=2, ensure_ascii=False)


def _save(table: pd.DataFrame, path: Path) -> Path:
    from tusk.solver.errors import OutputError

    try:
        table.to_csv(path, index_label="mark")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    return path
