"""The table of symbols on the theory page names keys and arguments that exist."""

import dataclasses
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import tusk.solver.physics as package

DOCS = Path(__file__).parents[3] / "docs"
TABLE = (DOCS / "theory.md").read_text(encoding="utf-8").split("## Symbols, keys, arguments")[1]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TABLE.split("\n## ")[0].splitlines()
    if line.startswith("|")
][2:]


def closures():
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        found |= {
            name: kind
            for name, kind in vars(module).items()
            if isinstance(kind, type) and dataclasses.is_dataclass(kind)
        }
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[2].strip("`"))
def test_row(row):
    assert len(row) == 4
    reference = (DOCS / "config.md").read_text(encoding="utf-8")
    for key in re.findall(r"`([^`]+)`", row[2]):
        assert f"`{key.split('.')[-1]}`" in reference
    known, kind = closures(), None
    for argument in re.findall(r"`([^`]+)`", row[3]):
        name, _, field = argument.partition(".")
        if name.startswith(("Electrode", "tusk")):
            continue  # geometry, not a closure
        if name in known:
            kind = known[name]
        else:
            field = name  # further arguments of the closure named before
        if field and field != "energy_barrier":
            assert field in {entry.name for entry in dataclasses.fields(kind)}
        elif field:
            assert hasattr(kind, field)


def test_every_closure_parameter_is_listed():
    listed = TABLE.split("\n## ")[0]
    for name, kind in closures().items():
        # no config key sets these
        unset = {"Position", "Polyline", "Drive", "OhmicHopping", "CapillaryRelaxation"}
        unset |= {"SurfaceTension", "SurfaceDiffusion"}  # until a model uses them
        private = name.startswith("_") or name in unset
        if private or kind.__module__.endswith(("waveform", "drive_steps")):
            continue
        assert not dataclasses.fields(kind) or name in listed or name == "Constant", name
