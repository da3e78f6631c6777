"""Checkpoints that are cut off, altered, missing or old: the run continues, or says why not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from disturbed import Case
from run_files import record

from tusk.solver import checkpoint


@pytest.fixture(scope="module")
def interrupted(undisturbed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped halfway, with two checkpoints."""
    folder = tmp_path_factory.mktemp("interrupted")
    shutil.copy(undisturbed.parent / "cell.yaml", folder)
    case = Case(folder, undisturbed)
    assert case.run("--max-steps", "8").code == 3
    assert len(list((case.out / "checkpoint").iterdir())) == 2
    return case.out


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 1
    path.write_bytes(data)


def zero(path: Path) -> None:
    """As some file systems leave a file after a power cut."""
    path.write_bytes(bytes(path.stat().st_size))


def old_format(path: Path) -> None:
    ours = f"tusk checkpoint {checkpoint.FORMAT}".encode()
    content = path.read_bytes()
    assert content.startswith(ours)
    path.write_bytes(content.replace(ours, b"tusk checkpoint 1", 1))


def plain(path: Path) -> None:
    path.write_bytes(path.read_bytes()[512:])


DAMAGES = (cut, flip, zero, old_format, plain, Path.unlink)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_checkpoint_costs_one_interval(
    damage: Callable[[Path], None], interrupted: Path, case: Case
) -> None:
    shutil.copytree(interrupted, case.out)
    damage(case.out / "checkpoint" / checkpoint.NAME)
    result = case.run("--restart")
    assert result.code == 0, result
    if damage is not Path.unlink:
        assert result.err.count("\n") == 1
        assert "continuing from state.former.h5" in result.err
    case.assert_same(case.out)


@pytest.mark.parametrize("damage", DAMAGES[:-1])
def test_two_damaged_checkpoints_are_refused(
    damage: Callable[[Path], None], interrupted: Path, case: Case
) -> None:
    shutil.copytree(interrupted, case.out)
    for path in checkpoint.candidates(case.out):
        damage(path)
    before = {path: path.read_bytes() for path in case.out.rglob("*") if path.is_file()}
    result = case.run("--restart")
    assert (result.code, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert result.is_clean
    assert {path: path.read_bytes() for path in case.out.rglob("*") if path.is_file()} == before


def test_an_older_checkpoint_in_its_place(interrupted: Path, case: Case) -> None:
    """Somebody restored a backup: rows behind it are cut back."""
    shutil.copytree(interrupted, case.out)
    newest, former = checkpoint.candidates(case.out)
    shutil.copy(former, newest)
    case.assert_completed_by_restart()


def test_no_checkpoints_at_all(interrupted: Path, case: Case) -> None:
    shutil.copytree(interrupted, case.out)
    shutil.rmtree(case.out / "checkpoint")
    case.assert_completed_by_restart()
    assert "restarts" not in record(case.out)


def test_a_checkpoint_of_another_run(interrupted: Path, case: Case) -> None:
    shutil.copytree(interrupted, case.out)
    result = case.run("--restart", "--set", "kinetics.charge_number=1")
    assert result.code == 1
    assert result.err.startswith("tusk: kinetics.charge_number: differs from the checkpoint")
