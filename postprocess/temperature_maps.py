"""Figure: temperature around the filament at chosen currents."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, TriMesh
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.tri import Triangulation

from tusk.postprocess.run import CONFIG_NAME, FIELDS_NAME, NANOMETRE, Run
from tusk.postprocess.snapshots import (
    ACTIVE_ELECTRODE,
    COUNTER_ELECTRODE,
    FILAMENT,
    OXIDE,
    Section,
    Snapshot,
    both_sides,
    nearest_snapshot,
    read_section,
)
from tusk.postprocess.style import (
    TEMPERATURE_MAP,
    colour_map,
    figure_style,
    new_figure,
    panel_letters,
)
from tusk.solver.errors import InputError
from tusk.solver.units import QuantityError, format_si, parse_quantity

# A field file stands for a wanted current if its own current is within this factor.
CURRENT_FACTOR = 1.25
# No further map is drawn at Y if one within this of its current stands there already.
SAME = 0.02


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the cell that a map shows, nm."""

    radius: float
    bottom: float
    top: float


def temperature_maps(run: Run) -> Figure:
    """Draw T(r, z) in nm at the currents of ``output.fields_at_currents`` and after the SET.

    Parameters
    ----------
    run
        The run, with at least one field file.

    Returns
    -------
    matplotlib.figure.Figure
        One panel per current that the run reached, on one colour scale.

    Raises
    ------
    InputError
        If there is no field file, or one is damaged.
    """
    return temperature_figure(run, choose_snapshots(run))


def temperature_figure(run: Run, chosen: list[Snapshot]) -> Figure:
    """Draw T(r, z) of some field files, one panel each, on one colour scale."""
    sections = [read_section(snapshot) for snapshot in chosen]
    window = _window(run, sections)
    coldest = min(float(section.temperature.min()) for section in sections)
    hottest = max(float(section.temperature.max()) for section in sections)
    norm = Normalize(coldest, max(hottest, coldest + 1.0))
    with figure_style():
        figure, panels = _panels(len(chosen), window)
        for panel, snapshot, section in zip(panels, chosen, sections, strict=True):
            image = _draw_map(panel, section, norm, window)
            panel.set_title(_caption(run, snapshot, section), pad=3.0)
        if len(panels) > 1:
            panel_letters(panels)
        bar = figure.colorbar(image, ax=panels, location="bottom", aspect=35, pad=0.02)
        bar.set_label("temperature (K)")
    return figure


