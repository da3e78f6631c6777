"""BibTeX of the papers and programs that a run used."""

import re
from collections.abc import Iterable
from importlib.resources import files

from tusk.postprocess.run import Run

ALWAYS = ("numpy", "scipy")
FILAMENT = ("dolfinx", "ufl", "mumps", "gmsh")
"""What stands behind the finite-element model."""


def library() -> dict[str, str]:
    """Return all entries by key."""
    text = files("tusk.postprocess").joinpath("references.bib").read_text(encoding="utf-8")
    entries = re.findall(r"^@\w+\{(\w+),.*?^\}", text, flags=re.MULTILINE | re.DOTALL)
    bodies = re.findall(r"^@\w+\{\w+,.*?^\}", text, flags=re.MULTILINE | re.DOTALL)
    return dict(zip(entries, bodies, strict=True))


def used_keys(run: Run) -> list[str]:
    """Return the keys of what one run used: its parameter set, laws and programs."""
    config = run.config
    chosen = [str((run.summary.get("parameter_set") or {}).get("name", ""))]
    contact = str((config.get("contact") or {}).get("model", "none"))
    if contact != "none" or config.get("model") == "mesoscopic":
        chosen.append("miranda2024")
    if config.get("model") in ("atomic_chain", "atomistic") or (config.get("contact") or {}).get(
        "recoil"
    ):
        chosen.append("kharlanov2023")
    if config.get("model") == "atomistic":
        chosen.append("zhou2004")
    if "simmons" in str((config.get("tunnel") or {}).get("model", "")):
        chosen.append("simmons1963")
    chosen += FILAMENT if config.get("model") == "filament_fem" else ()
    return [*chosen, *ALWAYS]


def bibtex(runs: Iterable[Run]) -> str:
    """Return the entries of everything that some runs used, each once."""
    entries = library()
    keys = dict.fromkeys(key for run in runs for key in used_keys(run))
    return "\n\n".join(entries[key] for key in keys if key in entries)
