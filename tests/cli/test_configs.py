"""Shipped configs: listed, copied, and run by their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tusk.solver.config import load_config
from tusk.solver.config.shipped import find_config, shipped_configs
from tusk.solver.errors import InputError

Tusk = Callable[..., Any]


def test_all_are_listed_with_what_they_are(tusk: Tusk, repository: Path) -> None:
    result = tusk("configs")
    assert result.code == 0
    listed = dict(line.split(maxsplit=1) for line in result.out.splitlines())
    assert set(listed) == {path.stem for path in (repository / "configs").glob("*.yaml")}
    assert listed["miranda2024_fig2b"].startswith("One cycle of a sine")


def test_one_is_copied_and_nothing_replaced(tusk: Tusk, workdir: Path) -> None:
    assert tusk("configs", "miranda2024_fig3").out == "miranda2024_fig3.yaml\n"
    copy = workdir / "miranda2024_fig3.yaml"
    assert copy.read_bytes() == shipped_configs()["miranda2024_fig3"].read_bytes()
    copy.write_text("mine")
    refused = tusk("configs", "miranda2024_fig3")
    assert (refused.code, refused.err.count("\n")) == (1, 1)
    assert "miranda2024_fig3.yaml exists" in refused.err
    assert copy.read_text() == "mine"
    assert tusk("configs", "miranda2024_fig3", "--out", "missing/a.yaml").code == 2


@pytest.mark.parametrize("words", [("configs", "miranda"), ("configs", "--out", "a.yaml")])
def test_wrong_words_are_refused(words: tuple[str, ...], tusk: Tusk, workdir: Path) -> None:
    result = tusk(*words)
    assert result.code == 1
    assert result.err.startswith(("tusk: NAME: no such config", "tusk: --out: wants the NAME"))
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize("name", ["miranda2024_fig3", "miranda2024_fig3.yaml"])
def test_commands_find_them_by_name(name: str, tusk: Tusk, workdir: Path) -> None:
    result = tusk("run", name, "--quiet", "--no-figures")
    assert (result.code, result.err) == (0, "")
    assert (workdir / "runs/miranda2024_fig3/run.json").is_file()
    assert tusk("validate", name).out == f"{name}: ok\n"


def test_a_file_of_that_name_comes_first(workdir: Path) -> None:
    (workdir / "miranda2024_fig3.yaml").write_text("model: mesoscopic\nseed: 7\n")
    assert load_config("miranda2024_fig3.yaml").seed == 7  # type: ignore[union-attr]


def test_what_is_neither_is_named(workdir: Path) -> None:
    with pytest.raises(InputError, match=r"no shipped config of that name, did you mean buttberg"):
        load_config("buttberg2025_set_2nA")
    with pytest.raises(InputError):
        load_config("elsewhere/miranda2024_fig3.yaml")
    assert find_config(Path("elsewhere/miranda2024_fig3.yaml")) == Path(
        "elsewhere/miranda2024_fig3.yaml"
    )
