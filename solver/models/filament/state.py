"""What a simulation carries from step to step, and what controls its steps."""

from __future__ import annotations

from dataclasses import dataclass

from tusk.solver.front.process import Memories
from tusk.solver.front.surface import Array, Shape
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.history import History
from tusk.solver.physics.waveform import Position


@dataclass(frozen=True, slots=True)
class Control:
    """Step control: relative tolerance, caps of the motion (nm, fraction of the gap), times (s).

    ``voltage_step`` caps the change of the drive in a step (V, A), infinite without a cap;
    ``growth`` is the largest factor from one step to the next.
    """

    tolerance: float
    max_displacement: float
    gap_fraction: float
    first_step: float
    minimum_step: float
    minimum_gap: float
    voltage_step: float
    growth: float


@dataclass(frozen=True, slots=True)
class State:
    """One accepted state; nothing in it is ever changed in place.

    Attributes
    ----------
    time, drive
        s, as exactly as one number can say it, and V (A for a current source).
    position, offset
        Where the waveform stands, and the time in its frame, s: what is computed with.
    shape
        Filament curve and electrode.
    solution
        Nodal fields (n, 3) on the mesh of the step: V, V, K.
    normal_velocity
        Outward normal velocity of the curve nodes, nm/s.
    current
        Electronic plus ionic current across the gap, A.
    deposited, deposition_rate
        Metal volume since the start by Faraday's law, nm³, and its rate, nm³/s: the charge that
        crossed the filament's surface, integrated over surface and time by the solver.
    largest_deposit
        Its largest size so far, nm³.
    heat
        The state before, for transient heat.
    former
        The state before, for predictions.
    memories
        What the processes of the surface remember, by name.
    """

    time: float
    drive: float
    position: Position
    offset: float
    shape: Shape
    solution: Array
    normal_velocity: Array
    current: float
    deposited: float
    deposition_rate: float
    largest_deposit: float
    heat: HeatHistory
    former: History
    memories: Memories
