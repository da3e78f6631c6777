"""A step of a surface with tension: advanced by the mechanics of the front, within a step of ours.

Charge transfer is an explicit velocity at the curvature where the step begins; how curvature
changes it meanwhile is implicit, with surface diffusion and the contact line.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.meshes.curve import nodal_velocity, segment_lengths
from tusk.solver.errors import MeshTangled
from tusk.solver.front.kinetics import curvature
from tusk.solver.front.mechanics.curves import Curve, FrontError, node_areas
from tusk.solver.front.mechanics.surface import Surface, deposit_rates
from tusk.solver.front.mechanics.surface_diffusion import Advanced, advance
from tusk.solver.front.process import Memories
from tusk.solver.front.surface import Array, Solved
from tusk.solver.models.filament.history import History
from tusk.solver.models.filament.solved_cell import SolvedCell
from tusk.solver.physics.constants import NM

ROUNDS = 4
"""Corrections of a velocity so that it brings given volumes to the nodes."""


@dataclass(frozen=True, slots=True)
class Pull:
    """A surface with what moves it.

    Attributes
    ----------
    curve
        Its nodes (n, 2), nm.
    surface
        What moves it; nm, s.
    missing
        Volume per time (n,), nm³/s, that the equations bring to the nodes beyond the integral of
        the piecewise linear velocity: curvature stands in an exponential.
    """

    curve: Array
    surface: Surface
    missing: Array

    def foreseen(self, former: History, step: float, thinnest: float) -> Advanced:
        """Return the surface ``step`` seconds later, by how velocities have changed so far.

        Parameters
        ----------
        former
            The state before.
        step
            s; shorter where metal becomes thinner than ``thinnest``.
        thinnest
            nm; 0 for no end.

        Raises
        ------
        MeshTangled
            If the surface cannot be advanced.
        """
        unit = nodal_velocity(self.curve, np.ones(len(self.curve)))
        now = nodal_velocity(self.curve, self.surface.velocity)
        mean = former.displacement(now, step) / step
        square = np.einsum("ij,ij->i", unit, unit)
        rates = deposit_rates(self.curve, np.einsum("ij,ij->i", mean, unit) / square)
        return self._advanced(self._bringing(rates + self.missing), step, thinnest)

    def corrected(self, end: Pull, step: float) -> Advanced:
        """Return the surface ``step`` seconds later, by the mean of both ends.

        Raises
        ------
        MeshTangled
            As `foreseen`.
        """
        here, there = self.surface, end.surface
        rates = deposit_rates(self.curve, here.velocity) + self.missing
        rates += deposit_rates(end.curve, end.velocity_at(self.curve)) + end.missing
        mean = replace(
            here,
            mobility=0.5 * (here.mobility + there.mobility),
            damping=0.5 * (here.damping + there.damping),
        )
        return replace(self, surface=mean)._advanced(self._bringing(0.5 * rates), step, 0.0)

    def velocity_at(self, other: Array) -> Array:
        """Return the velocity of charge transfer at the curvature of another curve (n,), nm/s."""
        change = curvature(self.curve) - curvature(other)
        return self.surface.velocity + self.surface.damping * change

    def _bringing(self, rates: Array) -> Array:
        """Return the velocity (n,) that brings volumes per time (n,) to the nodes."""
        areas = node_areas(self.curve)
        velocity = rates / areas
        for _ in range(ROUNDS):
            velocity = velocity + (rates - deposit_rates(self.curve, velocity)) / areas
        return velocity

    def _advanced(self, velocity: Array, step: float, thinnest: float) -> Advanced:
        surface = replace(self.surface, velocity=velocity)
        try:
            return advance(Curve(self.curve), step, surface, smallest_radius=thinnest)
        except FrontError as error:
            raise MeshTangled(str(error)) from error


def missing_deposit(cell: SolvedCell, at: Solved, fields: Array, memories: Memories) -> Array:
    """Return `Pull.missing` (n,) of the present placement, nm³/s.

    Parameters
    ----------
    cell
        Placed at the surface.
    at, fields
        Its solution, and as nodal fields of the whole mesh (k, 3).
    memories
        What the processes remember.
    """
    domain = cell.domain
    weights = cell.processes.weights(memories, at.shape)
    domain.weigh(weights)
    leaving = domain.discrete.filament_ions(fields)[domain.cell.filament_nodes]
    flow = at.charge_transfer
    density = weights.dissolving * flow.anodic - weights.depositing * flow.cathodic
    seen = hat_integrals(at.shape.curve, density) * NM**2
    growth = cell.tools.physics.growth
    return np.asarray(-growth.volume_per_charge * (leaving - seen) / NM**3)


def hat_integrals(points: Array, values: Array) -> Array:
    """Return the integral of piecewise linear ``values`` times each node's hat function (n,)."""
    r0, r1, v0, v1 = points[:-1, 0], points[1:, 0], values[:-1], values[1:]
    length = segment_lengths(points) * np.pi / 6.0
    out = np.zeros(len(points))
    out[:-1] += length * (v0 * (3.0 * r0 + r1) + v1 * (r0 + r1))
    out[1:] += length * (v1 * (3.0 * r1 + r0) + v0 * (r0 + r1))
    return out
