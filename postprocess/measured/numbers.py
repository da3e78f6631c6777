"""Numbers as people and instruments write them."""

from __future__ import annotations

import math
import re

OVERFLOW = 1e30
"""Beyond it an instrument says that it could not measure (9.9e37, 9.91E+37)."""

_SPACES = "'’\u00a0\u202f\u2009 "
_POINT = re.compile(rf"[+-]?\d{{1,3}}(?:[,{_SPACES}]\d{{3}})+(?:\.\d*)?(?:[eE][+-]?\d+)?")
_COMMA = re.compile(rf"[+-]?\d{{1,3}}(?:[.{_SPACES}]\d{{3}})+(?:,\d*)?(?:[eE][+-]?\d+)?")
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?")
_GROUPS = {".": (_POINT, "," + _SPACES), ",": (_COMMA, "." + _SPACES)}


def number(cell: object, decimal: str = ".") -> float | None:
    """Return the number in a cell, None if there is none.

    Parameters
    ----------
    cell
        Text, or a number as a workbook holds it.
    decimal
        ``.`` or ``,``; the other one, spaces and apostrophes may group thousands.
    """
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell) if math.isfinite(cell) else None
    text = str(cell).strip().replace("−", "-")
    plain = text.replace(",", ".") if decimal == "," and "." not in text else text
    if _PLAIN.fullmatch(plain):
        return float(plain.replace("d", "e").replace("D", "e"))
    pattern, grouping = _GROUPS[decimal]
    if pattern.fullmatch(text) and not text.lstrip("+-").startswith("0"):
        return float(text.translate(dict.fromkeys(map(ord, grouping))).replace(",", "."))
    return None


def is_grouped(cell: str, decimal: str) -> bool:
    """Return whether a number is one only because separators of thousands are taken out."""
    text = cell.strip().replace("−", "-")
    plain = text.replace(",", ".") if decimal == "," and "." not in text else text
    return _PLAIN.fullmatch(plain) is None and number(cell, decimal) is not None
