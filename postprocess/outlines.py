"""Figure: outlines of the filament through the run, coloured by the current."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.curves import mirrored, shrinking, telling_indices
from tusk.postprocess.recess import electrode_surface
from tusk.postprocess.run import NANOMETRE, Run
from tusk.postprocess.style import (
    BLACK,
    CURRENT_MAP,
    ELECTRODE_COLOUR,
    GREY,
    colour_map,
    current_norm,
    figure_style,
    new_figure,
    panel_letters,
)

OUTLINES = 14
REACH = 1e3  # nm, beyond every picture


def filament_outlines(run: Run) -> Figure:
    """Draw telling outlines of the filament, mirrored, and an enlargement of the tip.

    Parameters
    ----------
    run
        The run; the recess of the active electrode is that of the last curve.

    Returns
    -------
    matplotlib.figure.Figure
        Whole cell and enlarged tip, both to scale, with a colour bar for |I|; outlines of a
        filament that dissolves are dashed.

    Raises
    ------
    InputError
        If there is no filament curve, current or oxide thickness.
    """
    curves = run.filament
    chosen = telling_indices(curves, OUTLINES)
    lines = [NANOMETRE * curves.points[index] for index in chosen]
    currents = np.abs(run.value_at("current_A", curves.times[chosen]))
    norm = current_norm(run.column("current_A"))
    surface = electrode_surface(run, len(curves) - 1, REACH)
    with figure_style():
        figure = new_figure(height=70.0)
        axes = figure.subplots(1, 2)
        for panel in axes:
            _draw_outlines(panel, lines, currents, norm, shrinking(curves)[chosen])
        aspect = _draw_cell(axes[0], run, surface, lines)
        _draw_tip(axes[1], run, surface, lines, aspect)
        panel_letters(axes)
        bar = figure.colorbar(
            ScalarMappable(norm, colour_map(CURRENT_MAP)),
            ax=list(axes),
            location="bottom",
            aspect=35,
            pad=0.02,
        )
        bar.set_label("|current| (A)")
    return figure


def _draw_outlines(
    axes: Axes, lines: list[np.ndarray], currents: np.ndarray, norm: LogNorm, dashed: np.ndarray
) -> None:
    """Draw the mirrored outlines, early ones below late ones, dashed while it dissolves."""
    collection = LineCollection(
        [mirrored(line) for line in lines],
        cmap=colour_map(CURRENT_MAP),
        norm=norm,
        linewidths=0.9,
        linestyles=["--" if dash else "-" for dash in dashed],
    )
    collection.set_array(np.maximum(currents, norm.vmin or 0.0))
    axes.add_collection(collection)
    axes.set_aspect("equal")
    axes.set_xlabel("r (nm)")
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, steps=[1, 2, 5, 10]))


def _draw_electrode(axes: Axes, surface: np.ndarray, thickness: float) -> None:
    """Fill the active electrode above its surface, and dash where that was before the run."""
    axes.fill(*electrode_block(surface).T, facecolor=ELECTRODE_COLOUR, linewidth=0, zorder=0)
    axes.plot(*surface.T, color=BLACK, linewidth=0.7)
    axes.axhline(thickness, color=GREY, linewidth=0.6, linestyle=(0, (3, 2)))


def electrode_block(surface: np.ndarray) -> np.ndarray:
    """Close the surface of the active electrode far above every picture, nm."""
    return np.vstack([surface, [[surface[-1, 0], 1e4], [surface[0, 0], 1e4]]])


def _draw_cell(axes: Axes, run: Run, surface: np.ndarray, lines: list[np.ndarray]) -> float:
    """Frame the whole filament between its two electrodes; returns height over width."""
    thickness = NANOMETRE * run.quantity("stack", "oxide_thickness", "length")
    radius = max(float(line[:, 0].max()) for line in lines)
    reach = max(1.5 * radius, 0.4 * thickness)
    bottom, top = -0.15 * thickness, 1.2 * thickness
    axes.axhspan(bottom, 0.0, color=ELECTRODE_COLOUR, linewidth=0, zorder=0)
    axes.axhline(0.0, color=BLACK, linewidth=0.7)
    _draw_electrode(axes, surface, thickness)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(bottom, top)
    axes.set_ylabel("z (nm)")
    names = run.config.get("stack", {})
    for height, key in ((bottom, "counter_electrode"), (top, "active_electrode")):
        middle = 0.5 * (height + (0.0 if height < 0 else 1.05 * thickness))
        axes.text(-0.93 * reach, middle, str(names.get(key, "")), ha="left", va="center")
    return (top - bottom) / (2.0 * reach)


def _draw_tip(
    axes: Axes, run: Run, surface: np.ndarray, lines: list[np.ndarray], aspect: float
) -> None:
    """Frame the right half of the highest tip."""
    thickness = NANOMETRE * run.quantity("stack", "oxide_thickness", "length")
    radius = max(float(line[:, 0].max()) for line in lines)
    size = max(1.3 * radius, 0.08 * thickness)
    tip = max(float(line[:, 1].max()) for line in lines)
    _draw_electrode(axes, surface, thickness)
    axes.set_xlim(0.0, size)
    axes.set_ylim(tip - 0.7 * aspect * size, tip + 0.3 * aspect * size)
    axes.yaxis.set_label_position("right")
    axes.yaxis.tick_right()
    axes.yaxis.set_ticks_position("both")
    axes.tick_params(labelleft=False, labelright=True)
