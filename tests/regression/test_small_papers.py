"""Papers whose models need no mesh are reproduced as a whole."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tusk.solver.commands.reproduction import PAPERS, paper_named, reproduce

NAMES = ("miranda2024", "kharlanov2023", "milano2024")


def test_every_parameter_set_of_a_paper_can_be_reproduced() -> None:
    assert set(PAPERS) == {"buttberg2025", *NAMES}


@pytest.mark.parametrize(
    "name", ["miranda2024", "kharlanov2023", pytest.param("milano2024", marks=pytest.mark.slow)]
)
def test_every_row_holds_and_every_figure_is_drawn(name: str, tmp_path: Path) -> None:
    paper = paper_named(name)
    said: list[str] = []
    verdicts = reproduce(paper, tmp_path, "draft", 2, said.append)
    partly = ["K9", "K12", "K13"] if name == "kharlanov2023" else []
    assert [verdict.label for verdict in verdicts if verdict.verdict != "holds"] == partly
    assert not any(verdict.missed for verdict in verdicts)
    assert said == [f"{figure}: written" for figure in paper.figures]
    for figure in paper.figures:
        assert len(pd.read_csv(tmp_path / f"{figure}.csv")) > 10
        for suffix in (".png", ".pdf"):
            assert (tmp_path / f"{figure}{suffix}").stat().st_size > 5_000
