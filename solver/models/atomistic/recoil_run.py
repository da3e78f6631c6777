"""A contact in time: atoms move, electrons push them at intervals ([K] section 4).

Beside the electrons an electrode may draw back, atoms may be put into a gap, or charges that follow
a voltage may pull them across it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.solver.models.atomistic.contact import Contact, Electrode, contact
from tusk.solver.models.atomistic.deposition import NOTHING, Deposition
from tusk.solver.models.atomistic.energy import EmbeddedAtoms
from tusk.solver.models.atomistic.field import NEUTRAL, ChargedTips, FieldLaw
from tusk.solver.models.atomistic.hopping import Hopping
from tusk.solver.models.atomistic.junction import narrowest
from tusk.solver.models.atomistic.molecular import (
    LARGEST_SEED,
    Molecules,
    State,
    Thermostat,
    kinetic_temperature,
    thermal_velocities,
)
from tusk.solver.models.atomistic.occupation import Window, biased, conductance
from tusk.solver.models.atomistic.potential import Array, Metal
from tusk.solver.models.atomistic.recoil import Terms, recoil_forces
from tusk.solver.models.atomistic.stages import growth
from tusk.solver.models.atomistic.structures import Lattice

SHELL = 1.5
"""Thickness of the frozen electrodes in reaches of the forces: beyond, an atom of the electrode
does not feel that its own neighbours are missing."""


@dataclass(frozen=True)
class System:
    """Moving atoms between two frozen electrodes.

    Attributes
    ----------
    metal
        Interatomic forces.
    positions, shell
        Moving atoms (n, 3) and frozen ones (s, 3), angstrom.
    hopping
        Of the electrons.
    electrodes
        The leads.
    height
        Of a layer of the crystal, angstrom.
    half_gap
        At the start no atom stands at |z| below it, angstrom; 0 if there is no gap.
    """

    metal: Metal
    positions: Array
    shell: Array
    hopping: Hopping
    electrodes: tuple[Electrode, Electrode]
    height: float
    half_gap: float = 0.0

    def layers(self, positions: Array) -> Array:
        """Return the number of the crystal's layer that each of some places (n, 3) is next to."""
        return np.round(positions[:, 2] / self.height)

    def contact(self, positions: Array) -> Contact:
        """Return the contact that the moving atoms make where they are."""
        return contact(positions, self.hopping, *self.electrodes)

    @property
    def mobile(self) -> np.ndarray:
        """Which of all atoms move (n + s,)."""
        return np.arange(len(self.positions) + len(self.shell)) < len(self.positions)

    def stretched(self, distance: float) -> System:
        """Return the same with the right electrode drawn back by a distance, angstrom."""
        shell = self.shell.copy()
        shell[shell[:, 2] > 0.0, 2] += distance
        left, right = self.electrodes
        moved = replace(right, origin=right.origin + np.array([0.0, 0.0, distance]))
        return replace(self, shell=shell, electrodes=(left, moved))

    def settled(self, force: float = 1e-2) -> Array:
        """Return the positions of the moving atoms at rest."""
        atoms = np.concatenate([self.positions, self.shell])
        return EmbeddedAtoms(self.metal).relax(atoms, self.mobile, force)[: len(self.positions)]


def between_electrodes(
    metal: Metal, lattice: Lattice, atoms: Array, layers: range, hopping: Hopping, grid: int
) -> System:
    """Return atoms of some layers between frozen crystals that begin next to these."""
    reach = SHELL * metal.cutoff
    count = int(np.ceil(reach / lattice.height))
    width = float(np.hypot(atoms[:, 0], atoms[:, 1]).max()) + reach
    numbers = [*range(layers[0] - count, layers[0]), *range(layers[-1] + 1, layers[-1] + 1 + count)]
    shell = np.concatenate([lattice.disc(n, width) for n in numbers])
    leads = (
        lattice.electrode(layers[0] - 1, hopping.value, grid),
        lattice.electrode(layers[-1] + 1, hopping.value, grid),
    )
    return System(metal, atoms, shell, hopping, leads, lattice.height)


