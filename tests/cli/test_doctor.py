"""``tusk doctor`` names what is broken, and what is not."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tusk.solver import doctor

Tusk = Callable[..., Any]


@pytest.mark.slow
def test_this_machine_is_well(tusk: Tusk) -> None:
    result = tusk("doctor")
    assert result.code == 0, result.out
    names = [line[8:24].strip() for line in result.out.splitlines()]
    assert names == ["versions", "machine", *doctor.CHECKS]
    assert all(line.startswith("ok ") for line in result.out.splitlines())


def only(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(doctor, "CHECKS", {name: doctor.CHECKS[name]})


@pytest.mark.parametrize(
    ("name", "probe", "code", "found", "remedy"),
    [
        ("solver", "_SOLVER", "raise SystemExit('no MUMPS')", "no MUMPS", "make setup"),
        (
            "gmsh",
            "_GMSH",
            "import os; os.kill(os.getpid(), 11)",
            "ended by SIGSEGV",
            "libglu1-mesa",
        ),
        ("rendering", "_RENDERING", "import time; time.sleep(60)", "no answer in 1 s", "libegl1"),
        ("compiled forms", "_FORM", "assert False, 'it is 0'", "AssertionError: it is 0", "TMPDIR"),
        ("field files", "_FIELDS", "import sys; sys.exit(7)", "exit code 7", "VTK and PyVista"),
    ],
)
def test_what_fails_is_named_with_its_fix(
    tusk: Tusk,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    probe: str,
    code: str,
    found: str,
    remedy: str,
) -> None:
    only(monkeypatch, name)
    monkeypatch.setattr(doctor, "PATIENCE", 1)
    monkeypatch.setattr(doctor, probe, code)
    result = tusk("doctor", "--quiet")
    assert result.code == 1
    broken, fix = result.out.splitlines()
    assert broken == f"FAILED  {name:<15} {found}"
    assert fix.split()[0] == "fix:"
    assert remedy in fix


def test_a_folder_of_forms_that_cannot_be_used(
    tusk: Tusk, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named once, by the check that is about it, and hangs none of the others."""
    (workdir / "fenics").write_text("a file where a folder is needed")
    monkeypatch.setenv("XDG_CACHE_HOME", str(workdir))
    chosen = {name: doctor.CHECKS[name] for name in ("solver", "compiled forms", "MPI")}
    monkeypatch.setattr(doctor, "CHECKS", chosen)
    result = tusk("doctor", "--quiet")
    assert result.code == 1
    broken, fix = result.out.splitlines()
    assert broken.startswith(
        f"FAILED  compiled forms  {workdir / 'fenics' / 'tusk'} cannot be used"
    )
    assert "point XDG_CACHE_HOME to a writable folder" in fix


def test_missing_launcher(tusk: Tusk, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "MPI")
    monkeypatch.setattr(sys, "executable", str(workdir / "python"))
    monkeypatch.setenv("PATH", str(workdir))
    result = tusk("doctor", "--quiet")
    assert result.code == 1
    assert "mpiexec is not on PATH" in result.out
    assert "use the mpiexec of the MPI library that mpi4py was built with" in result.out


def test_missing_compiler(tusk: Tusk, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "compiler")
    monkeypatch.setenv("CC", "/nowhere/cc -O2")
    result = tusk("doctor", "--quiet")
    assert result.code == 1
    assert "/nowhere/cc is not on PATH" in result.out
    assert "apt install gcc" in result.out


def test_missing_headers(tusk: Tusk, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "compiler")
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(workdir))
    result = tusk("doctor")
    assert result.code == 1
    assert "libpython3-dev" in result.out


def test_ranks_that_do_not_meet(tusk: Tusk, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The launcher of another MPI starts processes that each believe to be alone."""
    only(monkeypatch, "MPI")
    launcher = workdir / "mpiexec"
    launcher.write_text('#!/bin/sh\ntest "$1" = --version && exit\nshift 2\nexec "$@"\n')
    launcher.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(workdir / "python"))
    (workdir / "python").symlink_to(shutil.which("true") or "/bin/true")
    monkeypatch.setattr(doctor, "_MPI", "")
    result = tusk("doctor")
    assert result.code == 1
    assert "2 ranks were started, each is alone" in result.out


def test_paraview_that_reads_nothing(
    tusk: Tusk, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    only(monkeypatch, "field files")
    monkeypatch.setattr(doctor, "_FIELDS", "print('read by PyVista')")
    monkeypatch.setattr(doctor, "_virtual_display", list)
    paraview = workdir / "pvpython"
    paraview.write_text("#!/bin/sh\necho 'cannot open display' >&2\nexit 1\n")
    paraview.chmod(0o755)
    monkeypatch.setenv("PATH", f"{workdir}:{os.environ['PATH']}")
    result = tusk("doctor")
    assert result.code == 1
    assert "cannot open display" in result.out
    assert "xvfb" in result.out
    paraview.unlink()
    monkeypatch.setenv("PATH", str(workdir))
    assert "pvpython is not on PATH" in tusk("doctor").out


def test_under_mpiexec_one_rank_reports() -> None:
    command = [sys.executable, "-m", "tusk.solver.cli", "doctor"]
    environment = {**os.environ, "PMI_RANK": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_every_probe_is_python() -> None:
    """So that a slip in one does not pass for a fault of the machine."""
    for name in ("_SOLVER", "_FORM", "_MPI", "_GMSH", "_RENDERING", "_FIELDS", "_PARAVIEW"):
        compile(getattr(doctor, name), json.dumps(name), "exec")
