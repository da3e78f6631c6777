"""Two runs side by side."""

import json

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.compare import (
    comparison,
    config_differences,
    curve_distance,
    labels_of,
    mark_differences,
)
from tusk.postprocess.report import write_report
from tusk.solver import run
from tusk.solver.cli import main
from tusk.solver.config import build_config


@pytest.fixture
def pair(make_run, no_marks):
    first = make_run(name="one", field_times=())
    second = make_run(name="two", field_times=(), current_scale=2.0, marks={"gamma_s": 3.358})
    text = (second / "config.resolved.yaml").read_text()
    (second / "config.resolved.yaml").write_text(text.replace("1 mA", "2 mA"))
    return first, second


def test_differences_of_config_and_marks(pair):
    runs = dict(zip("AB", map(open_run, pair), strict=True))
    configs = config_differences(runs)
    assert configs.loc["source.compliance_current"].tolist() == ["1 mA", "2 mA"]
    assert len(configs) == 1
    marks = mark_differences(runs["A"], runs["B"])
    assert marks.loc["gamma_s", "difference_percent"] == pytest.approx(100.0)
    assert np.isnan(marks.loc["lrs_ohm", "B"])


def test_distance_of_curves(pair):
    one, two = map(open_run, pair)
    assert curve_distance(one, one) == 0.0
    assert 0.0 < curve_distance(one, two) <= np.log(2.0)


def test_labels_tell_runs_apart(pair, tmp_path):
    assert labels_of(list(pair)) == ["one", "two"]
    assert labels_of([tmp_path / "a" / "run", tmp_path / "b" / "run"]) == ["a/run", "b/run"]


def test_outcome_as_json(pair, tmp_path, capsys):
    folders = [str(path) for path in pair]
    assert main(["compare", *folders, "--out", str(tmp_path / "c"), "--json"]) == 0
    outcome = json.loads(capsys.readouterr().out)
    assert set(outcome) == {"config", "marks", "mean_abs_dlnI", "figure", "table"}
    assert list(outcome["config"]) == ["source.compliance_current"]
    assert outcome["marks"]["gamma_s"]["A"] == 1.679
    assert outcome["marks"]["lrs_ohm"]["B"] is None
    assert outcome["figure"] == str(tmp_path / "c" / "comparison.png")


def test_command_writes_figure_and_table(pair, tmp_path, capsys):
    probe = tmp_path / "probe.csv"
    probe.write_text("V,I\n0,0\n1,1e-9\n2,1e-3\n")
    words = ["compare", *map(str, pair), "--measured", str(probe), "--out", str(tmp_path / "c")]
    assert main(words) == 0
    assert "source.compliance_current" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "c" / "comparison.csv", index_col="mark")
    assert table.loc["gamma_s", "B"] == 3.358
    assert (tmp_path / "c" / "comparison.png").stat().st_size > 10_000


OTHERS = {
    "contact": (
        {"model": "mesoscopic", "drive": [{"triangle": {"amplitude": "1 V", "rate": "4 V/s"}}]},
        ["smallest gap (nm)", "max. temperature (K)", "conductance (G$_0$)"],
    ),
    "chain": (
        {"model": "atomic_chain", "output": {"biases": 3, "asymmetries": 3, "atoms": 3}},
        ["conductance (G$_0$)", "force on the atom (eV/Å)", "total force (eV/Å)"],
    ),
}
"""Configs without a mesh, and what comparisons of them show beside the current."""


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    folder = tmp_path_factory.mktemp("others")
    return {name: run(build_config(raw), folder / name) for name, (raw, _) in OTHERS.items()}


@pytest.mark.parametrize("name", OTHERS)
def test_runs_without_a_mesh_are_compared_and_reported(name, others, tmp_path, capsys):
    words = ["compare", *[str(others[name])] * 2, "--out", str(tmp_path)]
    assert main(words) == 0
    assert "mean |Δ ln I|: 0" in capsys.readouterr().out
    figure = comparison(("a", "b"), (open_run(others[name]), open_run(others[name])))
    assert [axes.get_ylabel() for axes in figure.axes[1:]] == OTHERS[name][1]
    page = write_report([others[name]], tmp_path / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 3


def test_runs_of_two_models_share_what_both_have(pair, others):
    figure = comparison(("a", "b"), (open_run(pair[0]), open_run(others["contact"])))
    shown = [axes.get_ylabel() for axes in figure.axes]
    assert shown == ["|current| (A)", "smallest gap (nm)", "max. temperature (K)"]
    alone = comparison(("a", "b"), (open_run(pair[0]), open_run(others["chain"])))
    assert len(alone.axes) == 1


def test_keys_of_one_model_alone_are_no_difference(pair, others):
    runs = {"filament": open_run(pair[0]), "contact": open_run(others["contact"])}
    keys = set(config_differences(runs).index)
    assert "model" in keys
    assert not {"qpc.radius", "stack.oxide"} & keys
    two = {**runs, "other": open_run(pair[1])}
    assert "source.compliance_current" in config_differences(two).index
