"""Ends of a run that physics, not the drive, brings about."""

from __future__ import annotations

from tusk.meshes.curve import envelope_end
from tusk.solver.core.saved_run import End
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.models.filament.surgery import Surgery, due

LANDED = 1e-4
"""Height (nm) of a crack under the base at which it counts as closed behind its tip."""

NEARER = 0.005
"""How much nearer (nm) metal is that no column reaches in a tip that counts as hollow."""

ELECTRODE_REST = 0.5
"""Thickness (nm) of active electrode below which it counts as used up."""


def is_hollow(simulation: Simulation) -> bool:
    """Return whether metal beyond the gap columns is nearer to the electrode than in them.

    So it is around a pit with a steep wall: electrons tunnel along columns, and would be lost.
    """
    physics, count = simulation.tools.physics, len(simulation.domain.cell.columns)
    if physics.gap_measure != "column" or not physics.gap_conductor.conducts or not count:
        return False
    shape = simulation.state.shape
    gap = shape.gap(simulation.tools.stack)[: envelope_end(shape.curve) + 1]
    return len(gap) > count and bool(gap[count:].min() < gap[:count].min() - NEARER)


def withdrawn(simulation: Simulation) -> End | None:
    """Go back from a step into a hollow tip and return how the run ends, None if it was none.

    The currents there would be those of other gaps than its own: the state before is the last.
    """
    if not is_hollow(simulation):
        return None
    simulation.rewind()
    return End("finished", "pitted")


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
    if is_hollow(simulation):
        return End("finished", "pitted")
    surgery = changes(simulation)
    if surgery is not None and surgery.filament is None:
        return End("finished", "severed")
    if surgery is None and curve[:-1, 1].min() < LANDED:
        return End("finished", "undercut")
    return None
