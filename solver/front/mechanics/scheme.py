"""One implicit step of a curve under its surface tension: parametric finite elements.

With outward normal n, sum of the principal curvatures κ and arc length s, positions X¹ and κ¹ at
the end of a step satisfy for all hat functions χ, η (Barrett, Garcke, Nürnberg 2019, axisymmetric)

    ⟨r (X¹ - X⁰)·n, χ⟩ + Δt ⟨r B κ¹_s, χ_s⟩ = Δt ⟨r (v - M (κ¹ - κ⁰)), χ⟩
    ⟨r κ¹ n, η⟩ - ⟨r X¹_s, η_s⟩ = ⟨e_r, η⟩ - r cosθ η_r at contact lines

What is different here: everything but the wanted lengths of elements is taken at the end of the
step, by Newton's method (second order with the stages of `surface_diffusion`); the nodes' weights
are the areas nearest to them (κ is right on the axis); the volume that elements sweep enters
exactly (volume is kept to rounding); the tangential part keeps each element's share of the length.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import LinAlgError, solve_banded

from tusk.meshes.curve import Points, Values, segment_lengths
from tusk.solver.front.mechanics.curves import Curve, End, FrontError, node_areas
from tusk.solver.front.mechanics.elements import (
    balanced_lengths,
    outflow,
    shares,
    swept_volume,
    tension,
)
from tusk.solver.front.mechanics.surface import ContactLine, Surface

BAND = 5
"""Diagonals above and below the main one: unknowns r, z, κ of a node and its neighbours."""

MOST_ITERATIONS = 30
"""Newton iterations before a step counts as too long."""

CONVERGED = 1e-12
"""Change of a position in the last iteration over the size of the body."""


class NotConverged(FrontError):  # noqa: N818  (named after the event)
    """Newton's method did not solve a step: it is too long."""


def scheme_curvature(curve: Curve, surface: Surface) -> Values:
    """Return κ at the nodes (n,) as the scheme sees it: the area's derivative over the volume's.

    At a contact line it contains what is missing to Young's angle.
    """
    points, count = curve.points, len(curve.points)
    terms, _ = tension(np.column_stack((points, np.zeros(count))), balanced_lengths(points))
    pull, normals = np.zeros((count, 2)), np.zeros((count, 2))
    first, last = shares(points)
    pull[:-1], normals[:-1] = terms[:2].T, first
    pull[1:] += terms[2:].T
    normals[1:] += last
    for node, end in zip((0, -1), curve.ends, strict=True):
        line = surface.line(end)
        held = 0 if line is None else 1
        if line is not None:
            pull[node, 0] -= points[node, 0] * np.cos(line.angle)
        pull[node, held] = normals[node, held] = 0.0
    square = np.einsum("ij,ij->i", normals, normals)
    return np.asarray(np.einsum("ij,ij->i", pull, normals) / square)


def reference_curvature(curve: Curve, surface: Surface) -> Values:
    """Return the present κ (n,) for charge transfer: `scheme_curvature` away from contact lines.

    There it is extrapolated, for what is missing to Young's angle drives no charge transfer.
    """
    kappa = scheme_curvature(curve, surface)
    length = segment_lengths(curve.points)
    if curve.first is not End.AXIS:
        kappa[0] = kappa[1] + (kappa[1] - kappa[2]) * length[0] / length[1]
    if curve.last is not End.AXIS:
        kappa[-1] = kappa[-2] + (kappa[-2] - kappa[-3]) * length[-1] / length[-2]
    return kappa


def explicit_velocity(curve: Curve, surface: Surface, rates: Values) -> Values:
    """Return the normal velocity (n,) of the present shape; nodes receive ``rates`` (n,)."""
    unknown = np.column_stack((curve.points, scheme_curvature(curve, surface)))
    mobility = 0.5 * (surface.mobility[1:] + surface.mobility[:-1])
    flow, _ = outflow(unknown, mobility)
    gained = rates / (2.0 * np.pi)
    gained[:-1] -= flow
    gained[1:] += flow
    return np.asarray(2.0 * np.pi * gained / node_areas(curve.points))


