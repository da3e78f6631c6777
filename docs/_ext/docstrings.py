"""Docstrings are plain text with ``literals`` and `names`; nothing else in them is markup."""

from __future__ import annotations

import re
from typing import Any

from sphinx.application import Sphinx

_QUOTED = re.compile(r"(``.+?``|`[^`]+?`)")


def escaped(line: str) -> str:
    """Return a line in which |I|, v* and J_ mean themselves."""
    parts = _QUOTED.split(line)
    for k in range(0, len(parts), 2):
        plain = parts[k].replace("|", r"\|")
        plain = re.sub(r"(?<!^)(?<! \*)\*(?!\*?\w+\s*:)", r"\*", plain)
        parts[k] = re.sub(r"(\w)_(?!\w)", r"\1\_", plain)
    return "".join(parts)


def plain(
    _app: Sphinx, _what: str, _name: str, _object: Any, _options: Any, lines: list[str]
) -> None:
    """Escape a docstring in place; code after ``>>>`` stays as it is."""
    lines[:] = [line if ">>>" in line else escaped(line) for line in lines]


def setup(app: Sphinx) -> dict[str, bool]:
    """Come before what reads the sections of a docstring."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", plain, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
