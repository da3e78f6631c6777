"""The models without a mesh from the command line: files, exit codes, warnings, refusals."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Tusk = Callable[..., Any]
CELL = "model: mesoscopic\ndrive: [{triangle: {amplitude: 1 V, rate: 1 V/s}}]\n"
CHAIN = "model: atomic_chain\noutput: {energies: 11, biases: 2, atoms: 2, asymmetries: 3}\n"


@pytest.fixture(autouse=True)
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no figures."""
    monkeypatch.setattr("tusk.postprocess.make_figures", lambda *_, **__: [])


def write(workdir: Path, text: str) -> str:
    (workdir / "c.yaml").write_text(text)
    return "c.yaml"


@pytest.mark.parametrize(
    ("text", "files"),
    [
        (CELL, {"summary.json", "timeseries.csv", "contact_curves.csv"}),
        (CHAIN, {"summary.json", "timeseries.csv", "spectrum.csv", "atoms.csv", "asymmetry.csv"}),
    ],
    ids=["mesoscopic", "atomic_chain"],
)
def test_a_run_ends_well_and_says_so(text: str, files: set[str], workdir: Path, tusk: Tusk) -> None:
    result = tusk("run", write(workdir, text), "--out", "out")
    assert (result.code, result.err) == (0, "")
    assert "finished, " in result.out
    written = {path.name for path in (workdir / "out").iterdir()}
    assert written == files | {"run.json", "config.resolved.yaml", "run.log"}
    record = json.loads((workdir / "out/run.json").read_text())
    numbers = json.loads((workdir / "out/summary.json").read_text())
    assert record["status"] == "finished"
    assert record["marks"].items() <= numbers.items()
    assert tusk("run", "c.yaml", "--out", "out").code == 1  # not without --overwrite
    assert tusk("run", "c.yaml", "--out", "out", "--restart", "--quiet").code == 0  # left as it is
    assert tusk("run", "c.yaml", "--out", "out", "--overwrite", "--quiet").code == 0


@pytest.mark.parametrize("text", [CELL, CHAIN], ids=["mesoscopic", "atomic_chain"])
def test_a_step_limit_stops(text: str, workdir: Path, tusk: Tusk) -> None:
    more = text.replace("[{", "[{hold: {for: 1 s}}, {")
    result = tusk("run", write(workdir, more), "--out", "out", "--max-steps", "1", "--quiet")
    assert result.code == 3
    assert json.loads((workdir / "out/run.json").read_text())["reason"] == "max_steps"


def test_m15_the_warning_is_one_line(workdir: Path, tusk: Tusk) -> None:
    config = write(workdir, CELL.replace("1 V,", "2.5 V,"))
    with pytest.warns(UserWarning, match=r"eV/2 >= phi at 2\.5 V"):
        assert tusk("run", config, "--out", "out", "--quiet").code == 0


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("memory.particles=0", "memory.particles"),
        ("qpc.radius=-1 nm", "qpc.radius"),
        ("qpc.gap_max=20 um", "qpc.gap_max"),
        ("chain.hopping=1 eV", "chain"),
        ("model=mesoscopc", "model"),
        ("parameters=kharlanov2023", "parameters"),
        ("tunnel.model=none", "tunnel"),
    ],
)
def test_bad_input_is_refused(
    change: str, key: str, workdir: Path, refused: Callable[..., str]
) -> None:
    assert f": {key}: " in refused("run", write(workdir, CELL), "--set", change).replace(
        "tusk: ", ": "
    )


def test_dry_run_and_validate(workdir: Path, tusk: Tusk) -> None:
    result = tusk("run", write(workdir, CHAIN), "--dry-run")
    assert result.code == 0
    assert "JETP" in result.out
    assert tusk("validate", "c.yaml").out == "c.yaml: ok\n"


def test_a_short_trace_has_tables_and_figures_without_a_spectrum(workdir: Path, tusk: Tusk) -> None:
    short = CELL.replace("triangle: {amplitude: 1 V", "ramp: {to: 0.5 V") + "output: {points: 5}\n"
    assert tusk("run", write(workdir, short), "--out", "out", "--quiet").code == 0
    before = set((workdir / "out").rglob("*"))
    with pytest.warns(UserWarning, match="at least 100 points are wanted for peaks, got 5"):
        result = tusk("conductance", "out")
    assert (result.code, result.err) == (0, "")
    written = {path for path in set((workdir / "out").rglob("*")) - before if path.is_file()}
    tables = {"conductance_histogram.csv", "plateaus.csv"}
    figures = {"conductance_histogram.png", "conductance_traces.png"}
    assert {path.name for path in written} == tables | figures
    assert "no spectrum: 16 points are wanted, got 5" in result.out
    assert all(name in result.out for name in tables | figures)
