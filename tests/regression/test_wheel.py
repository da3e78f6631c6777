"""A built wheel runs the main job in an environment of its own, with nothing of the checkout."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PATIENCE = 900  # s


def uv(repository: Path) -> str:
    """Return the uv that set this environment up."""
    found = shutil.which("uv") or str(repository / "build/uv/bin/uv")
    if not Path(found).is_file():
        pytest.skip("uv is not at hand")
    return found


def call(*words: str | Path, cwd: Path) -> str:
    """Run a command and return what it prints; a failure shows it."""
    kept = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME", "MPIR_CVAR_CH4_CMA_ENABLE")
    index = [name for name in os.environ if name.startswith(("UV_", "PIP_", "SSL_"))]
    environment = {name: os.environ[name] for name in (*kept, *index) if name in os.environ}
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environment | {"OMP_NUM_THREADS": "1"},
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    # What an older build left in build/lib would be packed as well.
    source = tmp_path_factory.mktemp("source") / "tusk"
    ignored = shutil.ignore_patterns(".venv", ".git", "build", "runs", "__pycache__", "*.egg-info")
    shutil.copytree(repository, source, ignore=ignored, symlinks=True)
    out = tmp_path_factory.mktemp("dist")
    words = ("build", "--wheel", "--no-python-downloads", "--python", sys.executable)
    call(uv(repository), *words, "--out-dir", out, source, cwd=out)
    (built,) = out.glob("tusk_fem-*.whl")
    return built


def test_a_wheel_holds_what_the_program_reads(wheel: Path, repository: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for package in ("configs", "meshes", "postprocess", "solver"):
        assert f"tusk/{package}/py.typed" in names
        for file in (repository / package).rglob("*"):
            if file.suffix in (".yaml", ".json", ".html", ".bib") and "__pycache__" not in str(
                file
            ):
                assert f"tusk/{package}/{file.relative_to(repository / package)}" in names


def test_the_extra_runs_the_main_job(wheel: Path, repository: Path, tmp_path: Path) -> None:
    """Without the extra the message tells of pip, not of make; with it the main job runs."""
    environment = tmp_path / "venv"
    call(uv(repository), "venv", "--python", sys.executable, environment, cwd=tmp_path)
    python, tusk = environment / "bin/python", environment / "bin/tusk"
    install = (uv(repository), "pip", "install", "--quiet", "--python", python)
    call(*install, wheel, cwd=tmp_path)
    missing = subprocess.run(
        [tusk, "run", "buttberg2025_set_1nA"], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert missing.returncode == 1
    assert 'is not installed: `pip install "tusk-fem[dolfinx]"`' in missing.stderr
    assert "make setup" not in missing.stderr
    assert "buttberg2025_set_1mA " in call(tusk, "configs", cwd=tmp_path)
    call(*install, f"{wheel}[dolfinx]", cwd=tmp_path)
    changes = ("--set", "mesh.preset=draft")
    call(tusk, "run", "buttberg2025_set_1mA", *changes, "--quiet", cwd=tmp_path)
    record = json.loads((tmp_path / "runs/buttberg2025_set_1mA/run.json").read_text())
    assert (record["status"], record["reason"]) == ("finished", "drive_done")
    assert record["marks"]["upsilon_s"] == pytest.approx(1.778, rel=0.01)
    assert (tmp_path / "runs/buttberg2025_set_1mA/figures/elephant.png").stat().st_size > 5_000
    code = "import tusk.solver as s; print(s.__version__, s.__file__, *dir(s))"
    version, file, *names = call(python, "-c", code, cwd=tmp_path).split()
    assert version == record["versions"]["tusk-fem"]
    assert Path(file).is_relative_to(environment)
    assert {"run", "__version__"} <= set(names)