def _panels(count: int, window: Window) -> tuple[Figure, list[Axes]]:
    """Make a figure with one labelled panel for each of ``count`` maps."""
    columns = 2 if count in (2, 4) else min(count, 3)
    rows = -(-count // columns)
    figure = new_figure(height=_height(columns, rows, window))
    # Panels drawn to scale leave room at their sides: take it out.
    figure.set_layout_engine("compressed")
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    panels = list(grid.ravel())
    for panel in panels[count:]:
        panel.remove()
    for panel in grid[:, 0]:
        panel.set_ylabel("z (nm)")
    for panel in panels[max(0, count - columns) : count]:
        panel.set_xlabel("r (nm)")
        panel.tick_params(labelbottom=True)
    return figure, panels[:count]


def choose_snapshots(run: Run, currents: Sequence[float] | None = None) -> list[Snapshot]:
    """Choose the field files to show, by growing time.

    Those that stand where the current first reaches each of some values (A), by default
    ``output.fields_at_currents``, and the first one after Y. If there are none of these, the one
    nearest to the greatest temperature.
    """
    index = run.path / FIELDS_NAME
    time = run.column("time_s")
    magnitude = np.abs(run.column("current_A"))

    def current_of(snapshot: Snapshot) -> float:
        return float(np.interp(snapshot.time, time, magnitude))

    chosen: dict[float, Snapshot] = {}
    for wanted in _wanted_currents(run) if currents is None else currents:
        when = _first_reached(time, magnitude, wanted)
        if when is None:
            continue
        snapshot = nearest_snapshot(run.snapshots, when, index)
        if wanted / CURRENT_FACTOR <= current_of(snapshot) <= wanted * CURRENT_FACTOR:
            chosen[snapshot.time] = snapshot
    upsilon = run.marks.get("upsilon_s")
    if upsilon is not None:
        level = float(np.interp(upsilon, time, magnitude))
        after = [s for s in run.snapshots if s.time >= upsilon]
        if after and not any(abs(current_of(s) / level - 1.0) < SAME for s in chosen.values()):
            chosen[after[0].time] = after[0]
    if not chosen:
        hottest = float(time[int(run.column("temperature_max_K").argmax())])
        snapshot = nearest_snapshot(run.snapshots, hottest, index)
        chosen[snapshot.time] = snapshot
    return [chosen[when] for when in sorted(chosen)]


def _first_reached(time: np.ndarray, current: np.ndarray, wanted: float) -> float | None:
    """Return when a current (A) is first reached, linear between rows; None if it never is."""
    rows = np.flatnonzero(current >= wanted * (1.0 - 1e-6))
    if not rows.size:
        return None
    k = int(rows[0])
    if k == 0 or current[k] <= wanted:
        return float(time[k])
    share = (wanted - current[k - 1]) / (current[k] - current[k - 1])
    return float(time[k - 1] + share * (time[k] - time[k - 1]))


def _wanted_currents(run: Run) -> list[float]:
    """Return ``output.fields_at_currents`` of the configuration, A."""
    output = run.config.get("output") or {}
    texts = output.get("fields_at_currents") or []
    try:
        return [abs(parse_quantity(str(text), "current")) for text in texts]
    except QuantityError as error:
        where = f"{run.path / CONFIG_NAME}: output.fields_at_currents"
        raise InputError(f"{where}: currents are wanted, got {texts}") from error


def _window(run: Run, sections: list[Section]) -> Window:
    """Frame the widest filament and both electrode surfaces."""
    thickness = NANOMETRE * run.quantity("stack", "oxide_thickness", "length")
    radius = 0.0
    for section in sections:
        filament = section.triangles[section.material == FILAMENT]
        radius = max(radius, float(section.points[filament, 0].max(initial=0.0)))
    return Window(
        radius=max(1.7 * radius, 0.45 * thickness),
        bottom=-0.2 * thickness,
        top=1.3 * thickness,
    )


def _height(columns: int, rows: int, window: Window) -> float:
    """Return the figure height in mm that suits panels drawn to scale."""
    width = min(72.0 / columns - 2.0, 30.0)
    panel = width * (window.top - window.bottom) / (2.0 * window.radius)
    return 21.0 + rows * (panel + 8.0)


def _draw_map(axes: Axes, section: Section, norm: Normalize, window: Window) -> TriMesh:
    """Draw the temperature of one snapshot on both sides of the axis, with the interfaces."""
    corners = section.points[section.triangles]
    seen = (
        (corners[..., 0].min(axis=1) <= window.radius)
        & (corners[..., 1].max(axis=1) >= window.bottom)
        & (corners[..., 1].min(axis=1) <= window.top)
    )
    count = len(section.points)
    points = np.vstack([section.points, section.points * np.array([-1.0, 1.0])])
    triangles = np.vstack([section.triangles[seen], section.triangles[seen] + count])
    image = axes.tripcolor(
        Triangulation(points[:, 0], points[:, 1], triangles),
        np.tile(section.temperature, 2),
        shading="gouraud",
        cmap=colour_map(TEMPERATURE_MAP),
        norm=norm,
        rasterized=True,
    )
    filament_edges = section.interface((FILAMENT,), (OXIDE, ACTIVE_ELECTRODE))
    electrode_edges = section.interface((ACTIVE_ELECTRODE, COUNTER_ELECTRODE), (OXIDE,))
    for edges, width in ((filament_edges, 0.9), (electrode_edges, 0.5)):
        lines = list(both_sides(edges))
        axes.add_collection(LineCollection(lines, colors="white", linewidths=width))
    axes.set_aspect("equal")
    axes.set_xlim(-window.radius, window.radius)
    axes.set_ylim(window.bottom, window.top)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=4, steps=[1, 2, 5, 10], integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.tick_params(direction="out")
    return image


def _caption(run: Run, snapshot: Snapshot, section: Section) -> str:
    """Name the current and the greatest temperature of a panel."""
    current = float(run.value_at("current_A", snapshot.time))
    return f"{format_si(current, 'A', 3)}\nmax. {section.temperature.max():.0f} K"
