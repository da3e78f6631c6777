"""Regimes of measured curves: synthetic curves with known breakpoints, files, sweeps."""

import numpy as np
import pytest

from tusk.postprocess.measured import Columns, read_measured
from tusk.postprocess.regime_figure import regime_figure, write_regimes
from tusk.postprocess.segments import find_regimes
from tusk.postprocess.sweeps import rising_branch
from tusk.postprocess.tables import read_table
from tusk.solver.cli import main
from tusk.solver.errors import InputError


def curve(voltage, first, second, slope_a, gain_b, slope_c, limit=1e-3):
    """Exponential up to `first`, linear up to `second`, exponential again, then limited."""
    level = 1e-9 * np.exp(slope_a * (np.minimum(voltage, first) - 0.2))
    wider = 1.0 + gain_b * np.clip(voltage - first, 0.0, second - first)
    return np.minimum(level * wider * np.exp(slope_c * np.clip(voltage - second, 0, None)), limit)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("first", "second", "slope_a", "gain_b", "slope_c"),
    [(0.5, 0.75, 30, 8, 25), (0.4, 0.8, 20, 3, 40), (1.0, 1.4, 14, 3, 25)],
)
def test_known_breakpoints_are_found_under_noise(seed, first, second, slope_a, gain_b, slope_c):
    voltage = np.linspace(0.0, 1.2 * second, 600)
    rng = np.random.default_rng(seed)
    current = curve(voltage, first, second, slope_a, gain_b, slope_c)
    regimes = find_regimes(voltage, current * (1 + 0.05 * rng.normal(size=voltage.size)))
    assert [regime.name for regime in regimes] == ["A", "B", "C"]
    assert regimes[0].end_V == regimes[1].start_V == pytest.approx(first, rel=0.02)
    assert regimes[1].end_V == regimes[2].start_V == pytest.approx(second, rel=0.02)


def test_one_exponential_is_all_a_and_one_kink_ends_with_b():
    voltage = np.linspace(0.0, 1.0, 300)
    (only,) = find_regimes(voltage, 1e-9 * np.exp(12 * voltage))
    assert (only.name, only.start_V, only.end_V) == ("A", 0.0, pytest.approx(1.0, abs=0.01))
    gradual = curve(voltage, 0.5, 9.0, 30, 8, 0)
    assert [regime.name for regime in find_regimes(voltage, gradual)] == ["A", "B"]


def test_an_abrupt_jump_between_two_points_is_a_regime():
    voltage = np.linspace(0.0, 1.0, 101)
    current = np.where(voltage < 0.6, 1e-11 * np.exp(voltage), 1e-6 * (1 + 5 * (voltage - 0.6)))
    regimes = find_regimes(voltage, current)
    assert regimes[0].end_V == pytest.approx(0.6, rel=0.02)


def test_outliers_and_a_noisy_floor_do_not_move_the_breakpoints():
    rng = np.random.default_rng(7)
    voltage = np.linspace(0.0, 0.9, 600)
    current = curve(voltage, 0.5, 0.75, 30, 8, 25) * (1 + 0.05 * rng.normal(size=600))
    current += 3e-12 * rng.normal(size=600)
    current[[150, 300, 420]] *= 30.0
    regimes = find_regimes(voltage, current, floor=3e-11)
    assert [regime.end_V for regime in regimes[:2]] == pytest.approx([0.5, 0.75], rel=0.02)


def test_too_little_to_label_is_said():
    with pytest.raises(InputError, match=r"three or more points of a rise .* got 0 above 1e-06 A"):
        find_regimes(np.linspace(0, 1, 50), np.full(50, 1e-9), floor=1e-6)


