"""The meshed cell of a simulation: placed at a shape, solved there, meshed anew when it is worn."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from tusk.meshes.curve import along_curve, nodal_velocity, revolved_volume
from tusk.solver.checkpoint import Tree
from tusk.solver.core.stepper import Counters
from tusk.solver.errors import MeshTangled, NewtonDiverged, SolveError
from tusk.solver.fields.field import ELECTRON, HEAT
from tusk.solver.front.kinetics import FilamentKinetics
from tusk.solver.front.process import Memories, Processes
from tusk.solver.front.surface import Array, Shape, Solved
from tusk.solver.models.filament.domain import Domain, Passage, Tools
from tusk.solver.models.filament.heat_history import FROZEN_RATE, HeatHistory
from tusk.solver.models.filament.history import History
from tusk.solver.models.filament.state import State
from tusk.solver.models.filament.surgery import Surgery, due, operated
from tusk.solver.physics.constants import NM

IMPOSED_CURRENT = 1e-3
"""By how much the current of a solution may differ from that of a current source, relative."""

TOO_LITTLE = (
    "with source.kind: current the voltage of a cell that conducts too little, as a bare nucleus "
    "does, is not resolved: allowed a faster ramp, or source.kind limiter, resistor, none"
)
HELD_RATE = 1e15
"""Rate (1/s) that holds the charge of a capacitance when a state is only solved again."""

LAST_QUALITY = 1e-3
"""Quality down to which a run goes on with an old mesh when a new one cannot be had."""


class SolvedCell:
    """One mesh after the other, each placed and solved.

    Parameters
    ----------
    tools
        What every mesh of the run shares.
    processes
        What moves the surface, and with it weighs the equations.
    shape
        Where the first mesh is made.
    saved
        Take that of a checkpoint instead, what `Domain.state` returned.

    Attributes
    ----------
    domain
        The present mesh.
    counters
        Solves, iterations and meshes are counted here.
    """

    def __init__(
        self,
        tools: Tools,
        processes: Processes,
        shape: Shape,
        saved: Tree | None = None,
    ) -> None:
        self.tools = tools
        self.processes = processes
        self.counters = Counters()
        settled = partial(processes.settled, processes.begin(shape), shape.curve)
        self.domain = Domain(tools, shape, saved, settled)
        self.counters.meshes = 1
        physics = tools.physics
        self._kinetics = FilamentKinetics(physics.surface_kinetics, physics.capillarity)

    # --- one solve ------------------------------------------------------------------------------

    def place(self, shape: Shape, memories: Memories) -> None:
        """Move the mesh to a shape and weigh the equations there.

        Raises
        ------
        MeshTangled
            If a triangle would invert.
        """
        self.domain.place(shape)
        self.weigh(memories)

    def weigh(self, memories: Memories) -> None:
        """Hand the equations what the processes make of the surface where it is."""
        self.domain.weigh(self.processes.weights(memories, self.domain.shape))

    def solve(self, guess: Array, drive: float) -> Array:
        """Solve at the present placement; fall back to the scalar balance as start values.

        Raises
        ------
        NewtonDiverged
            If neither converges, or the cell does not carry the current that is imposed on it.
        """
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
            solution = self._solve_again(start, drive)
        self.counters.newton_iterations += problem.iterations
        self._check_imposed_current(drive)
        return solution

    def leapt(self, guess: Array, before: float, after: float) -> Array:
        """Return the guess for a drive that leaps, in V or A: potentials grow with it."""
        if before * after <= 0.0:
            return self.domain.start_values(after)
        out = guess.copy()
        out[:, :HEAT] *= after / before
        return out

    def _solve_again(self, start: Array, drive: float) -> Array:
        """Solve from other start values; say what speaks against it where a current is imposed."""
        try:
            return self.domain.problem.solve(start, drive)
        except NewtonDiverged as error:
            if self._imposes_current(drive):
                raise NewtonDiverged(f"{error}; {TOO_LITTLE}") from error
            raise

    def _imposes_current(self, drive: float) -> bool:
        source = self.domain.problem.source
        if source.is_ideal or drive == 0.0:
            return False
        return source.evaluate(drive, self.domain.problem.cell_voltage())[1] == 0.0

    def _check_imposed_current(self, drive: float) -> None:
        """Refuse a solution that carries another current than an ideal source imposes.

        The matrix holds conductances of metal. Where that of the cell is below their round-off,
        as it is at a bare nucleus, voltages settle anywhere.
        """
        if not self._imposes_current(drive):
            return
        voltage, carried = self.domain.problem.cell_voltage(), self.current()
        if not abs(carried - drive) <= IMPOSED_CURRENT * abs(drive):
            raise NewtonDiverged(
                f"the cell carries {carried:.3g} of {drive:.3g} A at {voltage:.3g} V; {TOO_LITTLE}"
            )

    def freeze(self, fields: Array) -> None:
        """Hold stored heat and charge of fields (n, 3) while they are solved at their own time."""
        if self.tools.physics.transient:
            still = np.zeros_like(self.domain.points)
            self.domain.store_heat(FROZEN_RATE, -FROZEN_RATE * fields[:, HEAT], still)
        if self.tools.physics.parallel_capacitance > 0.0:
            self.charge(HELD_RATE, HELD_RATE * self.domain.problem.top_voltage(fields))

    def charge(self, rate: float, stored: float) -> None:
        """Let the capacitance beside the cell change its voltage by rate V - stored (1/s, V/s)."""
        self.domain.problem.source = self.tools.physics.charged_source(rate, stored)

    # --- what a solution says -------------------------------------------------------------------

    def seen(self, shape: Shape, solution: Array) -> Solved:
        """Return a solution as the surface sees it."""
        cell = self.domain.cell
        facing = cell.columns[:, -1] if cell.columns.size else cell.filament_nodes[:0]
        return Solved(shape, solution[cell.filament_nodes], solution[facing], self._kinetics)

    def current(self) -> float:
        """Return the electronic and ionic current across the gap, A."""
        problem = self.domain.problem
        return problem.integral("tunnel_current") + problem.integral("electrode_ion_current")

    def deposition_rate(self, memories: Memories) -> float:
        """Return the volume that the ionic current, less that of events, deposits (nm³/s)."""
        current = self.domain.problem.integral("filament_ion_current")
        deposited = -current * self.tools.physics.growth.volume_per_charge / NM**3
        return deposited - self.processes.booked(memories, self.domain.shape.curve).expected_rate

    def volume(self, state: State) -> float:
        """Return the volume of the filament with what the processes hold beyond it (nm³)."""
        curve = state.shape.curve
        return revolved_volume(curve) + self.processes.booked(state.memories, curve).volume

    def solved(self, state: State, solution: Array, memories: Memories) -> State:
        """Return ``state`` solved again at its shape, with what follows from the solution."""
        at = self.seen(state.shape, solution)
        memories = self.processes.observed(memories, at)
        return replace(
            state,
            solution=solution,
            normal_velocity=self.processes.velocity(memories, at),
            current=self.current(),
            deposition_rate=self.deposition_rate(memories),
            memories=memories,
        )

    # --- remeshing ------------------------------------------------------------------------------

    def remeshed(self, state: State) -> State:
        """Return ``state`` on a new mesh around its shape, solved there.

        Raises
        ------
        MeshTangled, NewtonDiverged
            If the shape cannot be meshed or solved; the old mesh stays in place.
        """
        old, processes = self.domain, self.processes
        settled = partial(processes.settled, state.memories, state.shape.curve)
        new = Domain(self.tools, state.shape, settled=settled)
        with self.tools.timer("transfer"):
            passage = Passage(old, new)
            guess = passage.fields(state.solution)
            change = passage.fields(state.solution - state.former.solution)
            former = passage.anywhere(state.heat.temperature[:, None])[:, 0]
            moved = passage.anywhere(old.points - state.heat.positions)
            gained = nodal_velocity(state.shape.curve, state.normal_velocity)
            gained = along_curve(state.shape.curve, gained - state.former.velocity, new.shape.curve)
        memories = processes.carried(state.memories, state.shape.curve, new.shape.curve)
        self.domain = new
        try:
            self.weigh(memories)
            self.freeze(guess)
            solution = self.solve(guess, state.drive)
        except NewtonDiverged:
            self.domain = old
            new.destroy()
            raise
        old.destroy()
        self.counters.meshes += 1
        state = self.solved(replace(state, shape=new.shape), solution, memories)
        velocity = nodal_velocity(new.shape.curve, state.normal_velocity)
        heat = HeatHistory(former, new.points - moved, state.heat.step, transferred=True)
        before = History(solution - change, velocity - gained, state.former.step)
        return replace(state, heat=heat, former=before)

    def refreshed(self, state: State) -> State | None:
        """Return ``state`` on a new mesh if the present one is worn, None if it serves on.

        What is thinner than an atom is severed or joined first, and what that cost is booked.

        Raises
        ------
        MeshTangled, NewtonDiverged
            If a new mesh cannot be had and the old one is of no use any more.
        """
        surgery = due(state.shape.curve, self.tools.atom_size, self.tools.nucleus_radius)
        if surgery is not None:
            return self.mended(state, surgery)
        if not self.domain.worn():
            return None
        try:
            return self.remeshed(state)
        except (MeshTangled, NewtonDiverged):
            self.place(state.shape, state.memories)
            if float(self.domain.cell.quality(self.domain.points).min()) < LAST_QUALITY:
                raise
            return None

    def mended(self, state: State, surgery: Surgery) -> State:
        """Return ``state`` after changes of topology, on a new mesh.

        Raises
        ------
        SolveError
            If another piece than the filament is left, or what is left cannot be solved.
        """
        filament = surgery.filament
        if filament is None:
            raise SolveError(f"{surgery.events[-1]}; left are {surgery.pieces}")
        new = operated(state, filament.points)
        gained = self.volume(new) - self.volume(state)
        try:
            return self.remeshed(replace(new, deposited=state.deposited + gained))
        except (MeshTangled, NewtonDiverged) as error:
            self.place(state.shape, state.memories)
            raise SolveError(f"after {surgery.events[-1]}: {error}") from error

    def untangled(self, state: State) -> State | None:
        """Return ``state`` on a new mesh, None where that is no way out of a tangled one."""
        if self.domain.is_fresh:
            return None
        try:
            return self.remeshed(state)
        except (MeshTangled, NewtonDiverged):
            self.place(state.shape, state.memories)
            return None
