"""Configuration, physics and solvers of Tusk.

``tusk.solver.run(config)`` runs one configuration in a directory, ``simulate(Cell(...))`` a cell
made of objects in memory; what they need is imported when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tusk.solver.cell import Cell, Result, simulate
    from tusk.solver.runner import run

    __version__: str

__all__ = ["Cell", "Result", "__version__", "run", "simulate"]


def __getattr__(name: str) -> Any:
    """Import the runner, or look the version up, only when it is asked for."""
    if name == "run":
        from tusk.solver.runner import run

        return run
    if name in ("Cell", "Result", "simulate"):
        from tusk.solver import cell

        return getattr(cell, name)
    if name == "__version__":
        from importlib.metadata import version

        return version("tusk-fem")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what completion offers: the public names, although they are imported late."""
    return sorted({*globals(), *__all__})
