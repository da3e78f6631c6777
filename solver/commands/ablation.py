"""Switch each effect of a config off in turn, and see what that does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from tusk.solver.config import load_config
from tusk.solver.errors import InputError, OutputError, SolveError
from tusk.solver.studies.runs import Studies, Study

BASE = "all effects"

EFFECTS: Mapping[str, str] = {
    "barrier heat": "tunnel.heating=none",
    "mechanical stress": "stress.model=none",
    "void barrier": "void.model=none",
    "electrode dissolution": "void.dissolution_ratio=0",
    "size effect": "filament.conductivity=bulk",
}
"""What each effect is switched off by."""


def ablations(config: Path, changes: tuple[str, ...]) -> dict[str, Study]:
    """Return the study of a config as it is, and one for each effect that it has.

    Raises
    ------
    InputError
        If the config is wrong, or is not one of the filament model.
    """
    loaded = load_config(config, changes)
    if not loaded.has_finite_elements:
        raise InputError(f"model: filament_fem is wanted for an ablation, got {loaded.model}")
    base = Study(config, changes)
    present = loaded.physics_hash()
    studies = {name: base.changed(change) for name, change in EFFECTS.items()}
    return {BASE: base} | {
        name: study for name, study in studies.items() if study.physics_hash() != present
    }


def ablate(studies: Mapping[str, Study], out: Path, jobs: int, say: Callable[[str], None]) -> None:
    """Run the studies and write ``ablation.csv`` and ``ablation.png``.

    A run that fails, or ends before the drive does, stands in the table with what it reached.

    Raises
    ------
    SolveError
        If the run with all effects fails.
    OutputError
        If the folder cannot be written.
    """
    from tusk.postprocess.ablation import ablation_table, tornado
    from tusk.postprocess.run import open_run
    from tusk.postprocess.style import save_figure

    folders = {name: name.replace(" ", "_") for name in studies}
    wanted = {folders[name]: study for name, study in studies.items()}
    made = Studies(wanted, out / "runs", open_run, jobs)
    made.start(made)
    runs = {}
    try:
        for name, folder in folders.items():
            try:
                runs[name] = made[folder]
            except SolveError as error:
                if name == BASE:
                    raise
                say(f"without {name}: {' '.join(str(error).rsplit('exit code', 1)[-1].split())}")
    finally:
        made.close()
    table = ablation_table(runs)
    save_figure(tornado(table), out / "ablation.png")
    try:
        table.to_csv(out / "ablation.csv", index_label="without")
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
    say(table.to_string(float_format=lambda value: f"{value:.4g}"))
    say(f"results in {out}")
