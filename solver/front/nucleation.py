"""The wait for a nucleus: before it is there, no ions cross the filament's surface.

The rate is that of classical nucleation under an overpotential eta, in the form of the JART ECM
models (Menzel, Tappertzhofen, Waser and Valov, Phys. Chem. Chem. Phys. 15, 6945 (2013)):
1/t_0 exp(-dG/kT) exp((N_c + alpha) z e |eta|/kT).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from tusk.meshes.curve import Points
from tusk.solver.fields.field import ELECTRON, HEAT, ION
from tusk.solver.front.process import Event, Process
from tusk.solver.front.surface import Shape, Solved, Weights
from tusk.solver.physics.constants import BOLTZMANN, ELEMENTARY_CHARGE
from tusk.solver.physics.contact.master_equation import event_numbers

TOLERANCE = 1e-3
"""Part of the integrated rate by which a nucleation may be late."""

LARGEST_EXPONENT = 600.0
"""Of the rate; a step is no finer than this resolves."""

ON_NUCLEUS = 1.0 + 1e-3
"""Distance, in nucleus radii, up to which a surface rests on the nucleus."""

NUCLEATIONS = 1 << 40
"""Added to the number of a nucleation: its random numbers are none of the contact's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the nucleation remembers.

    Attributes
    ----------
    waiting
        Whether there is no nucleus yet.
    grown
        Whether metal has grown beyond the nucleus since.
    hazard
        Integral of the rate over the wait.
    rate
        1/s, at the last solution.
    number
        How many nuclei there have been.
    """

    nodal: ClassVar[tuple[str, ...]] = ()

    waiting: bool
    grown: bool = False
    hazard: float = 0.0
    rate: float = 0.0
    number: int = 0


@dataclass(frozen=True, slots=True)
class NucleationLaw:
    """Numbers of the rate.

    Attributes
    ----------
    time
        t_0 in s.
    energy
        dG in J.
    critical_atoms, transfer_coefficient
        N_c and alpha.
    charge_number
        z of the ions.
    drawn
        Whether waits are drawn; else each is the mean one.
    seed, member
        Of the random numbers.
    """

    time: float
    energy: float
    critical_atoms: float
    transfer_coefficient: float
    charge_number: float
    drawn: bool = False
    seed: int = 0
    member: int = 0

    def rate(self, overpotential: float, temperature: float) -> float:
        """Return the rate in 1/s at eta < 0 (V) and T (K); without a driving force none."""
        if overpotential >= 0.0:
            return 0.0
        atoms = self.critical_atoms + self.transfer_coefficient
        work = atoms * self.charge_number * ELEMENTARY_CHARGE * -overpotential
        exponent = (work - self.energy) / (BOLTZMANN * temperature)
        return float(np.exp(min(exponent, LARGEST_EXPONENT))) / self.time

    def threshold(self, number: int) -> float:
        """Return the integrated rate at which a nucleus is there: 1, or drawn."""
        if not self.drawn:
            return 1.0
        stream = event_numbers(self.seed, self.member, NUCLEATIONS + number)
        return float(stream.standard_exponential())


class Nucleation(Process[Waiting]):
    """No growth before a nucleus is there; again none once all metal is gone.

    Parameters
    ----------
    law
        The rate.
    radius
        Of the nucleus, nm.
    """

    name = "nucleation"
    memory = Waiting

    def __init__(self, law: NucleationLaw, radius: float) -> None:
        self.law = law
        self.radius = radius

    def begin(self, shape: Shape) -> Waiting:
        """Return that a nucleus is waited for, unless metal stands already."""
        resting = self._rests(shape.curve)
        return Waiting(resting, grown=not resting)

    def weigh(self, memory: Waiting, shape: Shape, weights: Weights) -> Weights:
        """Return factors by which no ions cross the surface while there is no nucleus."""
        if not memory.waiting:
            return weights
        return weights.held(np.ones(len(shape.curve), dtype=bool), still=True)

    def observed(self, memory: Waiting, at: Solved) -> Waiting:
        """Return the memory with the rate at the top of the nucleus to be."""
        if not memory.waiting:
            return memory
        overpotential = float(at.fields[0, ELECTRON] - at.fields[0, ION])
        return replace(memory, rate=self.law.rate(overpotential, float(at.fields[0, HEAT])))

    def concluded(self, memory: Waiting, at: Solved) -> Waiting:
        """Return whether metal has grown, and whether all of it is gone again."""
        if memory.waiting:
            return memory
        resting = self._rests(at.shape.curve)
        if memory.grown and resting:
            return Waiting(waiting=True, number=memory.number)
        return replace(memory, grown=memory.grown or not resting)

    def advanced(self, memory: Waiting, step: float, shape: Shape, columns: int) -> Waiting:  # noqa: ARG002
        """Return the memory with the rate integrated over a step."""
        return replace(memory, hazard=memory.hazard + step * memory.rate)

    def midway(self, first: Waiting, second: Waiting) -> Waiting:
        """Return ``first`` with the mean of both rates."""
        return replace(first, rate=0.5 * (first.rate + second.rate))

    def limit(self, memory: Waiting) -> float:
        """Return the longest step (s): to the nucleus at the present rate."""
        if not memory.waiting or memory.rate == 0.0:
            return np.inf
        left = self.law.threshold(memory.number) - memory.hazard
        return max(left, 0.5 * TOLERANCE) / memory.rate

    def error(self, rough: Waiting, fine: Waiting) -> float:
        """Return by how much the integrated rate is unsure, in parts of one nucleus."""
        return min(abs(rough.hazard - fine.hazard), 1.0)

    def event(self, before: Waiting, after: Waiting) -> Event[Waiting] | None:
        """Return the nucleation if it happens in the step or at its end."""
        if not before.waiting:
            return None
        threshold = max(self.law.threshold(before.number), before.hazard)
        if after.hazard > threshold + TOLERANCE:
            left = max(threshold - before.hazard, 0.5 * TOLERANCE)
            return Event(after, share=min(left / (after.hazard - before.hazard), 0.9))
        if after.hazard < threshold - TOLERANCE:
            return None
        return Event(Waiting(waiting=False, number=before.number + 1))

    def _rests(self, curve: Points) -> bool:
        """Return whether all of the surface is that of the nucleus."""
        return bool(np.all(np.hypot(*curve.T) <= self.radius * ON_NUCLEUS))
