"""The atomic chain as the runner sees it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tusk.solver.config import ChainConfig
from tusk.solver.core.model import OneProcess, one_process
from tusk.solver.models.atomic_chain.chain import Chain
from tusk.solver.models.atomic_chain.run import ChainRun
from tusk.solver.physics.constants import EV
from tusk.solver.timing import Timer

_ANGSTROM = 1e-10


@dataclass(frozen=True, slots=True)
class PreparedChain:
    """A chain of a config."""

    config: ChainConfig

    def laws(self) -> list[tuple[str, str]]:
        """Return formulas of what is solved."""
        chain = build_chain(self.config)
        return [
            (
                "hamiltonian",
                f"one orbital per atom, t = {chain.hopping:g} eV, v_L = "
                f"{chain.left_hopping:g} eV, v_R = {chain.right_hopping:g} eV",
            ),
            ("transmission", "T(E) = tr(G+ Gamma_L G Gamma_R), semi-infinite leads"),
            ("density", "<c_j+ c_k> = sum_S int^mu_S G Gamma_S G+ dE/2 pi, bound states left out"),
            ("force on an atom", "F_i = -zeta sum_j n_ij t_ij (n_j + c_ij + c_ji)"),
            ("total force", "(2/pi) int (1 - T) k dE over the bias window"),
        ]

    def open(self, directory: Path) -> ChainRun:
        """Begin the run in a prepared directory."""
        return ChainRun(self.config, build_chain(self.config), directory)


def communicator(config: ChainConfig) -> OneProcess:
    """Refuse what the chain refuses, and several ranks; nothing is written yet."""
    build_chain(config)
    return one_process(config.model)


def libraries() -> dict[str, str]:
    """Return versions of other libraries: it needs none."""
    return {}


def prepare(config: ChainConfig, comm: OneProcess, timer: Timer) -> PreparedChain:  # noqa: ARG001
    """Return the chain of a config."""
    return PreparedChain(config)


def build_chain(config: ChainConfig) -> Chain:
    """Return the chain of a config in eV and angstrom."""
    chain = config.chain
    return Chain(
        hopping=chain.hopping / EV,
        onsite=chain.onsite / EV,
        left_hopping=chain.left_hopping / EV,
        right_hopping=chain.right_hopping / EV,
        lattice_constant=chain.lattice_constant / _ANGSTROM,
        decay=chain.decay * _ANGSTROM,
        screened_charge=chain.screened_charge,
        fermi_energy=chain.fermi_energy / EV,
    )
