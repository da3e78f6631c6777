"""Loading DOLFINx, and a cache of compiled forms that survives interrupted compiles."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from tusk.solver.backend import BackendError, require_backend

import pytest

from tusk.solver import jit_cache

OLD = 3600.0


def entry(cache: Path, name: str, *parts: str, age: float = 0.0) -> list[Path]:
    """Write the files of a cache entry, last touched `age` seconds ago."""
    cache.mkdir(parents=True, exist_ok=True)
    files = [cache / f"{name}{part}" for part in parts]
    for file in files:
        file.write_text("")
        os.utime(file, (time.time() - age,) * 2)
    return files


def run(code: str, cache_home: Path) -> subprocess.CompletedProcess[str]:
    """Run Python code in a fresh interpreter with its own cache."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "XDG_CACHE_HOME": str(cache_home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


class TestInterruptedCompiles:
    COMPLETE = (".c", ".c.cached", ".o", ".cpython-312-x86_64-linux-gnu.so")

    def test_finished_entries_are_kept_however_old(self, tmp_path: Path) -> None:
        files = entry(tmp_path, "libffcx_forms_a", *self.COMPLETE, age=OLD)
        assert jit_cache.claim(tmp_path) == []
        assert all(file.exists() for file in files)

    @pytest.mark.parametrize(
        "parts",
        [
            (".c",),
            (".c", ".o"),
            (".c", ".o", ".cpython-312-x86_64-linux-gnu.so"),
            (".c.cached",),
            (".c", ".c.cached"),
            (".c.~4711",),
        ],
    )
    def test_any_missing_part_removes_the_entry(
        self, tmp_path: Path, parts: tuple[str, ...]
    ) -> None:
        files = entry(tmp_path, "libffcx_forms_a", *parts)
        kept = entry(tmp_path, "libffcx_forms_ab", *self.COMPLETE)
        assert jit_cache.claim(tmp_path) == ["libffcx_forms_a"]
        assert not any(file.exists() for file in files)
        assert all(file.exists() for file in kept)

    def test_foreign_files_and_failed_sources_are_kept(self, tmp_path: Path) -> None:
        files = entry(tmp_path, "notes", ".c", age=OLD)
        files += entry(tmp_path, "libffcx_forms_a", ".c.failed", age=OLD)
        assert jit_cache.claim(tmp_path) == []
        assert all(file.exists() for file in files)

    def test_in_a_shared_directory_only_old_claims_go(self, tmp_path: Path) -> None:
        (young,) = entry(tmp_path, "libffcx_forms_young", ".c")
        entry(tmp_path, "libffcx_forms_old", ".c", age=OLD)
        assert jit_cache.claim(tmp_path, private=False) == ["libffcx_forms_old"]
        assert young.exists()

    def test_a_live_process_protects_its_young_claims(self, tmp_path: Path) -> None:
        cache = tmp_path / "fenics" / "tusk"
        code = f"""
            import pathlib, sys, time
            from tusk.solver import jit_cache
            jit_cache.claim(pathlib.Path({str(cache)!r}))
            print("claimed", flush=True)
            time.sleep(60)
        """
        other = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
        )
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "claimed\n"
            (young,) = entry(cache, "libffcx_forms_young", ".c")
            entry(cache, "libffcx_forms_old", ".c", age=OLD)
            assert jit_cache.claim(cache) == ["libffcx_forms_old"]
            assert young.exists()
        finally:
            other.send_signal(signal.SIGKILL)
            other.communicate()

    def test_a_process_claims_a_directory_once(self, tmp_path: Path) -> None:
        jit_cache.claim(tmp_path)
        (own,) = entry(tmp_path, "libffcx_forms_own", ".c", age=OLD)
        assert jit_cache.claim(tmp_path) == []
        assert own.exists()

    def test_a_run_recovers_from_a_killed_compile(self, tmp_path: Path) -> None:
        compile_form = """
            from tusk.solver.backend import require_backend
            require_backend()
            import dolfinx.fem, dolfinx.mesh, ufl
            from mpi4py import MPI
            mesh = dolfinx.mesh.create_unit_square(MPI.COMM_WORLD, 1, 1)
            x = ufl.SpatialCoordinate(mesh)
            print(round(dolfinx.fem.assemble_scalar(dolfinx.fem.form(x[0] * ufl.dx)), 12))
        """
        first = run(compile_form, tmp_path)
        assert "0.5" in first.stdout.splitlines(), first.stderr
        (cached,) = tmp_path.rglob("*.c.cached")
        cached.unlink()
        (shared_object,) = tmp_path.rglob("*.so")
        shared_object.unlink()
        second = run(compile_form, tmp_path)  # FFCx alone waits in vain, and then fails
        assert "0.5" in second.stdout.splitlines(), second.stderr


class TestRequireBackend:
    def test_can_be_called_again(self) -> None:
        require_backend()
        require_backend()

    def test_missing_dolfinx_is_one_line_that_names_the_ways(self, tmp_path: Path) -> None:
        result = run(
            """
            import sys
            sys.modules["dolfinx"] = None
            from tusk.solver.backend import BackendError, require_backend
            try:
                require_backend()
            except BackendError as error:
                print(error)
                sys.exit(error.exit_code)
            """,
            tmp_path,
        )
        assert result.returncode == 1
        assert "Traceback" not in result.stderr
        # MPI libraries may add lines of their own on unusual machines
        (line,) = [ln for ln in result.stdout.splitlines() if "dolfinx is not installed" in ln]
        for word in ("make setup", "conda-forge", "container"):
            assert word in line

    def test_dolfinx_without_the_wheel_is_welcome(self, tmp_path: Path) -> None:
        result = run(
            """
            import importlib.abc, sys

            class NoWheel(importlib.abc.MetaPathFinder):
                def find_spec(self, name, path=None, target=None):
                    if name == "dolfinx_solver":
                        raise ModuleNotFoundError(name, name=name)

            sys.meta_path.insert(0, NoWheel())
            import mpi4py.MPI
            import importlib.util
            importlib.util.find_spec = lambda name: None
            from tusk.solver.backend import require_backend
            require_backend()
            assert "dolfinx_solver" not in sys.modules
            print("ok")
            """,
            tmp_path,
        )
        assert "ok" in result.stdout.splitlines(), result.stderr

    def test_missing_compiler_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CC", "no-such-compiler -O2")
        require_backend.cache_clear()
        with pytest.raises(BackendError, match="C compiler `no-such-compiler -O2`"):
            require_backend()

    def test_a_cache_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "fenics").write_text("a file where a directory is needed")
        result = run("from tusk.solver.backend import require_backend; require_backend()", tmp_path)
        assert "BackendError: the directory of compiled forms" in result.stderr
        assert "XDG_CACHE_HOME" in result.stderr
