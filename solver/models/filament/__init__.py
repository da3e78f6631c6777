"""The finite-element model of filament growth."""

import tusk.solver.backend  # noqa: F401
