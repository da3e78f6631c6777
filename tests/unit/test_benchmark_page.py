"""The figure of docs/performance.md, drawn from the stored result."""

import json
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def report(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    import report

    yield report
    for name in ("report", "newton_step"):
        sys.modules.pop(name, None)


def test_axes_of_less_than_a_decade_are_numbered(report, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(plt, "close", drawn.append)
    result = json.loads((REPOSITORY / "benchmarks" / "result.json").read_text())
    report.draw(result, tmp_path / "performance.png")
    (figure,) = drawn
    for axes in figure.axes[1:]:
        low, high = axes.get_ylim()
        ticks = [
            label.get_text()
            for label, place in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)
            if low <= place <= high
        ]
        assert len(ticks) >= 3
        assert not any("10^" in tick or "times" in tick for tick in ticks)
    monkeypatch.undo()
    plt.close(figure)


def test_phases_counted_once_leave_the_rest(report):
    presets = {"draft": {"phases_s": {"gmsh": 2.0, "meshing": 1.0}, "median_wall_s": 10.0}}
    assert report.phase_table(presets, ()).splitlines()[-1].endswith("| 7.00 |")
    presets["draft"]["phases_s"]["meshing"] = 3.0
    assert report.phase_table(presets, report.NESTED).splitlines()[-1].endswith("| 7.00 |")
