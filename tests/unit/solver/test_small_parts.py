"""Timer, heat history, progress lines and what else is small."""

from __future__ import annotations

import math
import re
import time
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from tusk.solver import progress
from tusk.solver.marks_text import mark_text, name_and_unit
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.progress import Progress
from tusk.solver.timing import Timer
from tusk.solver.voice import Output, Voice

# --- timer ----------------------------------------------------------------------------------------


def test_timer_adds_up_phases(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 1.5, 10.0, 10.25, 20.0, 23.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock))
    timer = Timer()
    for phase in ("solve", "solve", "meshing"):
        with timer(phase):
            pass
    assert dict(timer.seconds) == {"solve": 1.75, "meshing": 3.0}


def test_timer_counts_a_phase_that_fails() -> None:
    timer = Timer()
    with pytest.raises(ValueError, match="no"), timer("solve"):
        raise ValueError("no")
    assert timer.seconds["solve"] >= 0.0
    assert list(timer.seconds) == ["solve"]


def test_phases_take_no_longer_than_what_holds_them() -> None:
    timer = Timer()
    began = time.perf_counter()
    with timer("meshing"):
        with timer("gmsh"):
            time.sleep(0.03)
        time.sleep(0.01)
    with timer("gmsh"):
        time.sleep(0.01)
    whole = time.perf_counter() - began
    assert timer.seconds["gmsh"] >= 0.04
    assert 0.01 <= timer.seconds["meshing"] < timer.seconds["gmsh"]
    assert sum(timer.seconds.values()) <= whole


def test_timer_counts_on_after_a_break() -> None:
    first, second = Timer(), Timer()
    with first("solve"):
        time.sleep(0.01)
    saved = first.state()
    second.restore(saved)
    assert second.seconds["solve"] == saved["solve"] >= 0.01
    assert second.wall >= saved["wall"] >= 0.01
    assert set(second.seconds) == {"solve"}


# --- heat history ---------------------------------------------------------------------------------


@pytest.mark.parametrize("former_step", [0.5, 1.0, 3.0])
def test_bdf2_weights_are_exact_for_parabolas(former_step: float) -> None:
    history, step = HeatHistory(np.zeros(1), np.zeros((1, 2)), former_step), 0.7

    def parabola(t: float) -> float:
        return 3.0 - 2.0 * t + 5.0 * t**2

    new, present, former = history.weights(step)
    rate = new * parabola(step) + present * parabola(0.0) + former * parabola(-former_step)
    assert rate == pytest.approx(-2.0 + 10.0 * step, rel=1e-12)
    assert new + present + former == pytest.approx(0.0, abs=1e-12)


def test_the_first_step_is_backward_euler() -> None:
    history = HeatHistory(np.full(2, 300.0), np.zeros((2, 2)), 0.0)
    assert history.weights(0.25) == (4.0, -4.0, 0.0)
    assert np.array_equal(history.extrapolated(np.full(2, 350.0), 1.0), np.full(2, 350.0))


def test_extrapolation_is_linear_in_time() -> None:
    history = HeatHistory(np.array([300.0]), np.zeros((1, 2)), 2.0)
    assert history.extrapolated(np.array([310.0]), 3.0) == pytest.approx([325.0])


# --- progress -------------------------------------------------------------------------------------

ROW = SimpleNamespace(
    time_s=1.68123,
    applied_voltage_V=1.68123,
    current_A=3.5e-6,
    gap_min_m=0.3e-9,
    radius_max_m=1.4e-9,
    temperature_max_K=312.34,
)


def fake_run(share: float = 0.42) -> SimpleNamespace:
    status = FilamentRun.status(SimpleNamespace(last=ROW))  # type: ignore[arg-type]
    shares = chain([0.0], repeat(share))  # asked for once before the first step
    return SimpleNamespace(accepted=200, status=lambda: status, progress=lambda: next(shares))


def test_a_progress_line_names_every_quantity_with_its_unit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with Progress(fake_run(), Voice()) as shown:
        shown.show()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2  # one shown, one at the end
    for text in (
        "step 200", "t 1.68123 s", "V 1.6812 V", "I 3.500e-06 A", "gap 0.3000 nm", "r 1.400 nm",
        "T 312.3 K", "steps/s", "ETA",
    ):  # fmt: skip
        assert text in lines[0]
    assert re.search(r"ETA \d+ s", lines[0])


def test_a_quiet_run_says_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with Progress(fake_run(), Voice(quiet=True)) as shown:
        shown.show()
    assert capsys.readouterr() == ("", "")


def test_lines_are_rare(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(fake_run(), Voice()) as shown:
        for _ in range(20):
            shown.show()
    assert len(capsys.readouterr().out.splitlines()) == 1  # the last one


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("gamma_s", ("gamma", "s")),
        ("filament_resistance_3p5uA_ohm", ("filament_resistance_3p5uA", "ohm")),
        ("total_force_eV_per_A", ("total_force", "eV/A")),
        ("alpha_per_eV", ("alpha", "/eV")),
        ("alpha_phi", ("alpha_phi", "")),
        ("conductance_G0", ("conductance", "G0")),
    ],
)
def test_marks_carry_their_unit(key: str, expected: tuple[str, str]) -> None:
    assert name_and_unit(key) == expected


