"""The files of a run directory that two equal runs share, and its summary."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILES = ("timeseries.csv", "filament.csv", "fields.pvd")
WITH_CONTACT = "contact.csv"


def contents(out: Path) -> dict[str, bytes]:
    """Return the tables and field files of a run by name: all but what names times of day."""
    paths = [*(out / name for name in FILES), *sorted((out / "fields").iterdir())]
    paths += [path for path in (out / WITH_CONTACT,) if path.exists()]
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def record(out: Path) -> dict[str, Any]:
    """Return the summary of a run."""
    content: dict[str, Any] = json.loads((out / "run.json").read_text())
    return content
