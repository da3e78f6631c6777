"""Mesh sizes: how fine the surface and the far field are, per preset."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.meshes.cell import ElectrodeSurface, Stack, column_gap
from tusk.meshes.curve import Points, Values, curvature

CONTACT_LINE = 1.5
"""Spacing at the contact line in units of ``Sizes.finest``: three regions meet there."""

FINEST_BEND = 0.3
"""Least spacing where the surface bends, in units of ``Sizes.finest``."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Mesh sizes; lengths in nm.

    Attributes
    ----------
    elements_across_gap
        Least number of elements across the gap.
    turn
        Largest angle (rad) a surface segment may turn through.
    gap_ratio
        Surface spacing near the tip as a fraction of the local gap.
    finest
        Spacing below which a narrow gap no longer refines the surface.
    flank_ratio
        Flank spacing as a fraction of the largest filament radius.
    far
        Size at the outer boundary.
    growth
        Growth of the size per distance along a boundary.
    column_gap_limit
        Columns, and with them tunnelling, exist where the gap is below this.
    """

    elements_across_gap: int
    turn: float
    gap_ratio: float
    finest: float
    flank_ratio: float
    far: float
    growth: float = 0.3
    column_gap_limit: float = 3.0

    def scaled(self, factor: float) -> Sizes:
        """Return the sizes multiplied by ``factor`` (0.5 halves every element)."""
        return replace(
            self,
            elements_across_gap=max(1, round(self.elements_across_gap / factor)),
            turn=self.turn * factor,
            gap_ratio=self.gap_ratio * factor,
            finest=self.finest * factor,
            flank_ratio=self.flank_ratio * factor,
            far=self.far * factor,
            growth=min(0.3, self.growth * factor**0.5),
        )

    def on_filament(self, curve: Points, stack: Stack, electrode: ElectrodeSurface) -> Values:
        """Return the wanted spacing at each node of the filament curve (n,), nm."""
        bend = np.maximum(self.turn / np.maximum(curvature(curve), 1e-9), FINEST_BEND * self.finest)
        gap = np.maximum(self.gap_ratio * column_gap(curve, stack, electrode), self.finest)
        flank = self.flank_ratio * curve[:, 0].max()
        size = np.minimum(np.minimum(bend, gap), flank)
        size[-1] = min(float(size[-1]), CONTACT_LINE * self.finest)
        return np.asarray(size)


PRESETS = {
    "draft": Sizes(4, 0.24, 0.60, 0.12, 0.16, 3.5),
    "reference": Sizes(4, 0.10, 0.22, 0.04, 0.07, 1.8),
    "fine": Sizes(8, 0.05, 0.11, 0.02, 0.035, 0.9),
}
