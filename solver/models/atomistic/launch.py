"""The atomistic model as the runner sees it."""

from __future__ import annotations

import contextlib
import math
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from tusk.solver.config.atomistic import AtomisticConfig, Structure
from tusk.solver.core.model import OneProcess, one_process
from tusk.solver.models.atomistic.hopping import HALF_FILLING, Hopping
from tusk.solver.models.atomistic.molecular import lammps_library
from tusk.solver.models.atomistic.potential import Metal, metal
from tusk.solver.models.atomistic.recoil_run import System, between_electrodes
from tusk.solver.models.atomistic.run import AtomisticRun
from tusk.solver.models.atomistic.structures import Lattice, neck, numbers, squares
from tusk.solver.models.atomistic.tabulated import mishin2001
from tusk.solver.physics.constants import EV
from tusk.solver.timing import Timer

_ANGSTROM = 1e-10
_AXIS = {"neck": (0.25, 0.25), "pyramids": (0.0, 0.0)}
"""Where the axis goes through the crystal: a neck is the narrowest between atoms and hollows."""

_NAMES = {"zhou2004": "Zhou 2004", "mishin2001": "Mishin 2001"}


@dataclass(frozen=True, slots=True)
class PreparedAtoms:
    """The atoms of a config."""

    config: AtomisticConfig
    system: System

    def laws(self) -> list[tuple[str, str]]:
        """Return formulas of what is solved."""
        law, chosen = self.system.hopping, self.system.metal
        name = _NAMES[self.config.structure.potential]
        laws = [
            ("interatomic forces", f"E = 1/2 sum phi(r_ij) + sum F(rho_i), {name}, "
             f"{chosen.symbol}, a = {chosen.lattice_constant:g} angstrom"),
            ("hopping", f"t = {law.value:g} eV exp(-{law.decay:g} (r - {law.spacing:.4f})), r in "
             f"angstrom, to 0 from {law.fade:g} to {law.reach:g}"),
            ("leads", f"half crystals, face {self.config.structure.face}, in closed form"),
            ("transmission", "T(E) = tr(G+ Gamma_L G Gamma_R)"),
            ("recoil", {
                "full": "F_i = 2 sum_j n_ij t'_ij (n_j + 2 Re c_ij), less its value at 0 V",
                "filament": "the same between the atoms that move",
                "none": "none",
                "bond": "F_i = 4 sum_j n_ij t'_ij Re c_ij, less its value at 0 V",
            }[self.config.electrons.terms]),
        ]  # fmt: skip
        if self.config.dynamics.duration is not None:
            laws.append(("motion", "Langevin, frozen electrodes, LAMMPS"))
        return laws

    def open(self, directory: Path) -> AtomisticRun:
        """Begin the run in a prepared directory."""
        return AtomisticRun(self.config, self.system, fermi_level(self.config), directory)


def communicator(config: AtomisticConfig) -> OneProcess:
    """Refuse several ranks, and motion without LAMMPS; nothing is written yet."""
    comm = one_process(config.model)
    if config.dynamics.duration is not None:
        lammps_library()
    build_system(config).contact(build_system(config).positions)
    return comm


def libraries() -> dict[str, str]:
    """Return versions of other libraries: of LAMMPS, if it is there."""
    with contextlib.suppress(PackageNotFoundError):
        return {"lammps": version("lammps")}
    return {}


def prepare(config: AtomisticConfig, comm: OneProcess, timer: Timer) -> PreparedAtoms:  # noqa: ARG001
    """Return the atoms of a config."""
    return PreparedAtoms(config, build_system(config))


def build_system(config: AtomisticConfig) -> System:
    """Return moving atoms, frozen ones and leads of a config, in eV and angstrom."""
    structure, electrons = config.structure, config.electrons
    chosen = potential(structure)
    spacing = chosen.lattice_constant / math.sqrt(2.0)
    lattice = Lattice(structure.face, spacing, _AXIS[structure.shape])
    layers = numbers(structure.layers)
    if structure.shape == "neck":
        atoms = neck(lattice, structure.layers, structure.radius, structure.flare)
    else:
        empty = (structure.gap_layers + 1) // 2
        atoms = squares(lattice, [max(0, 1 + abs(n) - empty) for n in layers])
    hopping = Hopping(
        value=electrons.hopping / EV,
        spacing=spacing,
        decay=electrons.decay * _ANGSTROM,
        fade=electrons.fade / _ANGSTROM,
        reach=electrons.reach / _ANGSTROM,
    )
    system = between_electrodes(chosen, lattice, atoms, layers, hopping, electrons.grid)
    gap = structure.gap_layers * lattice.height
    return replace(system, half_gap=0.5 * gap)


def potential(structure: Structure) -> Metal:
    """Return the interatomic forces of a config."""
    return mishin2001() if structure.potential == "mishin2001" else metal(structure.element)


def fermi_level(config: AtomisticConfig) -> float:
    """Return E_F, eV."""
    electrons = config.electrons
    if isinstance(electrons.fermi_level, str):
        # The band of t > 0 is that of t < 0 upside down.
        return -HALF_FILLING * electrons.hopping / EV
    return electrons.fermi_level / EV
