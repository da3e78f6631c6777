"""What the paper does not print and a solver must satisfy: convergence, ledgers, RESET.

Functions that take all studies and return checks, one per row of `claims.py`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tusk.postprocess.reproduction.checks import Array, Check, Studies, holds, mark
from tusk.postprocess.run import Run

LEDGER_CURRENT = 1e-10
"""Energy and heat are balanced above this current, A."""

CONVERGED = {
    "gamma_s": ("Γ", 0.5),
    "upsilon_s": ("Y", 0.5),
    "temperature_max_K": ("T_max", 1.0),
    "gap_min_m": ("g_min", 1.0),
    "radius_max_m": ("r_max", 1.0),
    "lrs_ohm": ("R_LRS", 1.0),
    "filament_resistance_3p5uA_ohm": ("R_CF(3.5 µA)", 1.0),
}
"""Marks that must not depend on the mesh, and by how much (%) they may."""


def convergence(studies: Studies) -> list[Check]:
    """Half of every mesh size and of the step tolerance against `reference`."""
    coarse, fine = studies["1mA"], studies["half"]
    return [
        Check(label, 100 * (mark(fine, name) / mark(coarse, name) - 1), "%", -limit, limit)
        for name, (label, limit) in CONVERGED.items()
    ]


LEDGERS = {"charge_error": 1e-6, "faraday_error": 2e-3, "energy_error": 1e-3, "heat_error": 1e-3,
           "tunnel_error": 5e-3}  # fmt: skip
"""Largest allowed errors; those of energy, heat and tunnelling above LEDGER_CURRENT."""


def ledgers(*names: str) -> Callable[[Studies], list[Check]]:
    """Return the check of the ledgers over whole runs."""

    def measure(studies: Studies) -> list[Check]:
        return [
            Check(column, max(_worst(studies[name], column) for name in names), "", high=limit)
            for column, limit in LEDGERS.items()
        ]

    return measure


def _worst(run: Run, column: str) -> float:
    always = column in {"charge_error", "faraday_error"}
    rows = np.abs(run.column("current_A")) > (-1.0 if always else LEDGER_CURRENT)
    return float(run.column(column)[rows].max())


def volume(curve: Array) -> float:
    """Return the volume (m³) under a filament curve (n, 2), cone by cone."""
    (r0, z0), (r1, z1) = curve[:-1].T, curve[1:].T
    return float(abs(np.pi / 3 * np.sum((z0 - z1) * (r0**2 + r0 * r1 + r1**2))))


RAMP_END = 5.0
"""Time (s) at which the RESET ramp reaches -1 V."""


def reset(name: str) -> Callable[[Studies], list[Check]]:
    """Return the check that a RESET ends at the nucleus, or severed."""

    def measure(studies: Studies) -> list[Check]:
        run = studies[name]
        nucleus = 2 / 3 * np.pi * run.quantity("stack", "nucleus_radius", "length") ** 3
        volumes = np.array([volume(curve) for curve in run.filament.points])
        left = 100 * volumes / volumes.max()
        limit = np.inf if run.reason == "severed" else 2.0
        end = run.column("time_s")[-1]
        return [
            holds(f"{run.status}, {run.reason}", run.status == "finished"),
            Check("volume over the nucleus", 100 * (volumes[-1] / nucleus - 1), "%", high=limit),
            Check("left of the largest volume", left[-1], "%"),
            Check("at V_app", run.column("applied_voltage_V")[-1], "V"),
            Check("at t", end, "s", digits=4),
            *(
                [Check("left at 5 s", float(np.interp(RAMP_END, run.filament.times, left)), "%")]
                if end > RAMP_END
                else []
            ),
        ]

    return measure
