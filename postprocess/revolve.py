"""Revolve an axisymmetric result: the filament and the fields in three dimensions."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tusk.postprocess.run import NANOMETRE, Run

if TYPE_CHECKING:
    import pyvista

SECTORS = 64
_TRIANGLE, _WEDGE = 5, 13  # VTK cell types


def angles(sectors: int, opening: float) -> NDArray[np.float64]:
    """Return the angles (rad) of the planes: a whole turn, or less by an opening in degrees."""
    return np.linspace(0.0, np.radians(360.0 - opening), sectors + 1)


def revolved_filament(
    run: Run, time: float, sectors: int = SECTORS, opening: float = 0.0
) -> "pyvista.PolyData":
    """Return the filament's surface nearest to a time as a 3-D surface, nm.

    Parameters
    ----------
    run
        The run.
    time
        Time, s.
    sectors
        Parts of the turn.
    opening
        Angle, degrees, that is left open to look inside.

    Returns
    -------
    pyvista.PolyData
        Quadrilaterals; point data ``radius_nm``.
    """
    import pyvista

    from tusk.postprocess.elephant import grid_quads

    curve = NANOMETRE * run.filament.at(time)
    turn = angles(sectors, opening)
    points = _turned(curve, turn)
    quads = grid_quads(len(turn), len(curve))
    faces = np.column_stack([np.full(len(quads), 4), quads])
    mesh = pyvista.PolyData(points, faces=faces.ravel())
    mesh.point_data["radius_nm"] = np.tile(curve[:, 0], len(turn))
    return mesh


def revolved_fields(
    run: Run, time: float, sectors: int = SECTORS, opening: float = 90.0
) -> "pyvista.UnstructuredGrid":
    """Return the fields nearest to a time on wedges around the axis, nm, with all their data.

    Vectors keep their components along r and z: they are not turned.
    """
    import pyvista

    flat = run.fields(time)
    turn = angles(sectors, opening)
    points = _turned(np.asarray(flat.points[:, :2], dtype=float), turn)
    triangles = np.asarray(flat.cells_dict[_TRIANGLE])
    start = len(flat.points) * np.arange(sectors)
    lower = (triangles[None] + start[:, None, None]).reshape(-1, 3)
    wedges = np.hstack([lower + len(flat.points), lower])  # VTK's order: a positive volume
    cells = np.column_stack([np.full(len(wedges), 6), wedges])
    mesh = pyvista.UnstructuredGrid(cells.ravel(), np.full(len(wedges), _WEDGE), points)
    for name, values in flat.point_data.items():
        mesh.point_data[name] = np.concatenate([values] * len(turn))
    for name, values in flat.cell_data.items():
        mesh.cell_data[name] = np.concatenate([values] * sectors)
    return mesh


def _turned(points: NDArray[np.float64], turn: NDArray[np.float64]) -> NDArray[np.float64]:
    """Place (r, z) points (n, 2) in every plane of the turn, (planes n, 3), z upright."""
    radius, height = points.T
    x, y = (np.outer(f(turn), radius) for f in (np.cos, np.sin))
    return np.stack([x, y, np.broadcast_to(height, x.shape)], axis=-1).reshape(-1, 3)
