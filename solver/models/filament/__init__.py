"""Axisymmetric finite-element model of a growing filament."""

import tusk.solver.backend  # noqa: F401  the modules of this package import DOLFINx
