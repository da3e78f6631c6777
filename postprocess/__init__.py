"""Reading run directories and drawing their figures, without DOLFINx.

The names below are imported on first use: ``import tusk.postprocess`` loads neither pandas nor
matplotlib nor PyVista.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tusk.postprocess.figures import make_figures as make_figures
    from tusk.postprocess.interactive import make_elephant_page as make_elephant_page
    from tusk.postprocess.movie import make_movie as make_movie
    from tusk.postprocess.run import Run as Run
    from tusk.postprocess.run import open_run as open_run

_HOMES = {
    "Run": "tusk.postprocess.run",
    "open_run": "tusk.postprocess.run",
    "make_elephant_page": "tusk.postprocess.interactive",
    "make_figures": "tusk.postprocess.figures",
    "make_movie": "tusk.postprocess.movie",
}

__all__ = ["Run", "make_elephant_page", "make_figures", "make_movie", "open_run"]


def __getattr__(name: str) -> Any:
    """Import the module that holds a public name when the name is first asked for (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """Return what completion offers: the public names, although they are imported late."""
    return sorted({*globals(), *__all__})
