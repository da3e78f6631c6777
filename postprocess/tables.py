"""CSV tables of a run directory, read while the run may still be writing them."""

import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from tusk.solver.errors import InputError

TEXT_COLUMNS = ("limited_by", "regime", "status", "reason")


def read_table(path: Path, required: Sequence[str]) -> pd.DataFrame:
    """Read a table whose header names carry units.

    A last line without its line end belongs to a run that is still writing, was killed or ran
    out of disk: it is left out. Damage anywhere else is an error.

    Parameters
    ----------
    path
        The ``.csv`` file.
    required
        Column names that must be there.

    Returns
    -------
    pandas.DataFrame
        One row per complete line; those of `TEXT_COLUMNS` are text (empty where unknown), the rest
        floats.

    Raises
    ------
    InputError
        If the file is missing, unreadable, lacks a column or holds something else than numbers.
    """
    text = _complete_lines(path)
    if not text:
        raise InputError(f"{path}: a header line is wanted, got an empty or truncated file")
    header = text.split("\n", 1)[0].split(",")
    missing = [name for name in required if name not in header]
    if missing:
        raise InputError(f"{path}: column {missing[0]} is wanted, got {', '.join(header)}")
    try:
        table = pd.read_csv(
            io.StringIO(text), dtype=dict.fromkeys(TEXT_COLUMNS, str), index_col=False
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise InputError(f"{path}: {str(error).strip().splitlines()[-1]}") from error
    return _numeric(table, path)


def _complete_lines(path: Path) -> str:
    """Return the text up to and including the last line end."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise InputError(f"{path}: cannot be read ({reason})") from error
    text = text.replace("\r\n", "\n")
    return text[: text.rfind("\n") + 1]


def _numeric(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Turn every column but the text ones to floats, naming the line that does not fit."""
    columns: dict[str, pd.Series] = {}
    for name in table.columns:
        column = table[name]
        if name in TEXT_COLUMNS:
            columns[name] = column.fillna("").str.strip()
            continue
        numbers = pd.to_numeric(column, errors="coerce").astype(float)
        wrong = (numbers.isna() & column.notna()).to_numpy()
        if wrong.any():
            row = int(wrong.argmax())
            raise InputError(
                f"{path}: line {row + 2}, {name}: a number is wanted, got {column.iloc[row]!r}"
            )
        columns[name] = numbers
    return pd.DataFrame(columns)
