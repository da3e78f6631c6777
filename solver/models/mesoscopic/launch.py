"""The mesoscopic model as the runner sees it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tusk.solver.config import MesoscopicConfig
from tusk.solver.core.ensemble import EnsembleRun
from tusk.solver.core.model import OneProcess, one_process
from tusk.solver.models.mesoscopic.cell import Cell
from tusk.solver.models.mesoscopic.device import Device, TwoNodes
from tusk.solver.models.mesoscopic.memory import MeanField, Memory
from tusk.solver.models.mesoscopic.particles import Particles
from tusk.solver.models.mesoscopic.run import CellMembers, MesoscopicRun
from tusk.solver.models.mesoscopic.simulation import CellSimulation, Rows
from tusk.solver.models.sources import build_source
from tusk.solver.physics.contact.master_equation import member_stream
from tusk.solver.physics.contact.qpc import Constriction
from tusk.solver.physics.contact.switching import VoltageDrivenRates
from tusk.solver.physics.waveform import Drive
from tusk.solver.timing import Timer


@dataclass(frozen=True, slots=True)
class PreparedCell:
    """A mesoscopic cell at rest."""

    config: MesoscopicConfig

    def laws(self) -> list[tuple[str, str]]:
        """Return closures with their formulas."""
        cell = build_cell(self.config)
        config = self.config
        conduction = {
            "gap": "one channel, g = g_m + (g_M - g_m)(1 - rho)",
            "sites": f"{cell.device.sites} sites, G0 each or a gap g_M of its own",
        }
        mean = "d rho/dt = omega_S (1 - rho) - omega_R rho (mean field)"
        single = f"{cell.device.sites} particles one by one (Gillespie)"
        return [
            ("point contact", str(cell.device.constriction)),
            ("conduction", conduction[config.conduction]),
            ("memory", single if config.is_stochastic else mean),
            ("rates", str(cell.rates)),
            ("heat", str(cell.thermal)),
            ("source", str(cell.source)),
        ]

    def open(self, directory: Path) -> MesoscopicRun | EnsembleRun[MesoscopicRun]:
        """Begin the run in a prepared directory."""
        if self.config.members > 1:
            return EnsembleRun(CellMembers(self.config, build_simulation), directory, OneProcess())
        return MesoscopicRun(self.config, build_simulation(self.config), directory)


def communicator(config: MesoscopicConfig) -> OneProcess:
    """Refuse what the laws refuse, and several ranks; nothing is written yet."""
    build_cell(config)
    return one_process(config.model)


def libraries() -> dict[str, str]:
    """Return versions of other libraries: it needs none."""
    return {}


def prepare(config: MesoscopicConfig, comm: OneProcess, timer: Timer) -> PreparedCell:  # noqa: ARG001
    """Return the cell of a config."""
    return PreparedCell(config)


def build_cell(config: MesoscopicConfig) -> Cell:
    """Return device, source, rates and heat of a config."""
    memory, thermal = config.memory, config.thermal
    return Cell(
        device=Device(
            constriction=Constriction(config.qpc.radius, config.qpc.effective_mass),
            gap_min=config.qpc.gap_min,
            gap_max=config.qpc.gap_max,
            conduction=config.conduction,
            sites=memory.particles,
        ),
        source=build_source(config.source),
        rates=VoltageDrivenRates(
            memory.set_rate,
            memory.set_voltage,
            memory.reset_rate,
            memory.reset_voltage,
            memory.spontaneous_set_rate,
            memory.spontaneous_reset_rate,
        ),
        thermal=TwoNodes(
            thermal.normal_conductance, thermal.axial_conductance, thermal.ambient_temperature
        ),
        disorder=memory.site_disorder,
    )


def build_simulation(config: MesoscopicConfig, member: int = 0) -> CellSimulation:
    """Return one member at rest: `CellSimulation.blocks` runs it.

    Parameters
    ----------
    config
        The configuration.
    member
        Its number: with the seed it decides every random number.
    """
    cell = build_cell(config)
    if config.memory.rate_spread > 0.0:
        factors = member_stream(config.seed, member).standard_normal(2)
        up, down = map(float, np.exp(config.memory.rate_spread * factors))
        rates = replace(
            cell.rates,
            set_rate=cell.rates.set_rate * up,
            reset_rate=cell.rates.reset_rate * down,
        )
        cell = replace(cell, rates=rates)
    memory: Memory = MeanField(cell, config.stepping.tolerance)
    if config.is_stochastic:
        memory = Particles(cell, config.seed, member)
    rows = Rows(config.output.points, config.output.interval)
    drive = Drive(config.drive)
    return CellSimulation(cell, memory, drive, rows, config.memory.initial_fraction)
