"""A film of the growing filament beside its current-voltage curve."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import numpy as np
from matplotlib.animation import PillowWriter
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from tusk.postprocess.atoms_film import AtomsFilm
from tusk.postprocess.curves import mirrored, telling_indices
from tusk.postprocess.outlines import electrode_block
from tusk.postprocess.recess import electrode_surface
from tusk.postprocess.resolved import resolved_curve
from tusk.postprocess.run import NANOMETRE, Run, open_run
from tusk.postprocess.style import (
    BLUE,
    CURRENT_MAP,
    ELECTRODE_COLOUR,
    RESOLVED_CURRENT,
    VERMILION,
    colour_map,
    current_norm,
    figure_style,
    new_figure,
)
from tusk.solver.errors import OutputError
from tusk.solver.units import format_si

FRAMES = 90
FRAMES_PER_SECOND = 12
RESOLUTION = 160  # dots per inch
MOVIE_NAME = "filament.gif"


class Frames(Protocol):
    """A figure that shows a run at one time after the other."""

    figure: Figure
    frames: np.ndarray

    def show(self, index: int) -> list[Artist]:
        """Bring the figure to one of the frames; returns what changed."""
        ...


class Film:
    """The figure of the film and the parts of it that change.

    Parameters
    ----------
    run
        The run.

    Raises
    ------
    InputError
        If curves or columns are missing.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        chosen = telling_indices(run.filament, FRAMES)
        self.frames = np.unique([*chosen, len(run.filament) - 1])
        self.norm = current_norm(run.column("current_A"))
        self.thickness = NANOMETRE * run.quantity("stack", "oxide_thickness", "length")
        radius = NANOMETRE * float(run.filament.radii().max())
        self.reach = max(1.5 * radius, 0.5 * self.thickness)
        with figure_style():
            self.figure: Figure = new_figure(height=62.0, width=120.0)
            cell, curve = self.figure.subplots(1, 2, width_ratios=[1.0, 1.2])
            self.body, self.electrode = self._start_cell(cell)
            self.dot, self.trace = self._start_curve(curve)
            self.title = self.figure.suptitle(" ", fontsize=7.5, family="monospace")
            # Lay out once: every frame alike, and four times as fast.
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def show(self, index: int) -> list[Artist]:
        """Bring the figure to one filament curve; returns what changed."""
        time = float(self.run.filament.times[index])
        current = float(self.run.value_at("current_A", time))
        voltage = float(self.run.value_at("applied_voltage_V", time))
        self.body.set_xy(NANOMETRE * mirrored(self.run.filament.points[index]))
        level = float(np.clip(abs(current), self.norm.vmin or 0.0, self.norm.vmax))
        self.body.set_facecolor(colour_map(CURRENT_MAP)(self.norm(level)))
        surface = electrode_surface(self.run, index, 2.0 * self.reach)
        self.electrode.set_xy(electrode_block(surface))
        self.trace.set_data(*_curve(self.run, self.run.column("time_s") <= time))
        self.dot.set_data([voltage], [max(abs(current), RESOLVED_CURRENT)])
        amperes = f"I = {format_si(current, 'A', 3)}"
        if abs(current) < RESOLVED_CURRENT:
            amperes = f"|I| < {format_si(RESOLVED_CURRENT, 'A')}"
        self.title.set_text(f"t = {format_si(time, 's'):<9} V = {voltage:6.3f} V   {amperes:<12}")
        return [self.body, self.electrode, self.trace, self.dot, self.title]

    def _start_cell(self, axes: Axes) -> tuple[Polygon, Polygon]:
        """Draw the counter electrode, and the filament and active electrode still empty."""
        axes.axhspan(-self.thickness, 0.0, color=ELECTRODE_COLOUR, linewidth=0)
        axes.axhline(0.0, color="black", linewidth=0.6)
        electrode = Polygon(
            np.zeros((3, 2)), facecolor=ELECTRODE_COLOUR, edgecolor="black", linewidth=0.6
        )
        body = Polygon(np.zeros((3, 2)), edgecolor="black", linewidth=0.6)
        axes.add_patch(electrode)
        axes.add_patch(body)
        axes.set_aspect("equal")
        axes.set_xlim(-self.reach, self.reach)
        axes.set_ylim(-0.12 * self.thickness, 1.2 * self.thickness)
        axes.set_xlabel("r (nm)")
        axes.set_ylabel("z (nm)")
        return body, electrode

    def _start_curve(self, axes: Axes) -> tuple[Line2D, Line2D]:
        """Draw the whole current-voltage curve faintly."""
        axes.semilogy(*_curve(self.run, slice(None)), color="#CCCCCC", linewidth=0.8)
        (trace,) = axes.plot([], [], color=BLUE)
        (dot,) = axes.plot([], [], "o", color=VERMILION, markersize=4.0)
        axes.set_xlabel("applied voltage (V)")
        axes.set_ylabel("|current| (A)")
        return dot, trace


FILMS: Mapping[str, Callable[[Run], Frames]] = {"atomistic": AtomsFilm}
"""Films of models other than the filament."""


def _curve(run: Run, rows: slice | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return applied voltage (V) and resolved |I| (A) of some rows, as a line goes through them."""
    voltage, current = run.column("applied_voltage_V")[rows], run.column("current_A")[rows]
    voltage, current = resolved_curve(voltage, current)
    return voltage, np.abs(current)


def make_movie(run_dir: str | Path, out: str | Path | None = None) -> Path:
    """Write the film of a run as ``figures/filament.gif``, of atoms as the same.

    Parameters
    ----------
    run_dir
        The run directory.
    out
        Folder for the film instead of ``figures``.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    InputError
        If the directory is no run directory or has no filament curve.
    OutputError
        If the file cannot be written.
    """
    run = open_run(run_dir)
    film = FILMS.get(str(run.summary.get("model")), Film)(run)
    target = (run.path / "figures" if out is None else Path(out)) / MOVIE_NAME
    partial = target.with_name(f".{target.stem}.part{target.suffix}")
    writer = PillowWriter(fps=FRAMES_PER_SECOND)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with figure_style(), writer.saving(film.figure, str(partial), RESOLUTION):
            for index in film.frames:
                film.show(int(index))
                writer.grab_frame()
        os.replace(partial, target)
    except OSError as error:
        raise OutputError(f"{target}: cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return target
