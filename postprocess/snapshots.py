"""Field files of a run: their index, their meshes as plain arrays, their material interfaces."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import unescape

import numpy as np

from tusk.solver.errors import InputError

if TYPE_CHECKING:
    import pyvista

COUNTER_ELECTRODE, FILAMENT, OXIDE, ACTIVE_ELECTRODE = 1, 2, 3, 4

_TRIANGLE = 5  # VTK cell type
_DATA_SET = re.compile(r"<DataSet\b[^>]*/?>")
_ATTRIBUTE = re.compile(r"(\w+)\s*=\s*[\"']([^\"']*)[\"']")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One field file: its time in seconds and where it lies."""

    time: float
    path: Path


@dataclass(frozen=True, slots=True)
class Section:
    """The half plane r >= 0 of one snapshot as arrays.

    Attributes
    ----------
    points
        (r, z), nm, shape (vertices, 2).
    triangles
        Vertex numbers, shape (triangles, 3).
    material
        Material number of each triangle, shape (triangles,).
    temperature
        Temperature at the vertices, K, shape (vertices,).
    """

    points: np.ndarray
    triangles: np.ndarray
    material: np.ndarray
    temperature: np.ndarray

    def interface(self, materials: Sequence[int], others: Sequence[int]) -> np.ndarray:
        """Return the edges between two groups of materials, nm, shape (edges, 2 ends, 2)."""
        return np.asarray(self.points[self._shared_edges(materials, others)])

    def _shared_edges(self, materials: Sequence[int], others: Sequence[int]) -> np.ndarray:
        """Return vertex pairs of the edges that have one group on each side, shape (edges, 2)."""
        first = _edge_keys(self.triangles[np.isin(self.material, materials)])
        second = _edge_keys(self.triangles[np.isin(self.material, others)])
        shared = np.intersect1d(first, second)
        return np.column_stack([shared >> 32, shared & 0xFFFFFFFF])


def _edge_keys(triangles: np.ndarray) -> np.ndarray:
    """Number every edge of some triangles by its two vertices, shape (3 triangles,)."""
    edges = np.vstack([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    edges = np.sort(edges.astype(np.int64), axis=1)
    return np.asarray((edges[:, 0] << 32) | edges[:, 1])


def both_sides(shapes: np.ndarray) -> np.ndarray:
    """Add the mirror images (-r, z) of lines or polygons, shape (2 shapes, corners, 2)."""
    return np.concatenate([shapes, shapes * np.array([-1.0, 1.0])])


def list_snapshots(index: Path) -> tuple[Snapshot, ...]:
    """Read the collection file ``fields.pvd``, also one that is still being written.

    Parameters
    ----------
    index
        The ``.pvd`` file; no file means that no field was written.

    Returns
    -------
    tuple of Snapshot
        Those whose file exists, in the order of time.
    """
    if not index.is_file():
        return ()
    try:
        text = index.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{index}: cannot be read ({error})") from error
    found = []
    for tag in _DATA_SET.findall(text):
        entries = dict(_ATTRIBUTE.findall(tag))
        path = index.parent / unescape(entries.get("file", ""))
        try:
            time = float(entries["timestep"])
        except (KeyError, ValueError) as error:
            raise InputError(f"{index}: a timestep in seconds is wanted, got {tag}") from error
        if path.is_file():
            found.append(Snapshot(time=time, path=path))
    return tuple(sorted(found, key=lambda snapshot: snapshot.time))


def nearest_snapshot(snapshots: Sequence[Snapshot], time: float, index: Path) -> Snapshot:
    """Return the snapshot nearest to a time in seconds; InputError if there is none."""
    if not snapshots:
        raise InputError(f"{index}: at least one field file is wanted, got none")
    return min(snapshots, key=lambda snapshot: abs(snapshot.time - time))


def read_mesh(snapshot: Snapshot) -> "pyvista.UnstructuredGrid":
    """Read one ``.vtu`` file.

    Raises
    ------
    InputError
        If the file is damaged, or its lengths are not in nm.
    """
    import pyvista

    # VTK meets a file cut short with pages of messages and an empty mesh: it is kept from it.
    if not _is_closed(snapshot.path):
        raise InputError(f"{snapshot.path}: the field file is damaged or truncated")
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            pyvista.vtk_verbosity("off"),
            pyvista.VtkErrorCatcher(raise_errors=True, emit_warnings=False),
        ):
            mesh = pyvista.read(snapshot.path)
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{snapshot.path}: the field file is damaged or truncated") from error
    if not isinstance(mesh, pyvista.UnstructuredGrid) or mesh.n_cells == 0:
        raise InputError(f"{snapshot.path}: the field file is damaged or truncated")
    unit = str(np.ravel(mesh.field_data.get("length_unit", ["nm"]))[0])
    if unit != "nm":
        raise InputError(f"{snapshot.path}: length_unit: nm is wanted, got {unit}")
    return mesh


def _is_closed(path: Path) -> bool:
    """Tell whether an XML file of VTK ends as it should."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 64))
            return file.read().rstrip().endswith(b"</VTKFile>")
    except OSError:
        return False


def read_section(snapshot: Snapshot) -> Section:
    """Read what the figures need of one snapshot; InputError if an array is missing."""
    mesh = read_mesh(snapshot)
    for name, data in (("temperature_K", mesh.point_data), ("material", mesh.cell_data)):
        if name not in data:
            raise InputError(f"{snapshot.path}: the array {name} is wanted, got none")
    triangles = mesh.celltypes == _TRIANGLE
    if not triangles.any():
        raise InputError(f"{snapshot.path}: triangles are wanted, got none")
    material = np.asarray(mesh.cell_data["material"])[triangles].astype(int)
    # The oxide may come in parts, such as the gap.
    metals = (COUNTER_ELECTRODE, FILAMENT, ACTIVE_ELECTRODE)
    return Section(
        points=np.asarray(mesh.points[:, :2], dtype=float),
        triangles=np.asarray(mesh.cells_dict[_TRIANGLE]),
        material=np.where(np.isin(material, metals), material, OXIDE),
        temperature=np.asarray(mesh.point_data["temperature_K"], dtype=float),
    )
