"""Figures of Miranda 2024, Kharlanov 2023 and Milano 2024 drawn anew, each with its data."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from tusk.postprocess import atoms_figures, contact_figures
from tusk.postprocess.chain_figures import atom_forces
from tusk.postprocess.conductance import BIN, QUANTUM, histogram, traces
from tusk.postprocess.reproduction import atoms
from tusk.postprocess.reproduction.checks import Studies
from tusk.postprocess.reproduction.kharlanov2023 import asymmetry, lives
from tusk.postprocess.reproduction.milano2024 import levels_per_sweep, settled
from tusk.postprocess.reproduction.miranda2024 import contact_curves
from tusk.postprocess.run import Run
from tusk.postprocess.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    VERMILION,
    figure_style,
    new_figure,
    one_panel,
)
from tusk.postprocess.tables import read_table

type Drawn = tuple[Figure, pd.DataFrame]
type Figures = dict[str, Callable[[Studies], Drawn]]


def _table(run: Run, *columns: str) -> pd.DataFrame:
    return run.timeseries[list(columns)]


# --- Miranda 2024 ---------------------------------------------------------------------------------


def contact_family(studies: Studies) -> Drawn:
    """Fig. 1b: I against V of a contact, log-log, for several g/R."""
    run = studies["fig1b"]
    return contact_figures.contact_curves(run), contact_curves(run)


def transparency(studies: Studies) -> Drawn:
    """Fig. 2a: potentiation and depression of the transparency in time."""
    run = studies["fig2a"]
    time, share = run.column("time_s"), run.column("transparency")
    voltage = run.column("applied_voltage_V")
    with figure_style():
        figure, axes = one_panel(60.0, "time (s)", "transparency ρ")
        axes.plot(time, np.where(voltage >= 0.0, share, np.nan), color=BLUE, label="V > 0")
        axes.plot(time, np.where(voltage <= 0.0, share, np.nan), color=VERMILION, label="V < 0")
        axes.set_ylim(-0.03, 1.05)
        axes.legend(loc="center right")
    return figure, _table(run, "time_s", "applied_voltage_V", "transparency")


def pinched_loop(studies: Studies) -> Drawn:
    """Fig. 2b: the I-V loop under a sine, and the gap."""
    run = studies["fig2b"]
    voltage, current = run.column("applied_voltage_V"), 1e6 * run.column("current_A")
    with figure_style():
        figure = new_figure(height=92.0)
        upper, lower = figure.subplots(2, 1, sharex=True)
        upper.plot(voltage, current, color=BLUE)
        lower.plot(voltage, 1e9 * run.column("gap_m"), color=VERMILION)
        upper.set_ylabel("current (µA)")
        lower.set_ylabel("gap (nm)")
        lower.set_xlabel("applied voltage (V)")
        for axes in (upper, lower):
            axes.axvline(0.0, color=GREY, linewidth=0.5)
    return figure, _table(run, "time_s", "applied_voltage_V", "current_A", "gap_m")


def power_difference(studies: Studies) -> Drawn:
    """Fig. 3a: P_R - P_L against V while a channel opens and closes."""
    run = studies["fig3"]
    difference = run.column("power_right_W") - run.column("power_left_W")
    with figure_style():
        figure, axes = one_panel(60.0, "applied voltage (V)", r"P$_R$ − P$_L$ (µW)")
        axes.axhline(0.0, color=GREY, linewidth=0.5)
        axes.plot(run.column("applied_voltage_V"), 1e6 * difference, color=BLUE)
    return figure, _table(run, "applied_voltage_V", "power_left_W", "power_right_W")


def heated_gap(studies: Studies) -> Drawn:
    """Fig. 3b: temperature of the gap against V."""
    run = studies["fig3"]
    with figure_style():
        figure, axes = one_panel(60.0, "applied voltage (V)", r"T$_g$ (K)")
        axes.plot(run.column("applied_voltage_V"), run.column("temperature_K"), color=VERMILION)
    return figure, _table(run, "applied_voltage_V", "temperature_K")


# --- Kharlanov 2023 -------------------------------------------------------------------------------


def force_of_conductance(studies: Studies) -> Drawn:
    """Fig. 1a: magnitude of the total recoil force against the conductance, 1 V."""
    table = asymmetry(studies["fig1a"])
    with figure_style():
        figure, axes = one_panel(60.0, "conductance (G$_0$)", "|total recoil force| (eV/Å)")
        force = table["total_force_eV_per_A"].abs()
        axes.plot(table["conductance_G0"], force, color=BLUE)
        axes.set_ylim(bottom=0.0)
    return figure, table


def forces_on_atoms(studies: Studies) -> Drawn:
    """Fig. 1b: forces on the atoms and their charges at 0 V and 1 V."""
    run = studies["fig1b"]
    return atom_forces(run), read_table(run.path / "atoms.csv", ("atom", "force_eV_per_A"))


def forces_in_a_neck(studies: Studies) -> Drawn:
    """Fig. 2a: forces on the atoms of a copper neck at 1 V."""
    run = studies["fig2a"]
    return atoms_figures.atoms_forces(run), atoms_figures.atoms_table(run)


def necks_in_motion(studies: Studies) -> Drawn:
    """Fig. 2b: conductance of slender necks in time, at 0 V and at 1 V."""
    table = atoms.slender(studies)
    with figure_style():
        figure, axes = one_panel(60.0, "time (ps)", "conductance (G$_0$)")
        for volts, colour in ((0, GREY), (1, VERMILION)):
            for _, part in table[table["bias_V"] == volts].groupby("member"):
                axes.plot(part["time_ps"], part["conductance_G0"], color=colour, linewidth=0.6)
            axes.plot([], [], color=colour, label=f"{volts} V")
        axes.set_ylim(bottom=0.0)
        axes.legend()
    return figure, table


def short_lives(studies: Studies) -> Drawn:
    """K14: life of a contact at 0.1 V and 300 K over that at G0, by the work of the total force."""
    table = lives(studies["fig1a"])
    with figure_style():
        figure, axes = one_panel(60.0, "conductance (G$_0$)", "life over that at G$_0$")
        axes.semilogy(table["conductance_G0"], table["life_over_that_at_G0"], color=BLUE)
    return figure, table


# --- Milano 2024 ----------------------------------------------------------------------------------


def stepwise_sweep(studies: Studies) -> Drawn:
    """Fig. 3a: a current sweep; the voltage falls in steps, the conductance rises in them."""
    run = studies["current_sweeps"]
    current, voltage = run.column("current_A"), run.column("applied_voltage_V")
    conducting = current > 0.0
    conductance = current[conducting] / voltage[conducting] / QUANTUM
    with figure_style():
        figure = new_figure(height=92.0)
        upper, lower = figure.subplots(2, 1, sharex=True)
        upper.plot(1e6 * current, 1e3 * voltage, color=BLUE, linewidth=0.8)
        lower.plot(1e6 * current[conducting], conductance, color=VERMILION, linewidth=0.8)
        for level in range(1, int(np.ceil(conductance.max())) + 1):
            lower.axhline(level, color=GREY, linewidth=0.5, linestyle=(0, (3, 2)))
        upper.set_ylabel("voltage (mV)")
        lower.set_ylabel("conductance (G$_0$)")
        lower.set_xlabel("current (µA)")
    return figure, pd.DataFrame({"current_A": current, "voltage_V": voltage})


def conductances(studies: Studies) -> Drawn:
    """Fig. 4a, b: histograms of the measured conductance, and without what is in series."""
    found = {
        label: histogram(traces(studies["current_sweeps"], raw), BIN)
        for label, raw in (("measured", True), ("contact alone", False))
    }
    parts = []
    with figure_style():
        figure = new_figure(height=92.0)
        panels = figure.subplots(2, 1, sharex=True)
        for axes, (label, counted), colour in zip(
            panels, found.items(), (ORANGE, BLUE), strict=True
        ):
            axes.stairs(counted.counts, counted.edges, fill=True, color=colour)
            seen = counted.counts[counted.centres > 0.5]
            axes.set_ylim(0.0, 1.15 * float(seen.max(initial=1)))
            axes.set_ylabel(f"points per {BIN:g} G$_0$")
            axes.set_title(label)
            for level in range(1, 7):
                axes.axvline(level, color=BLACK, linewidth=0.4, linestyle=(0, (3, 2)))
            parts.append(
                pd.DataFrame(
                    {"kind": label, "conductance_G0": counted.centres, "points": counted.counts}
                )
            )
        panels[0].set_xlim(0.0, 6.5)
        panels[1].set_xlabel("conductance (G$_0$)")
    return figure, pd.concat(parts)


def members_at_compliances(studies: Studies) -> Drawn:
    """N7: conductance after the SET of every member, compliances of 100 and 400 µA."""
    table = settled(studies)
    with figure_style():
        figure, axes = one_panel(60.0, "member", "conductance after the SET (G$_0$)")
        for (limit, group), colour in zip(
            table.groupby("compliance_uA"), (BLUE, VERMILION), strict=True
        ):
            axes.plot(
                group["member"],
                group["conductance_G0"],
                "o",
                color=colour,
                markersize=3.0,
                label=f"{limit} µA",
            )
        axes.set_ylim(bottom=0.0)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure, table


def levels_by_rate(studies: Studies) -> Drawn:
    """N8: how many levels a sweep shows, at 90 nA/s and a hundred times as fast."""
    table = levels_per_sweep(studies)
    edges = np.arange(-0.5, table["levels"].max() + 1.0)
    with figure_style():
        figure, axes = one_panel(60.0, "levels in a sweep", "sweeps")
        for (rate, group), colour in zip(table.groupby("rate"), (BLUE, VERMILION), strict=True):
            counts, _ = np.histogram(group["levels"], edges)
            axes.stairs(counts, edges, color=colour, label=str(rate).replace("u", "µ"))
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
    return figure, table


def fluctuating(studies: Studies) -> Drawn:
    """Fig. 5a: the conductance in time at a constant reading voltage."""
    trace = traces(studies["fluctuations"])[0]
    with figure_style():
        figure, axes = one_panel(60.0, "time (s)", "conductance (G$_0$)")
        axes.step(trace.time, trace.conductance, where="post", color=BLUE, linewidth=0.6)
        axes.set_ylim(bottom=0.0)
    return figure, pd.DataFrame({"time_s": trace.time, "conductance_G0": trace.conductance})


def rewiring_stages(studies: Studies) -> Drawn:
    """Fig. 1i: the stage of rewiring in time, of driven growth and under a voltage."""
    parts = []
    with figure_style():
        figure, axes = one_panel(60.0, "time (ps)", "")
        for name, label, colour in (("plateau", "driven", BLUE), ("field", "voltage", VERMILION)):
            run = studies[name]
            time, stage = atoms.PICOSECONDS * run.column("time_s"), run.column("stage")
            axes.step(time, stage, where="post", color=colour, label=label, linewidth=0.8)
            parts.append(pd.DataFrame({"kind": label, "time_ps": time, "stage": stage}))
        axes.set_yticks(range(5), ["open", *atoms.STAGES])
        axes.legend(loc="lower right")
    return figure, pd.concat(parts)


def growing_contact(studies: Studies) -> Drawn:
    """Fig. 3b, c: transmission of driven growth, and the atoms at some times."""
    run = studies["plateau"]
    return atoms_figures.atoms_snapshots(run), _table(run, "time_s", "conductance_G0", "stage")


def spectrum_of_a_contact(studies: Studies) -> Drawn:
    """Fig. 3d-f: transmission about the Fermi level of the grown contact."""
    table = atoms.end_spectrum(studies["plateau"])
    with figure_style():
        figure, axes = one_panel(60.0, "energy from the Fermi level (eV)", "transmission")
        axes.plot(table["energy_eV"], table["transmission"], color=BLUE)
        axes.set_ylim(bottom=0.0)
    return figure, table


def pulled_necks(studies: Studies) -> Drawn:
    """Fig. 4c: histogram of the conductance of necks that are pulled apart."""
    edges, found = atoms.counts(atoms.pulled_conductances(studies))
    with figure_style():
        figure, axes = one_panel(60.0, "conductance (G$_0$)", f"points per {atoms.BIN:g} G$_0$")
        axes.stairs(found, edges, fill=True, color=BLUE)
        for level in range(1, 4):
            axes.axvline(level, color=BLACK, linewidth=0.4, linestyle=(0, (3, 2)))
    return figure, pd.DataFrame({"conductance_G0": edges[:-1] + 0.5 * atoms.BIN, "points": found})


def plateau(studies: Studies) -> Drawn:
    """Fig. 5c: transmission of a grown contact in time."""
    table = atoms.plateau_trace(studies["plateau"])
    with figure_style():
        figure, axes = one_panel(60.0, "time (ps)", "conductance (G$_0$)")
        axes.plot(table["time_ps"], table["conductance_G0"], color=BLUE, linewidth=0.8)
        axes.set_ylim(bottom=0.0)
    return figure, table


MIRANDA2024: Figures = {
    "fig1b": contact_family,
    "fig2a": transparency,
    "fig2b": pinched_loop,
    "fig3a": power_difference,
    "fig3b": heated_gap,
}
KHARLANOV2023: Figures = {
    "fig1a": force_of_conductance,
    "fig1b": forces_on_atoms,
    "fig2a": forces_in_a_neck,
    "fig2b": necks_in_motion,
    "lives": short_lives,
}
MILANO2024: Figures = {
    "fig1i": rewiring_stages,
    "fig3a": stepwise_sweep,
    "fig3b": growing_contact,
    "fig3d": spectrum_of_a_contact,
    "fig4": conductances,
    "fig4c": pulled_necks,
    "fig5a": fluctuating,
    "fig5c": plateau,
    "compliances": members_at_compliances,
    "rates": levels_by_rate,
}
