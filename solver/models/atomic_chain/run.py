"""One run of the atomic chain: a ramp of the bias, then the tables of the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np

from tusk.solver.config import ChainConfig
from tusk.solver.core.saved_run import End
from tusk.solver.models.atomic_chain import leading_order
from tusk.solver.models.atomic_chain.chain import Chain
from tusk.solver.models.atomic_chain.energy import Array
from tusk.solver.models.atomic_chain.negf import recoil_forces
from tusk.solver.output import Table, write_json
from tusk.solver.physics.constants import CONDUCTANCE_QUANTUM

LARGEST_ASYMMETRY = 0.95
LARGEST_VOLTAGE = 2.0
"""Bias up to which an instability of the exact force is looked for, in |t|/e."""

BURIED = 2
"""Atoms beyond those reported, whose neighbours the reported ones need."""


@dataclass(frozen=True, slots=True)
class Row:
    """One bias; ``time_s`` is that of a ramp of 1 V/s, for the chain itself knows no time."""

    time_s: float
    applied_voltage_V: float
    current_A: float
    conductance_G0: float
    central_force_eV_per_A: float
    central_force_change_eV_per_A: float
    total_force_eV_per_A: float
    hessian_eV_per_A2: float


class ChainRun:
    """Solves a chain at every bias and writes the run directory.

    Parameters
    ----------
    config
        The configuration.
    chain
        The chain.
    directory
        The run directory, prepared.
    """

    def __init__(self, config: ChainConfig, chain: Chain, directory: Path) -> None:
        self.accepted = 0
        self.rows: list[Row] = []
        self._numbers: dict[str, float | None] = {}
        self._config = config
        self._chain = chain
        self._directory = directory
        self._table = Table(directory / "timeseries.csv", [field.name for field in fields(Row)])
        self._biases = np.linspace(0.0, config.bias, config.output.biases + 1)
        if config.bias == 0.0:
            self._biases = self._biases[:1]
        self._stages: Iterator[Callable[[], None]] = iter(
            (self._write_spectrum, self._write_atoms, self._write_asymmetry, self._write_summary)
        )
        self._add()

    def step(self) -> End | None:
        """Solve the next bias, or write one of the tables that follow the last."""
        self.accepted += 1
        if len(self.rows) < len(self._biases):
            self._add()
            return None
        stage = next(self._stages, None)
        if stage is None:
            return End("finished", "chain_solved")
        stage()
        return None

    def progress(self) -> float:
        """Return the share of the biases that is done, 0 to 1."""
        return len(self.rows) / len(self._biases)

    def status(self) -> list[tuple[str, str]]:
        """Return names and values, with units, of the newest row."""
        row = self.rows[-1]
        return [
            ("V", f"{row.applied_voltage_V:.4f} V"),
            ("I", f"{row.current_A:.3e} A"),
            ("G", f"{row.conductance_G0:.4f} G0"),
            ("central force", f"{row.central_force_eV_per_A:.4f} eV/A"),
            ("total force", f"{row.total_force_eV_per_A:.4f} eV/A"),
        ]

    def summary(self) -> dict[str, object]:
        """Return counters and, as marks, the numbers of ``summary.json`` for ``run.json``."""
        return {
            "marks": self._numbers,
            "counters": {"accepted": self.accepted, "rows": len(self.rows)},
        }

    def close(self) -> None:
        """Do nothing: every table is written as soon as it is known."""

    # --- tables ---------------------------------------------------------------------------------

    def _add(self) -> None:
        voltage = float(self._biases[len(self.rows)])
        division = self._config.voltage_division
        chain = self._chain
        conductance = chain.system().mean_transmission(*sorted(chain.potentials(voltage, division)))
        force = self._central(voltage)
        row = Row(
            time_s=abs(voltage),
            applied_voltage_V=voltage,
            current_A=conductance * CONDUCTANCE_QUANTUM * voltage,
            conductance_G0=conductance,
            central_force_eV_per_A=force,
            central_force_change_eV_per_A=force - self.rows[0].central_force_eV_per_A
            if self.rows
            else 0.0,
            total_force_eV_per_A=chain.total_force(voltage, division),
            hessian_eV_per_A2=chain.hessian(voltage, division),
        )
        self.rows.append(row)
        self._table.write([tuple(asdict(row).values())])

    def _central(self, voltage: float) -> float:
        """Return the force on the central atom from the density matrix, eV/angstrom."""
        return float(atom_forces(self._chain, 0, voltage, self._config.voltage_division)[0][0])

    def _write_spectrum(self) -> None:
        edge = self._chain.band_edge
        count = self._config.output.energies
        # The edges themselves, where the leads have no states, are left out.
        energies = np.linspace(-edge, edge, count + 2)[1:-1]
        system = self._chain.system()
        closed = self._chain.transmission(energies)
        table = Table(
            self._directory / "spectrum.csv",
            ("energy_eV", "transmission", "transmission_closed_form"),
        )
        table.write(
            [
                (float(energy), system.transmission(float(energy)), float(value))
                for energy, value in zip(energies, closed, strict=True)
            ]
        )

    def _write_atoms(self) -> None:
        reach, division = self._config.output.atoms, self._config.voltage_division
        resting, charges = atom_forces(self._chain, reach, 0.0, division)
        forces, charges_biased = atom_forces(self._chain, reach, self._config.bias, division)
        number = np.arange(-reach, reach + 1)
        columns = (number, number * self._chain.lattice_constant, resting, forces)
        table = Table(
            self._directory / "atoms.csv",
            (
                "atom",
                "position_A",
                "force_zero_bias_eV_per_A",
                "force_eV_per_A",
                "charge_zero_bias_e",
                "charge_e",
            ),
        )
        rows = zip(*(c.tolist() for c in (*columns, charges, charges_biased)), strict=True)
        table.write(list(rows))

    def _write_asymmetry(self) -> None:
        voltage, division = self._config.bias, self._config.voltage_division
        rows = []
        for gamma in np.linspace(0.0, LARGEST_ASYMMETRY, self._config.output.asymmetries).tolist():
            chain = self._chain.with_asymmetry(gamma)
            rows.append(
                (
                    gamma,
                    float(chain.transmission(chain.fermi_energy)),
                    chain.conductance(voltage, division),
                    chain.total_force(voltage, division),
                    leading_order.total_force(chain, voltage),
                    chain.central_force(0.0, division),
                    leading_order.central_force(chain),
                )
            )
        table = Table(
            self._directory / "asymmetry.csv",
            (
                "asymmetry",
                "transmission_at_fermi",
                "conductance_G0",
                "total_force_eV_per_A",
                "total_force_linear_eV_per_A",
                "central_force_zero_bias_eV_per_A",
                "central_force_zero_bias_linear_eV_per_A",
            ),
        )
        table.write(rows)

    def _write_summary(self) -> None:
        chain, division, first, last = (
            self._chain,
            self._config.voltage_division,
            self.rows[0],
            self.rows[-1],
        )
        voltage = self._config.bias
        largest = LARGEST_VOLTAGE * abs(chain.hopping)
        self._numbers = {
            "transmission_at_fermi": chain.system().transmission(chain.fermi_energy),
            "conductance_G0": last.conductance_G0,
            "central_force_zero_bias_eV_per_A": first.central_force_eV_per_A,
            "central_force_zero_bias_linear_eV_per_A": leading_order.central_force(chain),
            "central_force_change_eV_per_A": last.central_force_change_eV_per_A,
            "central_force_change_linear_eV_per_A": leading_order.force_change(
                chain, voltage, division
            ),
            "total_force_eV_per_A": last.total_force_eV_per_A,
            "total_force_linear_eV_per_A": leading_order.total_force(chain, voltage),
            "critical_voltage_V": leading_order.critical_voltage(chain, division),
            "critical_voltage_exact_V": chain.critical_voltage_exact(division, largest),
            "hessian_zero_bias_eV_per_A2": first.hessian_eV_per_A2,
            "hessian_zero_bias_linear_eV_per_A2": leading_order.hessian(chain, 0.0, division),
            "hessian_eV_per_A2": last.hessian_eV_per_A2,
            "hessian_linear_eV_per_A2": leading_order.hessian(chain, voltage, division),
        }
        write_json(self._directory / "summary.json", self._numbers)


def atom_forces(chain: Chain, reach: int, voltage: float, division: float) -> tuple[Array, Array]:
    """Return axial forces (eV/angstrom) and charges (e) of the atoms -reach ... reach.

    Parameters
    ----------
    chain
        The chain.
    reach
        Atoms on each side of the central one.
    voltage, division
        V in V, beta.

    Returns
    -------
    tuple of Array
        Forces, positive to the right, and charges of the electrons and the core, -2 n_i + 1; both
        (2 reach + 1,).
    """
    margin = reach + BURIED - 1
    system = chain.system(margin)
    density = system.density(*chain.potentials(voltage, division))
    places = np.zeros((2 * margin + 1, 3))
    places[:, 2] = chain.lattice_constant * np.arange(-margin, margin + 1)
    forces = recoil_forces(system.hamiltonian, places, density, chain.decay)[:, 2]
    charges = 1.0 - 2.0 * density.diagonal().real
    keep = slice(margin - reach, margin + reach + 1)
    return forces[keep], charges[keep]
