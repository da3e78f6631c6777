"""Parallel projection of a 3-D scene to the page, and the shaded body drawn in it."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

RENDER_SECONDS = 60.0
IMAGE_WIDTH = 1000  # pixels, as many as a column of a page has at 300 dots per inch


@dataclass(frozen=True, slots=True)
class Projection:
    """An orthonormal frame: ``right`` and ``up`` span the page, ``towards`` points to the eye."""

    right: np.ndarray
    up: np.ndarray
    towards: np.ndarray

    @classmethod
    def from_eye(cls, direction: tuple[float, float, float]) -> "Projection":
        """Look at the scene from a direction, with z upright on the page."""
        towards = np.array(direction) / np.linalg.norm(direction)
        right = np.cross([0.0, 0.0, 1.0], towards)
        right /= np.linalg.norm(right)
        return cls(right=right, up=np.cross(towards, right), towards=towards)

    def page(self, points: np.ndarray) -> np.ndarray:
        """Project points, shape (…, 3), to page coordinates, shape (…, 2)."""
        return np.stack([points @ self.right, points @ self.up], axis=-1)


@dataclass(frozen=True, slots=True)
class Scene:
    """A coloured body and lines upon it.

    Attributes
    ----------
    points
        Vertices, shape (vertices, 3).
    quads
        Vertex numbers, shape (cells, 4).
    colours
        RGB of each vertex, 0 to 1, shape (vertices, 3).
    rings
        Lines on the body, shape (lines, line points, 3); may have no line.
    """

    points: np.ndarray
    quads: np.ndarray
    colours: np.ndarray
    rings: np.ndarray


def draw_body(
    axes: Axes, scene: Scene, projection: Projection, extent: tuple[float, float, float, float]
) -> str:
    """Draw the body into the page rectangle ``extent`` (left, right, bottom, top).

    Returns
    -------
    str
        ``"vtk"``, or ``"matplotlib"`` where off-screen rendering does not work.
    """
    image = render_offscreen(scene, projection, extent)
    if image is None:
        paint(axes, scene, projection)
        return "matplotlib"
    axes.imshow(image, extent=extent, interpolation="antialiased", zorder=2)
    return "vtk"


def render_offscreen(
    scene: Scene, projection: Projection, extent: tuple[float, float, float, float]
) -> np.ndarray | None:
    """Render with VTK in a process of its own, which may crash where no OpenGL library is.

    Returns
    -------
    numpy.ndarray or None
        RGBA image of the rectangle ``extent``, 0 to 1; None if rendering failed.
    """
    left, right, bottom, top = extent
    focus = 0.5 * (left + right) * projection.right + 0.5 * (bottom + top) * projection.up
    environment = dict(os.environ)
    if "DISPLAY" not in environment:
        environment.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "scene.npz", Path(folder) / "body.npy"
        np.savez(
            source,
            points=scene.points,
            quads=scene.quads,
            colours=scene.colours,
            rings=scene.rings,
            focus=focus,
            towards=projection.towards,
            up=projection.up,
            half_height=np.array(0.5 * (top - bottom)),
            size=np.array([IMAGE_WIDTH, round(IMAGE_WIDTH * (top - bottom) / (right - left))]),
        )
        command = [sys.executable, "-m", "tusk.postprocess.render", str(source), str(target)]
        try:
            subprocess.run(
                command, check=True, capture_output=True, timeout=RENDER_SECONDS, env=environment
            )
            image = np.load(target) / np.float32(255.0)
        except (OSError, subprocess.SubprocessError, ValueError):
            return None
    return np.asarray(image) if image.ndim == 3 and image[..., 3].any() else None


def paint(axes: Axes, scene: Scene, projection: Projection) -> None:
    """Draw the body with matplotlib alone: cells from far to near, shaded by their slope."""
    corners = scene.points[scene.quads]
    normal = np.cross(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    length = np.linalg.norm(normal, axis=1)
    light = projection.towards + 0.5 * projection.up - 0.3 * projection.right
    facing = np.abs(normal @ (light / np.linalg.norm(light)))
    shade = 0.55 + 0.45 * np.divide(facing, length, out=np.ones_like(length), where=length > 0.0)
    colours = np.clip(scene.colours[scene.quads].mean(axis=1) * shade[:, None], 0.0, 1.0)
    order = np.argsort((corners @ projection.towards).mean(axis=1))
    cells = PolyCollection(
        list(projection.page(corners)[order]),
        facecolors=colours[order],
        edgecolors=colours[order],
        linewidths=0.15,
        zorder=2,
    )
    axes.add_collection(cells)
    for ring in scene.rings:
        front = ring[: len(ring) // 2 + 1]
        axes.plot(*projection.page(front).T, color="black", linewidth=0.8, zorder=3)
