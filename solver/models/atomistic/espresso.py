"""Inputs of Quantum ESPRESSO, an optional program: pw.x for lead and contact, then pwcond.x.

As in Milano 2024: the ballistic conductance of one structure in density functional theory. The
crystal is repeated across, so that contacts stand a vacuum apart; along the axis a
cell begins in its first layer, as pwcond.x wants, and that of the contact ends where the next lead
begins.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.contact import Electrode
from tusk.solver.models.atomistic.leads import LAYERS
from tusk.solver.models.atomistic.potential import Array, Metal

VACUUM = 6.0
"""Distance of a contact from its images, angstrom."""
_PERIOD = {"001": 2, "111": 3}
_WAVES, _DENSITY = 28.0, 280.0  # cut-offs in Ry, of Milano 2024
_LENGTH = 30.0  # of the lead times its wave vectors, angstrom
_MATCH = 1e-6


@dataclass(frozen=True)
class Cell:
    """Atoms that repeat.

    Attributes
    ----------
    vectors
        Of the cell, in rows (3, 3), angstrom; the third along z.
    positions
        (n, 3), angstrom, the first layer at z = 0.
    """

    vectors: Array
    positions: Array


@dataclass(frozen=True, slots=True)
class Element:
    """What stands for an atom.

    Attributes
    ----------
    symbol, mass
        Name, and mass in atomic mass units.
    pseudopotential
        Name of its UPF file, beside the inputs.
    """

    symbol: str
    mass: float
    pseudopotential: str


def checked_name(key: str, pseudopotential: str) -> str:
    """Return the name of a UPF file.

    Raises
    ------
    InputError
        If it is none; the message begins with `key`.
    """
    if not re.fullmatch(r"[^/\s]+\.(upf|UPF)", pseudopotential):
        allowed = "the name of a UPF file, which is put beside the inputs"
        raise InputError(f"{key}: allowed {allowed}, got {pseudopotential}")
    return pseudopotential


def pw_input(name: str, cell: Cell, element: Element) -> str:
    """Return an input of pw.x: self-consistent density of a cell, which others call `name`."""
    points = max(1, round(_LENGTH / float(cell.vectors[2, 2])))
    lines = [
        "&control",
        f"  calculation = 'scf', prefix = '{name}'",
        "  outdir = './out', pseudo_dir = './'",
        "/",
        "&system",
        f"  ibrav = 0, nat = {len(cell.positions)}, ntyp = 1",
        f"  ecutwfc = {_WAVES:g}, ecutrho = {_DENSITY:g}",
        "  occupations = 'smearing', smearing = 'mv', degauss = 0.01",
        "/",
        "&electrons",
        "  conv_thr = 1.0d-8, mixing_beta = 0.3",
        "/",
        "ATOMIC_SPECIES",
        f"{element.symbol} {element.mass:g} {element.pseudopotential}",
        "CELL_PARAMETERS angstrom",
        *(" ".join(f"{x:.10f}" for x in row) for row in cell.vectors.tolist()),
        "K_POINTS automatic",
        f"1 1 {points} 0 0 0",
        "ATOMIC_POSITIONS angstrom",
        *(f"{element.symbol} {x:.10f} {y:.10f} {z:.10f}" for x, y, z in cell.positions.tolist()),
    ]
    return "\n".join(lines) + "\n"


def pwcond_input(lead: str, contact: str, energies: Array) -> str:
    """Return an input of pwcond.x: T between equal leads at energies from the Fermi level, eV."""
    lines = [
        "&inputcond",
        f"  outdir = './out', prefixl = '{lead}', prefixs = '{contact}'",
        "  tran_file = 'transmission', ikind = 1",
        "  energy0 = 0.0d0, denergy = 0.0d0, ewind = 1.0d0, epsproj = 1.0d-4, nz1 = 3",
        "/",
        "1",
        "0.0 0.0 1.0",
        str(len(energies)),
        *(f"{energy:.6f}" for energy in energies.tolist()),
    ]
    return "\n".join(lines) + "\n"


def inputs(
    metal: Metal, atoms: Array, electrodes: tuple[Electrode, Electrode], pseudopotential: str
) -> dict[str, str]:
    """Return the inputs of a contact by the names of their files.

    Parameters
    ----------
    metal
        The element.
    atoms
        Between the electrodes (n, 3), angstrom.
    electrodes
        The crystals below and above.
    pseudopotential
        Name of the element's UPF file.

    Raises
    ------
    InputError
        If the name is no name of a UPF file.
    """
    name = checked_name("pseudopotential", pseudopotential)
    element = Element(metal.symbol, metal.mass, name)
    lead, contact = cells(atoms, electrodes)
    return {
        "lead.pw.in": pw_input("lead", lead, element),
        "contact.pw.in": pw_input("contact", contact, element),
        "pwcond.in": pwcond_input("lead", "contact", np.linspace(1.0, -1.0, 21)),
    }


def cells(atoms: Array, electrodes: tuple[Electrode, Electrode]) -> tuple[Cell, Cell]:
    """Return the cell of the lead, and that of the contact with some layers of the lead around."""
    left, right = electrodes
    period = _PERIOD[left.surface.face]
    plane = left.spacing * np.asarray(LAYERS[left.surface.face].vectors)
    wide = float(np.ptp(atoms[:, :2], axis=0).max()) + VACUUM
    # The narrowest width of the cell is between two opposite sides.
    size = math.ceil(wide / (float(np.linalg.det(plane)) / left.spacing))
    below = [_layer(left, -n, size) for n in range(period - 1, -1, -1)]
    above = [_layer(right, n, size) for n in range(_layers_above(left, right, period))]
    height = left.spacing * LAYERS[left.surface.face].height
    floor, top = below[0][0, 2], above[-1][0, 2] + height
    centre = size * plane.sum(axis=0) / 2.0
    shift = np.array([centre[0], centre[1], -floor])

    def cell(positions: Array, length: float) -> Cell:
        vectors = np.zeros((3, 3))
        vectors[:2, :2], vectors[2, 2] = size * plane, length
        return Cell(vectors, positions + shift)

    everything = np.concatenate([*below, atoms, *above])
    return cell(np.concatenate(below), period * height), cell(everything, float(top - floor))


def _layers_above(left: Electrode, right: Electrode, period: int) -> int:
    """Return how many layers of the right crystal make it go on like the left one's."""
    layers = LAYERS[left.surface.face]
    inverse = np.linalg.inv(np.asarray(layers.vectors))
    bottom = left.origin[:2] / left.spacing - (period - 1) * np.asarray(layers.shift)
    for count in range(period, 2 * period):
        beyond = right.origin[:2] / left.spacing + count * np.asarray(layers.shift)
        numbers = (beyond - bottom) @ inverse
        if np.abs(numbers - np.round(numbers)).max() < _MATCH:
            return count
    raise InputError("pseudopotential: the electrodes are not parts of one crystal")


def _layer(electrode: Electrode, number: int, size: int) -> Array:
    """Return size x size atoms of a layer, its number counted upwards from the surface."""
    layers = LAYERS[electrode.surface.face]
    vectors = np.asarray(layers.vectors)
    steps = np.arange(size)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    place = electrode.origin[:2] / electrode.spacing + number * np.asarray(layers.shift)
    numbers = place @ np.linalg.inv(vectors) + grid
    wrapped = (numbers + 0.5 * size) % size - 0.5 * size
    z = electrode.origin[2] + number * layers.height * electrode.spacing
    places = electrode.spacing * wrapped @ vectors
    return np.column_stack([places, np.full(len(places), z)])
