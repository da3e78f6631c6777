"""Every command: what it prints, its exit code, and what it leaves untouched."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer

from tusk.solver.cli import main
from tusk.solver.config import FilamentConfig, load_config
from tusk.solver.errors import OutputError

Tusk = Callable[..., Any]
COMMANDS = [
    "run",
    "validate",
    "schema",
    "parameters",
    "plot",
    "sweep",
    "measured",
    "regimes",
    "doctor",
    "certify",
    "compare",
    "reproduce",
    "report",
    "ablate",
    "conductance",
    "atoms",
    "configs",
    "kinetics",
]
CONFIG = "source: {compliance_current: 10 uA}\n"


@pytest.fixture
def config(workdir: Path) -> Path:
    path = workdir / "cell.yaml"
    path.write_text(CONFIG)
    return path


@pytest.fixture
def runner(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Stand in for the runner; the list holds the arguments of its calls."""
    calls: list[dict[str, Any]] = []

    def run_config(config: FilamentConfig, **arguments: Any) -> int:
        calls.append({"config": config, **arguments})
        return 3

    module = ModuleType("tusk.solver.runner")
    module.run_config = run_config  # type: ignore[attr-defined]
    module.draw_nothing = "nothing"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tusk.solver.runner", module)
    return calls


def test_help_lists_exactly_the_commands_there_are(tusk: Tusk) -> None:
    result = tusk("--help")
    assert result.code == 0
    commands = result.out.partition("Commands:")[2]
    names = re.findall(r"^  (\S+)", commands, flags=re.MULTILINE)
    assert sorted(names) == sorted(COMMANDS)


def test_no_words_show_the_help(tusk: Tusk) -> None:
    assert tusk() == tusk("--help")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, tusk: Tusk) -> None:
    result = tusk(command, "--help")
    assert result.code == 0
    assert f"Usage: tusk {command}" in result.out


def test_version(tusk: Tusk) -> None:
    result = tusk("--version")
    assert result.code == 0
    assert re.fullmatch(r"tusk \d+\.\d+\.\d+\S*\n", result.out)


def test_verdicts_on_configs_as_json(config: Path, workdir: Path, tusk: Tusk) -> None:
    (workdir / "bad.yaml").write_text("mesh: {preset: drafty}\n")
    result = tusk("validate", "cell.yaml", "bad.yaml", "--json")
    assert (result.code, result.err) == (1, "")
    good, bad = json.loads(result.out)
    assert good == {"file": "cell.yaml", "ok": True, "error": None, "errors": []}
    assert (bad["file"], bad["ok"]) == ("bad.yaml", False)
    assert bad["error"].startswith("mesh.preset: ")


def test_every_error_of_a_config_is_named_with_its_line(tusk: Tusk, workdir: Path) -> None:
    (workdir / "wrong.yaml").write_text(
        "model: filament_fem\n"
        "mesh:\n"
        "  preset: wild\n"
        "source: {kind: limiter, compliance_current: 1 kg}\n"
        "drive:\n"
        "  - ramp: {to: 1 V,\n"
        "           rate: 1 s}\n"
    )
    result = tusk("validate", "wrong.yaml", "--set", "seed=x")
    assert result.code == 1
    places = {"mesh.preset": 3, "source.compliance_current": 4, "drive[0].ramp.rate": 7}
    lines = result.err.splitlines()
    assert len(lines) == 4
    for key, line in places.items():
        (said,) = (text for text in lines if text.startswith(f"tusk: wrong.yaml: {key}: "))
        assert said.endswith(f" (line {line})")
    (other,) = (text for text in lines if "wrong.yaml: seed: " in text)
    assert "(line" not in other  # it is not in the file
    (told,) = json.loads(tusk("validate", "wrong.yaml", "--json").out)
    assert {each["key"]: each["line"] for each in told["errors"]} == places
    assert tusk("run", "wrong.yaml").err.count("\n") == 1


def test_run_passes_everything_on(
    config: Path, workdir: Path, tusk: Tusk, runner: list[dict[str, Any]]
) -> None:
    result = tusk(
        "run",
        "cell.yaml",
        "--out",
        "here",
        "--set",
        "seed=7",
        "--set",
        "mesh.preset=draft",
        "--overwrite",
        "--max-steps",
        "5",
        "--quiet",
        "--verbose",
        "--no-figures",
    )
    (call,) = runner
    assert result.code == 3
    assert call["config"] == load_config(config, ["seed=7", "mesh.preset=draft"])
    assert call["out"] == Path("here")
    assert call["config_path"] == Path("cell.yaml")
    assert (call["overwrite"], call["max_steps"], call["quiet"]) == (True, 5, True)
    assert (call["draw"], call["verbose"]) == ("nothing", True)
    assert [path.name for path in workdir.iterdir()] == ["cell.yaml"]


def test_run_has_defaults(config: Path, tusk: Tusk, runner: list[dict[str, Any]]) -> None:
    tusk("run", str(config))
    (call,) = runner
    assert call["out"] == Path("runs/cell")
    assert (call["overwrite"], call["max_steps"], call["quiet"]) == (False, None, False)


def test_dry_run_prints_a_config_and_writes_nothing(
    config: Path, workdir: Path, tusk: Tusk, runner: list[dict[str, Any]]
) -> None:
    result = tusk("run", "cell.yaml", "--dry-run")
    assert result.code == 0
    assert not runner
    assert "doi 10.1002/admt.202500837" in result.out
    assert "# output: runs/cell" in result.out
    assert [path.name for path in workdir.iterdir()] == ["cell.yaml"]
    (workdir / "resolved.yaml").write_text(result.out)
    assert load_config(workdir / "resolved.yaml") == load_config(config)


