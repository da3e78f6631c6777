"""Transmissions of the sites of a contact, as atoms gave them, from a file that a config names."""

from __future__ import annotations

import csv
from pathlib import Path

from .base import LoadContext, problem

HEADER = "transmission"
_KEY = "transmissions_file"
_LARGEST = 1_000_000  # bytes


def read_transmissions(file: str, context: LoadContext) -> list[float]:
    """Return the numbers of a file with one column, `transmission`.

    Raises
    ------
    PydanticCustomError
        If the file cannot be read or is not such a table.
    """
    path = context.base_dir / Path(file).expanduser()
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            raise problem("no such file, or too large", got=str(path), key=_KEY)
        with path.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.reader(stream))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise problem(f"cannot be read as CSV ({error})", got=str(path), key=_KEY) from None
    if not rows or HEADER not in rows[0]:
        raise problem("wrong header", HEADER, ",".join(rows[0]) if rows else "", key=_KEY)
    column = rows[0].index(HEADER)
    return [_number(row, column, number) for number, row in enumerate(rows[1:], start=1)]


def _number(row: list[str], column: int, number: int) -> float:
    try:
        return float(row[column])
    except (ValueError, IndexError):
        what = f"row {number} has no number there"
        raise problem(what, HEADER, ",".join(row), key=_KEY) from None
