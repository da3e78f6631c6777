"""The shipped configs of Milano 2024: histogram, series resistance, compliances, fluctuations."""

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess.conductance import (
    BIN,
    histogram,
    plateaus,
    power_spectrum,
    shifted_level,
    traces,
)
from tusk.postprocess.run import Run, open_run
from tusk.solver import run

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture(scope="module")
def sweeps(tmp_path_factory: pytest.TempPathFactory) -> Run:
    start = time.perf_counter()
    out = tmp_path_factory.mktemp("milano") / "sweeps"
    run(CONFIGS / "milano2024_current_sweeps.yaml", out)
    print(f"116 sweeps: {time.perf_counter() - start:.1f} s")
    return open_run(out)


@pytest.mark.slow
def test_histogram_peaks_at_multiples_of_the_quantum(sweeps: Run) -> None:
    found = traces(sweeps)
    assert len(found) >= 116
    counted = histogram(found)
    assert counted.counts.sum() >= 464_000
    peaks = [counted.peak_near(n) for n in (1.0, 2.0, 3.0)]
    for level, peak in zip((1, 2, 3), peaks, strict=True):
        assert peak is not None
        assert peak[0] == pytest.approx(level, abs=0.04 * level + BIN)
    assert peaks[0][1] == max(peak[1] for peak in peaks)
    # Peaks are wider than a bin (N3).
    near = np.abs(counted.centres - 1.0) < 0.4
    assert np.count_nonzero(counted.counts[near] > 0.25 * peaks[0][1]) >= 2
    # The spread from sweep to sweep: points at one quantum per sweep.
    shares = [np.mean(np.abs(trace.conductance - 1.0) < 0.3) for trace in found]
    print(f"share of a sweep at 1 G0: {np.mean(shares):.2f} +- {np.std(shares, ddof=1):.2f}")
    assert np.std(shares, ddof=1) > 0.05


@pytest.mark.slow
def test_plateau_detector_finds_the_levels(sweeps: Run) -> None:
    levels = pd.Series([p.level for t in traces(sweeps) for p in plateaus(t)]).value_counts()
    assert {1, 2, 3} <= set(levels.index)
    assert levels[1] >= 100


@pytest.mark.slow
def test_series_resistance_moves_the_peaks(sweeps: Run) -> None:
    own, measured = (histogram(traces(sweeps, raw)) for raw in (False, True))
    for level in (1, 2, 3):
        place = own.peak_near(float(level))
        assert place is not None
        shifted = shifted_level(level, 500.0) * place[0] / level
        seen = measured.peak_near(shifted, reach=0.3)
        assert seen is not None
        # n/(1 + n R G0) within a bin, the peak itself being known to one
        assert seen[0] == pytest.approx(place[0] / (1 + place[0] * 500 * 7.748e-5), abs=BIN)


@pytest.mark.slow
def test_voltage_drops_where_the_conductance_steps(sweeps: Run) -> None:
    rows = pd.read_csv(sweeps.path / "member_0001" / "timeseries.csv")
    steps = rows["conductance_G0"].diff() > 0.6
    assert steps.any()
    assert (rows["cell_voltage_V"].diff()[steps] < 0.0).all()


@pytest.mark.slow
@pytest.mark.parametrize(("compliance", "low", "high"), [("100uA", 0.8, 1.2), ("400uA", 1.6, 3.2)])
def test_compliance_sets_the_level(
    tmp_path: Path, compliance: str, low: float, high: float
) -> None:
    out = run(CONFIGS / f"milano2024_compliance_{compliance}.yaml", tmp_path / "out")
    final = pd.read_csv(out / "ensemble.csv")["conductance_G0"]
    assert len(final) == 20
    assert low <= final.median() <= high
    assert final.between(low, high).mean() >= 0.8


@pytest.mark.slow
def test_conductance_fluctuates_about_a_plateau(tmp_path: Path) -> None:
    found = traces(open_run(run(CONFIGS / "milano2024_fluctuations.yaml", tmp_path / "out")))[0]
    late = found.time > 1.0
    assert found.conductance[late].mean() == pytest.approx(2.5, abs=1.0)
    assert len(np.unique(np.round(found.conductance[late]))) >= 3
    frequency, density = power_spectrum(found)
    low, high = density[1:4].mean(), density[(frequency > 1.0) & (frequency < 3.0)].mean()
    assert low > 10.0 * high


@pytest.mark.slow
def test_slower_sweeps_show_more_plateaus(tmp_path: Path) -> None:
    """N8: at a lower rate the same sites switch at lower currents (trend)."""
    text = (CONFIGS / "milano2024_current_sweeps.yaml").read_text()
    counts = {}
    for rate, interval in (("90 nA/s", "222 ms"), ("9 uA/s", "2.22 ms")):
        config = tmp_path / f"{interval[:3].strip()}.yaml"
        drive = f"drive: [{{ramp: {{to: 20 uA, rate: {rate}}}}}]\n"
        changed = text.replace("55.5 ms", interval).replace("members: 116", "members: 24")
        config.write_text(drive + changed)
        found = traces(open_run(run(config, tmp_path / interval.replace(" ", ""))))
        counts[rate] = np.mean([len({p.level for p in plateaus(t) if p.level > 0}) for t in found])
    assert counts["90 nA/s"] > counts["9 uA/s"]
