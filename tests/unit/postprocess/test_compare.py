"""Two runs side by side."""

import numpy as np
import pandas as pd
import pytest

from tusk.postprocess import open_run
from tusk.postprocess.compare import config_differences, curve_distance, labels_of, mark_differences
from tusk.solver.cli import main


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


def test_command_writes_figure_and_table(pair, tmp_path, capsys):
    probe = tmp_path / "probe.csv"
    probe.write_text("V,I\n0,0\n1,1e-9\n2,1e-3\n")
    words = ["compare", *map(str, pair), "--measured", str(probe), "--out", str(tmp_path / "c")]
    assert main(words) == 0
    assert "source.compliance_current" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "c" / "comparison.csv", index_col="mark")
    assert table.loc["gamma_s", "B"] == 3.358
    assert (tmp_path / "c" / "comparison.png").stat().st_size > 10_000
