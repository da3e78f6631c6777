"""What becomes of a surface whose metal or oxide is thinner than an atom somewhere."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tusk.solver.errors import SolveError
from tusk.solver.front.mechanics.curves import Curve, End, Front
from tusk.solver.front.mechanics.events import Event, EventKind, Limits
from tusk.solver.front.mechanics.topology import reconnected
from tusk.solver.front.surface import Array, Shape
from tusk.solver.models.filament.history import History
from tusk.solver.models.filament.state import State

CRACK = 3.0
"""Length, in atoms, of the crack under a base that is cut."""


@dataclass(frozen=True, slots=True)
class Surgery:
    """Changes of topology that are due.

    Attributes
    ----------
    front
        All pieces of metal afterwards, nm.
    events
        What happened, in order; lengths in nm, volumes in nm³.
    """

    front: Front
    events: tuple[Event, ...]

    @property
    def filament(self) -> Curve | None:
        """The one piece that is left, on the counter-electrode; None if it is otherwise."""
        curves = self.front.curves
        stands = len(curves) == 1 and curves[0].ends == (End.AXIS, End.COUNTER)
        return curves[0] if stands else None

    @property
    def pieces(self) -> str:
        """What is left, in words."""
        return ", ".join(curve.kind() for curve in self.front.curves) or "nothing"


def due(curve: Array, atom: float, nucleus: float) -> Surgery | None:
    """Return what is due on a curve (n, 2), nm, None if nothing is; a nucleus may be any speck.

    Parameters
    ----------
    curve
        The surface of the filament.
    atom
        Diameter of an atom, nm: metal is severed where its radius is half of it, surfaces join
        where they are nearer than it, and less than its cube is no metal.
    nucleus
        Radius of the nucleus, nm, which dissolves no further.

    Raises
    ------
    FrontError
        If the surface cannot be mended.
    """
    cut = _undercut(curve, atom, nucleus)
    if cut is not None:
        return cut
    front, events = reconnected(Front((Curve(curve),)), Limits(0.5 * atom, atom**3, atom))
    return Surgery(front, events) if events and front.curves else None


def _undercut(curve: Array, atom: float, nucleus: float) -> Surgery | None:
    """Return the severing at the base of a body that stands on its nucleus alone, None if sound.

    At most one more atom is left around the nucleus then, and a crack thinner than an atom runs
    under the metal from there outwards, `CRACK` atoms far at least.
    """
    r, z = curve.T
    under = (z <= atom) & (r >= r[-1] + CRACK * atom)
    if r[-1] > nucleus + atom or not under.any():
        return None
    body = Curve(np.vstack((curve[:-1], (0.0, curve[-2, 1]))), End.AXIS, End.AXIS)
    lost = Curve(curve).volume - body.volume
    return Surgery(Front((body,)), (Event(EventKind.SEVERED, float(r[-1]), 0.0, lost),))


def operated(state: State, curve: Array) -> State:
    """Return a state with another curve (m, 2) in place of its own.

    What belongs to nodes is that of the nearest node of before; what has been before the event
    does not tell what follows.
    """
    old = state.shape.curve
    nearest = np.hypot(*(curve[:, None] - old[None]).transpose(2, 0, 1)).argmin(axis=1)
    former = History(state.former.solution, state.former.velocity[nearest], 0.0)
    return replace(
        state,
        shape=Shape(curve, state.shape.electrode),
        normal_velocity=state.normal_velocity[nearest],
        former=former,
        memories={name: _picked(memory, nearest) for name, memory in state.memories.items()},
    )


def _picked[M](memory: M, nodes: NDArray[np.int64]) -> M:
    """Return a memory with what it holds of nodes picked at ``nodes`` (m,)."""
    names: tuple[str, ...] | None = getattr(type(memory), "nodal", None)
    if names is None or not is_dataclass(memory) or isinstance(memory, type):
        raise SolveError(f"surgery: {type(memory).__name__} does not say what belongs to its nodes")
    return replace(memory, **{name: getattr(memory, name)[nodes] for name in names})
