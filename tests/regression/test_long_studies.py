"""Whole runs that take minutes: ranks that agree, a filament dissolved again, a gap that closes."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.slow

DRAFT = ("mesh.preset=draft",)


@pytest.mark.parametrize("ranks", [2, 3])
def test_several_ranks_make_the_run_of_one(make_run, ranks: int) -> None:
    """Round-off flips a remesh now and then: whole runs agree to the level of the steps."""
    alone = make_run("draft", "1mA", *DRAFT)
    together = make_run(f"on_{ranks}_ranks", "1mA", *DRAFT, ranks=ranks)
    assert together.summary["ranks"] == ranks
    for name, value in alone.marks.items():
        assert together.marks[name] == pytest.approx(value, rel=1e-3), name
    times = np.linspace(0.5, 3.9, 200)
    for name, floor in (("current_A", 1e-13), ("temperature_max_K", 1.0), ("gap_min_m", 1e-12)):
        one, other = (
            np.interp(times, run.table.time_s, np.log(np.maximum(run.table[name], floor)))
            for run in (alone, together)
        )
        assert np.abs(one - other).max() <= 1e-2, name


def test_two_runs_are_the_same_bit_for_bit(make_run) -> None:
    """Processes of their own: one rank, one thread, the same machine."""
    one, other = (make_run(name, "1mA", *DRAFT) for name in ("draft", "draft_again"))
    for file in ("timeseries.csv", "filament.csv"):
        assert (one.directory / file).read_bytes() == (other.directory / file).read_bytes(), file


SLOW_RESET = (
    "drive=[{triangle: {amplitude: 2 V, rate: 1 V/s}}, {ramp: {to: -1 V, rate: 1 V/s}}, "
    "{hold: {for: 30 s}}]"
)
"""Dissolution that the barriers do not slow at the base is limited by the electrode's deposition:
the ramp alone takes a tenth of the filament only."""


@pytest.mark.parametrize(("barriers", "changes"), [("both", ()), ("growth", (SLOW_RESET,))])
def test_a_filament_is_dissolved_or_cut(make_run, barriers: str, changes: tuple[str, ...]) -> None:
    laws = f"kinetics.barriers={barriers}"
    run = make_run(f"reset_{barriers}", "1mA_reset", *DRAFT, laws, *changes)
    assert run.summary["status"] == "finished"
    reason = run.summary["reason"]
    assert reason in ("drive_done", "severed")
    if reason == "drive_done":
        last = run.curves[run.curves.time_s == run.table.time_s.iloc[-1]]
        (r0, z0), (r1, z1) = (
            last[["r_m", "z_m"]].to_numpy()[part].T for part in (slice(None, -1), slice(1, None))
        )
        volume = np.pi / 3 * np.sum((z0 - z1) * (r0**2 + r0 * r1 + r1**2))
        assert volume == pytest.approx(2 * np.pi / 3 * 0.256e-9**3, rel=0.02)
    ledgers = run.summary["ledgers"]
    assert ledgers["charge_error_max"] < 1e-6
    assert ledgers["faraday_error_max"] < 2e-3
    assert ledgers["energy_error_max"] < 1e-3
    assert ledgers["heat_error_max"] < 1e-3


def test_without_dissolution_the_gap_closes(make_run) -> None:
    run = make_run("no_dissolution", "1mA_no_dissolution", *DRAFT)
    assert (run.summary["status"], run.summary["reason"]) == ("finished", "gap_closed")
    assert run.table.gap_min_m.iloc[-1] <= 0.02e-9
    assert run.field_times[-1] == run.table.time_s.iloc[-1]
    assert list((run.directory / "figures").glob("*.png"))


def test_the_nearest_gap_runs_to_the_end(make_run) -> None:
    """The gap closes at the shoulder; no mesh may stand in its way."""
    run = make_run("nearest", "1mA", *DRAFT, "tunnel.gap=nearest")
    assert run.summary["status"] == "finished"
    strong = run.table[run.table.current_A > 1e-6]
    assert strong.energy_error.max() < 1e-3
    assert run.summary["ledgers"]["faraday_error_max"] < 2e-3
