"""Histograms, plateaus, lifetimes and spectra of traces whose answer is known."""

import numpy as np
import pytest

from tusk.postprocess.conductance import (
    QUANTUM,
    Trace,
    histogram,
    lifetimes,
    plateaus,
    power_spectrum,
    shifted_level,
)
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
    found = histogram([stairs([0.0, 1.0, 2.0, 3.0], [5, 40, 20, 10])])
    assert found.counts.sum() == 75
    assert np.diff(found.edges) == pytest.approx(0.05)
    for level, count in ((1, 40), (2, 20), (3, 10)):
        place, height = found.peak_near(level)
        assert place == pytest.approx(level, abs=1e-9)
        assert height == count
    assert found.peak_near(5.0) is None


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
