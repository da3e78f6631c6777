"""Whole runs through the contact: regimes, plateaus, members, ledgers, RESET."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess.conductance import Trace, plateaus
from tusk.solver import run
from tusk.solver.physics.contact.master_equation import SiteRates, gillespie, member_stream

pytestmark = pytest.mark.slow

SET = """
model: filament_fem
parameters: buttberg2025
drive: [{ramp: {to: 1.78 V, rate: 1 V/s}}]
source: {kind: limiter, compliance_current: 1 mA}
contact: {model: master_equation, mode: stochastic}
mesh: {preset: draft}
output: {fields_every: 1000}
members: 20
"""


def started(folder: Path, text: str, *changes: tuple[str, str]) -> Path:
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(text)
    return run(config, folder / "out")


@pytest.fixture(scope="module")
def ensemble(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return started(tmp_path_factory.mktemp("contact"), SET)


def summary(directory: Path) -> dict:
    return json.loads((directory / "run.json").read_text())


def test_regimes_lead_into_the_contact(ensemble: Path) -> None:
    rows = pd.read_csv(ensemble / "timeseries.csv")
    named = rows["regime"].dropna().unique().tolist()
    assert named[:2] == ["A", "B"]
    assert "C" in named
    assert named[-1] == "contact"
    assert summary(ensemble)["status"] == "finished"


def test_marks_before_the_contact_are_those_without_it(ensemble: Path, tmp_path: Path) -> None:
    text = SET.replace("contact: {model: master_equation, mode: stochastic}\n", "")
    plain = summary(started(tmp_path, text, ("members: 20\n", ""), ("1.78 V", "1.7 V")))["marks"]
    marks = summary(ensemble)["marks"]
    for name in ("growth_start_s", "gamma_s"):
        assert marks[name] == pytest.approx(plain[name], rel=1e-3)


def test_ledgers_hold_through_every_event(ensemble: Path) -> None:
    for folder in (ensemble, *sorted(ensemble.glob("member_00*"))):
        rows = pd.read_csv(folder / "timeseries.csv")
        strong = rows[rows["current_A"].abs() > 1e-10]
        assert rows["charge_error"].max() < 1e-6
        assert rows["faraday_error"].max() < 2e-3
        assert strong["energy_error"].max() < 1e-3
        assert strong["heat_error"].max() < 1e-3
        assert strong["tunnel_error"].max() < 5e-3


def test_each_event_is_a_row_and_steps_are_quanta(ensemble: Path) -> None:
    contact = pd.read_csv(ensemble / "contact.csv")
    events = contact["events"].diff().fillna(0.0)
    assert events.max() == 1.0
    assert contact["events"].iloc[-1] >= 10
    sites = contact["sites_conducting"].diff().fillna(0.0)
    assert set(sites.unique()) <= {-1.0, 0.0, 1.0}
    jumps = contact["contact_conductance_G0"].diff()[sites == 1.0]
    assert jumps.between(0.8, 1.0).all()
    trace = Trace(0, contact["time_s"].to_numpy(), contact["contact_conductance_G0"].to_numpy())
    levels = {p.level for p in plateaus(trace, shortest=1)}
    assert {1, 2, 3} <= levels


def test_members_share_the_way_and_differ_in_the_contact(ensemble: Path) -> None:
    table = pd.read_csv(ensemble / "ensemble.csv")
    assert table["member"].tolist() == list(range(20))
    assert (table["status"] == "finished").all()
    assert table["contact_s"].nunique() == 20
    first, second = (
        pd.read_csv(ensemble / name / "timeseries.csv") for name in ("member_0000", "member_0001")
    )
    common = first["gap_min_m"] > 1.5 * 0.15e-9
    assert first[common].equals(second.head(int(common.sum())))
    assert summary(ensemble)["ensemble"]["spread"]["contact_s"]["standard_deviation"] > 0.0


def test_frozen_rates_give_the_mean_field_back(ensemble: Path) -> None:
    contact = pd.read_csv(ensemble / "contact.csv")
    inside = contact[contact["sites"] > 0]
    step = np.diff(inside["time_s"])
    rates = [
        SiteRates(up, down)
        for up, down in zip(
            inside["set_rate_per_s"].iloc[:-1], inside["reset_rate_per_s"].iloc[:-1], strict=True
        )
    ]
    sites, paths = int(inside["sites"].max()), 10_000
    counts = gillespie(sites, 0, rates, step.tolist(), paths, member_stream(1, 0))
    rho = 0.0
    for k, (rate, duration) in enumerate(zip(rates, step, strict=True)):
        rho = rate.fraction(rho, duration)
        error = np.sqrt(sites * rho * (1.0 - rho) / paths)
        assert abs(counts[k].mean() - sites * rho) <= max(3.0 * error, 2.0 / paths)
    assert abs(counts[-1].mean() - sites * rho) <= 3.0 * error


def test_distribution_has_the_mean_of_the_mean_field(tmp_path: Path) -> None:
    ends = {}
    for mode in ("mean_field", "distribution"):
        changes = (("members: 20\n", ""), ("mode: stochastic", f"mode: {mode}"))
        out = started(tmp_path / mode, SET, *changes)
        assert summary(out)["ledgers"]["faraday_error_max"] < 2e-3
        ends[mode] = pd.read_csv(out / "contact.csv").iloc[-1]
    mean, spread = ends["mean_field"], ends["distribution"]
    assert spread["sites_conducting"] == pytest.approx(mean["sites_conducting"], rel=0.02)
    share = spread["sites_conducting"] / spread["sites"]
    binomial = spread["sites"] * share * (1.0 - share)
    assert 0.5 * binomial < spread["sites_variance"] < 2.0 * binomial


def test_recoil_is_reported_and_acts(tmp_path: Path, ensemble: Path) -> None:
    """F = (2/pi) e |V| k_F (1 - T), summed over the sites that conduct ([K 12, 13])."""
    changes = (("members: 20\n", ""), ("mode: stochastic", "mode: stochastic, recoil: true"))
    rows = pd.read_csv(started(tmp_path, SET, *changes) / "contact.csv")
    closed = rows["sites_conducting"] - rows["contact_conductance_G0"]  # sum of 1 - T
    expected = 2 / np.pi * rows["contact_voltage_V"].abs() * 1.36 * closed  # eV/A, k_F of Cu
    assert rows["recoil_force_eV_per_A"].max() > 0.1
    assert rows["recoil_force_eV_per_A"].to_numpy() == pytest.approx(expected, rel=2e-2, abs=1e-6)
    plain = pd.read_csv(ensemble / "member_0000" / "contact.csv")
    assert (plain["recoil_force_eV_per_A"] == 0.0).all()
    assert rows["time_s"].iloc[-1] == plain["time_s"].iloc[-1]
    assert not np.array_equal(rows["sites_conducting"], plain["sites_conducting"])


RESET = (
    ("members: 20\n", "kinetics: {barriers: growth}\n"),
    ("compliance_current: 1 mA", "compliance_current: 200 uA"),
    ("rate: 1 V/s}}]", "rate: 1 V/s}}, {ramp: {to: -0.92 V, rate: 1 V/s}}]"),
)


@pytest.mark.parametrize("mode", ["stochastic", "mean_field"])
def test_reversed_voltage_opens_the_contact(tmp_path: Path, mode: str) -> None:
    """Few sites drop most of the voltage: the tip is the anode, loses them and retreats."""
    out = started(tmp_path, SET, *RESET, ("mode: stochastic", f"mode: {mode}"))
    contact, rows = (pd.read_csv(out / name) for name in ("contact.csv", "timeseries.csv"))
    set_on = contact["cell_voltage_V"] > 0.0
    assert contact["sites_conducting"][set_on].max() >= 1.0
    assert contact["sites_conducting"].iloc[-1] < 1e-3
    assert contact["sites"].iloc[-1] == 0.0
    assert rows["gap_min_m"].iloc[-1] > 0.25e-9
    assert abs(rows["current_A"].iloc[-1]) < 1e-2 * rows["current_A"].abs().max()
    # Hysteresis: it stays closed through zero, and opens only well below it.
    open_again = rows["regime"][~set_on].ne("contact").idxmax()
    assert -0.92 < rows["applied_voltage_V"][open_again] < -0.3
    assert summary(out)["reason"] == "drive_done"
    assert rows["faraday_error"].max() < 2e-3
    # The neck stands on a cone: no wall of it is without gap columns.
    assert rows["tunnel_error"][rows["current_A"].abs() > 1e-10].max() < 5e-3


def many_sites(folder: Path, barriers: str, *changes: tuple[str, str]) -> Path:
    """Reverse the voltage on the contact of a 1 mA SET, 60 sites at rest."""
    kinetics = ("members: 20\n", f"kinetics: {{barriers: {barriers}}}\n")
    mean = ("mode: stochastic", "mode: mean_field")
    out = started(folder, SET, kinetics, RESET[2], mean, *changes)
    assert pd.read_csv(out / "contact.csv")["sites_conducting"].max() > 40.0
    rows = pd.read_csv(out / "timeseries.csv")
    assert rows["tunnel_error"][rows["current_A"].abs() > 1e-10].max() < 5e-3
    assert rows["faraday_error"].max() < 2e-3
    return out


HELD = (
    "{ramp: {to: -0.92 V, rate: 1 V/s}}",
    "{ramp: {to: -0.25 V, rate: 1 V/s}}, {hold: {for: 50 s}}",
)


def test_many_sites_open_where_barriers_slow_both_branches(tmp_path: Path) -> None:
    """Stress holds the base: the contact opens before the filament is cut; then the tip pits."""
    out = many_sites(tmp_path, "both")
    contact = pd.read_csv(out / "contact.csv")
    assert contact["sites_conducting"].iloc[-1] < 0.5
    assert contact["cell_voltage_V"].iloc[-1] < -0.5
    assert summary(out)["reason"] == "pitted"


def test_many_sites_open_slowly_where_little_binds_them(tmp_path: Path) -> None:
    """At -0.25 V the filament is cold: what decides between tip and base is E_bond."""
    loose = ("model: master_equation", "model: master_equation, bond_energy: 0.02 eV")
    out = many_sites(tmp_path, "growth", HELD, loose)
    contact, rows = (pd.read_csv(out / name) for name in ("contact.csv", "timeseries.csv"))
    assert contact["sites"].iloc[-1] == 0.0
    assert rows["gap_min_m"].iloc[-1] > 0.25e-9
    assert summary(out)["reason"] == "drive_done"


@pytest.mark.parametrize(
    "changes",
    [[HELD], [("compliance_current: 1 mA", "compliance_current: 500 uA")], []],
    ids=["1mA-held", "500uA", "1mA"],
)
def test_base_goes_before_many_sites(tmp_path: Path, changes: list[tuple[str, str]]) -> None:
    """Where the filament, not the contact, takes the voltage its foot is the anode."""
    out = many_sites(tmp_path, "growth", *changes)
    assert pd.read_csv(out / "contact.csv")["sites_conducting"].iloc[-1] > 10.0
    assert summary(out)["reason"] in ("severed", "undercut")


def test_gap_closes_to_nothing_and_the_contact_is_ohmic(tmp_path: Path) -> None:
    """Without dissolution of the electrode the tunnel law alone ends with `gap_closed`."""
    out = started(
        tmp_path,
        SET,
        ("members: 20\n", "void: {dissolution_ratio: 0}\n"),
        ("model: master_equation, mode: stochastic", "model: handover"),
        ("to: 1.78 V, rate: 1 V/s}}", "to: 1.9 V, rate: 1 V/s}}"),
    )
    rows = pd.read_csv(out / "timeseries.csv")
    assert summary(out)["reason"] == "drive_done"
    assert rows["gap_min_m"].iloc[-1] < 5e-12
    assert rows["regime"].iloc[-1] == "contact"
    strong = rows[rows["current_A"].abs() > 1e-10]
    assert strong["tunnel_error"].max() < 5e-3
    assert rows["faraday_error"].max() < 2e-3
    # What is left is the filament and the spreading in the electrodes.
    last = rows.iloc[-1]
    assert last["filament_resistance_ohm"] * last["current_A"] > 0.5 * last["cell_voltage_V"]