def test_quiet_dry_run_prints_nothing(config: Path, tusk: Tusk) -> None:
    result = tusk("run", str(config), "--dry-run", "--quiet")
    assert (result.code, result.out, result.err) == (0, "", "")


def test_code_is_accepted_with_leave(workdir: Path, tusk: Tusk) -> None:
    method = "    def conductance_per_area(self, gap, voltage, temperature):\n        return 1e9"
    (workdir / "law.py").write_text(f"class Law:\n{method} + 0.0 * gap\n")
    (workdir / "cell.yaml").write_text("tunnel: {model: 'law.py:Law'}")
    assert tusk("validate", "cell.yaml").code == 1
    assert tusk("validate", "cell.yaml", "--allow-code").code == 0
    assert tusk("run", "cell.yaml", "--dry-run", "--allow-code").code == 0


def test_validate_judges_every_file(config: Path, workdir: Path, tusk: Tusk) -> None:
    (workdir / "bad.yaml").write_text("seed: x")
    result = tusk("validate", "bad.yaml", "cell.yaml", "nowhere.yaml")
    assert result.code == 1
    assert result.out == "cell.yaml: ok\n"
    first, second = result.err.splitlines()
    assert first.startswith("tusk: bad.yaml: seed: not a bare number")
    assert second.startswith("tusk: nowhere.yaml: no such file, and no shipped config of that name")


def test_validate_takes_changes(config: Path, tusk: Tusk) -> None:
    assert tusk("validate", str(config), "--set", "seed=3", "--quiet").out == ""
    assert tusk("validate", str(config), "--set", "seed=x").code == 1


def test_shipped_configs_validate(repository: Path, tusk: Tusk) -> None:
    configs = sorted(str(path) for path in (repository / "configs").glob("*.yaml"))
    result = tusk("validate", *configs)
    assert result.code == 0
    assert result.out.count(": ok\n") == len(configs)


def test_schema_is_json(repository: Path, tusk: Tusk) -> None:
    result = tusk("schema")
    assert result.code == 0
    assert json.loads(result.out) == json.loads((repository / "docs/schema.json").read_text())


def test_parameters_prints_everything(tusk: Tusk) -> None:
    result = tusk("parameters")
    assert result.code == 0
    for text in ("buttberg2025", "HfO2", "activation_energy", "0.763", "eV", "work_function"):
        assert text in result.out


def test_parameters_prints_one(tusk: Tusk) -> None:
    result = tusk("parameters", "W")
    assert result.code == 0
    row = next(line for line in result.out.splitlines() if "electrical_conductivity" in line)
    assert re.search(r"1\.838e\+07 .*S/m .*CRC Handbook.* H ", row)
    assert "buttberg2025" not in result.out


def test_plot_calls_the_figures(workdir: Path, tusk: Tusk, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []
    module = ModuleType("tusk.postprocess")
    module.make_figures = lambda run, quiet, out: calls.append((run, quiet))  # type: ignore[attr-defined]
    module.make_movie = lambda run, out: calls.append(run) or run / "film"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tusk.postprocess", module)
    assert tusk("plot", "results", "--quiet").out == ""
    assert tusk("plot", "results", "--movie").out == "results/film\n"
    results = Path("results")
    assert calls == [(results, True), (results, False), results]


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def run_config(*_: Any, **__: Any) -> int:
        raise error

    module = ModuleType("tusk.solver.runner")
    module.run_config = run_config  # type: ignore[attr-defined]
    module.draw_nothing = "nothing"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tusk.solver.runner", module)


def test_known_failures_exit_with_their_code(
    config: Path, tusk: Tusk, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, OutputError("disk is full"))
    result = tusk("run", str(config))
    assert (result.code, result.err) == (2, "tusk: disk is full\n")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), typer.Abort()])
def test_interruption_before_a_run_begins(
    interruption: Exception, config: Path, tusk: Tusk, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, interruption)
    result = tusk("run", str(config))
    assert (result.code, result.out, result.err) == (
        3,
        "",
        "tusk: interrupted\n",
    )


def test_a_defect_is_one_line_unless_asked_for(
    config: Path, tusk: Tusk, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, ZeroDivisionError("division by\nzero"))
    result = tusk("run", str(config))
    assert result.code == 2
    assert result.err.startswith("internal error, ZeroDivisionError: division by zero")
    assert result.err.count("\n") == 1
    monkeypatch.setenv("TUSK_TRACEBACK", "1")
    assert "Traceback" in tusk("run", str(config)).err


def test_other_ranks_are_silent(workdir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every rank ends with the same code, only rank 0 says why."""
    command = [sys.executable, "-m", "tusk.solver.cli", "validate", "nowhere.yaml"]
    for rank, lines in (("0", 1), ("1", 0)):
        environment = {**os.environ, "PMI_RANK": rank}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 1
        assert done.stderr.count("\n") == lines
    assert main(["validate", "nowhere.yaml"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_plain_commands_stay_light(config: Path) -> None:
    """Help needs no pydantic, checking a config no MPI and no DOLFINx."""
    script = (
        "import sys; from tusk.solver.cli import main; code = main(sys.argv[2:]);"
        "heavy = set(sys.argv[1].split(',')) & sys.modules.keys();"
        "sys.exit(str(heavy) if heavy else code)"
    )
    solver = "dolfinx,dolfinx_solver,mpi4py,petsc4py,gmsh,ufl,pandas,matplotlib"
    for heavy, words in (
        (f"{solver},pydantic,pint,numpy,yaml", ["--help"]),
        (solver, ["validate", str(config)]),
    ):
        command = [sys.executable, "-c", script, heavy, *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
