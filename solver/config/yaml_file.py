"""Reading a config file: YAML 1.2 scalars, no aliases, no duplicate keys, bounded size."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import yaml

from ..errors import InputError
from .base import describe

_LARGEST_FILE = 2_000_000
_DEEPEST = 12

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML built without libyaml: slower, otherwise the same
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]


class _Refused(yaml.YAMLError):
    """YAML that is well-formed but not accepted here."""


class _Loader(_BaseLoader):
    """Safe loader that refuses duplicate keys and knows the scalars of YAML 1.2.

    ``1e26`` is a number, ``no`` and ``on`` are words.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused(f"{_line(key)}: a key must be a plain word")
            if key.value in seen:
                raise _Refused(f"{_line(key)}: duplicate key {key.value!r}")
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {}  # the scalars of YAML 1.1 are forgotten
_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", rf"{_NUMBER}|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first)
    )


def parse_yaml(text: str) -> object:
    """Return the value of a YAML text.

    Raises
    ------
    yaml.YAMLError
        If it is not YAML, or not of the kind accepted here.
    ValueError
        If a number in it has thousands of digits.
    """
    _check_events(text)
    return yaml.load(text, Loader=_Loader)  # noqa: S506  (a safe loader)


def _check_events(text: str) -> None:
    """Refuse aliases (they expand without limit) and deep nesting, before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.AliasEvent):
            raise _Refused(f"{_line(event)}: aliases (*) are not accepted")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise _Refused(f"{_line(event)}: nested more than {_DEEPEST} deep")


def _line(item: yaml.Event | yaml.Node) -> str:
    return f"line {item.start_mark.line + 1}" if item.start_mark else "somewhere"


def line_of(path: Path, key: str) -> int | None:
    """Return the line, from 1, at which a key of a config stands, or the section that lacks it.

    Parameters
    ----------
    path
        A YAML file that can be read.
    key
        Dotted, with numbers of list items in brackets: ``drive[0].pulse.width``.

    Returns
    -------
    int or None
        None if not even its first part is in the file.
    """
    node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader)
    line = None
    for part in re.findall(r"[^.\[\]]+", key):
        found = _below(node, part)
        if found is None:
            break
        line, node = found
    return line


def _below(node: yaml.Node | None, part: str) -> tuple[int, yaml.Node] | None:
    """Return the line and the value of an entry of a mapping or a list, None if it has none."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == part:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and part.isdigit() and int(part) < len(node.value):
        item = node.value[int(part)]
        return item.start_mark.line + 1, item
    return None


def yaml_problem(error: Exception) -> str:
    """Return a YAML error in one line."""
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.MarkedYAMLError) and mark is not None:
        return f"line {mark.line + 1}: {error.problem or error.context}"
    return " ".join(str(error).split())[:200]


def read_yaml(path: Path) -> dict[str, object]:
    """Return the mapping in a config file.

    Raises
    ------
    InputError
        If the file cannot be read or is no such mapping; the message names `path`.
    """
    data = _parse_file(path)
    if not isinstance(data, dict):
        what = "file is empty" if data is None else "not a config file"
        raise InputError(f"{path}: {describe(what, 'a mapping of sections')}")
    return data


def _parse_file(path: Path) -> object:
    try:
        text = _read_text(path)
        return parse_yaml(text)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not a text file") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InputError(f"{path}: not valid YAML ({yaml_problem(error)})") from None


def _read_text(path: Path) -> str:
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{path}: is a folder, a config file is needed")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{path}: not a regular file")
    if status.st_size > _LARGEST_FILE:
        size = f"{status.st_size} bytes"
        raise InputError(f"{path}: {describe('too large', f'<= {_LARGEST_FILE} bytes', size)}")
    return path.read_text(encoding="utf-8")
