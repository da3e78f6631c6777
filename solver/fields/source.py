"""The source element above the active electrode, linearised about a cell voltage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tusk.solver.fields.field import ELECTRON
from tusk.solver.fields.symbols import TOP, Symbols
from tusk.solver.fields.term import Form
from tusk.solver.physics.constants import NM


@dataclass(frozen=True, slots=True)
class SourceCurrent:
    """I(V_app - V_cell), spread evenly over the top contact (Buttberg 2025, eq. 7)."""

    def form(self, at: Symbols) -> Form:
        """Return the current that enters."""
        rise = at.source_voltage - at.electronic_potential
        density = (at.source_current + at.source_conductance * rise) / (at.top_area * NM**2)
        return -(density * at.tested(ELECTRON)) * at.space.surface(TOP)

    def reports(self, at: Symbols) -> Mapping[str, Form]:  # noqa: ARG002
        """Report nothing: the terminals are a residual of the boundary."""
        return {}
