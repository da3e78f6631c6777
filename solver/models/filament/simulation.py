"""Grow the filament: adaptive steps of the moving geometry, each a transaction."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tusk.meshes.curve import along_curve, nodal_velocity, revolved_volume
from tusk.solver.checkpoint import Tree, pack, unpack
from tusk.solver.errors import MeshTangled, NewtonDiverged, StepTooSmall
from tusk.solver.models.filament.contact import Contact, ContactState
from tusk.solver.models.filament.domain import Domain, Passage, Shape, Tools, outside_nucleus
from tusk.solver.models.filament.equations import ELECTRON, HEAT, ION, NM
from tusk.solver.models.filament.heat_history import FROZEN_RATE, HeatHistory
from tusk.solver.models.filament.history import History
from tusk.solver.models.filament.state import Control, Counters, State
from tusk.solver.physics.waveform import Drive

Array = NDArray[np.float64]

LARGEST_VOLTAGE_STEP = 0.05
"""Largest change of the applied voltage in one step (V): keeps Newton's guess close."""

CURRENT_WEIGHT = 10.0
"""Error of ln I in a step in units of the tolerance; gap, radius and T are held to it itself."""

VOLUME_WEIGHT = 0.1
"""Difference between volume and charge in a step, over the volume, in units of the tolerance."""

STORAGE_WEIGHT = 3.0
"""Error of the storage term in units of the tolerance."""

BDF_ERROR_SHARE = 0.25
"""Local error of the storage term over the distance from extrapolation (BDF2, constant steps)."""

GAP_MARGIN = 0.002
"""Motion across the gap that is always allowed in one step (nm)."""

LAST_QUALITY = 0.02
"""Quality down to which a run goes on with an old mesh when a new one cannot be had."""

ON_NUCLEUS = 1.0 + 1e-3
"""Distance, in nucleus radii, up to which a dissolving node rests on the nucleus.

Held nodes still deposit a little: they must not drift off, be freed and dissolve in turn.
"""


class Part(Protocol):
    """A component that remembers something from step to step."""

    def state(self) -> Tree:
        """Return what it remembers: arrays, numbers, texts."""

    def restore(self, saved: Tree) -> None:
        """Take up what `state` regained."""


