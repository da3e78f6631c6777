"""Figure: the filament radius over height and logarithmic time, as a body ("elephant plot")."""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess.elephant import ElephantSurface, elephant_surface, grid_quads
from tusk.postprocess.run import Run
from tusk.postprocess.style import (
    CURRENT_MAP,
    GREY,
    MARKS,
    colour_map,
    current_norm,
    figure_style,
    label_point,
    new_figure,
)
from tusk.postprocess.view import Projection, Scene, draw_body

EYE = (-0.62, -1.0, 0.48)  # the early, thin part stands in front
TIME_STRETCH = 1.5  # length of the time axis in heights of the box
PROFILES = 260
GRID_COLOUR = "#DDDDDD"


@dataclass(frozen=True, slots=True)
class Box:
    """The frame of the plot: log10(t/s) from ``start`` to ``stop``, |r| <= ``reach``, nm."""

    start: float
    stop: float
    reach: float
    top: float

    @property
    def length(self) -> float:
        """Length of the time axis in the scene, in nm of the other two axes."""
        return TIME_STRETCH * self.top

    def along(self, log_time: float | np.ndarray) -> np.ndarray:
        """Return the place of log10(t/s) on the time axis of the scene."""
        share = (np.asarray(log_time) - self.start) / (self.stop - self.start)
        return np.asarray(self.length * share)


def elephant(run: Run) -> Figure:
    """Draw the elephant plot, coloured by the current, mirrored to both sides of the axis.

    Parameters
    ----------
    run
        The run, with two or more filament curves at t > 0.

    Returns
    -------
    matplotlib.figure.Figure
        Radius and height to one scale; rings and letters at the marks.

    Raises
    ------
    InputError
        If there are too few curves or the time series lacks a column.
    """
    surface = elephant_surface(run)
    box = _box(run, surface)
    norm = current_norm(run.column("current_A"))
    projection = Projection.from_eye(EYE)
    scene = _scene(run, surface, box, norm)
    with figure_style():
        figure = new_figure(height=78.0)
        axes = figure.subplots()
        axes.set_axis_off()
        axes.set_aspect("equal")
        _draw_walls(axes, box, projection)
        draw_body(axes, scene, projection, _extent(box, projection))
        _draw_scales(axes, box, projection)
        _name_marks(axes, run, surface, box, projection)
        bar = figure.colorbar(
            ScalarMappable(norm, colour_map(CURRENT_MAP)),
            ax=axes,
            location="bottom",
            aspect=35,
            pad=0.0,
        )
        bar.set_label("|current| (A)")
    return figure


def elephant_body(run: Run) -> tuple[Scene, Box, tuple[float, float]]:
    """Return the body of the plot, its frame, and the currents (A) at the ends of its colours."""
    surface = elephant_surface(run)
    norm = current_norm(run.column("current_A"))
    box = _box(run, surface)
    return _scene(run, surface, box, norm), box, (float(norm.vmin or 0.0), float(norm.vmax or 0.0))


def _box(run: Run, surface: ElephantSurface) -> Box:
    """Frame the surface from just before growth starts to the end."""
    started = run.marks.get("growth_start_s")
    stop = float(surface.log_time[-1])
    if started is None or started <= 0.0:
        tip = surface.height.max(axis=1)
        grown = np.flatnonzero(tip > 1.02 * tip[0])
        start = float(surface.log_time[grown[0]]) if grown.size else stop - 1.0
    else:
        start = float(np.log10(started))
    start = np.floor(20.0 * start) / 20.0
    if stop - start < 1e-3:
        start = float(surface.log_time[0])
    top = float(surface.height.max())
    reach = max(1.15 * float(surface.radius.max()), 0.2 * top)
    return Box(start=float(start), stop=stop, reach=reach, top=1.04 * top)


