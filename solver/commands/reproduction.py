"""Reproduce a paper: make its runs, draw its figures, judge its statements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tusk.solver.config import load_config
from tusk.solver.errors import InputError, OutputError, SolveError
from tusk.solver.studies import papers
from tusk.solver.studies.forks import run_map
from tusk.solver.studies.runs import Studies, Study

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from tusk.postprocess.reproduction.checks import Studies as Runs
    from tusk.postprocess.reproduction.claims import Claim
    from tusk.postprocess.reproduction.verdicts import Verdict

type Draw = Callable[[Runs], tuple[Figure, pd.DataFrame]]

FILAMENT = "filament_fem"
PRESETS = ("draft", "reference", "fine")


@dataclass(frozen=True, slots=True)
class Paper:
    """What reproduces a paper: its runs, statements and figures, by name.

    The studies of the map differ in their compliance current alone and share their beginning.
    """

    studies: Mapping[str, Study]
    claims: Sequence[Claim]
    figures: Mapping[str, Draw]
    map: tuple[str, ...] = ()


def _buttberg2025() -> Paper:
    from tusk.postprocess.reproduction.buttberg2025_figures import FIGURES
    from tusk.postprocess.reproduction.claims import BUTTBERG2025

    return Paper(papers.BUTTBERG2025, BUTTBERG2025, FIGURES, papers.COMPLIANCES)


def _small(name: str) -> Callable[[], Paper]:
    """Return the paper of a model without a mesh."""

    def paper() -> Paper:
        from tusk.postprocess.reproduction import small_claims, small_figures

        key = name.upper()
        parts = (getattr(module, key) for module in (papers, small_claims, small_figures))
        return Paper(*parts)

    return paper


PAPERS: Mapping[str, Callable[[], Paper]] = {"buttberg2025": _buttberg2025} | {
    name: _small(name) for name in ("miranda2024", "kharlanov2023", "milano2024")
}
"""Papers by the name of their parameter set."""


def paper_named(name: str) -> Paper:
    """Return what reproduces a paper.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name not in PAPERS:
        raise InputError(f"NAME: unknown paper, allowed {', '.join(PAPERS)}, got {name}")
    return PAPERS[name]()


def with_preset(studies: Mapping[str, Study], preset: str) -> dict[str, Study]:
    """Return the studies on another mesh preset; those without a mesh as they are.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    if preset not in PRESETS:
        raise InputError(f"--preset: allowed {', '.join(PRESETS)}, got {preset}")
    return {
        name: study.changed(f"mesh.preset={preset}")
        if preset != "reference" and load_config(study.path, study.changes).model == FILAMENT
        else study
        for name, study in studies.items()
    }


def reproduce(
    paper: Paper, out: Path, preset: str, jobs: int, say: Callable[[str], None]
) -> list[Verdict]:
    """Make runs, figures and verdicts of a paper in a folder.

    Parameters
    ----------
    paper
        What to reproduce.
    out
        Gets ``runs/``, one PNG, PDF and CSV per figure, ``verdicts.md`` and ``verdicts.csv``.
        Finished runs of the same code that stand there are taken as they are.
    preset
        Mesh preset.
    jobs
        Runs at the same time.
    say
        Is told of every figure and verdict.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from tusk.postprocess.reproduction.verdicts import judge, write_verdicts
    from tusk.postprocess.run import open_run

    wanted = with_preset(paper.studies, preset)
    studies = Studies(wanted, out / "runs", open_run, jobs)
    try:
        out.mkdir(parents=True, exist_ok=True)
        if paper.map:
            run_map({name: wanted[name] for name in paper.map}, out / "runs", jobs)
        studies.start(studies)
        verdicts = judge(paper.claims, studies)
        write_verdicts(out, verdicts)
        for name, draw in paper.figures.items():
            say(_draw(out, name, draw, studies))
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
    finally:
        studies.close()
    return verdicts


def _draw(out: Path, name: str, draw: Draw, studies: Runs) -> str:
    """Write one figure; what its runs lack costs this one only."""
    from tusk.postprocess.style import save_figure

    try:
        figure, data = draw(studies)
    except (InputError, SolveError) as error:
        return f"{name}: left out, {' '.join(str(error).split())}"
    for suffix in (".png", ".pdf"):
        save_figure(figure, out / f"{name}{suffix}")
    data.to_csv(out / f"{name}.csv", index=False)
    return f"{name}: written"
