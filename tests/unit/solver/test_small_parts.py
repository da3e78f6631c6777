"""Timer, heat history, progress lines and what else is small."""

from __future__ import annotations

import re
import time
from itertools import chain, repeat
from types import SimpleNamespace

import numpy as np
import pytest

from tusk.solver import progress
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.run import FilamentRun
from tusk.solver.progress import Progress
from tusk.solver.timing import Timer

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
    with Progress(fake_run(), quiet=False) as shown:
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
    with Progress(fake_run(), quiet=True) as shown:
        shown.show()
    assert capsys.readouterr() == ("", "")


def test_lines_are_rare(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(fake_run(), quiet=False) as shown:
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
    assert progress._name_and_unit(key) == expected


def test_no_time_is_estimated_at_the_very_start(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "LINE_EVERY", 0.0)
    with Progress(fake_run(share=0.0), quiet=False):
        pass
    assert re.search(r"ETA +-", capsys.readouterr().out)