class Simulation:
    """A filament run in progress.

    Parameters
    ----------
    tools
        What every mesh of the run shares.
    drive
        The waveform.
    shape
        Initial shape: the nucleus.
    control
        Step control.
    keep_recess
        The recess of the electrode does not heal when the filament shrinks.
    saved
        Continue a simulation: what `snapshot` regained of it.  Drive, laws and control are those
        given here.
    contact
        How filament and electrode meet.

    Attributes
    ----------
    parts
        Components with a memory of their own, by name; checkpoints hold their state.
    """

    def __init__(
        self,
        tools: Tools,
        drive: Drive,
        shape: Shape,
        control: Control,
        keep_recess: bool = False,
        saved: Tree | None = None,
        contact: Contact | None = None,
    ) -> None:
        self.tools = tools
        self.drive = drive
        self.control = control
        self.nucleus_radius = tools.nucleus_radius
        self.counters = Counters()
        self._step = control.first_step
        self._largest_deposit = 0.0
        self.keep_recess = keep_recess
        self.contact = contact or Contact()
        self.parts: dict[str, Part] = {}
        if saved is not None:
            self._continue_from(saved)
            return
        self.domain = Domain(tools, shape)
        self.counters.meshes = 1
        self.initial_volume = revolved_volume(self.domain.shape.curve)
        self.state = self.previous = self._start(self.domain.shape)

    # --- starting and remeshing -----------------------------------------------------------------

    def _start(self, shape: Shape) -> State:
        position = self.drive.start()
        value = self.drive.value(position, 0.0)
        held = np.zeros(len(shape.curve), dtype=bool)
        guess = self.domain.start_values(0.0)
        heat = HeatHistory(guess[:, HEAT], self.domain.points, 0.0)
        self._freeze_heat(guess[:, HEAT])
        contact = self.contact.begin(len(shape.curve))
        self.contact.apply(self.domain, held, contact)
        solution = self._solve(guess, value)
        contact = self.contact.observed(self.domain, solution, contact)
        velocity = self.surface_velocity(shape, solution, held, contact)
        current = self._gap_current()
        rate = self._deposition_rate(contact)
        former = History(solution, nodal_velocity(shape.curve, velocity), 0.0)
        return State(
            0.0, value, position, shape, solution, velocity, held, current, 0.0, rate, heat, former,
            contact,
        )  # fmt: skip

    def remesh(self) -> None:
        """Replace the mesh around the present shape and solve there.

        Raises
        ------
        MeshTangled, NewtonDiverged
            If the shape cannot be meshed or solved; the old mesh stays in place.
        """
        old, state = self.domain, self.state
        settled = partial(self.contact.settled, state.contact, state.shape.curve)
        new = Domain(self.tools, state.shape, settled=settled)
        with self.tools.timer("transfer"):
            passage = Passage(old, new)
            guess = passage.fields(state.solution)
            change = passage.fields(state.solution - state.former.solution)
            former = passage.anywhere(state.heat.temperature[:, None])[:, 0]
            moved = passage.anywhere(old.points - state.heat.positions)
            gained = nodal_velocity(state.shape.curve, state.normal_velocity)
            gained = along_curve(state.shape.curve, gained - state.former.velocity, new.shape.curve)
        held = self._on_nucleus(new.shape.curve) & bool(state.held.any())
        contact = self.contact.carried(state.contact, old.shape.curve, new.shape.curve)
        self.domain = new
        try:
            self.contact.apply(new, held, contact)
            self._freeze_heat(guess[:, HEAT])
            solution = self._solve(guess, state.drive)
        except NewtonDiverged:
            self.domain = old
            new.destroy()
            raise
        old.destroy()
        self.counters.meshes += 1
        state = self._solved(replace(state, shape=new.shape, held=held), solution, contact)
        velocity = nodal_velocity(new.shape.curve, state.normal_velocity)
        heat = HeatHistory(former, new.points - moved, state.heat.step, transferred=True)
        before = History(solution - change, velocity - gained, state.former.step)
        self.state = replace(state, heat=heat, former=before)

    def _solved(self, state: State, solution: Array, contact: ContactState | None) -> State:
        """Return ``state`` solved again at its shape, with what follows from the solution."""
        contact = self.contact.observed(self.domain, solution, contact)
        return replace(
            state,
            solution=solution,
            normal_velocity=self.surface_velocity(state.shape, solution, state.held, contact),
            current=self._gap_current(),
            deposition_rate=self._deposition_rate(contact),
            contact=contact,
        )

    def snapshot(self) -> dict[str, Any]:
        """Return all that the next step depends on, for a checkpoint (lengths in nm, V, K, s)."""
        return {
            "state": pack(self.state),
            "previous": pack(self.previous),
            "domain": self.domain.state(),
            "counters": pack(self.counters),
            "next_step": self._step,
            "largest_deposit": self._largest_deposit,
            "initial_volume": self.initial_volume,
            "parts": {name: part.state() for name, part in self.parts.items()},
        }

    def _continue_from(self, saved: Tree) -> None:
        """Take up what `snapshot` regained; the next step is the one that followed there."""
        self.state, self.previous = (unpack(State, saved[name]) for name in ("state", "previous"))
        self.domain = Domain(self.tools, self.state.shape, saved["domain"])
        self.contact.apply(self.domain, self.previous.held, self.state.contact)
        self.counters = unpack(Counters, saved["counters"])
        self._step = saved["next_step"]
        self._largest_deposit = saved["largest_deposit"]
        self.initial_volume = saved["initial_volume"]
        for name, part in self.parts.items():
            part.restore(saved["parts"][name])

    def _refresh(self) -> None:
        """Remesh when the mesh is worn; a mesh that is still sound survives a failed attempt."""
        if not self.domain.worn():
            return
        try:
            self.remesh()
        except (MeshTangled, NewtonDiverged):
            self._restore(self.state)
            if float(self.domain.cell.quality(self.domain.points).min()) < LAST_QUALITY:
                raise

    # --- one solve ------------------------------------------------------------------------------

    def _solve(self, guess: Array, drive: float) -> Array:
        """Solve at the present placement; fall back to the scalar balance as start values."""
        problem = self.domain.problem
        self.counters.solves += 1
        try:
            solution = problem.solve(guess, drive)
        except NewtonDiverged:
            self.counters.failed_solves += 1
            self.counters.newton_iterations += problem.iterations
            present = float(guess[:, ELECTRON].max() if drive >= 0 else guess[:, ELECTRON].min())
            imposed = self.tools.physics.source.is_ideal or present == 0.0  # a drive that jumps
            start = self.domain.start_values(drive if imposed else present)
            start[:, HEAT] = guess[:, HEAT]
            solution = problem.solve(start, drive)
        self.counters.newton_iterations += problem.iterations
        return solution

    def surface_velocity(
        self, shape: Shape, solution: Array, held: np.ndarray, contact: ContactState | None = None
    ) -> Array:
        """Return v_n at the curve nodes (n,), nm/s (Buttberg 2025, eqs. 1, 2, 12)."""
        physics = self.tools.physics
        values = solution[self.domain.cell.filament_nodes]
        kinetics = physics.charge_transfer
        anodic, cathodic = kinetics.branches(
            kinetics.overpotential(values[:, ELECTRON], values[:, ION]),
            values[:, HEAT],
            physics.filament_barrier(*(shape.curve.T * NM)),
        )
        if contact is not None:
            anodic, cathodic = self.contact.front(contact, anodic, cathodic)
        density = np.where(held, 0.0, anodic) - cathodic
        return np.asarray(physics.growth.normal_velocity(density)) / NM

    # --- one step -------------------------------------------------------------------------------

    def advance(self, longest: float = np.inf) -> State:
        """Take one accepted step of at most ``longest`` seconds.

        Raises
        ------
        StepTooSmall
            If no step above the floor succeeds; the last good state is untouched.
        """
        self._refresh()
        fresh = self.domain.is_fresh
        state = self.previous = self.state
        step = min(self._limited(self._step), longest)
        reason = "error above the tolerance"
        while step >= self.control.minimum_step:
            try:
                new, error = self._attempt(state, step)
            except (NewtonDiverged, MeshTangled) as failure:
                reason = str(failure)
                self._restore(state)
                self.counters.rejected += 1
                if isinstance(failure, MeshTangled) and not fresh:
                    self.remesh()
                    fresh, state = True, self.state
                    self.previous = state
                else:
                    step *= 0.5
                continue
            late = self.contact.overshoot(state.contact, new.contact)
            if late is not None and step > 4 * self.control.minimum_step:
                self._restore(state)
                step *= late
                continue
            factor = 0.9 * max(error, 1e-4) ** (-1 / (1 + state.former.order))
            if error > 1.0 and step > 4 * self.control.minimum_step:
                self._restore(state)
                self.counters.rejected += 1
                step *= max(0.25, factor)
                continue
            self.counters.accepted += 1
            self.state = new
            self._step = step * min(2.0, factor * state.former.shrinking(step))
            return new
        raise StepTooSmall(
            f"time step below {self.control.minimum_step:.3g} s at t = {state.time:.9g} s: {reason}"
        )

    def rewind(self) -> None:
        """Undo the last accepted step; the mesh is still the one it was taken on."""
        self.state = self.previous
        self._restore(self.state)
        self.counters.accepted -= 1

    def next_drive_step(self) -> bool:
        """Leave the present step of the drive; return False when it was the last."""
        position = self.drive.advance(self.state.position, self.state.time)
        if position is None:
            return False
        self.state = replace(self.state, position=position)
        self._step = min(self._step, self.control.first_step)
        return True

    def _restore(self, state: State) -> None:
        self.domain.place(state.shape)
        self.contact.apply(self.domain, state.held, state.contact)

    def _limited(self, step: float) -> float:
        """Return the step cut to the waveform's corners and the caps of motion and voltage."""
        state, control = self.state, self.control
        velocity = nodal_velocity(state.shape.curve, state.normal_velocity)
        speed = np.hypot(*velocity.T).max() / control.max_displacement
        closing = np.abs(velocity[:, 1]) / (
            control.gap_fraction * state.shape.gap(self.tools.stack) + GAP_MARGIN
        )
        speed = max(float(speed), float(closing.max()), 1e-300)
        slope = abs(self.drive.slope(state.position, state.time))
        left = self.drive.next_corner(state.position, state.time) - state.time
        step = min(step, 1.0 / speed, LARGEST_VOLTAGE_STEP / max(slope, 1e-300))
        step = min(step, self.contact.longest_step(state.contact))
        if step >= left * (1 - 1e-9):
            return left
        return min(step, left / 2) if step > left / 2 else step

    def _attempt(self, state: State, step: float) -> tuple[State, float]:
        """Predict the surface, solve there, correct it by the trapezoidal rule and solve again."""
        time = self._landed(state, state.time + step)
        value = self.drive.value(state.position, time)
        first = nodal_velocity(state.shape.curve, state.normal_velocity)
        start, columns = self.domain.points, len(self.domain.cell.columns)

        rough_shape = self._moved(state, state.former.displacement(first, step))
        guess = state.former.extrapolated(state.solution, step)
        met = self.contact.advanced(state.contact, step, rough_shape, columns)
        rough = self._solve_at(rough_shape, state, step, start, guess, value, met)
        met = self.contact.observed(self.domain, rough, met)
        rough_current, rough_rate = self._gap_current(), self._deposition_rate(met)
        velocity = self.surface_velocity(rough_shape, rough, state.held, met)
        second = nodal_velocity(rough_shape.curve, velocity)

        moved = 0.5 * step * (first + second)
        shape = self._moved(state, moved)
        # What nucleus and contact did not let go was not dissolved: the ledger does not count it.
        kept = revolved_volume(shape.curve) - revolved_volume(state.shape.curve + moved)
        self.domain.problem.keep_jacobian()
        contact = self.contact.midway(state.contact, met)
        contact = self.contact.advanced(contact, step, shape, columns)
        kept += self.contact.event_volume(state.contact, contact)
        solution = self._solve_at(shape, state, step, start, rough, value, contact)
        if self.keep_recess:
            shape = replace(shape, electrode=shape.electrode.remember(shape.curve))
        new = replace(
            self._solved(replace(state, shape=shape), solution, contact),
            time=time,
            drive=value,
            held=self._held(shape, solution),
            deposited=state.deposited + 0.5 * step * (state.deposition_rate + rough_rate) + kept,
            heat=HeatHistory(state.solution[:, HEAT], start, step),
            former=History(state.solution, first, 0.0 if self._at_corner(state, time) else step),
        )
        error = self._error(state, step, rough_shape, rough, rough_current, new)
        error += self.contact.error(met, contact) / self.control.tolerance
        due = error <= 1.0 and self.contact.event_due(state.contact, contact)
        return (self._after_event(new) if due else new), error

    def _after_event(self, state: State) -> State:
        """Return the state after the event of its contact at its own time, solved anew."""
        contact = self.contact.fired(state.contact)
        moved = self.contact.event_volume(state.contact, contact)
        self.contact.apply(self.domain, state.held, contact)
        self._freeze_heat(state.solution[:, HEAT])
        try:
            solution = self._solve(state.solution, state.drive)
        except NewtonDiverged:  # the site is switched little by little
            solution = state.solution
            for eased in self.contact.eased(state.contact, contact):
                self.contact.apply(self.domain, state.held, eased)
                solution = self._solve(solution, state.drive)
        new = self._solved(state, solution, contact)
        former = replace(state.former, step=0.0)  # what came before does not tell what follows
        return replace(new, deposited=state.deposited + moved, former=former)

    def _at_corner(self, state: State, time: float) -> bool:
        return time == self.drive.next_corner(state.position, state.time)

    def _landed(self, state: State, time: float) -> float:
        """Return ``time``, or the corner of the waveform it means."""
        corner = self.drive.next_corner(state.position, state.time)
        return corner if abs(time - corner) <= 1e-12 * max(1e-9, abs(corner)) else time

    def _solve_at(
        self, shape: Shape, state: State, step: float, start: Array, guess: Array, value: float,
        contact: ContactState | None,
    ) -> Array:  # fmt: skip
        """Place the mesh and solve a step of length ``step`` from ``state`` there."""
        self.domain.place(shape)
        self.contact.apply(self.domain, state.held, contact)
        if self.tools.physics.transient:
            heat = state.heat
            new, present, former = heat.weights(step)
            stored = present * state.solution[:, HEAT] + former * heat.temperature
            velocity = new * self.domain.points + present * start + former * heat.positions
            self.domain.store_heat(new, stored, velocity)
        return self._solve(guess, value)

    def _freeze_heat(self, temperature: Array) -> None:
        """Hold transient temperatures while a state is solved again at its own time."""
        if self.tools.physics.transient:
            still = np.zeros_like(self.domain.points)
            self.domain.store_heat(FROZEN_RATE, -FROZEN_RATE * temperature, still)

    def _error(
        self, state: State, step: float, shape: Shape, rough: Array, current: float, new: State
    ) -> float:
        """Return the error of a step over the tolerance; ``shape`` ... are those predicted.

        It is judged by what the correction changed in gap, radius, temperature and ln I, and by
        the difference between grown volume and charge.
        """
        gap, final = float(new.shape.gap(self.tools.stack)[0]), new.shape.curve
        hottest = float(new.solution[:, HEAT].max())
        changes = [
            abs(shape.curve[0, 1] - final[0, 1]) / (gap + 0.05),
            np.hypot(*(shape.curve - final).T).max() / max(final[:, 0].max(), 0.25),
            abs(rough[:, HEAT].max() - hottest) / hottest,
        ]
        if min(abs(current), abs(new.current)) > 1e-13 and current * new.current > 0:
            changes.append(abs(np.log(current / new.current)) / CURRENT_WEIGHT)
        volume = revolved_volume(final)
        grown = self._volume(new) - self._volume(state)
        unpaid = abs(grown - (new.deposited - state.deposited)) / volume / VOLUME_WEIGHT
        error = max(state.former.error_share(step) * max(changes), unpaid)
        if self.tools.physics.transient and not state.heat.transferred:
            expected = state.heat.extrapolated(state.solution[:, HEAT], step)
            difference = float(np.abs(new.solution[:, HEAT] - expected).max()) / hottest
            error = max(error, BDF_ERROR_SHARE * difference / STORAGE_WEIGHT)
        return float(error / self.control.tolerance)

    def _gap_current(self) -> float:
        problem = self.domain.problem
        return problem.integral("tunnel_current") + problem.integral("electrode_ion_current")

    def _deposition_rate(self, contact: ContactState | None) -> float:
        """Return the volume that the ionic current, less that of events, deposits (nm³/s)."""
        current = self.domain.problem.integral("filament_ion_current")
        deposited = -current * self.tools.physics.growth.volume_per_charge / NM**3
        return deposited - self.contact.expected_volume_rate(contact)

    def _volume(self, state: State) -> float:
        """Return the volume of the filament with what the contact holds beyond it (nm³)."""
        curve = state.shape.curve
        return revolved_volume(curve) + self.contact.volume(state.contact, curve)

    def _moved(self, state: State, displacement: Array) -> Shape:
        """Return the displaced shape; what would enter nucleus or neck stays on its surface."""
        old = state.shape.curve
        curve = outside_nucleus(old + displacement, self.nucleus_radius)
        return Shape(self.contact.withheld(state.contact, old, curve), state.shape.electrode)

    def _on_nucleus(self, curve: Array) -> np.ndarray:
        return np.asarray(np.hypot(*curve.T) <= self.nucleus_radius * ON_NUCLEUS)

    def faraday_error(self) -> float:
        """Return |geometric - deposited| volume over the largest volume deposited so far."""
        grown = self._volume(self.state) - self.initial_volume
        self._largest_deposit = max(self._largest_deposit, abs(self.state.deposited))
        scale = max(self._largest_deposit, 0.05 * self.initial_volume)
        return float(abs(grown - self.state.deposited) / scale)

    def _held(self, shape: Shape, solution: Array) -> np.ndarray:
        """Return the nodes on the nucleus that would dissolve: these are held."""
        on = self._on_nucleus(shape.curve)
        if not on.any():
            return on
        velocity = self.surface_velocity(shape, solution, np.zeros(len(on), dtype=bool))
        return np.asarray(on & (velocity < 0.0))
