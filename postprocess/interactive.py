"""The elephant plot as one HTML file that turns under the mouse; it needs no network."""

import base64
import json
from pathlib import Path
from string import Template

import numpy as np

from tusk.postprocess.elephant_figure import Box, elephant_body, ticks
from tusk.postprocess.run import Run, open_run
from tusk.postprocess.style import MARKS, RESOLVED_CURRENT
from tusk.solver.errors import OutputError
from tusk.solver.units import format_si

PAGE = "elephant_page.html"
"""Template of the page, beside this module."""


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def elephant_page(run: Run) -> str:
    """Return the page: the body of the elephant plot as triangles, drawn by WebGL.

    Raises
    ------
    InputError
        If the run has too few curves.
    """
    scene, box, (low, high) = elephant_body(run)
    centre = 0.5 * (scene.points.min(axis=0) + scene.points.max(axis=0))
    size = float(np.linalg.norm(np.ptp(scene.points, axis=0)))
    triangles = np.vstack([scene.quads[:, [0, 1, 2]], scene.quads[:, [0, 2, 3]]])
    marks = {
        letter: format_si(value, "s", 4)
        for name, letter in MARKS.items()
        if (value := run.marks.get(name)) is not None
    }
    return Template((Path(__file__).parent / PAGE).read_text(encoding="utf-8")).substitute(
        title=run.path.resolve().name,
        points=_packed((scene.points - centre) / size, "<f4"),
        colours=_packed(np.round(255 * scene.colours), "u1"),
        triangles=_packed(triangles, "<u4"),
        rings=json.dumps([_packed((ring - centre) / size, "<f4") for ring in scene.rings]),
        labels=json.dumps(_labels(scene.points, box, centre, size), ensure_ascii=False),
        marks=json.dumps(marks, ensure_ascii=False),
        low=format_si(max(low, RESOLVED_CURRENT), "A", 3),
        high=format_si(high, "A", 3),
    )


def _labels(
    points: np.ndarray, box: Box, centre: np.ndarray, size: float
) -> list[tuple[str, list[float]]]:
    """Return numbers along the three edges of the body, and where they stand."""
    reach, top = 1.25 * points[:, 1].max(), float(points[:, 2].max())
    places = {
        f"{value:g}": (float(box.along(value)), -reach, 0.0)
        for value in ticks(box.start, box.stop, 6)
    }
    places |= {
        f"z = {z:g} nm": (1.09 * box.length, -reach, z) for z in ticks(0.0, top, 4) if z > 0.0
    }
    widest = float(points[:, 1].max())
    places[f"r = {widest:.3g} nm"] = (box.length, 0.0, 1.2 * top)
    places["log₁₀(t/s)"] = (0.5 * box.length, -1.6 * reach, 0.0)
    return [
        (text, ((np.array(place) - centre) / size).round(4).tolist())
        for text, place in places.items()
    ]


def make_elephant_page(run_dir: str | Path, out: str | Path | None = None) -> Path:
    """Write the page as ``figures/elephant.html``, or into the folder `out`.

    Raises
    ------
    InputError
        If the directory is no run directory, or the run has too few curves.
    OutputError
        If the file cannot be written.
    """
    run = open_run(run_dir)
    path = (run.path / "figures" if out is None else Path(out)) / "elephant.html"
    text = elephant_page(run)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror})") from error
    return path
