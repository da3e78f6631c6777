"""Inputs of Quantum ESPRESSO: cells that repeat without a seam, names, and T of a silver wire."""

import gzip
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree

from tusk.solver.errors import InputError
from tusk.solver.models.atomistic.contact import Electrode
from tusk.solver.models.atomistic.espresso import (
    VACUUM,
    Cell,
    Element,
    cells,
    inputs,
    pw_input,
    pwcond_input,
)
from tusk.solver.models.atomistic.leads import Face
from tusk.solver.models.atomistic.potential import SILVER
from tusk.solver.models.atomistic.structures import Lattice, neck, numbers

SPACING = SILVER.lattice_constant / 2.0**0.5
PSEUDOPOTENTIALS = Path("/usr/share/doc/quantum-espresso/examples/GWW/example04")
"""Where Debian's quantum-espresso-data keeps that of silver."""


def silver(face: Face, layers: int) -> tuple[np.ndarray, tuple[Electrode, Electrode]]:
    lattice, count = Lattice(face, SPACING, (0.25, 0.25)), numbers(layers)
    ends = (count[0] - 1, count[-1] + 1)
    first, last = (lattice.electrode(n, -1.8, 64) for n in ends)
    return neck(lattice, layers, 0.9, 0.3), (first, last)


def neighbours(cell: Cell) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest distance and the number of neighbours of each atom, images included."""
    steps = np.array([[i, j, k] for i in (-1, 0, 1) for j in (-1, 0, 1) for k in (-1, 0, 1)])
    images = (cell.positions[None] + (steps @ cell.vectors)[:, None]).reshape(-1, 3)
    tree = cKDTree(images)
    nearest = tree.query(cell.positions, k=2)[0][:, 1]
    around = tree.query_ball_point(cell.positions, 1.01 * SPACING)
    return nearest, np.array([len(each) - 1 for each in around])


@pytest.mark.parametrize(("face", "layers"), [("001", 3), ("001", 4), ("111", 3), ("111", 5)])
def test_cells_repeat_without_a_seam(face: Face, layers: int) -> None:
    atoms, electrodes = silver(face, layers)
    lead, contact = cells(atoms, electrodes)
    nearest, around = neighbours(lead)
    assert nearest == pytest.approx(SPACING, abs=1e-9)
    assert set(around) == {12}
    nearest, around = neighbours(contact)
    assert nearest == pytest.approx(SPACING, abs=1e-9)
    full = len(lead.positions) // {"001": 2, "111": 3}[face]
    # Only the surface layers, next to the contact, miss neighbours; those beyond do not.
    outer = np.argsort(contact.positions[:, 2])[[*range(full), *range(-full, 0)]]
    assert set(around[outer]) == {12}
    assert len(contact.positions) > len(atoms) + 2 * len(lead.positions) - 1
    density = len(lead.positions) / np.linalg.det(lead.vectors)
    assert density == pytest.approx(4.0 / SILVER.lattice_constant**3)
    width = np.linalg.det(contact.vectors[:2, :2]) / np.linalg.norm(contact.vectors[0])
    assert width >= np.ptp(atoms[:, :2], axis=0).max() + VACUUM


def test_a_drawn_out_contact_has_a_longer_cell() -> None:
    atoms, (left, right) = silver("001", 3)
    drawn = Electrode(right.surface, right.origin + np.array([0.0, 0.0, 1.3]), right.spacing)
    before, after = (cells(atoms, (left, end))[1].vectors[2, 2] for end in (right, drawn))
    assert after - before == pytest.approx(1.3)


def test_texts() -> None:
    atoms, electrodes = silver("001", 3)
    made = inputs(SILVER, atoms, electrodes, "Ag.UPF")
    assert list(made) == ["lead.pw.in", "contact.pw.in", "pwcond.in"]
    text = made["contact.pw.in"]
    count = int(re.search(r"nat = (\d+)", text).group(1))
    assert text.partition("ATOMIC_POSITIONS angstrom\n")[2].count("\n") == count
    assert "\nAg 107.868 Ag.UPF\n" in text
    assert "prefixl = 'lead', prefixs = 'contact'" in made["pwcond.in"]
    for name in ("Ag", "../Ag.upf"):
        with pytest.raises(InputError, match=r"^pseudopotential: allowed the name of a UPF file"):
            inputs(SILVER, atoms, electrodes, name)


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("pwcond.x") is None or not PSEUDOPOTENTIALS.is_dir(),
    reason="wants quantum-espresso and quantum-espresso-data",
)
def test_a_silver_wire_has_one_channel(tmp_path: Path) -> None:
    """In density functional theory as in the model of one orbital: T = 1 about the Fermi level."""
    packed = next(PSEUDOPOTENTIALS.glob("Ag*.upf.gz"))
    (tmp_path / "Ag.upf").write_bytes(gzip.decompress(packed.read_bytes()))
    wire = Cell(np.diag([7.0, 7.0, 2.7]), np.array([[3.5, 3.5, 0.0]]))
    energies = np.array([0.5, 0.0, -0.5])
    programs = {
        "pw.x": pw_input("lead", wire, Element("Ag", SILVER.mass, "Ag.upf")),
        "pwcond.x": pwcond_input("lead", "lead", energies),
    }
    for program, text in programs.items():
        subprocess.run(
            [program], input=text, text=True, cwd=tmp_path, capture_output=True, check=True
        )
    rows = [line.split() for line in (tmp_path / "transmission").read_text().splitlines()]
    found = np.array([[float(word) for word in row] for row in rows if row[0] != "#"])
    assert found[:, 0] == pytest.approx(energies)
    # pwcond.x counts both spins.
    assert found[:, 1] / 2.0 == pytest.approx(1.0, abs=0.01)
