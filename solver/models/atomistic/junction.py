"""Quantum transport through atoms between two leads: Green's functions, layer by layer.

G(E) = (E - H - Sigma_L - Sigma_R)^-1, Sigma_S = V_S g_S V_S^T ([K 6]); transmission
T = tr(G^+ Gamma_L G Gamma_R) ([K 7]). Atoms are put in layers that couple to the next ones only, so
that the work grows with their number and not with its cube.
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu_solve
from scipy.linalg.lapack import zgetrf as getrf
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from tusk.solver.errors import InputError, SolveError
from tusk.solver.models.atomistic.leads import Complex, Terminal
from tusk.solver.models.atomistic.potential import Array

Side = Literal["left", "right"]
Index = NDArray[np.int64]

_SINGULAR = 1e-11
_DIGITS = 1e-5
"""Smallest pivots over the largest element: no digits are left; about ten digits are left."""
_UNITARY = 1e-6
"""How far above 1 the transmission of a channel may come out."""


@dataclass(frozen=True)
class Junction:
    """Atoms between two leads.

    Attributes
    ----------
    hamiltonian
        (n, n), eV, real and symmetric.
    left, right
        The leads.

    Raises
    ------
    InputError
        If the shapes do not fit.
    """

    hamiltonian: Array
    left: Terminal
    right: Terminal

    def __post_init__(self) -> None:
        size = len(self.hamiltonian)
        if self.hamiltonian.shape != (size, size) or size == 0:
            raise InputError(f"hamiltonian: must be square, got {self.hamiltonian.shape}")
        for name, terminal in (("left", self.left), ("right", self.right)):
            if len(terminal.coupling) != size:
                got = terminal.coupling.shape
                raise InputError(f"{name}.coupling: allowed {size} rows, got {got}")

    @cached_property
    def touched(self) -> tuple[Index, Index]:
        """Atoms that the left and the right lead touch."""
        return (
            np.flatnonzero(np.any(self.left.coupling != 0.0, axis=1)),
            np.flatnonzero(np.any(self.right.coupling != 0.0, axis=1)),
        )

    @cached_property
    def layers(self) -> list[Index]:
        """Atoms in layers, each coupled to its neighbours only, from left to right.

        The first holds all atoms that the left lead touches, the last all that the right one
        touches. Atoms that no path joins to a lead carry nothing and are left out.
        """
        depth, height = self._hops
        if self.connected:
            # From the first atom that the right lead touches, its self-energy joins all.
            ends = depth[self.touched[1]]
            last = int(ends[ends >= 0].min())
            near = np.minimum(depth, last)
            beyond = np.full(len(depth), last)
        else:
            near = depth
            beyond = depth.max(initial=-1) + 1 + height.max(initial=-1) - height
        level = np.where(depth >= 0, near, np.where(height >= 0, beyond, -1))
        return [np.flatnonzero(level == k) for k in range(int(level.max(initial=-1)) + 1)]

    @cached_property
    def _hops(self) -> tuple[Index, Index]:
        """Hops from the atoms that the left and the right lead touch, -1 where no path leads."""
        graph = csr_array(self.hamiltonian != 0.0)
        return _depths(graph, self.touched[0]), _depths(graph, self.touched[1])

    @cached_property
    def connected(self) -> bool:
        """Whether a path of hoppings joins the leads."""
        return bool((self._hops[0][self.touched[1]] >= 0).any())

    def self_energies(self, energy: complex) -> tuple[Complex, Complex]:
        """Return Sigma of both leads on the atoms they touch, eV."""
        found = []
        for atoms, terminal in zip(self.touched, (self.left, self.right), strict=True):
            coupling = terminal.coupling[atoms]
            found.append(np.asarray(coupling @ terminal.green(energy) @ coupling.T))
        return found[0], found[1]

    def inverse(self, energy: complex) -> Complex:
        """Return E - H - Sigma_L - Sigma_R, (n, n)."""
        identity = np.eye(len(self.hamiltonian))
        matrix: Complex = np.asarray(energy * identity - self.hamiltonian, dtype=complex)
        for atoms, sigma in zip(self.touched, self.self_energies(energy), strict=True):
            matrix[np.ix_(atoms, atoms)] -= sigma
        return matrix

    def solved(self, energy: complex) -> Solved:
        """Return E - H - Sigma, ready to be solved with.

        By layers, unless a layer alone is nearly singular at this energy, which costs digits: then
        at once. A state that symmetry keeps apart from both leads makes the whole singular at its
        energy, where nothing that is observed is: the energy then moves by a billionth of the
        hopping.

        Raises
        ------
        SolveError
            If that does not help.
        """
        with contextlib.suppress(SolveError):
            return Elimination(self, energy)
        with contextlib.suppress(SolveError):
            return Whole(self, energy)
        return Whole(self, energy + 1e-9 * float(np.abs(self.hamiltonian).max()))

    def transmission_matrix(self, energy: float) -> Complex:
        """Return Gamma_L^(1/2) G Gamma_R G^+ Gamma_L^(1/2): its eigenvalues are the channels.

        Raises
        ------
        SolveError
            If a channel transmits more than 1.
        """
        left = self.touched[0]
        if not self.connected:
            return np.zeros((len(left), len(left)), dtype=complex)
        sigma_left, sigma_right = self.self_energies(energy)
        green = self.solved(energy).columns("right", only=left)
        first, second = broadened(sigma_left), broadened(sigma_right)
        amplitude = first.conj().T @ green @ second
        matrix = np.asarray(amplitude @ amplitude.conj().T)
        largest = float(np.linalg.norm(matrix, 2))
        if not largest <= 1.0 + _UNITARY:
            raise SolveError(f"transport at {energy:.6g} eV: a channel transmits {largest:.9g} > 1")
        return matrix

    def transmission(self, energy: float) -> float:
        """Return the transmission of all channels of one spin at an energy (eV)."""
        return float(np.trace(self.transmission_matrix(energy)).real)

    def channels(self, energy: float) -> Array:
        """Return the transmissions of the channels at an energy (eV), largest first."""
        return np.linalg.eigvalsh(self.transmission_matrix(energy))[::-1]


class Solved(Protocol):
    """E - H - Sigma at one energy."""

    def columns(self, side: Side, only: Index | None = None) -> Complex:
        """Return the columns of G at the atoms one lead touches, (n, touched), or some rows."""
        ...


class Whole:
    """Elimination of E - H - Sigma at once, with pivots from anywhere.

    Parameters
    ----------
    junction
        The junction; only atoms that a path joins to a lead take part.
    energy
        E, eV.

    Raises
    ------
    SolveError
        If the equations are singular.
    """

    def __init__(self, junction: Junction, energy: complex) -> None:
        self._junction = junction
        self._atoms = np.concatenate(junction.layers)
        matrix = junction.inverse(energy)[np.ix_(self._atoms, self._atoms)]
        self._factors = _factors(matrix, energy, _SINGULAR)

    def columns(self, side: Side, only: Index | None = None) -> Complex:
        """Return the columns of G at the atoms one lead touches, (n, touched), or some rows."""
        size = len(self._junction.hamiltonian)
        touched = self._junction.touched[0 if side == "left" else 1]
        right = np.zeros((size, len(touched)), dtype=complex)
        right[touched, np.arange(len(touched))] = 1.0
        green = np.zeros_like(right)
        green[self._atoms] = lu_solve(self._factors, right[self._atoms], check_finite=False)
        return green if only is None else green[only]


class Elimination:
    """Block elimination of E - H - Sigma over the layers of a junction.

    Parameters
    ----------
    junction
        The junction.
    energy
        E, eV, real or in the upper half of the complex plane.

    Raises
    ------
    SolveError
        If the equations of a layer are singular.
    """

    def __init__(self, junction: Junction, energy: complex) -> None:
        self._junction = junction
        layers = self._layers = junction.layers
        hamiltonian = junction.hamiltonian
        self._down = [-hamiltonian[np.ix_(b, a)] for a, b in itertools.pairwise(layers)]
        self._factors: list[tuple[Complex, Index]] = []
        self._passed: list[Complex] = []
        place = np.full(len(hamiltonian), -1)
        for layer in layers:
            place[layer] = np.arange(len(layer))
        self._place = place
        sigmas = junction.self_energies(energy)
        for k, layer in enumerate(layers):
            block = energy * np.eye(len(layer)) - hamiltonian[np.ix_(layer, layer)].astype(complex)
            for atoms, sigma in zip(junction.touched, sigmas, strict=True):
                _subtract(block, layer, place, atoms, sigma)
            if k:
                block -= self._down[k - 1] @ self._passed[k - 1]
            self._factors.append(_factors(block, energy, _DIGITS))
            if k + 1 < len(layers):
                coupling = self._down[k].T.astype(complex)
                self._passed.append(lu_solve(self._factors[k], coupling, check_finite=False))

    def columns(self, side: Side, only: Index | None = None) -> Complex:
        """Return the columns of G at the atoms one lead touches, (n, touched), or some rows."""
        atoms = self._junction.touched[0 if side == "left" else 1]
        parts: list[Complex] = []
        previous: Complex | None = None
        for k, layer in enumerate(self._layers):
            right = np.zeros((len(layer), len(atoms)), dtype=complex)
            mine = np.flatnonzero(np.isin(atoms, layer, assume_unique=True))
            right[self._place[atoms[mine]], mine] = 1.0
            if previous is not None:
                right -= self._down[k - 1] @ previous
            previous = lu_solve(self._factors[k], right, check_finite=False)
            parts.append(previous)
        for k in range(len(parts) - 2, -1, -1):
            parts[k] = parts[k] - self._passed[k] @ parts[k + 1]
        green = np.zeros((len(self._place), len(atoms)), dtype=complex)
        for layer, part in zip(self._layers, parts, strict=True):
            green[layer] = part
        return green if only is None else green[only]


def _factors(block: Complex, energy: complex, least: float) -> tuple[Complex, Index]:
    factors, swaps, _ = getrf(block)
    scale = float(np.abs(block).max()) + abs(energy)
    if not np.abs(factors.diagonal()).min() > least * scale:
        raise SolveError(f"transport at {energy.real:.6g} eV: the equations are singular")
    return factors, swaps


def _subtract(block: Complex, layer: Index, place: Index, atoms: Index, sigma: Complex) -> None:
    mine = np.flatnonzero(np.isin(atoms, layer, assume_unique=True))
    rows = place[atoms[mine]]
    block[np.ix_(rows, rows)] -= sigma[np.ix_(mine, mine)]


def _depths(graph: csr_array, sources: Index) -> Index:
    """Return the number of hops from the nearest source, -1 where no path leads."""
    size = graph.shape[0]
    depth = np.full(size, -1, dtype=np.int64)
    if not len(sources):
        return depth
    # One more node, joined to all sources, makes it one search.
    rows = np.full(len(sources), size)
    start = csr_array((np.ones(len(sources), dtype=bool), (rows, sources)), shape=(size + 1,) * 2)
    inner = graph.tocoo()
    grown = csr_array((inner.data, (inner.row, inner.col)), shape=(size + 1,) * 2) + start
    order, parents = breadth_first_order(grown, size, directed=True)
    hops = np.full(size + 1, -1, dtype=np.int64)
    hops[size] = 0
    for node in order[1:]:
        hops[node] = hops[parents[node]] + 1
    return hops[:size] - (hops[:size] > 0)


def broadened(green: Complex) -> Complex:
    """Return B with B B^+ = i (g - g^+), also of a self-energy; positive but for round-off."""
    values, vectors = np.linalg.eigh(1j * (green - green.conj().T))
    keep = values > 0.0
    return np.asarray(vectors[:, keep] * np.sqrt(values[keep]))


def narrowest(junction: Junction) -> int:
    """Return the least number of atoms in whose absence no path joins the leads (min-cut)."""
    if not junction.connected:
        return 0
    size = len(junction.hamiltonian)
    first, second = np.nonzero(junction.hamiltonian)
    # Each atom is an edge of capacity 1 from its entrance (i) to its exit (size + i).
    source, sink = 2 * size, 2 * size + 1
    left, right = junction.touched
    edges = [
        (np.arange(size), size + np.arange(size), 1),
        (size + first, second, size),
        (np.full(len(left), source), left, size),
        (size + right, np.full(len(right), sink), size),
    ]
    rows, columns = (np.concatenate([edge[k] for edge in edges]) for k in (0, 1))
    capacity = np.concatenate([np.full(len(edge[0]), edge[2]) for edge in edges])
    shape = (2 * size + 2,) * 2
    graph = coo_array((capacity.astype(np.int32), (rows, columns)), shape=shape).tocsr()
    return int(maximum_flow(graph, source, sink).flow_value)
