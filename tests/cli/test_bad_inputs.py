"""Wrong inputs: exit 1, one line that names the key, no traceback, nothing written."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Refused = Callable[..., str]

DRIVE = "drive: [{triangle: {amplitude: 2 V, rate: 1 V/s}}]\n"
BOMB = "a: &a [1, 1]\n" + "".join(
    f"{new}: &{new} [*{old}, *{old}, *{old}, *{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

# id: (YAML text, beginning of the message, something else the message says)
CONFIGS: dict[str, tuple[str, str, str]] = {
    # keys
    "unknown section": ("stak: {}", "stak", "did you mean 'stack'?"),
    "unknown key": (
        "stack: {oxide_thicknes: 10 nm}",
        "stack.oxide_thicknes",
        "did you mean 'oxide_thickness'?",
    ),
    "unknown key without a likeness": ("stack: {xyz: 1 nm}", "stack.xyz", "allowed oxide, "),
    "unknown key of a step": (
        "drive: [{ramp: {to: 1 V, rate: 1 V/s, tau: 1 s}}]",
        "drive[0].ramp.tau",
        "allowed until, to, rate",
    ),
    "unknown key of a material": (
        "materials: {Cu: {thermal_conductance: 1 W/m/K}}",
        "materials.Cu.thermal_conductance",
        "did you mean 'thermal_conductivity'?",
    ),
    "key of another source": (
        "source: {kind: resistor, resistance: 1 kohm, compliance_current: 1 mA}",
        "source.compliance_current",
        "belongs to source.kind limiter, not resistor",
    ),
    "unknown contact key": ("contact: {gapp: 0.15 nm}", "contact.gapp", "did you mean 'gap'"),
    "number as a key": ("stack: {1: 2}", "stack.1", "unknown key"),
    # units and numbers
    "unit missing": ("stack: {oxide_thickness: 10}", "stack.oxide_thickness", "unit missing"),
    "unit missing in text": (
        "stack: {oxide_thickness: '10'}",
        "stack.oxide_thickness",
        "unit missing",
    ),
    "wrong dimension": (
        "stack: {oxide_thickness: 10 V}",
        "stack.oxide_thickness",
        "wrong dimension, length is needed, allowed length in nm",
    ),
    "unknown unit": (
        "stack: {oxide_thickness: 10 nn}",
        "stack.oxide_thickness",
        "unknown unit 'nn'",
    ),
    "metres for nanometres": (
        "stack: {oxide_thickness: 10 m}",
        "stack.oxide_thickness",
        "out of range",
    ),
    "expression for a quantity": (
        "stack: {oxide_thickness: 9**9**9 nm}",
        "stack.oxide_thickness",
        "not a number with a unit",
    ),
    "unit with a dimensionless key": (
        "tunnel: {effective_mass: 0.42 kg}",
        "tunnel.effective_mass",
        "not a bare number",
    ),
    "energy in volt": ("kinetics: {activation_energy: 0.7 V}", "kinetics.activation_energy", ""),
    "negative length": ("stack: {nucleus_radius: -1 nm}", "stack.nucleus_radius", "> 0 nm"),
    "zero length": ("void: {length: 0 nm}", "void.length", "out of range"),
    "negative energy": ("stress: {energy: -0.1 eV}", "stress.energy", ">= 0 eV"),
    "negative temperature": (
        "thermal: {ambient_temperature: -3 K}",
        "thermal.ambient_temperature",
        "> 0 K",
    ),
    "NaN": ("tunnel: {prefactor: .nan}", "tunnel.prefactor", "not a finite number"),
    "infinity": ("tunnel: {prefactor: .inf}", "tunnel.prefactor", "not a finite number"),
    "NaN with a unit": ("stack: {oxide_thickness: nan nm}", "stack.oxide_thickness", ""),
    "overflow": (
        "stack: {oxide_thickness: 1e999 nm}",
        "stack.oxide_thickness",
        "not a finite number",
    ),
    "huge integer": (f"seed: 1{'0' * 400}", "seed", "not a finite number"),
    "integer of thousands of digits": (f"seed: 1{'0' * 9000}", "c.yaml", "not valid YAML"),
    "fractional charge": ("kinetics: {charge_number: 1.5}", "kinetics.charge_number", "whole"),
    "truth value for a number": ("kinetics: {charge_number: true}", "kinetics.charge_number", ""),
    "word for a truth value": ("void: {electrode_barriers: 1}", "void.electrode_barriers", "true"),
    # ranges
    "alpha 0": ("kinetics: {transfer_coefficient: 0}", "kinetics.transfer_coefficient", "> 0"),
    "alpha 1": ("kinetics: {transfer_coefficient: 1}", "kinetics.transfer_coefficient", "< 1"),
    "alpha negative": ("kinetics: {transfer_coefficient: -0.1}", "kinetics.transfer_coeff", ""),
    "specular to the end": ("filament: {specularity: 1}", "filament.specularity", "< 1"),
    "share above 1": ("tunnel: {collector_share: 1.2}", "tunnel.collector_share", "<= 1"),
    "no compliance current": (
        "source: {compliance_current: 0 A}",
        "source.compliance_current",
        "allowed current in A, > 0 A, got '0 A'",
    ),
    "negative load": ("source: {kind: resistor, resistance: -1 ohm}", "source.resistance", ""),
    "load missing": ("source: {kind: resistor}", "source.resistance", "missing"),
    "coarse tolerance": ("stepping: {tolerance: 2}", "stepping.tolerance", "<= 0.1"),
    "no fields": ("output: {fields_every: 0}", "output.fields_every", ">= 1"),
    "current list with a bare number": (
        "output: {fields_at_currents: [1 uA, 3]}",
        "output.fields_at_currents[1]",
        "unit missing",
    ),
    "scalar for a list": ("output: {fields_at_currents: 1 uA}", "output.fields_at_currents", ""),
    "ensemble": ("members: 4", "members", "allowed 1"),
    # words
    "model not available": ("model: filament", "model", "did you mean 'filament_fem'?"),
    "parameter set": (
        "parameters: butberg2025",
        "parameters",
        "did you mean 'buttberg2025'?",
    ),
    "parameter set not a word": ("parameters: [1]", "parameters", "no such parameter set"),
    "tunnel law": ("tunnel: {model: simons_full}", "tunnel.model", "'simmons_full'"),
    "tunnel law not a word": ("tunnel: {model: 3}", "tunnel.model", "a word"),
    "code without leave": ("tunnel: {model: 'law.py:Law'}", "tunnel.model", "--allow-code"),
    "contact closure": ("contact: {model: qcp}", "contact.model", "allowed none, qpc"),
    "source kind": ("source: {kind: limitter}", "source.kind", "did you mean 'limiter'?"),
    "preset": ("mesh: {preset: coarse}", "mesh.preset", "allowed draft, reference, fine"),
    "unknown oxide": ("stack: {oxide: SiO3}", "stack.oxide", "allowed SiO2, HfO2"),
    "metal as oxide": ("stack: {oxide: Cu}", "stack.oxide", "not a known oxide"),
    "oxide as electrode": ("stack: {counter_electrode: SiO2}", "stack.counter_electrode", "metal"),
    "new material without values": ("materials: {Au: {kind: metal}}", "materials.Au.", "missing"),
    "new material without a kind": (
        "materials: {Au: {density: 1 kg/m^3}}",
        "materials.Au.kind",
        "allowed metal, oxide",
    ),
    "electrode without a mean free path": (
        "stack: {active_electrode: Pt}",
        "materials.Pt.mean_free_path",
        "missing, filament.conductivity: thin_wire needs it",
    ),
    # shapes of sections
    "section is a number": ("stack: 3", "stack", "must be a mapping of keys to values, got 3"),
    "section is empty": ("kinetics:", "kinetics", "must be a mapping of keys to values, got null"),
    "material is a number": ("materials: {Cu: 3}", "materials.Cu", ""),
    "materials is a list": ("materials: [Cu]", "materials", "a mapping"),
    # cell
    "nucleus larger than the oxide": (
        "stack: {nucleus_radius: 11 nm}",
        "stack.nucleus_radius",
        "allowed < 10 nm, got '11 nm'",
    ),
    "nucleus fills the oxide": ("stack: {nucleus_radius: 10 nm}", "stack.nucleus_radius", ""),
    "nucleus wider than the domain": (
        "stack: {nucleus_radius: 2 nm, domain_radius: 1.5 nm}",
        "stack.nucleus_radius",
        "< 1.5 nm",
    ),
    "minimum gap larger than the oxide": ("mesh: {minimum_gap: 10 nm}", "mesh.minimum_gap", ""),
    "step floor above the first step": (
        "stepping: {first_step: 1 ns, minimum_step: 1 us}",
        "stepping.minimum_step",
        "allowed < 1 ns (stepping.first_step), got '1 us'",
    ),
    # drive
    "empty drive": ("drive: []", "drive", "at least one step"),
    "drive missing": ("drive:", "drive", "a list"),
    "drive is a mapping": ("drive: {ramp: {to: 1 V, rate: 1 V/s}}", "drive", "a list"),
    "unknown step": ("drive: [{rampp: {to: 1 V}}]", "drive[0]", "did you mean 'ramp'?"),
    "two steps in one": ("drive: [{ramp: {}, hold: {}}]", "drive[0]", "one name of"),
    "step without a body": ("drive: [{ramp: }]", "drive[0].ramp", "must be a mapping"),
    "step is a word": (
        "drive: [ramp]",
        "drive[0]",
        "allowed triangle, ramp, hold, pulse, sine, table",
    ),
    "zero amplitude": (
        "drive: [{triangle: {amplitude: 0 V, rate: 1 V/s}}]",
        "drive[0].triangle.amplitude",
        "not 0",
    ),
    "rate missing": ("drive: [{ramp: {to: 1 V}}]", "drive[0].ramp.rate", "missing"),
    "negative rate": (
        "drive: [{ramp: {to: 1 V, rate: -1 V/s}}]",
        "drive[0].ramp.rate",
        "> 0 V/s",
    ),
    "rate in volt": ("drive: [{ramp: {to: 1 V, rate: 1 V}}]", "drive[0].ramp.rate", "dimension"),
    "ramp to where it starts": (
        "drive: [{ramp: {to: 1 V, rate: 1 V/s}}, {ramp: {to: 1 V, rate: 1 V/s}}]",
        "drive[1].ramp.to",
        "present value, nothing would change, got '1 V'",
    ),
    "volt from a current source": (
        "source: {kind: current}\n" + DRIVE,
        "drive[0].triangle.amplitude",
        "wrong dimension, current is needed",
    ),
    "ampere from a voltage source": (
        "drive: [{ramp: {to: 1 mA, rate: 1 mA/s}}]",
        "drive[0].ramp.to",
        "voltage is needed",
    ),
    "short period": (
        "drive: [{pulse: {amplitude: 1 V, width: 9 ns, rise: 1 ns, fall: 1 ns, period: 10 ns}}]",
        "drive[0].pulse.period",
        "shorter than rise + width + fall",
    ),
    "no pulses": (
        "drive: [{pulse: {amplitude: 1 V, width: 9 ns, rise: 1 ns, fall: 1 ns, count: 0}}]",
        "drive[0].pulse.count",
        ">= 1",
    ),
    "instant edge": (
        "drive: [{pulse: {amplitude: 1 V, width: 9 ns, rise: 0 ns, fall: 1 ns}}]",
        "drive[0].pulse.rise",
        "> 0 s",
    ),
    "hold for nothing": ("drive: [{hold: {for: 0 s}}]", "drive[0].hold.for", "> 0 s"),
    "until of an unknown column": (
        "drive: [{hold: {for: 1 s, until: {quantity: current, above: 1 mA}}}]",
        "drive[0].hold.until.quantity",
        "did you mean 'current_A'?",
    ),
    "until of another dimension": (
        "drive: [{hold: {for: 1 s, until: {quantity: current_A, above: 1 mV}}}]",
        "drive[0].hold.until.above",
        "current is needed",
    ),
    "until without a limit": (
        "drive: [{hold: {for: 1 s}, until: {quantity: current_A}}]",
        "drive[0].hold.until",
        "above or below",
    ),
    "until with two limits": (
        "drive: [{hold: {for: 1 s}, until: {quantity: current_A, above: 1 A, below: 2 A}}]",
        "drive[0].hold.until",
        "exactly one",
    ),
    "until given twice": (
        "drive: [{hold: {for: 1 s, until: {}}, until: {}}]",
        "drive[0].hold.until",
        "twice",
    ),
    "table without a file": ("drive: [{table: {}}]", "drive[0].table.points", "missing"),
    "table file missing": ("drive: [{table: {file: no.csv}}]", "drive[0].table.file", "no.csv"),
    "table not monotone": (
        "drive: [{table: {points: [[0 s, 0 V], [2 s, 1 V], [1 s, 2 V]]}}]",
        "drive[0].table.points",
        "times must increase, point 3 does not, got '2 s, then 1 s'",
    ),
    "table of one point": ("drive: [{table: {points: [[1 s, 0 V]]}}]", "drive[0].table.points", ""),
    "table before time 0": (
        "drive: [{table: {points: [[-1 s, 0 V], [1 s, 1 V]]}}]",
        "drive[0].table.points",
        "before 0 s",
    ),
    "table that jumps": (
        "drive: [{table: {points: [[0 s, 1 V], [1 s, 2 V]]}}]",
        "drive[0].table.points",
        "must start at the present value",
    ),
    # files
    "duplicate key": ("seed: 1\nseed: 2\n", "c.yaml", "line 2: duplicate key 'seed'"),
    "duplicate key below": ("stack: {oxide: a, oxide: b}", "c.yaml", "duplicate key 'oxide'"),
    "YAML bomb": (BOMB, "c.yaml", "aliases (*) are not accepted"),
    "deep nesting": ("a: " + "[" * 5000 + "]" * 5000, "c.yaml", "nested more than"),
    "broken YAML": ("stack: {oxide: SiO2", "c.yaml", "line 2"),
    "tab": ("stack:\n\toxide: SiO2", "c.yaml", "line 2"),
    "Python object": ("seed: !!python/object/apply:os.getpid []", "c.yaml", "not valid YAML"),
    "two documents": ("seed: 1\n---\nseed: 2\n", "c.yaml", "not valid YAML"),
    "list for a config": ("- 1\n- 2\n", "c.yaml", "a mapping of sections"),
    "key that is a list": ("? [1, 2]\n: 3\n", "c.yaml", "plain word"),
    "empty file": ("", "c.yaml", "file is empty"),
    "comments only": ("# nothing\n", "c.yaml", "file is empty"),
}


@pytest.mark.parametrize(("text", "key", "also"), CONFIGS.values(), ids=CONFIGS.keys())
def test_config_is_refused(text: str, key: str, also: str, workdir: Path, refused: Refused) -> None:
    (workdir / "c.yaml").write_text(text)
    message = refused("run", "c.yaml", "--out", "results")
    assert message.startswith(f"tusk: {key}")
    assert also in message


def test_the_list_is_long_enough() -> None:
    assert len(CONFIGS) >= 40


@pytest.mark.parametrize(
    ("name", "content", "also"),
    [
        ("binary", b"\x00\x01\x02\xff\xfe", "not a text file"),
        ("control", b"stack:\x00 3", "not valid YAML"),
        ("large", b"#" * 3_000_000, "too large"),
    ],
)
def test_unfit_file_is_refused(
    name: str, content: bytes, also: str, workdir: Path, refused: Refused
) -> None:
    (workdir / name).write_bytes(content)
    message = refused("run", name)
    assert message.startswith(f"tusk: {name}: ")
    assert also in message


def test_missing_file_is_refused(refused: Refused) -> None:
    what = "tusk: nowhere.yaml: no such file, and no shipped config of that name"
    assert refused("run", "nowhere.yaml").startswith(what)


def test_folder_is_refused(workdir: Path, refused: Refused) -> None:
    (workdir / "folder").mkdir()
    assert "is a folder" in refused("run", "folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_unreadable_file_is_refused(workdir: Path, refused: Refused) -> None:
    path = workdir / "c.yaml"
    path.write_text(DRIVE)
    path.chmod(0)
    try:
        assert "cannot be read" in refused("validate", "c.yaml")
    finally:
        path.chmod(0o600)


def test_endless_file_is_refused(refused: Refused) -> None:
    assert "not a regular file" in refused("run", "/dev/zero")


def test_file_behind_a_file_is_refused(workdir: Path, refused: Refused) -> None:
    (workdir / "c.yaml").write_text(DRIVE)
    assert "cannot be read" in refused("run", "c.yaml/d.yaml")


@pytest.mark.parametrize(
    ("table", "also"),
    [
        ("", "wrong header"),
        ("time,voltage\n0,0\n1,1\n", "allowed time_s,voltage_V, got 'time,voltage'"),
        ("time_s,current_A\n0,0\n1,1\n", "wrong header"),
        ("time_s,voltage_V\n0,0\n1\n", "row 2 is not two finite numbers"),
        ("time_s,voltage_V\n0,0\n1,one\n", "row 2 is not two finite numbers"),
        ("time_s,voltage_V\n0,0\n1,nan\n", "row 2 is not two finite numbers"),
        ("time_s,voltage_V\n0,0\n1,1\n1,2\n", "times must increase, point 3 does not"),
        ("time_s,voltage_V\n0,0\n", "wrong number of points"),
    ],
)
def test_bad_waveform_file_is_refused(
    table: str, also: str, workdir: Path, refused: Refused
) -> None:
    (workdir / "c.yaml").write_text("drive: [{table: {file: w.csv}}]")
    (workdir / "w.csv").write_text(table)
    message = refused("run", "c.yaml")
    assert message.startswith("tusk: drive[0].table.")
    assert also in message


def test_binary_waveform_file_is_refused(workdir: Path, refused: Refused) -> None:
    (workdir / "c.yaml").write_text("drive: [{table: {file: w.csv}}]")
    (workdir / "w.csv").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read as CSV" in refused("run", "c.yaml")


@pytest.mark.parametrize(
    ("change", "key", "also"),
    [
        ("seed", "--set", "key=value"),
        ("=3", "--set", "key=value"),
        ("a b=3", "--set", "key=value"),
        ("seed=x", "seed", "not a bare number"),
        ("stak.oxide=SiO2", "stak", "did you mean 'stack'?"),
        ("stack.oxide_thickness=10", "stack.oxide_thickness", "unit missing"),
        ("drive[3].triangle.rate=1 V/s", "drive[3].triangle.rate", "allowed 0 to 0"),
        ("drive.first.rate=1 V/s", "drive.first.rate", "no such list entry"),
        ("model.name=1", "model.name", "not a section"),
        ("stack={", "stack", "not a YAML value"),
        ("stack={oxide: *a}", "stack", "aliases"),
        ("source.kind=resistor", "source.compliance_current", "belongs to source.kind limiter"),
    ],
)
def test_bad_change_is_refused(
    change: str, key: str, also: str, workdir: Path, refused: Refused
) -> None:
    (workdir / "c.yaml").write_text("model: filament_fem\nsource: {compliance_current: 1 mA}")
    message = refused("run", "c.yaml", "--set", change)
    assert message.startswith(f"tusk: {key}:")
    assert also in message


@pytest.mark.parametrize(
    ("words", "also"),
    [
        (("rnu",), "rnu"),
        (("run",), "CONFIG"),
        (("run", "c.yaml", "--ot", "x"), "--ot"),
        (("run", "c.yaml", "--resume"), "--resume"),
        (("run", "c.yaml", "--max-steps", "0"), "--max-steps"),
        (("run", "c.yaml", "--max-steps", "many"), "--max-steps"),
        (("run", "c.yaml", "d.yaml"), "d.yaml"),
        (("validate",), "CONFIG"),
        (("parameters", "Cuu"), "did you mean 'Cu'?"),
        (("plot", "nowhere"), "nowhere"),
    ],
)
def test_wrong_usage_is_refused(
    words: tuple[str, ...], also: str, workdir: Path, refused: Refused
) -> None:
    (workdir / "c.yaml").write_text(DRIVE)
    assert also in refused(*words)


@pytest.mark.parametrize(
    ("words", "also"),
    [
        (("run", "bad.yaml"), "stack.oxide_thickness"),
        (("run", "good.yaml", "--out", "taken"), "--overwrite"),
        (("run", "good.yaml", "--frobnicate"), "--frobnicate"),
    ],
)
def test_the_installed_command_refuses_alike(
    words: tuple[str, ...], also: str, workdir: Path
) -> None:
    (workdir / "good.yaml").write_text(DRIVE)
    (workdir / "bad.yaml").write_text("stack: {oxide_thickness: 10}")
    (workdir / "taken").mkdir()
    (workdir / "taken" / "notes.txt").write_text("mine")
    command = Path(sys.executable).with_name("tusk")
    done = subprocess.run(
        [command, *words], cwd=workdir, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("tusk: ")
    assert done.stderr.count("\n") == 1
    assert also in done.stderr
    assert sorted(path.name for path in workdir.rglob("*")) == [
        "bad.yaml",
        "good.yaml",
        "notes.txt",
        "taken",
    ]
