"""One run of the atomistic model: tables of the structure at hand, then biases or motion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from tusk.solver.config.atomistic import AtomisticConfig
from tusk.solver.core.saved_run import End
from tusk.solver.models.atomistic.contact import Contact
from tusk.solver.models.atomistic.files import write_espresso, write_xyz, xyz_frame
from tusk.solver.models.atomistic.junction import narrowest
from tusk.solver.models.atomistic.motion import ANGSTROM, PICOSECOND, moving, resting_charges
from tusk.solver.models.atomistic.occupation import Window, biased, conductance, window
from tusk.solver.models.atomistic.potential import Array
from tusk.solver.models.atomistic.recoil import recoil_forces
from tusk.solver.models.atomistic.recoil_run import Frame, RecoilRun, System
from tusk.solver.models.atomistic.stages import growth
from tusk.solver.output import Table, disk_errors, write_json
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM

SPAN = 1.0
"""Half the width of ``spectrum.csv``, eV."""


@dataclass(frozen=True, slots=True)
class Row:
    """One bias, or one interval; without motion ``time_s`` is that of a ramp of 1 V/s."""

    time_s: float
    applied_voltage_V: float
    current_A: float
    conductance_G0: float
    temperature_K: float
    energy_eV: float
    total_force_eV_per_A: float
    largest_force_eV_per_A: float
    recoil_work_eV: float
    atoms: int
    narrowest_atoms: int
    gap_atoms: int
    largest_island: int
    stage: int
    stretch_m: float
    largest_charge_e: float


class AtomisticRun:
    """A run of one contact in its directory; each step is an interval or one of the tables.

    Parameters
    ----------
    config
        The config.
    system
        Atoms and leads.
    fermi_level
        E_F, eV.
    directory
        Prepared run directory.
    """

    def __init__(
        self, config: AtomisticConfig, system: System, fermi_level: float, directory: Path
    ) -> None:
        self._config, self._system = config, system
        self._fermi, self._directory = fermi_level, directory
        self._stages = self._course()
        self._table = Table(directory / "timeseries.csv", [field.name for field in fields(Row)])
        self._motion: RecoilRun | None = None
        self._numbers: dict[str, Any] = {}
        self.rows: list[Row] = []
        self.accepted = 0

    def step(self) -> End | None:
        """Take one step and write it; return the end after the last."""
        if next(self._stages, None) is None:
            write_json(self._directory / "summary.json", self._numbers)
            return End("finished", "contact_solved")
        self.accepted += 1
        return None

    def progress(self) -> float:
        """Return the share of the rows that is done, 0 to 1."""
        return min(1.0, len(self.rows) / self._expected)

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest row."""
        if not self.rows:
            return [("atoms", str(len(self._system.positions)))]
        row = self.rows[-1]
        shown = [
            ("V", f"{row.applied_voltage_V:.4f} V"),
            ("G", f"{row.conductance_G0:.4f} G0"),
            ("total force", f"{row.total_force_eV_per_A:.4f} eV/A"),
        ]
        if self._motion is not None:
            shown.insert(0, ("t", f"{row.time_s / PICOSECOND:.1f} ps"))
            shown.append(("T", f"{row.temperature_K:.0f} K"))
        return shown

    def summary(self) -> dict[str, object]:
        """Return counters and, as marks, the numbers of ``summary.json`` for ``run.json``."""
        return {
            "marks": self._numbers,
            "counters": {"accepted": self.accepted, "rows": len(self.rows)},
        }

    def close(self) -> None:
        """End the program that moves the atoms, if one does."""
        if self._motion is not None:
            self._motion.close()
            self._motion = None

    # --- the course of a run --------------------------------------------------------------------

    @property
    def _expected(self) -> int:
        dynamics = self._config.dynamics
        if dynamics.duration is None:
            return self._config.output.biases + 1
        return 1 + round(dynamics.duration / dynamics.interval)

    def _course(self) -> Iterator[bool]:
        """Do one thing after the other; each is a step."""
        made = self._system.contact(self._system.positions)
        self._tell(made)
        yield True
        self._write_spectrum(made, "spectrum.csv")
        yield True
        if self._config.dynamics.duration is None:
            yield from self._ramp(made)
        else:
            yield from self._trajectory()

    def _ramp(self, made: Contact) -> Iterator[bool]:
        """Raise the bias over atoms that stay where they are."""
        forces = np.zeros((made.atoms, 3))
        for voltage in np.linspace(0.0, self._config.bias, self._config.output.biases + 1).tolist():
            bias = self._window(voltage)
            forces = recoil_forces(made, biased(made, bias), self._config.electrons.terms)
            still = _still(abs(voltage), conductance(made.junction, bias), forces)
            self._add(still | self._stands(made), voltage)
            yield True
        charges = resting_charges(self._config.dynamics, self._system)
        self._write_atoms(made.positions, forces, charges)

    def _trajectory(self) -> Iterator[bool]:
        """Let the atoms move under the bias."""
        config = self._config
        motion = self._motion = moving(config, self._system, self._window(config.bias))
        path = self._directory / "trajectory.xyz"
        for number in range(self._expected):
            frame = motion.advance() if number else motion.frame
            self._add(_moving(frame), config.bias)
            if number % config.output.frames_every == 0:
                self._append(path, frame, motion)
            yield True
        last = motion.system.contact(motion.positions)
        self._write_spectrum(last, "spectrum_end.csv")
        self._write_atoms(motion.positions, motion.forces, motion.charges)
        self._tell_course()

    def _stands(self, made: Contact) -> dict[str, float]:
        """Return what a row says of atoms at rest."""
        least, reach = self._numbers["narrowest_atoms"], self._system.hopping.reach
        found = growth(made.positions, self._system.half_gap, reach, least)
        return {
            "atoms": made.atoms,
            "narrowest_atoms": least,
            "gap_atoms": found.gap_atoms,
            "largest_island": found.island,
            "stage": found.stage,
            "stretch_m": 0.0,
            "largest_charge_e": 0.0,
        }

    def _window(self, voltage: float) -> Window:
        config = self._config
        return window(voltage, self._fermi, config.voltage_division, points=config.electrons.points)

    # --- what is written ------------------------------------------------------------------------

    def _add(self, values: dict[str, Any], voltage: float) -> None:
        current = values["conductance_G0"] * CONDUCTANCE_QUANTUM * voltage
        row = Row(applied_voltage_V=voltage, current_A=current, **values)
        self.rows.append(row)
        self._table.write([tuple(asdict(row).values())])

    def _tell(self, made: Contact) -> None:
        channels = made.junction.channels(self._fermi)
        self._numbers |= {
            "atoms": made.atoms,
            "frozen_atoms": len(self._system.shell),
            "fermi_level_eV": self._fermi,
            "transmission_at_fermi": float(channels.sum()),
            "open_channels": int(np.count_nonzero(channels > 0.5)),
            "narrowest_atoms": narrowest(made.junction),
        }

    def _tell_course(self) -> None:
        values = np.array([row.conductance_G0 for row in self.rows])
        self._numbers |= {
            "conductance_start_G0": float(values[0]),
            "conductance_end_G0": float(values[-10:].mean()),
            "conductance_mean_G0": float(values.mean()),
            "conductance_spread_G0": float(values.std()),
            "temperature_mean_K": float(np.mean([row.temperature_K for row in self.rows])),
            "recoil_work_eV": self.rows[-1].recoil_work_eV,
        }

    def _write_spectrum(self, made: Contact, name: str) -> None:
        columns = ("energy_eV", "transmission", "channel_1", "channel_2", "channel_3", "channel_4")
        table = Table(self._directory / name, columns)
        count = self._config.output.energies
        for energy in np.linspace(self._fermi - SPAN, self._fermi + SPAN, count).tolist():
            channels = made.junction.channels(energy)
            first = np.zeros(4)
            first[: len(channels[:4])] = channels[:4]
            table.write([(energy - self._fermi, float(channels.sum()), *first.tolist())])

    def _write_atoms(self, positions: Array, forces: Array, charges: Array) -> None:
        names = ("x_A", "y_A", "z_A", "force_x_eV_per_A", "force_y_eV_per_A", "force_z_eV_per_A")
        table = Table(self._directory / "atoms.csv", ("atom", *names, "charge_e", "layer"))
        rows = np.column_stack(
            [positions, forces, charges, self._system.layers(positions)]
        ).tolist()
        table.write([(number, *row[:-1], int(row[-1])) for number, row in enumerate(rows)])
        everything = np.concatenate([positions, self._system.shell])
        # More may move than at the start, where atoms were put.
        mobile = (np.arange(len(everything)) < len(positions)).astype(float)
        columns = {"forces": np.zeros_like(everything), "mobile": mobile}
        columns["forces"][: len(forces)] = forces
        symbol = self._system.metal.symbol
        write_xyz(self._directory / "contact.xyz", symbol, everything, {}, columns)
        name = self._config.output.pseudopotential
        if name is not None:
            system = self._system if self._motion is None else self._motion.system
            folder = self._directory / "espresso"
            write_espresso(folder, system.metal, positions, system.electrodes, name)

    def _append(self, path: Path, frame: Frame, motion: RecoilRun) -> None:
        comment = {"time_ps": f"{frame.time:.6g}", "conductance": f"{frame.conductance:.6g}"}
        columns = {"forces": motion.forces, "charge": motion.charges}
        columns["layer"] = self._system.layers(motion.positions)
        text = xyz_frame(self._system.metal.symbol, motion.positions, comment, columns)
        with disk_errors(path), path.open("a", encoding="ascii") as file:
            file.write(text)


def _still(time: float, conductance_: float, forces: Array) -> dict[str, object]:
    return {
        "time_s": time,
        "conductance_G0": conductance_,
        "temperature_K": 0.0,
        "energy_eV": float("nan"),
        "total_force_eV_per_A": float(forces[:, 2].sum()),
        "largest_force_eV_per_A": float(np.linalg.norm(forces, axis=1).max()),
        "recoil_work_eV": 0.0,
    }


def _moving(frame: Frame) -> dict[str, object]:
    return {
        "time_s": frame.time * PICOSECOND,
        "conductance_G0": frame.conductance,
        "temperature_K": frame.temperature,
        "energy_eV": frame.energy,
        "total_force_eV_per_A": frame.total_force,
        "largest_force_eV_per_A": frame.largest_force,
        "recoil_work_eV": frame.work,
        "atoms": frame.atoms,
        "narrowest_atoms": frame.narrowest,
        "gap_atoms": frame.gap_atoms,
        "largest_island": frame.island,
        "stage": frame.stage,
        "stretch_m": frame.stretch * ANGSTROM,
        "largest_charge_e": frame.largest_charge,
    }
