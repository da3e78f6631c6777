"""A contact in time: atoms move, electrons push them at intervals ([K] section 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.solver.models.atomistic.contact import Contact, Electrode, contact
from tusk.solver.models.atomistic.deposition import Deposition
from tusk.solver.models.atomistic.energy import EmbeddedAtoms
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
from tusk.solver.models.atomistic.potential import Array, Zhou2004
from tusk.solver.models.atomistic.recoil import Terms, recoil_forces
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
    """

    metal: Zhou2004
    positions: Array
    shell: Array
    hopping: Hopping
    electrodes: tuple[Electrode, Electrode]

    def contact(self, positions: Array) -> Contact:
        """Return the contact that the moving atoms make where they are."""
        return contact(positions, self.hopping, *self.electrodes)

    @property
    def mobile(self) -> np.ndarray:
        """Which of all atoms move (n + s,)."""
        return np.arange(len(self.positions) + len(self.shell)) < len(self.positions)

    def settled(self, force: float = 1e-2) -> Array:
        """Return the positions of the moving atoms at rest."""
        atoms = np.concatenate([self.positions, self.shell])
        return EmbeddedAtoms(self.metal).relax(atoms, self.mobile, force)[: len(self.positions)]


def between_electrodes(
    metal: Zhou2004, lattice: Lattice, atoms: Array, layers: range, hopping: Hopping, grid: int
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
    return System(metal, atoms, shell, hopping, leads)


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
    deposition
        Atoms that are added, if any.
    """

    def __init__(
        self,
        system: System,
        bias: Window,
        thermostat: Thermostat,
        timing: Timing,
        terms: Terms,
        seed: tuple[int, int],
        deposition: Deposition | None = None,
    ) -> None:
        self._system, self._bias, self._thermostat = system, bias, thermostat
        self._timing, self._terms, self._seed = timing, terms, seed
        self._deposition, self._deposited = deposition, 0
        self._intervals, self._work = 0, 0.0
        atoms = np.concatenate([system.settled(), system.shell])
        random = np.random.default_rng([*seed, 0])
        velocities = thermal_velocities(system.metal, system.mobile, thermostat.temperature, random)
        self._molecules = Molecules(
            system.metal, State(atoms, velocities), system.mobile, timing.step
        )
        if timing.warming > 0.0:
            self._molecules.run(timing.warming, thermostat, self._random_seed(0))
        self._forces, self.frame = self._look(self._molecules.state)

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
        before = self.positions
        pulling = np.zeros((len(self._system.mobile), 3))
        pulling[: len(before)] = self._forces
        self._molecules.pull(pulling)
        self._intervals += 1
        self._molecules.run(
            self._timing.interval, self._thermostat, self._random_seed(self._intervals)
        )
        state = self._molecules.state
        self._work += float(np.sum(self._forces * (state.positions[: len(before)] - before)))
        self._forces, self.frame = self._look(state)
        return self.frame

    def _deposit(self) -> None:
        """Put an atom, if it is time for one; the electrons notice it after the interval."""
        rule, time = self._deposition, self._intervals * self._timing.interval
        if rule is None or int(time / rule.every + 1e-9) <= self._deposited:
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
        self._molecules = Molecules(system.metal, grown, self._system.mobile, self._timing.step)
        self._forces = np.concatenate([self._forces, np.zeros((1, 3))])

    def close(self) -> None:
        """End the program that moves the atoms."""
        self._molecules.close()

    def _random_seed(self, number: int) -> int:
        return int(np.random.default_rng([*self._seed, 1, number]).integers(1, LARGEST_SEED))

    def _look(self, state: State) -> tuple[Array, Frame]:
        """Return the forces of the electrons now and what else is told."""
        count = len(self._system.positions)
        made = self._system.contact(state.positions[:count])
        if self._bias.left == self._bias.right or self._terms == "none":
            forces = np.zeros((count, 3))
        else:
            forces = recoil_forces(made, biased(made, self._bias), self._terms)
        molecules, mobile = self._molecules, self._system.mobile
        frame = Frame(
            time=self._intervals * self._timing.interval,
            conductance=conductance(made.junction, self._bias),
            temperature=kinetic_temperature(self._system.metal, state.velocities, mobile),
            energy=molecules.potential_energy + molecules.kinetic_energy,
            total_force=float(forces[:, 2].sum()),
            largest_force=float(np.linalg.norm(forces, axis=1).max()),
            work=self._work,
            atoms=count,
            narrowest=narrowest(made.junction),
        )
        return forces, frame
