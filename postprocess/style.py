"""The look of every figure: sizes for one printed column, colours, axes helpers, saving."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap, LogNorm
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Annotation

from tusk.solver.errors import OutputError

COLUMN_WIDTH = 85.0  # mm, one column of a journal page
MILLIMETRE = 1.0 / 25.4  # inch
RESOLUTION = 300  # dots per inch
COMPRESSION = 3  # of PNG: 6 takes a third longer and saves a tenth of the size

# Okabe-Ito colours: distinct for every common kind of colour vision.
BLUE, VERMILION, GREEN, ORANGE = "#0072B2", "#D55E00", "#009E73", "#E69F00"
GREY, BLACK = "#777777", "#000000"
REGIME_COLOURS = {"A": "#CFE8F7", "B": "#FBEFB8", "C": "#F7CDB5", "contact": "#D8CBE6"}
ELECTRODE_COLOUR = "#D9D9D9"
# Ends that white paper or black ink would swallow are cut off.
CURRENT_MAP = ("plasma", 0.0, 0.86)
TEMPERATURE_MAP = ("inferno", 0.06, 1.0)

# Currents below this lie under the resolution of double precision, A.
RESOLVED_CURRENT = 1e-13
MARKS = {"gamma_s": "Γ", "upsilon_s": "Y", "lambda_s": "Λ"}

# matplotlib types the mapping by all its 300 keys.
_STYLE: Any = {
    "font.size": 7.0,
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.1,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.direction": "in",
    "ytick.direction": "in",
    "axes.prop_cycle": cycler(color=[BLUE, VERMILION, GREEN, ORANGE, GREY, BLACK]),
    "axes.formatter.useoffset": False,
    "mathtext.fontset": "dejavusans",
    "savefig.dpi": RESOLUTION,
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Apply the style while a figure is drawn or saved, and nothing outside."""
    with mpl.rc_context(_STYLE):
        yield


def new_figure(height: float, width: float = COLUMN_WIDTH) -> Figure:
    """Make an empty figure of a size in mm; it belongs to no window system."""
    return Figure(figsize=(width * MILLIMETRE, height * MILLIMETRE), layout="constrained")


def one_panel(height: float, x: str, y: str) -> tuple[Figure, Axes]:
    """Make a figure of one panel, ``height`` in mm, with the labels of its axes."""
    figure = new_figure(height)
    axes = figure.subplots()
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    return figure, axes


def save_figure(figure: Figure, path: Path) -> Path:
    """Write a figure as PNG or PDF, as the name ends, complete or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    partial = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with figure_style():
            _lay_out(figure)
            if path.suffix == ".png":
                packing = {"compress_level": COMPRESSION}
                figure.savefig(partial, format="png", dpi=RESOLUTION, pil_kwargs=packing)
            else:
                figure.savefig(partial, format=path.suffix[1:], dpi=RESOLUTION)
        os.replace(partial, path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return path


def _lay_out(figure: Figure) -> None:
    """Give every panel its place, once: saving would draw all of it in vain for that."""
    engine = figure.get_layout_engine()
    if engine is not None:
        figure.set_dpi(RESOLUTION)
        engine.execute(figure)
        figure.set_layout_engine(None)


def panel_letters(panels: Iterable[Axes]) -> None:
    """Name the panels of a figure (a), (b), … outside their upper left corners."""
    for panel, letter in zip(panels, "abcdefgh", strict=False):
        panel.set_title(f"({letter})", loc="left", fontweight="bold", pad=3.0)


def label_point(
    axes: Axes, text: str, point: tuple[float, float], offset: tuple[float, float]
) -> Annotation:
    """Write a short label beside a point, ``offset`` in printer's points, with a white rim."""
    label = axes.annotate(
        text,
        point,
        xytext=offset,
        textcoords="offset points",
        ha="left" if offset[0] > 0 else "right" if offset[0] < 0 else "center",
        va="center",
        fontsize=7.5,
        zorder=6,
    )
    label.set_path_effects([withStroke(linewidth=1.8, foreground="white")])
    return label


def current_norm(current: np.ndarray) -> LogNorm:
    """Colour scale for |I|: at most nine decades down from the largest, none unresolved."""
    largest = max(float(np.nanmax(np.abs(current))), 10.0 * RESOLVED_CURRENT)
    resolved = np.abs(current)[np.abs(current) > RESOLVED_CURRENT]
    smallest = float(resolved.min()) if resolved.size else RESOLVED_CURRENT
    smallest = min(max(smallest, 1e-9 * largest), 0.1 * largest)
    low, high = np.floor(np.log10(smallest)), np.log10(largest)
    return LogNorm(vmin=float(10.0**low), vmax=float(10.0**high), clip=True)


def colour_map(part: tuple[str, float, float]) -> Colormap:
    """Return the part of a matplotlib colour map between two of its fractions."""
    name, low, high = part
    return ListedColormap(mpl.colormaps[name](np.linspace(low, high, 256)), name=f"{name}_part")


def largest_prefix(values: np.ndarray, unit: str) -> tuple[float, str]:
    """Choose the SI prefix that suits the largest magnitude.

    Returns
    -------
    tuple
        Factor from SI to the prefixed unit, and the prefixed unit.
    """
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if finite.size else 0.0
    for power, prefix in ((0, ""), (-3, "m"), (-6, "µ"), (-9, "n"), (-12, "p")):
        if largest >= 0.9 * 10.0**power:
            return 10.0**-power, prefix + unit
    return (1.0, unit) if largest == 0.0 else (1e15, "f" + unit)
