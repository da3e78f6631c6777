"""Whatever stands in a config, the answer is a config or one line about it."""

import contextlib
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tusk.solver.config import FilamentConfig, build_config
from tusk.solver.config.yaml_file import read_yaml
from tusk.solver.errors import InputError

RESOLVED = build_config({}).resolved()
JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**400,
    float("nan"),
    "",
    "none",
    "-1 nm",
    "1e300 V",
    "\n{}%s",
    [],
    [[1]],
    {},
    {"kind": "none"},
    {1: {"a": None}},
)


def leaves(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every section and value of a config."""
    if path:
        yield path
    children = node if isinstance(node, dict) else {}
    if isinstance(node, list):
        children = dict(enumerate(node))
    for name, child in children.items():
        yield from leaves(child, (*path, name))


def outcome(raw: dict[str, Any]) -> FilamentConfig | str:
    """Return the config, or the line that says why there is none."""
    try:
        return build_config(raw)
    except InputError as error:
        line = str(error)
        assert "\n" not in line
        assert ": " in line
        return line


def replaced(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    raw = deepcopy(RESOLVED)
    node: Any = raw
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    return raw


SECTIONS = sorted({path[0] for path in leaves(RESOLVED)})


@pytest.mark.parametrize("section", SECTIONS)
def test_junk_in_any_place_is_refused_by_name(section: str) -> None:
    """The line names the section, or what depends on it."""
    related = {"stack": ("mesh", "filament"), "source": ("drive",), "materials": ("stack",)}
    for path in leaves(RESOLVED):
        if path[0] != section:
            continue
        for value in JUNK:
            result = outcome(replaced(path, value))
            if isinstance(result, str):
                assert result.startswith((section, *related.get(section, ()))), (path, value)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(raw=st.dictionaries(st.sampled_from([*SECTIONS, "x"]), values, max_size=3))
def test_any_mapping_has_an_answer(raw: dict[str, Any]) -> None:
    outcome(raw)


@settings(max_examples=100, deadline=None)
@given(content=st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_any_file_has_an_answer(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path: Path = tmp_path_factory.getbasetemp() / "fuzz.yaml"
    path.write_bytes(content)
    with contextlib.suppress(InputError):
        read_yaml(path)
