"""The set-up script: what it says where it cannot help, and that it works only once."""

import os
import runpy
import subprocess
from pathlib import Path

import pytest


def fake_command(folder: Path, name: str, script: str) -> None:
    """Put a command of our own before the machine's."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def run_setup(
    repository: Path, folder: Path, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [repository / ".ci" / "setup.sh"],
        env={**os.environ, **environment, "PATH": f"{folder}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("command", "script", "named"),
    [
        ("uname", 'test "$1" = -m && echo arm64 || echo Darwin', "Darwin arm64"),
        ("uname", 'test "$1" = -m && echo aarch64 || echo Linux', "Linux aarch64"),
        ("getconf", "echo glibc 2.31", "glibc 2.31"),
        ("getconf", "exit 1", "no glibc"),
    ],
)
def test_other_platforms_are_shown_the_other_ways(
    repository: Path, tmp_path: Path, command: str, script: str, named: str
) -> None:
    fake_command(tmp_path / "bin", command, script)
    result = run_setup(repository, tmp_path / "bin")
    assert result.returncode == 1
    assert named in result.stderr
    assert "conda-forge" in result.stderr
    assert "container" in result.stderr


@pytest.fixture
def fresh_clone(repository: Path, tmp_path: Path) -> Path:
    """What the script needs of a clone that was never set up."""
    clone = tmp_path / "clone"
    (clone / ".ci").mkdir(parents=True)
    for name in (
        "pyproject.toml", "uv.lock", ".python-version", ".ci/setup.sh", ".ci/missing_libraries.py"
    ):  # fmt: skip
        (clone / name).write_bytes((repository / name).read_bytes())
    (clone / ".ci" / "setup.sh").chmod(0o755)
    return clone


def test_missing_python_is_named(fresh_clone: Path, tmp_path: Path) -> None:
    fake_command(tmp_path / "bin", "uv", 'test "$1" = --version && echo uv 0.9.0 || exit 2')
    home = {"HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path), "UV_PYTHON": ""}
    result = run_setup(fresh_clone, tmp_path / "bin", **home)
    assert result.returncode == 1
    assert "no Python 3.12 or later was found" in result.stderr
    assert "UV_PYTHON" in result.stderr


def test_missing_compiler_is_named(fresh_clone: Path, tmp_path: Path) -> None:
    python = fresh_clone.parent / "bin" / "python"
    fake_command(tmp_path / "bin", "python", "echo /nowhere")
    fake_command(tmp_path / "bin", "uv", f'test "$1" = --version && echo uv 0.9.0 || echo {python}')
    result = run_setup(fresh_clone, tmp_path / "bin", CC="no-such-compiler")
    assert result.returncode == 1
    assert "no-such-compiler cannot compile" in result.stderr
    assert "gcc libc6-dev" in result.stderr


def test_a_finished_set_up_is_recognised_at_once(fresh_clone: Path, tmp_path: Path) -> None:
    fake_command(tmp_path / "bin", "python", 'test "$1" = -c && echo /include')
    # Stands in for uv: "installs" the environment that the script then checks.
    fake_command(
        tmp_path / "bin",
        "uv",
        f"""case "$1" in
        --version) echo uv 0.9.0 ;;
        python) echo {tmp_path}/bin/python ;;
        sync) echo sync >>{tmp_path}/log; mkdir -p .venv/bin
              printf '#!/bin/sh\\n' >.venv/bin/python; cp .venv/bin/python .venv/bin/tusk
              chmod +x .venv/bin/* ;;
        esac""",
    )
    no_index = dict.fromkeys(("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"), "")
    settings = {"CC": "true", **no_index}
    first = run_setup(fresh_clone, tmp_path / "bin", **settings)
    assert first.returncode == 0, first.stderr
    second = run_setup(fresh_clone, tmp_path / "bin", **settings)
    assert (second.returncode, second.stderr) == (0, "")
    assert (tmp_path / "log").read_text() == "sync\n"
    with (fresh_clone / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    run_setup(fresh_clone, tmp_path / "bin", **settings)
    assert (tmp_path / "log").read_text() == "sync\nsync\n"


def test_missing_libraries_are_named_by_their_packages(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_library(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr("ctypes.CDLL", no_library)
    runpy.run_path(str(repository / ".ci" / "missing_libraries.py"), run_name="__main__")
    packages = "libgl1 libglu1-mesa libxrender1 libxcursor1 libxft2 libxinerama1 libegl1"
    assert capsys.readouterr().out.split() == packages.split()
