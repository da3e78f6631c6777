"""Figures of a fluctuating contact: histogram, steps of the traces, power spectrum."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from tusk.postprocess.conductance import (
    BIN,
    QUANTUM,
    Histogram,
    Trace,
    histogram,
    power_spectrum,
    traces,
)
from tusk.postprocess.run import Run
from tusk.postprocess.style import BLUE, GREY, VERMILION, figure_style, one_panel, save_figure

OPEN = 0.5
"""Conductance (G0) below which a contact is open."""

MOST_TRACES = 12
"""Members drawn one by one; more would hide each other."""


def conductance_histogram(run: Run, width: float = BIN) -> Figure:
    """Draw the histogram of the contact's conductance, and of what an instrument measures.

    The instrument's only where a resistance in series makes it another one. Open gaps would dwarf
    all else: bins below half a quantum are left out, and the figure says how much they hold.
    """
    own, measured = (histogram(traces(run, raw), width) for raw in (False, True))
    has_more = not np.array_equal(own.counts, measured.counts)
    shown = [("contact", BLUE, own), ("with what is in series", VERMILION, measured)]
    with figure_style():
        figure, axes = one_panel(70.0, "conductance (G$_0$)", f"points per {width:g} G$_0$")
        for label, colour, found in shown[: 2 if has_more else 1]:
            first = _first_shown(found)
            axes.stairs(found.counts[first:], found.edges[first:], fill=found is own,
                        color=colour, alpha=0.6 if found is own else 1.0, label=label)  # fmt: skip
        axes.set_ylim(bottom=0.0)
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
        hidden = own.counts[: _first_shown(own)].sum() / own.counts.sum()
        if hidden > 0.0:
            text = f"{100 * hidden:.2g} % of the time, below 0.5 G$_0$, is left out"
            axes.set_xlabel(f"{axes.get_xlabel()}\n{text}")
    return figure


def _first_shown(found: Histogram) -> int:
    """Return the first bin that is drawn: from half a quantum on, if anything stands there."""
    first = int(np.searchsorted(found.edges, OPEN))
    return first if found.counts[first:].any() else 0


def conductance_traces(run: Run) -> Figure:
    """Draw the conductance against time: plateaus are steps near whole numbers."""
    found = traces(run)[:MOST_TRACES]
    with figure_style():
        figure, axes = one_panel(70.0, "time (s)", "conductance (G$_0$)")
        for level in _levels(found):
            axes.axhline(level, color=GREY, linewidth=0.5)
        for trace in found:
            axes.step(trace.time, trace.conductance, where="post", linewidth=0.8)
        start = min(_first_rise(trace) for trace in found)
        end = max(float(trace.time[-1]) for trace in found)
        if end > start:  # otherwise the first quantum comes with the last point
            axes.set_xlim(start - 0.05 * (end - start), end)
    return figure


def current_sweep(run: Run) -> Figure:
    """Draw the cell voltage against the current: it drops where a site begins to conduct."""
    with figure_style():
        figure, axes = one_panel(70.0, "current (µA)", "cell voltage (mV)")
        current = 1e6 * run.column("current_A")
        axes.plot(current, 1e3 * run.column("cell_voltage_V"), color=BLUE, linewidth=0.8)
        for level in range(1, 4):
            voltage = current * 1e-3 / (level * QUANTUM)
            axes.plot(current, voltage, color=GREY, linewidth=0.5)
    return figure


def conductance_spectrum(trace: Trace) -> Figure:
    """Draw the power spectrum of G(t) of a member."""
    frequency, density = power_spectrum(trace)
    with figure_style():
        figure, axes = one_panel(70.0, "frequency (Hz)", "power density (G$_0^2$/Hz)")
        axes.loglog(frequency[1:], density[1:], color=BLUE)
    return figure


def write_figures(run: Run, width: float = BIN) -> list[Path]:
    """Draw the figures of a run's conductance into ``figures/`` and return their paths.

    The spectrum is that of the first member that has one; without any it is left out.
    """
    figures = {
        "conductance_histogram": conductance_histogram(run, width),
        "conductance_traces": conductance_traces(run),
    }
    long = next((trace for trace in traces(run) if trace.has_spectrum), None)
    if long is not None:
        figures["conductance_spectrum"] = conductance_spectrum(long)
    if run.config.get("source", {}).get("kind") == "current":
        figures["current_sweep"] = current_sweep(run)
    folder = run.path / "figures"
    return [save_figure(figure, folder / f"{name}.png") for name, figure in figures.items()]


def _levels(found: Sequence[Trace]) -> range:
    """Return the levels of guide lines: every quantum, of many quanta every fifth or tenth."""
    top = round(max(float(trace.conductance.max(initial=1.0)) for trace in found))
    step = 1 if top <= 12 else 5 if top <= 60 else 10
    return range(step, top + 1, step)


def _first_rise(trace: Trace) -> float:
    """Return when a trace first reaches half a quantum, its start if it never does."""
    above = trace.time[trace.conductance > 0.5]
    return float(above[0] if len(above) else trace.time[0])
