"""A certificate beside a run puts error bars on its figures; one of other physics does not."""

import json

import pytest

from tusk.postprocess import open_run
from tusk.postprocess.certified import error_bars, error_note, with_note
from tusk.postprocess.current_voltage import current_voltage
from tusk.solver.certificate import CERTIFICATE_NAME, Certificate, Quantity
from tusk.solver.output import write_json
from tusk.solver.progress import conclude
from tusk.solver.richardson import Estimate
from tusk.solver.voice import Voice

HASH = "5eed"


@pytest.fixture
def certified(make_run):
    """A finished run with a certificate of Γ, of T_max and of an R_LRS that the run has not."""
    folder = make_run()
    record = json.loads((folder / "run.json").read_text()) | {"physics_hash": HASH}
    (folder / "run.json").write_text(json.dumps(record))
    exact, rough = Estimate(0.0, None, 1.0), Estimate(0.002, None, None)
    quantities = {
        "gamma_s": Quantity(1.6791, rough, exact),
        "temperature_max_K": Quantity(880.0, Estimate(8.8, 1.0, 888.8), exact),
        "lrs_ohm": Quantity(900.0, Estimate(5.0, 1.0, 905.0), exact),
    }
    certificate = Certificate("a.yaml", HASH, "", {}, quantities, (), {}, ())
    write_json(folder / CERTIFICATE_NAME, certificate.to_mapping())
    return folder


def test_errors_stand_under_a_figure(certified):
    run = open_run(certified)
    assert error_bars(run) == {"gamma_s": pytest.approx(0.002), "temperature_max_K": 8.8}
    assert error_note(run) == "Discretisation errors: Γ 0.12 %, T_max 1 %"
    figure = with_note(current_voltage(run), run)
    assert figure.get_supxlabel() == error_note(run)


@pytest.mark.parametrize("change", [{"physics_hash": "other"}, {"status": "stopped"}])
def test_no_errors_stand_under_figures_of_other_runs(certified, change):
    record = json.loads((certified / "run.json").read_text())
    (certified / "run.json").write_text(json.dumps(record | change))
    run = open_run(certified)
    assert error_bars(run) == {}
    assert with_note(current_voltage(run), run).get_supxlabel() == ""


def test_the_end_of_a_run_states_its_errors(certified, capsys):
    record = json.loads((certified / "run.json").read_text())
    record |= {"status": "finished", "reason": "drive_done", "peak_memory_bytes": 1e8,
               "counters": {"accepted": 3}, "timings_s": {"wall": 1.0}}  # fmt: skip
    conclude(Voice(), record, certified)
    said = capsys.readouterr().out
    assert "1.6790 ± 0.0020 s" in said
    assert "880.0 ± 8.8 K" in said
    assert "± 5" not in said
    assert "± is the error of mesh and steps alone, not that of the model" in said
