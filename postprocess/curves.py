"""Filament surface curves: by time, mirrored, resampled, and a choice of telling ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from tusk.solver.errors import InputError

# A complete curve ends on the axis and on the counter electrode to better than this, m.
END_TOLERANCE = 1e-12
# Shapes that differ by less than this share of the whole way count as equal.
AT_REST = 0.005
# Loss of height or radius from which on a filament counts as dissolving.
SHRUNK = 0.02


@dataclass(frozen=True, slots=True)
class FilamentCurves:
    """The conductive-filament surface at every stored time.

    Attributes
    ----------
    times
        Times, s, shape (curves,), increasing.
    points
        One array (r, z) per time, m, shape (points, 2), from the contact line to the axis.
    """

    times: np.ndarray
    points: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[tuple[float, np.ndarray]]:
        return zip(self.times.tolist(), self.points, strict=True)

    def at(self, time: float) -> np.ndarray:
        """Return the curve stored nearest to a time, m, shape (points, 2)."""
        return self.points[int(np.abs(self.times - time).argmin())]

    def heights(self) -> np.ndarray:
        """Return the greatest height of each curve, m, shape (curves,)."""
        return np.array([curve[:, 1].max() for curve in self.points])

    def radii(self) -> np.ndarray:
        """Return the greatest radius of each curve, m, shape (curves,)."""
        return np.array([curve[:, 0].max() for curve in self.points])


def split_curves(table: pd.DataFrame, path: Path, finished: bool) -> FilamentCurves:
    """Cut the long table of ``filament.csv`` into one curve per time.

    Parameters
    ----------
    table
        Columns ``time_s, r_m, z_m``; the rows of one time follow each other along the curve.
    path
        Where the table came from, for messages.
    finished
        False if the last curve may be half written; it is then left out.

    Returns
    -------
    FilamentCurves
        Curves from the contact line (z = 0) to the axis (r = 0).

    Raises
    ------
    InputError
        If there is no complete curve.
    """
    time = table["time_s"].to_numpy(dtype=float)
    points = table[["r_m", "z_m"]].to_numpy(dtype=float)
    starts = np.flatnonzero(np.r_[True, np.diff(time) != 0]) if time.size else np.array([], int)
    curves = [_from_contact_line(part) for part in np.split(points, starts[1:]) if len(part)]
    times = time[starts]
    if curves and not finished and not _is_complete(curves[-1]):
        curves, times = curves[:-1], times[:-1]
    if not curves:
        raise InputError(f"{path}: at least one complete filament curve is wanted, got none")
    if any(len(curve) < 2 for curve in curves) or not np.isfinite(points).all():
        raise InputError(f"{path}: curves of two or more finite points are wanted, got fewer")
    return FilamentCurves(times=times, points=tuple(curves))


def _from_contact_line(curve: np.ndarray) -> np.ndarray:
    """Order a curve from the contact line to the axis."""
    return curve[::-1] if curve[0, 1] > curve[-1, 1] else curve


def _is_complete(curve: np.ndarray) -> bool:
    """Tell whether a curve reaches from the counter electrode to the axis."""
    return bool(abs(curve[0, 1]) <= END_TOLERANCE and abs(curve[-1, 0]) <= END_TOLERANCE)


def mirrored(curve: np.ndarray) -> np.ndarray:
    """Continue a curve over the axis to its mirror image.

    Parameters
    ----------
    curve
        (r, z), shape (points, 2), from the contact line to the axis.

    Returns
    -------
    numpy.ndarray
        From the left contact line (r < 0) over the axis to the right one, shape
        (2 points - 1, 2) if the curve ends on the axis.
    """
    left = curve * np.array([-1.0, 1.0])
    right = curve[::-1]
    return np.vstack([left, right[1:] if right[0, 0] == 0.0 else right])


def resample(curve: np.ndarray, fractions: np.ndarray, cap: np.ndarray) -> np.ndarray:
    """Resample a curve on fractions of its height, then across its top to the axis.

    Parameters
    ----------
    curve
        (r, z), shape (points, 2), from the contact line to the axis.
    fractions
        Fractions of the height for the flank, 0 to 1.
    cap
        Fractions of the radius of the highest point, from 1 down to 0, for a top whose highest
        point is off the axis; may be empty.

    Returns
    -------
    numpy.ndarray
        (r, z), shape (fractions + cap, 2).
    """
    # Loads SciPy, which reading a run can do without.
    from tusk.meshes.curve import outer_radius

    top = int(curve[:, 1].argmax())
    bottom = curve[:, 1].min()
    heights = bottom + fractions * (curve[top, 1] - bottom)
    flank = np.column_stack([outer_radius(curve, heights), heights])
    rest = curve[top:][::-1]
    cap_radius = cap * curve[top, 0]
    cap_height = np.interp(cap_radius, np.maximum.accumulate(rest[:, 0]), rest[:, 1])
    return np.vstack([flank, np.column_stack([cap_radius, cap_height])])


def shape_progress(curves: FilamentCurves) -> np.ndarray:
    """Measure how far the shape has travelled, in heights plus radii, shape (curves,).

    The sum of the relative changes of greatest height and greatest radius: equal spacing in it
    gives outlines that can be told apart, whatever the speed.
    """
    height, radius = curves.heights(), curves.radii()
    steps = np.abs(np.diff(height)) / height.max() + np.abs(np.diff(radius)) / radius.max()
    return np.concatenate([[0.0], np.cumsum(steps)])


def shrinking(curves: FilamentCurves) -> np.ndarray:
    """Tell which curves are clearly smaller than an earlier one, shape (curves,), booleans."""
    sizes = (curves.heights(), curves.radii())
    smaller = [size < (1.0 - SHRUNK) * np.maximum.accumulate(size) for size in sizes]
    return np.asarray(np.logical_or(*smaller))


def telling_indices(curves: FilamentCurves, count: int) -> np.ndarray:
    """Choose at most ``count`` curves, evenly spaced in shape.

    Of nearly equal shapes the first is taken: a filament that has come to rest is chosen when it
    did so, not at the end of the run.
    """
    progress = shape_progress(curves)
    total = progress[-1]
    wanted = np.linspace(0.0, total, count) - AT_REST * total
    return np.unique(np.searchsorted(progress, wanted).clip(0, len(curves) - 1))
