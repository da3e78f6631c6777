"""Filament shapes and the cells meshed around them, made once per session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

from tusk.meshes.cell import CellMesh, ElectrodeSurface, Stack
from tusk.meshes.curve import Points, arc_length, resample, revolved_volume
from tusk.meshes.generate import generate
from tusk.meshes.sizes import PRESETS, Sizes

STACK = Stack(10.0, 10.0, 10.0, 25.0)


def filament(height: float, contact: float, dome: float, count: int = 80) -> Points:
    """Return a dome of radius ``dome`` on the cone tangent to it that ends at ``contact``.

    ``dome`` < ``contact`` tapers to the tip, equal is a cylinder, larger overhangs.
    """
    centre = height - dome
    reach = np.hypot(contact, centre)
    touch = np.arctan2(contact, -centre) - np.arccos(min(1.0, dome / reach))
    angle = np.linspace(0.0, touch, count)
    cap = np.column_stack((dome * np.sin(angle), centre + dome * np.cos(angle)))
    foot = np.array([contact, 0.0])
    flank = np.linspace(cap[-1], foot, count)[1:]
    curve = np.vstack((cap, flank)) if np.hypot(*(cap[-1] - foot)) > 1e-9 else cap
    curve[0, 0], curve[-1] = 0.0, foot
    return curve


def head_on_foot() -> Points:
    """Return a round head above a waist above a wider foot."""
    angle = np.linspace(0.0, 0.75 * np.pi, 60)
    head = np.column_stack((1.5 * np.sin(angle), 7.5 + 1.5 * np.cos(angle)))
    knots = np.vstack((head[-1], [(0.95, 5.5), (1.1, 4.0), (2.0, 1.5), (3.0, 0.0)]))
    s = arc_length(knots)
    tangent = np.array([np.cos(angle[-1]), -np.sin(angle[-1])])
    body = CubicSpline(s, knots, bc_type=((1, tangent), (2, np.zeros(2))))
    curve = np.vstack((head, body(np.linspace(0.0, s[-1], 60))[1:]))
    curve[0, 0], curve[-1] = 0.0, knots[-1]
    return curve


SHAPES: dict[str, Callable[[], Points]] = {
    "nucleus": lambda: filament(0.256, 0.256, 0.256),
    "cone": lambda: filament(5.0, 1.0, 0.5),
    "cylinder": lambda: filament(9.5, 2.0, 2.0),
    "blunt": lambda: filament(9.8, 3.0, 2.0),
    "overhang": lambda: filament(9.8, 1.5, 2.5),
    "thin": lambda: filament(9.7, 0.5, 0.3),
    "wide": lambda: filament(9.7, 8.0, 3.0),
    "waist": head_on_foot,
}


@dataclass(frozen=True)
class Cell:
    """A mesh with everything it was made from."""

    curve: Points
    stack: Stack
    electrode: ElectrodeSurface
    sizes: Sizes
    mesh: CellMesh


def make(
    curve: Points,
    electrode: ElectrodeSurface,
    sizes: Sizes = PRESETS["draft"],
    stack: Stack = STACK,
) -> Cell:
    """Mesh the cell around ``curve`` as a run does: redistribute twice, then generate."""
    for _ in range(2):
        curve = resample(curve, sizes.on_filament(curve, stack, electrode))
    return Cell(curve, stack, electrode, sizes, generate(curve, stack, electrode, sizes))


_CELLS: dict[tuple[str, float, str], Cell] = {}


def named(shape: str, ratio: float = 0.05, preset: str = "draft") -> Cell:
    """Return the cell around a named shape; made once."""
    key = (shape, ratio, preset)
    if key not in _CELLS:
        _CELLS[key] = make(SHAPES[shape](), ElectrodeSurface(ratio), PRESETS[preset])
    return _CELLS[key]


def electrode_face(cell: Cell, points: Points) -> Points:
    """Return the electrode's lower face of a mesh, from the axis to the domain radius."""
    face = points[cell.mesh.electrode.face]
    level = cell.stack.oxide_thickness
    flat = points[(np.abs(points[:, 1] - level) < 1e-9) & (points[:, 0] > face[-1, 0] + 1e-12)]
    # nodes of other parts may lie at that height: the face is where the electrode's cells begin
    return np.vstack((face, flat[np.argsort(flat[:, 0])]))


def polygon_volumes(cell: Cell, points: Points, curve: Points) -> dict[str, float]:
    """Return the exact revolved volumes (nm³) of the polygons that bound the regions."""
    stack = cell.stack
    below = np.vstack((electrode_face(cell, points), (stack.domain_radius, 0.0)))
    disc = np.pi * stack.domain_radius**2
    filled, under = revolved_volume(curve), revolved_volume(below)
    top = stack.oxide_thickness + stack.active_electrode_thickness
    volumes = {
        "counter": disc * stack.counter_electrode_thickness,
        "filament": filled,
        "oxide": under - filled,
        "active": disc * top - under,
        "gap": 0.0,
    }
    count = len(cell.mesh.columns)
    if count:
        upper, lower = points[cell.mesh.columns[:, -1]], curve[:count]
        volumes["gap"] = revolved_volume(upper) - revolved_volume(lower)
        volumes["gap"] += np.pi * lower[-1, 0] ** 2 * (upper[-1, 1] - lower[-1, 1])
    return volumes


def mesh_volumes(mesh: CellMesh, points: Points) -> dict[str, float]:
    """Return the revolved volumes (nm³) of the regions, triangle by triangle (Pappus)."""
    rings = 2 * np.pi * points[mesh.cells, 0].mean(axis=1) * mesh.signed_areas(points)
    total = np.bincount(mesh.regions, weights=rings, minlength=6)
    return {
        "counter": total[1],
        "filament": total[2],
        "oxide": total[3] + total[5],
        "active": total[4],
        "gap": total[5],
    }


@dataclass(frozen=True)
class Toolbox:
    """What the tests of this folder share."""

    stack = STACK
    shapes = SHAPES
    filament = staticmethod(filament)
    make = staticmethod(make)
    named = staticmethod(named)
    electrode_face = staticmethod(electrode_face)
    polygon_volumes = staticmethod(polygon_volumes)
    mesh_volumes = staticmethod(mesh_volumes)


@pytest.fixture(scope="session")
def toolbox() -> Toolbox:
    return Toolbox()


@pytest.fixture(params=list(SHAPES))
def shape(request: pytest.FixtureRequest) -> str:
    """Return the name of every shape in turn."""
    return str(request.param)
