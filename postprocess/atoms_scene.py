"""Atoms in three dimensions: as shaded balls on a page, as points for ParaView."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from tusk.postprocess.elephant import grid_quads, save_mesh
from tusk.postprocess.run import Run
from tusk.postprocess.style import colour_map, figure_style, new_figure
from tusk.postprocess.tables import read_table
from tusk.postprocess.view import Projection, Scene, draw_body

if TYPE_CHECKING:
    import pyvista

type ColourMap = tuple[str, float, float]

TWO_COLOURS: ColourMap = ("coolwarm", 0.0, 1.0)
POINTS_NAME = "atoms.vtp"
PLACES = ("x_A", "y_A", "z_A")
FORCES = ("force_x_eV_per_A", "force_y_eV_per_A", "force_z_eV_per_A")
EYE = (-0.5, -1.0, 0.25)
RADIUS = 1.25
"""Of a ball, angstrom: a little less than half the distance of neighbours."""
_RINGS, _SECTORS = 10, 16


def atoms_table(run: Run) -> pd.DataFrame:
    """Return places, forces, charges and layers of the atoms, one row each."""
    return read_table(run.path / "atoms.csv", (*PLACES, *FORCES, "charge_e", "layer"))


def properties(table: pd.DataFrame) -> dict[str, tuple[str, np.ndarray, ColourMap]]:
    """Return what atoms are coloured by: a label, numbers (n,) and a part of a colour map."""
    force = np.linalg.norm(table[list(FORCES)].to_numpy(), axis=1)
    return {
        "force": ("force (eV/Å)", force, ("viridis", 0.0, 1.0)),
        "charge": ("charge (e)", table["charge_e"].to_numpy(dtype=float), TWO_COLOURS),
        "layer": ("layer", table["layer"].to_numpy(dtype=float), ("cividis", 0.0, 1.0)),
    }


def balls(places: np.ndarray, colours: np.ndarray, radius: float = RADIUS) -> Scene:
    """Return atoms (n, 3) as balls of the colours (n, 3)."""
    polar = np.linspace(0.0, np.pi, _RINGS)
    around = np.linspace(0.0, 2.0 * np.pi, _SECTORS + 1)
    theta, phi = (grid.ravel() for grid in np.meshgrid(polar, around, indexing="ij"))
    ball = radius * np.column_stack(
        [np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)]
    )
    quads = grid_quads(_RINGS, _SECTORS + 1)
    starts = len(ball) * np.arange(len(places))
    return Scene(
        points=(places[:, None] + ball[None]).reshape(-1, 3),
        quads=(starts[:, None, None] + quads[None]).reshape(-1, 4),
        colours=np.repeat(colours, len(ball), axis=0),
        rings=np.zeros((0, 2, 3)),
    )


def atoms_portrait(run: Run) -> Figure:
    """Draw the atoms at the end of a run, coloured by force, charge and layer."""
    table = atoms_table(run)
    places = table[list(PLACES)].to_numpy()
    projection = Projection.from_eye(EYE)
    page = projection.page(places)
    low, high = page.min(axis=0) - 2.0 * RADIUS, page.max(axis=0) + 2.0 * RADIUS
    with figure_style():
        figure = new_figure(height=62.0)
        for axes, (label, values, name) in zip(
            figure.subplots(1, 3), properties(table).values(), strict=True
        ):
            shades, norm = colour_map(name), limits(values, name)
            axes.set_axis_off()
            axes.set_aspect("equal")
            scene = balls(places, shades(norm(values))[:, :3])
            draw_body(axes, scene, projection, (low[0], high[0], low[1], high[1]))
            axes.set_xlim(low[0], high[0])
            axes.set_ylim(low[1], high[1])
            bar = figure.colorbar(ScalarMappable(norm, shades), ax=axes, location="bottom")
            bar.set_label(label)
    return figure


def limits(values: np.ndarray, name: ColourMap) -> Normalize:
    """Return the ends of a colour map; one of two colours is white at 0."""
    if name == TWO_COLOURS:
        reach = max(float(np.abs(values).max()), 1e-3)
        return Normalize(-reach, reach)
    low, high = float(values.min()), float(values.max())
    return Normalize(low, high if high > low else low + 1e-3)


def atoms_points(run: Run) -> "pyvista.PolyData":
    """Return the atoms as points (angstrom) with ``force``, ``charge`` and ``layer``."""
    import pyvista

    table = atoms_table(run)
    points = pyvista.PolyData(table[list(PLACES)].to_numpy())
    data: Mapping[str, np.ndarray] = {
        "force": table[list(FORCES)].to_numpy(),
        "charge": table["charge_e"].to_numpy(),
        "layer": table["layer"].to_numpy(),
    }
    for name, values in data.items():
        points.point_data[name] = values
    return points


def write_points(run: Run, path: Path) -> Path:
    """Write `atoms_points` for ParaView: a VTK file of points."""
    return save_mesh(atoms_points(run), path)
