"""Ends of a run that physics, not the drive, brings about."""

from __future__ import annotations

from tusk.solver.core.saved_run import End
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.models.filament.surgery import Surgery, due

ELECTRODE_REST = 0.5
"""Thickness (nm) of active electrode below which it counts as used up."""


def changes(simulation: Simulation) -> Surgery | None:
    """Return the changes of topology that are due at the present state, None if none are."""
    tools = simulation.tools
    return due(simulation.state.shape.curve, tools.atom_size, tools.nucleus_radius)


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
    curve = shape.curve
    recess = float(shape.electrode.recess(curve[:, 1], curve[:, 0]).max())
    if gap <= simulation.control.minimum_gap and simulation.contact.ends_run:
        return End("finished", "gap_closed")
    if recess > stack.active_electrode_thickness - ELECTRODE_REST:
        return End("finished", "electrode_exhausted")
    surgery = changes(simulation)
    if surgery is not None and surgery.filament is None:
        return End("finished", "severed")
    return None