def cycle(sign=1.0):
    """A whole cycle: up to 0.9 V, down to -0.9 V and back; the current rises on the way up only."""
    up = np.linspace(0.0, 0.9, 400)
    voltage = np.concatenate([up, up[::-1], -up, -up[::-1]])
    rise = curve(up, 0.5, 0.75, 30, 8, 25)
    ohmic = 1e-3 * up / 0.9
    return sign * voltage, sign * np.concatenate(
        [rise, ohmic[::-1], -ohmic / 30, -ohmic[::-1] / 30]
    )


@pytest.mark.parametrize(
    ("sign", "direction"), [(1, "auto"), (1, "up"), (-1, "auto"), (-1, "down")]
)
def test_the_rising_sweep_of_a_cycle_is_taken(sign, direction):
    voltage, current = rising_branch(*cycle(sign), direction)
    assert len(voltage) in (400, 401)
    assert voltage[-1] == pytest.approx(0.9 * sign)
    ends = [regime.end_V for regime in find_regimes(voltage, current)]
    assert ends[:2] == pytest.approx([0.5 * sign, 0.75 * sign], rel=0.02)


def test_the_other_direction_can_be_asked_for():
    voltage, _ = rising_branch(*cycle(), "down")
    assert voltage.max() <= 0.0
    with pytest.raises(InputError, match="--direction: allowed auto, up, down, got left"):
        rising_branch(*cycle(), "left")
    with pytest.raises(InputError, match="no sweep leads down"):
        rising_branch(np.linspace(0, 1, 20), np.ones(20), "down")


def test_files_with_other_names_units_and_separators_are_read(tmp_path):
    path = tmp_path / "probe.csv"
    path.write_text("# station 3\nt;U;I\n0;0;0\n1;500;2.5\nremark;;\n2;1000;OVER\n3;1500;7.5\n")
    found = read_measured(path, Columns("U", "I", "mV", "uA"))
    assert found.voltage.tolist() == [0.0, 0.5, 1.5]
    assert found.current == pytest.approx([0.0, 2.5e-6, 7.5e-6])


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (Columns("X"), r"--voltage-column: not in .*, allowed V, I, got X"),
        (Columns(current="X"), r"--current-column: not in"),
        (Columns(voltage_unit="A"), r"--voltage-unit: a unit of voltage, got A"),
        (Columns(current_unit="nonsense"), r"--current-unit: a unit of current, got nonsense"),
    ],
)
def test_what_does_not_fit_the_file_is_named(tmp_path, columns, message):
    path = tmp_path / "probe.csv"
    path.write_text("V,I\n0,0\n1,1\n2,2\n3,3\n")
    with pytest.raises(InputError, match=message):
        read_measured(path, columns)


def test_figure_and_table(make_run, tmp_path):
    from tusk.postprocess import open_run

    voltage, current = rising_branch(*cycle())
    regimes = find_regimes(voltage, current)
    figure = regime_figure(voltage, current, regimes, open_run(make_run(field_times=())))
    axes = figure.axes[0]
    assert axes.get_yscale() == "log"
    letters = [text.get_text() for text in axes.texts]
    assert {"A", "B", "C", "Γ"} <= set(letters)
    table = read_table(write_regimes(tmp_path / "r.csv", regimes), ("start_V", "end_A"))
    assert table.end_V.tolist() == [regime.end_V for regime in regimes]


def test_command_labels_a_file_and_lays_it_over_a_run(make_run, tmp_path, capsys):
    path = tmp_path / "m.csv"
    np.savetxt(path, np.column_stack(cycle()), delimiter=",", header="V,I", comments="")
    run = make_run(field_times=())
    words = ["regimes", str(path), "--on", str(run), "--out", str(tmp_path / "o")]
    assert main(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert [line[0] for line in out if line[1:3] == "  "] == ["A", "B", "C"]
    assert "voltage: V in V (known by header)" in out
    assert {p.name for p in (tmp_path / "o").iterdir()} == {"m_regimes.csv", "m_regimes.png"}
    assert main([*words, "--floor", "1 kg"]) == 1
    assert "--floor: a current such as 0.1 pA, got 1 kg" in capsys.readouterr().err
