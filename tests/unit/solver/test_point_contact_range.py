"""A run warns where the voltage across its gap leaves the range of the point contact's law."""

import warnings
from pathlib import Path

import frozen_cells
import pytest
from mpi4py import MPI

from tusk.solver.errors import ValidityWarning
from tusk.solver.models.filament.run import FilamentRun


def begun(directory: Path, *changes: str) -> FilamentRun:
    config = frozen_cells.configure(*changes)
    simulation = frozen_cells.moving(config, frozen_cells.narrow(), 1.6, MPI.COMM_SELF)
    directory.mkdir()
    return FilamentRun(config, simulation, directory)


def test_a_wide_constriction_is_warned_of_once(tmp_path: Path) -> None:
    # phi = 0.011 eV: the closed form ends at 0.022 V.
    with pytest.warns(ValidityWarning, match="eV/2 >= phi"):
        run = begun(tmp_path / "run", "contact={model: qpc, radius: 1 nm, effective_mass: 20}")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.step()
    run.close()


@pytest.mark.parametrize("model", ["qpc", "none"])
def test_the_constriction_of_an_atom_is_not(tmp_path: Path, model: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        begun(tmp_path / "run", f"contact.model={model}").close()
