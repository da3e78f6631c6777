"""One step of the moving surface: predicted, solved, corrected, solved again, and judged.

The surface is predicted by what `.history` remembers and corrected by the trapezoidal rule; what
the correction changed measures the error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.meshes.curve import nodal_velocity, revolved_volume
from tusk.solver.core.stepper import Attempt, Limit
from tusk.solver.errors import MeshTangled, NewtonDiverged, SolveError
from tusk.solver.fields.field import HEAT
from tusk.solver.front.process import Event, Memories, Processes
from tusk.solver.front.surface import Array, Shape
from tusk.solver.models.filament.charging import charge, charging_error
from tusk.solver.models.filament.heat_history import HeatHistory
from tusk.solver.models.filament.history import History
from tusk.solver.models.filament.solved_cell import SolvedCell
from tusk.solver.models.filament.state import Control, State
from tusk.solver.models.filament.tension import Pull, missing_deposit
from tusk.solver.physics.waveform import Drive

LEAP = 0.2
"""Change of the drive in a step (V) from which Newton's method does not start where it stands."""

CURRENT_WEIGHT = 10.0
"""Error of ln I in a step in units of the tolerance; gap, radius and T are held to it itself."""

VOLUME_WEIGHT = 0.1
"""Difference between volume and charge in a step, over the volume, in units of the tolerance."""

TENSE_WEIGHT = 0.025
"""The same for a surface with tension, which is advanced finer than the current is known."""

STORAGE_WEIGHT = 3.0
"""Error of the storage term in units of the tolerance."""

BDF_ERROR_SHARE = 0.25
"""Local error of the storage term over the distance from extrapolation (BDF2, constant steps)."""