@dataclass(frozen=True, slots=True)
class Timing:
    """When things happen, ps.

    Attributes
    ----------
    step
        Of the integration.
    interval
        Between two evaluations of the electrons.
    warming
        Before the bias is applied.
    """

    step: float = 1e-3
    interval: float = 0.1
    warming: float = 5.0


@dataclass(frozen=True, slots=True)
class Drives:
    """What changes a contact beside the electrons.

    Attributes
    ----------
    deposition
        Atoms that are put into a gap.
    field
        Charges that follow a voltage between the tips.
    pulling
        Velocity at which the right electrode draws back, angstrom/ps; 0 if it stays.
    """

    deposition: Deposition = NOTHING
    field: FieldLaw = NEUTRAL
    pulling: float = 0.0


STILL = Drives()
"""Nothing does."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The contact after an interval.

    Attributes
    ----------
    time
        Since the bias was applied, ps.
    conductance
        G0, at the bias.
    temperature
        Of the moving atoms, K.
    energy
        Potential and kinetic, eV.
    total_force, largest_force
        Of the electrons: sum along z, and the largest on an atom, eV/angstrom.
    work
        Of the electrons since the bias was applied, eV.
    atoms, narrowest
        Moving atoms, and the least number of them that cut the leads apart.
    gap_atoms, island, stage
        Atoms in what was the gap, most of them in touch, and the stage of `stages.STAGES`.
    stretch
        Way that the right electrode has gone, angstrom.
    largest_charge
        Of a moving atom, elementary charges.
    """

    time: float
    conductance: float
    temperature: float
    energy: float
    total_force: float
    largest_force: float
    work: float
    atoms: int
    narrowest: int
    gap_atoms: int
    island: int
    stage: int
    stretch: float
    largest_charge: float


