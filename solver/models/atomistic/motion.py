"""From a config to a trajectory: thermostat, intervals, and what drives the atoms."""

from __future__ import annotations

import math

import numpy as np

from tusk.solver.config.atomistic import AtomisticConfig, Dynamics
from tusk.solver.models.atomistic.deposition import NOTHING, Deposition
from tusk.solver.models.atomistic.field import NEUTRAL, ChargedTips, FieldLaw
from tusk.solver.models.atomistic.molecular import Thermostat
from tusk.solver.models.atomistic.occupation import Window
from tusk.solver.models.atomistic.potential import Array
from tusk.solver.models.atomistic.recoil_run import Drives, RecoilRun, System, Timing
from tusk.solver.physics.constants import EV

PICOSECOND, ANGSTROM = 1e-12, 1e-10


def moving(config: AtomisticConfig, system: System, bias: Window) -> RecoilRun:
    """Return a contact that has been warmed and is about to move.

    Parameters
    ----------
    config
        The config; its `dynamics` has a duration.
    system
        Atoms at the start.
    bias
        Window of energies of the electrons.
    """
    dynamics = config.dynamics
    times = (dynamics.timestep, dynamics.interval, dynamics.warming)
    return RecoilRun(
        system,
        bias,
        Thermostat(dynamics.temperature, dynamics.relaxation / PICOSECOND),
        Timing(*(time / PICOSECOND for time in times)),
        config.electrons.terms,
        (config.seed, 0),
        drives(dynamics, system.hopping.spacing),
    )


def drives(dynamics: Dynamics, spacing: float) -> Drives:
    """Return what changes the contact beside the electrons; neighbours are `spacing` apart."""
    deposition = NOTHING
    if dynamics.deposit_every is not None:
        every, radius = dynamics.deposit_every / PICOSECOND, dynamics.deposit_radius / ANGSTROM
        deposition = Deposition(every, radius, spacing, dynamics.deposit_atoms or math.inf)
    return Drives(deposition, field_law(dynamics), 1e-2 * (dynamics.pulling or 0.0))


def field_law(dynamics: Dynamics) -> FieldLaw:
    """Return how charges follow a voltage."""
    if dynamics.field is None:
        return NEUTRAL
    return FieldLaw(
        dynamics.field,
        dynamics.field_hardness / EV,
        dynamics.field_every / PICOSECOND,
        dynamics.field_walls / ANGSTROM,
    )


def resting_charges(dynamics: Dynamics, system: System) -> Array:
    """Return the charges of atoms at their places at the start (n,), elementary charges."""
    law, count = field_law(dynamics), len(system.positions)
    if not law.is_on:
        return np.zeros(count)
    found = ChargedTips(law, system.hopping, system.shell).equilibrated(system.positions)
    return found.values[:count]
