"""Tables of numbers in sheets: where they begin, what heads them, what was left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.measured.numbers import number
from tusk.postprocess.measured.sheets import Row, Sheet

Array = NDArray[np.float64]

_UNIT_ROW = re.compile(r"[\[(]?[a-zA-Zµμ%Ω°/²^0-9-]{0,8}[\])]?")


@dataclass(slots=True)
class Block:
    """Rows of numbers under one header.

    Attributes
    ----------
    sheet
        Where it stands.
    names
        Headers of the columns; ``column 1`` … where there are none.
    has_header
        Whether the names are those of the file.
    values
        Numbers (rows, columns); NaN where a cell holds none.
    lines
        Number of each row in the sheet, from 1.
    left_out
        Rows in the sheet that belong to none of its blocks, by reason; of the whole sheet.
    """

    sheet: Sheet
    names: list[str]
    has_header: bool
    values: Array
    lines: list[int]
    left_out: Counter[str] = field(default_factory=Counter)


def blocks(sheet: Sheet) -> list[Block]:
    """Return the tables of a sheet, each under its own header.

    A row of numbers holds two or more. A label before them (``DataValue``) is no column.
    """
    found: list[Block] = []
    left_out: Counter[str] = Counter()
    header: list[tuple[int, Row]] = []
    label = _label(sheet)
    body: list[tuple[int, list[float]]] = []
    names: list[str] = []
    has_header = False

    def close() -> None:
        if body:
            found.append(_block(sheet, names, has_header, body, left_out))
            body.clear()

    for line, row in enumerate(sheet.rows, start=1):
        cells = _without_label(row, label)
        values = [number(cell, sheet.decimal) for cell in cells]
        count = sum(value is not None for value in values)
        words = sum(isinstance(c, str) and c.strip() != "" for c in cells) - _written(cells, values)
        if count >= 2 and count >= words:
            if header or not body:
                close()
                pointless = _headless(header, label, sheet.decimal)
                text = header[: len(header) - len(pointless)]
                names, has_header = _names(text, len(cells), label)
                left_out["lines of text before the numbers"] += len(text) - has_header
                left_out["header"] += has_header
                left_out["without two numbers"] += len(pointless)
                header = []
            body.append((line, [np.nan if v is None else v for v in values]))
        elif not any(str(c or "").strip() for c in cells):
            left_out["blank"] += 1
        elif words >= 2 or not body:
            header.append((line, row))
        else:
            left_out["without two numbers" if count else "lines of text among the numbers"] += 1
    close()
    left_out["lines of text after the numbers"] += len(header)
    return found


def _written(cells: Row, values: Sequence[float | None]) -> int:
    """Return how many cells of text are numbers."""
    pairs = zip(cells, values, strict=True)
    return sum(isinstance(cell, str) and value is not None for cell, value in pairs)


def _label(sheet: Sheet) -> str | None:
    """Return the word that begins the rows of numbers of a tagged file, None if none does."""
    firsts = Counter(
        str(row[0]).strip()
        for row in sheet.rows
        if len(row) > 2 and isinstance(row[0], str) and number(row[1], sheet.decimal) is not None
    )
    firsts.pop("", None)
    if not firsts:
        return None
    word, times = firsts.most_common(1)[0]
    return word if times >= 3 and number(word, sheet.decimal) is None else None


def _without_label(row: Row, label: str | None) -> Row:
    """Return a row without its tag; in tagged files every row has one."""
    return row if label is None else row[1:]


def _headless(
    header: Sequence[tuple[int, Row]], label: str | None, decimal: str
) -> Sequence[tuple[int, Row]]:
    """Return the rows at the end of what stands before the numbers that hold one themselves.

    They are points whose other value is missing (``0.00,NaN``), and name nothing.
    """
    first = len(header)
    while first > 0:
        cells = [c for c in map(_word, _without_label(header[first - 1][1], label)) if c]
        if len(cells) < 2 or all(number(cell, decimal) is None for cell in (cells[0], cells[-1])):
            break
        first -= 1
    return header[first:]


def _names(
    header: Sequence[tuple[int, Row]], width: int, label: str | None
) -> tuple[list[str], bool]:
    """Return the names of the columns out of the text before them."""
    numbered = [f"column {k + 1}" for k in range(width)]
    rows = [[_word(c) for c in _without_label(row, label)] for _, row in header]
    wide = [row for row in rows if sum(bool(c) for c in row) >= 2]
    if not wide:
        return numbered, False
    names = wide[-1]
    if len(wide) > 1 and all(_UNIT_ROW.fullmatch(c) for c in names) and _are_units(names):
        above = wide[-2] + [""] * len(names)
        names = [f"{a} ({u.strip('[]()')})" if u else a for a, u in zip(above, names, strict=False)]
    names = [*names, *[""] * width][: max(width, len([n for n in names if n]))]
    return [name or numbered[k] if k < width else name for k, name in enumerate(names)], True


def _word(cell: object) -> str:
    """Return the text of a cell; plotting programs spell Greek letters by name."""
    return str(cell or "").strip().replace(r"\g(m)", "µ")


def _are_units(cells: Sequence[str]) -> bool:
    known = {"V", "mV", "uV", "A", "mA", "uA", "µA", "μA", "nA", "pA", "s", "ms", "us", "µs", "μs"}
    bare = [cell.strip("[]()") for cell in cells if cell]
    return bool(bare) and sum(cell in known for cell in bare) >= 0.5 * len(bare)


def _block(
    sheet: Sheet,
    names: Sequence[str],
    has_header: bool,
    body: Sequence[tuple[int, list[float]]],
    left_out: Counter[str],
) -> Block:
    width = max([len(names), *(len(values) for _, values in body)])
    table = np.full((len(body), width), np.nan)
    for k, (_, values) in enumerate(body):
        table[k, : len(values)] = values
    given = [*names, *(f"column {k + 1}" for k in range(len(names), width))]
    used = [k for k in range(width) if np.isfinite(table[:, k]).any() or k < len(names)]
    lines = [line for line, _ in body]
    return Block(sheet, [given[k] for k in used], has_header, table[:, used], lines, left_out)


def joined(found: Sequence[Block]) -> Iterator[tuple[Block, Array]]:
    """Yield blocks of the same names as one, with the number of the block of each row (n,)."""
    groups: dict[tuple[str, tuple[str, ...]], list[Block]] = {}
    for block in found:
        groups.setdefault((block.sheet.name, tuple(block.names)), []).append(block)
    for members in groups.values():
        first = members[0]
        values = np.vstack([member.values for member in members])
        lines = [line for member in members for line in member.lines]
        numbers = np.repeat(np.arange(len(members)), [len(member.lines) for member in members])
        yield (
            Block(first.sheet, first.names, first.has_header, values, lines, first.left_out),
            numbers.astype(np.float64),
        )