class RecoilRun:
    """One trajectory.

    Parameters
    ----------
    system
        Atoms and electrodes.
    bias
        Window of energies.
    thermostat
        Of the moving atoms.
    timing
        Intervals.
    terms
        Which forces of the electrons act.
    seed
        Random numbers of the trajectory: (seed, member).
    drives
        What else changes the contact.
    """

    def __init__(
        self,
        system: System,
        bias: Window,
        thermostat: Thermostat,
        timing: Timing,
        terms: Terms,
        seed: tuple[int, int],
        drives: Drives = STILL,
    ) -> None:
        self._system, self._bias, self._thermostat = system, bias, thermostat
        self._timing, self._terms, self._seed = timing, terms, seed
        self._drives, self._deposited = drives, 0
        self._intervals, self._work, self._stretch = 0, 0.0, 0.0
        self._tips = ChargedTips(drives.field, system.hopping, system.shell)
        atoms = np.concatenate([system.settled(), system.shell])
        random = np.random.default_rng([*seed, 0])
        velocities = thermal_velocities(system.metal, system.mobile, thermostat.temperature, random)
        self._molecules = self._placed(system, State(atoms, velocities))
        if timing.warming > 0.0:
            self._molecules.run(timing.warming, thermostat, self._random_seed(0))
        self.charges = np.zeros(len(system.positions))
        self._forces, self.frame = self._look(self._molecules.state)

    @property
    def system(self) -> System:
        """Atoms and electrodes; these may have moved."""
        return self._system

    @property
    def positions(self) -> Array:
        """Moving atoms now (n, 3), angstrom."""
        return self._molecules.state.positions[: len(self._system.positions)]

    @property
    def forces(self) -> Array:
        """Of the electrons on the moving atoms (n, 3), eV/angstrom."""
        return self._forces

    def advance(self) -> Frame:
        """Let one interval pass."""
        self._deposit()
        self._draw_back()
        self._intervals += 1
        law, interval = self._drives.field, self._timing.interval
        pieces = max(1, round(interval / law.every))
        for piece in range(pieces):
            self._pass(interval / pieces, self._random_seed(self._intervals, piece))
        self._forces, self.frame = self._look(self._molecules.state)
        return self.frame

    def _pass(self, duration: float, seed: int) -> None:
        """Let time pass under forces that stay as they are: those of electrons and charges."""
        before = self.positions
        pulling = np.zeros((len(self._system.mobile), 3))
        pulling[: len(before)] = self._forces
        if self._drives.field.is_on:
            found = self._tips.equilibrated(before)
            pulling[: len(before)] += found.forces
            self.charges = found.values[: len(before)]
        self._molecules.pull(pulling)
        self._molecules.run(duration, self._thermostat, seed)
        self._work += float(np.sum(self._forces * (self.positions - before)))

    def _deposit(self) -> None:
        """Put an atom, if it is time for one; the electrons notice it after the interval."""
        rule, time = self._drives.deposition, self._intervals * self._timing.interval
        if min(int(time / rule.every + 1e-9), rule.most) <= self._deposited:
            return
        self._deposited += 1
        system, state = self._system, self._molecules.state
        random = np.random.default_rng([*self._seed, 2, self._deposited])
        count = len(system.positions)
        place = rule.place(state.positions, random)[None, :]
        one = np.ones(1, dtype=bool)
        velocity = thermal_velocities(system.metal, one, self._thermostat.temperature, random)
        self._system = replace(system, positions=np.concatenate([system.positions, place]))
        grown = State(
            np.insert(state.positions, count, place, axis=0),
            np.insert(state.velocities, count, velocity, axis=0),
        )
        self._molecules.close()
        self._molecules = self._placed(self._system, grown)
        self._forces = np.concatenate([self._forces, np.zeros((1, 3))])
        self.charges = np.append(self.charges, 0.0)

    def _draw_back(self) -> None:
        """Move the right electrode by the way of one interval."""
        if self._drives.pulling == 0.0:
            return
        distance = self._drives.pulling * self._timing.interval
        self._system, self._stretch = self._system.stretched(distance), self._stretch + distance
        state = self._molecules.state
        atoms = np.concatenate([self.positions, self._system.shell])
        self._molecules.put(State(atoms, state.velocities))

    def _placed(self, system: System, state: State) -> Molecules:
        step, walls = self._timing.step, self._drives.field.walls
        return Molecules(system.metal, state, system.mobile, step, walls)

    def close(self) -> None:
        """End the program that moves the atoms."""
        self._molecules.close()

    def _random_seed(self, interval: int, piece: int = 0) -> int:
        numbers = (*self._seed, 1, interval, *([piece] if piece else []))
        return int(np.random.default_rng(numbers).integers(1, LARGEST_SEED))

    def _look(self, state: State) -> tuple[Array, Frame]:
        """Return the forces of the electrons now and what else is told."""
        system = self._system
        count = len(system.positions)
        atoms = state.positions[:count]
        made = system.contact(atoms)
        if self._bias.left == self._bias.right or self._terms == "none":
            forces = np.zeros((count, 3))
        else:
            forces = recoil_forces(made, biased(made, self._bias), self._terms)
        molecules, mobile = self._molecules, system.mobile
        stands = growth(atoms, system.half_gap, system.hopping.reach, narrowest(made.junction))
        frame = Frame(
            time=self._intervals * self._timing.interval,
            conductance=conductance(made.junction, self._bias),
            temperature=kinetic_temperature(system.metal, state.velocities, mobile),
            energy=molecules.potential_energy + molecules.kinetic_energy,
            total_force=float(forces[:, 2].sum()),
            largest_force=float(np.linalg.norm(forces, axis=1).max()),
            work=self._work,
            atoms=count,
            narrowest=stands.narrowest,
            gap_atoms=stands.gap_atoms,
            island=stands.island,
            stage=stands.stage,
            stretch=self._stretch,
            largest_charge=float(np.abs(self.charges).max()),
        )
        return forces, frame
