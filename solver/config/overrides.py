"""``--set key=value``: changes to a config file from the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

import yaml

from ..errors import InputError
from .base import describe
from .yaml_file import parse_yaml, yaml_problem

_KEY = re.compile(r"[A-Za-z_]\w*(?:\[\d{1,4}\]|\.\w+)*")


def apply_overrides(
    raw: dict[str, object], overrides: Sequence[str], defaults: Mapping[str, object]
) -> dict[str, object]:
    """Return `raw` with every ``key=value`` set; values are YAML, a mapping replaces a section.

    Parameters
    ----------
    raw
        Config as in the file.
    overrides
        Such as ``source.compliance_current=100 uA`` or ``drive[0].triangle.rate=10 V/s``.
    defaults
        The parameter set; lists that the file leaves out are taken from it.
    """
    result = deepcopy(raw)
    for override in overrides:
        key, sign, text = override.partition("=")
        key = key.strip()
        if not sign or not _KEY.fullmatch(key):
            raise InputError(f"--set: {describe('not an assignment', 'key=value', override)}")
        try:
            value = parse_yaml(text)
        except (yaml.YAMLError, ValueError) as error:
            raise InputError(f"{key}: not a YAML value ({yaml_problem(error)})") from None
        path = re.findall(r"\w+", key)
        top = path[0]
        if top not in result and isinstance(defaults.get(top), list) and len(path) > 1:
            result[top] = deepcopy(defaults[top])
        _assign(result, path, value, key)
    return result


def set_keys(overrides: Sequence[str]) -> set[str]:
    """Return the dotted keys that `apply_overrides` assigns."""
    return {override.partition("=")[0].strip() for override in overrides}


def _assign(container: Any, path: Sequence[str], value: object, key: str) -> None:
    """Set ``container[path[0]][path[1]]... = value``, making sections that are left out."""
    for name, following in zip(path, [*path[1:], None], strict=True):
        index: str | int = name
        if isinstance(container, list):
            if not name.isdigit() or int(name) >= len(container):
                allowed = f"0 to {len(container) - 1}"
                raise InputError(f"{key}: {describe('no such list entry', allowed, name)}")
            index = int(name)
        elif not isinstance(container, dict):
            raise InputError(f"{key}: {describe('not a section', got=container)}")
        if following is None:
            container[index] = value
            return
        if isinstance(container, dict) and container.get(name) is None:
            container[name] = {}
        container = container[index]
