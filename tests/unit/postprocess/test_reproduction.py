"""Verdicts and figures of papers, on made-up runs."""

import pandas as pd
import pytest
from PIL import Image
from scipy.constants import e

from tusk.postprocess import open_run
from tusk.postprocess.reproduction import buttberg2025, buttberg2025_figures
from tusk.postprocess.reproduction.checks import Check, holds
from tusk.postprocess.reproduction.claims import BUTTBERG2025, Claim
from tusk.postprocess.reproduction.verdicts import judge, write_verdicts
from tusk.solver.cli import main
from tusk.solver.commands import reproduction
from tusk.solver.errors import InputError, SolveError
from tusk.solver.physics.capillary import CapillaryRelaxation
from tusk.solver.studies import papers, runs


def claim(*checks, deviation=""):
    return Claim("X1", "stated", "printed", lambda _: list(checks), deviation)


@pytest.mark.parametrize(
    ("given", "verdict", "missed"),
    [
        (claim(Check("a", 1.0, "V", 0.0, 2.0)), "holds", False),
        (claim(Check("a", 3.0, "V", 0.0, 2.0), holds("b", True)), "missed: a", True),
        (claim(Check("a", 3.0)), "reported", False),
        (claim(Check("a", 3.0, high=2.0), deviation="known"), "deviation: known", False),
        (claim(Check("a", 3.0), deviation="known"), "deviation: known", False),
        (
            claim(Check("a", 3.0, high=2.0), holds("b", True), deviation="known"),
            "partly, not a: known",
            False,
        ),
        (claim(Check("a", 1.0, high=2.0), deviation="no more"), "holds", False),
    ],
)
def test_verdicts(given, verdict, missed):
    (judged,) = judge([given], {})
    assert (judged.verdict, judged.missed) == (verdict, missed)


def test_a_printed_number_that_is_missed_does_not_hold(make_run):
    """B5 prints tens of mV; 978 ohm at 3.5 uA are 3.4 mV."""
    marks = {"filament_resistance_3p5uA_ohm": 978.0}
    runs_ = {"1mA": open_run(make_run(field_times=(), marks=marks))}
    runs_["100nA"] = open_run(make_run(name="low", field_times=(), current_scale=1e-4))
    row = next(claim for claim in BUTTBERG2025 if claim.label == "B5")
    assert judge([row], runs_)[0].verdict.startswith("partly, not drop: ")
    start = next(claim for claim in BUTTBERG2025 if claim.label == "B7")
    assert judge([start], runs_)[0].verdict.startswith("partly, not C starts at: ")


def test_narrow_bands_show_their_width():
    check = Check("a", 0.01503, "", 0.01503 * (1 - 1e-9), 0.01503 * (1 + 1e-9), 4)
    assert check.band == "0.01503 ± 1.5e-11"
    assert Check("a", 180.0, "", 176.0, 184.0, 2).band == "180 ± 4"
    assert Check("R", 182.0, "Ω", 170.0, digits=2).band == "≥ 170 Ω"


def test_a_run_that_failed_costs_its_rows_only():
    def fails(_):
        raise SolveError("tusk run: exit code 2: no way")

    bad, good = judge([Claim("X1", "s", "p", fails), claim(Check("a", 1.0))], {})
    assert bad.verdict == "no run: 2: no way"
    assert bad.missed
    assert good.verdict == "reported"


def test_certified_errors_stand_beside_marks(make_run, monkeypatch):
    class Certified:
        def error_of(self, key, value):
            return 0.002 if (key, value) == ("gamma_s", 1.679) else None

    run = open_run(make_run(field_times=()))
    row = next(claim for claim in BUTTBERG2025 if claim.label == "B9")
    assert judge([row], {"1mA": run})[0].ours == "Γ 1.679 s"
    monkeypatch.setattr("tusk.postprocess.run.find_certificate", lambda *_: Certified())
    certified = open_run(run.path)
    assert judge([row], {"1mA": certified})[0].ours == "Γ 1.679 s ± 0.002 s"


def test_tables_are_written(tmp_path):
    write_verdicts(tmp_path, judge([claim(Check("a", 1.5e-9, "m"))], {}))
    assert pd.read_csv(tmp_path / "verdicts.csv").loc[0, "Tusk"] == "a 1.5 nm"
    assert "| X1 | stated | printed | a 1.5 nm |" in (tmp_path / "verdicts.md").read_text()


def test_magnitudes_do_not_end_cells(tmp_path):
    write_verdicts(tmp_path, judge([claim(Check("largest |a|", 1.0))], {}))
    row = (tmp_path / "verdicts.md").read_text().splitlines()[2]
    assert row.replace(r"\|", "").count("|") == 7
    assert r"largest \|a\| 1" in row


@pytest.fixture
def studies(make_run):
    """Made-up runs under the names of the paper's."""
    currents = {"10nA": 1e-5, "10uA": 1e-2, "1mA": 1.0}
    made = {
        name: open_run(make_run(name=name, current_scale=scale, field_times=()))
        for name, scale in currents.items()
    }
    return made | dict.fromkeys(papers.BUTTBERG2025.keys() - made.keys(), made["1mA"])


