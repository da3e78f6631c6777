"""Tunnel laws from a Python file of the user's own, ``tunnel.model: my_file.py:MyLaw``."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError, TuskError
from .base import closest, describe, problem

_SPEC = re.compile(r"(?P<file>[^:\n]+\.py):(?P<name>[A-Za-z_]\w*)")
_KEY = "tunnel.model"
_METHOD = "conductance_per_area"


def is_law_spec(spec: str) -> bool:
    """Return whether `spec` reads ``file.py:ClassName``."""
    return _SPEC.fullmatch(spec) is not None


def locate_law(spec: str, base_dir: Path) -> str:
    """Return `spec` with the full path of its file.

    Raises
    ------
    PydanticCustomError
        If the file does not exist.
    """
    name = spec.rpartition(":")[2]
    path = law_file(spec, base_dir)
    if not path.is_file():
        raise problem("no such file", got=str(path))
    return f"{path}:{name}"


def law_file(spec: str, base_dir: Path = Path()) -> Path:
    """Return the full path of the file in `spec`."""
    return (base_dir / spec.rpartition(":")[0]).expanduser().resolve()


def load_law(spec: str, base_dir: Path = Path()) -> type[Any]:
    """Import and return the class named by `spec`. This runs the code of the file.

    Parameters
    ----------
    spec
        ``file.py:ClassName``.
    base_dir
        Folder that a relative file name starts from.

    Raises
    ------
    InputError
        If the file cannot be imported, or the class is missing or has no method
        ``conductance_per_area(gap, voltage, temperature)``.
    """
    path = law_file(spec, base_dir)
    name = spec.rpartition(":")[2]
    module_spec = importlib.util.spec_from_file_location(f"tusk_extension_{path.stem}", path)
    if not is_law_spec(spec) or module_spec is None or module_spec.loader is None:
        raise InputError(f"{_KEY}: {describe('not a law', 'file.py:ClassName', spec)}")
    module = importlib.util.module_from_spec(module_spec)
    sys.modules[module_spec.name] = module  # dataclasses look their module up there
    try:
        module_spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever the file raises is an error of the input
        del sys.modules[module_spec.name]
        cause = " ".join(str(error).split())
        what = f"{path} cannot be imported ({type(error).__name__}: {cause})"
        raise InputError(f"{_KEY}: {what}") from error
    law = getattr(module, name, None)
    if not isinstance(law, type):
        classes = [n for n, v in vars(module).items() if isinstance(v, type)]
        what = f"no class of this name in {path}{closest(name, classes)}"
        raise InputError(f"{_KEY}: {describe(what, got=name)}")
    if not callable(getattr(law, _METHOD, None)):
        what = f"class without a method {_METHOD}(gap, voltage, temperature)"
        raise InputError(f"{_KEY}: {describe(what, got=name)}")
    return law


def try_law(spec: str, build: Callable[[], Any]) -> None:
    """Build a law and ask it for numbers and for formulas, as a run will.

    Parameters
    ----------
    spec
        ``file.py:ClassName``, for the message.
    build
        Returns the law.

    Raises
    ------
    InputError
        If the law raises anything, or if its conductance at 1 nm, 0.1 V and 300 K is no number
        above zero.
    """
    import ufl

    point = (1e-9, 0.1, 300.0)  # m, V, K
    try:
        law = build()
        law.conductance_per_area(*(ufl.variable(ufl.as_ufl(value)) for value in point))
        numbers = (np.full(1, value) for value in point)
        value = float(np.asarray(law.conductance_per_area(*numbers))[0])
        if not 0.0 < value < np.inf:
            raise ValueError(f"conductance_per_area(1 nm, 0.1 V, 300 K) is {value:g}")
    except TuskError:
        raise
    except Exception as error:  # whatever a law raises is an error of the input
        cause = " ".join(str(error).split())
        allowed = "formulas of tusk.solver.physics.functions"
        what = f"{spec} fails with {type(error).__name__}: {cause}, allowed {allowed}"
        raise InputError(f"{_KEY}: {what}") from error
