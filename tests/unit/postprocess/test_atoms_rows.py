"""Rows of atoms in motion, on trajectories that were made up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess.reproduction import atoms, small_figures
from tusk.postprocess.reproduction.checks import Check
from tusk.postprocess.run import Run, open_run
from tusk.solver.models.atomistic.files import xyz_frame


def made(folder: Path, **columns: object) -> Run:
    """A run of the columns, 1 ps a row; layers of its atoms at the start and the end."""
    folder.mkdir()
    layers = columns.pop("layers", [[-1, 1], [-1, 1]])
    count = max(len(np.atleast_1d(value)) for value in columns.values())
    table = pd.DataFrame({"time_s": 1e-12 * np.arange(count), "atoms": 2, "stage": 4} | columns)
    table.to_csv(folder / "timeseries.csv", index=False)
    text = ""
    for each in layers:
        shape = (len(each), 3)
        data = {"forces": np.zeros(shape), "charge": np.zeros(len(each))}
        data["layer"] = np.array(each, dtype=float)
        text += xyz_frame("Cu", np.ones(shape), {"time_ps": 0, "conductance": 1}, data)
    (folder / "trajectory.xyz").write_text(text)
    (folder / "run.json").write_text("{}")
    (folder / "config.resolved.yaml").write_text("model: atomistic\n")
    return open_run(folder)


def values(checks: list[Check]) -> dict[str, Check]:
    return {check.label: check for check in checks}


def test_confidence_of_counts() -> None:
    """Clopper and Pearson: 0 of 10 is 0 to 30.8 %, 8 of 10 is 44.4 to 97.5 %."""
    assert atoms.interval(0, 10) == pytest.approx((0.0, 0.3085), abs=1e-4)
    assert atoms.interval(8, 10) == pytest.approx((0.4439, 0.9748), abs=1e-4)
    assert atoms.interval(10, 10)[1] == 1.0


def test_switches_are_counted_with_their_sign(tmp_path: Path) -> None:
    flat, falls = np.full(40, 2.5), np.r_[np.full(20, 2.5), np.zeros(20)]
    rises = np.r_[np.full(20, 2.5), np.full(20, 3.5)]
    moved = [[-1, -1, 1, 1], [-1, 1, 1, 1]]
    studies = {f"fig2b_0V_{k}": made(tmp_path / f"a{k}", conductance_G0=flat) for k in (1, 2)}
    for number, course in enumerate((falls, falls, rises, flat), start=1):
        run = made(tmp_path / f"b{number}", conductance_G0=course, layers=moved)
        studies[f"fig2b_1V_{number}"] = run
    found = values(atoms.switching(studies))
    assert found["falls among them"].value == 2
    assert found["rises"].value == 1
    assert found["the conductance rises"].holds
    assert found["switch at 1 V of 4 (95 %: 19 to 99 %)"].value == 3
    assert found["switch at 0 V of 2 (95 %: 0 to 84 %)"].holds
    assert found["atoms at the anode, end over start"].value == 0.5
    assert found["at the cathode"].value == 1.5
    assert len(small_figures.necks_in_motion(studies)[1]) == 6 * 40
    calm = {key: run for key, run in studies.items() if key != "fig2b_1V_3"}
    assert not values(atoms.switching(calm))["the conductance rises"].holds


def test_stages_in_order(tmp_path: Path) -> None:
    driven = made(tmp_path / "d", stage=[0, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4])
    field = made(tmp_path / "f", stage=[0, 1, 3, 1, 3, 0, 0, 0, 0, 0, 0])
    found = values(atoms.stages({"plateau": driven, "field": field}))
    assert found["driven: adatoms, islands, bridge, enlarged"].holds
    assert found["driven bridge after"].value == 4.0
    assert (found["under a voltage adatoms after"].value, found["bridge after"].value) == (1.0, 2.0)
    assert not found["that bridge grows under the voltage"].holds
    swapped = {"plateau": field, "field": driven}
    found = values(atoms.stages(swapped))
    assert not found["driven: adatoms, islands, bridge, enlarged"].holds
    assert found["that bridge grows under the voltage"].holds


def test_transmission_of_a_growing_contact(tmp_path: Path) -> None:
    run = made(
        tmp_path / "r",
        conductance_G0=[0.0, 0.002, 0.8, 1.0, 1.7, 2.6, 0.1],
        narrowest_atoms=[0, 0, 1, 1, 2, 4, 1],
        atoms=[2, 3, 4, 5, 6, 7, 7],
    )
    found = values(atoms.growing({"plateau": run}))
    assert found["largest T before contact"].value == 0.002
    assert found["T with one atom at the narrowest, mean"].value == pytest.approx(0.9)
    assert 0.9 < found["Spearman of T and the narrowest"].value < 1.0
    assert all(check.holds for check in found.values())


def test_a_spectrum_with_a_step_is_told(tmp_path: Path) -> None:
    run, energy = made(tmp_path / "r", stage=[0, 1]), np.linspace(-1.0, 1.0, 101)
    for course, smooth in ((2.0 + 0.3 * energy, True), (np.where(energy > 0.0, 3.0, 2.0), False)):
        table = pd.DataFrame({"energy_eV": energy, "transmission": course})
        table.to_csv(run.path / "spectrum_end.csv", index=False)
        found = values(atoms.spectra({"plateau": run}))
        assert found["largest step between 20 meV"].holds is smooth
    assert found["T from −1 to +1 eV"].value == 1.0


def test_histogram_of_pulled_necks(tmp_path: Path) -> None:
    """Half of what is below 1.5 G0 stands at G0, and nothing at 1.2."""
    course = np.r_[np.full(20, 2.4), np.full(10, 1.45), np.linspace(0.95, 1.05, 10), np.zeros(5)]
    least = np.select([course > 2.0, course > 1.2, course > 0.1], [4.0, 2.0, 1.0])
    studies = {
        f"pulled_{k}": made(tmp_path / f"p{k}", conductance_G0=course, narrowest_atoms=least)
        for k in range(10)
    }
    found = values(atoms.pulled(studies))
    assert found["share within 0.1 of G0 below 1.5 G0"].value == pytest.approx(0.5)
    assert found["minimum at"].value == pytest.approx(1.25, abs=0.11)
    assert found["T with one atom at the narrowest, mean"].value == pytest.approx(1.0)
    assert all(check.holds for check in found.values())
    assert small_figures.pulled_necks(studies)[1]["points"].sum() == 400


def test_the_plateau_begins_after_the_last_atom(tmp_path: Path) -> None:
    count = np.r_[np.arange(5), np.full(45, 5)]
    course = np.where(np.arange(50) < 15, 9.0, 2.5)
    run = made(tmp_path / "r", conductance_G0=course, atoms=count)
    table = atoms.plateau_trace(run)
    assert table["time_ps"].iloc[0] == pytest.approx(15.0)
    assert set(table["conductance_G0"]) == {2.5}
