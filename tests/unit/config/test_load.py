"""Loading: layers of defaults, `--set`, SI values, drive steps, YAML scalars, shipped configs."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tusk.solver.config import FilamentConfig, build_config, load_config
from tusk.solver.config.drive import Hold, Pulse, Ramp, Table, Triangle
from tusk.solver.config.source import CurrentSource, LimiterSource, ResistorSource, VoltageSource
from tusk.solver.config.until import UNTIL_DIMENSIONS
from tusk.solver.config.yaml_file import parse_yaml
from tusk.solver.errors import InputError
from tusk.solver.physics.waveform import Drive

EV = 1.602176634e-19
ATOMIC_MASS = 1.66053906892e-27


@pytest.fixture(scope="module")
def default() -> FilamentConfig:
    return build_config({})


def test_defaults_are_the_design(default: FilamentConfig) -> None:
    """Every number of the default set, in SI."""
    stack, kinetics, tunnel, void = default.stack, default.kinetics, default.tunnel, default.void
    assert (stack.oxide, stack.active_electrode, stack.counter_electrode) == ("SiO2", "Cu", "Pt")
    lengths = (
        stack.oxide_thickness,
        stack.active_electrode_thickness,
        stack.counter_electrode_thickness,
        stack.domain_radius,
        stack.nucleus_radius,
    )
    assert lengths == (1e-8, 1e-8, 1e-8, 2.5e-8, 2.56e-10)
    assert (kinetics.charge_number, kinetics.transfer_coefficient) == (2, 0.1)
    assert (kinetics.ion_concentration, kinetics.rate_constant) == (1e26, 2052.0)
    assert kinetics.activation_energy == pytest.approx(0.763 * EV, rel=1e-15)
    assert (kinetics.equilibrium_offset, kinetics.barriers) == (0.0, "both")
    hopping = default.hopping
    assert (hopping.distance, hopping.attempt_frequency) == (2.5e-10, 1e13)
    assert hopping.barrier == pytest.approx(0.35 * EV, rel=1e-15)
    assert (tunnel.model, tunnel.gap, tunnel.heating) == ("simmons_linear", "column", "constant")
    assert (tunnel.effective_mass, tunnel.prefactor, tunnel.collector_share) == (0.42, 0.5, 0.82)
    assert tunnel.barrier == pytest.approx(3.7 * EV, rel=1e-15)
    filament = default.filament
    assert (filament.conductivity, filament.specularity) == ("thin_wire", 0.0)
    assert filament.mean_free_path == 39.9e-9
    assert default.stress.energy == pytest.approx(0.075 * EV, rel=1e-15)
    assert default.stress.radius == 1.6e-9
    assert (void.dissolution_ratio, void.length, void.max_depth) == (0.05, 0.106e-9, None)
    assert void.energy == pytest.approx(0.01 * EV, rel=1e-15)
    assert (void.healing, void.electrode_barriers) == ("follow", False)
    thermal = default.thermal
    assert (thermal.model, thermal.ambient_temperature, thermal.side) == (
        "steady",
        300.0,
        "insulated",
    )


def test_default_materials_are_the_design(default: FilamentConfig) -> None:
    copper, platinum, oxide = default.active_electrode, default.counter_electrode, default.oxide
    assert (copper.electrical_conductivity, platinum.electrical_conductivity) == (5.96e7, 9.4e6)
    assert (copper.electrical_linear, copper.electrical_quadratic) == (3.9e-3, 0.0)
    conductivities = [m.thermal_conductivity for m in (copper, platinum, oxide)]
    assert conductivities == [400.0, 71.0, 1.4]
    for material in (copper, platinum, oxide):
        assert (material.thermal_linear, material.thermal_quadratic) == (0.0, 0.0)
    assert copper.atomic_mass == pytest.approx(63.546 * ATOMIC_MASS, rel=1e-15)
    assert (copper.density, copper.heat_capacity) == (8960.0, 385.0)
    assert list(default.materials) == ["SiO2", "Cu", "Pt"]


def test_default_drive_and_source_are_the_design(default: FilamentConfig) -> None:
    (step,) = default.drive
    assert isinstance(step, Triangle)
    assert (step.amplitude, step.rate, step.until) == (2.0, 1.0, None)
    assert isinstance(default.source, LimiterSource)
    assert (default.source.compliance_current, default.source.limiter_voltage) == (1e-3, 0.05)
    assert (default.source.reverse_resistance, default.source.series_resistance) == (None, 0.0)


def test_library_serves_other_materials() -> None:
    config = build_config({"stack": {"active_electrode": "Ag", "oxide": "HfO2"}})
    assert config.active_electrode.electrical_conductivity == 6.139e7
    assert config.active_electrode.thermal_linear == 1.7e-4
    assert config.filament.mean_free_path == 53.3e-9
    assert config.oxide.density == 9680.0


def test_user_overrides_set_overrides_library() -> None:
    config = build_config({"materials": {"Cu": {"thermal_conductivity": "390 W/m/K"}}})
    assert config.active_electrode.thermal_conductivity == 390.0  # the user's
    assert config.active_electrode.electrical_conductivity == 5.96e7  # the set's
    assert config.active_electrode.heat_capacity == 385.0  # the library's


def test_mean_free_path_follows_the_material_unless_given() -> None:
    changed = {"materials": {"Cu": {"mean_free_path": "20 nm"}}}
    assert build_config(changed).filament.mean_free_path == 20e-9
    given = {**changed, "filament": {"mean_free_path": "30 nm"}}
    assert build_config(given).filament.mean_free_path == 30e-9


def test_new_material() -> None:
    gold = {
        "kind": "metal",
        "electrical_conductivity": "4.5e7 S/m",
        "electrical_linear": "3.7e-3 /K",
        "electrical_quadratic": "0 K^-2",
        "thermal_conductivity": "317 W/m/K",
        "thermal_linear": "0 /K",
        "thermal_quadratic": "0 K^-2",
        "density": "19.3 g/cm^3",
        "heat_capacity": "129 J/kg/K",
        "atomic_mass": "196.967 u",
    }
    config = build_config({"stack": {"counter_electrode": "Au"}, "materials": {"Au": gold}})
    assert config.counter_electrode.density == pytest.approx(19300.0)


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ({"kind": "none"}, VoltageSource),
        (
            {"kind": "resistor", "resistance": "1 kohm", "series_resistance": "5 ohm"},
            ResistorSource,
        ),
    ],
)
def test_limiter_defaults_do_not_leak_into_other_sources(
    source: dict[str, Any], kind: type
) -> None:
    assert isinstance(build_config({"source": source}).source, kind)


def test_current_driven() -> None:
    config = build_config(
        {
            "source": {"kind": "current"},
            "drive": [{"triangle": {"amplitude": "20 uA", "rate": "1 mA/s"}}],
        }
    )
    (step,) = config.drive
    assert isinstance(config.source, CurrentSource)
    assert isinstance(step, Triangle)
    assert (step.amplitude, step.rate) == (20e-6, 1e-3)


def test_every_step_and_until() -> None:
    steps = [
        {
            "ramp": {"to": "1 V", "rate": "2 V/s"},
            "until": {"quantity": "current_A", "above": "1 uA"},
        },
        {"hold": {"for": "1 ms", "until": {"quantity": "gap_min_m", "below": "0.5 nm"}}},
        {"pulse": {"amplitude": "0 V", "width": "10 ns", "rise": "1 ns", "fall": "2 ns"}},
        {"table": {"points": [["1 s", "0 V"], ["2 s", "-1 V"]]}},
    ]
    ramp, hold, pulse, table = build_config({"drive": steps}).drive
    assert isinstance(ramp, Ramp)
    assert ramp.until is not None
    assert (ramp.until.quantity, ramp.until.above, ramp.until.below) == ("current_A", 1e-6, None)
    assert isinstance(hold, Hold)
    assert hold.duration == 1e-3
    assert hold.until is not None
    assert hold.until.below == 5e-10
    assert isinstance(pulse, Pulse)
    assert (pulse.count, pulse.period) == (1, pytest.approx(13e-9))
    assert isinstance(table, Table)
    assert (table.times, table.values) == ((1.0, 2.0), (0.0, -1.0))


def test_the_waveform_takes_every_step() -> None:
    steps = [
        {"triangle": {"amplitude": "2 V", "rate": "1 V/s"}},
        {"ramp": {"to": "-1 V", "rate": "1 V/s"}},
        {"hold": {"for": "1 s"}},
        {
            "pulse": {
                "amplitude": "1 V",
                "width": "1 s",
                "rise": "1 s",
                "fall": "1 s",
                "count": 2,
                "period": "4 s",
            }
        },
        {"table": {"points": [["0 s", "-1 V"], ["1 s", "3 V"]]}},
    ]
    drive = Drive(build_config({"drive": steps}).drive)
    position = drive.start()
    ends = []
    while position is not None:
        end = drive.corners(position)[0][-1]
        ends.append((drive.time(position, end), drive.value(position, end)))
        position = drive.leave(position, end)
    assert ends == [(4.0, 0.0), (5.0, -1.0), (6.0, -1.0), (14.0, -1.0), (15.0, 3.0)]


def test_waveform_file_is_relative_to_the_config(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    (folder / "c.yaml").write_text("drive: [{table: {file: w.csv}}]")
    (folder / "w.csv").write_text("# measured\ntime_s, voltage_V\n0, 0\n1e-3, 0.1\n\n2e-3, 0.3\n")
    (step,) = load_config(folder / "c.yaml").drive
    assert isinstance(step, Table)
    assert (step.times, step.values) == ((0.0, 1e-3, 2e-3), (0.0, 0.1, 0.3))


def test_overrides(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("source: {compliance_current: 1 mA}")
    config = load_config(
        path,
        [
            "source.compliance_current=10 uA",
            "drive[0].triangle.rate = 10 V/s",
            "drive.0.triangle.amplitude=3 V",
            "void.max_depth=null",
            "stress={model: none}",
            "output.fields_at_currents=[1 uA, 2 uA]",
            "stepping.tolerance=1e-4",
        ],
    )
    assert isinstance(config.source, LimiterSource)
    assert config.source.compliance_current == 1e-5
    (step,) = config.drive
    assert isinstance(step, Triangle)
    assert (step.amplitude, step.rate) == (3.0, 10.0)
    assert config.stress.model == "none"
    assert config.output.fields_at_currents == (1e-6, 2e-6)
    assert config.stepping.tolerance == 1e-4


def test_a_mapping_given_by_set_replaces_the_section_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("source: {kind: limiter, compliance_current: 1 mA}")
    assert isinstance(load_config(path, ["source={kind: none}"]).source, VoltageSource)


def test_first_problem_counts_the_others() -> None:
    with pytest.raises(InputError, match=r"^stack\.oxide_thickness: .*\(and 1 more\)$"):
        build_config({"stack": {"oxide_thickness": 1, "domain_radius": 2}})


def test_input_errors_exit_with_1() -> None:
    with pytest.raises(InputError) as caught:
        build_config({"model": "x"})
    assert caught.value.exit_code == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e26", 1e26),
        ("1E-3", 1e-3),
        (".5", 0.5),
        ("-3", -3),
        ("012", 12.0),
        ("1:30", "1:30"),
        ("no", "no"),
        ("on", "on"),
        ("none", "none"),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("2026-01-01", "2026-01-01"),
        ("10 nm", "10 nm"),
        ("0x10", "0x10"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    parsed = parse_yaml(text)
    assert parsed == value
    assert type(parsed) is type(value)


def test_configs_are_frozen(default: FilamentConfig) -> None:
    with pytest.raises(ValueError, match="frozen"):
        default.stack.oxide_thickness = 1.0  # type: ignore[misc]


def test_until_watches_columns_of_the_contract() -> None:
    units = {
        "s": "time",
        "V": "voltage",
        "A": "current",
        "m": "length",
        "K": "temperature",
        "ohm": "resistance",
        "W": "power",
    }
    for column, dimension in UNTIL_DIMENSIONS.items():
        assert dimension == units[column.rpartition("_")[2]]


def test_shipped_configs_are_what_their_names_say(repository: Path) -> None:
    paths = sorted((repository / "configs").glob("buttberg2025_set_*.yaml"))
    configs = {path.stem: load_config(path) for path in paths}
    currents = {"1mA": 1e-3, "100uA": 1e-4, "10uA": 1e-5, "100nA": 1e-7, "1nA": 1e-9}
    for stem, config in configs.items():
        assert isinstance(config.source, LimiterSource)
        assert config.source.compliance_current == currents[stem.split("_")[2]]
        assert config.mesh.preset == "reference"
        assert isinstance(config.drive[0], Triangle)
        assert (config.drive[0].amplitude, config.drive[0].rate) == (2.0, 1.0)
    reset = configs["buttberg2025_set_1mA_reset"].drive[1]
    assert isinstance(reset, Ramp)
    assert (reset.to, reset.rate) == (-1.0, 1.0)
    assert configs["buttberg2025_set_1mA_no_barrier_heating"].tunnel.heating == "none"
    assert configs["buttberg2025_set_1mA_no_dissolution"].void.dissolution_ratio == 0.0
    assert len(configs) == 9


def test_every_shipped_config_names_its_figure(repository: Path) -> None:
    for path in (repository / "configs").glob("*.yaml"):
        header = [line for line in path.read_text().splitlines() if line.startswith("#")]
        paper = path.stem.partition("20")[0].capitalize()
        assert any(f"{paper} 20" in line and ": Fig" in line for line in header), path.name


def test_loading_imports_no_solver() -> None:
    script = (
        "import sys; from tusk.solver.config import build_config; build_config({}).to_yaml();"
        "heavy = {'dolfinx', 'ufl', 'mpi4py', 'petsc4py', 'gmsh', 'pandas', 'matplotlib'};"
        "sys.exit(str(heavy & sys.modules.keys()) if heavy & sys.modules.keys() else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


def test_every_shipped_config_names_its_parameter_set(repository: Path) -> None:
    for path in (repository / "configs").glob("*.yaml"):
        assert path.stem.startswith(f"{load_config(path).parameters}_")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"contact": {"gap": "12 nm"}}, "contact.gap: too large for the cell, allowed < 9.744 nm"),
        (
            {"contact": {"gap": "9.8 nm"}},
            "contact.gap: too large for the cell",
        ),  # there is a nucleus
        ({"contact": {"gap": "-0.1 nm"}}, "contact.gap: "),
        ({"contact": {"radius": "-0.3 nm"}}, "contact.radius: "),
        ({"contact": {"effective_mass": 0}}, "contact.effective_mass: "),
        ({"source": {"kind": "resistor", "resistance": "-1 kohm"}}, "source.resistance: "),
    ],
    ids=str,
)
def test_contacts_that_cannot_be_are_refused(raw, words):
    with pytest.raises(InputError) as caught:
        build_config(raw)
    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("step", "key"),
    [
        ({"hold": {"for": "1e-16 s"}}, "hold.for"),
        ({"pulse": {"amplitude": "1 V", "width": "1 ns", "rise": "1e-16 s", "fall": "1 ns"}},
         "pulse.rise"),
        ({"table": {"points": [["0 s", "0 V"], ["1 s", "1 V"], ["1.0000000000000002 s", "0 V"]]}},
         "table.points"),
    ],
)  # fmt: skip
def test_pieces_shorter_than_any_step_are_refused_by_key(step: dict[str, Any], key: str) -> None:
    with pytest.raises(InputError, match=rf"drive\[0\]\.repeat\.steps\[0\]\.{key}: too short"):
        build_config({"drive": [{"repeat": {"count": 2, "steps": [step]}}]})