def _profiles(surface: ElephantSurface, box: Box) -> np.ndarray:
    """Choose the profiles inside the box, thinned to what a page can show."""
    inside = np.flatnonzero(surface.log_time >= box.start - 1e-9)
    if len(inside) < 2:
        inside = np.arange(max(0, len(surface.log_time) - 2), len(surface.log_time))
    shape = surface.height.max(axis=1) / box.top + surface.radius.max(axis=1) / box.reach
    steps = np.abs(np.diff(shape[inside])) + np.diff(box.along(surface.log_time[inside])) / box.top
    path = np.concatenate([[0.0], np.cumsum(steps)])
    wanted = np.linspace(0.0, path[-1], PROFILES)
    return np.asarray(inside[np.unique(np.searchsorted(path, wanted).clip(0, len(inside) - 1))])


def _loop(radius: np.ndarray, height: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Mirror profiles to closed outlines, shape (times, 2 profile points, 3)."""
    sides = np.concatenate([-radius, radius[:, ::-1]], axis=1)
    heights = np.concatenate([height, height[:, ::-1]], axis=1)
    return np.stack([np.broadcast_to(along[:, None], sides.shape), sides, heights], axis=-1)


def _scene(run: Run, surface: ElephantSurface, box: Box, norm: LogNorm) -> Scene:
    """Build the mirrored body, its front end face and a ring at each mark."""
    rows = _profiles(surface, box)
    loops = _loop(surface.radius[rows], surface.height[rows], box.along(surface.log_time[rows]))
    loops[..., 0] = np.maximum(loops[..., 0], 0.0)
    times, columns = loops.shape[:2]
    shown = np.clip(np.abs(surface.current[rows]), norm.vmin, norm.vmax)
    rgb = colour_map(CURRENT_MAP)(norm(shown))[:, :3]
    half = columns // 2
    left = times * columns + np.arange(half)
    right = times * columns + columns - 1 - np.arange(half)
    face = np.stack([left[:-1], left[1:], right[1:], right[:-1]], axis=-1)
    return Scene(
        points=np.vstack([loops.reshape(-1, 3), loops[0]]),
        quads=np.vstack([grid_quads(times, columns), face]),
        colours=np.repeat(np.vstack([rgb, rgb[:1]]), columns, axis=0),
        rings=_rings(run, surface, box),
    )


def _shown_marks(run: Run, box: Box) -> dict[str, float]:
    """Return log10(t/s) of the marks inside the box by their letter."""
    found = {letter: run.marks.get(name) for name, letter in MARKS.items()}
    logs = {letter: float(np.log10(time)) for letter, time in found.items() if time}
    return {letter: log for letter, log in logs.items() if box.start <= log <= box.stop}


def _rings(run: Run, surface: ElephantSurface, box: Box) -> np.ndarray:
    """Return the outlines at the marks, shape (marks, 2 profile points, 3)."""
    logs = np.array(list(_shown_marks(run, box).values()))
    nearest = [int(np.abs(surface.log_time - log).argmin()) for log in logs]
    return _loop(surface.radius[nearest], surface.height[nearest], box.along(logs))


def _extent(box: Box, projection: Projection) -> tuple[float, float, float, float]:
    """Return the page rectangle that holds the box."""
    corners = np.array(
        [
            (x, y, z)
            for x in (0.0, box.length)
            for y in (-box.reach, box.reach)
            for z in (0.0, box.top)
        ]
    )
    page = projection.page(corners)
    (left, bottom), (right, top) = page.min(axis=0), page.max(axis=0)
    return float(left), float(right), float(bottom), float(top)


def ticks(low: float, high: float, count: int) -> np.ndarray:
    """Return round numbers between two ends."""
    values = np.asarray(MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(low, high))
    slack = 1e-9 * (high - low)
    return values[(values >= low - slack) & (values <= high + slack)]


def _draw_walls(axes: Axes, box: Box, projection: Projection) -> None:
    """Draw the grid on floor, back and right wall, which the eye sees from inside."""
    length, reach, top = box.length, box.reach, box.top
    lines: list[list[tuple[float, float, float]]] = []
    for log_time in ticks(box.start, box.stop, 8):
        x = float(box.along(log_time))
        lines.append([(x, -reach, 0.0), (x, reach, 0.0), (x, reach, top)])
    lines += [
        [(0.0, r, 0.0), (length, r, 0.0), (length, r, top)]
        for r in (-reach, *ticks(-reach, reach, 4), reach)
    ]
    lines += [
        [(0.0, reach, z), (length, reach, z), (length, -reach, z)]
        for z in (*ticks(0.0, top, 6), top)
    ]
    lines.append([(0.0, -reach, 0.0), (0.0, reach, 0.0), (0.0, reach, top)])
    lines.append([(length, reach, 0.0), (length, reach, top)])
    for line in lines:
        axes.plot(*projection.page(np.array(line)).T, color=GRID_COLOUR, linewidth=0.5, zorder=1)


def _draw_scales(axes: Axes, box: Box, projection: Projection) -> None:
    """Draw the three axes with ticks, numbers and names along the outer edges."""
    length, reach, top = box.length, box.reach, box.top
    marks = ticks(box.start, box.stop, 8)
    edge = np.array([[x, -reach, 0.0] for x in box.along(marks)])
    _draw_scale(axes, projection, edge, marks, (0.0, -1.0, 0.0), "log₁₀(t/s)", 0.14 * length)
    marks = ticks(-reach, reach, 4)
    edge = np.array([[0.0, r, 0.0] for r in marks])
    _draw_scale(axes, projection, edge, np.abs(marks), (-1.0, 0.0, 0.0), "r (nm)", 0.15 * length)
    marks = ticks(0.0, top, 6)
    edge = np.array([[0.0, reach, z] for z in marks])
    _draw_scale(axes, projection, edge, marks, (-1.0, 0.0, 0.0), "z (nm)", 0.1 * length)


def _draw_scale(
    axes: Axes,
    projection: Projection,
    edge: np.ndarray,
    values: np.ndarray,
    outward: tuple[float, float, float],
    name: str,
    distance: float,
) -> None:
    """Draw one axis: ``edge`` holds the tick places, ``outward`` the side of the numbers."""
    away = projection.page(np.array(outward))
    away /= np.linalg.norm(away)
    places = projection.page(edge)
    axes.plot(*places.T, color=GREY, linewidth=0.6, zorder=3)
    for place, value in zip(places, values, strict=True):
        axes.plot(*np.stack([place, place + 0.2 * distance * away]).T, color=GREY, lw=0.6)
        across, upwards = place + 0.5 * distance * away
        axes.text(across, upwards, f"{value:g}", ha="center", va="center", fontsize=6.5)
    slope = places[-1] - places[0]
    slope = slope if slope[0] >= 0.0 else -slope
    angle = float(np.degrees(np.arctan2(slope[1], slope[0])))
    across, upwards = 0.5 * (places[0] + places[-1]) + distance * away
    axes.text(
        across,
        upwards,
        name,
        rotation=angle,
        rotation_mode="anchor",
        ha="center",
        va="center",
    )


def _name_marks(
    axes: Axes, run: Run, surface: ElephantSurface, box: Box, projection: Projection
) -> None:
    """Write the letters of the marks beside their rings, half way up the side the eye sees."""
    for letter, log_time in _shown_marks(run, box).items():
        nearest = int(np.abs(surface.log_time - log_time).argmin())
        height = surface.height[nearest]
        middle = int(np.abs(height - 0.5 * height.max()).argmin())
        place = np.array(
            [float(box.along(log_time)), -surface.radius[nearest, middle], height[middle]]
        )
        across, upwards = projection.page(place)
        label_point(axes, letter, (float(across), float(upwards)), (3.0, 0.0))
