"""State in time: closed forms, refinement, loops, particles against their exact distribution."""

import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import cumulative_trapezoid, solve_ivp
from scipy.stats import binom, chisquare

from tusk.postprocess import make_figures
from tusk.solver import runner
from tusk.solver.config import build_config
from tusk.solver.errors import InputError, ValidityWarning
from tusk.solver.models.mesoscopic.launch import build_simulation
from tusk.solver.models.mesoscopic.simulation import COLUMNS, observe

CYCLE = [
    {"triangle": {"amplitude": "1 V", "rate": "4 V/s"}},
    {"triangle": {"amplitude": "-1 V", "rate": "4 V/s"}},
]


def configure(**raw):
    return build_config({"model": "mesoscopic", **raw})


def rows(config, member=0):
    simulation = build_simulation(config, member)
    tables = [np.column_stack(observe(simulation.cell, block)) for block in simulation.blocks()]
    return pd.DataFrame(np.vstack(tables), columns=COLUMNS)


def test_m8_m9_constant_voltage_follows_the_closed_form():
    """rho(t) = 1 - exp(-omega_S t) from [M 17]; the gap is 1 - rho at every instant."""
    hold = {"points": [["0.001 ns", "0.4 V"], ["50 ms", "0.4 V"]]}
    table = rows(configure(drive=[{"table": hold}], output={"interval": "1 ms"}))
    omega = 0.25 * math.sinh(4.0)
    expected = -np.expm1(-omega * table["time_s"])
    assert np.allclose(table["transparency"], expected, rtol=1e-9, atol=1e-11)
    assert np.allclose(table["gap_m"], 0.5e-9 * (1.0 - table["transparency"]), rtol=1e-12)


def test_the_voltage_driven_mean_field_does_not_depend_on_the_rows():
    last = [
        rows(configure(drive=[CYCLE[0]], output={"points": points}))["transparency"].iloc[-1]
        for points in (1, 7, 400)
    ]
    assert last == pytest.approx([last[-1]] * 3, rel=1e-10)


CIRCUITS = {
    "series": {"source": {"kind": "none", "series_resistance": "20 kohm"}},
    "resistor": {"source": {"kind": "resistor", "resistance": "2 kohm"}, "conduction": "sites"},
    "limiter": {
        "source": {"kind": "limiter", "compliance_current": "20 uA", "limiter_voltage": "50 mV"}
    },
    "limiter_and_series": {
        "source": {
            "kind": "limiter",
            "compliance_current": "20 uA",
            "limiter_voltage": "50 mV",
            "series_resistance": "1 kohm",
        },
        "conduction": "sites",
    },
    "current": {
        "source": {"kind": "current"},
        "drive": [
            {"triangle": {"amplitude": "40 uA", "rate": "160 uA/s"}},
            {"triangle": {"amplitude": "-40 uA", "rate": "160 uA/s"}},
        ],
    },
    "spontaneous": {
        "source": {"kind": "none", "series_resistance": "5 kohm"},
        "memory": {"spontaneous_set_rate": "0.4 Hz", "spontaneous_reset_rate": "0.7 Hz"},
    },
    "spontaneous_without_circuit": {
        "memory": {"spontaneous_set_rate": "0.4 Hz", "spontaneous_reset_rate": "0.7 Hz"},
    },
}


@pytest.mark.parametrize("name", CIRCUITS)
def test_circuits_follow_an_independent_integration(name):
    """The error of rho over a whole cycle stays below the tolerance of a step."""
    raw = {"drive": CYCLE, **CIRCUITS[name]}
    config = configure(**raw)
    cell = build_simulation(config).cell
    top = 40e-6 if name == "current" else 1.0
    channels = cell.device.sites if config.conduction == "sites" else 0.0

    def rate(time, state):
        drive = float(np.interp(time, [0.0, 0.25, 0.75, 1.0], [0.0, top, -top, 0.0]))
        rho = float(state[0])
        voltage = float(cell.voltage(drive, rho, channels * rho))
        setting, resetting = cell.rates.at(voltage)
        return [setting * (1.0 - rho) - resetting * rho]

    tables = {}
    for tolerance in (1e-3, 1e-5):
        tables[tolerance] = rows(configure(**raw, stepping={"tolerance": tolerance}))
    time = tables[1e-3]["time_s"].to_numpy()
    start, solved = 0.0, []
    for part in np.split(time[1:], [25, 50, 75]):  # a corner of the drive ends each part
        edge = solved[-1][0] if solved else 0.0
        result = solve_ivp(
            rate, (edge, part[-1]), [start], "LSODA", t_eval=part, rtol=1e-10, atol=1e-12
        )
        solved += list(zip(part, result.y[0], strict=True))
        start = float(result.y[0, -1])
    exact = np.array([0.0, *(rho for _, rho in solved)])
    assert np.ptp(exact) > 0.05
    for tolerance, table in tables.items():
        assert np.abs(exact - table["transparency"]).max() < tolerance


