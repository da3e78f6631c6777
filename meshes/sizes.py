"""Mesh sizes: how fine the surface and the far field are, per preset."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tusk.meshes.cell import ElectrodeSurface, Stack, column_gap
from tusk.meshes.curve import Points, Values, curvature


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
        Spacing below which gap and curvature no longer refine.
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
        bend = self.turn / np.maximum(curvature(curve), 1e-9)
        gap = self.gap_ratio * column_gap(curve, stack, electrode)
        flank = self.flank_ratio * curve[:, 0].max()
        return np.asarray(np.minimum(np.maximum(np.minimum(bend, gap), self.finest), flank))


PRESETS = {
    "draft": Sizes(4, 0.28, 0.6, 0.14, 0.20, 3.5),
    "reference": Sizes(4, 0.20, 0.45, 0.10, 0.12, 2.5),
    "fine": Sizes(8, 0.10, 0.225, 0.05, 0.06, 1.25),
}
