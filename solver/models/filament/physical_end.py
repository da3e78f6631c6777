"""Ends of a run that physics, not the drive, brings about."""

from __future__ import annotations

import numpy as np

from tusk.meshes.curve import pit_depth
from tusk.solver.core.saved_run import End
from tusk.solver.models.filament.simulation import Simulation

PINCH_SHARE, PINCHED_BODY = 1.01, 1.5
"""A filament is cut when its neck is as narrow as the nucleus and its body this much wider."""

LANDED = 1e-4
"""Height (nm) of a crack under the base at which it counts as closed behind its tip."""

ELECTRODE_REST = 0.5
"""Thickness (nm) of active electrode below which it counts as used up."""


def physical_end(simulation: Simulation, gap: float) -> End | None:
    """Return how the run ends at the present state, None if it goes on.

    Parameters
    ----------
    simulation
        At an accepted state.
    gap
        Its narrowest gap, nm.
    """
    stack, shape = simulation.tools.stack, simulation.state.shape
    curve, nucleus, atom = shape.curve, simulation.tools.nucleus_radius, simulation.tools.atom_size
    recess = float(shape.electrode.recess(curve[:, 1], curve[:, 0]).max())
    if gap <= simulation.control.minimum_gap and simulation.contact.ends_run:
        return End("finished", "gap_closed")
    if recess > stack.active_electrode_thickness - ELECTRODE_REST:
        return End("finished", "electrode_exhausted")
    if curve[:, 0].max() > PINCHED_BODY * nucleus and neck(curve) < PINCH_SHARE * nucleus:
        return End("finished", "pinched_off")
    if curve[:-1, 1].min() < LANDED:
        return End("finished", "undercut")
    if pit_depth(curve, atom).max() > atom:
        return End("finished", "pitted")
    return None


def neck(curve: np.ndarray) -> float:
    """Return the smallest radius below the widest point above it (nm); infinity without a neck."""
    radius = curve[:, 0]
    widest_above = np.maximum.accumulate(radius)
    necking = radius < 0.999 * widest_above
    return float(radius[necking].min()) if necking.any() else float("inf")
