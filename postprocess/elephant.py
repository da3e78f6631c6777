"""The surface r(z, log10 t) of a growing filament ("elephant plot"), and its VTK file."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tusk.postprocess.curves import resample
from tusk.postprocess.run import FILAMENT_NAME, NANOMETRE, Run
from tusk.solver.errors import InputError, OutputError

if TYPE_CHECKING:
    import pyvista

FLANK_POINTS = 48
CAP_POINTS = 8
# A highest point farther off the axis than this share of the radius needs a cap.
CAP_SHARE = 0.01


@dataclass(frozen=True, slots=True)
class ElephantSurface:
    """Filament profiles stacked along log10(t).

    Attributes
    ----------
    log_time
        log10(t/s), shape (times,).
    radius, height
        Profiles, nm, shape (times, profile points), from the contact line to the axis.
    current, voltage, temperature
        Current in A, applied voltage in V, greatest temperature in K, shape (times,).
    """

    log_time: np.ndarray
    radius: np.ndarray
    height: np.ndarray
    current: np.ndarray
    voltage: np.ndarray
    temperature: np.ndarray

    def points(self) -> np.ndarray:
        """Return (log10(t/s), r in nm, z in nm) per point, shape (times * profile points, 3)."""
        along = np.broadcast_to(self.log_time[:, None], self.radius.shape)
        return np.stack([along, self.radius, self.height], axis=-1).reshape(-1, 3)

    def quads(self) -> np.ndarray:
        """Return the four point numbers of each cell, shape (cells, 4)."""
        return grid_quads(*self.radius.shape)


def grid_quads(rows: int, columns: int) -> np.ndarray:
    """Connect a grid of points, numbered row by row, to quadrilaterals, shape (cells, 4)."""
    number = np.arange(rows * columns).reshape(rows, columns)
    corners = (number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:])
    return np.stack(corners, axis=-1).reshape(-1, 4)


def elephant_surface(run: Run) -> ElephantSurface:
    """Resample every filament curve with t > 0 on fractions of its height.

    A top whose highest point is off the axis (a dented tip) is continued to the axis.

    Parameters
    ----------
    run
        The run.

    Returns
    -------
    ElephantSurface
        One profile per stored time.

    Raises
    ------
    InputError
        If fewer than two curves have t > 0.
    """
    curves = [(time, NANOMETRE * points) for time, points in run.filament if time > 0.0]
    if len(curves) < 2:
        raise InputError(
            f"{run.path / FILAMENT_NAME}: two or more curves at t > 0 are wanted, got {len(curves)}"
        )
    # Close to the tip a round profile needs more points than along the flank.
    fractions = 1.0 - np.linspace(1.0, 0.0, FLANK_POINTS) ** 2
    dented = any(
        points[points[:, 1].argmax(), 0] > CAP_SHARE * points[:, 0].max() for _, points in curves
    )
    cap = np.linspace(1.0, 0.0, CAP_POINTS + 1)[1:] if dented else np.empty(0)
    profiles = np.stack([resample(points, fractions, cap) for _, points in curves])
    times = np.array([time for time, _ in curves])
    return ElephantSurface(
        log_time=np.log10(times),
        radius=profiles[..., 0],
        height=profiles[..., 1],
        current=run.value_at("current_A", times),
        voltage=run.value_at("applied_voltage_V", times),
        temperature=run.value_at("temperature_max_K", times),
    )


def write_elephant(surface: ElephantSurface, path: Path) -> Path:
    """Write a surface as ``.vtp``: x = log10(t/s), y = r in nm, z in nm.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    import pyvista

    quads = surface.quads()
    faces = np.column_stack([np.full(len(quads), 4), quads])
    mesh = pyvista.PolyData(surface.points(), faces=faces.ravel())
    columns = surface.radius.shape[1]
    mesh.point_data["current_A"] = np.repeat(surface.current, columns)
    mesh.point_data["applied_voltage_V"] = np.repeat(surface.voltage, columns)
    mesh.point_data["temperature_K"] = np.repeat(surface.temperature, columns)
    return save_mesh(mesh, path)


def save_mesh(mesh: "pyvista.PolyData", path: Path) -> Path:
    """Write a VTK file, whole or not at all.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    import pyvista

    partial = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        with pyvista.VtkErrorCatcher(raise_errors=True, emit_warnings=False):
            mesh.save(partial, binary=True)
        os.replace(partial, path)
    except (OSError, RuntimeError) as error:
        raise OutputError(f"{path}: cannot be written") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return path
