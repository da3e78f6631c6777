"""The one place that loads DOLFINx.

On Linux x86_64 DOLFINx comes as a wheel that must be introduced by ``import dolfinx_solver``,
before anything of DOLFINx, PETSc or SLEPc. Conda-forge, Debian and the official container bring
DOLFINx without that package. Hence two rules:

- a package whose modules import DOLFINx or petsc4py begins with ``import tusk.solver.backend`` in
  its ``__init__`` (a module elsewhere, in its own first line: the import sorter keeps it there);
- a program calls `require_backend` once, before it imports such a module.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import os
import shlex
import shutil
import sysconfig
from pathlib import Path
from typing import Any

from tusk.solver import jit_cache
from tusk.solver.errors import TuskError
from tusk.solver.installed import ways_to_install
from tusk.solver.parallel import collective

with contextlib.suppress(ImportError):  # absent, or broken: then require_backend says how
    import dolfinx_solver  # noqa: F401

OLDEST_DOLFINX = (0, 11)


class BackendError(TuskError):
    """DOLFINx, PETSc or the compiler they need is missing or unfit; nothing was solved."""

    exit_code = 1


@functools.cache
def require_backend() -> None:
    """Load DOLFINx and PETSc and make them ready to compile forms; later calls cost nothing.

    Raises
    ------
    BackendError
        A part is missing, too old or of the wrong kind; the message names what to do.
    """
    dolfinx = _load("dolfinx")
    _load("dolfinx.fem.petsc")
    _check_version(dolfinx.__version__)
    _check_petsc(_load("petsc4py.PETSc"))
    _check_compiler()
    _prepare_jit_cache(_load("dolfinx.jit"), _load("mpi4py.MPI").COMM_WORLD)


def versions() -> dict[str, str]:
    """Return the versions of DOLFINx and of what it stands on, as the modules themselves say.

    Whoever built them: the wheel brings them in one distribution, conda-forge and containers
    under other names.
    """
    names = ("dolfinx", "basix", "ffcx", "ufl", "petsc4py", "mpi4py")
    found = {name: str(_load(name).__version__) for name in names}
    found["petsc"] = ".".join(str(part) for part in _load("petsc4py.PETSc").Sys.getVersion())
    library = _load("mpi4py.MPI").Get_library_version().split("\n")[0]
    return found | {"mpi": " ".join(library.strip("\0 ,").split())}


def _load(name: str) -> Any:
    """Import a module of the stack, or say in one line why it cannot be used."""
    try:
        if importlib.util.find_spec("dolfinx_solver") is not None:
            importlib.import_module("dolfinx_solver")
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise BackendError(f"{error.name or name} is not installed: {ways_to_install()}") from error
    except ImportError as error:
        reason = " ".join(str(error).split())
        raise BackendError(f"{name} does not load ({reason}): {ways_to_install()}") from error


def _check_version(version: str) -> None:
    found = tuple(int(part) for part in version.split(".")[:2])
    if found < OLDEST_DOLFINX:
        oldest = ".".join(str(part) for part in OLDEST_DOLFINX)
        raise BackendError(
            f"DOLFINx {oldest} or later is needed, got {version}: {ways_to_install()}"
        )


def _check_petsc(petsc: Any) -> None:
    if petsc.ScalarType(0).dtype.kind != "f":
        raise BackendError("PETSc with real scalars is needed, got one with complex scalars")
    if not petsc.Sys.hasExternalPackage("mumps"):
        raise BackendError("PETSc with the direct solver MUMPS is needed, got one without it")


def _check_compiler() -> None:
    """FFCx compiles each new form with the compiler that setuptools would choose."""
    command = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    if shutil.which(shlex.split(command)[0]) is None:
        raise BackendError(
            f"the C compiler `{command}` that compiles the finite-element forms is not on PATH: "
            "install gcc with the C and Python headers, or set CC"
        )


def _prepare_jit_cache(jit: Any, comm: object) -> None:
    """Give compiled forms a directory of our own, and clear it of interrupted compiles.

    Only rank 0 compiles; the others read what it has announced, or fail with it.
    """
    ours = jit_cache.private_directory()
    for option, value in (("cache_dir", ours), ("timeout", jit_cache.PATIENCE)):
        meaning = jit.DOLFINX_DEFAULT_JIT_OPTIONS[option][1]
        jit.DOLFINX_DEFAULT_JIT_OPTIONS[option] = (value, meaning)
    chosen = jit.get_options()["cache_dir"]  # a dolfinx_jit_options.json of the user goes first
    collective(comm, lambda: _claim(chosen, private=chosen == ours))


def _claim(chosen: Path, private: bool) -> None:
    try:
        jit_cache.claim(chosen, private=private)
    except OSError as error:
        raise BackendError(
            f"the directory of compiled forms, {chosen}, cannot be used ({error.strerror}): "
            "point XDG_CACHE_HOME to a writable place"
        ) from error