GAP_MARGIN = 0.002
"""Motion across the gap that is always allowed in one step (nm)."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """The first stage of a step.

    Attributes
    ----------
    start
        Nodes of the mesh where the step began (n, 2), nm.
    pull
        What moves the surface at the beginning, if it has a tension.
    velocity, next_velocity
        Of the curve's nodes at the beginning and as predicted for the end (k, 2), nm/s.
    shape, fields, memories
        Predicted surface, nodal fields (n, 3) there, and what the processes remember.
    current, deposition_rate
        A and nm³/s.
    """

    start: Array
    pull: Pull | None
    velocity: Array
    shape: Shape
    fields: Array
    memories: Memories
    current: float
    deposition_rate: float
    next_velocity: Array


class FrontStep:
    """Steps a solved cell along the drive; see `tusk.solver.core.stepper.Steppable`.

    Parameters
    ----------
    cell
        The cell.
    drive
        The waveform.
    control
        Tolerance and caps of the motion.
    keep_recess
        The recess of the electrode does not heal when the filament shrinks.
    """

    def __init__(self, cell: SolvedCell, drive: Drive, control: Control, keep_recess: bool) -> None:
        self.cell = cell
        self.drive = drive
        self.control = control
        self.keep_recess = keep_recess

    @property
    def _processes(self) -> Processes:
        return self.cell.processes

    # --- what the stepper asks ------------------------------------------------------------------

    def limit(self, state: State, step: float) -> Limit:
        """Return the step cut to the waveform's corners and the caps of motion and voltage."""
        control = self.control
        velocity = nodal_velocity(state.shape.curve, state.normal_velocity)
        speed = np.hypot(*velocity.T).max() / control.max_displacement
        closing = np.abs(velocity[:, 1]) / (
            control.gap_fraction * state.shape.gap(self.cell.tools.stack) + GAP_MARGIN
        )
        speed = max(float(speed), float(closing.max()), 1e-300)
        slope = abs(self.drive.slope(state.position, state.offset))
        left = self.horizon(state)
        limit = min(
            Limit(step, "the error of the step"),
            Limit(1.0 / speed, "the motion of the surface"),
            Limit(control.voltage_step / max(slope, 1e-300), "the change of the voltage"),
            self._processes.limit(state.memories),
            key=lambda limit: limit.step,
        )
        if limit.step >= left * (1 - 1e-9):
            return Limit(left, "a corner of the drive")
        return Limit(left / 2, "a corner of the drive") if limit.step > left / 2 else limit

    def horizon(self, state: State) -> float:
        """Return how long (s) it is to the next corner of the drive."""
        return self.drive.next_corner(state.position, state.offset) - state.offset

    def signature(self, state: State) -> Array:
        """Return ln I, ln of gap, height, radius and volume, and ln T."""
        curve = state.shape.curve
        lengths = (state.shape.gap(self.cell.tools.stack)[0], curve[0, 1], curve[:, 0].max())
        return np.log(
            [
                abs(state.current) + 1e-15,
                *np.maximum(lengths, 0.0) + np.array(1e-3),
                max(self.cell.volume(state), 1e-6),
                state.solution[:, HEAT].max(),
            ]
        )

    def restore(self, state: State) -> None:
        """Put mesh and equations back to an accepted state."""
        self.cell.place(state.shape, state.memories)

    def renewed(self, state: State, failure: SolveError | None) -> State | None:
        """Return ``state`` on a new mesh where the present one is worn or has failed."""
        if failure is None:
            return self.cell.refreshed(state)
        return self.cell.untangled(state) if isinstance(failure, MeshTangled) else None

    def order(self, state: State) -> int:
        """Return the order of the predicted surface."""
        return state.former.order

    def trend(self, state: State, step: float) -> float:
        """Return the factor by which steps are shrinking."""
        return state.former.shrinking(step)

    @property
    def thinnest(self) -> float:
        """Radius (nm) at which metal severs: half an atom's diameter."""
        return 0.5 * self.cell.tools.atom_size

    def attempt(self, state: State, step: float) -> Attempt[State]:
        """Predict the surface, solve there, correct it by the trapezoidal rule and solve again.

        Raises
        ------
        NewtonDiverged, MeshTangled
            If there is no solution at the end of the step.
        """
        processes = self._processes
        pull = self._pull(state.shape, state.solution, state.memories)
        step, foreseen = self._foreseen(state, pull, step)
        offset = self._landed(state, state.offset + step)
        predicted = self._predict(state, step, offset, pull, foreseen)
        new, memories = self._correct(state, step, offset, predicted)
        if abs(new.drive - state.drive) > LEAP:
            self.cell.domain.problem.check_balance(new.drive, new.current)
        error = self._error(state, step, predicted, new)
        error += processes.error(predicted.memories, memories) / self.control.tolerance
        event = processes.event(state.memories, new.memories)
        late = 1.0 if event is None else min(event.share, 1.0)
        if event is not None and late == 1.0 and error <= 1.0:
            new = self._after(event, new)
        largest = max(state.largest_deposit, abs(new.deposited))
        return Attempt(replace(new, largest_deposit=largest), error, late)

    # --- parts of a step ------------------------------------------------------------------------

    def _pull(self, shape: Shape, fields: Array, memories: Memories) -> Pull | None:
        """Return what moves a surface, None if it has no tension."""
        at = self.cell.seen(shape, fields)
        surface = self._processes.implicit(memories, at)
        if surface is None:
            return None
        return Pull(shape.curve, surface, missing_deposit(self.cell, at, fields, memories))

    def _foreseen(self, state: State, pull: Pull | None, step: float) -> tuple[float, Array]:
        """Return where the surface is expected after a step, and the step: to where it severs."""
        if pull is None:
            velocity = nodal_velocity(state.shape.curve, state.normal_velocity)
            return step, state.shape.curve + state.former.displacement(velocity, step)
        advanced = pull.foreseen(state.former, step, self.thinnest)
        if advanced.elapsed < self.control.minimum_step:
            advanced = pull.foreseen(state.former, step, 0.0)
        return min(step, advanced.elapsed), advanced.curve.points

    def _predict(
        self, state: State, step: float, offset: float, pull: Pull | None, foreseen: Array
    ) -> Predicted:
        """Return the cell solved where its surface is expected after ``step``."""
        cell, processes = self.cell, self._processes
        velocity = nodal_velocity(state.shape.curve, state.normal_velocity)
        shape = self._kept(state, foreseen)
        guess = state.former.extrapolated(state.solution, step)
        columns, start = len(cell.domain.cell.columns), cell.domain.points
        memories = processes.advanced(state.memories, step, shape, columns)
        value = self.drive.value(state.position, offset)
        if abs(value - state.drive) > LEAP:
            guess = cell.leapt(guess, state.drive, value)
        fields = self._solve_at(shape, memories, state, step, start, guess, value)
        at = cell.seen(shape, fields)
        memories = processes.observed(memories, at)
        return Predicted(
            start=start,
            pull=pull,
            velocity=velocity,
            shape=shape,
            fields=fields,
            memories=memories,
            current=cell.current(),
            deposition_rate=cell.deposition_rate(memories),
            next_velocity=nodal_velocity(shape.curve, processes.velocity(memories, at)),
        )

    def _correct(
        self, state: State, step: float, offset: float, predicted: Predicted
    ) -> tuple[State, Memories]:
        """Return the state at the mean of both velocities, and what its processes came with."""
        cell, processes = self.cell, self._processes
        moved = self._corrected(state, step, predicted)
        shape = self._kept(state, moved)
        # What nucleus and contact did not let go was not dissolved: the ledger does not count it.
        kept = revolved_volume(shape.curve) - revolved_volume(moved)
        cell.domain.problem.keep_jacobian()
        columns, start = len(cell.domain.cell.columns), predicted.start
        memories = processes.midway(state.memories, predicted.memories)
        memories = processes.advanced(memories, step, shape, columns)
        kept += self._brought(state, memories)
        value = self.drive.value(state.position, offset)
        solution = self._solve_at(shape, memories, state, step, start, predicted.fields, value)
        if self.keep_recess:
            shape = replace(shape, electrode=shape.electrode.remember(shape.curve))
        new = cell.solved(replace(state, shape=shape), solution, memories)
        came = state.deposition_rate + predicted.deposition_rate
        corner = self.drive.next_corner(state.position, state.offset)
        span = 0.0 if offset == corner else step
        position, settled = self.drive.settled(state.position, offset)
        new = replace(
            new,
            time=self.drive.time(state.position, offset),
            position=position,
            offset=settled,
            drive=value,
            memories=processes.concluded(new.memories, cell.seen(shape, solution)),
            deposited=state.deposited + 0.5 * step * came + kept,
            heat=HeatHistory(state.solution[:, HEAT], start, step),
            former=History(state.solution, self._former_velocity(predicted, shape), span),
        )
        return new, memories

    def _corrected(self, state: State, step: float, predicted: Predicted) -> Array:
        """Return the curve a step later at the mean of both velocities."""
        end = predicted.pull and self._pull(predicted.shape, predicted.fields, predicted.memories)
        if predicted.pull is None or end is None:
            moved = 0.5 * step * (predicted.velocity + predicted.next_velocity)
            return state.shape.curve + moved
        return predicted.pull.corrected(end, step).curve.points

    def _former_velocity(self, predicted: Predicted, shape: Shape) -> Array:
        """Return the velocity at the beginning, at the curvature of the end (k, 2), nm/s."""
        pull = predicted.pull
        if pull is None:
            return predicted.velocity
        return nodal_velocity(pull.curve, pull.velocity_at(shape.curve))

    def _after(self, event: Event[Memories], state: State) -> State:
        """Return the state after an event at its own time, solved anew."""
        cell = self.cell
        moved = self._brought(state, event.memory)
        cell.weigh(event.memory)
        cell.freeze(state.solution)
        try:
            solution = cell.solve(state.solution, state.drive)
        except NewtonDiverged:  # it happens little by little
            solution = state.solution
            for between in event.between:
                cell.weigh(between)
                solution = cell.solve(solution, state.drive)
        new = cell.solved(state, solution, event.memory)
        former = replace(state.former, step=0.0)  # what came before does not tell what follows
        return replace(new, deposited=state.deposited + moved, former=former)

    def _brought(self, state: State, memories: Memories) -> float:
        """Return the metal (nm³) that came since a state otherwise than with the ionic current."""
        booked, curve = self._processes.booked, state.shape.curve
        return booked(memories, curve).brought_since(booked(state.memories, curve))

    def _landed(self, state: State, offset: float) -> float:
        """Return ``offset``, or the corner of the waveform it means."""
        corner = self.drive.next_corner(state.position, state.offset)
        return corner if abs(offset - corner) <= 1e-12 * max(1e-9, abs(corner)) else offset

    def _solve_at(
        self,
        shape: Shape,
        memories: Memories,
        state: State,
        step: float,
        start: Array,
        guess: Array,
        value: float,
    ) -> Array:
        """Place the mesh and solve a step of length ``step`` from ``state`` there."""
        cell = self.cell
        cell.place(shape, memories)
        if cell.tools.physics.transient:
            heat, domain = state.heat, cell.domain
            new, present, former = heat.weights(step)
            stored = present * state.solution[:, HEAT] + former * heat.temperature
            velocity = new * domain.points + present * start + former * heat.positions
            domain.store_heat(new, stored, velocity)
        if cell.tools.physics.parallel_capacitance > 0.0:
            charge(cell, state, step)
        return cell.solve(guess, value)

    def _kept(self, state: State, moved: Array) -> Shape:
        """Return the shape of a moved curve; what the processes do not let go stays."""
        curve = self._processes.kept(state.memories, state.shape.curve, moved)
        return Shape(curve, state.shape.electrode)

    def _error(self, state: State, step: float, predicted: Predicted, new: State) -> float:
        """Return the error of a step over the tolerance.

        It is judged by what the correction changed in gap, radius, temperature and ln I, and by
        the difference between grown volume and charge.
        """
        cell = self.cell
        gap, final = float(new.shape.gap(cell.tools.stack)[0]), new.shape.curve
        hottest = float(new.solution[:, HEAT].max())
        changes = [
            abs(predicted.shape.curve[0, 1] - final[0, 1]) / (gap + 0.05),
            np.hypot(*(predicted.shape.curve - final).T).max() / max(final[:, 0].max(), 0.25),
            abs(predicted.fields[:, HEAT].max() - hottest) / hottest,
        ]
        current = predicted.current
        if min(abs(current), abs(new.current)) > 1e-13 and current * new.current > 0:
            changes.append(abs(np.log(current / new.current)) / CURRENT_WEIGHT)
        volume = revolved_volume(final)
        grown = cell.volume(new) - cell.volume(state)
        weight = VOLUME_WEIGHT if predicted.pull is None else TENSE_WEIGHT
        unpaid = abs(grown - (new.deposited - state.deposited)) / volume / weight
        error = max(state.former.error_share(step) * max(changes), unpaid)
        if cell.tools.physics.parallel_capacitance > 0.0:
            error = max(error, charging_error(cell, state, step, new))
        if cell.tools.physics.transient and not state.heat.transferred:
            expected = state.heat.extrapolated(state.solution[:, HEAT], step)
            difference = float(np.abs(new.solution[:, HEAT] - expected).max()) / hottest
            error = max(error, BDF_ERROR_SHARE * difference / STORAGE_WEIGHT)
        return float(error / self.control.tolerance)