TOLD = {"B4", "B5", "B7", "B8", "B9", "B10", "B12", "B13", "B20", "B26", "B27"}
"""Rows that the made-up 1 mA run was made up to show."""

DEPENDENT = {"B2", "B3", "B16", "B17", "B24", "B30"}
"""Rows about a dependence, which one run under every name cannot show."""


@pytest.mark.parametrize("row", sorted(TOLD | DEPENDENT))
def test_rows_are_judged_by_what_the_runs_show(make_run, row):
    run = open_run(make_run(name="1mA", field_times=()))
    (claim,) = (claim for claim in BUTTBERG2025 if claim.label == row)
    (judged,) = judge([claim], dict.fromkeys(papers.BUTTBERG2025, run))
    assert judged.ours != "–"
    assert judged.missed is (row in DEPENDENT)


@pytest.mark.parametrize("name", sorted(buttberg2025_figures.FIGURES.keys() - {"fig1d", "fig3"}))
def test_figures_show_their_data(studies, name, no_vtk):
    figure, data = buttberg2025_figures.FIGURES[name](studies)
    assert len(data) >= 3
    assert any(axes.get_ylabel() or axes.get_xlabel() for axes in figure.axes)
    assert not data.isna().all().any()


def test_maps_are_drawn_from_fields(make_run):
    run = open_run(make_run(field_times=(1.679, 1.7657, 1.7768, 1.782)))
    for name in ("fig1d", "fig3"):
        figure, data = buttberg2025_figures.FIGURES[name]({"1mA": run})
        assert figure.axes[0].get_ylabel() == "z (nm)"
        assert len(data) > 10


def test_a_missing_current_is_said(make_run):
    run = open_run(make_run(current_scale=1e-6))
    with pytest.raises(InputError, match=r"a current of 3\.5e-06 A is wanted, got less"):
        buttberg2025_figures.FIGURES["fig1d"]({"1mA": run})


def test_compliances_are_read_from_names():
    found = buttberg2025_figures.compliances(dict.fromkeys(papers.BUTTBERG2025))
    assert list(found) == list(papers.COMPLIANCES)
    assert found["3nA"] == pytest.approx(3e-9)
    assert found["1mA"] == 1e-3


def test_every_study_is_a_valid_config_of_its_own():
    hashes = {study.physics_hash() for study in papers.BUTTBERG2025.values()}
    assert len(hashes) == len(papers.BUTTBERG2025)


def test_relaxation_time_of_a_cylinder():
    law = CapillaryRelaxation(1.2, 1e-7, 0.47 * e, 1.7e-29)
    # kT = 4.142e-21 J; D_s = 1e-7 exp(-18.18) = 1.27e-15 m2/s; Omega^(4/3) = 4.37e-39 m4
    assert law.mobility(300.0) == pytest.approx(1.27e-15 * 1.2 * 4.37e-39 / 4.142e-21, rel=0.01)
    assert law.cylinder_time(2e-9, 300.0) / law.cylinder_time(1e-9, 300.0) == pytest.approx(16.0)
    assert law.cylinder_time(1e-9, 300.0) > law.cylinder_time(1e-9, 400.0)
    assert [check.holds for check in buttberg2025.relaxation({})] == [True, True]


def test_a_paper_is_reproduced_in_a_folder(make_run, tmp_path, monkeypatch, no_vtk):
    run = open_run(make_run(field_times=()))
    monkeypatch.setattr(runs, "run_study", lambda study, directory: run.path)
    figures = {name: buttberg2025_figures.FIGURES[name] for name in ("fig5b", "fig1d")}
    paper = reproduction.Paper({"1mA": runs.Study("buttberg2025_set_1mA")}, [], figures)
    paper = reproduction.Paper(
        dict.fromkeys(("1mA", "no_barrier_heating"), paper.studies["1mA"]),
        BUTTBERG2025[6:9],
        figures,
    )
    said: list[str] = []
    verdicts = reproduction.reproduce(paper, tmp_path / "out", "draft", 1, said.append)
    assert [verdict.label for verdict in verdicts] == ["B8", "B9", "B10"]
    names = {path.name for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert names == {"verdicts.md", "verdicts.csv", "fig5b.png", "fig5b.pdf", "fig5b.csv"}
    with Image.open(tmp_path / "out" / "fig5b.png") as picture:
        assert picture.width == pytest.approx(1004, abs=2)
    assert said[0] == "fig5b: written"
    assert said[1].startswith("fig1d: left out")


def test_names_and_presets_are_checked(capsys):
    assert main(["reproduce", "nobody1900"]) == 1
    assert "NAME: unknown paper, allowed buttberg2025, miranda2024" in capsys.readouterr().err
    assert main(["reproduce", "buttberg2025", "--preset", "coarse"]) == 1
    assert "--preset: allowed draft, reference, fine, got coarse" in capsys.readouterr().err
