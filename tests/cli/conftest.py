"""A working folder, the command line run inside this process, and what it leaves behind."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tusk.solver.cli import main


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def workdir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, made the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tusk(workdir: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Run ``tusk`` with some words in `workdir`."""

    def command(*words: str) -> Result:
        code = main(list(words))
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return command


@pytest.fixture
def refused(tusk: Callable[..., Result], workdir: Path) -> Callable[..., str]:
    """Run a command that must be refused: exit 1, one line, nothing written; return the line."""

    def listing() -> dict[Path, bytes | None]:
        files = workdir.rglob("*")
        return {path: path.read_bytes() if path.is_file() else None for path in files}

    def command(*words: str) -> str:
        before = listing()
        result = tusk(*words)
        assert result.code == 1, result
        assert result.out == ""
        assert result.err.startswith("tusk: ")
        assert result.err.count("\n") == 1
        assert result.err.endswith("\n")
        assert "Traceback" not in result.err
        assert "internal error" not in result.err
        assert len(result.err) < 600
        assert listing() == before
        return result.err

    return command
