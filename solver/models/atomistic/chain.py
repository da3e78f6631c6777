"""The atomic chain as a contact: the same transport and forces as those of atoms in space."""

from __future__ import annotations

import numpy as np

from tusk.solver.models.atomic_chain.chain import Chain
from tusk.solver.models.atomistic.contact import Bonds, Contact
from tusk.solver.models.atomistic.junction import Junction
from tusk.solver.models.atomistic.leads import StackTerminal


def chain_contact(chain: Chain, reach: int) -> Contact:
    """Return the atoms -reach ... reach of a chain between its leads, along z."""
    system = chain.system(reach)
    size = 2 * reach + 1
    junction = Junction(system.hamiltonian, StackTerminal(system.left), StackTerminal(system.right))
    positions = np.zeros((size, 3))
    positions[:, 2] = chain.lattice_constant * np.arange(-reach, reach + 1)
    # Inner bonds, then those to the left lead's atom (size) and to the right one's (size + 1).
    first = np.array([*range(size - 1), 0, size - 1])
    second = np.array([*range(1, size), size, size + 1])
    ends = [system.left.coupling[0, 0], system.right.coupling[-1, 0]]
    hopping = np.concatenate([np.diag(system.hamiltonian, 1), ends])
    unit = np.zeros((size + 1, 3))
    unit[:, 2] = np.where(np.arange(size + 1) == size - 1, -1.0, 1.0)
    bonds = Bonds(first, second, hopping, -chain.decay * hopping, unit)
    return Contact(junction, positions, bonds)
