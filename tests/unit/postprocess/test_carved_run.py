"""``tusk atoms``: files, marks, options and refusals, on made-up runs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tusk.postprocess.run import open_run
from tusk.solver.cli import main
from tusk.solver.commands.carved_run import continuum, disorder, site_area, time_of
from tusk.solver.errors import InputError

COPPER = {"atomic_mass": "63.546 u", "density": "8960 kg/m^3"}


@pytest.fixture
def contact_run(make_run) -> Path:
    """A run whose patch conducts with 1 site from 1.72 s on, with 9 from 1.78 s on."""
    folder = make_run(field_times=())
    path = folder / "config.resolved.yaml"
    config = yaml.safe_load(path.read_text())
    config["materials"] = {"Cu": {"kind": "metal", **COPPER}}
    path.write_text(yaml.safe_dump(config))
    times = open_run(folder).filament.times
    conducting = np.select([times >= 1.78, times >= 1.72], [9.0, 1.0])
    table = pd.DataFrame(
        {
            "time_s": times,
            "sites": np.where(times >= 1.7, 40.0, 0.0),
            "sites_conducting": conducting,
            "gap_conductance_G0": np.where(times >= 1.7, conducting + 0.5, np.nan),
        }
    )
    table.to_csv(folder / "contact.csv", index=False)
    return folder


def test_times(contact_run: Path) -> None:
    run = open_run(contact_run)
    assert time_of(run, "upsilon") == 1.78
    assert time_of(run, "contact") == pytest.approx(1.72, abs=0.01)
    assert time_of(run, "end") == 4.0
    assert time_of(run, "1770 ms") == 1.77
    with pytest.raises(
        InputError, match=r"^--at: allowed growth_start, gamma, .* or a time, got x"
    ):
        time_of(run, "x")
    with pytest.raises(InputError, match=r"^--at: allowed 0 s to 4 s, got 5 s$"):
        time_of(run, "5 s")


def test_what_the_run_says(contact_run: Path) -> None:
    found = continuum(open_run(contact_run), 1.78)
    assert (found.sites, found.conducting, found.conductance) == (40.0, 9.0, 9.5)
    # a0 = (63.546 u / 8960 kg/m3)^(2/3), by hand
    assert site_area(open_run(contact_run)) == pytest.approx(5.177e-20, rel=1e-3)
    assert found.shape.bridged_area == pytest.approx(9.0 * 5.177, rel=1e-3)
    assert found.shape.tip == pytest.approx(104.5, abs=1e-3)
    assert found.shape.roof == pytest.approx(100.0 + 0.05 * 104.5, abs=0.01)


def summary_of(folder: Path) -> dict:
    return json.loads((folder / "atoms.json").read_text())


def test_command_writes_atoms_and_their_conductance(contact_run: Path, capsys) -> None:
    options = ["atoms", str(contact_run), "--at", "contact", "--flat", "--members", "2"]
    assert main(options) == 0
    text = capsys.readouterr().out
    assert "continuum: 1 sites conduct, G = 1.5 G0" in text
    folder = contact_run / "atoms_contact"
    summary = json.loads((folder / "atoms.json").read_text())
    members = pd.read_csv(folder / "members.csv")
    channels = pd.read_csv(folder / "channels.csv")
    sites = pd.read_csv(folder / "sites.csv")["transmission"].to_numpy()
    # One site conducts: it has the largest channel of each member.
    assert sites == pytest.approx(channels.groupby("member")["transmission"].max().to_numpy())
    assert summary_of(folder)["site_transmission"] == pytest.approx(sites.mean())
    assert list(members["narrowest_atoms"]) == [1, 1]
    assert members["transmission"].to_numpy() == pytest.approx(
        channels.groupby("member")["transmission"].sum().to_numpy()
    )
    assert summary["transmission"] == pytest.approx(members["transmission"].mean())
    assert summary["resistance_ohm"] == pytest.approx(12906.4 / summary["transmission"], rel=1e-4)
    first = (folder / "member_0000.xyz").read_text().splitlines()
    assert int(first[0]) == len(first) - 2 >= members["atoms"][0]
    assert "Properties=species:S:1:pos:R:3:mobile:R:1" in first[1]
    data = (folder / "member_0000.data").read_text().splitlines()
    assert data[2] == f"{first[0]} atoms"

    assert main(options) == 1
    assert "--out: folder is not empty, allowed with --overwrite" in capsys.readouterr().err
    before = (folder / "members.csv").read_bytes()
    assert main([*options[:-1], "1", "--overwrite", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert not (folder / "member_0001.xyz").exists()
    assert before.startswith((folder / "members.csv").read_bytes())


def test_a_wall_beside_the_filament_counts_unless_left_out(contact_run: Path) -> None:
    base = ["atoms", str(contact_run), "--at", "1.7755 s", "--members", "1", "--quiet"]
    base += ["--depth", "0.4 nm", "--margin", "0.3 nm", "--out"]
    for name, more in (("wall", []), ("flat", ["--flat"])):
        assert main([*base, str(contact_run / name), *more]) == 0
    wall, flat = (
        json.loads((contact_run / name / "atoms.json").read_text()) for name in ("wall", "flat")
    )
    assert wall["transmission"] > flat["transmission"] > 0.0
    assert flat["disorder"] == pytest.approx(disorder(flat["transmission"] / 1.0))


def test_vibrating_atoms_spread_the_conductance(contact_run: Path) -> None:
    options = ["atoms", str(contact_run), "--at", "contact", "--flat", "--members", "3", "--quiet"]
    spread = []
    for name, more in (("cold", []), ("warm", ["--temperature", "300 K"])):
        assert main([*options, "--out", str(contact_run / name), *more]) == 0
        spread.append(summary_of(contact_run / name)["transmission_spread"])
    assert summary_of(contact_run / "warm")["temperature_K"] == 300.0
    assert spread[1] > 2.0 * spread[0]


def test_inputs_of_quantum_espresso(contact_run: Path) -> None:
    options = ["atoms", str(contact_run), "--at", "contact", "--flat", "--members", "1", "--quiet"]
    options += ["--depth", "0.4 nm", "--margin", "0.3 nm", "--pseudopotential", "Cu.upf"]
    assert main(options) == 0
    folder = contact_run / "atoms_contact" / "member_0000"
    assert {path.name for path in folder.iterdir()} == {
        "lead.pw.in", "contact.pw.in", "pwcond.in"
    }  # fmt: skip
    assert "\nCu 63.546 Cu.upf\n" in (folder / "contact.pw.in").read_text()
    # The next result has no such folder, and none is left behind.
    assert main([*options[:-2], "--overwrite"]) == 0
    assert not folder.exists()


def test_no_contact_yet(contact_run: Path, capsys) -> None:
    assert main(["atoms", str(contact_run), "--at", "gamma", "--flat", "--members", "1"]) == 0
    assert "no hopping reaches across: tunnelling is not told by it" in capsys.readouterr().out


def test_disorder_has_the_mean_that_was_measured() -> None:
    x = np.abs(np.random.default_rng(0).normal(size=400_000))
    assert np.mean(1.0 - disorder(0.9) * x) == pytest.approx(0.9, abs=1e-3)
    assert (disorder(1.3), disorder(1.0)) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--face", "110"], "--face: allowed 001, 111, got 110"),
        (["--depth", "9 nm"], "--depth: allowed 0.3 nm to 3 nm, got 9 nm"),
        (["--margin", "2"], "--margin: "),
        (["--at", "noon"], "--at: allowed "),
        (["--temperature", "0 K"], "--temperature: allowed above 0 K to 2000 K, got 0 K"),
        (["--temperature", "1 eV"], "--temperature: "),
        (["--pseudopotential", "Cu"], "--pseudopotential: allowed the name of a UPF file"),
    ],
)
def test_refusals(contact_run: Path, options: list[str], message: str, capsys) -> None:
    assert main(["atoms", str(contact_run), *options]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(contact_run.glob("atoms_*"))


def test_a_folder_of_something_else_is_left_alone(contact_run: Path, capsys) -> None:
    other = contact_run / "notes"
    other.mkdir()
    (other / "a.txt").write_text("mine")
    arguments = ["atoms", str(contact_run), "--out", str(other), "--overwrite"]
    assert main(arguments) == 1
    assert "--overwrite leaves it alone" in capsys.readouterr().err
    assert [path.name for path in other.iterdir()] == ["a.txt"]


def test_a_metal_without_a_potential(contact_run: Path, capsys) -> None:
    path = contact_run / "config.resolved.yaml"
    path.write_text(path.read_text().replace("Cu", "Ni"))
    assert main(["atoms", str(contact_run), "--at", "end"]) == 1
    assert "element: allowed Cu, Ag, got Ni" in capsys.readouterr().err
