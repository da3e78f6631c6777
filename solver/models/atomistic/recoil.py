"""Forces of the electrons on the atoms ([K 3, 4, 10]), as changed by a bias.

F_i = 2 sum_j n_ij (dt_ij/dr) (n_j + 2 Re c_ij), over the neighbours j and both spins, n_ij the unit
vector from i to j. The part with c_ij is exact, the gradient of the hopping; the part with n_j is
the paper's estimate of how a neighbour's electrons pull. Where the hopping does not yet fade,
dt/dr = -zeta t, as printed.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from tusk.solver.models.atomistic.contact import Contact
from tusk.solver.models.atomistic.occupation import Occupation
from tusk.solver.models.atomistic.potential import Array

Terms = Literal["full", "filament", "bond", "none"]


def recoil_forces(contact: Contact, occupation: Occupation, terms: Terms = "full") -> Array:
    """Return the force of the electrons on each atom of the junction (n, 3), eV/angstrom.

    Parameters
    ----------
    contact
        Atoms and hoppings.
    occupation
        Of the same contact: what a bias changes, or all of it.
    terms
        ``full``: both terms, with the sites of the leads; ``filament``: both terms between atoms
        of the junction only; ``bond``: the exact term alone, with the sites of the leads;
        ``none``: no force.
    """
    bonds, atoms = contact.bonds, contact.atoms
    if terms == "none":
        return np.zeros((atoms, 3))
    within = bonds.second < atoms
    exact = 4.0 * bonds.slope * occupation.bonds
    on_first, on_second = exact, exact
    if terms != "bond":
        on_first = exact + 2.0 * bonds.slope * occupation.sites[bonds.second]
        on_second = exact + 2.0 * bonds.slope * occupation.sites[bonds.first]
    if terms == "filament":
        on_first = np.where(within, on_first, 0.0)
    forces = np.empty((atoms, 3))
    inner, second = bonds.first, bonds.second[within]
    for axis in range(3):
        pull = np.bincount(inner, on_first * bonds.unit[:, axis], atoms)
        back = np.bincount(second, (on_second * bonds.unit[:, axis])[within], atoms)
        forces[:, axis] = pull - back
    return forces
