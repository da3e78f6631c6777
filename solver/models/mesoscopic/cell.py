"""Everything that decides the rates of a mesoscopic cell in a given state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tusk.solver.models.mesoscopic.circuit import cell_voltage
from tusk.solver.models.mesoscopic.device import Device, Number, TwoNodes
from tusk.solver.physics.contact.switching import VoltageDrivenRates
from tusk.solver.physics.protocols import Source

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cell:
    """Device, source and rates of one member.

    Parameters
    ----------
    device
        Current and heat.
    source
        Element between the drive and the cell.
    rates
        Set and reset rates of a site.
    thermal
        Temperatures of both ends.
    disorder
        Width of the transmissions of conducting sites below 1.
    """

    device: Device
    source: Source
    rates: VoltageDrivenRates
    thermal: TwoNodes
    disorder: float = 0.0

    def voltage(
        self, drive: Number, transparency: Number, channels: Number, guess: Array | None = None
    ) -> Array:
        """Return the cell voltage (V) at a drive (V or A), any shape."""
        parts = self.device.parts(transparency, channels)
        return cell_voltage(self.source, parts, drive, guess)
