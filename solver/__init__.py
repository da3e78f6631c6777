"""Configuration, physics and solvers of Tusk.

``tusk.solver.run(config)`` runs one configuration; what it needs is imported when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tusk.solver.runner import run

__all__ = ["run"]


def __getattr__(name: str) -> Any:
    """Import the runner only when it is asked for."""
    if name != "run":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from tusk.solver.runner import run

    return run
