"""Files as sheets of cells: text in any encoding and dialect, workbooks, MATLAB, TDMS."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tusk.postprocess.measured.numbers import is_grouped, number
from tusk.solver.errors import InputError

type Row = Sequence[object]

WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PROBED = 400
"""Lines, spread over a file, by which its separator is chosen."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SEPARATORS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "bar", " ": "spaces"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cells by row.

    Attributes
    ----------
    name
        Of the sheet in a workbook; empty for text.
    rows
        Cells: text or numbers.
    decimal
        ``.`` or ``,`` in cells of text.
    said
        How it was read, in words.
    """

    name: str
    rows: Sequence[Row]
    decimal: str = "."
    said: str = ""


def read_sheets(path: Path) -> list[Sheet]:
    """Return what stands in a file.

    Raises
    ------
    InputError
        If it cannot be read, is empty, or its format needs a package that is not installed.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if not data.strip(b"\x00\r\n\t ") or data in dict(_MARKS):
        raise InputError(f"{path}: the file is empty, a table of numbers is wanted")
    kind = path.suffix.lower()
    if kind in WORKBOOKS or data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        return _workbook(path, data)
    if kind == ".mat" or data[:6] == b"MATLAB":
        return _matlab(path)
    if kind == ".tdms" or data[:4] == b"TDSm":
        return _tdms(path)
    text, encoding = _decoded(path, data)
    return [_text_sheet(path, text, encoding)]


# --- text -----------------------------------------------------------------------------------------


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    """Return the text of a file and the name of its encoding."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    candidates = [marked] if marked else [*_without_mark(data), "utf-8", "cp1252", "latin-1"]
    for name in candidates:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise InputError(f"{path}: no text, a table of numbers is wanted")
        return text, name.removesuffix("-sig").upper()
    raise InputError(f"{path}: is said to be {marked} and is not")


def _without_mark(data: bytes) -> list[str]:
    """Return UTF-16 where every other byte of what was probed is zero."""
    probe = data[:2000]
    for name, part in (("utf-16-le", probe[1::2]), ("utf-16-be", probe[0::2])):
        if len(part) > 3 and part.count(0) > 0.7 * len(part):
            return [name]
    return []


def _text_sheet(path: Path, text: str, encoding: str) -> Sheet:
    lines = text.splitlines()
    separator, decimal = _dialect(path, lines)
    rows = [_cells(line, separator) for line in lines]
    point = "point" if decimal == "." else "comma"
    said = f"{encoding} text, {_SEPARATORS[separator]} between columns, decimal {point}"
    return Sheet("", rows, decimal, said)


def _cells(line: str, separator: str) -> list[str]:
    if separator == " ":
        return line.split()
    if '"' in line:
        return [cell.strip() for cell in next(csv.reader(io.StringIO(line), delimiter=separator))]
    return [cell.strip() for cell in line.split(separator)]


def _dialect(path: Path, lines: Sequence[str]) -> tuple[str, str]:
    """Return separator and decimal sign under which most lines are rows of equally many numbers."""
    some = [line for line in lines if re.search(r"\d", line)]
    some = some[:: max(1, len(some) // PROBED)]
    best, chosen = (0, 0, 0.0), None
    for separator in _SEPARATORS:
        for decimal in (".", ","):
            if separator == decimal:
                continue
            score = _score(some, separator, decimal)
            if score > best:
                best, chosen = score, (separator, decimal)
    if chosen is None:
        raise InputError(f"{path}: two or more columns of numbers are wanted, got none")
    return chosen


def _score(lines: Sequence[str], separator: str, decimal: str) -> tuple[int, int, float]:
    """Return how many lines hold numbers alone, how many some, and fewer groups of digits."""
    widths: Counter[int] = Counter()
    grouped = whole = 0
    for line in lines:
        cells = [cell for cell in _cells(line, separator) if cell]
        numbers = [cell for cell in cells if number(cell, decimal) is not None]
        if len(numbers) >= 2 and len(cells) - len(numbers) <= len(numbers) // 2:
            widths[len(numbers)] += 1
            whole += len(cells) == len(numbers)
            grouped += sum(is_grouped(cell, decimal) for cell in numbers)
    if not widths:
        return 0, 0, 0.0
    return whole, sum(widths.values()), -grouped - 0.001 * len(widths)


# --- other formats --------------------------------------------------------------------------------


def _workbook(path: Path, data: bytes) -> list[Sheet]:
    from python_calamine import CalamineError, load_workbook

    try:
        book = load_workbook(io.BytesIO(data))
        names = book.sheet_names
        sheets = [Sheet(n, book.get_sheet_by_name(n).to_python(), ".", "workbook") for n in names]
    except (CalamineError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a workbook ({error})") from error
    return [sheet for sheet in sheets if sheet.rows]


def _matlab(path: Path) -> list[Sheet]:
    from scipy.io import loadmat

    try:
        content = loadmat(path, squeeze_me=True)
    except (NotImplementedError, ValueError, TypeError, OSError) as error:
        what = f"cannot be read as MATLAB 5 to 7.2 ({error}), allowed: save it with -v7 or as CSV"
        raise InputError(f"{path}: {what}") from error
    vectors = {
        name: np.asarray(value, dtype=float)
        for name, value in content.items()
        if not name.startswith("__") and np.asarray(value).dtype.kind in "fiu"
    }
    return _columns(path, vectors, "MATLAB")


def _tdms(path: Path) -> list[Sheet]:
    try:
        from nptdms import TdmsFile
    except ImportError:
        raise InputError(
            f"{path}: TDMS files need npTDMS, which is not installed: pip install 'tusk-fem[tdms]'"
        ) from None
    vectors = {
        channel.name: np.asarray(channel[:], dtype=float)
        for group in TdmsFile.read(path).groups()
        for channel in group.channels()
        if channel.dtype is not None and np.dtype(channel.dtype).kind in "fiu"
    }
    return _columns(path, vectors, "TDMS")


def _columns(path: Path, vectors: dict[str, np.ndarray], said: str) -> list[Sheet]:
    """Return vectors of the longest length found, and matrices, as sheets with headers."""
    sheets = []
    flat = {name: v for name, v in vectors.items() if v.ndim == 1 and len(v) > 2}
    if flat:
        length = Counter(len(v) for v in flat.values()).most_common(1)[0][0]
        chosen = {name: v for name, v in flat.items() if len(v) == length}
        if len(chosen) > 1:
            rows = [list(chosen), *np.column_stack(list(chosen.values())).tolist()]
            sheets.append(Sheet("", rows, ".", said))
    for name, matrix in vectors.items():
        if matrix.ndim == 2 and min(matrix.shape) >= 2:
            tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
            sheets.append(Sheet(name, tall.tolist(), ".", said))
    if not sheets:
        names = ", ".join(vectors) or "none of numbers"
        raise InputError(f"{path}: two vectors of equal length are wanted, got {names}")
    return sheets
