"""Histograms, plateaus, lifetimes and spectra of traces whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.conductance import (
    QUANTUM,
    Trace,
    doubts,
    histogram,
    lifetimes,
    plateaus,
    power_spectrum,
    shifted_level,
    traces,
)
from tusk.postprocess.conductance_figures import conductance_histogram
from tusk.solver.errors import InputError
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM


def stairs(levels, lengths, noise=0.0, member=0):
    values = np.repeat(np.asarray(levels, dtype=float), lengths)
    if noise:
        values = values + np.random.default_rng(1).normal(0.0, noise, len(values))
    return Trace(member, np.arange(len(values), dtype=float), values)


def test_quantum_is_that_of_the_solver():
    assert pytest.approx(CONDUCTANCE_QUANTUM, rel=1e-9) == QUANTUM


def test_histogram_counts_every_point_once_with_multiples_in_the_middle_of_bins():
    found = histogram([stairs([0.0, 1.0, 2.0, 3.0], [20, 160, 80, 40])])
    assert found.counts.sum() == found.points == 300
    assert np.diff(found.edges) == pytest.approx(0.05)
    for level, count in ((1, 160), (2, 80), (3, 40)):
        place, height = found.peak_near(level)
        assert place == pytest.approx(level, abs=1e-9)
        assert height == count
    assert found.peak_near(5.0) is None


def test_points_count_by_how_long_they_last():
    """Ten seconds at 1 G0 in a few long steps, a moment at 2 G0 in many short ones."""
    long, short = np.arange(0.0, 10.0, 0.5), 10.0 + 1e-6 * np.arange(500)
    trace = Trace(0, np.append(long, short), np.repeat([1.0, 2.0], [len(long), len(short)]))
    found = histogram([trace])
    assert found.counts.sum() == pytest.approx(520)
    assert found.peak_near(1.0)[1] == pytest.approx(520 * 10.0 / 10.0005, rel=1e-3)
    assert found.peak_near(2.0) is None


def test_a_few_points_make_no_peak():
    assert histogram([stairs([0.0, 3.0, 0.0], [290, 1, 10])]).peak_near(3.0) is None
    assert histogram([stairs([0.0, 3.0, 0.0], [30, 30, 30])]).peak_near(3.0) is None


def test_the_bin_of_half_the_sampling_rate_is_left_out():
    """White noise has the density 2 sigma^2/rate in every bin, but half of it in that one."""
    rng = np.random.default_rng(5)
    trace = Trace(0, np.arange(200_000.0), rng.normal(size=200_000))
    frequency, density = power_spectrum(trace, 200_000)
    assert frequency[-1] < 0.5
    assert density[-40:].mean() == pytest.approx(2.0, rel=0.1)
    frequency, _ = power_spectrum(Trace(0, np.arange(17.0), np.arange(17.0)))
    assert frequency[-1] < 0.5


def a_filament(make_run, contact):
    run = open_run(make_run(field_times=()))
    run.config["contact"] = {"model": contact}
    run.summary["model"] = "filament_fem"
    return run


def test_a_gap_without_channels_is_doubted(make_run):
    run = a_filament(make_run, "none")
    assert ["contact.model is none" in doubt for doubt in doubts(run, histogram(traces(run)))] == [
        True
    ]
    found = histogram([stairs([1.0], [99])])
    assert "at least 100 points are wanted for peaks, got 99" in doubts(run, found)[1]
    run.config["contact"]["model"] = "handover"
    assert not doubts(run, histogram(traces(run)))


def test_the_histogram_clips_no_bar_and_names_what_it_leaves_out(make_run):
    run = a_filament(make_run, "none")
    axes = conductance_histogram(run).axes[0]
    # The cell voltage of the made-up run is less than the applied one: two histograms.
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "contact",
        "with what is in series",
    ]
    heights = [patch.get_data().values.max() for patch in axes.patches]
    assert axes.get_ylim()[0] == 0.0
    assert axes.get_ylim()[1] >= max(heights)
    assert "% of the time, below 0.5" in axes.get_xlabel()
    assert all(patch.get_data().edges[0] >= 0.5 for patch in axes.patches)


def test_without_anything_in_series_there_is_one_histogram(make_run):
    run = a_filament(make_run, "none")
    table = pd.read_csv(run.path / "timeseries.csv")
    table["cell_voltage_V"] = table["applied_voltage_V"]
    table.to_csv(run.path / "timeseries.csv", index=False)
    (label,) = conductance_histogram(run).axes[0].get_legend().get_texts()
    assert label.get_text() == "contact"


def test_flat_histograms_have_no_peaks():
    even = Trace(0, np.arange(2000.0), np.linspace(0.0, 4.0, 2000))
    assert histogram([even]).peak_near(2.0) is None


@pytest.mark.parametrize("resistance", [0.0, 500.0, 2e3])
def test_series_resistance_moves_peaks_by_the_formula(resistance):
    levels = np.array([1.0, 2.0, 3.0])
    measured = 1.0 / (1.0 / levels + resistance * CONDUCTANCE_QUANTUM)
    assert [shifted_level(n, resistance) for n in (1, 2, 3)] == pytest.approx(measured, rel=1e-9)


def test_plateaus_are_found_with_level_and_lifetime():
    found = plateaus(stairs([0.01, 1.0, 2.0, 1.0, 3.0], [10, 30, 20, 2, 25], noise=0.03))
    assert [p.level for p in found] == [0, 1, 2, 3]  # the third step is too short
    assert [p.complete for p in found] == [False, True, True, False]
    assert found[1].lifetime == 30.0
    assert found[2].conductance == pytest.approx(2.0, abs=0.03)
    table = lifetimes([*found, *found])
    assert table.loc[1, "count"] == 2
    assert table.loc[1, "mean_s"] == 30.0


def test_spectrum_of_a_sine_stands_at_its_frequency_and_keeps_its_power():
    time = np.linspace(0.0, 100.0, 8001)
    trace = Trace(0, time, 2.5 + 0.1 * np.sin(2 * np.pi * 4.0 * time))
    frequency, density = power_spectrum(trace)
    assert frequency[np.argmax(density)] == pytest.approx(4.0, abs=0.1)
    power = np.trapezoid(density, frequency)
    assert power == pytest.approx(0.5 * 0.1**2, rel=0.02)


def test_spectrum_of_a_telegraph_signal_falls_as_a_lorentzian():
    rng = np.random.default_rng(3)
    rate, step = 1.0, 0.02
    flips = rng.random(400_000) < rate * step
    values = 2.0 + np.cumsum(flips) % 2
    trace = Trace(0, step * np.arange(len(values)), values.astype(float))
    frequency, density = power_spectrum(trace)
    # S = 4 (1/4) tau/(1 + (2 pi f tau)^2) with tau = 1/(2 rate): amplitude 1, equal rates
    tau = 1.0 / (2.0 * rate)
    inside = (frequency > 0.02) & (frequency < 2.0)
    expected = tau / (1.0 + (2 * np.pi * frequency * tau) ** 2)
    assert np.mean(density[inside] / expected[inside]) == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: histogram([]), "no point"),
        (lambda: histogram([stairs([1.0], [5])], width=0.0), "bin: must be above 0"),
        (lambda: power_spectrum(stairs([1.0], [5])), "16 points are wanted"),
    ],
)
def test_bad_input_is_named(call, words):
    with pytest.raises(InputError, match=words):
        call()
