"""Configs that come with the program: found by name, wherever it is installed."""

from __future__ import annotations

import difflib
from importlib.resources import files
from pathlib import Path

from ..errors import InputError


def shipped_configs() -> dict[str, Path]:
    """Return the shipped configs by name."""
    folder = Path(str(files("tusk.configs")))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def find_config(path: Path) -> Path:
    """Return the file of that path or, if there is none, the shipped config of that name.

    Parameters
    ----------
    path
        A file, or a name without a folder; ``.yaml`` may be left out.

    Raises
    ------
    InputError
        If there is neither.
    """
    if path.exists() or path.parent != Path():
        return path
    known = shipped_configs()
    if path.suffix in ("", ".yaml") and path.stem in known:
        return known[path.stem]
    if path.suffix not in ("", ".yaml", ".yml"):
        return path
    match = difflib.get_close_matches(path.stem, known, n=1, cutoff=0.6)
    hint = f", did you mean {match[0]}?" if match else ""
    what = f"no such file, and no shipped config of that name{hint}"
    raise InputError(f"{path}: {what} (`tusk configs` lists them)")


def first_comment(path: Path) -> str:
    """Return what a config says of itself in its first line that is a comment in words."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") and "yaml-language-server" not in line:
            return line.lstrip("# ").strip()
    return ""
