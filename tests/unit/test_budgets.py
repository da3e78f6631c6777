"""The budgets count what they say they count."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = """\
from typing import Any

from tusk.solver import errors
from tusk.solver.errors import TuskError


class Shown:
    state: int | None = None
    text: str

    def __init__(self) -> None:
        self.other: str | None = None

    @property
    def one(self) -> Any:
        assert self.state is not None
        return self.state

    def two(self, config: "FilamentConfig", **options: Any) -> bool:
        from tusk.meshes import curve
        return isinstance(config, FilamentConfig) or config.model == "mesoscopic"

    def _hidden(self) -> None:
        names = ("a",
                 "b")  # fmt: skip
"""


@pytest.fixture
def budgets(repository: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("budgets", repository / ".ci/budgets.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "budgets", module)  # dataclasses look their module up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name, text in {
        "solver/models/shown.py": SOURCE,
        "solver/errors.py": "class TuskError(Exception):\n    pass\n",
        "meshes/curve.py": "def long() -> None:\n" + "    pass\n" * 50,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_everything_is_counted(budgets: ModuleType, tree: Path) -> None:
    found = budgets.measure(tree)
    name = "solver/models/shown.py"
    assert found.modules["meshes/curve.py"] == 51
    assert found.functions["meshes/curve.py:long"] == 51
    assert found.methods[f"{name}:Shown"] == 2
    assert found.fan_out[name] == 2  # errors, imported twice, and curve
    assert found.any[name] == 2
    assert found.optional_state[name] == 2
    assert found.assert_not_none[name] == 1
    assert found.model_checks[name] == 2
    assert found.keyword_bags[name] == 1
    assert found.unformatted[name] == 1


def test_nothing_grows_and_entries_shrink(budgets: ModuleType, tree: Path) -> None:
    limits = {
        "limits": {"modules": 400, "functions": 40, "methods": 15, "fan_out": 12},
        "sums": dict.fromkeys(
            (
                "any",
                "optional_state",
                "assert_not_none",
                "model_checks",
                "keyword_bags",
                "unformatted",
            ),
            2,
        ),
    }
    found = budgets.measure(tree)
    (line,) = budgets.complaints(found, limits)
    assert line == "meshes/curve.py:long: 51 lines of a function, with its docstring, 40 allowed"
    limits["functions"] = {"meshes/curve.py:long": 60, "gone.py:gone": 99}
    assert list(budgets.complaints(found, limits)) == []
    text = budgets.renewed(found, limits, grant=False)
    assert '"meshes/curve.py:long" = 51' in text
    assert "gone.py" not in text
    assert "unformatted = 1 " in text
    limits["sums"]["any"] = 1
    (line,) = budgets.complaints(found, limits)
    assert line.startswith("2 uses of Any, 1 allowed; most in solver/models/shown.py 2")


def test_tightening_grants_nothing_new(budgets: ModuleType, tree: Path) -> None:
    limits = {"limits": {"functions": 40}, "sums": {"any": 1}}
    found = budgets.measure(tree)
    assert "long" not in budgets.renewed(found, limits, grant=False)
    assert "any = 1 " in budgets.renewed(found, limits, grant=False)
    assert '"meshes/curve.py:long" = 51' in budgets.renewed(found, limits, grant=True)
