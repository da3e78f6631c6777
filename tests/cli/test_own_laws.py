"""The laws and the observable that docs/own-laws.md shows, each one file beside a config."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.solver.closures.families import FAMILIES

E, K, H, MASS = 1.602176634e-19, 1.380649e-23, 6.62607015e-34, 9.1093837e-31
CELL = "stack: {oxide_thickness: 1 nm}\nmesh: {preset: draft}\n"
TRAPS = "tunnel={model: my_tunnelling.py:TrapAssisted, trap_depth: 1.2 eV, trap_density: 1e18 m^-2}"
MARCUS = "kinetics={model: my_kinetics.py:Marcus, reorganisation_energy: 3.05 eV}"
FILM = "thermal={conductivity: my_heat.py:ThinFilm, reduction: 0.5}"
WIDTH = "output={observables: [{model: my_observable.py:Width, height: 0.1 nm}]}"


@pytest.fixture
def laws(workdir: Path, repository: Path) -> Path:
    """The files that the page shows, and a thin cell, through which electrons pass at once."""
    text = (repository / "docs/own-laws.md").read_text()
    for code in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        (workdir / code.split('"""')[1]).write_text(code)
    (workdir / "cell.yaml").write_text(CELL)
    return workdir


@pytest.fixture
def ran(laws: Path, tusk: Callable[..., object]) -> Callable[..., pd.DataFrame]:
    """Take four steps with some changes and return the rows."""

    def run(name: str, *changes: str) -> pd.DataFrame:
        sets = [word for change in changes for word in ("--set", change)]
        words = ("run", "cell.yaml", "--max-steps", "4", "--quiet", "--no-figures", "--allow-code")
        result = tusk(*words, *sets, "--out", name)
        assert result.code == 3, result
        return open_run(name).timeseries

    return run


def test_trap_assisted_tunnelling(ran: Callable[..., pd.DataFrame]) -> None:
    """The current is the integral of n_t G0 exp(-k g/2) V over the filament's cross-section."""
    last = ran("traps", TRAPS).iloc[-1]
    decay = 4 * math.pi / H * math.sqrt(2 * 0.42 * MASS * 1.2 * E)
    r, z = open_run("traps").filament.points[-1].T
    gap = 1e-9 - 0.95 * z  # the recess of the electrode is a twentieth of the height
    density = 1e18 * 2 * E**2 / H * np.exp(-decay * gap / 2) * last["cell_voltage_V"]
    current = abs(np.trapezoid(density * 2 * math.pi * r, r))
    assert last["current_A"] == pytest.approx(current, rel=0.03)
    assert last["current_A"] > 1e3 * ran("plain")["current_A"].iloc[-1]
    equations = json.loads(Path("traps/run.json").read_text())["equations"]
    assert "TrapAssisted" in equations["tunnelling"]


def test_marcus_kinetics(ran: Callable[..., pd.DataFrame]) -> None:
    """The electrode is large: nearly all of the voltage drives the filament's deposition."""
    rows, plain = ran("marcus", MARCUS), ran("plain")
    x = 2 * E * rows["cell_voltage_V"].iloc[-1] / (K * 300.0)
    level = math.exp((0.763 - 3.05 / 4) * E / (K * 300.0))
    marcus = level * 2 * math.sinh(x / 2)  # alpha = 1/2 while z e eta is small against lambda
    butler_volmer = math.exp(0.1 * x) - math.exp(-0.9 * x)
    ratio = rows["tip_rate_m_per_s"].iloc[-1] / plain["tip_rate_m_per_s"].iloc[-1]
    assert ratio == pytest.approx(marcus / butler_volmer, rel=0.02)


def test_constant_heat_conduction(ran: Callable[..., pd.DataFrame]) -> None:
    """Half the conductivity of everything: twice the temperature rise of the same current."""
    rows, plain = ran("film", TRAPS, FILM), ran("plain", TRAPS)
    rise = (rows["temperature_max_K"] - 300.0) / (plain["temperature_max_K"] - 300.0)
    assert rise.iloc[-1] == pytest.approx(2.0, rel=1e-3)
    np.testing.assert_allclose(rows["current_A"], plain["current_A"], rtol=1e-3)