def implicit_step(
    curve: Curve, step: float, surface: Surface, deposit: Values, reference: Values
) -> Points:
    """Return the nodes (n, 2) after ``step`` seconds.

    Parameters
    ----------
    curve
        Where the surface is.
    step
        s.
    surface
        What moves it; its velocity is not used.
    deposit
        Volume brought to each node within the step (n,), `deposit_rates` times the step.
    reference
        κ⁰, at which charge transfer has the velocity that ``deposit`` stands for (n,).

    Raises
    ------
    NotConverged
        If the step is too long to be solved.
    """
    old, size = curve.points, float(np.ptp(curve.points, axis=0).max())
    total, lengths = segment_lengths(old).sum(), balanced_lengths(old)
    mobility = 0.5 * step * (surface.mobility[1:] + surface.mobility[:-1])
    damping = step * surface.damping * node_areas(old) / (2.0 * np.pi)
    unknown = np.column_stack((old, scheme_curvature(curve, surface)))
    given = deposit / (2.0 * np.pi) + damping * reference
    for _ in range(MOST_ITERATIONS):
        wanted = lengths * (segment_lengths(unknown[:, :2]).sum() / total)
        system = _System(unknown, damping, given)
        system.add_elements(old, wanted, mobility)
        for node, end in zip((0, -1), curve.ends, strict=True):
            system.hold(node, old[node], surface.line(end), step)
        change = system.solved()
        unknown = unknown - change
        moved = float(np.abs(change[:, :2]).max())
        if moved <= CONVERGED * size:
            return unknown[:, :2].copy()
        if not moved < size:
            break
    raise NotConverged(f"front: a step of {step:.3g} s is too long for its surface tension")


class _System:
    """The banded linear system of one Newton iteration: r, z, κ of all nodes.

    Parameters
    ----------
    unknown
        r, z, κ of the iterate (n, 3).
    damping, given
        Δt M times area over 2π, and what is deposited over 2π (n,).
    """

    def __init__(self, unknown: Points, damping: Values, given: Values) -> None:
        self.unknown = unknown
        self.matrix = np.zeros((2 * BAND + 1, unknown.size))
        self.residual = np.zeros(unknown.size)
        self.matrix[BAND, 2::3] = damping
        self.residual[2::3] = damping * unknown[:, 2] - given

    def add_elements(self, old: Points, wanted: Values, mobility: Values) -> None:
        """Add tension, swept volume and outflow of all elements."""
        pull, pull_slope = tension(self.unknown, wanted)
        flow, flow_slope = outflow(self.unknown, mobility)
        swept, swept_slope = swept_volume(self.unknown[:, :2], old)
        values = np.stack((*pull[:2], swept[0] + flow, *pull[2:], swept[1] - flow))
        slopes = np.stack(
            (*pull_slope[:2], swept_slope[0] + flow_slope, *pull_slope[2:],
             swept_slope[1] - flow_slope)
        )  # fmt: skip
        count = len(wanted)
        for row in range(6):
            self.residual[row : row + 3 * count : 3] += values[row]
            for column in range(6):
                where = slice(column, column + 3 * count, 3)
                self.matrix[BAND + row - column, where] += slopes[row, column]

    def hold(self, node: int, old: Values, line: ContactLine | None, step: float) -> None:
        """Hold the end ``node`` (0 or -1) on the axis or on its electrode."""
        row, radius = 3 * (len(self.unknown) - 1) if node else 0, float(self.unknown[node, 0])
        if line is None:
            self._impose(row, radius)
            return
        self._impose(row + 1, float(self.unknown[node, 1] - old[1]))
        moved = radius - float(old[0])
        if line.mobility == 0.0:
            self._impose(row, moved)
            return
        lack = np.cos(line.angle) - moved / (line.mobility * step)
        self.residual[row] -= radius * lack
        self.matrix[BAND, row] -= lack - radius / (line.mobility * step)

    def _impose(self, row: int, residual: float) -> None:
        """Replace a row by: the unknown changes by ``residual``."""
        for column in range(max(0, row - BAND), min(len(self.residual), row + BAND + 1)):
            self.matrix[BAND + row - column, column] = 0.0
        self.matrix[BAND, row], self.residual[row] = 1.0, residual

    def solved(self) -> Points:
        """Return what is to be taken from the unknowns (n, 3)."""
        try:
            change = solve_banded((BAND, BAND), self.matrix, self.residual, check_finite=False)
        except LinAlgError as error:
            raise NotConverged("front: the equations of the surface are singular") from error
        return np.asarray(change).reshape(-1, 3)
