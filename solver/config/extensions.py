"""Classes in Python files of the user's own, named ``my_file.py:MyClass`` in a config."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

from ..errors import InputError
from .base import closest, describe, problem

_SPEC = re.compile(r"(?P<file>[^:\n]+\.py):(?P<name>[A-Za-z_]\w*)")
SPEC_PATTERN = rf"^{_SPEC.pattern.replace('?P<file>', '?:').replace('?P<name>', '?:')}$"


def is_spec(text: object) -> bool:
    """Return whether `text` reads ``file.py:ClassName``."""
    return isinstance(text, str) and _SPEC.fullmatch(text) is not None


def located(spec: str, base_dir: Path) -> str:
    """Return `spec` with the full path of its file.

    Raises
    ------
    PydanticCustomError
        If the file does not exist.
    """
    path = file_of(spec, base_dir)
    if not path.is_file():
        raise problem("no such file", got=str(path))
    return f"{path}:{spec.rpartition(':')[2]}"


def file_of(spec: str, base_dir: Path = Path()) -> Path:
    """Return the full path of the file in `spec`."""
    return (base_dir / spec.rpartition(":")[0]).expanduser().resolve()


def content_of(spec: str) -> str:
    """Return the SHA-256 (hex) of the file in `spec`.

    Raises
    ------
    InputError
        If the file cannot be read any more.
    """
    path = file_of(spec)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error


def load_class(spec: str, key: str, base_dir: Path = Path()) -> type[Any]:
    """Import and return the class named by `spec`. This runs the code of the file.

    Parameters
    ----------
    spec
        ``file.py:ClassName``.
    key
        Config key, for messages.
    base_dir
        Folder that a relative file name starts from.

    Raises
    ------
    InputError
        If the file cannot be imported or has no such class.
    """
    if not is_spec(spec):
        raise InputError(f"{key}: {describe('not a class in a file', 'file.py:ClassName', spec)}")
    path, name = file_of(spec, base_dir), spec.rpartition(":")[2]
    module = _module(path, key)
    found = getattr(module, name, None)
    if not isinstance(found, type):
        classes = [n for n, v in vars(module).items() if isinstance(v, type)]
        what = f"no class of this name in {path}{closest(name, classes)}"
        raise InputError(f"{key}: {describe(what, got=name)}")
    return found


def _module(path: Path, key: str) -> Any:
    """Import a file, once as long as it stays the same."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{key}: {path} cannot be read ({error.strerror})") from error
    digest = hashlib.sha256(str(path).encode() + content).hexdigest()[:16]
    name = f"tusk_extension_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"{key}: {path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up there
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:  # whatever the file raises is an error of the input
        del sys.modules[name]
        cause = " ".join(str(error).split())
        what = f"{path} cannot be imported ({type(error).__name__}: {cause})"
        raise InputError(f"{key}: {what}") from error
    return module
