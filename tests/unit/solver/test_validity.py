"""Where a run leaves what its model is made for, and how it says so."""

from __future__ import annotations

from dataclasses import fields, replace

import frozen_cells
import pytest

from tusk.solver.models.filament.observables import Row
from tusk.solver.models.filament.validity import Validity

BLANK = {f.name: "" if f.name == "regime" else 0.0 for f in fields(Row)}
CALM = Row(**{**BLANK, "temperature_max_K": 900.0, "gap_min_m": 5e-9, "cell_voltage_V": 2.0,
              "radius_max_m": 4e-9})  # fmt: skip


def codes(validity: Validity) -> list[object]:
    return [warning["code"] for warning in validity.warnings()]


def test_a_run_as_published_is_warned_of_nothing() -> None:
    validity = Validity(frozen_cells.configure())
    validity.add(CALM)
    validity.add(CALM)
    assert validity.warnings() == []


@pytest.mark.parametrize(
    ("code", "changes", "value", "limit"),
    [
        ("melting", {"temperature_max_K": 3010.0}, 3010.0, 1357.8),
        ("breakdown", {"cell_voltage_V": -6.0, "gap_min_m": 3e-9}, 2e9, 1.2e9),
        ("narrow_domain", {"radius_max_m": 13e-9}, 13e-9, 12.5e-9),
    ],
)
def test_each_limit_is_named_with_value_and_time(
    code: str, changes: dict[str, float], value: float, limit: float
) -> None:
    validity = Validity(frozen_cells.configure())
    validity.add(CALM)
    validity.add(replace(CALM, time_s=1.5, **changes))
    validity.add(replace(CALM, time_s=2.0))
    (warning,) = validity.warnings()
    assert (warning["code"], warning["since_s"]) == (code, 1.5)
    assert warning["value"] == pytest.approx(value)
    assert warning["limit"] == pytest.approx(limit)


def test_the_worst_is_kept_with_when_it_began() -> None:
    validity = Validity(frozen_cells.configure())
    for time, hottest in enumerate((1400.0, 1900.0, 1500.0)):
        validity.add(replace(CALM, time_s=1.0 + time, temperature_max_K=hottest))
    (melting,) = validity.warnings()
    assert (melting["since_s"], melting["value"]) == (1.0, 1900.0)
    assert str(melting["message"]).startswith("1900 K: Cu melts at 1358 K")
    again = Validity(frozen_cells.configure(), validity.state())
    assert again.warnings() == validity.warnings()


def test_a_gap_of_two_layers_is_no_film_that_breaks_down() -> None:
    validity = Validity(frozen_cells.configure())
    validity.add(replace(CALM, gap_min_m=0.3e-9, cell_voltage_V=1.0))
    assert validity.warnings() == []


def test_an_oxide_that_the_void_model_does_not_hold() -> None:
    """v* L = 1 nm at 20 nm; 0.106 nm ln(0.5 eV/0.01 eV) = 0.415 nm is what the tip goes."""
    thick = "stack.oxide_thickness=20 nm"
    (warning,) = Validity(frozen_cells.configure(thick)).warnings()
    assert warning["code"] == "deep_void"
    assert warning["value"] == pytest.approx(1e-9)
    assert "0.41 nm" in str(warning["message"])
    assert "void.max_depth" in str(warning["message"])
    for change in ("void.max_depth=0.42 nm", "void.model=none", "void.dissolution_ratio=0.02"):
        assert codes(Validity(frozen_cells.configure(thick, change))) == []
    assert codes(Validity(frozen_cells.configure("stack.oxide_thickness=5 nm"))) == []


def test_silver_with_the_chemistry_of_copper() -> None:
    silver = ("stack.active_electrode=Ag",)
    (warning,) = Validity(frozen_cells.configure(*silver)).warnings()
    assert warning["code"] == "other_chemistry"
    assert str(warning["message"]).startswith("Ag with the charge transfer")
    assert codes(Validity(frozen_cells.configure(*silver, "kinetics.charge_number=1"))) == []
    validity = Validity(frozen_cells.configure(*silver, "kinetics.charge_number=1"))
    validity.add(replace(CALM, temperature_max_K=1300.0))
    assert codes(validity) == ["melting"]  # silver melts at 1234.9 K
