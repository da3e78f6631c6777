"""A film of atoms in motion beside their conductance."""

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure

from tusk.postprocess.atoms_figures import PICOSECONDS, draw_side
from tusk.postprocess.atoms_trajectory import snapshots
from tusk.postprocess.run import Run
from tusk.postprocess.style import BLUE, VERMILION, figure_style, new_figure

FRAMES = 120


class AtomsFilm:
    """The figure of the film and the parts of it that change.

    Parameters
    ----------
    run
        A run of atoms in motion.

    Raises
    ------
    InputError
        If it has no snapshots.
    """

    def __init__(self, run: Run) -> None:
        self._found = snapshots(run)
        last = len(self._found) - 1
        self.frames = np.unique(np.linspace(0, last, min(FRAMES, last + 1)).round().astype(int))
        every = np.concatenate([each.positions for each in self._found])
        with figure_style():
            self.figure: Figure = new_figure(height=62.0, width=120.0)
            self._side, curve = self.figure.subplots(1, 2, width_ratios=[1.0, 1.4])
            time, conductance = PICOSECONDS * run.column("time_s"), run.column("conductance_G0")
            curve.plot(time, conductance, color=BLUE, linewidth=0.7)
            (self._dot,) = curve.plot([], [], "o", color=VERMILION, markersize=4.0)
            curve.set_xlabel("time (ps)")
            curve.set_ylabel("conductance (G$_0$)")
            self._atoms = draw_side(self._side, self._found[0])
            for axis, limit in ((0, self._side.set_xlim), (2, self._side.set_ylim)):
                limit(every[:, axis].min() - 2.0, every[:, axis].max() + 2.0)
            self._title = self.figure.suptitle(" ", fontsize=7.5, family="monospace")
            # Lay out once: every frame alike.
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")

    def show(self, index: int) -> list[Artist]:
        """Bring the figure to one snapshot; returns what changed."""
        now = self._found[index]
        self._atoms.remove()
        self._atoms = draw_side(self._side, now)
        self._dot.set_data([now.time], [now.conductance])
        text = (
            f"t = {now.time:7.2f} ps   G = {now.conductance:5.2f} G0   {len(now.positions)} atoms"
        )
        self._title.set_text(text)
        return [self._atoms, self._dot, self._title]
