"""Configs whose classes from files have been built and tried; without such files, plain ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from tusk.solver.config import FilamentConfig, RunConfig, load_config
from tusk.solver.config.shipped import find_config
from tusk.solver.config.yaml_file import line_of
from tusk.solver.errors import ConfigError, InputError

__all__ = ["check_code", "load_checked", "problems"]


def load_checked(path: Path, overrides: Sequence[str], allow_code: bool) -> RunConfig:
    """Return a config, see `load_config`; this runs the files that it names, if that is allowed.

    Raises
    ------
    InputError
        Also if a class is not there, or does not do what is asked of it.
    """
    config = load_config(path, overrides, allow_code)
    if config.code():
        check_code(config)
    return config


def check_code(config: RunConfig) -> None:
    """Build every law and observable of a config, and try those from files.

    Raises
    ------
    InputError
        The first thing that is wrong.
    """
    from tusk.solver.closures.build import check_laws
    from tusk.solver.closures.observables import build_observables

    ours = cast(FilamentConfig, config)  # no other model chooses laws
    check_laws(ours)
    build_observables(ours)


def problems(path: Path, error: InputError | None) -> list[dict[str, str | int | None]]:
    """Return key, message and line of everything that is wrong in a config.

    The line is None for what is not in the file; the list is empty for errors that have no key.
    """
    if not isinstance(error, ConfigError):
        return []
    file = find_config(path)
    return [
        {"key": key, "message": " ".join(message.split()), "line": line_of(file, key)}
        for key, message in error.problems
    ]
