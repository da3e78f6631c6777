"""Writing configs: identical on reload; the hash changes with the physics and only with it."""

from pathlib import Path
from typing import Any

import pytest

from tusk.solver.config import FilamentConfig, build_config, load_config
from tusk.solver.config.summary import CHANGED, PROGRAM_DEFAULT, provenance, summary
from tusk.solver.parameters import PARAMETER_SETS

PULSES = {
    "amplitude": "1 V",
    "width": "10 ns",
    "rise": "1 ns",
    "fall": "1 ns",
    "count": 5,
    "period": "100 ns",
}
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "resistor": {"source": {"kind": "resistor", "resistance": "1 kohm"}},
    "none": {"source": {"kind": "none", "series_resistance": "3.3 ohm"}},
    "current": {
        "source": {"kind": "current"},
        "drive": [
            {"ramp": {"to": "20 uA", "rate": "1 uA/s"}},
            {"table": {"points": [["0 s", "20 uA"], ["0.1 s", "0.3 nA"]]}},
        ],
    },
    "steps": {
        "drive": [
            {"pulse": PULSES, "until": {"quantity": "temperature_max_K", "above": "600 K"}},
            {"hold": {"for": "1.1 ms", "until": {"quantity": "gap_min_m", "below": "0.3 nm"}}},
        ]
    },
    "odd numbers": {
        "stack": {"oxide_thickness": "9.7123456789012345 nm", "nucleus_radius": "0.3 nm"},
        "kinetics": {"activation_energy": "0.1 eV", "ion_concentration": "3.3e20 cm^-3"},
        "mesh": {"far_size": "2.7 nm", "elements_across_gap": 5, "size_factor": 0.7},
        "stepping": {"max_steps": 3, "minimum_step": "3 fs"},
        "void": {"max_depth": "0.5 nm", "electrode_barriers": True},
        "output": {"fields_at_currents": ["1 nA", "3.3 uA"]},
    },
    "silver": {"stack": {"active_electrode": "Ag", "counter_electrode": "W", "oxide": "HfO2"}},
}


def reload(config: FilamentConfig, folder: Path) -> FilamentConfig:
    path = folder / "config.resolved.yaml"
    path.write_text(config.to_yaml(), encoding="utf-8")
    return load_config(path)


@pytest.mark.parametrize("raw", VARIANTS.values(), ids=VARIANTS.keys())
def test_resolved_config_reloads_identically(raw: dict[str, Any], tmp_path: Path) -> None:
    config = build_config(raw)
    again = reload(config, tmp_path)
    assert again == config
    assert again.physics_hash() == config.physics_hash()
    assert again.to_yaml() == config.to_yaml()


def test_shipped_configs_reload_identically(repository: Path, tmp_path: Path) -> None:
    for path in (repository / "configs").glob("*.yaml"):
        config = load_config(path)
        assert reload(config, tmp_path) == config