def test_a_row_more_or_less_hardly_moves_a_circuit():
    last = [
        rows(configure(drive=CYCLE[:1], output={"points": n}, **CIRCUITS["series"])).iloc[-1]
        for n in (1, 7, 100)
    ]
    found = [row["transparency"] for row in last]
    assert found == pytest.approx([found[-1]] * 3, abs=1e-3)


def test_m10_state_is_kept_without_voltage():
    drive = [*CYCLE[:1], {"hold": {"for": "1000 s"}}]
    table = rows(configure(drive=drive))
    after = table[table["time_s"] >= 0.5]["transparency"]
    assert after.nunique() == 1
    assert after.iloc[0] > 0.9


def test_m11_sine_gives_a_pinched_loop():
    table = rows(configure())
    time, gap = table["time_s"], 1.0 - table["transparency"]
    assert np.all(np.diff(gap[time <= 0.5]) <= 1e-15)  # SET at V > 0
    assert np.all(np.diff(gap[time >= 0.5]) >= -1e-15)  # RESET at V < 0
    assert gap[time <= 0.5].iloc[-1] < 1e-3
    assert gap.iloc[-1] > 0.999
    at_zero = table[table["cell_voltage_V"].abs() < 1e-12]
    assert len(at_zero) == 3
    assert at_zero["current_A"].abs().max() < 1e-16
    up, down = (table[(time > a) & (time < b)] for a, b in ((0.01, 0.05), (0.4, 0.49)))
    assert up["conductance_G0"].max() < 0.05 < 0.99 < down["conductance_G0"].min()


def test_current_driven_sites_drop_the_voltage_in_steps():
    config = configure(
        source={"kind": "current"},
        drive=[{"ramp": {"to": "80 uA", "rate": "80 uA/s"}}],
        conduction="sites",
        memory={"mode": "stochastic", "particles": 4, "set_rate": "2 Hz"},
        output={"points": 400},
    )
    table = rows(config)
    steps = np.flatnonzero(np.diff(table["sites_conducting"]) > 0)
    assert len(steps) >= 2
    voltage = table["cell_voltage_V"].to_numpy()
    assert np.all(voltage[steps + 1] < voltage[steps])
    levels = table["conductance_G0"][table["sites_conducting"] == 2]
    assert np.all(np.abs(levels - 2.0) < 0.2)


def test_m8_particles_have_the_binomial_distribution():
    """P(n, t) = Binomial(N, p(t)): chi-squared over members; mean within 3 standard errors."""
    number, time = 10, 0.05
    hold = {"points": [["0.001 ns", "0.4 V"], [f"{time} s", "0.4 V"]]}
    config = configure(
        drive=[{"table": hold}], members=800, memory={"particles": number}, output={"points": 1}
    )
    final = []
    for member in range(config.members):
        simulation = build_simulation(config, member)
        for _ in simulation.blocks():
            pass
        final.append(len(simulation.point.state.each))
    p = -math.expm1(-0.25 * math.sinh(4.0) * time)
    assert np.mean(final) == pytest.approx(
        number * p, abs=3 * math.sqrt(number * p * (1 - p) / 2000)
    )
    counts = np.bincount(final, minlength=number + 1).astype(float)
    expected = 800 * binom.pmf(np.arange(number + 1), number, p)
    large = expected > 8.0
    observed = np.append(counts[large], counts[~large].sum())
    result = chisquare(observed, np.append(expected[large], expected[~large].sum()))
    assert result.pvalue > 1e-3


def test_events_do_not_depend_on_the_rows():
    memory = {"mode": "stochastic", "particles": 20}
    coarse, fine = (
        build_simulation(configure(drive=CYCLE, memory=memory, output={"points": points}))
        for points in (3, 50)
    )
    ends = []
    for simulation in (coarse, fine):
        for _ in simulation.blocks():
            pass
        ends.append(simulation.point.state)
    assert ends[0].event == ends[1].event > 0
    assert ends[0].threshold == pytest.approx(ends[1].threshold, rel=1e-6)


