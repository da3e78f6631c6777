"""What a simulation carries from step to step, and what controls its steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.filament.contact import ContactState
from tusk.solver.models.filament.domain import Shape
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.history import History
from tusk.solver.physics.waveform import Position

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Control:
    """Step control: relative tolerance, caps of the motion (nm, fraction of the gap), times (s)."""

    tolerance: float
    max_displacement: float
    gap_fraction: float
    first_step: float
    minimum_step: float
    minimum_gap: float


@dataclass(frozen=True, slots=True)
class State:
    """One accepted state; nothing in it is ever changed in place.

    Attributes
    ----------
    time, drive
        s and V (A for a current source).
    position
        Where the waveform stands.
    shape
        Filament curve and electrode.
    solution
        Nodal fields (n, 3) on the mesh of the step: V, V, K.
    normal_velocity
        Outward normal velocity of the curve nodes, nm/s.
    held
        Curve nodes that rest on the nucleus.
    current
        Electronic plus ionic current across the gap, A.
    deposited, deposition_rate
        Metal volume since the start by Faraday's law, nm³, and its rate, nm³/s: the charge that
        crossed the filament's surface, integrated over surface and time by the solver.
    heat
        The state before, for transient heat.
    former
        The state before, for predictions.
    contact
        What the contact remembers, if there can be one.
    """

    time: float
    drive: float
    position: Position
    shape: Shape
    solution: Array
    normal_velocity: Array
    held: np.ndarray
    current: float
    deposited: float
    deposition_rate: float
    heat: HeatHistory
    former: History
    contact: ContactState | None = None


@dataclass(slots=True)
class Counters:
    """How the stepper got along."""

    accepted: int = 0
    rejected: int = 0
    failed_solves: int = 0
    solves: int = 0
    newton_iterations: int = 0
    meshes: int = 0
