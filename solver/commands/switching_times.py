"""The time of the SET at constant voltages: one run for each, from the nucleus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tusk.solver.config import load_config
from tusk.solver.config.source import LimiterSource
from tusk.solver.errors import InputError, OutputError, SolveError
from tusk.solver.studies.runs import Studies, Study
from tusk.solver.units import QuantityError, format_quantity, parse_quantity

RISE = 1e-9
"""Time (s) in which the voltage is put on; the time of the SET counts from its end."""

SET_SHARE = 0.5
"""Current of the SET over that of the limiter, if it is not given."""


@dataclass(frozen=True, slots=True)
class Holds:
    """Runs at constant voltages.

    Attributes
    ----------
    studies
        By the voltage, V, in ascending order.
    current
        At which a cell is set, A.
    """

    studies: Mapping[float, Study]
    current: float

    @classmethod
    def read(
        cls,
        config: Path,
        changes: tuple[str, ...],
        voltages: str,
        current: str | None,
        longest: str,
    ) -> Holds:
        """Return the runs of a command line.

        Raises
        ------
        InputError
            If the config or an option is wrong, or the config is none of a filament.
        """
        loaded = load_config(config, changes)
        if not loaded.has_finite_elements or not hasattr(loaded, "source"):
            raise InputError(f"model: filament_fem is wanted for kinetics, got {loaded.model}")
        level = _level(loaded.source, current)
        time = _quantity("--longest", longest, "time")
        values = sorted({_quantity("--voltages", each, "voltage") for each in voltages.split(",")})
        base = Study(config, changes)
        studies = {value: base.changed(*_hold(value, level, time)) for value in values}
        for study in studies.values():
            study.physics_hash()  # what the config refuses is refused before anything runs
        return cls(studies, level)


def _level(source: object, current: str | None) -> float:
    if current is not None:
        return _quantity("--current", current, "current")
    if isinstance(source, LimiterSource):
        return SET_SHARE * source.compliance_current
    raise InputError("--current: needed where no limiter tells what a SET is")


def _quantity(option: str, text: str, dimension: str) -> float:
    """Return a value above zero.

    Raises
    ------
    InputError
        If it is no such quantity.
    """
    try:
        value = parse_quantity(text.strip(), dimension)
    except QuantityError as error:
        raise InputError(f"{option}: {error}, allowed {dimension} > 0, got {text!r}") from error
    if not value > 0.0:
        raise InputError(f"{option}: out of range, allowed {dimension} > 0, got {text!r}")
    return value


def _hold(voltage: float, level: float, longest: float) -> tuple[str, ...]:
    """Return the changes of a config that hold it at a voltage until it is set."""
    volts, rate = format_quantity(voltage, "voltage"), f"{voltage / RISE!r} V/s"
    limit = f"{level!r} A"
    drive = (
        f"drive=[{{ramp: {{to: {volts}, rate: {rate}}}}}, {{hold: {{for: {longest!r} s}}, "
        f"until: {{quantity: current_A, above: {limit}}}}}]"
    )
    thin = ("output.curves_every=1000", "output.fields_every=null", "output.overpotentials=true")
    return drive, "stepping.voltage_step=null", "stepping.first_step=1 ns", *thin


def measure(holds: Holds, out: Path, jobs: int, say: Callable[[str], None]) -> None:
    """Run all of them and write ``kinetics.csv`` and ``kinetics.png``.

    A run that fails, or ends before it is set, stands in the table with how it ended.

    Raises
    ------
    SolveError
        If none of them could be run.
    OutputError
        If the folder cannot be written.
    """
    from tusk.postprocess.kinetics import kinetics_figure, kinetics_table
    from tusk.postprocess.run import Run, open_run
    from tusk.postprocess.style import save_figure

    names = {voltage: f"{voltage:g}V" for voltage in holds.studies}
    made = Studies(
        {names[v]: study for v, study in holds.studies.items()}, out / "runs", open_run, jobs
    )
    made.start(made)
    runs: dict[float, Run] = {}
    try:
        for voltage, name in names.items():
            try:
                runs[voltage] = made[name]
            except SolveError as error:
                say(f"{name}: {' '.join(str(error).rsplit('exit code', 1)[-1].split())}")
    finally:
        made.close()
    if not runs:
        raise SolveError("kinetics: no run came to an end")
    table = kinetics_table(runs, holds.current, RISE)
    save_figure(kinetics_figure(table), out / "kinetics.png")
    try:
        table.to_csv(out / "kinetics.csv", index=False)
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror})") from error
    say(table.to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    say(f"results in {out}")
