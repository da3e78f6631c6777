"""One run of the mesoscopic model, and what is written of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tusk.solver.config import MesoscopicConfig
from tusk.solver.core.saved_run import End
from tusk.solver.models.mesoscopic.simulation import COLUMNS, Block, CellSimulation, observe
from tusk.solver.output import Reach, Table, write_atomically, write_json
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM, EV
from tusk.solver.physics.contact.qpc import Constriction

Array = NDArray[np.float64]

TIMESERIES = "timeseries.csv"

ASPECT_RATIOS = (0.1, 0.5, 1.0, 1.5, 2.0)
"""Ratios g/R of the family of curves in ``contact_curves.csv`` ([M], Fig. 1b)."""

OUTCOME = (
    "time_s",
    "rows",
    "current_max_A",
    "conductance_max_G0",
    "conductance_G0",
    "transparency",
    "sites_conducting",
    "events",
)
"""Columns of ``ensemble.csv``."""


class MesoscopicRun:
    """Steps a cell through the drive and writes its directory.

    Parameters
    ----------
    config
        The configuration.
    simulation
        The cell at its start.
    directory
        The directory, prepared.
    curves
        Write ``contact_curves.csv``, which all members share.
    """

    def __init__(
        self,
        config: MesoscopicConfig,
        simulation: CellSimulation,
        directory: Path,
        curves: bool = True,
    ) -> None:
        self._curves = curves
        self.accepted = 0
        self.largest_voltage = 0.0
        self._config = config
        self._directory = directory
        self._rows = 0
        self._newest: list[float] = []
        self._simulation = simulation
        self._total = simulation.drive.total_time(simulation.drive.start())
        self._blocks: Iterator[Block] = simulation.blocks()
        self._table = Table(directory / TIMESERIES, COLUMNS)
        self._largest = [0.0, 0.0]
        self._write(next(self._blocks))

    def step(self) -> End | None:
        """Compute and write one step of the drive, at most `MOST_ROWS` rows of it."""
        block = next(self._blocks, None)
        if block is None:
            return End("finished", "drive_done")
        self._write(block)
        self.accepted += 1
        return None

    def progress(self) -> float:
        """Return the share of the drive's time that is done, 0 to 1."""
        return min(self._simulation.point.time / (self._total or 1.0), 1.0)

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest row."""
        row = dict(zip(COLUMNS, self._newest, strict=True))
        return [
            ("t", f"{row['time_s']:.6g} s"),
            ("V", f"{row['applied_voltage_V']:.4f} V"),
            ("I", f"{row['current_A']:.3e} A"),
            ("G", f"{row['conductance_G0']:.4g} G0"),
            ("T", f"{row['temperature_K']:.1f} K"),
        ]

    def summary(self) -> dict[str, object]:
        """Return counters and, as marks, the characteristic numbers for ``run.json``."""
        counters = {"accepted": self.accepted, "rows": self._rows}
        return {"marks": self._numbers(), "counters": counters}

    def outcome(self) -> dict[str, float]:
        """Return the numbers of a row of ``ensemble.csv``."""
        row = dict(zip(COLUMNS, self._newest, strict=True))
        last = ("conductance_G0", "transparency", "sites_conducting")
        numbers = (
            row["time_s"],
            self._rows,
            *self._largest,
            *(row[name] for name in last),
            self._simulation.point.state.event,
        )
        return dict(zip(OUTCOME, numbers, strict=True))

    def tables(self) -> dict[str, Reach]:
        """Bring the table to the disk and return how far it goes."""
        return {TIMESERIES: self._table.sync()}

    def close(self) -> None:
        """Write ``summary.json`` and ``contact_curves.csv``."""
        constriction = Constriction(self._config.qpc.radius, self._config.qpc.effective_mass)
        limit = constriction.at(self._config.qpc.gap_max).validity_voltage()
        judged = {"inside_validity": self.largest_voltage < limit}
        write_json(self._directory / "summary.json", {**self._numbers(), **judged})
        if self._curves:
            curves = contact_curves(constriction, self._config.thermal.ambient_temperature)
            write_atomically(self._directory / "contact_curves.csv", curves)

    def _numbers(self) -> dict[str, float]:
        """Return the characteristic numbers of the contact at its widest gap, and its end."""
        constriction = Constriction(self._config.qpc.radius, self._config.qpc.effective_mass)
        contact = constriction.at(self._config.qpc.gap_max)
        return {
            "alpha_per_eV": float(contact.alpha_per_energy) * EV,
            "barrier_height_eV": contact.barrier_height / EV,
            "alpha_phi": float(contact.alpha_per_energy) * contact.barrier_height,
            "characteristic_gap_m": constriction.decay_length,
            "characteristic_voltage_V": float(contact.characteristic_voltage),
            "characteristic_current_A": float(contact.characteristic_current),
            "zero_bias_conductance_G0": float(contact.zero_bias_conductance) / CONDUCTANCE_QUANTUM,
            "validity_voltage_V": contact.validity_voltage(),
            "largest_cell_voltage_V": self.largest_voltage,
            "final_transparency": self._newest[COLUMNS.index("transparency")],
            "final_conductance_G0": self._newest[COLUMNS.index("conductance_G0")],
        }

    def _write(self, block: Block) -> None:
        columns = observe(self._simulation.cell, block)
        self._table.write_numbers(columns)
        self._newest = [float(column[-1]) for column in columns]
        self._rows += len(block.time)
        voltage, flowing, conductance = (
            float(np.max(np.abs(columns[COLUMNS.index(name)])))
            for name in ("cell_voltage_V", "current_A", "conductance_G0")
        )
        self._watch(voltage)
        self._largest = [
            max(*pair) for pair in zip(self._largest, (flowing, conductance), strict=True)
        ]

    def _watch(self, voltage: float) -> None:
        """Keep the largest cell voltage (V), and warn once when the closed form ends to hold."""
        contact = self._simulation.cell.device.constriction.at(self._config.qpc.gap_max)
        if self.largest_voltage < contact.validity_voltage():
            contact.warn_outside(voltage)
        self.largest_voltage = max(self.largest_voltage, voltage)


@dataclass(frozen=True, slots=True)
class CellMembers:
    """Cells that differ in their random numbers alone.

    Attributes
    ----------
    config
        The configuration, with more than one member.
    build
        Returns the simulation of a member.
    """

    config: MesoscopicConfig
    build: Callable[[MesoscopicConfig, int], CellSimulation]
    columns: tuple[str, ...] = OUTCOME
    parted: bool = True

    @property
    def count(self) -> int:
        """How many there are."""
        return self.config.members

    def begin(self, number: int, directory: Path) -> MesoscopicRun:
        """Return a member at its start."""
        simulation = self.build(self.config, number)
        return MesoscopicRun(self.config, simulation, directory, curves=number == 0)

    def watch(self, first: MesoscopicRun) -> None:
        """Members differ from the start."""


def contact_curves(constriction: Constriction, temperature: float) -> bytes:
    """Return a CSV of I(V) for the `ASPECT_RATIOS`: closed form and Landauer integral.

    Parameters
    ----------
    constriction
        The point contact.
    temperature
        T of the Landauer integral, K.
    """
    voltage = np.geomspace(1e-3, 2.0, 67)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("gap_over_radius", "voltage_V", "current_A", "landauer_current_A", "valid"))
    for ratio in ASPECT_RATIOS:
        contact = constriction.at(ratio * constriction.radius)
        closed, full = contact.current(voltage), contact.landauer_current(voltage, temperature)
        valid = voltage < contact.validity_voltage()
        for row in zip(
            voltage.tolist(), closed.tolist(), full.tolist(), valid.tolist(), strict=True
        ):
            writer.writerow((ratio, *row))
    return text.getvalue().encode()
