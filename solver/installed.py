"""How this copy of the program was installed: what a message advises depends on it."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
"""The folder of the repository, where the program runs from one."""

ELSEWHERE = "conda-forge (python-gmsh, fenics-dolfinx) or a DOLFINx container"


def is_checkout() -> bool:
    """Return whether the program runs from a clone of its repository, which `make` sets up."""
    return all((CHECKOUT / name).is_file() for name in ("Makefile", "pyproject.toml", "uv.lock"))


def has_wheels() -> bool:
    """Return whether DOLFINx comes as a wheel for this machine."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


def ways_to_install() -> str:
    """Return how to get DOLFINx and what it needs, here."""
    if is_checkout():
        return (
            "on Linux x86_64 run `make setup`; elsewhere use conda-forge "
            "(`conda env create -f environment.yml`) or a DOLFINx container (README.md, Install)"
        )
    if has_wheels():
        return f'`pip install "tusk-fem[dolfinx]"`, or {ELSEWHERE}'
    if sys.platform == "win32":
        return f'on Windows use WSL2, and there `pip install "tusk-fem[dolfinx]"`, or {ELSEWHERE}'
    return f"there is no wheel of DOLFINx for this machine: {ELSEWHERE}"
