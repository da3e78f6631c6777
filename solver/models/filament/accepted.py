"""Observables from files: what they see of an accepted step, and what they add to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.closures.observables import Observable
from tusk.solver.errors import SolveError
from tusk.solver.models.filament.observables import Row
from tusk.solver.models.filament.simulation import Simulation
from tusk.solver.physics.constants import NM

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An accepted step; lengths in m, nothing in it can be written to.

    Attributes
    ----------
    row
        The row of ``timeseries.csv``: ``row.current_A``, ``row.time_s`` …
    curve
        Surface of the filament from the axis outwards, r and z (n, 2).
    surface
        Electronic and ionic potential (V) and temperature (K) there (n, 3).
    points
        Nodes of the mesh, r and z (k, 2).
    fields
        The same three fields there (k, 3).
    cells
        Triangles of the mesh (m, 3), numbers of nodes.
    regions
        Material of each (m,): the constants of `tusk.meshes.cell`.
    """

    row: Row
    curve: Array
    surface: Array
    points: Array
    fields: Array
    cells: NDArray[np.int64]
    regions: NDArray[np.int64]


def accepted(simulation: Simulation, row: Row) -> Accepted:
    """Return what the observables see of the present state."""
    state, domain = simulation.state, simulation.domain
    return Accepted(
        row=row,
        curve=_locked(state.shape.curve * NM),
        surface=_locked(state.solution[domain.cell.filament_nodes]),
        points=_locked(domain.points * NM),
        fields=_locked(state.solution.view()),
        cells=_locked(domain.cell.cells.view()),
        regions=_locked(domain.regions.view()),
    )


def _locked[T: np.ndarray](array: T) -> T:
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class Observables:
    """The observables of a run.

    Attributes
    ----------
    members
        In the order of the config.
    """

    members: Sequence[Observable]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, units in them; none without an observable."""
        return tuple(column for member in self.members for column in member.columns)

    def values(self, simulation: Simulation, row: Row) -> tuple[float, ...]:
        """Return the values of an accepted step.

        Raises
        ------
        SolveError
            If an observable raises anything, or returns other columns than it declares.
        """
        if not self.members:
            return ()
        state = accepted(simulation, row)
        return tuple(value for member in self.members for value in _measured(member, state))


def _measured(member: Observable, state: Accepted) -> list[float]:
    try:
        found = dict(member.law.observe(state))
        if found.keys() != member.names.keys():
            raise ValueError(f"returns {', '.join(found)}, declared {', '.join(member.names)}")
        return [float(found[name]) for name in member.names]
    except Exception as error:  # whatever it raises ends the run with what was written so far
        cause = " ".join(str(error).split())
        name = type(member.law).__name__
        raise SolveError(
            f"{member.key}: {name} fails with {type(error).__name__}: {cause}"
        ) from error
