"""Tunnel laws from outside the repository."""

from pathlib import Path

import numpy as np
import pytest

from tusk.solver.config import load_config
from tusk.solver.config.extensions import load_law
from tusk.solver.errors import InputError

LAW = """
from __future__ import annotations

from dataclasses import dataclass

@dataclass(frozen=True)
class Ohmic:
    value: float = 1e9

    def conductance_per_area(self, gap, voltage, temperature):
        return self.value / gap

class Empty:
    pass

number = 3
"""


@pytest.fixture
def law_file(tmp_path: Path) -> Path:
    path = tmp_path / "law.py"
    path.write_text(LAW)
    return path


def config_with(spec: str, folder: Path) -> Path:
    path = folder / "c.yaml"
    path.write_text(f"tunnel: {{model: '{spec}'}}")
    return path


def test_law_is_loaded(law_file: Path) -> None:
    law = load_law("law.py:Ohmic", law_file.parent)
    gaps = np.array([1e-9, 2e-9])
    np.testing.assert_allclose(law().conductance_per_area(gaps, 0.0, 300.0), [1e18, 5e17])


def test_config_names_the_file_in_full_and_reloads(law_file: Path, tmp_path: Path) -> None:
    config = load_config(config_with("law.py:Ohmic", tmp_path), allow_code=True)
    assert config.tunnel.model == f"{law_file}:Ohmic"
    elsewhere = tmp_path / "run"
    elsewhere.mkdir()
    (elsewhere / "c.yaml").write_text(config.to_yaml())
    assert load_config(elsewhere / "c.yaml", allow_code=True) == config
    assert load_law(config.tunnel.model)().value == 1e9


def test_hash_follows_the_content_of_the_law(law_file: Path, tmp_path: Path) -> None:
    path = config_with("law.py:Ohmic", tmp_path)
    before = load_config(path, allow_code=True).physics_hash()
    assert load_config(path, allow_code=True).physics_hash() == before
    law_file.write_text(LAW.replace("1e9", "2e9"))
    assert load_config(path, allow_code=True).physics_hash() != before


def test_loading_a_config_runs_no_code(tmp_path: Path) -> None:
    (tmp_path / "law.py").write_text("raise SystemExit('ran')")
    load_config(config_with("law.py:Law", tmp_path), allow_code=True)


def test_law_needs_leave_and_a_file(law_file: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^tunnel\.model: .*--allow-code"):
        load_config(config_with("law.py:Ohmic", tmp_path))
    with pytest.raises(InputError, match=r"^tunnel\.model: no such file"):
        load_config(config_with("other.py:Ohmic", tmp_path), allow_code=True)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("law.py:Ohmik", "no class of this name .*did you mean 'Ohmic'"),
        ("law.py:number", "no class of this name"),
        ("law.py:Empty", "class without a method conductance_per_area"),
        ("law.txt:Ohmic", "not a law"),
        ("law.py", "not a law"),
        ("nowhere.py:Ohmic", "cannot be imported"),
    ],
)
def test_unfit_laws(spec: str, reason: str, law_file: Path) -> None:
    with pytest.raises(InputError, match=rf"^tunnel\.model: .*{reason}"):
        load_law(spec, law_file.parent)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def broken(:\n  pass", "SyntaxError"),
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("raise SystemExit(0)", "SystemExit"),
        ("raise ValueError('two\\nlines')", "two lines"),
    ],
)
def test_a_broken_file_is_an_error_of_the_input(text: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "law.py").write_text(text)
    with pytest.raises(InputError, match=reason):
        load_law("law.py:Law", tmp_path)