def test_an_observable(ran: Callable[..., pd.DataFrame]) -> None:
    """It changes no byte of the run; its numbers follow from the shape of the nucleus."""
    rows, plain = ran("seen", WIDTH), ran("plain")
    assert Path("seen/timeseries.csv").read_bytes() == Path("plain/timeseries.csv").read_bytes()
    assert len(plain) == len(rows)
    seen = pd.read_csv("seen/observables.csv")
    assert list(seen) == ["time_s", "width_m", "tip_temperature_K"]
    np.testing.assert_array_equal(seen["time_s"], rows["time_s"])
    width = 2e-9 * math.sqrt(0.256**2 - 0.1**2)  # of a hemisphere at that height
    assert seen["width_m"].iloc[0] == pytest.approx(width, rel=5e-3)
    assert seen["tip_temperature_K"].iloc[0] == pytest.approx(300.0, abs=1e-6)
    assert not Path("plain/observables.csv").exists()


def test_a_restart_continues_the_observables(
    ran: Callable[..., pd.DataFrame], tusk: Callable[..., object], laws: Path
) -> None:
    ran("parts", WIDTH)
    words = ("run", "cell.yaml", "--set", WIDTH, "--allow-code", "--quiet", "--no-figures")
    go_on = (*words, "--max-steps", "2", "--restart", "--out", "parts")
    assert tusk(*go_on).code == 3
    assert tusk(*words, "--max-steps", "6", "--out", "whole").code == 3
    assert Path("parts/observables.csv").read_bytes() == Path("whole/observables.csv").read_bytes()
    file = laws / "my_observable.py"
    file.write_text(file.read_text().replace('"width"', '"breadth"'))
    before = Path("parts/observables.csv").read_bytes()
    result = tusk(*go_on)
    assert result.code == 1
    assert "has other columns" in result.err
    assert Path("parts/observables.csv").read_bytes() == before


def test_a_restart_wants_the_same_laws(
    ran: Callable[..., pd.DataFrame], refused: Callable[..., str], laws: Path
) -> None:
    """Whichever family the changed file belongs to, it is named."""
    ran("heat", FILM)
    file = laws / "my_heat.py"
    file.write_text(file.read_text().replace("self.reduction *", "2.0 * self.reduction *"))
    words = ("--allow-code", "--quiet", "--restart", "--out", "heat")
    message = refused("run", "cell.yaml", "--set", FILM, *words)
    assert message.startswith("tusk: thermal.conductivity: differs from the checkpoint")


@pytest.mark.parametrize(
    ("change", "start"),
    [
        ("tunnel.model=my_tunnelling.py:Trap", "tunnel.model: no class of this name"),
        ("tunnel.model=my_heat.py:ThinFilm", "tunnel.model: class without a method conductance_"),
        (TRAPS.replace("trap_depth: 1.2 eV, ", ""), "tunnel.trap_depth: missing, TrapAssisted"),
        (TRAPS.replace("1.2 eV", "1.2 nm"), "tunnel.trap_depth: wrong dimension, eV is needed"),
        (FILM.replace("0.5", "50 %"), "thermal.reduction: not a bare number"),
        (WIDTH.replace("Width", "Wide"), "output.observables[0]: no class of this name"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(
    laws: Path, refused: Callable[..., str], change: str, start: str
) -> None:
    for words in (
        ("validate", "cell.yaml"),
        ("run", "cell.yaml"),
        ("run", "cell.yaml", "--dry-run"),
    ):
        message = refused(*words, "--set", change, "--allow-code")
        place = "cell.yaml: " if words[0] == "validate" else ""
        assert message.startswith(f"tusk: {place}{start}")


def test_code_needs_consent(laws: Path, refused: Callable[..., str]) -> None:
    for change in (TRAPS, MARCUS, FILM, WIDTH):
        assert "--allow-code" in refused("validate", "cell.yaml", "--set", change)


NUMPY_LAW = """
import numpy as np

class NumpyLaw:
    def __init__(self, effective_mass, barrier, prefactor):
        pass

    def conductance_per_area(self, gap, voltage, temperature):
        return np.exp(-gap / 1e-10)
"""


def test_law_that_takes_no_symbols_is_refused(laws: Path, refused: Callable[..., str]) -> None:
    (laws / "law.py").write_text(NUMPY_LAW)
    change = ("--set", "tunnel.model=law.py:NumpyLaw", "--allow-code")
    for command in ("validate", "run"):
        message = refused(command, "cell.yaml", *change)
        assert "tunnel.model: NumpyLaw.conductance_per_area fails with TypeError" in message
        assert "tusk.solver.physics.functions" in message


def test_the_page_lists_what_each_family_asks_for(repository: Path) -> None:
    text = (repository / "docs/own-laws.md").read_text()
    for family in FAMILIES:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| `{family.place}` |")]
        for method in family.methods:
            assert f"`{method}`" in row
        assert row.split("|")[2].count("`") == 2 * len(family.methods)
