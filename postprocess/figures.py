"""All figures of a run directory, made at the end of a run and by ``tusk plot``."""

import gc
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matplotlib.figure import Figure
from rich.console import Console

from tusk.postprocess import atoms_figures
from tusk.postprocess.certified import with_note
from tusk.postprocess.chain_figures import atom_forces, chain_spectrum, recoil_and_conductance
from tusk.postprocess.contact_figures import contact_curves, contact_heat, contact_memory
from tusk.postprocess.current_voltage import current_voltage
from tusk.postprocess.cycles_figure import cycles, has_cycles
from tusk.postprocess.elephant import elephant_surface, write_elephant
from tusk.postprocess.elephant_figure import elephant
from tusk.postprocess.evolution import evolution
from tusk.postprocess.outlines import filament_outlines
from tusk.postprocess.run import Run, open_run
from tusk.postprocess.shares import regime_shares
from tusk.postprocess.style import save_figure
from tusk.postprocess.temperature_maps import temperature_maps
from tusk.solver.errors import InputError, TuskError

FIGURES: dict[str, Callable[[Run], Figure]] = {
    "current_voltage": current_voltage,
    "regime_shares": regime_shares,
    "evolution": evolution,
    "filament_outlines": filament_outlines,
    "temperature_maps": temperature_maps,
    "elephant": elephant,
}
# Of models other than the filament.
MODEL_FIGURES: dict[str, dict[str, Callable[[Run], Figure]]] = {
    "atomic_chain": {
        "chain_spectrum": chain_spectrum,
        "recoil_and_conductance": recoil_and_conductance,
        "atom_forces": atom_forces,
    },
    "atomistic": atoms_figures.FIGURES,
    "mesoscopic": {
        "contact_curves": contact_curves,
        "contact_memory": contact_memory,
        "contact_heat": contact_heat,
    },
}
ELEPHANT_NAME = "elephant.vtp"
FOLDER = "figures"
_LOGGER = logging.getLogger(__name__)


def figures_of(run: Run) -> dict[str, Callable[[Run], Figure]]:
    """Return the figures that the model of a run has, by name."""
    own = MODEL_FIGURES.get(str(run.summary.get("model")), FIGURES)
    return own | {"cycles": cycles} if has_cycles(run) else own


def make_figures(
    run_dir: str | Path, quiet: bool = False, out: str | Path | None = None
) -> list[Path]:
    """Draw every figure that the data of a run allow; of a filament also ``elephant.vtp``.

    A figure whose data are missing or damaged is left out with one line that says why; the
    others are still made.

    Parameters
    ----------
    run_dir
        The run directory.
    quiet
        Print nothing.
    out
        Folder for all files; the run's own folders when left out.

    Returns
    -------
    list of Path
        Files written: ``figures/*.png`` and ``elephant.vtp``, or all of them in `out`.

    Raises
    ------
    InputError
        If the directory is no run directory.
    OutputError
        If a file cannot be written.
    """
    run = open_run(run_dir)
    written = []
    console = Console(highlight=False, markup=False, soft_wrap=True)
    with _without_collections():
        for name, job in _jobs(run, None if out is None else Path(out)).items():
            path, line = _attempt(name, job)
            if path is not None:
                written.append(path)
            if not quiet:
                console.print(line)
    return written


def _jobs(run: Run, out: Path | None) -> dict[str, Callable[[], Path]]:
    """Return what makes each file of a run, by the name that is told of it."""
    figures = figures_of(run)
    folder = run.path / FOLDER if out is None else out
    shown = Path(FOLDER) if out is None else out
    jobs: dict[str, Callable[[], Path]] = {
        f"{shown / name}.png": _figure_job(run, folder / f"{name}.png", draw)
        for name, draw in figures.items()
    }
    if figures is atoms_figures.FIGURES:
        points = (run.path if out is None else out) / atoms_figures.POINTS_NAME
        name = atoms_figures.POINTS_NAME if out is None else str(points)
        jobs[name] = lambda: atoms_figures.write_points(run, points)
    if figures is FIGURES:
        target = (run.path if out is None else out) / ELEPHANT_NAME
        name = ELEPHANT_NAME if out is None else str(target)
        jobs[name] = lambda: write_elephant(elephant_surface(run), target)
    return jobs


@contextmanager
def _without_collections() -> Iterator[None]:
    """Search for no garbage: a figure makes little, and all modules would be walked for it."""
    wanted = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if wanted:
            gc.enable()


def _figure_job(run: Run, path: Path, draw: Callable[[Run], Figure]) -> Callable[[], Path]:
    """Return the drawing and saving of one figure as a call without arguments."""
    return lambda: save_figure(with_note(draw(run), run), path)


def _attempt(name: str, job: Callable[[], Path]) -> tuple[Path | None, str]:
    """Make one file; a figure must never cost a run its exit status.

    Returns
    -------
    tuple
        The path, or None, and a line for the user.
    """
    try:
        path = job()
    except InputError as error:
        return None, f"{name}: left out, {error}"
    except TuskError:
        raise
    except Exception as error:
        _LOGGER.debug("%s failed", name, exc_info=True)
        return None, f"{name}: could not be drawn ({type(error).__name__}: {error})"
    return path, f"{name}: written"
