"""``tusk kinetics``: runs at constant voltages, their table and figure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tusk.solver.cli import main
from tusk.solver.commands.switching_times import Holds
from tusk.solver.errors import InputError

CELL = """\
model: filament_fem
stack: {oxide_thickness: 1 nm}
source: {kind: limiter, compliance_current: 1 uA}
drive: [{triangle: {amplitude: 1 V, rate: 1 V/s}}]
mesh: {preset: draft, size_factor: 1.5}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "thin.yaml"
    path.write_text(CELL)
    return path


def test_a_thin_cell_is_set_faster_at_more_volts(config: Path, tmp_path: Path) -> None:
    out = tmp_path / "kinetics"
    words = ["kinetics", str(config), "--voltages", "1.4 V,1 V", "--out", str(out), "--quiet"]
    assert main([*words, "--jobs", "1"]) == 0
    table = pd.read_csv(out / "kinetics.csv")
    assert list(table.voltage_V) == [1.0, 1.4]
    assert list(table.end) == ["set", "set"]
    slow, fast = table.set_time_s
    assert 0.0 < fast < slow / 2.0
    assert (table.slope_mV_per_decade > 0.0).all()
    assert set(table.limited_by) <= {"charge_transfer", "mixed", "hopping"}
    assert (out / "kinetics.png").stat().st_size > 1000
    limits = pd.read_csv(out / "runs" / "1V" / "overpotentials.csv")
    spent = limits.charge_transfer_V + limits.hopping_V
    assert spent[1:].max() < 1.0 + 1e-3  # no more than what is applied


@pytest.mark.parametrize(
    ("voltages", "current", "longest", "message"),
    [
        ("1 V,2", None, "1 s", "--voltages: "),
        ("1 V,-1 V", None, "1 s", "--voltages: out of range"),
        ("1 V", "1 s", "1 s", "--current: "),
        ("1 V", None, "1 m", "--longest: "),
    ],
)
def test_a_wrong_option_is_named(
    config: Path, voltages: str, current: str | None, longest: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Holds.read(config, (), voltages, current, longest)


def test_without_a_limiter_the_current_is_asked_for(config: Path) -> None:
    resistor = ("source={kind: resistor, resistance: 1 kohm}",)
    with pytest.raises(InputError, match="--current: needed"):
        Holds.read(config, resistor, "1 V", None, "1 s")
    assert Holds.read(config, resistor, "1 V", "1 uA", "1 s").current == 1e-6
    assert Holds.read(config, (), "1 V", None, "1 s").current == 0.5e-6


def test_another_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "contact.yaml"
    path.write_text("model: mesoscopic\n")
    with pytest.raises(InputError, match="filament_fem is wanted for kinetics"):
        Holds.read(path, (), "1 V", None, "1 s")
