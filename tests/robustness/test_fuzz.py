"""Ten thousand configs in process and 200 by command: accepted, or refused in one line."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from disturbed import TUSK, finish, start
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tusk.solver.config import build_config, load_config
from tusk.solver.errors import InputError

IN_PROCESS, BY_COMMAND = 10_000, 200

NUMBERS = st.one_of(
    st.sampled_from(["0", "-1", "1e-30", "1e30", "nan", "inf", "1", "0.5", "3", "1_0", "1e400"]),
    st.floats(allow_nan=False, width=32).map(repr),
    st.integers(-5, 50).map(str),
)
UNITS = st.sampled_from(
    ["nm", "m", "V", "mV", "A", "uA", "s", "ns", "K", "eV", "J", "Hz", "m/s", "V/s", "m^-3", "ohm",
     "S/m", "W/m/K", "kg/m^3", "J/kg/K", "1/K", "1/K^2", "u", "", "%", "furlong", "nm nm"]
)  # fmt: skip
QUANTITIES = st.tuples(NUMBERS, UNITS).map(" ".join)
SCALARS = st.one_of(
    QUANTITIES,
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.sampled_from(["none", "auto", "draft", "both", "growth", "nearest", "keep", "Cu", "Ag"]),
)
JUNK = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(max_size=5), inner, max_size=2),
    ),
    max_leaves=5,
)

DRIVES: list[Any] = [
    [{"triangle": {"amplitude": "2 V", "rate": "1 V/s"}}],
    [{"ramp": {"to": "2 V", "rate": "1 V/s"}, "until": {"quantity": "current_A", "above": "1 uA"}},
     {"hold": {"for": "1 ms"}}],
    [{"pulse": {"amplitude": "1 V", "width": "10 ns", "rise": "1 ns", "fall": "1 ns", "count": 5,
                "period": "100 ns"}}],
]  # fmt: skip
RESOLVED = [build_config({"drive": drive}).resolved() for drive in DRIVES]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every section and value of a config."""
    children = node.items() if isinstance(node, dict) else ()
    if isinstance(node, list):
        children = enumerate(node)
    own = [path] if path else []
    return own + [found for name, child in children for found in places(child, (*path, name))]


@st.composite
def configs(draw: Any) -> dict[str, Any]:
    """A complete config in which a few places hold something else, or are gone or misspelt."""
    raw = deepcopy(draw(st.sampled_from(RESOLVED)))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(places(raw)))
        node = raw
        for name in path[:-1]:
            node = node[name]
        change = draw(st.sampled_from(("value", "value", "value", "remove", "rename", "swap")))
        if change == "remove" and isinstance(node, dict):
            del node[path[-1]]
        elif change == "rename" and isinstance(node, dict):
            node[draw(st.text(max_size=8))] = node.pop(path[-1])
        elif change == "swap":
            other = raw
            for name in draw(st.sampled_from(places(raw))):
                other = other[name]
            node[path[-1]] = deepcopy(other)
        else:
            node[path[-1]] = draw(JUNK)
    return raw


def test_ten_thousand_configs_in_process() -> None:
    accepted, refused = 0, 0

    @settings(max_examples=IN_PROCESS, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(raw=configs())
    def each(raw: dict[str, Any]) -> None:
        nonlocal accepted, refused
        try:
            config = build_config(raw)
        except InputError as error:
            refused += 1
            line = str(error)
            assert "\n" not in line
            assert ": " in line
            return
        accepted += 1
        again = build_config(yaml.safe_load(config.to_yaml()))
        assert again.physics_hash() == config.physics_hash()

    each()
    print(f"{accepted} accepted, {refused} refused")
    assert accepted + refused >= IN_PROCESS
    assert min(accepted, refused) > IN_PROCESS // 50


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Files of configs, some of which are no YAML at all."""
    folder = tmp_path_factory.mktemp("fuzz")
    files: list[Path] = []

    @settings(max_examples=BY_COMMAND, deadline=None, database=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(raw=configs(), noise=st.one_of(st.just(b""), st.just(b""), st.binary(max_size=20)))
    def write(raw: dict[str, Any], noise: bytes) -> None:
        path = folder / f"{len(files)}.yaml"
        path.write_bytes(yaml.safe_dump(raw, allow_unicode=True).encode() + noise)
        files.append(path)

    write()
    return files[:BY_COMMAND]


def test_two_hundred_configs_by_command(samples: list[Path]) -> None:
    """What the command says of a file is what loading it says."""
    codes = []
    for path in samples:
        result = finish(start(*TUSK, "run", str(path), "--dry-run", cwd=path.parent))
        try:
            load_config(path)
            expected = 0
        except InputError:
            expected = 1
        assert result.code == expected, (path.read_bytes(), result)
        assert result.is_clean, (path.read_bytes(), result)
        assert result.err.count("\n") == expected, (path.read_bytes(), result)
        codes.append(result.code)
    print(f"{codes.count(0)} accepted, {codes.count(1)} refused")
    assert len(codes) == BY_COMMAND
    assert set(codes) == {0, 1}