@pytest.mark.parametrize("name", ["series", "limiter_and_series", "current", "spontaneous"])
def test_particles_in_circuits_have_the_distribution_of_their_rates(name):
    """Waiting time of the first event: the hazard integrated up to it is a unit exponential."""
    raw = {"drive": CYCLE, **CIRCUITS[name]}
    raw["memory"] = {**raw.get("memory", {}), "mode": "stochastic", "particles": 3}
    config = configure(**raw, output={"points": 200})
    top = 40e-6 if name == "current" else 1.0
    checked = 0
    for member in range(6):
        simulation = build_simulation(config, member)
        cell = simulation.cell
        threshold = simulation.point.state.threshold
        table = np.concatenate([b.transparency for b in simulation.blocks()])
        time = np.linspace(0.0, 1.0, 801)
        first = int(np.argmax(table > 0.0))
        fine = np.linspace(0.0, time[first], 200 * first + 1)
        drive = np.interp(fine, [0.0, 0.25, 0.75, 1.0], [0.0, top, -top, 0.0])
        up, _ = cell.rates.mean(*(2 * [cell.voltage(drive, 0.0, 0.0)]))
        hazard = np.concatenate(([0.0], cumulative_trapezoid(3.0 * up, fine)))
        before, after = hazard[-201], hazard[-1]
        assert before * (1.0 - 1e-4) <= threshold <= after * (1.0 + 1e-4)
        checked += 1
    assert checked == 6


def test_until_is_located():
    ramp = {"ramp": {"to": "2 V", "rate": "1 V/s"}}
    until = {"until": {"quantity": "current_A", "above": "10 uA"}}
    table = rows(configure(drive=[{**ramp, **until}, {"hold": {"for": "1 ms"}}]))
    met = table[table["current_A"] > 10e-6].iloc[0]
    assert met["current_A"] == pytest.approx(10e-6, rel=1e-6)
    assert table["time_s"].iloc[-1] == pytest.approx(met["time_s"] + 1e-3, abs=1e-9)


def test_a_run_from_file_to_figures(tmp_path: Path):
    config = tmp_path / "loop.yaml"
    config.write_text("model: mesoscopic\n")
    out = runner.run(config, tmp_path / "run")
    summary = json.loads((out / "summary.json").read_text())
    assert summary["alpha_per_eV"] == pytest.approx(3.857, abs=5e-4)
    assert summary["barrier_height_eV"] == pytest.approx(1.088, abs=5e-4)
    assert summary["alpha_phi"] == pytest.approx(4.1975, abs=5e-4)
    assert summary["characteristic_voltage_V"] == pytest.approx(0.518, abs=1e-3)
    assert summary["characteristic_current_A"] == pytest.approx(40.2e-6, abs=5e-8)
    assert summary["zero_bias_conductance_G0"] == pytest.approx(math.exp(-4.1975), rel=1e-4)
    assert json.loads((out / "run.json").read_text())["status"] == "finished"
    table = pd.read_csv(out / "timeseries.csv")
    assert tuple(table.columns) == COLUMNS
    assert len(table) == 201
    names = {path.name for path in make_figures(out, quiet=True)}
    assert names == {"contact_curves.png", "contact_memory.png", "contact_heat.png"}


def test_members_have_directories_and_repeat(tmp_path: Path):
    config = configure(drive=CYCLE, members=3, seed=5, memory={"particles": 8})
    first, second = (runner.run(config, tmp_path / name) for name in ("a", "b"))
    ensemble = pd.read_csv(first / "ensemble.csv")
    assert list(ensemble["member"]) == [0, 1, 2]
    texts = [(first / f"member_{n:04d}" / "timeseries.csv").read_text() for n in range(3)]
    assert len(set(texts)) == 3
    assert texts[0] == (first / "timeseries.csv").read_text()
    assert (second / "member_0002" / "timeseries.csv").read_text() == texts[2]