@pytest.mark.parametrize(
    ("key", "value", "error", "told"),
    [
        ("tip_height_m", 2.1454e-10, None, "0.2145 nm"),
        ("set_energy_J", 3.99715e-06, None, "4.00 µJ"),
        ("lrs_ohm", 5.41e8, None, "541 MΩ"),
        ("lrs_ohm", 853.27, 6.1, "853.3 ± 6.1 Ω"),
        ("gap_min_m", 6.47401e-11, 8.1e-14, "0.064740 ± 0.000081 nm"),
        ("gamma_s", 1.67431, None, "1.674 s"),
        ("gamma_s", 1.2e-8, None, "12.00 ns"),
        ("temperature_max_K", 918.412, None, "918.4 K"),
        ("lambda_s", None, None, "not reached"),
        ("lambda_s", math.nan, None, "not reached"),
        ("total_force_eV_per_A", 0.0, None, "0 eV/A"),
        ("members", 116.0, None, "116"),
        ("largest_cell_voltage_V", 0.31007, None, "0.3101 V"),
    ],
)
def test_marks_are_told_with_the_digits_that_are_known(
    key: str, value: float | None, error: float | None, told: str
) -> None:
    assert mark_text(key, value, error).told == told


def test_what_was_done_is_counted_in_rows_where_steps_hold_many() -> None:
    assert progress._work({"counters": {"accepted": 297}}) == "297 steps"
    counters = {"accepted": 1, "rows": 401, "members": 1}
    assert progress._work({"counters": counters}) == "401 rows"
    record = {"counters": {"accepted": 348, "rows": 4006}, "ensemble": {"members": 116}}
    assert progress._work(record) == "4006 rows of the first of 116 members"


def test_an_ensemble_says_whose_numbers_are_whose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spread = {"conductance_G0": {"mean": 3.56533, "standard_deviation": 1.8523}}
    progress.conclude(Voice(), {
        "status": "finished", "reason": "drive_done", "physics_hash": "none",
        "counters": {"accepted": 3, "rows": 4006}, "timings_s": {"wall": 8.0},
        "peak_memory_bytes": 1e8, "marks": {"final_conductance_G0": 2.91812},
        "ensemble": {"members": 116, "spread": spread},
    }, tmp_path)  # fmt: skip
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1:5] == [
        "of member 0:",
        "final_conductance          2.918 G0",
        "mean ± standard deviation of 116 members:",
        "conductance                3.565 ± 1.9 G0",
    ]


def test_warnings_of_a_run_are_told_at_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    progress.conclude(Voice(), {
        "status": "finished", "reason": "drive_done", "physics_hash": "none",
        "counters": {"accepted": 3}, "timings_s": {"wall": 8.0}, "peak_memory_bytes": 1e8,
        "marks": {}, "warnings": [
            {"code": "melting", "message": "3010 K: too hot", "since_s": 1.5},
            {"code": "deep_void", "message": "too deep", "since_s": 0.0}],
    }, tmp_path)  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["warning: 3010 K: too hot (since 1.5 s)", "warning: too deep"]


def test_the_end_is_foreseen_from_the_recent_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the drive in 10 s, then 1 % of it every 10 s: 40 % are left, 400 s."""
    clock, done = [0.0], [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    run = SimpleNamespace(accepted=1, status=list, progress=lambda: done[0])
    shown = Progress(run, Voice(quiet=True))  # type: ignore[arg-type]
    shown._voice.quiet = False
    monkeypatch.setattr(shown._voice.output, "say", lambda line: None)
    for k in range(11):
        clock[0], done[0] = 10.0 * (k + 1), 0.5 + 0.01 * k
        shown.show()
    assert shown._remaining() == "400 s"


def test_lines_break_between_words() -> None:
    output = Output()
    output.width = 36
    line = "  changed: mesh.preset = draft, source.compliance_current = 10 uA"
    broken = output._broken(line)
    assert len(broken.splitlines()) > 1
    assert all(len(part) <= 36 for part in broken.splitlines())
    assert broken.split() == line.split()
    number = "x = 1.234567890123456789012345678901234567890"
    assert "1.234567890123456789012345678901234567890" in output._broken(number).split()


def test_the_log_has_everything_and_a_full_disk_ends_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    voice = Voice(tmp_path, quiet=True)
    voice.say("one")
    voice.say("two", detail=True)
    voice.close()
    voice.say("three")  # closed
    again = Voice(tmp_path)
    again.say("four")
    assert again._log is not None
    again._log.close()
    again._log = full = open("/dev/full", "w")  # noqa: SIM115
    again.say("five")
    again.close()
    with suppress(OSError):  # what it holds cannot be written
        full.close()
    text = (tmp_path / "run.log").read_text()
    assert [line.split()[-1] for line in text.splitlines()] == ["one", "two", "four"]
    assert capsys.readouterr().out.splitlines() == ["four", "five"]
    Voice(tmp_path / "missing", quiet=True).say("nowhere")


def test_no_time_is_estimated_at_the_very_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with Progress(fake_run(share=0.0), Voice()):
        pass
    assert re.search(r"ETA +-", capsys.readouterr().out)
