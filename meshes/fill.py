"""Fill regions between given nodes with triangles: the one place that calls gmsh."""

from __future__ import annotations

import gmsh
import numpy as np

from tusk.meshes.curve import Points


def fill(points: Points, loops: dict[int, np.ndarray]) -> tuple[Points, np.ndarray, np.ndarray]:
    """Mesh every loop with gmsh; boundary nodes keep their numbers and positions.

    Parameters
    ----------
    points
        Boundary nodes (n, 2), nm.
    loops
        Node numbers of the closed boundary of each region.

    Returns
    -------
    tuple
        Points (m, 2), the boundary nodes first; triangles (k, 3), counter-clockwise; their regions.

    Raises
    ------
    RuntimeError
        If gmsh cannot mesh a loop.
    """
    _session()
    gmsh.clear()
    surfaces = _outline(points, loops)
    try:
        gmsh.model.mesh.generate(2)
    except Exception as error:  # gmsh raises bare Exception
        raise RuntimeError(f"gmsh: {error}") from error
    return _collect(points, surfaces)


def _outline(points: Points, loops: dict[int, np.ndarray]) -> dict[int, int]:
    """Give gmsh the lines, which stay whole, and return its surface of each region."""
    geo = gmsh.model.geo
    for number, (r, z) in enumerate(points):
        geo.addPoint(r, z, 0.0, 0.0, number + 1)
    # gmsh scales its tolerances to the last synchronised model, in a new process to none at all:
    # knowing these points first makes the mesh a function of its arguments, to the last bit.
    geo.synchronize()
    lines: dict[tuple[int, int], int] = {}
    surfaces: dict[int, int] = {}
    for region, loop in loops.items():
        signed = []
        for a, b in zip(loop, np.roll(loop, -1), strict=True):
            if (b, a) in lines:
                signed.append(-lines[b, a])
            else:
                if (a, b) not in lines:
                    lines[a, b] = geo.addLine(int(a) + 1, int(b) + 1)
                signed.append(lines[a, b])
        surfaces[region] = geo.addPlaneSurface([geo.addCurveLoop(signed)])
    geo.synchronize()
    for tag in lines.values():
        gmsh.model.mesh.setTransfiniteCurve(tag, 2)
    return surfaces


def _collect(points: Points, surfaces: dict[int, int]) -> tuple[Points, np.ndarray, np.ndarray]:
    """Read nodes and triangles back and renumber them, boundary nodes first."""
    tags, coordinates, _ = gmsh.model.mesh.getNodes()
    xy = coordinates.reshape(-1, 3)[:, :2]
    number = np.full(int(tags.max()) + 1, -1)
    ours = tags <= len(points)
    number[tags[ours].astype(int)] = tags[ours].astype(int) - 1
    inner = np.flatnonzero(~ours)
    number[tags[inner].astype(int)] = len(points) + np.arange(len(inner))
    all_points = np.vstack((points, xy[inner]))
    cells, regions = [], []
    for region, tag in surfaces.items():
        _, _, connectivity = gmsh.model.mesh.getElements(2, tag)
        if not connectivity:
            raise RuntimeError(f"gmsh: no triangles in region {region}")
        triangles = number[connectivity[0].astype(int)].reshape(-1, 3)
        cells.append(triangles)
        regions.append(np.full(len(triangles), region))
    return all_points, _oriented(all_points, np.vstack(cells)), np.concatenate(regions)


def _oriented(points: Points, cells: np.ndarray) -> np.ndarray:
    a, b, c = (points[cells[:, k]] for k in range(3))
    cross = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (c[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1])
    flipped = cells.copy()
    flipped[cross < 0] = cells[cross < 0][:, ::-1]
    return flipped


def _session() -> None:
    """Start gmsh once per process, silent and deterministic."""
    if gmsh.isInitialized():
        return
    gmsh.initialize(interruptible=False)
    for name, value in (
        ("General.Terminal", 0),
        ("General.Verbosity", 0),
        ("Mesh.Algorithm", 5),
        ("Mesh.MeshSizeExtendFromBoundary", 1),
        ("Mesh.MeshSizeFromPoints", 0),
        ("Mesh.RandomSeed", 1),
    ):
        gmsh.option.setNumber(name, value)
