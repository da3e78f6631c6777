"""Physical constants (CODATA, through `scipy.constants`), SI."""

from __future__ import annotations

from typing import Final

from scipy import constants as codata

ELEMENTARY_CHARGE: Final[float] = codata.elementary_charge
"""e in C."""
BOLTZMANN: Final[float] = codata.Boltzmann
"""k in J/K."""
PLANCK: Final[float] = codata.Planck
"""h in J s."""
REDUCED_PLANCK: Final[float] = codata.hbar
"""Planck constant over 2 pi in J s."""
ELECTRON_MASS: Final[float] = codata.electron_mass
"""m_e in kg."""
ATOMIC_MASS: Final[float] = codata.atomic_mass
"""The unified atomic mass unit in kg."""
CONDUCTANCE_QUANTUM: Final[float] = 2.0 * ELEMENTARY_CHARGE**2 / PLANCK
"""G0 = 2 e^2/h = 77.48 uS, in S."""
VACUUM_PERMITTIVITY: Final[float] = codata.epsilon_0
"""eps0 in F/m."""
EV: Final[float] = ELEMENTARY_CHARGE
"""One electronvolt in J."""

NM = 1e-9
"""A nanometre in m: the unit of length of meshes and curves."""
