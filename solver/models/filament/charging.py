"""The capacitance beside the cell in a step: its difference formula and its error."""

from __future__ import annotations

from tusk.solver.models.filament.heat_history import difference
from tusk.solver.models.filament.solved_cell import SolvedCell
from tusk.solver.models.filament.state import State

SMALL_VOLTAGE = 0.1
"""Voltage (V) below which that on a capacitance is judged by this much."""

ERROR_SHARE = 0.25
"""Local error over the distance from extrapolation (BDF2, constant steps), as of stored heat."""


def charge(cell: SolvedCell, state: State, step: float) -> None:
    """Let the capacitance change its charge in a step (s) from a state."""
    voltage, before = cell.domain.problem.top_voltage, state.former
    rate, present, former = difference(step, before.step)
    past = present * voltage(state.solution) + former * voltage(before.solution)
    cell.charge(rate, -past)


def charging_error(cell: SolvedCell, state: State, step: float, new: State) -> float:
    """Return the error of the voltage on a capacitance in a step (s), relative.

    It is judged as that of stored heat; without a former step the difference formula is implicit
    Euler's, and half of the change is taken for its error.
    """
    voltage, former = cell.domain.problem.top_voltage, state.former
    before, now = voltage(state.solution), voltage(new.solution)
    if former.step == 0.0:
        error = 0.5 * abs(now - before)
    else:
        expected = before + step / former.step * (before - voltage(former.solution))
        error = ERROR_SHARE * abs(now - expected)
    return error / max(abs(now), SMALL_VOLTAGE)
