"""A run from Python: a cell made of objects, its results as tables and fields in memory.

cell = Cell(
drive=[Triangle(2.0, 1.0)],
source=CurrentLimiter(1e-3, 0.05),
sections={"stack": {"oxide_thickness": "5 nm"}, "mesh": {"preset": "draft"}},
laws={"tunnelling": MyLaw(0.4)},
)
result = simulate(cell)
result.timeseries.plot("applied_voltage_V", "current_A")
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tusk.solver.config import FilamentConfig
from tusk.solver.config.load import build_config
from tusk.solver.errors import InputError
from tusk.solver.models.filament.launch import prepare_with
from tusk.solver.physics import source as sources
from tusk.solver.physics.drive_steps import Hold, Pulse, Ramp, Sine, Step, Table, Triangle
from tusk.solver.physics.waveform import Repeat
from tusk.solver.runner import run_config

if TYPE_CHECKING:
    import pandas as pd
    import pyvista

LAWS = (
    "charge_transfer",
    "growth",
    "stress",
    "void",
    "hopping",
    "size_effect",
    "filament_heat",
    "tunnelling",
    "barrier_heating",
    "thermal_conductivity",
)
"""Closures that can be given as objects: see `tusk.solver.physics.protocols`.

``thermal_conductivity`` is a mapping, the law of each material by its name.
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell, what drives it, and the laws in which it differs from its parameter set.

    Attributes
    ----------
    drive
        Steps in order: `Triangle`, `Ramp`, `Hold`, `Pulse`, `Sine`, `Table`, `Repeat`, in V and s
        (A with a current source), or mappings as in a config file, where an ``until`` is wanted.
    source
        `CurrentLimiter`, `Resistor`, `IdealVoltage` or `CurrentSource`, SI; that of the parameter
        set when left out.
    sections
        What else a config file would say, by section, spelled as there: ``{"stack":
        {"oxide_thickness": "5 nm"}}``. Classes from files, `output.observables` among them, are
        allowed: who calls this runs code anyway.
    laws
        Closures by family (`LAWS`), in place of those of the config.
    parameters
        Name of the parameter set.
    """

    drive: Sequence[Step | Repeat | Mapping[str, object]]
    source: object = None
    sections: Mapping[str, object] = field(default_factory=dict)
    laws: Mapping[str, object] = field(default_factory=dict)
    parameters: str = "buttberg2025"

    def config(self) -> FilamentConfig:
        """Return the configuration of the cell.

        Raises
        ------
        InputError
            If a value is wrong, or a law belongs to no family.
        """
        for name in self.laws:
            if name not in LAWS:
                raise InputError(f"laws: no such family, allowed {', '.join(LAWS)}, got {name!r}")
        unit = "A" if isinstance(self.source, sources.CurrentSource) else "V"
        content = {
            "model": "filament_fem",
            "parameters": self.parameters,
            **self.sections,
            "drive": [_spelled(step, unit) for step in self.drive],
        }
        if self.source is not None:
            content["source"] = _source(self.source)
        config = build_config(content, allow_code=True)
        assert isinstance(config, FilamentConfig)
        return config


@dataclass(frozen=True, slots=True)
class Result:
    """What a run has found.

    Attributes
    ----------
    timeseries, filament, contact, observables
        Tables with units in their headers; the last two are empty without a contact, without
        observables.
    fields
        Meshes by time (s): points in nm, point and cell data as in the field files.
    summary
        Status, marks, ledgers: what ``run.json`` says.
    directory
        Where it stands, None if nothing was kept.
    """

    timeseries: pd.DataFrame
    filament: pd.DataFrame
    contact: pd.DataFrame
    observables: pd.DataFrame
    fields: Mapping[float, pyvista.UnstructuredGrid]
    summary: Mapping[str, Any]
    directory: Path | None

    @property
    def marks(self) -> Mapping[str, float | None]:
        """The headline quantities, None where not reached."""
        marks: Mapping[str, float | None] = self.summary["marks"]
        return marks


def simulate(
    cell: Cell, directory: str | Path | None = None, max_steps: int | None = None
) -> Result:
    """Run a cell and return what it found.

    Parameters
    ----------
    cell
        What to run.
    directory
        Keep the run there, a new or empty directory; nothing is kept when left out.
    max_steps
        Stop after so many accepted steps.

    Raises
    ------
    InputError
        If the cell or the directory is wrong.
    SolveError
        If the run fails.
    """
    config = cell.config()
    model = partial(prepare_with, laws=dict(cell.laws))
    if directory is not None:
        out = Path(directory)
        run_config(config, out, max_steps=max_steps, quiet=True, model=model)
        return read(out, out)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        run_config(config, out, max_steps=max_steps, quiet=True, model=model)
        return read(out, None)


def read(path: Path, kept: Path | None) -> Result:
    """Return the results of a run directory; ``kept`` is where they are said to be."""
    import pandas as pd
    import pyvista

    def table(name: str) -> pd.DataFrame:
        file = path / name
        return pd.read_csv(file) if file.exists() else pd.DataFrame()

    meshes = [pyvista.read(file) for file in sorted((path / "fields").glob("*.vtu"))]
    return Result(
        timeseries=table("timeseries.csv"),
        filament=table("filament.csv"),
        contact=table("contact.csv"),
        observables=table("observables.csv"),
        fields={float(mesh.field_data["TimeValue"][0]): mesh for mesh in meshes},
        summary=json.loads((path / "run.json").read_text()),
        directory=kept,
    )


# --- objects as a config file spells them ---------------------------------------------------------


def _spelled(step: Any, unit: str) -> object:
    """Return a step of the drive as a config file would spell it."""

    def level(value: float) -> str:
        return f"{value!r} {unit}"

    def time(value: float) -> str:
        return f"{value!r} s"

    match step:
        case Triangle():
            body: dict[str, object] = {"amplitude": level(step.amplitude)}
            return {"triangle": {**body, "rate": f"{step.rate!r} {unit}/s"}}
        case Ramp():
            return {"ramp": {"to": level(step.to), "rate": f"{step.rate!r} {unit}/s"}}
        case Hold():
            return {"hold": {"for": time(step.duration)}}
        case Pulse():
            times = {
                name: time(getattr(step, name)) for name in ("width", "rise", "fall", "period")
            }
            return {"pulse": {"amplitude": level(step.amplitude), "count": step.count, **times}}
        case Sine():
            body = {"amplitude": level(step.amplitude), "frequency": f"{step.frequency!r} Hz"}
            return {"sine": {**body, "cycles": step.cycles, "points": step.points}}
        case Table():
            pairs = zip(step.times, step.levels, strict=True)
            return {"table": {"points": [[time(t), level(value)] for t, value in pairs]}}
        case Repeat():
            inner = [_spelled(each, unit) for each in step.steps]
            return {"repeat": {"count": step.count, "steps": inner}}
        case _:
            return step


_SOURCES = {
    sources.CurrentLimiter: "limiter",
    sources.Resistor: "resistor",
    sources.IdealVoltage: "none",
    sources.CurrentSource: "current",
}
_UNITS = {
    "compliance_current": "A",
    "limiter_voltage": "V",
    "reverse_resistance": "ohm",
    "series_resistance": "ohm",
    "resistance": "ohm",
}


def _source(source: Any) -> dict[str, Any]:
    """Return a source element as a config file would spell it.

    Raises
    ------
    InputError
        If it is none of those that are known.
    """
    kind = _SOURCES.get(type(source))
    if kind is None:
        allowed = ", ".join(each.__name__ for each in _SOURCES)
        raise InputError(f"source: unknown element, allowed {allowed}, got {type(source).__name__}")
    given = {each.name: getattr(source, each.name) for each in fields(source)}
    spelled = {
        name: f"{value!r} {_UNITS[name]}" for name, value in given.items() if value is not None
    }
    return {"kind": kind, **spelled}
