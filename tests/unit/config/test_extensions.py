"""Classes from outside the repository: found, imported, told apart by their content."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from tusk.solver.config import build_config, load_config
from tusk.solver.config.extensions import load_class
from tusk.solver.errors import InputError
from tusk.solver.restart import description

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
    law = load_class("law.py:Ohmic", "key", law_file.parent)
    gaps = np.array([1e-9, 2e-9])
    np.testing.assert_allclose(law().conductance_per_area(gaps, 0.0, 300.0), [1e18, 5e17])


def test_config_names_the_file_in_full_and_reloads(law_file: Path, tmp_path: Path) -> None:
    config = load_config(config_with("law.py:Ohmic", tmp_path), allow_code=True)
    assert config.tunnel.model == f"{law_file}:Ohmic"
    elsewhere = tmp_path / "run"
    elsewhere.mkdir()
    (elsewhere / "c.yaml").write_text(config.to_yaml())
    assert load_config(elsewhere / "c.yaml", allow_code=True) == config
    assert load_class(config.tunnel.model, "key")().value == 1e9


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
        ("law.txt:Ohmic", "not a class in a file"),
        ("law.py", "not a class in a file"),
        ("nowhere.py:Ohmic", "cannot be read"),
    ],
)
def test_unfit_laws(spec: str, reason: str, law_file: Path) -> None:
    with pytest.raises(InputError, match=rf"^tunnel\.model: .*{reason}"):
        load_class(spec, "tunnel.model", law_file.parent)


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
        load_class("law.py:Law", "tunnel.model", tmp_path)


def test_hash_follows_the_size_of_own_parameters_not_their_spelling(law_file: Path) -> None:
    def digest(value: object) -> str:
        raw = {"tunnel": {"model": "law.py:Ohmic", "depth": value}}
        return build_config(raw, law_file.parent, allow_code=True).physics_hash()

    assert digest("1.2 eV") == digest("1200 meV")
    assert digest("1.2 eV") != digest("1.3 eV")
    assert digest("1.2 eV") != digest("1.2 nm")
    assert digest(1) == digest(1.0)


def test_every_file_of_a_config_is_listed(law_file: Path) -> None:
    raw = {
        "tunnel": {"model": "law.py:Ohmic", "heating": "law.py:Empty"},
        "thermal": {"conductivity": "law.py:Empty"},
        "output": {"observables": ["law.py:Empty"]},
    }
    config = build_config(raw, law_file.parent, allow_code=True)
    assert config.code() == {
        "tunnel.model": f"{law_file}:Ohmic",
        "tunnel.heating": f"{law_file}:Empty",
        "thermal.conductivity": f"{law_file}:Empty",
        "output.observables[0].model": f"{law_file}:Empty",
    }
    assert build_config({}).code() == {}
    assert description(config)["law_sha256"].count(sha256(law_file.read_bytes()).hexdigest()) == 4


def test_a_file_that_changes_is_imported_anew(law_file: Path) -> None:
    assert load_class("law.py:Ohmic", "key", law_file.parent)().value == 1e9
    law_file.write_text(LAW.replace("1e9", "2e9"))
    assert load_class("law.py:Ohmic", "key", law_file.parent)().value == 2e9
