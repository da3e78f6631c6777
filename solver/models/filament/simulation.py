"""Grow the filament: adaptive steps of the moving geometry, each a transaction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tusk.meshes.curve import nodal_velocity, revolved_volume
from tusk.solver.checkpoint import Tree, pack, unpack
from tusk.solver.core.stepper import Counters, Stepper
from tusk.solver.fields.field import HEAT
from tusk.solver.front.contact import Contact
from tusk.solver.front.process import Processes
from tusk.solver.front.surface import Shape
from tusk.solver.models.filament.domain import Domain, Tools
from tusk.solver.models.filament.front_step import FrontStep
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.history import History
from tusk.solver.models.filament.solved_cell import SolvedCell
from tusk.solver.models.filament.state import Control, State
from tusk.solver.physics.waveform import Drive


@dataclass(frozen=True, slots=True)
class Setting:
    """What a simulation is made of and never changes; members of an ensemble share all but one.

    Attributes
    ----------
    tools
        What every mesh of the run shares.
    drive
        The waveform.
    shape
        Initial shape: the nucleus.
    control
        Step control.
    processes
        What moves the surface.
    contact
        The one of them that says how filament and electrode meet.
    keep_recess
        The recess of the electrode does not heal when the filament shrinks.
    """

    tools: Tools
    drive: Drive
    shape: Shape
    control: Control
    processes: Processes
    contact: Contact[Any]
    keep_recess: bool = False


class Simulation:
    """A filament run in progress.

    Parameters
    ----------
    setting
        What it is made of.
    saved
        Continue a simulation: what `snapshot` regained of it.  The setting is the one given here.

    Attributes
    ----------
    state, previous
        The accepted state, and the one that its step set out from on the present mesh.
    """

    def __init__(self, setting: Setting, saved: Tree | None = None) -> None:
        self.setting = setting
        self.tools = setting.tools
        self.drive = setting.drive
        self.control = setting.control
        self.contact = setting.contact
        self.processes = setting.processes
        if saved is None:
            self.cell = SolvedCell(self.tools, self.processes, setting.shape)
        else:
            state = self._unpacked(saved["state"])
            self.cell = SolvedCell(self.tools, self.processes, state.shape, saved["domain"])
        self.counters: Counters = self.cell.counters
        step = FrontStep(self.cell, self.drive, self.control, setting.keep_recess)
        self.stepper: Stepper[State] = Stepper(
            step,
            self.control.minimum_step,
            self.control.first_step,
            self.counters,
            self.control.growth,
        )
        if saved is None:
            self.initial_volume = revolved_volume(self.domain.shape.curve)
            self.state = self.previous = self._start()
        else:
            self._continue_from(saved)

    @property
    def domain(self) -> Domain:
        """The present mesh."""
        return self.cell.domain

    @property
    def touch(self) -> object:
        """What the contact remembers."""
        return self.state.memories[self.contact.name]

    def _start(self) -> State:
        """Return the nucleus at zero drive, solved."""
        cell, shape = self.cell, self.domain.shape
        position = self.drive.start()
        value = self.drive.value(position, 0.0)
        guess = self.domain.start_values(0.0)
        heat = HeatHistory(guess[:, HEAT], self.domain.points, 0.0)
        cell.freeze(guess)
        memories = self.processes.begin(shape)
        cell.weigh(memories)
        solution = cell.solve(guess, value)
        still = np.zeros(len(shape.curve))
        former = History(solution, nodal_velocity(shape.curve, still), 0.0)
        state = State(
            time=0.0, drive=value, position=position, offset=0.0, shape=shape,
            solution=solution, normal_velocity=still, current=0.0, deposited=0.0,
            deposition_rate=0.0, largest_deposit=0.0, heat=heat, former=former, memories=memories,
        )  # fmt: skip
        state = cell.solved(state, solution, memories)
        velocity = nodal_velocity(shape.curve, state.normal_velocity)
        return replace(state, former=replace(former, velocity=velocity))

    # --- steps ----------------------------------------------------------------------------------

    def advance(self, longest: float = np.inf) -> State:
        """Take one accepted step of at most ``longest`` seconds.

        Raises
        ------
        StepTooSmall
            If no step above the floor succeeds; the last good state is untouched.
        MeshTangled, NewtonDiverged
            If the mesh is of no use any more and a new one cannot be had.
        """
        self.previous, self.state = self.stepper.advance(self.state, longest)
        return self.state

    @property
    def taken(self) -> float:
        """Length of the last accepted step, s."""
        return self.state.heat.step

    def rewind(self) -> None:
        """Undo the last accepted step; the mesh is still the one it was taken on."""
        self.state = self.previous
        self.cell.place(self.state.shape, self.state.memories)
        self.counters.accepted -= 1

    def retry(self, length: float) -> None:
        """Take the last accepted step again, at most ``length`` seconds long.

        Raises
        ------
        StepTooSmall
            As `advance`.
        """
        self.rewind()
        self.stepper.step = length
        self.advance(longest=length)

    def leave_drive_step(self, after: int | None = None) -> bool:
        """Leave the present step of the drive, for a certain one or the next; False at its end."""
        position = self.drive.leave(self.state.position, self.state.offset, after)
        if position is None:
            return False
        self.state = replace(self.state, position=position, offset=0.0)
        self.stepper.step = min(self.stepper.step, self.control.first_step)
        return True

    # --- ledger ---------------------------------------------------------------------------------

    def faraday_error(self) -> float:
        """Return |geometric - deposited| volume over the largest volume deposited so far."""
        grown = self.cell.volume(self.state) - self.initial_volume
        scale = max(self.state.largest_deposit, 0.05 * self.initial_volume)
        return float(abs(grown - self.state.deposited) / scale)

    # --- checkpoints ----------------------------------------------------------------------------

    def snapshot(self) -> dict[str, object]:
        """Return all that the next step depends on, for a checkpoint (lengths in nm, V, K, s)."""
        return {
            "state": pack(self.state),
            "previous": pack(self.previous),
            "domain": self.domain.state(),
            "counters": pack(self.counters),
            "next_step": self.stepper.step,
            "initial_volume": self.initial_volume,
        }

    def _unpacked(self, saved: Tree) -> State:
        state = unpack(State, saved)
        memories = saved["memories"]
        found = {p.name: unpack(p.memory, memories[p.name]) for p in self.processes}
        return replace(state, memories=found)

    def _continue_from(self, saved: Tree) -> None:
        """Take up what `snapshot` regained; the next step is the one that followed there."""
        self.state, self.previous = (self._unpacked(saved[name]) for name in ("state", "previous"))
        self.cell.weigh(self.state.memories)
        for name, value in saved["counters"].items():
            setattr(self.counters, name, value)
        self.stepper.step = saved["next_step"]
        self.initial_volume = saved["initial_volume"]
