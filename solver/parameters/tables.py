"""Printing parameter sets and materials for people."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from ..errors import InputError
from . import (
    ELECTRONIC_STRUCTURE,
    LIMITS,
    MATERIALS,
    PARAMETER_SETS,
    SURFACES,
    TAG_MEANING,
    Cited,
    ParameterSet,
)

# Wide enough for every row when the output is a file or a pipe.
_WIDTH_WITHOUT_TERMINAL = 160


def print_tables(name: str | None = None) -> None:
    """Print a parameter set or a material; everything without a name.

    Raises
    ------
    InputError
        If there is no such set or material.
    """
    known = [*PARAMETER_SETS, *MATERIALS]
    if name is not None and name not in known:
        match = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f", did you mean {match[0]!r}?" if match else ""
        raise InputError(f"NAME: unknown{hint}, allowed {', '.join(known)}, got {name!r}")
    console = Console()
    if not console.is_terminal:
        console = Console(width=_WIDTH_WITHOUT_TERMINAL)
    for entry in known if name is None else [name]:
        for table in _tables(entry):
            console.print(table)
            console.print()
    console.print("; ".join(f"{tag} = {meaning}" for tag, meaning in TAG_MEANING.items()))


def _tables(name: str) -> list[Table]:
    if name in PARAMETER_SETS:
        return [_set_table(PARAMETER_SETS[name])]
    values = {**MATERIALS[name]}
    for further in (ELECTRONIC_STRUCTURE, SURFACES, LIMITS):
        values |= further.get(name, {})
    return [_table(f"{name}, material library at 300 K", values)]


def _set_table(chosen: ParameterSet) -> Table:
    table = _table(f"{chosen.name}: {chosen.title}\n{chosen.citation}", chosen.values)
    for step in chosen.drive:
        for kind, body in step.items():
            for key, value in body.items():
                number, _, unit = value.partition(" ")
                table.add_row(f"drive.{kind}.{key}", number, unit, chosen.drive_source, "P")
    return table


def _table(title: str, values: Mapping[str, Cited]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for heading in ("key", "value", "unit", "source", "tag"):
        table.add_column(heading, justify="right" if heading == "value" else "left")
    for key, cited in values.items():
        table.add_row(key, _number(cited), cited.unit, cited.citation, cited.tag)
    return table


def _number(cited: Cited) -> str:
    if cited.value is None:
        return "none"
    if isinstance(cited.value, bool):
        return str(cited.value).lower()
    return f"{cited.value:g}" if isinstance(cited.value, float) else str(cited.value)
