"""Energy and forces of embedded atoms, and their relaxation, in NumPy.

For the carving of contacts and for tests; molecular dynamics goes through LAMMPS (`dynamics`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import cKDTree

from tusk.solver.errors import SolveError
from tusk.solver.models.atomistic.potential import Array, Metal

Box = tuple[float, float, float]


def pairs(positions: Array, reach: float, box: Box | None = None) -> NDArray[np.int64]:
    """Return each pair of atoms closer than a reach once, (m, 2).

    Parameters
    ----------
    positions
        (n, 3), angstrom.
    reach
        Angstrom.
    box
        Periods along x, y and z, angstrom; 0 where there is none. More than twice the reach.
    """
    if box is None:
        tree = cKDTree(positions)
    else:
        lowest = positions.min(axis=0)
        room = positions.max(axis=0) - lowest + 2.0 * reach
        periods = np.where(np.asarray(box) > 0.0, box, room)
        tree = cKDTree((positions - lowest) % periods, boxsize=periods)
    return np.asarray(tree.query_pairs(reach, output_type="ndarray"), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class EmbeddedAtoms:
    """Energy of atoms of one metal.

    Attributes
    ----------
    metal
        The functions.
    box
        Periods along x, y and z, angstrom, each more than twice the cut-off; 0 for none.
    """

    metal: Metal
    box: Box | None = None

    def energy_and_forces(self, positions: Array) -> tuple[float, Array]:
        """Return the energy (eV) and the forces (n, 3) at positions (n, 3)."""
        chosen, count = self.metal, len(positions)
        first, second = pairs(positions, chosen.cutoff, self.box).T
        vector = self._nearest_image(positions[second] - positions[first])
        distance = np.linalg.norm(vector, axis=1)
        pair, pair_slope = chosen.pair_energy(distance)
        f, f_slope = chosen.electron_density(distance)
        density = np.bincount(first, f, count) + np.bincount(second, f, count)
        embedding, embedding_slope = chosen.embedding_energy(density)
        slope = pair_slope + (embedding_slope[first] + embedding_slope[second]) * f_slope
        push = (slope / distance)[:, None] * vector
        forces = np.stack(
            [
                np.bincount(first, push[:, k], count) - np.bincount(second, push[:, k], count)
                for k in range(3)
            ],
            axis=1,
        )
        return float(pair.sum() + embedding.sum()), forces

    def _nearest_image(self, vector: Array) -> Array:
        if self.box is None:
            return vector
        periods = np.asarray(self.box)
        safe = np.where(periods > 0.0, periods, 1.0)
        return np.where(periods > 0.0, vector - periods * np.round(vector / safe), vector)

    def relax(
        self, positions: Array, mobile: NDArray[np.bool_], force: float = 1e-3, steps: int = 2000
    ) -> Array:
        """Return the positions at the nearest minimum of the energy.

        Parameters
        ----------
        positions
            (n, 3), angstrom.
        mobile
            (n,), atoms that may move.
        force
            Largest component that is left, eV/angstrom.
        steps
            Iterations at most.

        Raises
        ------
        SolveError
            If the force is not reached.
        """
        if not mobile.any():
            return positions.copy()

        def placed(coordinates: Array) -> Array:
            moved = positions.copy()
            moved[mobile] = coordinates.reshape(-1, 3)
            return moved

        def objective(coordinates: Array) -> tuple[float, Array]:
            energy, forces = self.energy_and_forces(placed(coordinates))
            return energy, -forces[mobile].ravel()

        options = {"maxiter": steps, "maxfun": 4 * steps, "gtol": force, "ftol": 0.0, "maxcor": 20}
        found = minimize(
            objective, positions[mobile].ravel(), jac=True, method="L-BFGS-B", options=options
        )
        left = float(np.abs(found.jac).max())
        if not left <= force:
            raise SolveError(
                f"relaxation of {int(mobile.sum())} atoms: {left:.2g} eV/angstrom left after "
                f"{found.nit} steps, allowed {force:g}"
            )
        return placed(found.x)