def test_a_stopped_ensemble_begins_again_and_ends_as_the_undisturbed_one(tmp_path: Path):
    """No checkpoint: a run takes seconds, and its numbers follow from the seed alone."""
    config = configure(drive=CYCLE, members=3, seed=5, memory={"particles": 8})
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert runner.run_config(config, whole, quiet=True) == 0
    assert runner.run_config(config, cut, quiet=True, max_steps=4) == 3
    assert len(pd.read_csv(cut / "ensemble.csv")) < 3
    assert runner.run_config(config, cut, quiet=True, restart=True) == 0
    names = {path.relative_to(whole) for path in whole.rglob("*") if path.is_file()}
    assert names == {path.relative_to(cut) for path in cut.rglob("*") if path.is_file()}
    for name in names - {Path("run.json"), Path("run.log")}:
        assert (whole / name).read_bytes() == (cut / name).read_bytes(), name
    assert runner.run_config(config, cut, quiet=True, restart=True) == 0  # left as it is
    changed = configure(drive=CYCLE, members=3, seed=6, memory={"particles": 8})
    with pytest.raises(InputError, match=r"--restart: .* is finished, .* --overwrite"):
        runner.run_config(changed, cut, quiet=True, restart=True)


def test_m15_a_run_beyond_the_barrier_warns(tmp_path: Path):
    config = configure(drive=[{"triangle": {"amplitude": "2.5 V", "rate": "1 V/s"}}])
    with pytest.warns(ValidityWarning, match="eV/2 >= phi at 2.5 V"):
        out = runner.run(config, tmp_path / "run")
    assert json.loads((out / "summary.json").read_text())["inside_validity"] is False


FOREIGN = {"quantity": "gap_min_m", "below": "1 nm"}


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ({"qpc": {"radius": "-1 nm"}}, "qpc.radius"),
        ({"qpc": {"effective_mass": 0}}, "qpc.effective_mass"),
        ({"qpc": {"gap_max": "-0.5 nm"}}, "qpc.gap_max"),
        ({"source": {"kind": "resistor", "resistance": "-1 kohm"}}, "source.resistance"),
        (
            {"source": {"kind": "resistor", "resistance": "1 ohm", "series_resistance": "-1 ohm"}},
            "source.series_resistance",
        ),
        ({"qpc": {"gap_min": "0.6 nm"}}, "qpc.gap_min"),
        ({"memory": {"particles": 0}}, "memory.particles"),
        ({"memory": {"set_rate": "-1 Hz"}}, "memory.set_rate"),
        ({"memory": {"reset_voltage": "0 V"}}, "memory.reset_voltage"),
        ({"memory": {"initial_fraction": 1.1}}, "memory.initial_fraction"),
        ({"thermal": {"normal_conductance": "1 K/W"}}, "thermal.normal_conductance"),
        ({"members": 3, "memory": {"mode": "mean_field"}}, "members"),
        ({"conduction": "wide"}, "conduction"),
        ({"stack": {}}, "stack"),
        ({"parameters": "buttberg2025"}, "parameters"),
        (
            {"drive": [{"sine": {"amplitude": "1 V", "frequency": "0 Hz"}}]},
            "drive[0].sine.frequency",
        ),
        (
            {
                "drive": [
                    {"hold": {"for": "1 s"}, "until": {"quantity": "gap_min_m", "below": "1 nm"}}
                ]
            },
            "drive[0].hold.until.quantity",
        ),
    ],
    ids=str,
)
def test_bad_input_is_one_line_that_begins_with_the_key(raw, key):
    with pytest.raises(InputError) as caught:
        configure(**raw)
    assert str(caught.value).startswith(f"{key}: ") or str(caught.value).startswith(key)
    assert "\n" not in str(caught.value)


def test_the_filament_refuses_sections_of_the_contact():
    with pytest.raises(InputError, match="qpc: belongs to model mesoscopic, not filament_fem"):
        build_config({"qpc": {}})


def test_no_finite_elements_are_loaded(tmp_path: Path):
    code = (
        "import sys; from tusk.solver.config import build_config; from tusk.solver import runner;"
        "from pathlib import Path;"
        f"config, out = build_config({{'model': 'mesoscopic'}}), Path({str(tmp_path / 'r')!r});"
        "runner.run_config(config, out, quiet=True);"
        "print(sorted({'dolfinx', 'petsc4py', 'mpi4py', 'ufl'} & set(sys.modules)))"
    )
    words = [sys.executable, "-c", code]
    result = subprocess.run(words, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
    versions = json.loads((tmp_path / "r/run.json").read_text())["versions"]
    assert set(versions) == {"python", "tusk-fem", "numpy", "scipy"}
