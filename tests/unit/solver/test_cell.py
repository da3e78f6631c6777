"""Runs from Python objects: no YAML, no directory, laws that are injected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tusk.solver import Cell, simulate
from tusk.solver.config import build_config
from tusk.solver.errors import InputError
from tusk.solver.physics.functions import Value, exp
from tusk.solver.physics.source import CurrentLimiter, CurrentSource, IdealVoltage, Resistor
from tusk.solver.physics.waveform import Hold, Pulse, Ramp, Repeat, Sine, Table, Triangle

DRAFT = {"mesh": {"preset": "draft"}}


@dataclass(frozen=True, slots=True)
class Decaying:
    """J/V = G exp(-g/g0)."""

    conductance: float
    length: float

    def conductance_per_area(self, gap: Value, voltage: Value, temperature: Value) -> Value:
        return self.conductance * exp(-gap / self.length) + 0.0 * (voltage + temperature)


def test_objects_are_what_a_file_would_say() -> None:
    steps = (
        Triangle(2.0, 1.0), Ramp(0.5, 2.0), Hold(1e-3), Pulse(1.0, 1e-8, 1e-9, 2e-9, 3, 1e-7),
        Sine(0.1, 50.0, 2, 20), Table((1e-6, 2e-6), (0.1, 0.2)),
        Repeat(2, (Triangle(0.3, 1.0), Hold(1.0))),
    )  # fmt: skip
    cell = Cell(steps, CurrentLimiter(1e-5, 0.05, series_resistance=50.0), DRAFT)
    written = build_config({
        "model": "filament_fem", **DRAFT,
        "source": {"kind": "limiter", "compliance_current": "10 uA", "limiter_voltage": "50 mV",
                   "series_resistance": "50 ohm"},
        "drive": [
            {"triangle": {"amplitude": "2 V", "rate": "1 V/s"}},
            {"ramp": {"to": "0.5 V", "rate": "2 V/s"}},
            {"hold": {"for": "1 ms"}},
            {"pulse": {"amplitude": "1 V", "width": "10 ns", "rise": "1 ns", "fall": "2 ns",
                       "count": 3, "period": "100 ns"}},
            {"sine": {"amplitude": "0.1 V", "frequency": "50 Hz", "cycles": 2, "points": 20}},
            {"table": {"points": [["1 us", "0.1 V"], ["2 us", "0.2 V"]]}},
            {"repeat": {"count": 2, "steps": [
                {"triangle": {"amplitude": "0.3 V", "rate": "1 V/s"}}, {"hold": {"for": "1 s"}}]}},
        ],
    })  # fmt: skip
    assert cell.config().physics_hash() == written.physics_hash()


@pytest.mark.parametrize(
    ("source", "kind"),
    [(Resistor(1e4), "resistor"), (IdealVoltage(), "none"), (CurrentSource(), "current")],
)
def test_every_source_is_known(source: object, kind: str) -> None:
    assert Cell([Triangle(1e-3, 1e-3)], source).config().source.kind == kind


def test_a_run_leaves_its_results_in_memory_and_nothing_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = simulate(Cell([Triangle(2.0, 1.0)], sections=DRAFT), max_steps=4)
    assert list(tmp_path.iterdir()) == []
    assert result.directory is None
    assert len(result.timeseries) == 5
    assert result.summary["status"] == "stopped"
    assert result.marks["upsilon_s"] is None
    assert set(result.filament.columns) == {"time_s", "r_m", "z_m"}
    assert result.contact.empty
    last = max(result.fields)
    assert last == result.timeseries["time_s"].iloc[-1]
    potential = result.fields[last].point_data["electric_potential_V"]
    assert potential.max() == pytest.approx(result.timeseries["cell_voltage_V"].iloc[-1], rel=1e-6)


def test_a_run_is_kept_where_it_is_asked_to_be(tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = simulate(Cell([Triangle(2.0, 1.0)], sections=DRAFT), out, max_steps=2)
    assert result.directory == out
    assert (out / "timeseries.csv").exists()


def test_an_injected_law_takes_the_place_of_that_of_the_set() -> None:
    cell = Cell([Triangle(2.0, 1.0)], sections=DRAFT)
    law = Decaying(1e15, 7.8e-11)
    plain, ours = (
        simulate(each, max_steps=2)
        for each in (cell, Cell(cell.drive, sections=DRAFT, laws={"tunnelling": law}))
    )
    assert "Decaying" in ours.summary["equations"]["tunnelling"]
    assert "Simmons" in plain.summary["equations"]["tunnelling"]
    assert np.array_equal(plain.timeseries["time_s"], ours.timeseries["time_s"])


def test_unknown_families_and_sources_are_named() -> None:
    with pytest.raises(InputError, match="laws: no such family, allowed charge_transfer"):
        Cell([Hold(1.0)], laws={"tunneling": None}).config()
    with pytest.raises(InputError, match="source: unknown element, allowed CurrentLimiter"):
        Cell([Hold(1.0)], source=object()).config()


def test_observables_of_a_file_come_as_a_table(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "class Height:\n"
        "    columns = {'height': 'm'}\n\n"
        "    def observe(self, state):\n"
        "        return {'height': state.row.tip_height_m}\n"
    )
    sections = {**DRAFT, "output": {"observables": [f"{tmp_path}/mine.py:Height"]}}
    result = simulate(Cell((Ramp(0.1, 1.0),), sections=sections), max_steps=2)
    seen = result.observables
    assert list(seen.columns) == ["time_s", "height_m"]
    assert (seen["height_m"] == result.timeseries["tip_height_m"]).all()
