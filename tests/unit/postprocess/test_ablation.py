"""Effects switched off in turn: which, and how it is shown."""

import numpy as np
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.ablation import ablation_table, tornado
from tusk.solver.cli import main
from tusk.solver.commands import ablation
from tusk.solver.studies import runs


def test_effects_that_a_config_lacks_are_left_out(tmp_path):
    config = tmp_path / "cell.yaml"
    config.write_text("stress: {model: none}\n")
    studies = ablation.ablations(config, ("filament.conductivity=bulk",))
    assert list(studies) == [
        ablation.BASE,
        "barrier heat",
        "void barrier",
        "electrode dissolution",
    ]
    assert len({study.physics_hash() for study in studies.values()}) == len(studies)


def test_tornado_sorts_by_size_and_says_what_is_missing(make_run, no_marks):
    marks = {"gamma_s": 1.679, "lrs_ohm": 880.0, "temperature_max_K": 880.0}
    table = ablation_table(
        {
            ablation.BASE: open_run(make_run(name="base", marks=marks, field_times=())),
            "heat": open_run(make_run(name="cold", marks=marks | {"lrs_ohm": 9e4}, field_times=())),
            "stress": open_run(make_run(name="none", marks=no_marks, field_times=())),
        }
    )
    assert table.loc[ablation.BASE, "gamma_V"] == 1.679
    assert np.isnan(table.loc["stress", "lrs_ohm"])
    resistance = tornado(table).axes[0]
    assert resistance.get_xscale() == "log"
    labels = [label.get_text() for label in resistance.get_yticklabels()]
    assert labels == ["no stress", "no heat"]
    assert any("not reached" in text.get_text() for text in resistance.texts)


def test_command_runs_each_and_writes_table_and_figure(make_run, tmp_path, monkeypatch, capsys):
    made = make_run(field_times=())
    monkeypatch.setattr(runs, "run_study", lambda study, directory: made)
    config = tmp_path / "cell.yaml"
    config.write_text("{}\n")
    out = tmp_path / "out"
    assert main(["ablate", str(config), "--out", str(out), "--jobs", "1"]) == 0
    assert {path.name for path in out.iterdir()} == {"ablation.csv", "ablation.png"}
    assert "barrier heat" in capsys.readouterr().out


def test_only_filaments_are_ablated(tmp_path, capsys):
    config = tmp_path / "cell.yaml"
    config.write_text("model: mesoscopic\n")
    assert main(["ablate", str(config)]) == 1
    assert "tusk: " in capsys.readouterr().err


@pytest.mark.parametrize("change", ablation.EFFECTS.values())
def test_every_switch_is_a_key(change, tmp_path):
    config = tmp_path / "cell.yaml"
    config.write_text("{}\n")
    runs.Study(config, (change,)).physics_hash()