def test_waveform_file_reloads_without_the_file(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("time_s,voltage_V\n0,0\n0.1,0.3\n0.7,-1e-3\n")
    (tmp_path / "c.yaml").write_text("drive: [{table: {file: w.csv}}]")
    config = load_config(tmp_path / "c.yaml")
    (tmp_path / "w.csv").unlink()
    assert reload(config, tmp_path) == config


def test_every_dimension_is_written_with_a_unit() -> None:
    body = build_config({}).resolved()
    assert body["stack"]["nucleus_radius"] == "0.256 nm"
    assert body["source"]["compliance_current"] == "1 mA"
    assert body["drive"] == [{"triangle": {"amplitude": "2 V", "rate": "1 V/s"}}]
    assert body["kinetics"]["activation_energy"] == "0.763 eV"
    assert body["void"]["max_depth"] is None


INERT = [
    {"output": {"fields_every": 7}},
    {"output": {"fields_at_currents": ["1 uA"]}},
    {"checkpoint": {"every": "1 s"}},
    {"solver": {"linear": "direct"}},
    {"stepping": {"max_steps": 3}},
    {"materials": {"W": {"density": "1 kg/m^3"}}},
    {"source": {"compliance_current": "1000 uA"}},
]
ACTIVE = [
    {"stack": {"nucleus_radius": "0.3 nm"}},
    {"drive": [{"ramp": {"to": "2 V", "rate": "1 V/s"}}]},
    {"drive": [{"triangle": {"amplitude": "2 V", "rate": "1 V/s"}}, {"hold": {"for": "1 s"}}]},
    {"source": {"kind": "none"}},
    {"source": {"compliance_current": "2 mA"}},
    {"kinetics": {"barriers": "growth"}},
    {"tunnel": {"gap": "nearest"}},
    {"void": {"max_depth": "0.5 nm"}},
    {"materials": {"Cu": {"density": "8961 kg/m^3"}}},
    {"mesh": {"preset": "draft"}},
    {"mesh": {"size_factor": 0.5}},
    {"stepping": {"tolerance": 2e-3}},
    {"solver": {"tolerance_potential": "1 nV"}},
    {"thermal": {"model": "transient"}},
]


@pytest.mark.parametrize("raw", INERT, ids=str)
def test_hash_ignores_what_changes_no_result(raw: dict[str, Any]) -> None:
    assert build_config(raw).physics_hash() == build_config({}).physics_hash()


def test_hash_sees_every_change_of_a_result() -> None:
    hashes = {build_config(raw).physics_hash() for raw in ({}, *ACTIVE)}
    assert len(hashes) == len(ACTIVE) + 1


def test_hash_tells_a_ramp_from_a_triangle_of_equal_numbers() -> None:
    """The name of a step is part of the physics even where its numbers agree."""
    hold = build_config(
        {"drive": [{"ramp": {"to": "1 V", "rate": "1 V/s"}}, {"hold": {"for": "1 s"}}]}
    )
    other = build_config(
        {"drive": [{"triangle": {"amplitude": "1 V", "rate": "1 V/s"}}, {"hold": {"for": "1 s"}}]}
    )
    assert hold.physics_hash() != other.physics_hash()


def test_provenance_of_the_default_is_all_cited() -> None:
    rows = {row.key: row for row in provenance(build_config({}))}
    assert rows["kinetics.activation_energy"].tag == "C"
    assert rows["filament.mean_free_path"].tag == "H"
    assert rows["drive"].source == PARAMETER_SETS["buttberg2025"].drive_source
    assert not [row for row in rows.values() if row.source == CHANGED]
    uncited = {key for key, row in rows.items() if row.source == PROGRAM_DEFAULT}
    assert uncited == {
        "source.series_resistance",
        "source.reverse_resistance",
        "materials.Pt.mean_free_path",
        "circuit.parallel_capacitance",
    }


@pytest.mark.parametrize(
    ("raw", "changed"),
    [
        ({"kinetics": {"activation_energy": "0.8 eV"}}, {"kinetics.activation_energy"}),
        ({"kinetics": {"activation_energy": "0.7630 eV"}}, set()),
        ({"materials": {"Cu": {"density": "9 g/cm^3"}}}, {"materials.Cu.density"}),
        ({"drive": [{"hold": {"for": "1 s"}}]}, {"drive"}),
        ({"source": {"kind": "none"}}, {"source.kind"}),
        ({"stack": {"active_electrode": "Ag"}}, {"stack.active_electrode"}),
        ({"void": {"max_depth": "0.5 nm"}}, {"void.max_depth"}),
    ],
)
def test_provenance_names_what_the_user_changed(raw: dict[str, Any], changed: set[str]) -> None:
    rows = provenance(build_config(raw))
    assert {row.key for row in rows if row.source == CHANGED} == changed


def test_summary_cites_the_set_and_is_a_config(tmp_path: Path) -> None:
    config = build_config({"source": {"compliance_current": "10 uA"}})
    text = summary(config)
    assert "doi 10.1002/admt.202500837" in text
    assert "#   source.compliance_current: 10 uA" in text
    (tmp_path / "c.yaml").write_text(text)
    assert load_config(tmp_path / "c.yaml") == config
