"""What is installed is what is in the folders, and importing it is cheap."""

import ast
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

PACKAGES = ("configs", "meshes", "postprocess", "solver")
HEAVY = {"dolfinx", "gmsh", "h5py", "matplotlib", "pandas", "petsc4py", "pyvista", "scipy", "ufl"}
BACKEND = "tusk.solver.backend"
NEEDS_BACKEND = {"dolfinx", "petsc4py", "slepc4py"}


def modules(repository: Path) -> list[Path]:
    return sorted(file for package in PACKAGES for file in (repository / package).rglob("*.py"))


def imported_at_load(tree: ast.Module) -> set[str]:
    """Top-level packages, and full module names, that the module's own statements import."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names | {name.split(".", 1)[0] for name in names}


def test_every_sub_package_is_listed(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    listed = set(project["tool"]["setuptools"]["packages"])
    found = {
        ".".join(("tusk", *init.parent.relative_to(repository).parts))
        for init in modules(repository)
        if init.name == "__init__.py"
    }
    assert found == listed


def test_every_folder_with_modules_is_a_package(repository: Path) -> None:
    folders = {module.parent for module in modules(repository)}
    assert all((folder / "__init__.py").exists() for folder in folders)


def test_static_tools_find_the_namespace_in_a_clone(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    links = repository / ".ci/typing/tusk"
    assert {link.name for link in links.iterdir()} == set(PACKAGES)
    for name, folder in project["tool"]["setuptools"]["package-dir"].items():
        link = links / name.removeprefix("tusk.")
        assert not link.readlink().is_absolute()
        assert link.resolve() == repository / folder


@pytest.mark.parametrize("package", PACKAGES)
def test_importing_a_package_is_light(package: str) -> None:
    code = f"import sys, tusk.{package}; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert HEAVY & set(result.stdout.split()) == set()


def loads_backend(module: Path) -> bool:
    """Whether the module, or the package it is in, begins by importing the backend."""
    sources = (module, module.parent / "__init__.py")
    return any(BACKEND in imported_at_load(ast.parse(file.read_text())) for file in sources)


def test_modules_that_use_dolfinx_load_the_backend_first(repository: Path) -> None:
    users = [
        module
        for module in modules(repository)
        if imported_at_load(ast.parse(module.read_text())) & NEEDS_BACKEND
    ]
    assert [str(module) for module in users if not loads_backend(module)] == []


def test_postprocessing_needs_no_dolfinx(repository: Path) -> None:
    for module in (repository / "postprocess").rglob("*.py"):
        assert not imported_at_load(ast.parse(module.read_text())) & (NEEDS_BACKEND | {"ufl"})


def test_lock_file_names_the_standard_index_only(repository: Path) -> None:
    lock = tomllib.loads((repository / "uv.lock").read_text())
    registries = {p["source"].get("registry") for p in lock["package"]} - {None}
    (registry,) = registries  # what uv writes without further settings, not a mirror of some site
    assert registry.partition("://")[2] == ".".join(("pypi", "org/simple"))


def test_conda_environment_asks_for_the_same(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    environment = yaml.safe_load((repository / "environment.yml").read_text())
    conda = {requirement.replace(" ", "") for requirement in environment["dependencies"]}
    other_names = {"gmsh": "python-gmsh", "matplotlib": "matplotlib-base"}
    for requirement in project["dependencies"]:
        name, _, bound = requirement.partition(">=")
        assert f"{other_names.get(name, name)}>={bound}" in conda


def test_the_extra_brings_what_set_up_installs(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text())
    (extra,) = project["project"]["optional-dependencies"]["dolfinx"]
    assert [extra.partition(";")[0].strip()] == project["dependency-groups"]["dolfinx"]
    assert "sys_platform == 'linux'" in extra  # elsewhere there is no such wheel


def test_public_names_are_offered_before_they_are_imported() -> None:
    code = (
        "import tusk.solver, tusk.postprocess as p, sys; print(*dir(tusk.solver), *dir(p)); "
        "assert 'pandas' not in sys.modules; print(tusk.solver.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    names, version = done.stdout.splitlines()
    assert {"run", "__version__", "open_run", "make_figures"} <= set(names.split())
    assert version == metadata.version("tusk-fem")


def test_types_are_announced(repository: Path) -> None:
    assert all((repository / package / "py.typed").is_file() for package in PACKAGES)
